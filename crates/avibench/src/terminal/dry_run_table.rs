//! What a run would take, as a table: a line a folder.

use avibench_engine::{DryRun, FolderPlan};

use super::grid::{Grid, counted, wrapped};
use super::{hint, note, warning};

/// Samples that cannot be sent of which each is named; of more, only the number is.
const NAMED: usize = 5;

/// A number of samples that a folder's plan holds.
type Count = fn(&FolderPlan) -> usize;

/// The table of a dry run and, below it, what its numbers are; `rates` says whose token rates the
/// estimate uses. Columns that hold nothing but zeros are left out.
pub(crate) fn dry_run_table(plan: &DryRun, rates: &str) -> String {
    let total = plan.total();
    let optional: Vec<(&str, Count)> = [
        ("Reused", (|plan| plan.reused) as Count),
        ("Not\nasked", |plan| plan.precomputed),
        ("Rejected", |plan| plan.rejected),
    ]
    .into_iter()
    .filter(|(_, count)| count(&total) > 0)
    .collect();
    let heads = optional.iter().map(|(head, _)| *head);
    let costs: &[&str] = match total.batch_cost {
        Some(_) => &["Cost\nlive", "in a\nbatch"],
        None => &["Cost"],
    };
    let measures = ["To send", "Tokens\nin", "Tokens\nout"];
    let heads = ["Folder", "Requests"].into_iter().chain(heads).chain(measures);
    let mut grid = Grid::new(heads.chain(costs.iter().copied()));
    let mut row = |name: &str, plan: &FolderPlan| {
        let counts = optional.iter().map(|(_, count)| count(plan).to_string());
        let money = |cost: Option<f64>| cost.map_or_else(|| "unknown".to_owned(), dollars);
        let costs = [money(plan.cost), money(plan.batch_cost)].into_iter().take(costs.len());
        let measures = [
            plan.bytes.map_or_else(|| "–".to_owned(), bytes),
            tokens(plan.tokens_in),
            tokens(plan.tokens_out),
        ];
        let row = [name.to_owned(), plan.requests.to_string()].into_iter().chain(counts);
        grid.row(row.chain(measures).chain(costs));
    };
    for (folder, plan) in &plan.folders {
        row(folder.name(), plan);
    }
    row("all", &total);
    let sent = match total.bytes {
        _ if total.requests == 0 => "To send: nothing; no answer is left to be asked for.",
        Some(_) => "To send: the bodies of all requests, measured, if none has to be repeated.",
        None => "To send: nothing goes over a network; the backend gets the files as they are.",
    };
    format!(
        "{grid}\n{}\n{}\nSo far nothing was sent.",
        wrapped("", sent),
        wrapped(
            "",
            &format!(
                "Tokens and cost are estimates, with 4 characters of text a token and 100 tokens \
                 an answer, by {rates}."
            )
        )
    )
}

/// Says beside the table what cannot be sent, what was noticed, and what comes next.
pub(crate) fn note_dry_run(plan: &DryRun, next: &str) {
    for notice in &plan.notices {
        warning(notice);
    }
    for sample in plan.unsendable.iter().take(NAMED) {
        warning(format!("{} {} cannot be sent: {}", sample.folder, sample.position, sample.reason));
    }
    let more = plan.unsendable.len().saturating_sub(NAMED);
    if more > 0 {
        warning(format!("{} cannot be sent either", counted(more, "more sample")));
    }
    let total = plan.total();
    if total.cost.is_none() && total.requests > 0 {
        note("no price table has this model, so its cost is unknown; add it with --prices FILE");
    }
    if total.requests > 0 {
        hint(next);
    }
}

/// A number of bytes with three digits.
fn bytes(bytes: u64) -> String {
    scaled(bytes, ["B", "kB", "MB", "GB", "TB"])
}

/// A number of tokens with three digits, which is more than an estimate knows.
fn tokens(tokens: u64) -> String {
    scaled(tokens, ["", "k", "M", "G", "T"])
}

/// A number in the unit that leaves one to three digits before the point; each unit is a thousand
/// times the one before.
fn scaled(number: u64, units: [&str; 5]) -> String {
    let mut amount = number as f64;
    let mut unit = 0;
    // What would be rounded to 1000 belongs to the next unit.
    while amount >= 999.5 && unit + 1 < units.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let digits = match amount {
        _ if unit == 0 => number.to_string(),
        ..9.995 => format!("{amount:.2}"),
        ..99.95 => format!("{amount:.1}"),
        _ => format!("{amount:.0}"),
    };
    format!("{digits} {}", units[unit]).trim_end().to_owned()
}

/// An amount of money. Little is not shown as nothing.
pub(crate) fn dollars(amount: f64) -> String {
    if amount > 0.0 && amount < 0.005 { "< $0.01".to_owned() } else { format!("${amount:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_keep_three_digits() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.00 kB"),
            (83_123, "83.1 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (2_437_000, "2.44 MB"),
            (12_345_678_901, "12.3 GB"),
            (5_000_000_000_000, "5.00 TB"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn numbers_and_money_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(tokens), ["0", "999", "1.00 k", "1.23 M"]);
        assert_eq!(
            [0.0, 0.001, 0.005, 12.345].map(dollars),
            ["$0.00", "< $0.01", "$0.01", "$12.35"]
        );
    }
}
