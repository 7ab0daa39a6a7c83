//! What happens during a run, as one stream of events that everything else listens to.

use std::time::Duration;

use avibench_protocol::{Folder, Position};
use avibench_store::{AskOutcome, Epoch, FailureKind, OutcomeCounts, Spending};
use serde::Serialize;

use crate::{End, RunSummary, Snapshot};

/// Which sample an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobName {
    /// Its folder.
    pub folder: Folder,
    /// Its place in the folder.
    pub position: Position,
    /// Which repeat of the question it is; the first where the line says nothing.
    #[serde(skip_serializing_if = "Epoch::is_first")]
    pub epoch: Epoch,
    /// Its id.
    pub id: String,
}

/// Something that happened. Events come in the order in which they happened, from one task.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run begins.
    Started {
        /// Samples of each folder, in all epochs together; reused ones are counted already.
        folders: Vec<(Folder, OutcomeCounts)>,
        /// How often every question is asked.
        epochs: u32,
        /// Most requests in flight.
        ceiling: usize,
        /// Hosts of the endpoints.
        hosts: Vec<String>,
    },
    /// Something a person should know; the run goes on.
    Warned {
        /// In words.
        message: String,
    },
    /// A request goes out.
    Sent {
        /// For which sample.
        job: JobName,
        /// Which try, from 1.
        attempt: u32,
        /// Which replica, from 0.
        replica: usize,
    },
    /// A try failed and another will follow.
    Retrying {
        /// For which sample.
        job: JobName,
        /// Which try failed, from 1.
        attempt: u32,
        /// Class of the failure.
        kind: FailureKind,
        /// In words.
        message: String,
        /// Time until the next try.
        wait: Duration,
    },
    /// A sample is done, and its journal line is on disk.
    Finished {
        /// Which sample.
        job: JobName,
        /// How it ended.
        outcome: AskOutcome,
        /// Why, unless it was answered.
        message: Option<String>,
        /// Class of the failure, if it failed or was rejected.
        kind: Option<FailureKind>,
        /// Why the model stopped, in the server's word.
        finish_reason: Option<String>,
        /// Whether the model is known to have thought before it answered.
        thought: bool,
        /// Tries in this session.
        attempts: u32,
        /// Tokens and money.
        spending: Spending,
        /// Time of the last try.
        latency: Duration,
    },
    /// The number of requests that may be in flight changed.
    LimitChanged {
        /// The new limit.
        limit: usize,
    },
    /// The server refuses everything, so nothing is asked for a while.
    Paused {
        /// Class of the refusals.
        kind: FailureKind,
        /// The last of them.
        message: String,
        /// Time until one request probes whether it answers again.
        wait: Duration,
        /// How long it may refuse before the run stops.
        max_wait: Duration,
    },
    /// The server answers again.
    Resumed {
        /// Time since its first refusal.
        after: Duration,
    },
    /// A replica keeps failing, so its circuit is open: it gets no requests for a while.
    #[serde(rename = "replica_rests")]
    CircuitOpened {
        /// Its host.
        host: String,
        /// For how long.
        length: Duration,
    },
    /// A replica answers again.
    #[serde(rename = "replica_returned")]
    CircuitClosed {
        /// Its host.
        host: String,
    },
    /// A prediction file was written.
    Saved {
        /// Of which folder.
        folder: Folder,
    },
    /// A request ended without an answer while the run was stopping; its sample counts as not
    /// attempted.
    Withdrawn {
        /// For which sample.
        job: JobName,
        /// What became of it.
        message: String,
    },
    /// No new requests go out from here on.
    Stopping {
        /// Why.
        end: End,
    },
    /// A second went by: time to show how things stand.
    Tick,
    /// The run is over and everything is on disk.
    Ended {
        /// How it went.
        summary: Box<RunSummary>,
    },
}

/// Hears all events of a run. It is called from the task that owns the run, so it must not block
/// for long.
pub trait Listener: Send {
    /// Takes notice of an event; `snapshot` is the state after it.
    fn on_event(&mut self, event: &Event, snapshot: &Snapshot);

    /// Something that went wrong with the listener itself, told once. It is passed on to all as
    /// [`Event::Warned`]; the run goes on.
    fn complaint(&mut self) -> Option<String> {
        None
    }
}

impl<F: FnMut(&Event, &Snapshot) + Send> Listener for F {
    fn on_event(&mut self, event: &Event, snapshot: &Snapshot) {
        self(event, snapshot);
    }
}
