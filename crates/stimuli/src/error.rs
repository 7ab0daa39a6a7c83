//! What can go wrong while a set is made or checked.

use std::path::PathBuf;

use avibench_files::FileError;
use avibench_media::MediaError;
use avibench_protocol::DatasetError;

/// A set that could not be made or checked.
#[derive(Debug, thiserror::Error)]
pub enum StimuliError {
    /// An option that makes no sense.
    #[error("{0}")]
    Options(String),
    /// The output folder holds something else.
    #[error(
        "{} is not empty and holds no set made by this program; choose another folder, or add to \
         it with --force (nothing of yours is removed)",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The output folder holds a dataset that is not ours; it is never replaced.
    #[error(
        "{} holds a dataset that this program did not make; it is never replaced: choose another \
         folder",
        path.display()
    )]
    ForeignDataset {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a set of ours that another one would replace.
    #[error(
        "{} holds another generated set ({difference}): answers to it would no longer fit; choose \
         another folder, or replace it with --force",
        path.display()
    )]
    OtherSet {
        /// The folder.
        path: PathBuf,
        /// In what the sets differ, as it was and as it is now.
        difference: String,
    },
    /// A folder or file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A medium could not be encoded or decoded.
    #[error("{medium}: {source}")]
    Medium {
        /// The file, or the record it was made for.
        medium: String,
        /// What the codec said.
        source: MediaError,
    },
    /// The set cannot be read back.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// There is no manifest, or it does not describe a generated set.
    #[error(
        "{} is no manifest of a generated set: {reason}; make the set again with `avibench synth`",
        path.display()
    )]
    Manifest {
        /// Where it was looked for.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}
