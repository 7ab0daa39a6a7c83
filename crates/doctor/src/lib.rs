//! Looks a data set over before any model is asked: its records, and every medium decoded from
//! beginning to end.
//!
//! Records, media paths and media are read by the same code as in a run, so what is found here is
//! what a run would meet. Nothing is changed, and nothing goes over a network.

mod examination;
mod finding;
mod medium;
mod records;
mod summary;

use avibench_protocol::FolderData;

pub use examination::{Examination, examine};
pub use finding::{DataFinding, FindingKind, Weight};
pub use summary::{FolderSummary, Range};

/// How many of a folder's ground truths make no sense, by the rules of [`examine`] and without a look
/// at any medium: boxes without an area or outside of their picture, candidates that are not there,
/// answers that are not among the options, and such.
#[must_use]
pub fn nonsense(data: &FolderData) -> usize {
    records::nonsense(data)
}
