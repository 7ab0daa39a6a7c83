//! Why a label cannot be exported, and what had to be left out.

use std::path::PathBuf;

use avibench_files::FileError;
use avibench_protocol::{DatasetError, Folder};
use avibench_results::ResultsError;
use avibench_store::{JournalError, ManifestError};

/// Why a label cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ReadLabelError {
    /// Report or rows cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// The rows lack the texts that the export is to hold.
    #[error(
        "{} was scored with --slim, so that its rows hold no questions, truths and answers; score it again \
         without --slim, or export it with --public",
        path.display()
    )]
    Slim {
        /// The report.
        path: PathBuf,
    },
    /// Rows that are not one a sample and mode.
    #[error("{}: the rows of {folder} are not one a sample and mode; score the label again", path.display())]
    Unpaired {
        /// The report.
        path: PathBuf,
        /// Whose rows.
        folder: Folder,
    },
}

/// What had to be left out of an export, and why.
#[derive(Debug, thiserror::Error)]
pub enum ExportNote {
    /// A journal cannot be read.
    #[error("{0}; errors, refusals and times of its samples are left out")]
    Journal(JournalError),
    /// `run.json` cannot be read.
    #[error("{0}; when the run began and ended is left out")]
    Manifest(ManifestError),
    /// The data set has other samples than those that were scored.
    #[error(
        "data.json of {0} is not the one that was scored against (its hash differs), so that media and prompts \
         of {0} are left out; name the right data set with --data-root"
    )]
    OtherData(Folder),
    /// A folder of the data set cannot be read.
    #[error("{error}; media and prompts of {folder} are left out")]
    BrokenData {
        /// The folder.
        folder: Folder,
        /// What is wrong with it.
        error: DatasetError,
    },
    /// There is no data set, or it lacks folders that were scored.
    #[error(
        "the data set is not at hand, so that media and prompts are left out; name it with --data-root"
    )]
    NoData,
}
