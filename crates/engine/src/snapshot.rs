//! The state of a run as a progress display shows it, derived from the events alone.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use avibench_protocol::{Folder, Position, Stage};
use avibench_store::{
    AskOutcome, Epoch, ErrorCounts, FailureKind, OutcomeCounts, Spending, StopNote,
};
use serde::Serialize;
use tokio::time::Instant;

use crate::End;
use crate::event::Event;

/// Time over which the present rate is taken.
const RATE_WINDOW: Duration = Duration::from_mins(2);

/// The state of a run after some event.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Samples of each folder by outcome, in all epochs together.
    pub folders: BTreeMap<Folder, OutcomeCounts>,
    /// The same epoch by epoch.
    tallies: BTreeMap<(Folder, Epoch), OutcomeCounts>,
    /// Requests in flight.
    pub in_flight: usize,
    /// Requests that may be in flight now.
    pub limit: usize,
    /// Requests made in this session.
    pub requests: usize,
    /// Tries that failed and were made again.
    pub retries: usize,
    /// Errors met, by kind, mended ones included.
    pub errors: ErrorCounts,
    /// Tokens and money of this session.
    pub spending: Spending,
    /// Tokens and money under this label, earlier sessions included.
    pub spending_before: Spending,
    /// What the finish reasons of this session's answers tell.
    pub stops: Stops,
    /// Whether no new requests go out.
    pub stopping: bool,
    /// Whether the run waits for a server that refuses everything.
    pub paused: bool,
    /// How samples that were not attempted yet in this session ended in earlier ones.
    before: BTreeMap<(Folder, Epoch, Position), AskOutcome>,
    started: Instant,
    recent: VecDeque<Instant>,
    asked: usize,
}

/// What finish reasons tell of this session's empty answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stops {
    /// Those whose budget of tokens was used up before any text came.
    pub budget_spent: usize,
    /// Of these, those that are known to have spent it on thinking.
    pub on_thinking: usize,
}

impl Snapshot {
    pub(crate) fn new(
        limit: usize,
        spending_before: Spending,
        tallies: BTreeMap<(Folder, Epoch), OutcomeCounts>,
        before: BTreeMap<(Folder, Epoch, Position), AskOutcome>,
    ) -> Self {
        Self {
            folders: Self::together(&tallies),
            tallies,
            in_flight: 0,
            limit,
            requests: 0,
            retries: 0,
            errors: ErrorCounts::new(),
            spending: Spending::default(),
            spending_before,
            stops: Stops::default(),
            stopping: false,
            paused: false,
            before,
            started: Instant::now(),
            recent: VecDeque::new(),
            asked: 0,
        }
    }

    /// All folders together.
    #[must_use]
    pub fn total(&self) -> OutcomeCounts {
        self.sum(|_| true)
    }

