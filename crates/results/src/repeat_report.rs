//! What repeats of every question tell of a run.

use avibench_protocol::Folder;
use avibench_score::{Consistency, RepeatedScores};
use serde::{Deserialize, Serialize};

/// Repeats of every question: strict scores over all epochs, and what varies between them. All other numbers
/// of the report are those of the first epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepeatReport {
    /// How often the run asks every question.
    pub planned: u32,
    /// The scores.
    #[serde(flatten)]
    pub scores: RepeatedScores,
    /// Answers that are word for word the same in all epochs that count, of the samples with an answer in
    /// any of them.
    pub answers: Consistency,
    /// Folders that are left out of an epoch, because not everything was asked or read.
    pub left_out: Vec<EpochGap>,
}

/// A folder that is left out of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochGap {
    /// The epoch, from 1.
    pub epoch: u32,
    /// The folder.
    pub folder: Folder,
    /// Samples that were planned.
    pub planned: usize,
    /// Of these, samples that were asked.
    pub asked: usize,
    /// Answers that `refine` has not read.
    pub unread: usize,
}

impl RepeatReport {
    /// Whether the answers of all epochs are the same, word for word, so that nothing was repeated but the
    /// cost.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        self.answers.samples > 0 && self.answers.same == self.answers.samples
    }

    /// What a person should know before the numbers, in sentences.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.is_identical() {
            remarks.push(
                "The epochs hold identical answers: a fixed seed or a cache. What varies within \
                 questions is 0 by that, and says nothing of how the model's answers vary"
                    .to_owned(),
            );
        }
        remarks.extend(self.gaps());
        remarks
    }

    /// Which epochs lack what, a sentence each.
    fn gaps(&self) -> Vec<String> {
        let mut epochs: Vec<u32> = self.left_out.iter().map(|gap| gap.epoch).collect();
        epochs.sort_unstable();
        epochs.dedup();
        let of_epoch = |epoch: u32| {
            let gaps: Vec<&EpochGap> =
                self.left_out.iter().filter(|gap| gap.epoch == epoch).collect();
            let begun: Vec<String> = gaps
                .iter()
                .filter(|gap| 0 < gap.asked && gap.asked < gap.planned)
                .map(|gap| format!("{} {}/{}", gap.folder, gap.asked, gap.planned))
                .collect();
            let untouched: Vec<&str> =
                gaps.iter().filter(|gap| gap.asked == 0).map(|gap| gap.folder.name()).collect();
            let unread: Vec<&str> = gaps
                .iter()
                .filter(|gap| gap.asked == gap.planned && gap.unread > 0)
                .map(|gap| gap.folder.name())
                .collect();
            let parts = [
                ("asked in part", begun.join(", ")),
                ("not asked", untouched.join(", ")),
                ("not read by `avibench refine`", unread.join(", ")),
            ];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(what, names)| format!("{what}: {names}"))
                .collect();
            format!("Epoch {epoch} is left out where it is not whole ({})", parts.join("; "))
        };
        epochs.into_iter().map(of_epoch).collect()
    }
}
