//! The coverage table of `score`: how asking ended, how answers were judged, formatted and read, and what
//! the rest could change.

use avibench_protocol::Folder;
use avibench_reading::Unread;
use avibench_results::{
    CoverageReport, FolderEndings, FolderReadingReport, Formatting, Report, SampleCounts,
};
use avibench_score::Completeness;
use avibench_store::AskOutcome;

use super::grid::{Grid, counted, wrapped};
use super::outcome_table::outcome_head;
use super::printable;
use super::score_tables::Scored;

/// The columns about judging; samples without checks.
const JUDGED: [&str; 8] = [
    "Judged",
    "Missing",
    "Not\nplanned",
    "Unread",
    "Zeroed",
    "Void",
    "No\ncheck",
    "Not yet\nasked",
];
/// The columns about formatting; samples and checks.
const FORMATTED: [&str; 5] = [
    "Formatted\nby rule",
    "Formatted\nby LLM",
    "Not yet\nformatted",
    "Left as\nit was",
    "Formatted\nto nothing",
];
/// The columns about reading for strict scoring; samples and checks.
const READ: [&str; 3] = ["Read by\nrules", "Read by\nmodel", "Read by\nnobody"];
/// Columns that are shown even if they hold nothing but zeros.
const KEPT: [&str; 4] = ["Samples", "Answered", "Judged", "Formatted\nby rule"];

/// What one row of the table counts; `None` where it is not known.
type Counts = Vec<Option<usize>>;

/// A row for each task of one model, or for each model of several, and notes below. Columns of zeros are
/// left out.
pub(super) fn coverage_table(rows: &[Scored]) -> String {
    let reasons: Vec<Unread> = Unread::ALL
        .into_iter()
        .filter(|reason| {
            let readings = rows.iter().filter_map(|row| row.report.reading.as_ref());
            readings.flat_map(|of| &of.folders).any(|folder| folder.unread.contains_key(reason))
        })
        .collect();
    let mut heads: Vec<String> = vec!["Samples".to_owned()];
    heads.extend(AskOutcome::ALL.map(outcome_head).map(str::to_owned));
    heads.extend(JUDGED.iter().chain(&FORMATTED).chain(&READ).map(|head| (*head).to_owned()));
    heads.extend(reasons.iter().map(|reason| reason.words().replacen(' ', "\n", 1)));
    let counts_of = |report: &Report, task: &CoverageReport| -> Counts {
        let outcomes = outcome_counts(report, task);
        let judged = judged_counts(task).map(Some);
        let formatted = formatted_counts(report, task).map(Some);
        let read = reading_counts(report, task, &reasons);
        outcomes.into_iter().chain(judged).chain(formatted).chain(read).collect()
    };
    let counted: Vec<(String, Counts)> = match rows {
        [row] => asked_tasks(&row.report)
            .map(|task| (task.judged.key.to_uppercase(), counts_of(&row.report, task)))
            .collect(),
        rows => rows
            .iter()
            .map(|row| {
                let tasks = asked_tasks(&row.report).map(|task| counts_of(&row.report, task));
                (row.heading(), tasks.reduce(|a, b| added(&a, &b)).unwrap_or_default())
            })
            .collect(),
    };
    let is_shown = |column: usize| {
        KEPT.contains(&heads[column].as_str())
            || counted.iter().any(|(_, counts)| counts.get(column).is_some_and(|c| *c > Some(0)))
    };
    let shown: Vec<usize> = (0..heads.len()).filter(|&column| is_shown(column)).collect();
    let mut grid =
        Grid::new([""].into_iter().chain(shown.iter().map(|&column| heads[column].as_str())));
    for (name, counts) in counted {
        let number = |&column: &usize| match counts.get(column).copied().flatten() {
            Some(count) => count.to_string(),
            None => "-".to_owned(),
        };
        grid.row([name].into_iter().chain(shown.iter().map(number)));
    }
    let mut parts = vec![grid.to_string()];
    let judged = "Columns about judging are of official scoring, and of samples without checks.";
    parts.push(wrapped("- ", judged));
    for row in rows {
        let about = match rows {
            [_] => String::new(),
            _ => format!("{}: ", printable(row.label.as_str())),
        };
        let outcomes = row.report.outcomes.iter().flat_map(|outcomes| notes(&outcomes.folders));
        parts.extend(
            outcomes
                .chain(bounds_note(&row.report))
                .chain(box_notes(&row.report))
                .map(|note| wrapped("- ", &format!("{about}{}", printable(&note)))),
        );
    }
    parts.join("\n")
}