    /// The folders of a stage together.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> OutcomeCounts {
        self.sum(|folder| folder.stage() == stage)
    }

    fn sum(&self, belongs: impl Fn(Folder) -> bool) -> OutcomeCounts {
        let mut sum = OutcomeCounts::default();
        for (_, tally) in self.folders.iter().filter(|(folder, _)| belongs(**folder)) {
            sum += *tally;
        }
        sum
    }

    /// The first epoch in which anything is left to ask, and the last of all; `None` where there is one.
    #[must_use]
    pub fn epoch(&self) -> Option<(Epoch, Epoch)> {
        let epochs = Self::by_epoch(&self.tallies);
        let last = *epochs.keys().next_back()?;
        let open = epochs.iter().find(|(_, tally)| tally.not_attempted > 0);
        Some((open.map_or(last, |(epoch, _)| *epoch), last))
    }

    /// Time since the run began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Samples done a second, over the last two minutes; 0 before the first.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let window = self.elapsed().min(RATE_WINDOW);
        let now = Instant::now();
        let stale = self.recent.partition_point(|&at| now.duration_since(at) > window);
        let fresh = self.recent.len() - stale;
        if window.is_zero() { 0.0 } else { fresh as f64 / window.as_secs_f64() }
    }

    /// Time that the rest will take at the present rate; `None` before there is one.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let rate = self.rate();
        let left = self.total().not_attempted as f64;
        if rate > 0.0 { Duration::try_from_secs_f64(left / rate).ok() } else { None }
    }

    /// Samples done in this session.
    #[must_use]
    pub fn done_now(&self) -> usize {
        self.asked
    }

    /// Samples of each folder and epoch by outcome, those of earlier sessions included that were to be
    /// asked again and were not.
    pub(crate) fn settled(&self) -> BTreeMap<(Folder, Epoch), OutcomeCounts> {
        let mut tallies = self.tallies.clone();
        for ((folder, epoch, _), outcome) in &self.before {
            if let Some(tally) = tallies.get_mut(&(*folder, *epoch)) {
                tally.record(*outcome);
            }
        }
        tallies
    }

    /// All epochs together, by folder.
    pub(crate) fn together(
        tallies: &BTreeMap<(Folder, Epoch), OutcomeCounts>,
    ) -> BTreeMap<Folder, OutcomeCounts> {
        let mut folders: BTreeMap<Folder, OutcomeCounts> = BTreeMap::new();
        for ((folder, _), tally) in tallies {
            *folders.entry(*folder).or_default() += *tally;
        }
        folders
    }

    /// All folders together, by epoch; nothing where there is only the first.
    pub(crate) fn by_epoch(
        tallies: &BTreeMap<(Folder, Epoch), OutcomeCounts>,
    ) -> BTreeMap<Epoch, OutcomeCounts> {
        let mut epochs: BTreeMap<Epoch, OutcomeCounts> = BTreeMap::new();
        for ((_, epoch), tally) in tallies {
            *epochs.entry(*epoch).or_default() += *tally;
        }
        if epochs.keys().all(Epoch::is_first) { BTreeMap::new() } else { epochs }
    }

    /// Takes an event in.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Started { folders, .. } => self.folders = folders.iter().copied().collect(),
            Event::Sent { attempt, .. } => {
                self.in_flight += 1;
                self.requests += 1;
                self.retries += usize::from(*attempt > 1);
            }
            Event::Retrying { kind, .. } => {
                self.in_flight = self.in_flight.saturating_sub(1);
                *self.errors.entry(*kind).or_default() += 1;
            }
            Event::Finished {
                job,
                outcome,
                kind,
                finish_reason,
                thought,
                attempts,
                spending,
                ..
            } => {
                if *attempts > 0 {
                    self.in_flight = self.in_flight.saturating_sub(1);
                    // A medium of no use is noticed before its request goes out.
                    let is_unsent = *kind == Some(FailureKind::Medium);
                    self.requests = self.requests.saturating_sub(usize::from(is_unsent));
                }
                let before = self.before.remove(&(job.folder, job.epoch, job.position));
                let standing = AskOutcome::standing(before, *outcome);
                if let Some(tally) = self.tallies.get_mut(&(job.folder, job.epoch)) {
                    tally.record(standing);
                }
                if let Some(tally) = self.folders.get_mut(&job.folder) {
                    tally.record(standing);
                }
                let note = finish_reason.as_ref().and_then(|word| StopNote::of(*outcome, word));
                if note == Some(StopNote::BudgetSpent) {
                    self.stops.budget_spent += 1;
                    self.stops.on_thinking += usize::from(*thought);
                }
                if let Some(kind) = kind {
                    *self.errors.entry(*kind).or_default() += 1;
                }
                self.spending += *spending;
                self.asked += 1;
                let now = Instant::now();
                self.recent.push_back(now);
                while self.recent.front().is_some_and(|&at| now.duration_since(at) > RATE_WINDOW) {
                    self.recent.pop_front();
                }
            }
            Event::Paused { .. } => self.paused = true,
            Event::Resumed { .. } => self.paused = false,
            Event::LimitChanged { limit } => self.limit = *limit,
            Event::Withdrawn { .. } => self.in_flight = self.in_flight.saturating_sub(1),
            Event::Stopping { end } => {
                self.stopping = true;
                self.paused = false;
                if let End::Refused { kind, .. } = end {
                    *self.errors.entry(*kind).or_default() += 1;
                }
            }
            Event::Ended { .. } => self.in_flight = 0,
            Event::Warned { .. }
            | Event::CircuitOpened { .. }
            | Event::CircuitClosed { .. }
            | Event::Saved { .. }
            | Event::Tick => {}
        }
    }
}
