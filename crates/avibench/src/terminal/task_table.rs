//! The table of a model's tasks beside the published task scores, and its notes.

use avibench_protocol::{PublishedTasks, Task, published};
use avibench_results::{CoverageReport, ModeReport};
use avibench_score::{Completeness, Estimate, TaskCoverage, TaskScore};

use super::grid::{Grid, wrapped};
use super::score_tables::{Scored, percent, range};

/// Scores and coverage of each task that has a score in either mode.
pub(super) fn tasks(row: &Scored, with_published: bool) -> String {
    let (official, strict) = (&row.report.official, &row.report.strict);
    let mut header: Vec<String> =
        ["", "Official", "Strict", "Answered"].map(str::to_owned).to_vec();
    let unread = |task: &TaskCoverage| {
        let of_strict = strict.coverage.iter().find(|strict| strict.judged.key == task.key);
        of_strict.map_or(0, |strict| strict.judged.counts.unread)
    };
    let has_unread = strict.coverage.iter().any(|task| unread(&task.judged) > 0);
    if has_unread {
        header.push("Unread\n(strict)".to_owned());
    }
    if with_published {
        header.extend(published().tasks.iter().map(|row| head(&row.model)));
    }
    let mut grid = Grid::new(header);
    let mut notes = Vec::new();
    for CoverageReport { judged: coverage, answered, .. } in keys(row) {
        let name = &coverage.key;
        let is_scored = |mode: &ModeReport| mode.estimates.task(name).is_some();
        if !is_scored(official) && !is_scored(strict) {
            continue;
        }
        let counts = &coverage.counts;
        let asked = counts.asked - counts.not_planned;
        let mut cells = vec![
            name.to_uppercase(),
            cell(official, coverage, None),
            cell(strict, coverage, coverage.bounds.not_asked_right),
            format!("{answered}/{asked}"),
        ];
        if has_unread {
            cells.push(unread(coverage).to_string());
        }
        if with_published {
            let task = Task::ALL.into_iter().find(|task| task.key() == *name);
            let score =
                |row: &PublishedTasks| task.map_or_else(String::new, |t| percent(row.get(t)));
            cells.extend(published().tasks.iter().map(score));
        }
        grid.row(cells);
        notes.extend(note(coverage));
    }
    let mut lines = vec![grid.to_string()];
    lines.extend(notes);
    let parts: Vec<String> = official
        .scores
        .iter()
        .filter_map(|(key, score)| {
            let parts = parts(score);
            (!parts.is_empty()).then(|| format!("{} {parts}", key.name().to_uppercase()))
        })
        .collect();
    if !parts.is_empty() {
        lines.push(wrapped("Official parts: ", &format!("{}.", parts.join("; "))));
    }
    lines.join("\n")
}

/// Coverage by key of both modes, in the order of score files: a half of a task may have a score in
/// one mode only.
fn keys(row: &Scored) -> Vec<&CoverageReport> {
    let (official, strict) = (&row.report.official, &row.report.strict);
    let mut keys: Vec<&CoverageReport> = strict.coverage.iter().collect();
    for coverage in &official.coverage {
        if !keys.iter().any(|known| known.judged.key == coverage.judged.key) {
            keys.push(coverage);
        }
    }
    keys
}

/// A number, its marks, and below it the interval or the bounds.
fn cell(mode: &ModeReport, coverage: &TaskCoverage, at_most: Option<f64>) -> String {
    let estimate = mode.estimates.task(&coverage.key).map(|task| task.headline);
    let Some(Estimate { value: Some(value), .. }) = estimate else { return "-".to_owned() };
    let mark = mark(coverage.completeness);
    let number = format!("{}{mark}", percent(Some(100.0 * value)));
    let below = match at_most {
        Some(most) => Some(format!("{:.1}–{:.1}*", 100.0 * value, 100.0 * most)),
        None => estimate.and_then(|estimate| range(estimate, 100.0)),
    };
    below.map_or(number.clone(), |below| format!("{number}\n{below}"))
}

/// The mark of a number that does not rest on all samples.
pub(super) fn mark(completeness: Option<Completeness>) -> &'static str {
    match completeness {
        Some(Completeness::Unfinished) => "*",
        Some(Completeness::Part) => "#",
        Some(Completeness::Drawn) => "~",
        _ => "",
    }
}

/// What a marked task was asked.
fn note(coverage: &TaskCoverage) -> Option<String> {
    let extent = coverage.extent?;
    let name = coverage.key.to_uppercase();
    match coverage.completeness? {
        Completeness::Unfinished => Some(wrapped(
            "* ",
            &format!(
                "{name} is unfinished: {} of {} samples (checks included) were asked.",
                extent.asked, extent.planned
            ),
        )),
        Completeness::Part => Some(wrapped(
            "# ",
            &format!(
                "{name}: the first {} of {} samples (checks included), as planned.",
                extent.planned, extent.total
            ),
        )),
        Completeness::Drawn => Some(wrapped(
            "~ ",
            &format!(
                "{name}: {} of {} samples (checks included), drawn at random (--subset); the \
                 interval allows for that.",
                extent.planned, extent.total
            ),
        )),
        Completeness::Whole | Completeness::Untouched => None,
    }
}

/// A model's name in short lines, such as `Gemini`, `2.5-`, `Pro`.
fn head(model: &str) -> String {
    model.replacen("-2.5-", "\n2.5-\n", 1).replacen("Qwen2.5-", "Qwen\n2.5-\n", 1)
}

fn parts(score: &TaskScore) -> String {
    let named: &[(&str, f64)] = match score {
        TaskScore::Number(_) => &[],
        TaskScore::Instances(s) => &[("Semantic", s.semantic), ("Instance", s.instance)],
        TaskScore::Boxes(s) => &[("mIoU", s.miou), ("Instance", s.instance)],
        TaskScore::Retrieval(s) => &[("R@1", s.recall_at_1), ("R@3", s.recall_at_3), ("F1", s.f1)],
        TaskScore::Caption(s) => &[("similarity", s.sbert_sim), ("fluency errors", s.fer)],
    };
    let written: Vec<String> =
        named.iter().map(|(name, value)| format!("{name} {:.2}", value * 100.0)).collect();
    written.join(", ")
}
