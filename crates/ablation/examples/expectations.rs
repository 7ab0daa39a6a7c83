//! Whether ablations do to the built-in observer what they must, over many sets of the generator.
//!
//!     cargo run --release -p avibench-ablation --example expectations [sets [scale [task or kind ...]]]
//!
//! Without arguments 200 sets of a tenth of the benchmark's size. Each set is asked as it is and under
//! every kind, or the tasks and kinds that are named, its media rewritten as a run does it. By what the generator wrote down some answers are determined, some are guesses
//! whose odds are known, and some must not move. The interval is that of strict scoring without
//! checks. Ends with an error if an answer moves that must not, if a guess is none of those that are
//! left in more than 2%, if less than 97% of the determined answers are given, or if the interval
//! holds the expectation in less than 93% of the sets.

use std::process::ExitCode;
use std::time::Instant;

use avibench_store::AblationKind;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

#[path = "../tests/observed/mod.rs"]
mod observed;

use observed::{Guesses, KINDS, Observed, Outcome, TASKS};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let sets: u64 = arguments.next().and_then(|sets| sets.parse().ok()).unwrap_or(200);
    let scale: f64 = arguments.next().and_then(|scale| scale.parse().ok()).unwrap_or(0.1);
    let names: Vec<String> = arguments.collect();
    let named = |name: &str| names.iter().any(|named| named == name);
    let of_all = |named: Vec<&'static str>, all: Vec<&'static str>| {
        if named.is_empty() { all } else { named }
    };
    let tasks = TASKS.map(|(task, _)| task).to_vec();
    let tasks = of_all(tasks.iter().copied().filter(|task| named(task)).collect(), tasks);
    let kinds = KINDS.map(AblationKind::name).to_vec();
    let kinds = of_all(kinds.iter().copied().filter(|kind| named(kind)).collect(), kinds);
    let rows: Vec<(AblationKind, Guesses)> = KINDS
        .into_iter()
        .filter(|kind| kinds.contains(&kind.name()))
        .flat_map(|kind| [(kind, Guesses::OfARun), (kind, Guesses::OfEachQuestion)])
        .collect();
    let start = Instant::now();
    let all: Vec<Vec<Vec<(&str, Outcome)>>> = (0..sets)
        .into_par_iter()
        .map(|seed| {
            let observed = Observed::new(seed, scale, &tasks);
            rows.iter().map(|(kind, guesses)| observed.under(*kind, *guesses)).collect()
        })
        .collect();
    println!("{sets} sets of {scale} times the benchmark's size, {:.0?}", start.elapsed());
    let mut defects = Vec::new();
    for (row, (kind, guesses)) in rows.iter().enumerate() {
        let own = if *guesses == Guesses::OfARun { "" } else { ", a seed for each question" };
        for task in &tasks {
            let outcomes = all.iter().flat_map(|set| &set[row]);
            let outcomes: Vec<&Outcome> =
                outcomes.filter(|(name, _)| name == task).map(|(_, outcome)| outcome).collect();
            if outcomes.is_empty() {
                continue;
            }
            let found = Summary::of(&outcomes);
            println!("\n{task} under {kind}{own}");
            found.print();
            defects.extend(
                found.defects().map(|defect| format!("{task} under {kind}{own}: {defect}")),
            );
        }
    }
    for defect in &defects {
        println!("{defect}");
    }
    if defects.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A task under an ablation over all sets.
#[derive(Default)]
struct Summary {
    same: [usize; 2],
    determined: [usize; 2],
    guessed: [usize; 2],
    right: [f64; 3],
    checks: [usize; 2],
    open: usize,
    /// Sets with a score; intervals below and above the expectation.
    scored: usize,
    misses: [usize; 2],
    /// Sums over the sets with a score: expectation, score, width.
    sums: [f64; 3],
}

impl Summary {
    fn of(outcomes: &[&Outcome]) -> Self {
        let mut all = Self::default();
        for outcome in outcomes {
            for (sum, one) in [
                (&mut all.same, outcome.same),
                (&mut all.determined, outcome.determined),
                (&mut all.guessed, outcome.guessed),
                (&mut all.checks, outcome.checks),
            ] {
                sum[0] += one[0];
                sum[1] += one[1];
            }
            for (sum, one) in all.right.iter_mut().zip(outcome.right) {
                *sum += one;
            }
            all.open += outcome.open;
            let Some((expected, score)) = outcome.score else { continue };
            let (Some(value), Some(low), Some(high)) = (score.value, score.low, score.high) else {
                continue;
            };
            all.scored += 1;
            // What agrees to nine digits is the same number.
            all.misses[0] += usize::from(high < expected - 1e-9);
            all.misses[1] += usize::from(low > expected + 1e-9);
            for (sum, one) in all.sums.iter_mut().zip([expected, value, high - low]) {
                *sum += one;
            }
        }
        all
    }

    fn held(&self) -> f64 {
        100.0 - 100.0 * (self.misses[0] + self.misses[1]) as f64 / self.scored.max(1) as f64
    }

    fn print(&self) {
        let share = |[all, fitting]: [usize; 2]| 100.0 * fitting as f64 / all.max(1) as f64;
        let counted = |words: &str, counts: [usize; 2]| {
            if counts[0] > 0 {
                println!("  {words}: {} of {} ({:.2}%)", counts[1], counts[0], share(counts));
            }
        };
        counted("answers that must not move and do not", self.same);
        counted("checks that say that nothing is sensed", self.checks);
        counted("determined answers that are given", self.determined);
        counted("guesses that are one of the answers that are left", self.guessed);
        let [mean, variance, right] = self.right;
        if self.guessed[0] > 0 {
            println!(
                "  right guesses: {right:.0}, expected {mean:.1}, {:+.2} standard errors",
                (right - mean) / variance.sqrt()
            );
        }
        if self.open > 0 {
            println!("  formal questions that the generator's notes leave open: {}", self.open);
        }
        if self.scored > 0 {
            let [expected, value, width] = self.sums.map(|sum| 100.0 * sum / self.scored as f64);
            let [below, above] =
                self.misses.map(|misses| 100.0 * misses as f64 / self.scored as f64);
            println!(
                "  expected {expected:.2}, score {value:.2}, width {width:.1}; the interval \
                 holds the expectation in {:.1}% of {} (below it {below:.1}%, above {above:.1}%)",
                self.held(),
                self.scored
            );
        }
    }

    fn defects(&self) -> impl Iterator<Item = String> {
        let lacks = |[all, fitting]: [usize; 2], share: f64| (fitting as f64) < share * all as f64;
        let found = [
            (lacks(self.same, 1.0), "answers moved that must not"),
            (lacks(self.checks, 1.0), "a check was not answered by what was sensed"),
            (lacks(self.determined, 0.97), "too few of the determined answers are given"),
            (lacks(self.guessed, 0.98), "too many guesses are none of the answers that are left"),
            (
                self.scored > 0 && self.held() < 93.0,
                "the interval holds the expectation too seldom",
            ),
        ];
        found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words.to_owned())
    }
}
