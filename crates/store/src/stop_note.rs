//! What a finish reason tells of an answer beside its outcome.

use crate::{AskOutcome, FinishReason};

/// Something that a person should know of why a model stopped, and that no outcome says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopNote {
    /// The answer is empty because the budget of tokens was used up before any text came.
    BudgetSpent,
    /// The answer counts as whole, and the server's word for its end is not known.
    UnknownReason,
}

impl StopNote {
    /// What `reason`, the server's word, tells of a sample that ended like this.
    #[must_use]
    pub fn of(outcome: AskOutcome, reason: &str) -> Option<Self> {
        match (outcome, FinishReason::of(reason)) {
            (AskOutcome::Empty, FinishReason::Length) => Some(Self::BudgetSpent),
            (AskOutcome::Answered, FinishReason::Unknown) if !reason.trim().is_empty() => {
                Some(Self::UnknownReason)
            }
            _ => None,
        }
    }
}
