//! The tables of `compare` and of `score --diff`.

use avibench_protocol::Task;
use avibench_results::{ComparedVerdict, Diff};
use avibench_score::{Comparison, Difference, PairComparison, TaskComparison};

use super::comparison_rows::is_level;
use super::grid::{Grid, counted, wrapped};
use super::layout::{is_markdown, width};
use super::number_names::shown_name;
use super::printable;
use super::stand_in::{stand_in_mark, stand_in_note};

/// Moves that are listed one by one.
const SHOWN: usize = 20;

/// Every pair, then the ranks.
pub(crate) fn comparison_tables(comparison: &Comparison, mode: &str) -> String {
    let mut parts: Vec<String> =
        comparison.pairs.iter().map(|pair| pair_tables(pair, comparison, mode)).collect();
    parts.push(legend(comparison));
    if comparison.rankings.is_empty() {
        let note = "No ranks: nothing could be tested between all of these models.";
        parts.push(wrapped("", note));
    } else {
        let note =
            "Ranks: 1 + the number of models that are better by the corrected p of the pairs";
        parts.push(format!("{}\n{}", wrapped("", note), ranks(comparison)));
    }
    if comparison.models.iter().any(|(_, of)| of.is_by_stand_in("avc")) {
        parts.push(stand_in_note());
    }
    parts.join("\n\n")
}

/// A name of a number, marked where captions behind it were rated by the stand-in.
fn marked(comparison: &Comparison, name: &str) -> String {
    let marks = comparison.models.iter().map(|(_, of)| stand_in_mark(of, name));
    format!("{}{}", shown_name(name), marks.max().unwrap_or_default())
}

/// A column a model: under its label, or under a letter where labels are too long for a line.
fn ranks(comparison: &Comparison) -> String {
    let labels: Vec<String> = comparison.models.iter().map(|(label, _)| printable(label)).collect();
    let grid = rank_grid(comparison, &labels);
    if is_markdown() || grid.width() <= width() {
        return grid.to_string();
    }
    let numbers: Vec<String> = (1..=labels.len()).map(|number| format!("({number})")).collect();
    let legend: Vec<String> =
        numbers.iter().zip(&labels).map(|(number, label)| format!("{number} {label}")).collect();
    format!("{}\n{}", legend.join("\n"), rank_grid(comparison, &numbers))
}

fn rank_grid(comparison: &Comparison, heads: &[String]) -> Grid {
    let mut grid = Grid::new(["Rank in".to_owned()].into_iter().chain(heads.iter().cloned()));
    for ranking in &comparison.rankings {
        let place = |label: &String| {
            ranking
                .places
                .iter()
                .find(|(known, ..)| known == label)
                .map_or_else(|| "-".to_owned(), |(_, _, rank)| rank.to_string())
        };
        let places = comparison.models.iter().map(|(label, _)| place(label));
        grid.row([marked(comparison, &ranking.name)].into_iter().chain(places));
    }
    grid
}

