//! The coverage table of `score`: what was asked, answered and read, and what the rest could change.

use avibench_protocol::Folder;
use avibench_reading::Unread;
use avibench_results::{FolderReadingReport, Formatting, Outcomes, ReadingReport, Report};
use avibench_score::{Completeness, TaskCoverage};

use super::grid::{Grid, counted, wrapped};

/// The columns about answers: their heads, and how many of the numbers of [`counts`] they are.
const ANSWERS: [&str; 9] = [
    "Samples",
    "Answered",
    "Missing",
    "Not\nasked",
    "Not\nplanned",
    "Unread",
    "Zeroed",
    "Void",
    "No\ncheck",
];
/// The columns about asking and formatting, in which checks count, too.
const DELIVERY: [&str; 7] =
    ["Empty", "Refused", "Failed", "By rule", "By LLM", "Not\nformatted", "Unformatted"];

/// A line a task: first what was answered, then how the answers came and were formatted. Columns
/// that hold nothing but zeros are left out, but for the first two and the two formatters, rules and language model.
pub(crate) fn coverage_table(report: &Report) -> String {
    // Tasks of which nothing was asked are listed where it is said that they have no score.
    let was_asked = |task: &&TaskCoverage| task.completeness != Some(Completeness::Untouched);
    let coverage: Vec<&TaskCoverage> = report.official.coverage.iter().filter(was_asked).collect();
    let rows: Vec<(String, [usize; 16])> =
        coverage.iter().map(|task| (task.key.to_uppercase(), counts(report, task))).collect();
    let has_gaps = |task: &TaskCoverage| bounds(task).is_some();
    let gaps = coverage.iter().any(|task| has_gaps(task));
    let keeps = |column: usize| {
        matches!(column, 0 | 1 | 12 | 13) || rows.iter().any(|(_, row)| row[column] > 0)
    };
    let table = |heads: &[&str], from: usize, bounds_of: Option<&dyn Fn(usize) -> String>| {
        let shown: Vec<usize> = (0..heads.len()).filter(|&column| keeps(from + column)).collect();
        let last = bounds_of.map(|_| "If missing:\nwrong–left out");
        let heads = shown.iter().map(|&column| heads[column]);
        let mut grid = Grid::new([""].into_iter().chain(heads).chain(last));
        for (index, (name, numbers)) in rows.iter().enumerate() {
            let cells = shown.iter().map(|&column| numbers[from + column].to_string());
            let last = bounds_of.map(|of| of(index));
            grid.row([name.clone()].into_iter().chain(cells).chain(last));
        }
        grid
    };
    let bounds_of = |index: usize| bounds(coverage[index]).unwrap_or_default();
    let bounds_of: Option<&dyn Fn(usize) -> String> = if gaps { Some(&bounds_of) } else { None };
    let mut text = format!(
        "{}\n\nHow they came and were formatted (samples and checks)\n{}",
        table(&ANSWERS, 0, None),
        table(&DELIVERY, ANSWERS.len(), bounds_of)
    );
    if let Some(reading) = &report.reading {
        text.push_str("\n\nHow strict scoring read them (samples and checks)\n");
        text.push_str(&reading_table(reading, &coverage));
    }
    text
}

/// A line a task: how its answers were read, and why those are unread that are. Reasons that no
/// answer has are left out.
fn reading_table(reading: &ReadingReport, coverage: &[&TaskCoverage]) -> String {
    let reasons: Vec<Unread> = Unread::ALL
        .into_iter()
        .filter(|reason| reading.folders.iter().any(|folder| folder.unread.contains_key(reason)))
        .collect();
    let heads = reasons.iter().map(|reason| reason.words());
    let mut grid = Grid::new(["", "By rules", "By model", "Unread"].into_iter().chain(heads));
    for task in coverage {
        let folders: Vec<&FolderReadingReport> =
            reading.folders.iter().filter(|read| belongs(task, read.folder)).collect();
        let sum = |of: &dyn Fn(&FolderReadingReport) -> usize| -> String {
            folders.iter().map(|folder| of(folder)).sum::<usize>().to_string()
        };
        let counts = [
            task.key.to_uppercase(),
            sum(&|folder| folder.by_rules),
            sum(&|folder| folder.by_model),
            sum(&FolderReadingReport::all_unread),
        ];
        let of_reason = |reason: &Unread| sum(&|f| f.unread.get(reason).copied().unwrap_or(0));
        grid.row(counts.into_iter().chain(reasons.iter().map(of_reason)));
    }
    let mut lines = vec![grid.to_string()];
    for open in reading.boxes.iter().flat_map(|boxes| &boxes.open) {
        let score = open
            .other_score
            .map_or_else(|| "no score".to_owned(), |score| format!("{:.2}", 100.0 * score));
        lines.push(wrapped(
            "",
            &format!(
                "{}: how the boxes of {} are meant stays open; meant the less likely way, they come \
                 to {score}.",
                open.task,
                counted(open.answers, "answer")
            ),
        ));
    }
    lines.join("\n")
}

