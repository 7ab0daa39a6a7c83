//! What the journal says of a further epoch of a folder. There is no prediction file of it: the journal
//! is the only place where its answers stand.

use avibench_protocol::Position;

use crate::{AskOutcome, Entry};

/// What became of the samples of a folder in one epoch.
#[derive(Debug, Clone)]
pub(crate) struct EpochAnswers {
    /// By position.
    slots: Vec<EpochSlot>,
}

/// What became of a sample.
#[derive(Debug, Clone, Default)]
struct EpochSlot {
    outcome: Option<AskOutcome>,
    /// What the journal says its answer was made of.
    source: Option<String>,
}

impl EpochAnswers {
    /// Nothing is known of so many samples.
    pub(crate) fn new(samples: usize) -> Self {
        Self { slots: vec![EpochSlot::default(); samples] }
    }

    /// Takes in what a line says: an answer replaces what was there, a failure no answer.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        let Some(slot) = self.slots.get_mut(entry.position.0) else { return };
        if entry.outcome == AskOutcome::NotAttempted {
            return;
        }
        slot.outcome = Some(AskOutcome::standing(slot.outcome, entry.outcome));
        if entry.outcome.has_answer() {
            slot.source.clone_from(&entry.source);
        }
    }

    /// How the sample ended; `None` if nobody asked it.
    pub(crate) fn outcome(&self, position: Position) -> Option<AskOutcome> {
        self.slots.get(position.0)?.outcome
    }

    /// Whether the sample has an answer that was not made of another source than `source`.
    pub(crate) fn has_answer(&self, position: Position, source: Option<&str>) -> bool {
        let Some(slot) = self.slots.get(position.0) else { return false };
        let is_fresh = match (source, slot.source.as_deref()) {
            (Some(wanted), Some(known)) => wanted == known,
            _ => true,
        };
        slot.outcome.is_some_and(AskOutcome::has_answer) && is_fresh
    }
}
