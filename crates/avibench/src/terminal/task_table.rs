//! The table of a model's tasks beside the published task scores, and its notes.

use avibench_protocol::{PublishedTasks, Task, published};
use avibench_results::{CoverageReport, ModeReport, STAND_IN_MARK};
use avibench_score::{
    CaptionMeasure, Completeness, Estimate, TaskCoverage, TaskEstimate, TaskScore,
};

use super::grid::{Grid, folded, wrapped};
use super::outcome_table::OUTCOME_NAME;
use super::printable;
use super::score_tables::{Scored, percent, range};
use super::stand_in::stand_in_mark;

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
            cells.extend(published().tasks.iter().map(|row| published_score(row, name)));
        }
        grid.row(cells);
        notes.extend(note(coverage).map(|(mark, text)| wrapped(mark, &text)));
    }
    let mut lines = vec![grid.to_string()];
    lines.extend(notes);
    lines.extend(stand_in_line([row]));
    lines.extend(official_parts(row).map(|parts| wrapped("Official parts: ", &parts)));
    lines.join("\n")
}

/// Scores of the tasks of several models: for each mode a table with a column a model.
pub(super) fn tasks_of_models(rows: &[Scored], with_published: bool) -> String {
    let mut lines = Vec::new();
    let mut names: Vec<&String> = Vec::new();
    for key in rows.iter().flat_map(keys).map(|coverage| &coverage.judged.key) {
        if !names.contains(&key) {
            names.push(key);
        }
    }
    // Halves of a task and the task itself stand in the order of score files.
    let order: Vec<&String> = rows
        .iter()
        .map(keys)
        .max_by_key(Vec::len)
        .into_iter()
        .flatten()
        .map(|coverage| &coverage.judged.key)
        .collect();
    names.sort_by_key(|name| order.iter().position(|known| known == name).unwrap_or(order.len()));
    for is_strict in [false, true] {
        let mode = |row: &'_ Scored| -> ModeReport {
            if is_strict { row.report.strict.clone() } else { row.report.official.clone() }
        };
        let modes: Vec<ModeReport> = rows.iter().map(mode).collect();
        let with_published = with_published && !is_strict;
        let heads = rows.iter().map(|row| folded(&row.heading(), OUTCOME_NAME));
        let published_heads =
            published().tasks.iter().filter(|_| with_published).map(|row| head(&row.model));
        let mut grid = Grid::new([String::new()].into_iter().chain(heads).chain(published_heads));
        for name in &names {
            let cells: Vec<String> = rows
                .iter()
                .zip(&modes)
                .map(|(row, mode)| {
                    let of_key = |report: &&CoverageReport| report.judged.key == **name;
                    let Some(coverage) = keys(row).into_iter().find(of_key) else {
                        return "-".to_owned();
                    };
                    let judged = &coverage.judged;
                    let at_most = judged.bounds.not_asked_right.filter(|_| is_strict);
                    cell(mode, judged, at_most)
                })
                .collect();
            if cells.iter().all(|cell| cell == "-") {
                continue;
            }
            let row_of = published().tasks.iter().filter(|_| with_published);
            let beside = row_of.map(|row| published_score(row, name));
            grid.row([name.to_uppercase()].into_iter().chain(cells).chain(beside));
        }
        let mode = if is_strict { "Strict" } else { "Official" };
        let what = "scores of the tasks (percent; below each number its 95% interval)";
        lines.push(wrapped("", &format!("{mode} {what}")));
        lines.push(format!("{grid}{}", if is_strict { "" } else { "\n" }));
    }
    for row in rows {
        let about = printable(row.label.as_str());
        let notes = keys(row).into_iter().filter_map(|coverage| note(&coverage.judged));
        lines.extend(notes.map(|(mark, text)| wrapped(mark, &format!("{about}: {text}"))));
    }
    lines.extend(stand_in_line(rows));
    for row in rows {
        let first = format!("Official parts of {}: ", printable(row.label.as_str()));
        lines.extend(official_parts(row).map(|parts| wrapped(&first, &parts)));
    }
    lines.join("\n")
}

