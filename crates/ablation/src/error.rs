//! What can go wrong between a medium and what an ablation makes of it.

use std::io;
use std::path::PathBuf;

use avibench_files::FileError;
use avibench_media::MediaError;

/// Why a rewritten medium is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// A medium cannot be read from disk.
    #[error("cannot read medium {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A medium is damaged, or of a kind that cannot be rewritten.
    #[error(
        "cannot rewrite medium {} for the ablation: {reason} (`avibench doctor` checks all media \
         of a data set)",
        path.display()
    )]
    Medium {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: MediaError,
    },
    /// The folder of rewritten media cannot be used.
    #[error(transparent)]
    Folder(#[from] FileError),
}
