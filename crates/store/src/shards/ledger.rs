//! `shards.json`: which shards were merged into a label, and what each has done.
//!
//! Version 1; fields may be added, and readers ignore what they do not know.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::{NotJson, read_json_as};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shard;
use crate::{Label, SessionEffort, SessionEnd};

/// The name of the file below the folder of a label.
pub const SHARDS_FILE: &str = "shards.json";

const VERSION: u32 = 1;

/// A shard takes about a kilobyte.
const LIMIT: SizeLimit =
    SizeLimit::new(256 << 20, "remove it and merge the shards again, which writes it anew");

/// What was merged into a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardLedger {
    /// Version of the format.
    pub version: u32,
    /// The label.
    pub label: Label,
    /// How many shards there are.
    pub of: u32,
    /// Samples of the whole run.
    pub samples: usize,
    /// Lower-case hex SHA-256 of which samples these are.
    pub selection: String,
    /// How many records of each folder's beginning are asked, if that is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_samples: Option<usize>,
    /// The programs that asked, with version and commit; several only where that was forced.
    pub programs: Vec<String>,
    /// Shards that were merged, lowest first.
    pub shards: Vec<LedgerShard>,
}

/// What a shard has done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerShard {
    /// Which it is.
    pub shard: Shard,
    /// Machines that it ran on; none where the system does not tell.
    pub machines: Vec<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When its last session ended; none if that was killed or still goes on.
    pub ended: Option<Timestamp>,
    /// Why its last session ended.
    pub end: Option<SessionEnd>,
    /// Seconds that its sessions took together.
    pub seconds: f64,
    /// How often it was started.
    pub sessions: usize,
    /// Samples that are its part.
    pub selected: usize,
    /// Samples of its part that have an answer, be it an empty one or a refusal.
    pub done: usize,
    /// Length in bytes of its journals below the label, as they were merged; 0 if it lay elsewhere.
    pub journal_bytes: u64,
    /// Requests, errors, tokens and money of its sessions.
    #[serde(flatten)]
    pub effort: SessionEffort,
}

/// A ledger that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ShardLedgerError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no ledger.
    #[error(
        "{} is no ledger of shards: {reason}; remove it and merge the shards again, which writes it anew",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: NotJson,
    },
    /// A later program wrote it.
    #[error(
        "{}: version {version} is newer than this program's ({VERSION}); go on with the version that \
         wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

impl ShardLedger {
    /// The version that this program writes.
    pub(crate) const VERSION: u32 = VERSION;

    /// Reads the ledger of the label whose folder is `directory`; `None` if nothing was merged there.
    ///
    /// # Errors
    ///
    /// If it is there and cannot be read.
    pub fn read(directory: &Path) -> Result<Option<Self>, ShardLedgerError> {
        let path = directory.join(SHARDS_FILE);
        let Some(bytes) = LIMIT.read_if_any(&path)? else { return Ok(None) };
        let ledger: Self = read_json_as(&bytes)
            .map_err(|reason| ShardLedgerError::Format { path: path.clone(), reason })?;
        if ledger.version > VERSION {
            return Err(ShardLedgerError::Newer { path, version: ledger.version });
        }
        Ok(Some(ledger))
    }

    /// Writes it atomically.
    pub(crate) fn write(&self, directory: &Path) -> Result<(), FileError> {
        write_atomic(&directory.join(SHARDS_FILE), |out| {
            serde_json::to_writer_pretty(&mut *out, self).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        })
    }

    /// What it says of a shard.
    #[must_use]
    pub fn shard(&self, shard: Shard) -> Option<&LedgerShard> {
        self.shards.iter().find(|known| known.shard == shard)
    }
}
