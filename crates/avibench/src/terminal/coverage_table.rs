//! The coverage tables of `score`: how asking ended, how answers were judged, formatted and read, and what
//! the rest could change.

use avibench_protocol::Folder;
use avibench_reading::Unread;
use avibench_results::{
    CoverageReport, FolderEndings, FolderReadingReport, Formatting, ReadingReport, Report,
    SampleCounts,
};
use avibench_score::Completeness;

use super::grid::{Grid, counted, wrapped};
use super::outcome_table::outcome_table;
use super::printable;

/// The columns about judging.
const JUDGED: [&str; 9] = [
    "Samples",
    "Judged",
    "Missing",
    "Not\nasked",
    "Not\nplanned",
    "Unread",
    "Zeroed",
    "Void",
    "No\ncheck",
];
/// The columns about formatting, in which checks count, too.
const FORMATTED: [&str; 5] = ["By rule", "By LLM", "Not\nformatted", "Unformatted", "Empty"];

/// A line a task: first how asking ended, then how the answers were judged, formatted and read. Columns
/// that hold nothing but zeros are left out, but for the first two of each table.
pub(crate) fn coverage_table(report: &Report) -> String {
    // Tasks of which nothing was asked are listed where it is said that they have no score.
    let was_asked =
        |task: &&CoverageReport| task.judged.completeness != Some(Completeness::Untouched);
    let coverage: Vec<&CoverageReport> =
        report.official.coverage.iter().filter(was_asked).collect();
    let names: Vec<String> = coverage.iter().map(|task| task.judged.key.to_uppercase()).collect();
    let mut parts = Vec::new();
    if let Some(outcomes) = &report.outcomes {
        let of_task = |task: &&CoverageReport| {
            let mut counts = SampleCounts::default();
            for folder in outcomes.folders.iter().filter(|of| task.judged.covers(of.folder)) {
                counts += folder.endings.counts;
            }
            counts
        };
        let rows = names.iter().cloned().zip(coverage.iter().map(of_task));
        parts.push(outcome_table("", rows).to_string());
        parts.extend(notes(&outcomes.folders));
    }
    let judged: Vec<_> = coverage.iter().map(|task| judged_counts(task)).collect();
    let judged = numbers(&names, &JUDGED, &judged);
    parts.push(format!("\nHow they were judged officially (samples without checks)\n{judged}"));
    let bounds: Vec<String> = coverage.iter().filter_map(|task| bounds(task)).collect();
    if !bounds.is_empty() {
        let text = format!(
            "Official score if what is missing counted as wrong, and as it is: {}.",
            bounds.join("; ")
        );
        parts.push(wrapped("", &text));
    }
    let formatted: Vec<_> = coverage.iter().map(|task| formatted_counts(report, task)).collect();
    let formatted = numbers(&names, &FORMATTED, &formatted);
    parts.push(format!("\nHow they were formatted (samples and checks)\n{formatted}"));
    if let Some(reading) = &report.reading {
        parts.push("\nHow strict scoring read them (samples and checks)".to_owned());
        parts.push(reading_table(reading, &coverage));
    }
    parts.join("\n")
}

/// What the table of outcomes does not say.
fn notes(folders: &[FolderEndings]) -> Vec<String> {
    let spent: usize = folders.iter().map(|folder| folder.endings.budget_spent).sum();
    let mut reasons: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (reason, count) in folders.iter().flat_map(|of| &of.endings.unknown_finish_reasons) {
        *reasons.entry(reason).or_default() += count;
    }
    let mut counts = SampleCounts::default();
    for folder in folders {
        counts += folder.endings.counts;
    }
    let mut notes = Vec::new();
    if counts.cut_off.is_some_and(|count| count > 0) {
        notes.push(
            "Cut off: by the limit of tokens (finish reason `length`); what there is of these answers \
             is judged."
                .to_owned(),
        );
    }
    if spent > 0 {
        notes.push(format!(
            "Of the empty answers, {spent} had used up the budget of tokens before any text came."
        ));
    }
    if counts.refused.is_some_and(|count| count > 0) {
        notes.push("Refused: by the server's word. Refusals in words are answers.".to_owned());
    }
    if !reasons.is_empty() {
        let named: Vec<String> = reasons
            .iter()
            .take(5)
            .map(|(reason, count)| {
                format!("`{}` ({count})", reason.chars().take(40).collect::<String>())
            })
            .collect();
        let more = match reasons.len().saturating_sub(5) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        notes.push(format!(
            "Answered with a finish reason that is not known: {}{more}.",
            named.join(", ")
        ));
    }
    if counts.unrecorded > 0 {
        notes.push(format!(
            "No journal tells of {}: whether {} cut off, refused or rejected is not known.",
            counted(counts.unrecorded, "sample"),
            if counts.unrecorded == 1 { "it was" } else { "any was" }
        ));
    }
    notes.into_iter().map(|note| wrapped("", &printable(&note))).collect()
}

