//! How often the rule errs: exactly for answers that are independent of each other, and by simulation for
//! several kinds of guessing and for models that are right nine times in ten.
//!
//! ```sh
//! cargo run --release -p avibench-bench --bin verdicts -- 5000
//! ```

use std::collections::BTreeMap;

use avibench_probe::{
    Ability, ChoiceCount, Probe, ProbeQuestion, ProbeReply, RulingOdds, Sensed, odds,
};

/// Abilities whose questions are made fast; those about videos are drawn in the same way.
const SIMULATED: [Ability; 5] =
    [Ability::Hear, Ability::See, Ability::SoundOrder, Ability::ImageOrder, Ability::Boxes];

/// How somebody answers: the question, how many he was asked before about the ability, and draws.
type Answer = fn(&ProbeQuestion, &mut fastrand::Rng) -> String;

const ANSWERERS: [(&str, Answer); 6] = [
    ("the same word always", |question, _| pick(question, 0)),
    ("one after the other", |question, _| pick(question, question.number)),
    ("two turns each", |question, _| pick(question, question.number / 2)),
    ("any, alike", |question, draws| pick(question, draws.usize(..1 << 16))),
    ("the first in 7 of 10", |question, draws| {
        let any = draws.usize(..1 << 16);
        pick(question, if draws.f64() < 0.7 { 0 } else { any })
    }),
    ("right in 9 of 10", |question, draws| {
        let is_right = draws.f64() < 0.9;
        if is_right { right(question) } else { wrong(question, draws) }
    }),
];

/// An option, or a box in one of the corners.
fn pick(question: &ProbeQuestion, which: usize) -> String {
    match question.options() {
        [] => {
            let [left, top] = [[0.01, 0.01], [0.78, 0.01], [0.01, 0.71], [0.78, 0.71]][which % 4];
            format!("[{left}, {top}, {}, {}]", left + 0.2, top + 0.27)
        }
        options => options[which % options.len()].to_owned(),
    }
}

/// The right answer.
fn right(question: &ProbeQuestion) -> String {
    question.right_answer()
}

/// An answer that is not right.
fn wrong(question: &ProbeQuestion, draws: &mut fastrand::Rng) -> String {
    let others: Vec<&str> =
        question.options().iter().copied().filter(|option| *option != right(question)).collect();
    others.get(draws.usize(..others.len().max(1))).map_or("[0.4, 0.4, 0.6, 0.6]", |o| *o).to_owned()
}

fn main() {
    let seeds: u64 = std::env::args().nth(1).and_then(|seeds| seeds.parse().ok()).unwrap_or(5_000);
    println!("exactly, in percent\n choices  right in    yes     no unclear  questions");
    for (choices, name) in [(ChoiceCount::Two, "two"), (ChoiceCount::Four, "four")] {
        for right in [0.0, choices.chance(), 0.8, 0.9, 0.95, 1.0] {
            let RulingOdds { yes, no, unclear, questions } = odds(choices, right);
            let [yes, no, unclear] = [yes, no, unclear].map(|share| 100.0 * share);
            println!(
                " {name:7} {:7.0}%  {yes:6.2} {no:6.2}  {unclear:6.2}  {questions:9.2}",
                100.0 * right
            );
        }
    }
    println!(
        "\nover {seeds} seeds, in percent\n                                      yes     no unclear"
    );
    for (name, answer) in ANSWERERS {
        let mut counts: BTreeMap<(Ability, Sensed), u64> = BTreeMap::new();
        for seed in 0..seeds {
            let mut draws = fastrand::Rng::with_seed(seed ^ 0x5eed);
            let mut probe = Probe::of(seed, SIMULATED);
            loop {
                let round = probe.next_round().expect("media of a probe can be encoded");
                if round.is_empty() {
                    break;
                }
                for question in &round {
                    probe.take(question, ProbeReply::Said(answer(question, &mut draws)));
                }
            }
            for finding in probe.findings() {
                *counts.entry((finding.ability, finding.verdict)).or_default() += 1;
            }
        }
        for ability in SIMULATED {
            let share = |verdict| {
                let count = counts.get(&(ability, verdict)).copied().unwrap_or_default();
                100.0 * count as f64 / seeds as f64
            };
            let [yes, no, unclear] = [Sensed::Yes, Sensed::No, Sensed::Unclear].map(share);
            println!(" {name:22} {ability:12} {yes:6.2} {no:6.2}  {unclear:6.2}");
        }
    }
}
