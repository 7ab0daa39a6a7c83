//! What a probe found out about an endpoint.

use avibench_probe::ProbeReport;

use super::grid::{Grid, folded};

/// Columns for the evidence, and for what was said instead of the right answer.
const EVIDENCE: usize = 18;
const MISS: usize = 36;

/// A line an ability.
pub(crate) fn probe_table(report: &ProbeReport) -> Grid {
    let mut grid =
        Grid::new(["Ability", "Verdict", "Evidence", "First miss"]).with_texts([1, 2, 3]);
    for finding in &report.findings {
        let miss = finding.first_miss().map_or_else(String::new, |miss| {
            folded(&format!("expected {}, got: {}", miss.expected, miss.said), MISS)
        });
        grid.row([
            finding.ability.name().to_owned(),
            finding.verdict.name().to_owned(),
            folded(&finding.evidence(), EVIDENCE),
            miss,
        ]);
    }
    grid
}

/// The verdicts in a sentence, for the tables of a label.
pub(crate) fn probe_line(report: &ProbeReport) -> String {
    format!("the probe of the endpoint found that {}", report.sentence())
}