/// Whether a folder belongs to a task, or is the half that stands for it.
fn belongs(task: &TaskCoverage, folder: Folder) -> bool {
    let half = folder.name().eq_ignore_ascii_case(&task.key);
    half || folder.task().name().eq_ignore_ascii_case(&task.key)
}

fn counts(report: &Report, task: &TaskCoverage) -> [usize; 16] {
    let belongs = |folder: Folder| belongs(task, folder);
    let asked = report.asking.iter().flat_map(|asking| &asking.outcomes);
    let asked: Vec<&Outcomes> = asked.filter(|outcomes| belongs(outcomes.folder)).collect();
    let formatted = report.formatting.iter().flat_map(|formatting| &formatting.folders);
    let formatted: Vec<&Formatting> = formatted.filter(|counts| belongs(counts.folder)).collect();
    let asking = |of: fn(&Outcomes) -> usize| asked.iter().map(|outcomes| of(outcomes)).sum();
    let formatting = |of: fn(&Formatting) -> usize| formatted.iter().map(|counts| of(counts)).sum();
    let counts = &task.counts;
    [
        counts.asked,
        counts.answered,
        counts.missing,
        counts.not_asked,
        counts.not_planned,
        counts.unread,
        counts.zeroed,
        counts.void,
        counts.checks_missing,
        asking(|outcomes| outcomes.empty),
        asking(|outcomes| outcomes.refused),
        asking(|outcomes| outcomes.failed + outcomes.rejected),
        formatting(|counts| counts.by_rule),
        formatting(|counts| counts.by_llm),
        formatting(|counts| counts.not_formatted),
        formatting(|counts| counts.passed_through + counts.unread + counts.unknown),
    ]
}

/// The headline in percent under both extreme readings of missing answers.
fn bounds(task: &TaskCoverage) -> Option<String> {
    let (wrong, left_out) = task.bounds.unanswered_wrong.zip(task.bounds.unanswered_left_out)?;
    (task.counts.missing > 0).then(|| format!("{:.2}–{:.2}", 100.0 * wrong, 100.0 * left_out))
}

/// What was asked of whom, in a line; what a comparison with other runs must mind.
pub(crate) fn asked_line(report: &Report) -> Option<String> {
    let asking = report.asking.as_ref()?;
    let profile = asking.profile.as_ref().map_or_else(String::new, |p| format!(", packed {p}"));
    let pack = asking.prompt_pack.get(..12).unwrap_or(&asking.prompt_pack);
    let mut parts = vec![
        format!("asked {} ({}{profile})", asking.model, asking.backend),
        match asking.wording {
            Some(source) => format!("in {source} (prompts {pack})"),
            None => format!("prompts {pack}"),
        },
    ];
    if asking.tokens_in + asking.tokens_out > 0 {
        parts.push(format!("{} tokens in, {} out", asking.tokens_in, asking.tokens_out));
    }
    if asking.tokens_in + asking.tokens_out > 0 {
        parts.push(match asking.cost {
            Some(cost) => format!("${cost:.2}"),
            None => "cost unknown, no price is known".to_owned(),
        });
    }
    if let Some(formatting) = &report.formatting
        && let (Some(refiner), Some(mode)) = (&formatting.refiner, &formatting.mode)
    {
        let asked_nobody = formatting.folders.iter().all(|folder| folder.by_llm == 0);
        let who = if asked_nobody { "rules alone" } else { refiner };
        parts.push(format!("{mode}: {who}"));
    }
    Some(parts.join("; "))
}
