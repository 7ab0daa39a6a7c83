//! What a person should know about a label, while assessing it goes on.

use std::path::{Path, PathBuf};

use avibench_probe::ProbeFileError;
use avibench_protocol::{Folder, Position, SampleError};
use avibench_score::{Warning, WarningKind};
use avibench_store::{DamagedLine, JournalError, Label, ManifestError, Misalignment};

use crate::ProvenanceError;

/// Something that was noticed. None of it changes a verdict.
#[derive(Debug, thiserror::Error)]
pub enum AssessNote {
    /// Answers seem to be to other questions.
    #[error("{}: {misalignment}: is the file of this data set?", path.display())]
    Misaligned {
        /// The prediction file.
        path: PathBuf,
        /// How many answers, and how.
        misalignment: Misalignment,
    },
    /// Slots of a prediction file hold neither a record nor null.
    #[error(
        "{}: {} no record, the first at position {first}, which holds {found}; what holds none \
         counts as a null slot",
        path.display(),
        if *count == 1 { "1 slot holds".to_owned() } else { format!("{count} slots hold") }
    )]
    WithoutRecord {
        /// The prediction file.
        path: PathBuf,
        /// How many slots.
        count: usize,
        /// The first of them.
        first: Position,
        /// What it holds.
        found: &'static str,
    },
    /// The description of a stimulus cannot be read.
    #[error(
        "{}, record {position}: {error}{}; what cannot be read counts for no threshold",
        path.display(),
        if *more == 0 { String::new() } else { format!(", and so in {more} more") }
    )]
    Stimulus {
        /// The data file.
        path: PathBuf,
        /// The first record with such a stimulus.
        position: Position,
        /// What is wrong with it.
        error: SampleError,
        /// How many others the file has.
        more: usize,
    },
    /// The run has not asked everything that it planned.
    #[error("{0}")]
    Unfinished(String),
    /// Shards of the run, or of its formatted answers, are not merged.
    #[error("{0}")]
    Unmerged(String),
    /// What decides how much of a random order counts cannot be used.
    #[error("{0}. Until then every answer counts, quick ones more often than slow ones")]
    Sequence(String),
    /// Answers of the run that stand in no formatted file.
    #[error(
        "{folder}: {count} answers of the run are not formatted and count as missing; \
         `avibench refine` formats them"
    )]
    Unformatted {
        /// The folder.
        folder: Folder,
        /// How many.
        count: usize,
    },
    /// Answers of the run that changed after they were formatted.
    #[error(
        "{folder}: {count} answers of the run are no longer those that were formatted: official \
         scoring reads the formatted ones, strict scoring those of the run; `avibench refine` formats \
         them anew"
    )]
    Changed {
        /// The folder.
        folder: Folder,
        /// How many.
        count: usize,
    },
    /// A record of a prediction file, or its ground truth, cannot be used.
    #[error("{0}")]
    Record(Warning),
    /// The manifest of a run cannot be read.
    #[error("{0}; what was asked is left out")]
    Manifest(ManifestError),
    /// What a probe found out cannot be read.
    #[error("{0}; what the endpoint receives is left out")]
    Probe(ProbeFileError),
    /// A probe was of another model, or of another way to it.
    #[error(
        "{} is about another model, packing or parameters than run.json, and is left out",
        path.display()
    )]
    ProbeOfAnother {
        /// The file.
        path: PathBuf,
    },
    /// The journal of a run cannot be read.
    #[error("{error}; tokens and latency of {folder} are left out")]
    Journal {
        /// The folder.
        folder: Folder,
        /// What is wrong with it.
        error: JournalError,
    },
    /// Lines of a journal cannot be read.
    #[error(
        "{}: {} and {} left out; the next `avibench run` or `avibench refine` under the label moves {} to \
         a file beside it",
        path.display(),
        if *count == 1 {
            format!("line {line} (byte {byte}) cannot be read")
        } else {
            format!("{count} lines cannot be read, the first at line {line} (byte {byte}),")
        },
        if *count == 1 { "is" } else { "are" },
        if *count == 1 { "it" } else { "them" }
    )]
    DamagedLines {
        /// The journal.
        path: PathBuf,
        /// How many lines.
        count: usize,
        /// The first of them, from 1.
        line: usize,
        /// Where it begins.
        byte: usize,
    },
    /// The journal of formatted answers, or the formatted answers themselves, cannot be read.
    #[error("the provenance of formatted answers cannot be counted: {0}")]
    Provenance(ProvenanceError),
    /// What the caption models said about a caption.
    #[error("{0}")]
    Caption(String),
}

impl AssessNote {
    /// Whether a file could not be used as it should be.
    #[must_use]
    pub const fn is_defect(&self) -> bool {
        match self {
            Self::Misaligned { .. }
            | Self::WithoutRecord { .. }
            | Self::Manifest(_)
            | Self::Sequence(_)
            | Self::Probe(_)
            | Self::Journal { .. }
            | Self::DamagedLines { .. }
            | Self::Provenance(_) => true,
            Self::Record(warning) => matches!(warning.kind, WarningKind::NotText),
            Self::Stimulus { .. }
            | Self::ProbeOfAnother { .. }
            | Self::Unfinished(_)
            | Self::Unmerged(_)
            | Self::Unformatted { .. }
            | Self::Changed { .. }
            | Self::Caption(_) => false,
        }
    }

    /// What to say of a journal's lines that cannot be read; there is at least one.
    pub(crate) fn damaged_journal(
        root: &Path,
        label: &Label,
        folder: Folder,
        damaged: &[DamagedLine],
    ) -> Self {
        let path = root.join(label.as_str()).join("journal").join(format!("{folder}.jsonl"));
        let (line, byte) = damaged.first().map_or((0, 0), |first| (first.line, first.byte));
        Self::DamagedLines { path, count: damaged.len(), line, byte }
    }
}
