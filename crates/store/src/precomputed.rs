//! Answers that are known without asking a model.

use avibench_protocol::Position;
use serde_json::Value;

use crate::ledger::Ledger;

/// An answer that needs no request: one that a formatting rule could read, or one that is made of
/// a reply that an earlier run has paid for.
#[derive(Debug, Clone, PartialEq)]
pub struct Precomputed {
    /// The sample's place in its folder.
    pub position: Position,
    /// The answer, as the prediction file gets it.
    pub answer: String,
    /// The model's words that the answer was made of, if they are not the answer itself. They stay
    /// in the journal.
    pub reply: Option<String>,
    /// What alone decides the answer, as in [`Entry::source`](crate::Entry::source).
    pub source: Option<String>,
    /// Where the answer came from; it stands in the journal as [`Entry::note`](crate::Entry::note).
    pub note: Value,
    /// What the answer says by a careful reading, as in [`Entry::reading`](crate::Entry::reading).
    pub reading: Option<Value>,
}

impl Precomputed {
    /// Whether a label holds this very answer already.
    #[must_use]
    pub fn is_in(&self, ledger: &Ledger) -> bool {
        ledger.holds(self.position, self.source.as_deref(), &self.answer)
    }
}
