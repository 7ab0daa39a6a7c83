//! How asking ended, sample by sample: what became of a label's questions before anything was judged.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use avibench_protocol::Folder;
use avibench_store::{AskEnding, AskOutcome};
use serde::{Deserialize, Serialize};

/// Samples by how asking ended. Each stands in one count, and the counts add up to the total. A count
/// is null where no journal tells: then all that can be known is whether there is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleCounts {
    /// Samples that were planned, void ones left out.
    pub total: usize,
    /// The model gave a whole answer.
    pub answered: usize,
    /// The model said nothing.
    pub empty: usize,
    /// The limit of tokens ended the answer before the model did.
    pub cut_off: Option<usize>,
    /// The model or a filter declined, by the server's word.
    pub refused: Option<usize>,
    /// No answer came through.
    pub failed: usize,
    /// The medium could not be sent, or the server did not take the request.
    pub rejected: Option<usize>,
    /// The run ended before.
    pub not_attempted: usize,
    /// Among all of these, samples that no journal tells of.
    pub unrecorded: usize,
}

impl Default for SampleCounts {
    fn default() -> Self {
        Self {
            total: 0,
            answered: 0,
            empty: 0,
            cut_off: Some(0),
            refused: Some(0),
            failed: 0,
            rejected: Some(0),
            not_attempted: 0,
            unrecorded: 0,
        }
    }
}

impl SampleCounts {
    /// The counts of these samples.
    #[must_use]
    pub fn of(endings: impl IntoIterator<Item = AskEnding>) -> Self {
        let mut counts = Self::default();
        for AskEnding { outcome, is_recorded } in endings {
            let mut one = Self { total: 1, ..Self::default() };
            if !is_recorded {
                one = Self { cut_off: None, refused: None, rejected: None, unrecorded: 1, ..one };
            }
            match outcome {
                AskOutcome::Answered => one.answered = 1,
                AskOutcome::Empty => one.empty = 1,
                AskOutcome::CutOff => one.cut_off = Some(1),
                AskOutcome::Refused => one.refused = Some(1),
                AskOutcome::Failed => one.failed = 1,
                AskOutcome::Rejected => one.rejected = Some(1),
                AskOutcome::NotAttempted => one.not_attempted = 1,
            }
            counts += one;
        }
        counts
    }

    /// How many samples ended like this; `None` if that is not known.
    #[must_use]
    pub const fn get(&self, outcome: AskOutcome) -> Option<usize> {
        match outcome {
            AskOutcome::Answered => Some(self.answered),
            AskOutcome::Empty => Some(self.empty),
            AskOutcome::CutOff => self.cut_off,
            AskOutcome::Refused => self.refused,
            AskOutcome::Failed => Some(self.failed),
            AskOutcome::Rejected => self.rejected,
            AskOutcome::NotAttempted => Some(self.not_attempted),
        }
    }
}

impl AddAssign for SampleCounts {
    fn add_assign(&mut self, other: Self) {
        // What is known to have happened is a number; that it never happened has to be known of all.
        let sum = |a: Option<usize>, b: Option<usize>| match (a, b) {
            (Some(a), Some(b)) => Some(a + b),
            (None, None) => None,
            (Some(known), None) | (None, Some(known)) => (known > 0).then_some(known),
        };
        self.total += other.total;
        self.answered += other.answered;
        self.empty += other.empty;
        self.cut_off = sum(self.cut_off, other.cut_off);
        self.refused = sum(self.refused, other.refused);
        self.failed += other.failed;
        self.rejected = sum(self.rejected, other.rejected);
        self.not_attempted += other.not_attempted;
        self.unrecorded += other.unrecorded;
    }
}

/// How asking ended, and what finish reasons tell beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endings {
    /// Samples by outcome, checks included.
    #[serde(flatten)]
    pub counts: SampleCounts,
    /// Empty answers whose budget of tokens was used up before any text came.
    pub budget_spent: usize,
    /// Answers that stopped for a reason which this program does not know, by the server's word; they
    /// count as answered.
    pub unknown_finish_reasons: BTreeMap<String, usize>,
}

impl AddAssign<&Self> for Endings {
    fn add_assign(&mut self, other: &Self) {
        self.counts += other.counts;
        self.budget_spent += other.budget_spent;
        for (reason, count) in &other.unknown_finish_reasons {
            *self.unknown_finish_reasons.entry(reason.clone()).or_default() += count;
        }
    }
}

/// How asking ended in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderEndings {
    /// The folder.
    pub folder: Folder,
    /// Of all its samples.
    #[serde(flatten)]
    pub endings: Endings,
}

/// How asking ended, by folder and in all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndingsReport {
    /// By folder.
    pub folders: Vec<FolderEndings>,
    /// Of all folders together.
    pub all: Endings,
}

impl EndingsReport {
    /// Adds a folder.
    pub fn add(&mut self, folder: FolderEndings) {
        self.all += &folder.endings;
        self.folders.push(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(outcome: AskOutcome, is_recorded: bool) -> AskEnding {
        AskEnding { outcome, is_recorded }
    }

    #[test]
    fn each_sample_stands_in_one_count() {
        let counts = SampleCounts::of(AskOutcome::ALL.map(|outcome| ended(outcome, true)));
        assert_eq!((counts.total, counts.unrecorded), (7, 0));
        assert!(AskOutcome::ALL.iter().all(|&outcome| counts.get(outcome) == Some(1)));
    }

    #[test]
    fn what_no_journal_tells_is_no_number() {
        let texts = [AskOutcome::Answered, AskOutcome::Empty, AskOutcome::Failed];
        let mut counts = SampleCounts::of(texts.map(|outcome| ended(outcome, false)));
        assert_eq!((counts.answered, counts.empty, counts.failed, counts.unrecorded), (1, 1, 1, 3));
        assert_eq!((counts.cut_off, counts.refused, counts.rejected), (None, None, None));
        counts +=
            SampleCounts::of([ended(AskOutcome::CutOff, true), ended(AskOutcome::Answered, true)]);
        assert_eq!((counts.cut_off, counts.refused), (Some(1), None), "one at least was cut off");
        let json = serde_json::to_value(counts).unwrap();
        assert!(json["refused"].is_null() && json["cut_off"] == 1, "{json}");
    }
}
