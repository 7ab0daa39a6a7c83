//! Why a label's answers cannot be formatted.

use std::path::PathBuf;

use avibench_engine::RunError;
use avibench_protocol::Folder;
use avibench_store::{
    IdentityDifference, JournalError, Label, LedgerError, ManifestError, PredictionError,
};

/// Why a label's answers cannot be formatted.
#[derive(Debug, thiserror::Error)]
pub enum RefineError {
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
    /// A part of the answers is to be formatted, and not all folders of the run are at hand.
    #[error(
        "--shard needs all folders that the run of `{label}` asked, so that parts are the same everywhere, and \
         {folder} is not among those at hand; leave out --tasks, or give the --data-root that the run had"
    )]
    PartOfFolders {
        /// The label.
        label: Label,
        /// A folder that the run asked.
        folder: Folder,
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
    /// Another refiner formatted the answers that the label holds.
    #[error(
        "the answers of `{label}` in {} were formatted otherwise: {}; replace them with --force, or \
         format into another --refined-dir",
        directory.display(),
        differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    OtherRefiner {
        /// The label.
        label: Label,
        /// Its formatted answers.
        directory: PathBuf,
        /// In what the refiners differ.
        differences: Vec<IdentityDifference>,
    },
    /// The manifest of formatted answers cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A journal of formatted answers cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run that formats cannot begin.
    #[error(transparent)]
    Run(#[from] RunError),
}
