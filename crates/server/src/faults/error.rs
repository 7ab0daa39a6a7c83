//! What can be wrong with a fault plan.

use thiserror::Error;

/// A fault plan that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultPlanError {
    /// The text is not TOML, or a top-level field is unknown or of the wrong type.
    #[error("fault plan: {0}")]
    Toml(String),
    /// One fault is wrong.
    #[error("fault {place}: {reason}")]
    Fault {
        /// The fault's number in the plan (from 1), or its words.
        place: String,
        /// What is wrong, with the fields that are known.
        reason: String,
    },
}
