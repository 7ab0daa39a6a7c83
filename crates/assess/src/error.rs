//! Why a label cannot be assessed.

use std::path::PathBuf;

use avibench_protocol::DatasetError;
use avibench_results::ResultsError;
use avibench_score::{CompareError, PsychometricDefect};
use avibench_store::Label;

use crate::{DoubtsError, UnscoredReason};

/// Why a label cannot be assessed at all. One folder that cannot be scored is an
/// [`UnscoredTask`](crate::UnscoredTask) instead.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The data set cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// There is no label of this name.
    #[error("no answers under the label `{label}`: expected {}; {next}", expected.display())]
    NoAnswers {
        /// The label.
        label: Label,
        /// Where its prediction files would be.
        expected: PathBuf,
        /// Which labels there are, or what comes first.
        next: String,
    },
    /// None of the label's folders can be scored.
    #[error("nothing of `{label}` can be scored: {reason}")]
    NothingToScore {
        /// The label.
        label: Label,
        /// What stands in the way of the first folder that the data set holds.
        reason: UnscoredReason,
    },
    /// The label has prediction files without a single answer, as failed starts leave them.
    #[error("nothing of `{label}` can be scored: none of its questions was answered")]
    NothingAnswered {
        /// The label.
        label: Label,
    },
    /// Intensities of stimuli contradict each other.
    #[error(transparent)]
    Psychometrics(#[from] PsychometricDefect),
    /// The labels cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Doubts about labels that do not fit the data.
    #[error(transparent)]
    Doubts(#[from] DoubtsError),
    /// The report cannot be made.
    #[error(transparent)]
    Results(#[from] ResultsError),
}
