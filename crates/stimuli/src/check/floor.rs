//! The floor: what guessing gets, against what it should get.

use std::collections::BTreeMap;

use avibench_protocol::{Conversation, Folder, LocalModel as _};
use serde::Serialize;

use super::asked::is_right;
use crate::Chance;

/// The seed of the guesses: any will do, one makes a check repeatable.
const SEED: u64 = 0;

/// What guessing gets on the formal records of a folder, checks counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Floor {
    /// The folder.
    pub folder: Folder,
    /// Formal records.
    pub records: usize,
    /// How many of them, together with their checks, are guessed rightly.
    pub right: usize,
    /// How many should be, from the number of choices that each question leaves.
    pub expected: f64,
    /// Standard error of the expectation.
    pub standard_error: f64,
}

impl Floor {
    /// How many standard errors the guesses are off.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        if self.standard_error > 0.0 {
            (self.right as f64 - self.expected) / self.standard_error
        } else {
            0.0
        }
    }
}

/// A guess at one question.
pub(super) struct Guess {
    is_right: bool,
    /// How likely that was.
    probability: f64,
}

impl Guess {
    /// Guesses the answer to what was asked.
    pub(super) fn at(asked: &Conversation, truth: &str) -> Self {
        let is_right = is_right(&Chance::new(SEED).answer(asked), truth);
        Self { is_right, probability: Chance::probability(asked, truth) }
    }
}

/// Adds guesses up: each formal record's with that of its check, by id.
pub(super) fn floor<'a>(
    folder: Folder,
    guesses: impl Iterator<Item = (&'a str, bool, &'a Guess)>,
) -> Floor {
    let mut formal = Vec::new();
    let mut checks: BTreeMap<&str, &Guess> = BTreeMap::new();
    for (id, is_check, guess) in guesses {
        if is_check {
            checks.insert(id.strip_prefix("pre_").unwrap_or(id), guess);
        } else {
            formal.push((id, guess));
        }
    }
    let [mut right, mut expected, mut variance] = [0.0; 3];
    for (id, guess) in &formal {
        let check = checks.get(id);
        let passes = check.is_none_or(|check| check.is_right);
        let p = guess.probability * check.map_or(1.0, |check| check.probability);
        right += f64::from(u8::from(guess.is_right && passes));
        expected += p;
        variance += p * (1.0 - p);
    }
    Floor {
        folder,
        records: formal.len(),
        right: right as usize,
        expected,
        standard_error: libm::sqrt(variance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_only_with_its_check() {
        let guess = |is_right, probability| Guess { is_right, probability };
        let all = [
            ("1", false, guess(true, 0.25)),
            ("pre_1", true, guess(false, 0.5)),
            ("2", false, guess(true, 0.25)),
            ("pre_2", true, guess(true, 0.5)),
            ("3", false, guess(false, 0.5)),
        ];
        let floor = floor(Folder::Asqa, all.iter().map(|(id, check, guess)| (*id, *check, guess)));
        assert_eq!((floor.records, floor.right), (3, 1));
        assert!((floor.expected - 0.75).abs() < 1e-12);
        let variance = 2.0 * 0.125 * 0.875 + 0.25;
        assert!((floor.standard_error - f64::sqrt(variance)).abs() < 1e-12);
        assert!((floor.deviation() - 0.25 / f64::sqrt(variance)).abs() < 1e-12);
    }
}
