//! What a person should know while answers are formatted.

use std::path::PathBuf;

use avibench_store::{JournalError, Misalignment};

use crate::RefineError;

/// Something that was noticed.
#[derive(Debug, thiserror::Error)]
pub enum RefineNote {
    /// The manifest of the run that asked cannot be read.
    #[error(
        "{} cannot be read: whether the answers are to this data set is not checked",
        path.display()
    )]
    Manifest {
        /// The manifest.
        path: PathBuf,
    },
    /// The run that asked has not asked everything that it planned.
    #[error("{0}")]
    Unfinished(String),
    /// Shards of the run that asked are not merged.
    #[error("{0}")]
    Unmerged(String),
    /// The journal of the run that asked cannot be read.
    #[error("{0}; answers that only it holds are left out")]
    Journal(JournalError),
    /// A folder of the label cannot be formatted.
    #[error("left out: {reason}")]
    LeftOut {
        /// What stands in the way, with the file.
        reason: Box<RefineError>,
    },
    /// Answers seem to be to other questions.
    #[error("{}: {misalignment}: is the file of this data set?", path.display())]
    Misaligned {
        /// The prediction file.
        path: PathBuf,
        /// How many answers, and how.
        misalignment: Misalignment,
    },
    /// Answers that are no text.
    #[error(
        "{}: {count} answers are no text, the first at {first}; they count as missing",
        path.display()
    )]
    NotText {
        /// The prediction file.
        path: PathBuf,
        /// How many.
        count: usize,
        /// Position of the first.
        first: usize,
    },
    /// A journal of earlier replies cannot be read.
    #[error("{0}; its replies are not reused")]
    Replies(JournalError),
    /// A repeat found replies of an interrupted one.
    #[error(
        "repeat {number} of {repeats}: {found} replies were there already (remove {} to ask anew)",
        directory.display()
    )]
    RepeatContinued {
        /// Which repeat, from 1.
        number: u32,
        /// Of how many.
        repeats: u32,
        /// Replies that it found.
        found: usize,
        /// Where they are.
        directory: PathBuf,
    },
    /// A repeat asked for everything itself.
    #[error("repeat {number} of {repeats} is done")]
    RepeatDone {
        /// Which repeat, from 1.
        number: u32,
        /// Of how many.
        repeats: u32,
    },
}

impl RefineNote {
    /// Whether something may be wrong, rather than only worth saying.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        !matches!(self, Self::RepeatContinued { .. } | Self::RepeatDone { .. })
    }

    /// Whether a file could not be used, so that the command has not done all that it was to do.
    #[must_use]
    pub const fn is_defect(&self) -> bool {
        match self {
            Self::Manifest { .. }
            | Self::Journal(_)
            | Self::LeftOut { .. }
            | Self::Misaligned { .. }
            | Self::NotText { .. }
            | Self::Replies(_) => true,
            Self::Unfinished(_)
            | Self::Unmerged(_)
            | Self::RepeatContinued { .. }
            | Self::RepeatDone { .. } => false,
        }
    }
}
