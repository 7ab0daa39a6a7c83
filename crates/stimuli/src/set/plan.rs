//! The plan of a folder: which questions, with which answers, at which intensities.

use avibench_protocol::Folder;

use super::options::{Difficulty, SetOptions};
use super::smoke;
use crate::kind::{Subtask, subtasks};
use crate::random::Stream;

/// The fractional part of the golden ratio: its multiples fill 0..1 evenly at every length (the
/// additive recurrence of H. Weyl).
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// A formal record that is to be made.
pub(super) struct Planned {
    /// Its kind.
    pub(super) subtask: &'static Subtask,
    /// Its number within the subtask.
    pub(super) index: usize,
    /// Its number within the folder, which is its id.
    pub(super) number: usize,
    /// The right answer.
    pub(super) answer: String,
    /// The intensity to make it at.
    pub(super) level: f64,
    /// Whether a second question is asked about it under the same id.
    pub(super) is_asked_twice: bool,
}

impl Planned {
    /// The stream that everything random about this record comes from.
    pub(super) fn stream(&self, seed: u64) -> Stream {
        let folder = self.subtask.folder.name();
        Stream::new(seed, &format!("{folder}/{}/{}", self.subtask.name, self.index))
    }

    /// Number of formal questions about it.
    pub(super) fn questions(&self) -> usize {
        1 + usize::from(self.is_asked_twice)
    }

    /// Five digits.
    pub(super) fn id(&self) -> String {
        format!("{:05}", self.number)
    }
}

/// The formal records of a folder. Subtasks take turns, so that a smaller set is the beginning of
/// a larger one; each subtask deals its answers in rounds, so that counts differ by one at most
/// wherever it ends.
pub(super) fn plan(folder: Folder, options: &SetOptions) -> Vec<Planned> {
    let subtasks = subtasks(folder);
    let mut dealers: Vec<Dealer> =
        subtasks.iter().map(|subtask| Dealer::new(subtask, options)).collect();
    let mut left = formal_records(folder, options);
    let mut planned = Vec::with_capacity(left);
    while left > 0 {
        let number = planned.len();
        let dealer = number % dealers.len();
        let mut next = dealers[dealer].deal(number);
        // Every other one of those that allow a second question.
        next.is_asked_twice = left > 1
            && next.index % 2 == 1
            && options.asks_twice(folder)
            && smoke::figures_on_view(next.subtask.name).is_some();
        left -= next.questions();
        planned.push(next);
    }
    planned
}

/// Records with a question of their own; each has a check beside it. None outside PriSe.
fn formal_records(folder: Folder, options: &SetOptions) -> usize {
    let subtasks = subtasks(folder).len();
    match options.relative() {
        _ if subtasks == 0 => 0,
        Some(scale) => {
            let full = folder.published_records() as f64 / 2.0;
            (libm::round(full * scale) as usize).max(1)
        }
        // At least one of each kind, and enough for an accuracy to mean something.
        None => subtasks.max(12),
    }
}

/// Deals answers and intensities to the records of one subtask.
struct Dealer<'a> {
    subtask: &'static Subtask,
    options: &'a SetOptions,
    answers: Vec<String>,
    /// The answers of this round that are left.
    hand: Vec<usize>,
    /// Where the intensities of each answer begin.
    starts: Vec<f64>,
    next: usize,
}

impl<'a> Dealer<'a> {
    fn new(subtask: &'static Subtask, options: &'a SetOptions) -> Self {
        let answers = subtask.answers.list();
        let mut stream = Self::stream(subtask, options, "starts");
        let starts = answers.iter().map(|_| stream.unit()).collect();
        Self { subtask, options, answers, hand: Vec::new(), starts, next: 0 }
    }

    fn stream(subtask: &Subtask, options: &SetOptions, purpose: &str) -> Stream {
        let folder = subtask.folder.name();
        Stream::new(options.seed, &format!("{folder}/{}/deal {purpose}", subtask.name))
    }

    fn deal(&mut self, number: usize) -> Planned {
        let index = self.next;
        self.next += 1;
        let round = index / self.answers.len();
        if self.hand.is_empty() {
            self.hand = (0..self.answers.len()).collect();
            let purpose = format!("round {round}");
            Self::stream(self.subtask, self.options, &purpose).shuffle(&mut self.hand);
        }
        // The hand was filled just now if it was empty.
        let answer = self.hand.pop().unwrap_or(0);
        let share = (self.starts[answer] + GOLDEN * round as f64).fract();
        let [low, high] = self.range();
        Planned {
            subtask: self.subtask,
            index,
            number,
            answer: self.answers[answer].clone(),
            level: low + (high - low) * share,
            is_asked_twice: false,
        }
    }

    fn range(&self) -> [f64; 2] {
        let [hardest, hard, easy, easiest] = self.subtask.intensities;
        match (self.options.sweep, self.options.difficulty) {
            (true, _) => [hardest, easiest],
            (false, Difficulty::Normal) => [hard, easy],
            (false, Difficulty::Hard) => [hardest, hard],
            (false, Difficulty::Easy) => [f64::midpoint(hard, easy), easiest],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_full_set_has_the_published_counts() {
        let options = SetOptions::default();
        let counts: Vec<usize> = Folder::ALL
            .into_iter()
            .filter(|folder| folder.has_checks())
            .map(|folder| 2 * plan(folder, &options).len())
            .collect();
        assert_eq!(counts, [502, 620, 580, 388]);
    }

    #[test]
    fn answers_are_balanced_at_every_scale() {
        for scale in [1.0, 0.37, 0.08] {
            let options = SetOptions { seed: 5, scale: Some(scale), ..SetOptions::default() };
            for folder in [Folder::Asqa, Folder::VsqaI, Folder::VsqaV, Folder::Avsqa] {
                let mut counts: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
                for planned in plan(folder, &options) {
                    let subtask = counts.entry(planned.subtask.name).or_insert_with(|| {
                        planned.subtask.answers.list().into_iter().map(|a| (a, 0)).collect()
                    });
                    *subtask.entry(planned.answer).or_default() += 1;
                }
                for (name, counts) in counts {
                    let most = counts.values().max().unwrap();
                    let least = counts.values().min().unwrap();
                    assert!(most - least <= 1, "{folder} {name}: {counts:?}");
                }
            }
        }
    }

    #[test]
    fn a_smaller_set_is_the_beginning_of_a_larger_one() {
        let full = SetOptions { seed: 3, ..SetOptions::default() };
        let part = SetOptions { scale: Some(0.2), ..full.clone() };
        let (full, part) = (plan(Folder::Asqa, &full), plan(Folder::Asqa, &part));
        for (a, b) in full.iter().zip(&part) {
            assert_eq!((a.id(), &a.answer, a.index), (b.id(), &b.answer, b.index));
            assert!((a.level - b.level).abs() < 1e-12);
        }
    }

    #[test]
    fn a_sweep_covers_its_range_evenly() {
        let options = SetOptions { sweep: true, ..SetOptions::default() };
        let levels: Vec<f64> = plan(Folder::Asqa, &options)
            .into_iter()
            .filter(|planned| planned.subtask.name == "volume")
            .map(|planned| planned.level)
            .collect();
        let low = levels.iter().filter(|&&level| level < 8.3).count();
        let high = levels.iter().filter(|&&level| level > 16.2).count();
        assert!(low.abs_diff(levels.len() / 3) <= 4 && high.abs_diff(levels.len() / 3) <= 4);
    }
}
