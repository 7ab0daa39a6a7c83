//! Where events go out: the snapshot is brought up to date, then every listener hears.

use crate::event::{Event, Listener};
use crate::snapshot::Snapshot;

/// The one place that events are emitted from.
pub(crate) struct Broadcast {
    snapshot: Snapshot,
    listeners: Vec<Box<dyn Listener>>,
}

impl Broadcast {
    pub(crate) fn new(snapshot: Snapshot, listeners: Vec<Box<dyn Listener>>) -> Self {
        Self { snapshot, listeners }
    }

    pub(crate) fn emit(&mut self, event: &Event) {
        self.snapshot.apply(event);
        let mut complaints = Vec::new();
        for listener in &mut self.listeners {
            listener.on_event(event, &self.snapshot);
            complaints.extend(listener.complaint());
        }
        for message in complaints {
            self.emit(&Event::Warned { message });
        }
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}
