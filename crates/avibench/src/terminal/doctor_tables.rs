//! What a look over a data set found: a line a folder, then the findings by kind.

use std::fmt::Write as _;

use avibench_doctor::{DataFinding, Examination, FolderSummary, Range, Weight};

use super::grid::{Grid, counted, wrapped};
use super::printable;

/// Findings of a kind of which each is named; of more, only the number is.
const NAMED: usize = 5;

/// The table of folders and, below it, what was found.
pub(crate) fn doctor_tables(found: &Examination) -> String {
    let mut grid = Grid::new([
        "Folder", "Samples", "Pictures", "Sounds", "Videos", "MB", "Seconds", "Pixels", "Found",
    ])
    .with_texts([6, 7]);
    for summary in &found.folders {
        let problems = found
            .findings
            .iter()
            .filter(|finding| finding.folder == summary.folder && finding.weight != Weight::Remark);
        let problems = problems.count();
        grid.row([
            summary.folder.name().to_owned(),
            summary.samples.to_string(),
            number(summary.pictures),
            number(summary.sounds),
            number(summary.videos),
            format!("{:.1}", summary.bytes as f64 / 1e6),
            summary.seconds.map_or_else(|| "–".to_owned(), seconds),
            pixels(summary),
            number(problems),
        ]);
    }
    let mut text = grid.to_string();
    let mut of_kind: Vec<&[DataFinding]> = Vec::new();
    of_kind.extend(found.findings.chunk_by(|a, b| a.kind == b.kind));
    for findings in of_kind {
        let Some(first) = findings.first() else { continue };
        let weight = match first.weight {
            Weight::Problem => "problem",
            Weight::Doubt => "doubt",
            Weight::Remark => "remark",
        };
        let _ = write!(text, "\n\n{weight}: {} ({})", first.kind.heading(), findings.len());
        for finding in &findings[..findings.len().min(NAMED)] {
            let place = match finding.position {
                Some(position) => format!("  {} {position}: ", finding.folder),
                None => format!("  {}: ", finding.folder),
            };
            let _ = write!(text, "\n{}", wrapped(&place, &printable(&finding.message)));
        }
        if findings.len() > NAMED {
            let _ = write!(text, "\n  and {} more; --json lists all", findings.len() - NAMED);
        }
    }
    let problems = found.count(Weight::Problem);
    let doubts = found.count(Weight::Doubt);
    let closing = match (problems, doubts) {
        (0, 0) => "Nothing was found: every medium is whole, and every answer can be given.".into(),
        _ => format!(
            "Found: {} and {}. A run rejects samples whose media are of no use.",
            counted(problems, "problem"),
            counted(doubts, "doubt")
        ),
    };
    let _ = write!(text, "\n\n{}", wrapped("", &closing));
    text
}

/// A dash where there is none.
fn number(count: usize) -> String {
    if count == 0 { "–".to_owned() } else { count.to_string() }
}

fn seconds(range: Range) -> String {
    let Range { least, greatest, .. } = range;
    if greatest - least < 0.05 {
        format!("{least:.1}")
    } else {
        format!("{least:.1}–{greatest:.1}")
    }
}

/// The smallest and the largest picture.
fn pixels(summary: &FolderSummary) -> String {
    let (Some(width), Some(height)) = (summary.width, summary.height) else {
        return "–".to_owned();
    };
    let least = format!("{}x{}", width.least, height.least);
    let greatest = format!("{}x{}", width.greatest, height.greatest);
    if least == greatest { least } else { format!("{least}–{greatest}") }
}
