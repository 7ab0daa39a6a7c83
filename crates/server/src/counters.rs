//! What the server has seen so far: requests, statuses, requests in flight.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// Live counters of chat completions requests, shared with the running server.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    counts: Arc<Mutex<CountersSnapshot>>,
}

/// The counters at one moment; also the body of `GET /stats`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersSnapshot {
    /// Chat completions requests that arrived, refused ones included.
    pub requests: u64,
    /// Those that asked for server-sent events, among the ones that could be read.
    pub streamed: u64,
    /// Bytes of request bodies read.
    pub bytes_received: u64,
    /// Answers by HTTP status; connections that a fault reset before their answer have none.
    pub by_status: BTreeMap<u16, u64>,
    /// Faults that struck, by kind: `status_503`, `torn`, `limit_in_flight`, ...
    pub by_fault: BTreeMap<String, u64>,
    /// Requests whose headers have arrived and whose answer has not fully left.
    pub in_flight: u64,
    /// The highest `in_flight` so far.
    pub max_in_flight: u64,
    /// Connections that are open, the one that asks for `/stats` included.
    #[serde(default)]
    pub connections: u64,
    /// Answers that are being worked out; that goes on when the client leaves.
    #[serde(default)]
    pub working: u64,
}

impl Counters {
    /// The counters now.
    #[must_use]
    pub fn snapshot(&self) -> CountersSnapshot {
        self.lock().clone()
    }

    /// Counts a request that arrived, until the returned guard is dropped.
    pub(crate) fn arrive(&self) -> InFlight {
        let mut counts = self.lock();
        counts.requests += 1;
        counts.in_flight += 1;
        counts.max_in_flight = counts.max_in_flight.max(counts.in_flight);
        InFlight { counters: self.clone() }
    }

    /// Counts a connection, until the returned guard is dropped.
    pub(crate) fn connect(&self) -> Connected {
        self.lock().connections += 1;
        Connected { counters: self.clone() }
    }

    /// Counts an answer that is worked out, until the returned guard is dropped.
    pub(crate) fn work(&self) -> Working {
        self.lock().working += 1;
        Working { counters: self.clone() }
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.lock().bytes_received += bytes as u64;
    }

    pub(crate) fn streamed(&self) {
        self.lock().streamed += 1;
    }

    pub(crate) fn answered(&self, status: u16) {
        *self.lock().by_status.entry(status).or_default() += 1;
    }

    pub(crate) fn struck(&self, fault: String) {
        *self.lock().by_fault.entry(fault).or_default() += 1;
    }

    /// Plain numbers are whole at every moment, so a panic elsewhere cannot have broken them.
    fn lock(&self) -> MutexGuard<'_, CountersSnapshot> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight; dropping it says that it is over.
#[derive(Debug)]
pub(crate) struct InFlight {
    counters: Counters,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.counters.lock().in_flight -= 1;
    }
}

/// An open connection; dropping it says that it is closed.
#[derive(Debug)]
pub(crate) struct Connected {
    counters: Counters,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.counters.lock().connections -= 1;
    }
}

/// An answer that is being worked out; dropping it says that it is there.
#[derive(Debug)]
pub(crate) struct Working {
    counters: Counters,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.counters.lock().working -= 1;
    }
}
