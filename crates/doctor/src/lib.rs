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

pub use examination::{Examination, examine};
pub use finding::{DataFinding, FindingKind, Weight};
pub use summary::{FolderSummary, Range};
