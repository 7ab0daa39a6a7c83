//! The tables of `compare` and of `score --diff`.

use avibench_results::{Diff, Side};
use avibench_score::{Comparison, Difference, PairComparison, TaskComparison, TestFamilies};
use comfy_table::Table;

use super::grid::wrapped;
use super::{align, new_table, printable};

/// Moves that are listed one by one.
const SHOWN: usize = 20;

/// Every pair, then the ranks.
pub(crate) fn comparison_tables(comparison: &Comparison, mode: &str) -> String {
    let mut parts: Vec<String> =
        comparison.pairs.iter().map(|pair| pair_tables(pair, comparison.families, mode)).collect();
    parts.push(format!(
        "Ranks: 1 + the number of models that are better by the corrected p of the pairs\n{}",
        ranks(comparison)
    ));
    parts.join("\n\n")
}

fn ranks(comparison: &Comparison) -> Table {
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
    table
}

fn pair_tables(pair: &PairComparison, families: TestFamilies, mode: &str) -> String {
    let mut tasks = difference_table();
    // Tasks without a sample that both answered have nothing to show.
    for task in pair.tasks.iter().filter(|task| task.samples > 0) {
        tasks.add_row(difference_row(task.task.name(), task.difference, 100.0));
    }
    let mut above = difference_table();
    for (name, difference) in &pair.above_tasks {
        // Levels are in percent already.
        let is_level = name.len() == 2 && name.starts_with('l');
        let scale = if is_level { 1.0 } else { 100.0 };
        above.add_row(difference_row(name, Some(*difference), scale));
    }
    align(&mut tasks, 1);
    align(&mut above, 1);
    let mut text = format!(
        "{} (A) against {} (B)\n{mode} scores in percent, on the samples that both answered. p is \
         corrected by\nHolm's method for all tests of a table over all pairs; * below 0.05. \
         Detectable:\nthe least difference that this test would find with probability 80%.\n\n\
         Tasks, p corrected for {} tests\n{tasks}\n",
        pair.first, pair.second, families.tasks
    );
    if !pair.above_tasks.is_empty() {
        text = format!(
            "{text}\nStages, Overall and levels, p corrected for {} tests of their own\n{above}\n",
            families.above_tasks
        );
    }
    format!("{text}\nSamples\n{}\n{}", samples_table(pair), verdict(pair) + &not_compared(pair))
}

fn difference_table() -> Table {
    let mut table = new_table();
    table.set_header(["", "A", "B", "A - B", "95%", "p", "Detectable"]);
    table
}

fn difference_row(name: &str, difference: Option<Difference>, scale: f64) -> [String; 7] {
    let absent = || "-".to_owned();
    let Some(d) = difference else {
        return std::array::from_fn(|place| if place == 0 { name.to_owned() } else { absent() });
    };
    let mark = if d.is_significant() { "*" } else { "" };
    [
        name.to_owned(),
        format!("{:.2}", d.first * scale),
        format!("{:.2}", d.second * scale),
        format!("{:+.2}", d.difference * scale),
        format!("{:+.1} to {:+.1}", d.low * scale, d.high * scale),
        d.p_holm.map_or_else(absent, |p| format!("{}{mark}", probability(p))),
        d.minimum_detectable.map_or_else(absent, |least| format!("{:.1}", least * scale)),
    ]
}

/// Sample by sample: who did better how often, and the test that takes samples as independent.
fn samples_table(pair: &PairComparison) -> Table {
    let mut table = new_table();
    table.set_header(["", "A better", "Same", "B better", "Flipped", "Ids apart", "McNemar p"]);
    for task in pair.tasks.iter().filter(|task| task.samples > 0) {
        let ids = |d: Difference| format!("{} of {}", d.informative, d.clusters);
        table.add_row([
            task.task.name().to_owned(),
            task.wins.to_string(),
            task.ties.to_string(),
            task.losses.to_string(),
            task.flips.len().to_string(),
            task.difference.map_or_else(|| "-".to_owned(), ids),
            task.mcnemar.map_or_else(String::new, |counts| probability(counts.p)),
        ]);
    }
    align(&mut table, 1);
    table
}

fn probability(p: f64) -> String {
    if p < 0.000_1 { "<0.0001".to_owned() } else { format!("{p:.4}") }
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

/// Who is better where, by the corrected tests.
fn verdict(pair: &PairComparison) -> String {
    let tasks = pair.tasks.iter().filter_map(|task| Some((task.task.name(), task.difference?)));
    let above = pair.above_tasks.iter().map(|(name, difference)| (name.as_str(), *difference));
    let found: Vec<(&str, f64)> = tasks
        .chain(above)
        .filter(|(_, difference)| difference.is_significant())
        .map(|(name, difference)| (name, difference.difference))
        .collect();
    let say = |label: &str, sign: f64| {
        let names: Vec<&str> =
            found.iter().filter(|(_, d)| d * sign > 0.0).map(|(name, _)| *name).collect();
        (!names.is_empty()).then(|| format!("{label} is better on {}.", names.join(", ")))
    };
    let said: Vec<String> =
        [say(&pair.first, 1.0), say(&pair.second, -1.0)].into_iter().flatten().collect();
    if said.is_empty() {
        "No task tells them apart, nor any stage or level: every corrected p is 0.05 or more."
            .to_owned()
    } else {
        said.join("\n")
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
