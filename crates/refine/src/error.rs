//! Why a label's answers cannot be formatted.

use std::path::PathBuf;

use avibench_engine::RunError;
use avibench_protocol::Folder;
use avibench_store::{Label, LedgerError, PredictionError};

/// Why a label's answers cannot be formatted.
#[derive(Debug, thiserror::Error)]
pub enum RefineError {
    /// There is no label of this name.
    #[error("no answers under the label `{label}`: expected {}", expected.display())]
    NoAnswers {
        /// The label.
        label: Label,
        /// Where its prediction files would be.
        expected: PathBuf,
    },
    /// The label has answers, but none to the folders at hand.
    #[error("{} holds no answers to the chosen folders", path.display())]
    NoFolders {
        /// Where its prediction files are.
        path: PathBuf,
    },
    /// The answers are to another data set.
    #[error(
        "{} answers another data.json of {folder} than {} holds: give the --data-root that the \
         run had, or ask again under another label",
        path.display(), data.display()
    )]
    OtherData {
        /// The folder.
        folder: Folder,
        /// The prediction file.
        path: PathBuf,
        /// The data at hand.
        data: PathBuf,
    },
    /// A prediction file cannot be used.
    #[error(transparent)]
    Predictions(#[from] PredictionError),
    /// The files of the run that asked cannot be used.
    #[error(transparent)]
    Answers(#[from] LedgerError),
    /// The run that formats cannot begin.
    #[error(transparent)]
    Run(#[from] RunError),
}
