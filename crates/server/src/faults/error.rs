//! What can be wrong with a fault plan.

use thiserror::Error;

use crate::faults::condition::Condition;

/// A fault plan that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultPlanError {
    /// The text is not TOML, or a top-level field is unknown or of the wrong type.
    #[error("fault plan: {0}")]
    Toml(String),
    /// One fault is wrong.
    #[error("fault {place}: {problem}")]
    Fault {
        /// The fault's number in the plan (from 1), or its words.
        place: String,
        /// What is wrong.
        problem: FaultProblem,
    },
}

/// What is wrong with one fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultProblem {
    /// A word that should be a setting.
    #[error("expected name=value, found {0:?}")]
    NoSetting(String),
    /// A setting that stands twice.
    #[error("{0} is given twice")]
    Repeated(String),
    /// A condition of the wrong type.
    #[error("{0}")]
    Condition(String),
    /// A kind or setting that is missing, unknown or of the wrong type.
    #[error("{message} (conditions are {conditions})", conditions = Condition::FIELDS.join(", "))]
    Setting {
        /// What is wrong, with the names that are known.
        message: String,
    },
    /// A number outside its range.
    #[error("{0}")]
    OutOfRange(&'static str),
}
