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
    Broken(WriteFailure),
}

/// Why nothing can be written any more, and what that costs.
#[derive(Debug, thiserror::Error)]
#[error("{error}. {kept}{}", lost_words(*lost))]
pub struct WriteFailure {
    /// The file, and what is wrong with it.
    pub error: FileError,
    /// What became of the answers that were written before.
    pub kept: KeptAnswers,
    /// Answers that had come and could not be written.
    pub lost: usize,
}

/// What became of the answers that were written before nothing could be written any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeptAnswers {
    /// They are in the journals.
    #[error("What was answered before is kept")]
    Journals,
    /// A journal is gone, so they were put into the prediction files.
    #[error(
        "The answers of that journal were put into its prediction file; tokens, cost and reasons of \
         this journal are lost"
    )]
    Predictions,
    /// The label's folder is no longer there.
    #[error("Nothing more is written there; what was in it is wherever it went")]
    Nowhere,
}

fn lost_words(lost: usize) -> String {
    match lost {
        0 => String::new(),
        1 => "; 1 answer that had just come is lost and will be asked for again".to_owned(),
        lost => format!("; {lost} answers that had just come are lost and will be asked for again"),
    }
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
        let writer =
            Writer { ledgers, dirty: BTreeSet::new(), since: None, report, lock, unwritten: 0 };
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
    lock: Arc<RunLock>,
    /// Entries that have come in and are not in a journal yet.
    unwritten: usize,
}

impl Writer {
    fn run(mut self, entries: &Receiver<(Folder, Entry)>) {
        if let Err(error) = self.work(entries) {
            tracing::debug!(%error, "the journal's thread stops");
            // What else has come in meanwhile is lost with it.
            let lost = self.unwritten + entries.try_iter().count();
            let failure = WriteFailure { error, kept: self.rescue(), lost };
            (self.report)(RecorderEvent::Broken(failure));
        }
    }

    /// Puts into prediction files what a journal no longer holds, where there is a place for them.
    fn rescue(&mut self) -> KeptAnswers {
        if self.lock.check().is_err() {
            return KeptAnswers::Nowhere;
        }
        let mut kept = KeptAnswers::Journals;
        for ledger in self.ledgers.values_mut().filter(|ledger| ledger.check().is_err()) {
            kept = match ledger.save() {
                Ok(_) => KeptAnswers::Predictions,
                Err(_) => return KeptAnswers::Nowhere,
            };
        }
        kept
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
        self.lock.check()?;
        self.sync()?;
        for (folder, ledger) in &mut self.ledgers {
            ledger.check()?;
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
        self.unwritten = count;
        self.lock.check()?;
        for (folder, batch) in &batches {
            if let Some(ledger) = self.ledgers.get_mut(folder) {
                ledger.append(batch)?;
                self.dirty.insert(*folder);
            }
            self.unwritten -= batch.len();
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
