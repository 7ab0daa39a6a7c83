//! The thread that writes while a model is asked: an answer is on disk before it counts as done.
//!
//! Whatever has come in meanwhile is appended in one go, and synced at least once a second.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use avibench_files::FileError;
use avibench_protocol::Folder;

use crate::journal::Entry;
use crate::ledger::Ledger;
use crate::lock::RunLock;

/// The longest time that an answer can be lost by a power cut.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// What the thread reports.
#[derive(Debug)]
pub enum RecorderEvent {
    /// This many entries, in the order in which they were handed over, are in the journal.
    Written(usize),
    /// A prediction file was written.
    Saved(Folder),
    /// Nothing can be written any more; no further report follows.
    Broken(FileError),
}

/// The handle on the thread.
#[derive(Debug)]
pub struct Recorder {
    sender: Sender<(Folder, Entry)>,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Starts the thread; `ledgers` must be open. The thread keeps the lock as long as it writes,
    /// which may be longer than anybody waits for the run. `report` is called on that thread and
    /// dropped at its end.
    pub(crate) fn start(
        ledgers: BTreeMap<Folder, Ledger>,
        lock: Arc<RunLock>,
        report: impl Fn(RecorderEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let report = Box::new(report);
        let writer = Writer { ledgers, dirty: BTreeSet::new(), since: None, report, _lock: lock };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&receiver))?;
        Ok(Self { sender, thread })
    }

    /// Hands over an entry of a folder that the label was opened with.
    pub fn record(&self, folder: Folder, entry: Entry) {
        // It fails only after the thread has reported that it is broken.
        let _ = self.sender.send((folder, entry));
    }

    /// Lets the thread write everything, prediction files included. Its last reports have been made
    /// when the returned handle is done.
    #[must_use]
    pub fn finish(self) -> JoinHandle<()> {
        drop(self.sender);
        self.thread
    }
}

struct Writer {
    ledgers: BTreeMap<Folder, Ledger>,
    /// Folders with lines that are not synced yet.
    dirty: BTreeSet<Folder>,
    since: Option<Instant>,
    report: Box<dyn Fn(RecorderEvent) + Send>,
    _lock: Arc<RunLock>,
}

impl Writer {
    fn run(mut self, entries: &Receiver<(Folder, Entry)>) {
        if let Err(error) = self.work(entries) {
            tracing::debug!(%error, "the journal's thread stops");
            (self.report)(RecorderEvent::Broken(error));
        }
    }

    fn work(&mut self, entries: &Receiver<(Folder, Entry)>) -> Result<(), FileError> {
        loop {
            let first = match self.since {
                None => entries.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => entries
                    .recv_timeout((since + SYNC_EVERY).saturating_duration_since(Instant::now())),
            };
            match first {
                Ok(first) => {
                    let ended = self.write(first, entries)?;
                    if self.since.is_some_and(|since| since.elapsed() >= SYNC_EVERY) {
                        self.sync()?;
                    }
                    if ended {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.sync()?,
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.sync()?;
        for (folder, ledger) in &mut self.ledgers {
            if ledger.save()? {
                (self.report)(RecorderEvent::Saved(*folder));
            }
        }
        Ok(())
    }

    /// Writes `first` and whatever else has come in. True if nothing more will come.
    fn write(
        &mut self,
        first: (Folder, Entry),
        entries: &Receiver<(Folder, Entry)>,
    ) -> Result<bool, FileError> {
        let mut batches: BTreeMap<Folder, Vec<Entry>> = BTreeMap::new();
        let mut count = 0;
        let mut next = Ok(first);
        while let Ok((folder, entry)) = next {
            batches.entry(folder).or_default().push(entry);
            count += 1;
            next = entries.try_recv();
        }
        for (folder, batch) in &batches {
            if let Some(ledger) = self.ledgers.get_mut(folder) {
                ledger.append(batch)?;
                self.dirty.insert(*folder);
            }
        }
        tracing::trace!(count, "appended");
        self.since.get_or_insert_with(Instant::now);
        (self.report)(RecorderEvent::Written(count));
        for folder in batches.keys() {
            if let Some(ledger) = self.ledgers.get_mut(folder)
                && ledger.is_worth_saving()
                && ledger.save()?
            {
                (self.report)(RecorderEvent::Saved(*folder));
            }
        }
        Ok(matches!(next, Err(TryRecvError::Disconnected)))
    }

    fn sync(&mut self) -> Result<(), FileError> {
        for folder in std::mem::take(&mut self.dirty) {
            if let Some(ledger) = self.ledgers.get(&folder) {
                ledger.sync()?;
            }
        }
        self.since = None;
        Ok(())
    }
}