fn pair_tables(pair: &PairComparison, comparison: &Comparison, mode: &str) -> String {
    let families = comparison.families;
    let mut tasks = difference_table();
    // Tasks without a sample that is judged for both have nothing to show.
    for task in pair.tasks.iter().filter(|task| task.samples > 0) {
        let name = marked(comparison, task.task.name());
        tasks.row(difference_row(&name, task.difference, 100.0));
    }
    let mut above = difference_table();
    for (name, difference) in &pair.above_tasks {
        // Levels are in percent already.
        let scale = if is_level(name) { 1.0 } else { 100.0 };
        above.row(difference_row(&marked(comparison, name), Some(*difference), scale));
    }
    let mut text = format!(
        "{}\n{}\n",
        wrapped("", &printable(&format!("{} (A) against {} (B)", pair.first, pair.second))),
        wrapped(
            "",
            &format!(
                "{} scores in percent, on the samples that are judged for both. p is corrected by \
                 Holm's method for all tests of a table over all pairs; * below 0.05. \
                 Intervals are not: each is of its row alone, so that one may exclude 0 beside a \
                 p that is not small. \
                 Detectable: the least difference that this test would find with probability 80%.",
                capitalized(mode)
            )
        ),
    );
    // Dashes alone say nothing; why there is no test stands below the samples.
    if pair.tasks.iter().any(|task| task.difference.is_some()) {
        let tests = counted(families.tasks, "test");
        text = format!("{text}\nTasks, p corrected for {tests}\n{tasks}\n");
    }
    if !pair.above_tasks.is_empty() {
        let title = format!(
            "Stages, Overall and levels, p corrected for {} of their own",
            counted(families.above_tasks, "test")
        );
        text = format!("{text}\n{}\n{above}\n", wrapped("", &title));
    }
    format!("{text}\nSamples\n{}\n{}", samples_table(pair), verdict(pair) + &not_compared(pair))
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn difference_table() -> Grid {
    Grid::new(["", "A", "B", "A - B", "95%", "p", "Detectable"])
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

/// What the columns of the tables of pairs say.
fn legend(comparison: &Comparison) -> String {
    let has = |of: fn(&TaskComparison) -> bool| {
        comparison.pairs.iter().flat_map(|pair| &pair.tasks).any(of)
    };
    let mut lines = Vec::new();
    if has(|task| task.difference.is_some()) {
        lines.push("95%: the interval of the difference A - B.");
    }
    lines.push("A better, Same, B better: whose score of a sample is higher.");
    lines.push("Flipped: samples on which the scores differ by a half or more.");
    if has(|task| task.difference.is_some()) {
        lines.push(
            "Ids apart: ids on which the models differ, of all ids; the test rests on these.",
        );
    }
    if has(|task| task.mcnemar.is_some()) {
        lines.push(
            "McNemar p: of answers that are right or wrong, as if no samples shared an id; p above allows \
             for ids.",
        );
    }
    lines.into_iter().map(|line| wrapped("- ", line)).collect::<Vec<_>>().join("\n")
}

/// Sample by sample: who did better how often, and the test that takes samples as independent.
fn samples_table(pair: &PairComparison) -> Grid {
    let mut grid =
        Grid::new(["", "A better", "Same", "B better", "Flipped", "Ids apart", "McNemar p"]);
    for task in pair.tasks.iter().filter(|task| task.samples > 0) {
        let ids = |d: Difference| format!("{} of {}", d.informative, d.clusters);
        grid.row([
            task.task.name().to_owned(),
            task.wins.to_string(),
            task.ties.to_string(),
            task.losses.to_string(),
            task.flips.len().to_string(),
            task.difference.map_or_else(|| "-".to_owned(), ids),
            task.mcnemar.map_or_else(String::new, |counts| probability(counts.p)),
        ]);
    }
    grid
}

pub(super) fn probability(p: f64) -> String {
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
        ("No sample that is judged for both", names(&|task| task.samples == 0)),
        (
            "Not tested, because a model was not asked every sample or has no score",
            names(&|task| task.samples > 0 && task.difference.is_none()),
        ),
    ] {
        if !names.is_empty() {
            lines = format!("{lines}\n{}", wrapped("", &format!("{what}: {names}.")));
        }
    }
    let is_avc = |task: &TaskComparison| task.task == Task::Avc && task.samples == 0;
    if !pair.captions_differ && pair.tasks.iter().any(is_avc) {
        let said = "Captions (AVC) are compared where something rates them: `avibench fense fetch` downloads the models, \
                    and --captions stand-in rates them by rules for a first look.";
        lines = format!("{lines}\n{}", wrapped("", said));
    }
    if pair.captions_differ {
        let said = "AVC, its stage, Overall and the levels are not compared: FENSE rated the captions of one, \
                    its stand-in those of the other.";
        lines = format!("{lines}\n{}", wrapped("", said));
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
        .map(|(name, difference)| (shown_name(name), difference.difference))
        .collect();
    let say = |label: &str, sign: f64| {
        let names: Vec<&str> =
            found.iter().filter(|(_, d)| d * sign > 0.0).map(|(name, _)| *name).collect();
        let said = || format!("{} is better on {}.", printable(label), names.join(", "));
        (!names.is_empty()).then(|| wrapped("", &said()))
    };
    let said: Vec<String> =
        [say(&pair.first, 1.0), say(&pair.second, -1.0)].into_iter().flatten().collect();
    if pair.above_tasks.is_empty() && pair.tasks.iter().all(|task| task.difference.is_none()) {
        wrapped("", "Nothing could be tested, so this says nothing about which of them is better.")
    } else if said.is_empty() {
        wrapped(
            "",
            "No task tells them apart, nor any stage or level: every corrected p is 0.05 or more.",
        )
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
             now: L3 and L4 do not compare across versions."
        )),
        None if !diff.same_baselines => {
            lines.push("The two rest on different guess baselines: L3 and L4 do not compare.".to_owned());
        }
        None => {}
    }
    if let Some([before, after]) = &diff.caption_raters {
        lines.push(format!(
            "AVC, its stage, Overall and the levels are left out: captions were rated by {before} before and \
             by {after} now, which do not compare."
        ));
    }
    lines.extend(diff.changes.iter().map(|change| printable(&change.to_string())));
    for moved in &diff.headlines {
        let number = |value: Option<f64>| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.5}"))
        };
        lines.push(format!(
            "{} {}: {} -> {}",
            moved.mode.name(),
            shown_name(&moved.name),
            number(moved.before),
            number(moved.after)
        ));
    }
    let mut lines: Vec<String> = lines.iter().map(|line| wrapped("", line)).collect();
    lines.push(format!("{} moved.", counted(diff.verdicts.len(), "verdict")));
    let side = |side: &Option<ComparedVerdict>| {
        side.as_ref().map_or_else(
            || "absent".to_owned(),
            |side| {
                let read: String = side.read.chars().take(40).collect();
                format!("{side} by {} ({})", side.rule, printable(&read))
            },
        )
    };
    for kind in diff.kinds() {
        let positions: Vec<String> = kind.positions.iter().map(usize::to_string).collect();
        lines.push(wrapped(
            "  ",
            &format!(
                "{} {} {}: {} ({})",
                kind.mode.name(),
                kind.folder,
                kind.what,
                kind.positions.len(),
                positions.join(", ")
            ),
        ));
    }
    if !diff.verdicts.is_empty() {
        lines.push("Among them:".to_owned());
    }
    for moved in diff.verdicts.iter().take(SHOWN) {
        lines.push(wrapped(
            "  ",
            &format!(
                "{} {} {}: {} -> {}",
                moved.mode.name(),
                moved.folder,
                moved.position,
                side(&moved.before),
                side(&moved.after)
            ),
        ));
    }
    if diff.verdicts.len() > SHOWN {
        lines.push(format!("  ... and {} more", diff.verdicts.len() - SHOWN));
    }
    lines.join("\n")
}
