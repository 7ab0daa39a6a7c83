//! How often equal models are called different or get different ranks, and how often a real
//! difference is found.
//!
//!     cargo run --release -p avibench-bench --bin comparison_errors [repeats, 400]
//!
//! Models share three tenths of their luck. Each row compares several models on the whole benchmark:
//! of equal models, any finding is false. About two minutes for 400 repeats on one core.

#[expect(dead_code, reason = "shared with programs that use the rest of it")]
#[path = "../../../score/tests/made/mod.rs"]
mod made;

use avibench_protocol::{Folder, Task};
use avibench_score::{
    ComparedModel, Comparison, Difference, FolderVerdicts, GuessBaselines, PairComparison, compare,
};
use avibench_statistics::{Stream, StreamKey};
use made::{Grouping, Made, Truth, model};

/// How much of their luck two models share.
const SHARED: f64 = 0.3;

fn main() {
    let repeats: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(400);
    println!(
        "models                     tasks  above tasks  ranks   L2     L3     L4 (uncorrected)"
    );
    for models in [2, 4] {
        equal("any scores", models, repeats, |stream| {
            Task::ALL.map(|_| 0.15 + 0.75 * stream.unit())
        });
        equal("on kinks", models, repeats, |stream| [0.35 + 0.45 * stream.unit(); 14]);
        equal("near 1", models, repeats, |stream| Task::ALL.map(|_| 0.97 + 0.03 * stream.unit()));
    }
    few(repeats);
    println!("difference on all tasks    some task  share of tasks  overall  l4");
    for gap in [0.03, 0.05, 0.08, 0.12] {
        power(gap, repeats);
    }
}

fn compared(verdicts: &[Vec<FolderVerdicts>]) -> Option<Comparison> {
    let labels: Vec<String> = (0..verdicts.len()).map(|number| number.to_string()).collect();
    let models: Vec<ComparedModel<'_>> = labels
        .iter()
        .zip(verdicts)
        .map(|(label, verdicts)| ComparedModel { label, verdicts })
        .collect();
    compare(&models, GuessBaselines::embedded()).ok()
}

/// Shares of comparisons of equal models with a false finding.
fn equal(name: &str, models: u64, repeats: u64, truth: fn(&mut Stream) -> Truth) {
    let key = StreamKey::new(21, name);
    let mut found = [0_u64; 3];
    let mut levels = [0_u64; 3];
    for repeat in 0..repeats {
        let truth = truth(&mut key.stream(repeat));
        let verdicts: Vec<_> =
            (0..models).map(|number| model(&truth, repeat, number, SHARED)).collect();
        let Some(comparison) = compared(&verdicts) else { return };
        count(&comparison, &mut found);
        for (place, level) in ["l2", "l3", "l4"].into_iter().enumerate() {
            let p = comparison.pairs[0].difference(level).map_or(1.0, |difference| difference.p);
            levels[place] += u64::from(p < 0.05);
        }
    }
    let percent = |count: u64| 100.0 * count as f64 / repeats as f64;
    let [tasks, above, ranks] = found.map(percent);
    let [l2, l3, l4] = levels.map(percent);
    println!(
        "{models} equal, {name:17} {tasks:4.1}%  {above:10.1}%  {ranks:5.1}%  {l2:4.1}%  {l3:4.1}%  {l4:4.1}%"
    );
}

/// Counts comparisons with a false finding: on tasks, above tasks, and in the ranks.
fn count(comparison: &Comparison, found: &mut [u64; 3]) {
    let tasks = |pair: &PairComparison| {
        pair.tasks.iter().filter_map(|task| task.difference).any(|d| d.is_significant())
    };
    let above = |pair: &PairComparison| pair.above_tasks.iter().any(|(_, d)| d.is_significant());
    let ranks = comparison.rankings.iter().any(|row| row.places.iter().any(|place| place.2 != 1));
    found[0] += u64::from(comparison.pairs.iter().any(tasks));
    found[1] += u64::from(comparison.pairs.iter().any(above));
    found[2] += u64::from(ranks);
}

/// One task with few ids.
fn few(repeats: u64) {
    for records in [5, 8, 12, 19, 40] {
        for grouping in [Grouping::Single, Grouping::Clustered] {
            for folder in [Folder::Avm, Folder::Var] {
                let made = Made { folder, records, grouping, score: 0.6 };
                let mut found = 0_u64;
                for repeat in 0..10 * repeats {
                    let verdicts: Vec<_> =
                        (0..2).map(|number| vec![made.verdicts(repeat, number, SHARED)]).collect();
                    let Some(comparison) = compared(&verdicts) else { return };
                    let difference = comparison.pairs[0].tasks[0].difference;
                    found += u64::from(difference.is_some_and(|found| found.p < 0.05));
                }
                let ids = if grouping == Grouping::Single { "single" } else { "clustered" };
                let share = 100.0 * found as f64 / (10 * repeats) as f64;
                println!("2 equal, {folder} of {records:2} {ids:9} uncorrected: {share:4.1}%");
            }
        }
    }
}

/// How often a better model is found to be better.
fn power(gap: f64, repeats: u64) {
    let (mut any, mut tasks, mut overall, mut last) = (0_u64, 0_u64, 0_u64, 0_u64);
    for repeat in 0..repeats {
        let verdicts =
            [model(&[0.5 + gap; 14], repeat, 0, SHARED), model(&[0.5; 14], repeat, 1, SHARED)];
        let Some(comparison) = compared(&verdicts) else { return };
        let pair = &comparison.pairs[0];
        let found = pair.tasks.iter().filter_map(|task| task.difference);
        let found = found.filter(Difference::is_significant).count() as u64;
        any += u64::from(found > 0);
        tasks += found;
        let significant =
            |name: &str| pair.difference(name).is_some_and(|found| found.is_significant());
        overall += u64::from(significant("overall"));
        last += u64::from(significant("l4"));
    }
    let percent = |count: u64| 100.0 * count as f64 / repeats as f64;
    println!(
        "{:4.0} points                   {:5.1}%        {:5.1}%     {:5.1}%  {:5.1}%",
        100.0 * gap,
        percent(any),
        percent(tasks) / 14.0,
        percent(overall),
        percent(last)
    );
}
