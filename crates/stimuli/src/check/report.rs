//! What a check found.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Position};
use serde::Serialize;

use super::floor::Floor;

/// What checking a set found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// `prise` or `smoke`.
    pub kind: String,
    /// The seed that the manifest names.
    pub seed: u64,
    /// Files that differ from the manifest, are missing, or are not in it.
    pub altered: Vec<String>,
    /// Every subtask of the sensation folders.
    pub subtasks: Vec<SubtaskReport>,
    /// Questions that the observer got wrong, checks included.
    pub mistakes: Vec<Mistake>,
    /// What guessing gets on each folder.
    pub floors: Vec<Floor>,
    /// Every attempt to get at answers without sensing, the most successful first.
    pub leaks: Vec<Leak>,
}

/// One subtask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubtaskReport {
    /// Its folder.
    pub folder: Folder,
    /// Its name; empty if the records name none.
    pub name: String,
    /// Formal records.
    pub records: usize,
    /// Formal records that the observer answers rightly and whose check it answers rightly.
    pub right: usize,
    /// How often each answer is the right one.
    pub answers: BTreeMap<String, usize>,
}

/// A wrong answer of the observer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Folder of the record.
    pub folder: Folder,
    /// Its place there.
    pub position: Position,
    /// Its subtask; empty if it names none.
    pub subtask: String,
    /// The right answer.
    pub truth: String,
    /// The observer's answer.
    pub answer: String,
}

/// How often answers are guessed from something that should not tell them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// Folder of the subtask.
    pub folder: Folder,
    /// The subtask.
    pub subtask: String,
    /// What the guesses go by, such as `file size`.
    pub by: &'static str,
    /// Share of right guesses, 0..=1.
    pub accuracy: f64,
    /// Share that guessing blindly gets, 0..=1.
    pub chance: f64,
    /// Probability of so many right guesses by luck (binomial, one-sided).
    pub p: f64,
}

impl SubtaskReport {
    /// Share of right answers, 0..=1; 1 without records.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        if self.records == 0 { 1.0 } else { self.right as f64 / self.records as f64 }
    }

    /// Whether answers are equally frequent to within one.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let most = self.answers.values().max().copied().unwrap_or(0);
        let least = self.answers.values().min().copied().unwrap_or(0);
        most - least <= 1
    }
}

impl Leak {
    /// Whether luck is no explanation: one in a thousand, shared out over a hundred attempts.
    #[must_use]
    pub fn is_real(&self) -> bool {
        self.p < 1e-5
    }
}

impl CheckReport {
    /// Share of formal records that the observer gets right, checks counted, 0..=1.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let records: usize = self.subtasks.iter().map(|subtask| subtask.records).sum();
        let right: usize = self.subtasks.iter().map(|subtask| subtask.right).sum();
        if records == 0 { 1.0 } else { right as f64 / records as f64 }
    }
}