/// A table of numbers: a row a task. Columns of zeros are left out but for the first two.
fn numbers<const N: usize>(names: &[String], heads: &[&str; N], rows: &[[usize; N]]) -> Grid {
    let keeps = |column: usize| column < 2 || rows.iter().any(|row| row[column] > 0);
    let shown: Vec<usize> = (0..N).filter(|&column| keeps(column)).collect();
    let heads = shown.iter().map(|&column| heads[column]);
    let mut grid = Grid::new([""].into_iter().chain(heads));
    for (name, row) in names.iter().zip(rows) {
        let cells = shown.iter().map(|&column| row[column].to_string());
        grid.row([name.clone()].into_iter().chain(cells));
    }
    grid
}

/// A line a task: how its answers were read, and why those are unread that are. Reasons that no
/// answer has are left out.
fn reading_table(reading: &ReadingReport, coverage: &[&CoverageReport]) -> String {
    let reasons: Vec<Unread> = Unread::ALL
        .into_iter()
        .filter(|reason| reading.folders.iter().any(|folder| folder.unread.contains_key(reason)))
        .collect();
    let heads = reasons.iter().map(|reason| reason.words());
    let mut grid = Grid::new(["", "By rules", "By model", "Unread"].into_iter().chain(heads));
    for task in coverage {
        let folders: Vec<&FolderReadingReport> =
            reading.folders.iter().filter(|read| task.judged.covers(read.folder)).collect();
        let sum = |of: &dyn Fn(&FolderReadingReport) -> usize| -> String {
            folders.iter().map(|folder| of(folder)).sum::<usize>().to_string()
        };
        let counts = [
            task.judged.key.to_uppercase(),
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

fn judged_counts(task: &CoverageReport) -> [usize; 9] {
    let counts = &task.judged.counts;
    [
        counts.asked,
        counts.judged,
        counts.missing,
        counts.not_asked,
        counts.not_planned,
        counts.unread,
        counts.zeroed,
        counts.void,
        counts.checks_missing,
    ]
}

fn formatted_counts(report: &Report, task: &CoverageReport) -> [usize; 5] {
    let belongs = |folder: Folder| task.judged.covers(folder);
    let formatted = report.formatting.iter().flat_map(|formatting| &formatting.folders);
    let formatted: Vec<&Formatting> = formatted.filter(|counts| belongs(counts.folder)).collect();
    let sum = |of: fn(&Formatting) -> usize| formatted.iter().map(|counts| of(counts)).sum();
    [
        sum(|counts| counts.by_rule),
        sum(|counts| counts.by_llm),
        sum(|counts| counts.not_formatted),
        sum(|counts| counts.passed_through + counts.unread + counts.unknown),
        sum(|counts| counts.empty),
    ]
}

/// The headline in percent under both extreme readings of missing answers.
fn bounds(task: &CoverageReport) -> Option<String> {
    let bounds = task.judged.bounds;
    let (wrong, left_out) = bounds.unanswered_wrong.zip(bounds.unanswered_left_out)?;
    let name = task.judged.key.to_uppercase();
    let range = || format!("{name} {:.2} and {:.2}", 100.0 * wrong, 100.0 * left_out);
    (task.judged.counts.missing > 0).then(range)
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
        let thinking = asking.tokens_reasoning.filter(|&tokens| tokens > 0);
        let thinking =
            thinking.map_or_else(String::new, |tokens| format!(" ({tokens} of them thinking)"));
        parts.push(format!("{} tokens in, {} out{thinking}", asking.tokens_in, asking.tokens_out));
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
