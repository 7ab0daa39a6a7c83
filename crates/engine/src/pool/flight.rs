//! A request in flight, and a sample that waits for its next try.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use tokio::time::Instant;

use super::limit::Epoch;
use super::retry::Tries;
use super::window::Ticket;
use crate::Job;
use crate::estimate::Estimate;
use crate::event::JobName;

/// A job with what has happened to it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) job: Job,
    pub(crate) tries: Tries,
}

impl Slot {
    pub(crate) fn name(&self) -> JobName {
        JobName {
            folder: self.job.folder,
            position: self.job.position,
            id: self.job.sample.id.clone(),
        }
    }
}

/// A request in flight.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) slot: usize,
    pub(crate) replica: usize,
    pub(crate) epoch: Epoch,
    pub(crate) tokens: Option<Ticket>,
    /// As it was estimated; nothing where nobody needs it.
    pub(crate) estimate: Estimate,
}

/// Slots that are to be asked: first the retries that are due, then those never asked.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    fresh: VecDeque<usize>,
    /// By time, then by slot.
    retries: BinaryHeap<Reverse<(Instant, usize)>>,
}

impl Queue {
    pub(crate) fn new(slots: impl IntoIterator<Item = usize>) -> Self {
        Self { fresh: slots.into_iter().collect(), retries: BinaryHeap::new() }
    }

    /// The next slot to ask, or when there will be one; `Err(None)` if none is left.
    pub(crate) fn peek(&self, now: Instant) -> Result<usize, Option<Instant>> {
        let retry = self.retries.peek().map(|Reverse(retry)| *retry);
        match (retry, self.fresh.front()) {
            (Some((due, slot)), _) if due <= now => Ok(slot),
            (_, Some(&slot)) => Ok(slot),
            (retry, None) => Err(retry.map(|(due, _)| due)),
        }
    }

    /// Removes what [`Self::peek`] gave for the same `now`.
    pub(crate) fn pop(&mut self, now: Instant) {
        match self.retries.peek() {
            Some(Reverse((due, _))) if *due <= now => drop(self.retries.pop()),
            _ => drop(self.fresh.pop_front()),
        }
    }

    pub(crate) fn push_retry(&mut self, slot: usize, due: Instant) {
        self.retries.push(Reverse((due, slot)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.retries.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.fresh.clear();
        self.retries.clear();
    }
}
