//! Batches: a run's requests as files, and what comes of them as a run's answers.
//!
//! ```text
//! <export>/
//!   export.json              what was exported, for which label, and the digests of all files
//!   index.jsonl              one line a request: its custom_id and the hash of what it asks
//!   requests-001.jsonl       the requests, in the form of the provider
//!   submission.json          what was uploaded where, as far as `submit` came
//!   results-001.jsonl        what came back, as `fetch` got it
//! ```
//!
//! [`Export`] writes the first three, all or none of them. [`Submission`] brings the requests to a service
//! and fetches what it made of them. [`Import`] reads results from wherever they came into the journals of
//! the label. Requests are made, and answers read, by `avibench-engine`.

mod custom_id;
mod export;
mod export_manifest;
mod import;
mod import_summary;
mod index;
mod limits;
mod remote;
mod result_lines;
mod submission;

pub use custom_id::{CustomId, CustomIdError};
pub use export::{Export, ExportError, ExportSummary, LeftOut, LeftOutReason};
pub use export_manifest::{ExportManifest, ExportManifestError, ExportedFile};
pub use import::{Import, ImportError};
pub use import_summary::{ImportSummary, Unreadable};
pub use index::IndexLine;
pub use limits::ExportLimits;
pub use remote::{BatchCounts, BatchStatus, RemoteError, SubmitStep};
pub use result_lines::{RawResult, ResultLines};
pub use submission::{Submission, SubmissionError, SubmittedFile};
