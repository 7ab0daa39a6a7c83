//! Sets of records: planned, made, written.

mod manifest;
mod options;
mod pad;
mod plan;
mod readme;
mod record;
mod smoke;
mod stand_in;
mod write;

pub(crate) use manifest::{MEDIUM_LIMIT, Manifest};
pub use options::{Difficulty, SetKind, SetOptions};
pub use write::{Progress, SetSummary, generate, holds};
