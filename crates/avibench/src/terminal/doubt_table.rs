//! Numbers with and without the samples whose ground truth somebody doubts.

use avibench_assess::DoubtedNumbers;
use avibench_score::Estimate;

use super::grid::Grid;
use super::number_names::shown_name;
use super::score_tables::{percent, range};
use super::stand_in::{stand_in_mark, stand_in_note};

/// A line a number that changes or has an interval of its own: tasks, stages, Overall and levels.
pub(crate) fn doubt_table(numbers: &DoubtedNumbers) -> String {
    let mut grid = Grid::new(["", "All samples", "Without doubted", "Change"]);
    let mut row = |name: &str, all: Estimate, trusted: Estimate, scale: f64| {
        let mark = stand_in_mark(&numbers.all, name);
        let cell = |estimate: Estimate| {
            let mark = if estimate.value.is_some() { mark } else { "" };
            let value = percent(estimate.value.map(|value| value * scale)) + mark;
            range(estimate, scale).map_or(value.clone(), |range| format!("{value}\n{range}"))
        };
        let change = all.value.zip(trusted.value).map(|(all, trusted)| (trusted - all) * scale);
        let change = change.map_or_else(|| "-".to_owned(), |change| format!("{change:+.2}"));
        grid.row([shown_name(name).to_owned(), cell(all), cell(trusted), change]);
    };
    let nothing = Estimate { value: None, low: None, high: None };
    for task in &numbers.all.tasks {
        let other = numbers.trusted.task(&task.key).map_or(nothing, |found| found.headline);
        row(&task.key.to_uppercase(), task.headline, other, 100.0);
    }
    let named = |all: &[avibench_score::NamedEstimate], name: &str| {
        all.iter().find(|found| found.name == name).map_or(nothing, |found| found.estimate)
    };
    for stage in &numbers.all.stages {
        row(&stage.name, stage.estimate, named(&numbers.trusted.stages, &stage.name), 100.0);
    }
    row("overall", numbers.all.overall, numbers.trusted.overall, 100.0);
    for level in &numbers.all.levels {
        let other = named(&numbers.trusted.levels, &level.name);
        row(&level.name, level.estimate, other, 1.0);
    }
    if numbers.all.is_by_stand_in("avc") {
        return format!("{grid}\n{}", stand_in_note());
    }
    grid.to_string()
}
