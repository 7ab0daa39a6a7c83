//! The differences of `compare` as rows of comma-separated values.

use avibench_score::{Comparison, Difference};
use serde::Serialize;

/// A difference between two models in one number.
#[derive(Debug, Serialize)]
pub(crate) struct DifferenceRow<'a> {
    first: &'a str,
    second: &'a str,
    mode: &'static str,
    /// A task, a stage, `overall`, or `l1` to `l4`.
    name: &'a str,
    /// `fraction` (0 to 1), or `percent` for levels.
    unit: &'static str,
    first_value: Option<f64>,
    second_value: Option<f64>,
    difference: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    p: Option<f64>,
    p_holm: Option<f64>,
    minimum_detectable: Option<f64>,
    /// Whether it rests on captions by the stand-in for FENSE.
    by_stand_in: bool,
}

/// Every pair's tasks, then what lies above them; cells are empty where nothing could be tested.
pub(crate) fn difference_rows<'a>(
    comparison: &'a Comparison,
    mode: &'static str,
) -> Vec<DifferenceRow<'a>> {
    let mut rows = Vec::new();
    for pair in &comparison.pairs {
        let tasks = pair.tasks.iter().filter(|task| task.samples > 0);
        let tasks = tasks.map(|task| (task.task.name(), task.difference));
        let above = pair.above_tasks.iter().map(|(name, found)| (name.as_str(), Some(*found)));
        for (name, found) in tasks.chain(above) {
            let number = |of: fn(&Difference) -> f64| found.as_ref().map(of);
            rows.push(DifferenceRow {
                first: &pair.first,
                second: &pair.second,
                mode,
                name,
                unit: if is_level(name) { "percent" } else { "fraction" },
                first_value: number(|found| found.first),
                second_value: number(|found| found.second),
                difference: number(|found| found.difference),
                low: number(|found| found.low),
                high: number(|found| found.high),
                p: number(|found| found.p),
                p_holm: found.and_then(|found| found.p_holm),
                minimum_detectable: found.and_then(|found| found.minimum_detectable),
                by_stand_in: comparison.models.iter().any(|(_, of)| of.is_by_stand_in(name)),
            });
        }
    }
    rows
}

/// Whether a number is one of the four levels, which are in percent.
pub(super) fn is_level(name: &str) -> bool {
    matches!(name, "l1" | "l2" | "l3" | "l4")
}
