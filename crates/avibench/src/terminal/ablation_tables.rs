//! What a model still reaches without a sense: beside the scores of its label, and as a difference.

use avibench_assess::AblationEffect;
use avibench_protocol::Task;
use avibench_results::{CoverageReport, STAND_IN_MARK};
use avibench_score::{Difference, Estimates};
use avibench_store::{AblationKind, Label};

use super::comparison_tables::probability;
use super::grid::{Grid, wrapped};
use super::printable;
use super::score_tables::{percent, range};
use super::stand_in::{stand_in_mark, stand_in_note};
use super::task_table::mark;

/// A label's numbers on formal questions as if no check had been asked.
pub(crate) struct Formal<'a> {
    pub(crate) label: &'a Label,
    pub(crate) estimates: &'a Estimates,
    /// What its tasks rest on.
    pub(crate) coverage: &'a [CoverageReport],
}

impl Formal<'_> {
    /// The number of a task with its mark, and its interval below.
    fn cell(&self, key: &str) -> String {
        let Some(task) = self.estimates.task(key) else { return "-".to_owned() };
        let coverage = self.coverage.iter().find(|coverage| coverage.judged.key == key);
        let mark = [
            mark(coverage.and_then(|coverage| coverage.judged.completeness)),
            stand_in_mark(self.estimates, key),
        ]
        .concat();
        let value = percent(task.headline.value.map(|value| 100.0 * value));
        match range(task.headline, 100.0) {
            Some(range) => format!("{value}{mark}\n{range}"),
            None => format!("{value}{mark}"),
        }
    }
}

/// For each base among the labels that has ablations among them, what is reachable without what.
pub(crate) fn reachable(labels: &[Formal<'_>]) -> Option<String> {
    let mut parts = Vec::new();
    for base in labels {
        let ablations: Vec<(AblationKind, &Formal<'_>)> = labels
            .iter()
            .filter_map(|other| {
                let (of, kind) = other.label.ablation()?;
                (of == *base.label).then_some((kind, other))
            })
            .collect();
        if !ablations.is_empty() {
            let of = printable(base.label.as_str());
            parts.push(format!(
                "Reachable of {of} (strict, percent; below each number its 95% interval)\n{}",
                reachable_grid(base, &ablations)
            ));
        }
    }
    if parts.is_empty() {
        return None;
    }
    parts.push(wrapped(
        "",
        "Formal questions as if no check had been asked, because whoever lacks a sense fails every \
         check that asks for it. `avibench compare LABEL LABEL@KIND` gives differences with tests. \
         Marks are those of the tables of tasks.",
    ));
    if labels.iter().any(|label| label.estimates.is_by_stand_in("avc")) {
        parts.push(stand_in_note());
    }
    Some(parts.join("\n"))
}

fn reachable_grid(base: &Formal<'_>, ablations: &[(AblationKind, &Formal<'_>)]) -> Grid {
    let heads = ablations.iter().map(|(kind, _)| kind.reachable().replacen(' ', "\n", 1));
    let heads = [String::new(), "As it is".to_owned()].into_iter().chain(heads);
    let mut grid = Grid::new(heads);
    for task in &base.estimates.tasks {
        let others = ablations.iter().map(|(_, found)| *found);
        let cells = [base].into_iter().chain(others).map(|found| found.cell(&task.key));
        grid.row([task.key.to_uppercase()].into_iter().chain(cells));
    }
    grid
}

/// The differences between labels and their ablations.
pub(crate) fn ablation_tables(
    effects: &[AblationEffect],
    mode: &str,
    is_by_stand_in: bool,
) -> String {
    let mut parts: Vec<String> =
        effects.iter().map(|effect| effect_table(effect, mode, is_by_stand_in)).collect();
    parts.push(wrapped(
        "",
        "Lost is what the score falls by, on formal questions as if no check had been asked: whoever \
         lacks a sense fails every check that asks for it, which would hide everything else. The \
         loss with the checks stands beside. p is corrected by Holm's method for all tests of a \
         table; * below 0.05.",
    ));
    if is_by_stand_in {
        parts.push(stand_in_note());
    }
    parts.join("\n\n")
}

fn effect_table(effect: &AblationEffect, mode: &str, is_by_stand_in: bool) -> String {
    let kind = effect.kind;
    let mut grid = Grid::new([
        String::new(),
        "As it is".to_owned(),
        kind.name().replace('-', "-\n"),
        "Lost".to_owned(),
        "95%".to_owned(),
        "p".to_owned(),
        "Lost with\nchecks".to_owned(),
    ]);
    for (task, formal, with_checks) in effect.tasks() {
        let absent = || "-".to_owned();
        let lost = |found: &Difference| format!("{:+.2}", 100.0 * found.difference);
        let interval =
            |found: &Difference| format!("{:+.1} to {:+.1}", 100.0 * found.low, 100.0 * found.high);
        let cell = |found: Option<Difference>, show: &dyn Fn(&Difference) -> String| {
            found.as_ref().map_or_else(absent, show)
        };
        let p = |found: &Difference| {
            let mark = if found.is_significant() { "*" } else { "" };
            found.p_holm.map_or_else(absent, |p| format!("{}{mark}", probability(p)))
        };
        let is_marked = is_by_stand_in && task == Task::Avc;
        grid.row([
            format!("{task}{}", if is_marked { STAND_IN_MARK } else { "" }),
            cell(formal, &|found| format!("{:.2}", 100.0 * found.first)),
            cell(formal, &|found| format!("{:.2}", 100.0 * found.second)),
            cell(formal, &lost),
            cell(formal, &interval),
            cell(formal, &p),
            cell(with_checks, &lost),
        ]);
    }
    let of = printable(effect.base.as_str());
    let what = format!("{of} {} ({mode} scores in percent)", kind.reachable());
    format!("{}\n{grid}", wrapped("", &what))
}
