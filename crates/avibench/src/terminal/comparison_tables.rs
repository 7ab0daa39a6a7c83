//! The tables of `compare` and of `score --diff`.

use avibench_results::{Diff, Side};
use avibench_score::{Comparison, Difference, PairComparison, TaskComparison};
use comfy_table::Table;

use super::grid::wrapped;
use super::{align, new_table, printable};

/// Moves that are listed one by one.
const SHOWN: usize = 20;

/// Every pair, then the ranks.
pub(crate) fn comparison_tables(comparison: &Comparison, mode: &str) -> String {
    let mut parts: Vec<String> = comparison
        .pairs
        .iter()
        .map(|pair| {
            format!(
                "{} against {} ({mode} scores in percent, on the samples that both answered)\n{}\n{}{}",
                pair.first,
                pair.second,
                pair_table(pair),
                verdict(pair),
                not_compared(pair)
            )
        })
        .collect();
    let mut table = new_table();
    let labels = comparison.models.iter().map(|(label, _)| label.clone());
    table.set_header(["Rank in".to_owned()].into_iter().chain(labels));
    for ranking in &comparison.rankings {
        let place = |label: &String| {
            ranking
                .places
                .iter()
                .find(|(known, ..)| known == label)
                .map_or_else(|| "-".to_owned(), |(_, _, rank)| rank.to_string())
        };
        let places = comparison.models.iter().map(|(label, _)| place(label));
        table.add_row([ranking.name.clone()].into_iter().chain(places));
    }
    align(&mut table, 1);
    parts.push(format!("Ranks; equal where no difference is significant (Holm over the pairs of models in each row)\n{table}"));
    parts.join("\n\n")
}

fn pair_table(pair: &PairComparison) -> Table {
    let mut table = new_table();
    table.set_header([
        "",
        &pair.first,
        &pair.second,
        "Difference",
        "95%",
        "p",
        "p (Holm)",
        "Detectable",
        "Win/tie/loss",
        "McNemar p",
        "Flipped",
    ]);
    // Tasks without a sample that both answered have nothing to show.
    for task in pair.tasks.iter().filter(|task| task.samples > 0) {
        let numbers = numbers(task.difference, 100.0);
        let rest = [
            format!("{}/{}/{}", task.wins, task.ties, task.losses),
            task.mcnemar.map_or_else(String::new, |counts| format!("{:.4}", counts.p)),
            task.flips.len().to_string(),
        ];
        table.add_row([task.task.name().to_owned()].into_iter().chain(numbers).chain(rest));
    }
    for (name, difference) in &pair.above_tasks {
        // Levels are in percent already.
        let is_level = name.len() == 2 && name.starts_with('l');
        let scale = if is_level { 1.0 } else { 100.0 };
        let blank = [const { String::new() }; 3];
        table.add_row(
            [name.clone()].into_iter().chain(numbers(Some(*difference), scale)).chain(blank),
        );
    }
    align(&mut table, 1);
    table
}

fn numbers(difference: Option<Difference>, scale: f64) -> [String; 7] {
    let Some(d) = difference else { return std::array::from_fn(|_| "-".to_owned()) };
    [
        format!("{:.2}", d.first * scale),
        format!("{:.2}", d.second * scale),
        format!("{:+.2}", d.difference * scale),
        format!("{:+.1} to {:+.1}", d.low * scale, d.high * scale),
        format!("{:.4}", d.p),
        d.p_holm.map_or_else(String::new, |p| format!("{p:.4}")),
        format!("{:.1}", d.minimum_detectable * scale),
    ]
}

/// Tasks that are not in the table, and those in it without a test.
fn not_compared(pair: &PairComparison) -> String {
    let names = |of: &dyn Fn(&TaskComparison) -> bool| -> String {
        let names = pair.tasks.iter().filter(|task| of(task)).map(|task| task.task.name());
        names.collect::<Vec<_>>().join(", ")
    };
    let mut lines = String::new();
    for (what, names) in [
        ("No sample that both answered", names(&|task| task.samples == 0)),
        (
            "Not tested, because a model was not asked every sample or has no score",
            names(&|task| task.samples > 0 && task.difference.is_none()),
        ),
    ] {
        if !names.is_empty() {
            lines = format!("{lines}\n{}", wrapped("", &format!("{what}: {names}.")));
        }
    }
    lines
}

/// One sentence on who is better where.
fn verdict(pair: &PairComparison) -> String {
    let better = |first: bool| -> Vec<&str> {
        pair.tasks
            .iter()
            .filter(|task| {
                task.difference.is_some_and(|d| {
                    d.p_holm.is_some_and(|p| p < 0.05) && (d.difference > 0.0) == first
                })
            })
            .map(|task| task.task.name())
            .collect()
    };
    let say = |label: &str, tasks: Vec<&str>| {
        (!tasks.is_empty()).then(|| format!("{label} is better on {}", tasks.join(", ")))
    };
    let said: Vec<String> = [say(&pair.first, better(true)), say(&pair.second, better(false))]
        .into_iter()
        .flatten()
        .collect();
    if said.is_empty() {
        "No task tells them apart (Holm-corrected p at or above 0.05 everywhere).".to_owned()
    } else {
        format!("{} (Holm-corrected p below 0.05).", said.join("; "))
    }
}

/// What moved since an earlier report.
pub(crate) fn diff_tables(diff: &Diff) -> String {
    let mut lines = Vec::new();
    if !diff.same_data {
        lines.push("The two were scored against different data.".to_owned());
    }
    if !diff.same_scoring {
        lines.push("The two were scored by different versions of the rules.".to_owned());
    }
    match diff.levels_versions {
        Some([before, after]) => lines.push(format!(
            "Levels were computed by version {before} of the formulas before and by version {after} \
             now: L3 and L4\ndo not compare across versions."
        )),
        None if !diff.same_baselines => {
            lines.push("The two rest on different guess baselines: L3 and L4 do not compare.".to_owned());
        }
        None => {}
    }
    lines.extend(diff.changes.iter().map(|change| printable(&change.to_string())));
    for moved in &diff.headlines {
        let number = |value: Option<f64>| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.5}"))
        };
        lines.push(format!(
            "{} {}: {} -> {}",
            moved.mode.name(),
            moved.name,
            number(moved.before),
            number(moved.after)
        ));
    }
    lines.push(format!("{} verdicts moved", diff.verdicts.len()));
    let side = |side: &Option<Side>| {
        side.as_ref().map_or_else(
            || "absent".to_owned(),
            |side| {
                let read: String = side.read.chars().take(40).collect();
                format!("{} by {} ({})", side.outcome, side.rule, printable(&read))
            },
        )
    };
    for moved in diff.verdicts.iter().take(SHOWN) {
        lines.push(format!(
            "  {} {} {}: {} -> {}",
            moved.mode.name(),
            moved.folder,
            moved.position,
            side(&moved.before),
            side(&moved.after)
        ));
    }
    if diff.verdicts.len() > SHOWN {
        lines.push(format!("  ... and {} more", diff.verdicts.len() - SHOWN));
    }
    lines.join("\n")
}
