//! A run that asks in a random order until a score is known well enough: what decided the order, and how
//! much of it counts.

use std::fmt;
use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::{NotJson, read_json_as};
use serde::{Deserialize, Serialize};

/// The file's name in a label's folder.
pub const SEQUENCE_FILE: &str = "until.json";

const VERSION: u32 = 1;

const LIMIT: SizeLimit =
    SizeLimit::new(1 << 20, "remove it: the same `avibench run` writes it again");

/// What decides the random order in which a run asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceIdentity {
    /// The score that is to be known: `overall`, a stage or a task.
    pub of: String,
    /// What the order follows from, beside the data.
    pub seed: u64,
}

/// How far such a run came, in `until.json` beside `run.json`.
///
/// Only the beginning of the order counts, up to the first question that was open when the run stopped. What
/// came back beyond it was quicker than what did not, and would mislead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SequenceRecord {
    /// Version of the format.
    pub version: u32,
    /// What decides the order.
    #[serde(flatten)]
    pub identity: SequenceIdentity,
    /// The half-width at which the run stops, 0 to 1.
    pub half_width: f64,
    /// How many questions of the order the run counted when its bounds were that narrow; null until they are.
    pub counted: Option<usize>,
    /// How many questions the order has.
    pub questions: usize,
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SequenceRecordError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no such record.
    #[error("{} is not what `run --until` writes: {reason}; the same `avibench run` writes it again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: NotJson,
    },
    /// A later program wrote it.
    #[error(
        "{} has version {found}, and this program knows {VERSION}; go on with the version that wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
}

impl SequenceRecord {
    /// A record of a run that begins.
    #[must_use]
    pub const fn new(identity: SequenceIdentity, half_width: f64, questions: usize) -> Self {
        Self { version: VERSION, identity, half_width, counted: None, questions }
    }

    /// Reads the record of a label's folder; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it is there and cannot be read, or a later program wrote it.
    pub fn read(directory: &Path) -> Result<Option<Self>, SequenceRecordError> {
        let path = directory.join(SEQUENCE_FILE);
        let Some(bytes) = LIMIT.read_if_any(&path)? else { return Ok(None) };
        let record: Self = read_json_as(&bytes)
            .map_err(|reason| SequenceRecordError::Format { path: path.clone(), reason })?;
        if record.version > VERSION {
            return Err(SequenceRecordError::Newer { path, found: record.version });
        }
        Ok(Some(record))
    }

    /// Writes it into a label's folder, which has to be there; whole or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, directory: &Path) -> Result<(), FileError> {
        write_atomic(&directory.join(SEQUENCE_FILE), |out| {
            serde_json::to_writer_pretty(&mut *out, self).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        })
    }
}

impl fmt::Display for SequenceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "until {} is known, seed {}", self.of, self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_is_written_and_a_newer_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(SequenceRecord::read(directory.path()).unwrap().is_none());
        let identity = SequenceIdentity { of: "AVQA".to_owned(), seed: 7 };
        let record =
            SequenceRecord { counted: Some(12), ..SequenceRecord::new(identity, 0.02, 469) };
        record.write(directory.path()).unwrap();
        assert_eq!(SequenceRecord::read(directory.path()).unwrap(), Some(record.clone()));
        let newer = SequenceRecord { version: VERSION + 1, ..record };
        newer.write(directory.path()).unwrap();
        let error = SequenceRecord::read(directory.path()).unwrap_err().to_string();
        assert!(error.contains("has version 2, and this program knows 1"), "{error}");
        std::fs::write(directory.path().join(SEQUENCE_FILE), "{}").unwrap();
        let error = SequenceRecord::read(directory.path()).unwrap_err().to_string();
        assert!(error.contains("until.json is not what `run --until` writes"), "{error}");
    }
}
