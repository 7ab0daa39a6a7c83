//! What a run leaves on disk: journal, prediction files, manifest, lock.

mod journal;
mod ledger;
mod lock;
mod manifest;
mod recorder;

pub use journal::{Entry, EntryError, JOURNAL_VERSION, Journal, JournalError, read_journal};
pub(crate) use ledger::Ledger;
pub use ledger::{LedgerError, Notice};
pub use lock::LockError;
pub(crate) use lock::RunLock;
pub use manifest::{DataIdentity, Difference, Identity, Manifest, ManifestError, Session};
pub(crate) use recorder::{Recorded, Recorder};
