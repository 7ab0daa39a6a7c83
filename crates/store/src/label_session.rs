//! Writing under a label, from the note that it begins to the note of how it ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_files::FileError;
use avibench_protocol::{Folder, Position};

use crate::epoch::Epoch;
use crate::journal::Entry;
use crate::ledger::Ledger;
use crate::lock::RunLock;
use crate::manifest::Manifest;
use crate::outcome::{AskOutcome, OutcomeCounts, Spending};
use crate::recorder::{Recorder, RecorderEvent};
use crate::session::{SessionEffort, SessionEnd};

/// A label that is being written to. Without [`LabelSession::finish`] the manifest says of the
/// session that it was killed; its answers are kept all the same.
#[derive(Debug)]
pub struct LabelSession {
    ledgers: BTreeMap<Folder, Ledger>,
    before: BTreeMap<(Folder, Epoch, Position), AskOutcome>,
    record: SessionRecord,
}

/// What the manifest is to say of a session. It holds the lock.
#[derive(Debug)]
pub struct SessionRecord {
    directory: PathBuf,
    manifest: Manifest,
    /// Samples by outcome, so far.
    tallies: BTreeMap<(Folder, Epoch), OutcomeCounts>,
    begun: Instant,
    lock: Arc<RunLock>,
}

/// How a session ended, and what its label holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedSession {
    /// Samples of each folder by outcome, in all epochs together.
    pub folders: BTreeMap<Folder, OutcomeCounts>,
    /// Tokens and money of all sessions under the label.
    pub spending_total: Spending,
    /// Time from its beginning to its end.
    pub wall: Duration,
    /// Where the files are.
    pub directory: PathBuf,
}

impl LabelSession {
    pub(crate) fn new(directory: PathBuf, manifest: Manifest, lock: Arc<RunLock>) -> Self {
        let tallies = BTreeMap::new();
        let record = SessionRecord { directory, manifest, tallies, begun: Instant::now(), lock };
        Self { ledgers: BTreeMap::new(), before: BTreeMap::new(), record }
    }

    pub(crate) fn add(
        &mut self,
        folder: Folder,
        ledger: Ledger,
        tallies: BTreeMap<Epoch, OutcomeCounts>,
        before: BTreeMap<(Epoch, Position), AskOutcome>,
    ) {
        let before = before.into_iter();
        self.before.extend(before.map(|((epoch, at), outcome)| ((folder, epoch, at), outcome)));
        for (epoch, tally) in tallies {
            self.record.tallies.insert((folder, epoch), tally);
        }
        self.ledgers.insert(folder, ledger);
    }

    /// Appends entries about samples that are not attempted yet. They survive the end of this
    /// process at once, and a power cut after [`LabelSession::finish`].
    pub(crate) fn append(&mut self, folder: Folder, entries: &[Entry]) -> Result<(), FileError> {
        let Some(ledger) = self.ledgers.get_mut(&folder) else { return Ok(()) };
        if entries.is_empty() {
            return Ok(());
        }
        ledger.append(entries)?;
        tracing::debug!(%folder, entries = entries.len(), "appended");
        for entry in entries {
            let tally = self.record.tallies.entry((folder, entry.epoch)).or_default();
            tally.record(entry.outcome);
        }
        Ok(())
    }

    /// Samples of each opened folder by outcome, so far and by epoch.
    #[must_use]
    pub const fn tallies(&self) -> &BTreeMap<(Folder, Epoch), OutcomeCounts> {
        &self.record.tallies
    }

    /// How samples that are not attempted yet in this session ended in earlier ones.
    #[must_use]
    pub const fn before(&self) -> &BTreeMap<(Folder, Epoch, Position), AskOutcome> {
        &self.before
    }

    /// Tokens and money of the sessions before this one, by the journals of all folders.
    #[must_use]
    pub fn spent_before(&self) -> Spending {
        self.record.manifest.spending
    }

    /// Hands all further writing to a thread; see [`Recorder`]. What the manifest is to say stays
    /// here.
    ///
    /// # Errors
    ///
    /// If the system starts no thread.
    pub fn record(
        self,
        report: impl Fn(RecorderEvent) + Send + 'static,
    ) -> std::io::Result<(Recorder, SessionRecord)> {
        let lock = Arc::clone(&self.record.lock);
        let recorder = Recorder::start(self.ledgers, lock, report)?;
        Ok((recorder, self.record))
    }

    /// Ends a session in which nobody was asked: derives the prediction files, and notes the end.
    ///
    /// # Errors
    ///
    /// If the label's files cannot be written.
    pub fn finish(mut self, end: SessionEnd) -> Result<ClosedSession, FileError> {
        for ledger in self.ledgers.values_mut() {
            ledger.sync()?;
            ledger.save()?;
        }
        let tallies = self.record.tallies.clone();
        self.record.finish(end, &tallies, SessionEffort::default())
    }
}

impl SessionRecord {
    /// Where the label's files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Notes the end of the session, with the outcomes of the folders and epochs that it touched, and frees
    /// the label.
    ///
    /// # Errors
    ///
    /// If the manifest cannot be written.
    pub fn finish(
        mut self,
        end: SessionEnd,
        tallies: &BTreeMap<(Folder, Epoch), OutcomeCounts>,
        effort: SessionEffort,
    ) -> Result<ClosedSession, FileError> {
        // A label that was deleted is not to come back with nothing in it but its manifest.
        self.lock.check()?;
        let wall = self.begun.elapsed();
        let mut folders: BTreeMap<Folder, OutcomeCounts> = BTreeMap::new();
        for (&(folder, epoch), tally) in tallies {
            self.manifest.folders_of(epoch).insert(folder, *tally);
            *folders.entry(folder).or_default() += *tally;
        }
        self.manifest.spending += effort.spending;
        let closed = ClosedSession {
            folders,
            spending_total: self.manifest.spending,
            wall,
            directory: self.directory.clone(),
        };
        if let Some(session) = self.manifest.sessions.last_mut() {
            session.finish(end, effort, wall);
        }
        self.manifest.write(&self.directory)?;
        tracing::debug!(directory = %self.directory.display(), %end, "session ended");
        Ok(closed)
    }
}