/// What the mark of AVC says, if any model's has it.
fn stand_in_line<'a>(rows: impl IntoIterator<Item = &'a Scored>) -> Option<String> {
    let is_marked = |row: &Scored| {
        let modes = [&row.report.official, &row.report.strict];
        modes.into_iter().any(|mode| mode.estimates.is_by_stand_in("avc"))
    };
    let is_any = rows.into_iter().any(is_marked);
    is_any.then(|| format!("{STAND_IN_MARK} AVC was rated by the stand-in for FENSE."))
}

/// A published score, or nothing for half a task.
fn published_score(row: &PublishedTasks, key: &str) -> String {
    let task = Task::ALL.into_iter().find(|task| task.key() == key);
    task.map_or_else(String::new, |task| percent(row.get(task)))
}

/// The parts behind the official score of each task that has any.
fn official_parts(row: &Scored) -> Option<String> {
    let scores = row.report.official.scores.iter();
    let parts: Vec<String> = scores
        .filter_map(|(key, score)| {
            let parts = parts(score, row.report.official.estimates.task(&key.name()));
            (!parts.is_empty()).then(|| format!("{} {parts}", key.name().to_uppercase()))
        })
        .collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
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
    let by_stand_in = stand_in_mark(&mode.estimates, &coverage.key);
    let number = format!("{}{mark}{by_stand_in}", percent(Some(100.0 * value)));
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

/// What a marked task was asked, behind its mark.
fn note(coverage: &TaskCoverage) -> Option<(&'static str, String)> {
    let extent = coverage.extent?;
    let name = coverage.key.to_uppercase();
    match coverage.completeness? {
        Completeness::Unfinished => Some((
            "* ",
            format!(
                "{name} is unfinished: {} of {} samples (checks included) were asked.",
                extent.asked, extent.planned
            ),
        )),
        Completeness::Part => Some((
            "# ",
            format!(
                "{name}: the first {} of {} samples (checks included), as planned.",
                extent.planned, extent.total
            ),
        )),
        Completeness::Drawn => Some((
            "~ ",
            format!(
                "{name}: {} of {} samples (checks included), drawn at random (--subset, --until); the \
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

/// What stands behind a score, in percent. Scores of files have five decimals; rounded once more they
/// would differ from the numbers in the tables, so that `exact` goes first.
fn parts(score: &TaskScore, exact: Option<&TaskEstimate>) -> String {
    let names: &[&str] = match score {
        TaskScore::Number(_) => &[],
        TaskScore::Instances(_) => &["Semantic", "Instance"],
        TaskScore::Boxes(_) => &["mIoU", "Instance"],
        TaskScore::Retrieval(_) => &["R@1", "R@3", "F1"],
        TaskScore::Caption(s) if s.measure == CaptionMeasure::StandIn => {
            &["stand-in similarity", "stand-in faults"]
        }
        TaskScore::Caption(_) => &["similarity", "fluency errors"],
    };
    let exact = |part: &str| exact?.parts.iter().find(|known| known.name == part)?.estimate.value;
    let parts = names.iter().zip(score.parts());
    let written: Vec<String> = parts
        .map(|(name, (part, rounded))| {
            format!("{name} {:.2}", exact(part).unwrap_or(rounded) * 100.0)
        })
        .collect();
    written.join(", ")
}

#[cfg(test)]
mod tests {
    use avibench_score::{BoxesScore, NamedEstimate};

    use super::*;

    #[test]
    fn parts_are_rounded_once() {
        let score =
            TaskScore::Boxes(BoxesScore { miou: 0.85205, instance: 0.5, average: 0.676_03 });
        let estimate = |value| Estimate { value: Some(value), low: None, high: None };
        let part = NamedEstimate { name: "mIoU".to_owned(), estimate: estimate(0.852_051_4) };
        let exact = TaskEstimate {
            key: "avl".to_owned(),
            task: "AVL".to_owned(),
            stage: "perception".to_owned(),
            headline: estimate(0.676_025_7),
            parts: vec![part],
        };
        assert_eq!(parts(&score, Some(&exact)), "mIoU 85.21, Instance 50.00");
        assert_eq!(parts(&score, None), "mIoU 85.20, Instance 50.00");
    }
}
