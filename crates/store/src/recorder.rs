//! The thread that writes: answers are on disk before they count as done.
//!
//! Whatever has come in meanwhile is appended in one go, and synced at least once a second.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use avibench_files::FileError;
use avibench_protocol::Folder;

use crate::journal::Entry;
use crate::ledger::Ledger;
use crate::lock::RunLock;

const SYNC_EVERY: Duration = Duration::from_secs(1);

/// What the thread reports.
#[derive(Debug)]
pub enum Recorded {
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
    sender: Sender<(usize, Entry)>,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Starts the thread; `ledgers` must be open. It keeps the lock as long as it writes, which
    /// may be longer than its run is waited for. `report` is called on that thread and dropped at
    /// its end.
    pub fn start(
        ledgers: Vec<Ledger>,
        lock: Arc<RunLock>,
        report: impl Fn(Recorded) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let report = Box::new(report);
        let writer = Writer { ledgers, dirty: Vec::new(), since: None, report, _lock: lock };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&receiver))?;
        Ok(Self { sender, thread })
    }

    /// Hands an entry over for the ledger with this index.
    pub fn record(&self, ledger: usize, entry: Entry) {
        // It fails only after the thread has reported that it is broken.
        let _ = self.sender.send((ledger, entry));
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
    ledgers: Vec<Ledger>,
    /// Ledgers with lines that are not synced yet.
    dirty: Vec<usize>,
    since: Option<Instant>,
    report: Box<dyn Fn(Recorded) + Send>,
    _lock: Arc<RunLock>,
}

impl Writer {
    fn run(mut self, entries: &Receiver<(usize, Entry)>) {
        if let Err(error) = self.work(entries) {
            (self.report)(Recorded::Broken(error));
        }
    }

    fn work(&mut self, entries: &Receiver<(usize, Entry)>) -> Result<(), FileError> {
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
        for index in 0..self.ledgers.len() {
            self.save(index)?;
        }
        Ok(())
    }

    /// Writes `first` and whatever else has come in. True if nothing more will come.
    fn write(
        &mut self,
        first: (usize, Entry),
        entries: &Receiver<(usize, Entry)>,
    ) -> Result<bool, FileError> {
        let mut batches: Vec<Vec<Entry>> = vec![Vec::new(); self.ledgers.len()];
        let mut count = 0;
        let mut next = Ok(first);
        while let Ok((ledger, entry)) = next {
            batches[ledger].push(entry);
            count += 1;
            next = entries.try_recv();
        }
        for (index, batch) in batches.iter().enumerate().filter(|(_, batch)| !batch.is_empty()) {
            self.ledgers[index].append(batch)?;
            if !self.dirty.contains(&index) {
                self.dirty.push(index);
            }
        }
        self.since.get_or_insert_with(Instant::now);
        (self.report)(Recorded::Written(count));
        for (index, _) in batches.iter().enumerate().filter(|(_, batch)| !batch.is_empty()) {
            if self.ledgers[index].is_worth_saving() {
                self.save(index)?;
            }
        }
        Ok(matches!(next, Err(TryRecvError::Disconnected)))
    }

    fn sync(&mut self) -> Result<(), FileError> {
        for index in self.dirty.drain(..) {
            self.ledgers[index].sync()?;
        }
        self.since = None;
        Ok(())
    }

    fn save(&mut self, index: usize) -> Result<(), FileError> {
        if self.ledgers[index].save()? {
            (self.report)(Recorded::Saved(self.ledgers[index].folder()));
        }
        Ok(())
    }
}