/// Tasks of which anything was asked: of the others it is said elsewhere that they have no score.
fn asked_tasks(report: &Report) -> impl Iterator<Item = &CoverageReport> {
    let coverage = report.official.coverage.iter();
    coverage.filter(|task| task.judged.completeness != Some(Completeness::Untouched))
}

/// Column by column; what is not known of one row is not known of the sum.
fn added(first: &Counts, second: &Counts) -> Counts {
    first.iter().zip(second).map(|(a, b)| Some((*a)? + (*b)?)).collect()
}

/// Samples, then those of each outcome.
fn outcome_counts(report: &Report, task: &CoverageReport) -> Counts {
    let Some(outcomes) = &report.outcomes else {
        return vec![None; 1 + AskOutcome::ALL.len()];
    };
    let mut counts = SampleCounts::default();
    for folder in outcomes.folders.iter().filter(|of| task.judged.covers(of.folder)) {
        counts += folder.endings.counts;
    }
    let outcomes = AskOutcome::ALL.map(|outcome| counts.get(outcome));
    [Some(counts.total)].into_iter().chain(outcomes).collect()
}

/// How strict scoring read the answers, then why those are unread that are.
fn reading_counts(report: &Report, task: &CoverageReport, reasons: &[Unread]) -> Counts {
    let Some(reading) = &report.reading else { return vec![None; READ.len() + reasons.len()] };
    let folders: Vec<&FolderReadingReport> =
        reading.folders.iter().filter(|read| task.judged.covers(read.folder)).collect();
    let sum = |of: &dyn Fn(&FolderReadingReport) -> usize| {
        Some(folders.iter().map(|folder| of(folder)).sum::<usize>())
    };
    let counts = [
        sum(&|folder| folder.by_rules),
        sum(&|folder| folder.by_model),
        sum(&FolderReadingReport::all_unread),
    ];
    let of_reason = |reason: &Unread| sum(&|f| f.unread.get(reason).copied().unwrap_or(0));
    counts.into_iter().chain(reasons.iter().map(of_reason)).collect()
}

/// What the score would be under either reading of what is missing.
fn bounds_note(report: &Report) -> Option<String> {
    let bounds: Vec<String> = asked_tasks(report).filter_map(bounds).collect();
    (!bounds.is_empty()).then(|| {
        format!(
            "Official score if what is missing counted as wrong, and as it is: {}.",
            bounds.join("; ")
        )
    })
}

/// Answers whose boxes can be meant in more than one way.
fn box_notes(report: &Report) -> Vec<String> {
    let open = report.reading.iter().flat_map(|reading| reading.boxes.iter());
    open.flat_map(|boxes| &boxes.open)
        .map(|open| {
            let score = open
                .other_score
                .map_or_else(|| "no score".to_owned(), |score| format!("{:.2}", 100.0 * score));
            format!(
                "{}: how the boxes of {} are meant stays open; meant the less likely way, they \
                 come to {score}.",
                open.task,
                counted(open.answers, "answer")
            )
        })
        .collect()
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
    notes
}

/// As [`JUDGED`] has it, by official scoring.
fn judged_counts(task: &CoverageReport) -> [usize; 8] {
    let counts = &task.judged.counts;
    [
        counts.judged,
        counts.missing,
        counts.not_planned,
        counts.unread,
        counts.zeroed,
        counts.void,
        counts.checks_missing,
        counts.not_asked,
    ]
}

/// As [`FORMATTED`] has it.
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
