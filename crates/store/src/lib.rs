//! What a run leaves on disk under its label: journals, prediction files, manifest and lock.
//!
//! Nothing here asks a model, so reading and writing a label needs neither a network nor an
//! asynchronous runtime.

mod alignment;
mod discovery;
mod failure_kind;
mod journal;
mod label;
mod label_session;
mod ledger;
mod lock;
mod manifest;
mod open_label;
mod outcome;
mod precomputed;
mod prediction_file;
mod recorder;
mod session;

pub use alignment::Misalignment;
pub use discovery::Discovery;
pub use failure_kind::FailureKind;
pub use journal::{Entry, EntryError, JOURNAL_VERSION, Journal, JournalError, read_journal};
pub use label::{Label, LabelError};
pub use label_session::{ClosedSession, LabelSession, SessionRecord};
pub use ledger::{Ledger, LedgerError, Notice};
pub use lock::{LockError, RunLock};
pub use manifest::{
    DataIdentity, Identity, IdentityDifference, Manifest, ManifestError, ManifestProblem,
};
pub use open_label::{FolderSamples, OnDifference, OpenError, OpenFolder, OpenLabel, Opening};
pub use outcome::{ErrorCounts, Outcome, OutcomeCounts, Spending};
pub use precomputed::Precomputed;
pub use prediction_file::{ExpectedShape, PredictionError, read_predictions, write_predictions};
pub use recorder::{Recorded, Recorder};
pub use session::{Session, SessionEffort, SessionEnd};
