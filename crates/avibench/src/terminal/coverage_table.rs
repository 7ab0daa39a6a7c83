//! The coverage table of `score`: what was asked, answered and read, and what the rest could change.

use avibench_protocol::Folder;
use avibench_results::{Formatting, Outcomes, Report};
use avibench_score::TaskCoverage;
use comfy_table::Table;

use super::{align, new_table};

/// A line a task. Columns that hold nothing but zeros are left out, but for the two ways of
/// formatting.
pub(crate) fn coverage_table(report: &Report) -> Table {
    const HEADS: [&str; 14] = [
        "Asked",
        "Answered",
        "Missing",
        "Unread",
        "Zeroed",
        "Void",
        "No check",
        "Empty",
        "Refused",
        "Failed",
        "By rule",
        "By LLM",
        "Not formatted",
        "As it came",
    ];
    let coverage = &report.official.coverage;
    let numbers: Vec<[usize; 14]> = coverage.iter().map(|task| counts(report, task)).collect();
    let keeps = |column: usize| {
        matches!(column, 0 | 1 | 10 | 11) || numbers.iter().any(|row| row[column] > 0)
    };
    let shown: Vec<usize> = (0..HEADS.len()).filter(|&column| keeps(column)).collect();
    let gaps = coverage.iter().any(|task| task.counts.missing > 0);
    let mut table = new_table();
    let heads = shown.iter().map(|&column| HEADS[column]);
    table.set_header(
        ["Task"].into_iter().chain(heads).chain(gaps.then_some("If missing: wrong–left out")),
    );
    for (task, numbers) in coverage.iter().zip(&numbers) {
        let cells = shown.iter().map(|&column| numbers[column].to_string());
        let bounds = gaps.then(|| bounds(task));
        table.add_row([task.key.to_uppercase()].into_iter().chain(cells).chain(bounds));
    }
    align(&mut table, 1);
    table
}

fn counts(report: &Report, task: &TaskCoverage) -> [usize; 14] {
    let belongs = |folder: Folder| {
        let half = folder.name().eq_ignore_ascii_case(&task.key);
        half || folder.task().name().eq_ignore_ascii_case(&task.key)
    };
    let asked = report.asking.iter().flat_map(|asking| &asking.outcomes);
    let asked: Vec<&Outcomes> = asked.filter(|outcomes| belongs(outcomes.folder)).collect();
    let formatted = report.formatting.iter().flat_map(|formatting| &formatting.folders);
    let formatted: Vec<&Formatting> = formatted.filter(|ways| belongs(ways.folder)).collect();
    let asking = |of: fn(&Outcomes) -> usize| asked.iter().map(|outcomes| of(outcomes)).sum();
    let ways = |of: fn(&Formatting) -> usize| formatted.iter().map(|ways| of(ways)).sum();
    let counts = &task.counts;
    [
        counts.asked,
        counts.answered,
        counts.missing,
        counts.unread,
        counts.zeroed,
        counts.void,
        counts.checks_missing,
        asking(|outcomes| outcomes.empty),
        asking(|outcomes| outcomes.refused),
        asking(|outcomes| outcomes.failed + outcomes.rejected),
        ways(|ways| ways.by_rule),
        ways(|ways| ways.by_llm),
        ways(|ways| ways.not_formatted),
        ways(|ways| ways.passed_through + ways.unread + ways.unknown),
    ]
}

/// The headline in percent under both extreme readings of missing answers.
fn bounds(task: &TaskCoverage) -> String {
    match (task.bounds.unanswered_wrong, task.bounds.unanswered_left_out) {
        (Some(wrong), Some(left_out)) if task.counts.missing > 0 => {
            format!("{:.2}–{:.2}", 100.0 * wrong, 100.0 * left_out)
        }
        _ => String::new(),
    }
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
    if asking.cost > 0.0 {
        parts.push(format!("${:.2}", asking.cost));
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
