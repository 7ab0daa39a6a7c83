//! Bounds of a score that hold at all times while its questions are asked in a random order, so that a run
//! may stop as soon as they are narrow.

mod plan;
mod target;
mod walk;

pub use plan::{SequencePlan, SequencePlanError, SequenceUnit};
pub use target::{SequenceTarget, UnknownSequenceTarget};
pub use walk::SequenceWalk;
