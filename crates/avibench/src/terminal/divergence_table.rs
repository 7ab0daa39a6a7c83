//! Where official and strict scores part: tasks by how far, and the samples behind each reason, of one
//! model or several.

use avibench_protocol::Folder;
use avibench_results::{ModeReport, Report};
use avibench_score::{Reason, ScoreKey, TaskScore};

use super::grid::{Grid, wrapped};
use super::printable;
use super::score_tables::{Scored, percent};

/// One table of all models, with a sentence on each reason below it, or that the modes agree.
pub(super) fn divergence_tables(rows: &[Scored]) -> String {
    let mut grid = Grid::new(["", "Official", "Strict", "Samples", "Reason"]);
    let mut named: Vec<Reason> = Vec::new();
    let mut agreeing: Vec<String> = Vec::new();
    for row in rows {
        let heading = (rows.len() > 1).then(|| row.heading());
        if !add_rows(&row.report, heading, &mut grid, &mut named) {
            agreeing.push(printable(row.label.as_str()));
        }
    }
    if named.is_empty() {
        return "Official and strict scores agree on every sample.".to_owned();
    }
    let mut lines = vec![format!("Where official and strict part\n{grid}")];
    let known = Reason::ALL.iter().filter(|reason| named.contains(reason));
    lines.extend(known.map(|reason| wrapped(&format!("{}: ", reason.name()), reason.sentence())));
    if !agreeing.is_empty() {
        let said =
            format!("Official and strict scores of {} agree on every sample.", agreeing.join(", "));
        lines.push(wrapped("- ", &said));
    }
    lines.join("\n")
}

/// Adds a row for each folder and reason below the heading, and the reasons to those that are named.
/// False, and nothing is added, if there is none.
fn add_rows(
    report: &Report,
    heading: Option<String>,
    grid: &mut Grid,
    named: &mut Vec<Reason>,
) -> bool {
    // One half of a task stands by itself where the other is missing.
    let headline = |mode: &ModeReport, folder: Folder| {
        let keys = [ScoreKey::Task(folder.task()), ScoreKey::Half(folder)];
        keys.into_iter().find_map(|key| mode.scores.get(key)).map(TaskScore::headline)
    };
    let (official, strict) = (&report.official, &report.strict);
    let gap = |folder: Folder| {
        let scores = headline(official, folder).zip(headline(strict, folder));
        scores.map_or(0.0, |(official, strict)| (official - strict).abs())
    };
    // What has no score in either mode has nothing to part.
    let is_scored = |folder| headline(official, folder).or(headline(strict, folder)).is_some();
    let mut order: Vec<_> = report
        .divergence
        .iter()
        .filter(|divergence| is_scored(divergence.folder) && !divergence.reasons.is_empty())
        .collect();
    if order.is_empty() {
        return false;
    }
    if let Some(heading) = heading {
        grid.heading(heading);
    }
    order.sort_by(|a, b| gap(b.folder).total_cmp(&gap(a.folder)));
    for divergence in order {
        let folder = divergence.folder;
        for (i, reason) in divergence.reasons.iter().enumerate() {
            let first = |text: String| if i == 0 { text } else { String::new() };
            let score = |mode| percent(headline(mode, folder).map(|score| score * 100.0));
            grid.row([
                first(folder.name().to_owned()),
                first(score(official)),
                first(score(strict)),
                reason.positions.len().to_string(),
                reason.reason.name().to_owned(),
            ]);
            if !named.contains(&reason.reason) {
                named.push(reason.reason);
            }
        }
    }
    true
}
