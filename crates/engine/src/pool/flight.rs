//! A request in flight, and a sample that waits for its next try.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use avibench_store::Epoch;

use tokio::time::Instant;

use super::limit::LimitTerm;
use super::retry::Tries;
use super::window::Ticket;
use crate::Job;
use crate::estimate::Estimate;
use crate::event::JobName;

/// A job with what has happened to it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) job: Arc<Job>,
    /// Which repeat of the question it is.
    pub(crate) epoch: Epoch,
    pub(crate) tries: Tries,
}

impl Slot {
    pub(crate) fn name(&self) -> JobName {
        JobName {
            folder: self.job.folder,
            position: self.job.position,
            epoch: self.epoch,
            id: self.job.sample.id.clone(),
        }
    }
}

/// A request in flight.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) slot: usize,
    pub(crate) replica: usize,
    pub(crate) term: LimitTerm,
    pub(crate) tokens: Option<Ticket>,
    /// Whether it is to show if a server that only refuses answers again.
    pub(crate) is_probe: bool,
    /// As it was estimated; nothing where nobody needs it.
    pub(crate) estimate: Estimate,
}

/// Slots that are to be asked: first the retries that are due, then those never asked.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The one that goes before all others.
    first: Option<usize>,
    fresh: VecDeque<usize>,
    /// By time, then by slot.
    retries: BinaryHeap<Reverse<(Instant, usize)>>,
}

impl Queue {
    pub(crate) fn new(slots: impl IntoIterator<Item = usize>) -> Self {
        Self { first: None, fresh: slots.into_iter().collect(), retries: BinaryHeap::new() }
    }

    /// The next slot to ask, or when there will be one; `Err(None)` if none is left.
    pub(crate) fn peek(&self, now: Instant) -> Result<usize, Option<Instant>> {
        if let Some(first) = self.first {
            return Ok(first);
        }
        let retry = self.retries.peek().map(|Reverse(retry)| *retry);
        match (retry, self.fresh.front()) {
            (Some((due, slot)), _) if due <= now => Ok(slot),
            (_, Some(&slot)) => Ok(slot),
            (retry, None) => Err(retry.map(|(due, _)| due)),
        }
    }

    /// Removes what [`Self::peek`] gave for the same `now`.
    pub(crate) fn pop(&mut self, now: Instant) {
        if self.first.take().is_some() {
            return;
        }
        match self.retries.peek() {
            Some(Reverse((due, _))) if *due <= now => drop(self.retries.pop()),
            _ => drop(self.fresh.pop_front()),
        }
    }

    pub(crate) fn push_retry(&mut self, slot: usize, due: Instant) {
        self.retries.push(Reverse((due, slot)));
    }

    /// Puts the smallest of those that are due before all others, so that it is the next.
    pub(crate) fn put_smallest_first(&mut self, now: Instant, size: impl Fn(usize) -> u64) {
        if self.first.is_some() {
            return;
        }
        let due = self.retries.iter().filter(|Reverse((due, _))| *due <= now);
        let retry = due.map(|Reverse((_, slot))| *slot).min_by_key(|&slot| size(slot));
        let fresh = self.fresh.front().copied();
        let smallest = retry.into_iter().chain(fresh).min_by_key(|&slot| size(slot));
        if smallest.is_some() && smallest == fresh {
            self.fresh.pop_front();
        } else if let Some(smallest) = smallest {
            self.retries.retain(|Reverse((_, slot))| *slot != smallest);
        }
        self.first = smallest;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.fresh.is_empty() && self.retries.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.first = None;
        self.fresh.clear();
        self.retries.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_smallest_that_is_due_goes_first() {
        let now = Instant::now();
        let size = |slot: usize| [50, 40, 5, 10, 20][slot];
        let mut queue = Queue::new([0, 1]);
        queue.push_retry(2, now + Duration::from_secs(9));
        queue.push_retry(3, now);
        queue.push_retry(4, now);
        queue.put_smallest_first(now, size);
        queue.put_smallest_first(now, |slot| 100 - size(slot));
        let mut order = Vec::new();
        while let Ok(slot) = queue.peek(now) {
            queue.pop(now);
            order.push(slot);
        }
        assert_eq!(order, [3, 4, 0, 1], "and nothing is lost");
        queue.push_retry(1, now);
        let mut queue = Queue::new([3]);
        queue.put_smallest_first(now, size);
        assert_eq!(queue.peek(now), Ok(3));
        assert!(!queue.is_empty());
        queue.pop(now);
        assert!(queue.is_empty());
    }
}
