//! Why a task has no score.

use std::path::PathBuf;

use avibench_protocol::{Folder, Task};
use avibench_score::Unscored;
use avibench_store::PredictionError;

/// A task without a score.
#[derive(Debug)]
pub struct UnscoredTask {
    /// The task.
    pub task: Task,
    /// The folder that stands in the way, where the task has several.
    pub folder: Option<Folder>,
    /// Why it has none.
    pub reason: UnscoredReason,
}

/// Why a task, or one folder of it, has no score.
#[derive(Debug, thiserror::Error)]
pub enum UnscoredReason {
    /// The data set lacks the folder.
    #[error("no data: expected {}", expected.display())]
    NoData {
        /// Where it would be.
        expected: PathBuf,
    },
    /// The folder's data cannot be used.
    #[error("{message}")]
    BrokenData {
        /// What is wrong, with file, place and mend.
        message: String,
    },
    /// The label has no prediction file for the folder.
    #[error("no predictions: expected {}", expected.display())]
    NoPredictions {
        /// Where it would be.
        expected: PathBuf,
    },
    /// The run has answers to the folder, and none of them is formatted.
    #[error("its {count} answers are not formatted: `avibench refine` makes {}", expected.display())]
    NotFormatted {
        /// How many.
        count: usize,
        /// Where the formatted answers would be.
        expected: PathBuf,
    },
    /// The prediction file cannot be used.
    #[error(transparent)]
    Predictions(#[from] PredictionError),
    /// The answers belong to other data.
    #[error(
        "its answers were formatted for another data.json than {} holds; give the --data-root \
         that they belong to, or ask and refine again",
        path.display()
    )]
    OtherData {
        /// The data that would be scored against.
        path: PathBuf,
    },
    /// Scoring found nothing to score.
    #[error(transparent)]
    Score(#[from] Unscored),
}

impl UnscoredTask {
    /// A folder that could not be judged.
    pub(crate) fn of_folder(folder: Folder, reason: UnscoredReason) -> Self {
        let task = folder.task();
        let folder = (task.folders().len() > 1).then_some(folder);
        Self { task, folder, reason }
    }

    /// Whether nothing of the task was asked.
    #[must_use]
    pub const fn was_not_asked(&self) -> bool {
        matches!(self.reason, UnscoredReason::Score(Unscored::NotAsked))
    }

    /// Whether files stand in the way that should be whole.
    #[must_use]
    pub const fn is_defect(&self) -> bool {
        matches!(
            self.reason,
            UnscoredReason::BrokenData { .. }
                | UnscoredReason::NotFormatted { .. }
                | UnscoredReason::Predictions(_)
                | UnscoredReason::OtherData { .. }
        )
    }

    /// Whether the label has no prediction file for the folder.
    #[must_use]
    pub const fn has_no_predictions(&self) -> bool {
        matches!(self.reason, UnscoredReason::NoPredictions { .. })
    }

    /// Whether the data set lacks the task's folder altogether.
    #[must_use]
    pub const fn has_no_data(&self) -> bool {
        matches!(self.reason, UnscoredReason::NoData { .. })
    }
}

impl std::fmt::Display for UnscoredTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(folder) = self.folder {
            write!(f, "{folder}: ")?;
        }
        write!(f, "{}", self.reason)
    }
}
