//! Asking a run to stop: once to finish what is in flight, twice to drop it.

use std::sync::Arc;

use tokio::sync::watch;

/// How urgently a run is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// Not at all.
    None,
    /// No new requests, because what is wanted is known; those in flight get their time.
    Enough,
    /// No new requests; those in flight get their time.
    Soon,
    /// Now; what is in flight is dropped.
    Now,
}

/// A handle to stop a run from elsewhere, such as a signal handler. Clones stop the same run.
#[derive(Debug, Clone)]
pub struct StopHandle {
    urgency: Arc<watch::Sender<Urgency>>,
}

impl Default for StopHandle {
    fn default() -> Self {
        Self { urgency: Arc::new(watch::Sender::new(Urgency::None)) }
    }
}

impl StopHandle {
    /// A handle on which nobody has called [`Self::stop`] yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops: the first call softly, the second at once. Answers that have arrived are kept
    /// either way.
    pub fn stop(&self) {
        self.urgency.send_modify(|urgency| {
            *urgency = if *urgency < Urgency::Soon { Urgency::Soon } else { Urgency::Now };
        });
    }

    /// Stops softly because what the run was to find out is known: it ends with [`End::Enough`](crate::End::Enough)
    /// unless somebody stops it.
    pub fn enough(&self) {
        self.urgency.send_modify(|urgency| *urgency = (*urgency).max(Urgency::Enough));
    }

    /// Whether [`Self::stop`] was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.urgency.borrow() >= Urgency::Soon
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Urgency> {
        self.urgency.subscribe()
    }
}
