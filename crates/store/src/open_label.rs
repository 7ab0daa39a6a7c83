//! A label that is open for writing: locked, read, and compared with what is wanted of it.
//!
//! Writing takes two steps. An [`OpenLabel`] holds the lock and knows what the label holds; nothing
//! on disk has changed yet. [`OpenLabel::begin`] turns it into a [`LabelSession`], which writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use avibench_files::{FileError, remove_if_any, remove_partial_files};
use avibench_protocol::{Folder, FolderData, Position, Sample};

use crate::epoch::Epoch;
use crate::journal::Entry;
use crate::kept::{keeps_replies, remove_failures, spent_on};
use crate::label::Label;
use crate::label_session::LabelSession;
use crate::ledger::{Ledger, LedgerError, Notice};
use crate::lock::{LockError, Locking, RunLock};
use crate::manifest::{Identity, IdentityDifference, Manifest, ManifestError};
use crate::outcome::{AskOutcome, OutcomeCounts, Spending};
use crate::precomputed::Precomputed;
use crate::sequence_record::SEQUENCE_FILE;
use crate::session::Session;

/// What to do where a label holds something else than what is wanted of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDifference {
    /// Refuse to go on.
    #[default]
    Refuse,
    /// Go on, keep what answers the same questions, and note the differences (`--force`).
    Force,
    /// Go on, and drop what was made of other sources. This is for answers that can all be made
    /// again from their sources, as formatted answers can.
    Remake,
}

impl OnDifference {
    /// Whether differences are no obstacle.
    #[must_use]
    pub const fn goes_on(self) -> bool {
        !matches!(self, Self::Refuse)
    }
}

/// Which label is opened, and for what.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Program and version, for run.json.
    pub program: String,
    /// The label.
    pub label: Label,
    /// Where its files are: `user_outputs/<label>`.
    pub directory: PathBuf,
    /// What all answers under the label have in common.
    pub identity: Identity,
    /// What to do where the label holds something else.
    pub on_difference: OnDifference,
    /// How often every question is asked.
    pub epochs: u32,
    /// Whether locks keep other writers away.
    pub locking: Locking,
}

/// All records of a folder, in order. They set the length of its prediction file, and their ids
/// prove that files found under a label belong to the same data.
#[derive(Debug, Clone)]
pub struct FolderSamples {
    /// The folder.
    pub folder: Folder,
    /// Its records; index = position.
    pub samples: Arc<[Arc<Sample>]>,
    /// Lower-case hex sha256 of its data.json.
    pub data_sha256: String,
}

impl From<&FolderData> for FolderSamples {
    fn from(data: &FolderData) -> Self {
        Self {
            folder: data.folder,
            samples: data.samples.iter().cloned().map(Arc::new).collect(),
            data_sha256: data.sha256.clone(),
        }
    }
}

/// A label that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Somebody else writes under it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// It holds another run, or its manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A journal or prediction file stands in the way.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A label that is locked and read, and what is wanted of it. Nothing on disk has changed.
#[derive(Debug)]
pub struct OpenLabel {
    opening: Opening,
    manifest: Manifest,
    differences: Vec<IdentityDifference>,
    /// Whether it kept no reply and becomes another run.
    is_taken_over: bool,
    /// What the folders cost that it is not opened for.
    spent_on_others: Spending,
    notices: Vec<Notice>,
    folders: BTreeMap<Folder, OpenFolder>,
    lock: Arc<RunLock>,
}

/// A folder of an open label, and what is wanted of it.
#[derive(Debug)]
pub struct OpenFolder {
    ledger: Ledger,
    samples: Arc<[Arc<Sample>]>,
    /// Samples by outcome, by epoch.
    tallies: BTreeMap<Epoch, OutcomeCounts>,
    /// How samples that are to be asked ended in earlier sessions.
    before: BTreeMap<(Epoch, Position), AskOutcome>,
    /// Positions whose answers of the first epoch are wanted, and are there or precomputed.
    kept: Vec<bool>,
    /// Precomputed answers that the label lacks.
    pending: Vec<Entry>,
}

impl OpenLabel {
    /// Locks a label, whose folder is made if it is missing, and reads what it holds of `folders`. A label
    /// that keeps no reply of a model is nobody's yet, so that it can become another run.
    ///
    /// # Errors
    ///
    /// If another process writes under the label, if its files cannot be read, or if it holds
    /// another run or answers to other data and [`Opening::on_difference`] says to refuse that.
    pub fn open(opening: Opening, folders: &[FolderSamples]) -> Result<Self, OpenError> {
        let lock = RunLock::acquire(&opening.directory, opening.locking)?;
        let goes_on = opening.on_difference.goes_on();
        let mut found = Manifest::read(&opening.directory);
        let identity = opening.identity.clone();
        let mut is_taken_over = false;
        if let Ok(Some(manifest)) = &mut found
            && !manifest.identity.differences(&identity).is_empty()
            && !keeps_replies(&opening.directory)
        {
            manifest.begin_anew(identity.clone());
            is_taken_over = true;
        }
        let (mut manifest, differences) = Manifest::join(found, &opening.label, identity, goes_on)?;
        manifest.plan_epochs(opening.epochs);
        let mut notices = Vec::new();
        let mut read = BTreeMap::new();
        for data in folders {
            let (folder, samples) = (data.folder, &data.samples);
            let ledger = if is_taken_over {
                Ledger::without_files(&opening.directory, folder, samples)
            } else {
                Ledger::read(&opening.directory, folder, samples, goes_on, &mut notices)?
            };
            let open = OpenFolder {
                ledger,
                samples: Arc::clone(samples),
                // Also a folder without a sample to ask has counts.
                tallies: BTreeMap::from([(Epoch::FIRST, OutcomeCounts::default())]),
                before: BTreeMap::new(),
                kept: vec![false; samples.len()],
                pending: Vec::new(),
            };
            read.insert(folder, open);
        }
        // What other folders cost was spent under the label as well, and counts against a limit.
        let mut spent_on_others = Spending::default();
        for folder in Folder::ALL.into_iter().filter(|folder| !read.contains_key(folder)) {
            match spent_on(&opening.directory, folder) {
                Ok(spent) => spent_on_others += spent,
                Err(error) => notices.push(Notice::SpendingUnknown { reason: error.to_string() }),
            }
        }
        Ok(Self {
            opening,
            manifest,
            differences,
            is_taken_over,
            spent_on_others,
            notices,
            folders: read,
            lock: Arc::new(lock),
        })
    }

    /// Where the label's files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.opening.directory
    }

    /// What a person should know about the files found.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// How often every question is asked by all sessions under the label, this one included.
    #[must_use]
    pub fn planned_epochs(&self) -> u32 {
        self.manifest.planned_epochs()
    }

    /// In what the label differs from what is wanted, where that is no obstacle.
    #[must_use]
    pub fn differences(&self) -> &[IdentityDifference] {
        &self.differences
    }

    /// A folder that the label was opened with; `None` for any other.
    pub fn folder(&mut self, folder: Folder) -> Option<&mut OpenFolder> {
        self.folders.get_mut(&folder)
    }

    /// Begins to write: removes what killed writers left, makes the journals ready, notes the
    /// session in the manifest, and appends the precomputed answers that the label lacks. `hosts`
    /// are those of the endpoints; none if nobody is asked.
    ///
    /// # Errors
    ///
    /// If the label's files cannot be written.
    pub fn begin(self, hosts: Vec<String>) -> Result<LabelSession, FileError> {
        let Self {
            opening, mut manifest, is_taken_over, spent_on_others, mut folders, lock, ..
        } = self;
        let differences = self.differences;
        let directory = opening.directory;
        tracing::debug!(label = %opening.label, directory = %directory.display(), "session begins");
        manifest.sessions.push(Session::begin(opening.program, hosts, differences));
        manifest.spending = Spending::default();
        for (name, folder) in &folders {
            for (epoch, tally) in &folder.tallies {
                manifest.folders_of(*epoch).insert(*name, *tally);
            }
            manifest.spending += folder.ledger.spent();
        }
        manifest.spending += spent_on_others;
        for partly in [directory.clone(), directory.join("tasks"), directory.join("journal")] {
            remove_partial_files(&partly)?;
        }
        if is_taken_over {
            remove_failures(&directory)?;
            if manifest.identity.sequence.is_none() {
                remove_if_any(&directory.join(SEQUENCE_FILE))?;
            }
        }
        for folder in folders.values_mut() {
            folder.ledger.open()?;
        }
        manifest.write(&directory)?;
        let mut session = LabelSession::new(directory, manifest, lock);
        for (name, mut folder) in folders {
            if opening.on_difference == OnDifference::Remake {
                folder.ledger.keep_only(&folder.kept);
            }
            session.add(name, folder.ledger, folder.tallies, folder.before);
            session.append(name, &folder.pending)?;
        }
        Ok(session)
    }
}

impl OpenFolder {
    /// Wants the answer of a sample in an epoch. True if the label has one that was made of `source`, or
    /// of whatever if that is `None`; otherwise the sample counts as not attempted until an entry
    /// about it is written.
    pub fn want(&mut self, epoch: Epoch, position: Position, source: Option<&str>) -> bool {
        let has = self.ledger.has_answer_in(epoch, position, source);
        self.count(epoch, position, has);
        // Without a source an earlier try was about the same question.
        let before = self.ledger.outcome_in(epoch, position);
        if let (false, None, Some(before)) = (has, source, before) {
            self.before.insert((epoch, position), before);
        }
        has
    }

    /// Wants a precomputed answer, which is written when the session begins unless the label has
    /// it already. True if it has.
    pub fn precompute(&mut self, precomputed: &Precomputed) -> bool {
        let has = precomputed.is_in(&self.ledger);
        let Precomputed { position, answer, reply, source, note, reading } = precomputed;
        self.count(Epoch::FIRST, *position, has);
        if let (false, Some(sample)) = (has, self.samples.get(position.0)) {
            let mut entry = Entry::new(*position, sample.id.clone(), AskOutcome::Answered);
            entry.answer = Some(reply.as_ref().unwrap_or(answer).clone());
            entry.predict = reply.is_some().then(|| answer.clone());
            entry.source.clone_from(source);
            entry.note = Some(note.clone());
            entry.reading.clone_from(reading);
            self.pending.push(entry);
        }
        has
    }

    fn count(&mut self, epoch: Epoch, position: Position, has: bool) {
        let tally = self.tallies.entry(epoch).or_default();
        tally.total += 1;
        tally.not_attempted += 1;
        if has {
            let outcome = self.ledger.outcome_in(epoch, position);
            tally.reuse(outcome.unwrap_or(AskOutcome::Answered));
            if let Some(kept) = self.kept.get_mut(position.0).filter(|_| epoch.is_first()) {
                *kept = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Map, Value, json};

    use super::*;
    use crate::prediction_file::read_predictions;
    use crate::session::{SessionEffort, SessionEnd};
    use crate::{DataIdentity, FailureKind, read_journal};

    const AVM: Folder = Folder::Avm;

    fn samples() -> FolderSamples {
        let sample = |i: usize| {
            let record = json!({"id": i.to_string(), "input": {}});
            Arc::new(Sample::from_json(AVM, Position(i), &record).unwrap())
        };
        FolderSamples {
            folder: AVM,
            samples: (0..4).map(sample).collect(),
            data_sha256: "a".repeat(64),
        }
    }

    fn open(directory: &Path) -> OpenLabel {
        let identity = Identity {
            model: "rules".to_owned(),
            backend: "refine rules".to_owned(),
            profile: None,
            profile_description: Value::Null,
            parameters: Map::new(),
            prompt_pack: "p".to_owned(),
            wording: None,
            ablation: None,
            subset: None,
            sequence: None,
            shard: None,
            data: BTreeMap::new(),
        };
        let opening = Opening {
            program: "avibench 0".to_owned(),
            label: Label::new("m").unwrap(),
            directory: directory.to_owned(),
            identity,
            on_difference: OnDifference::Remake,
            epochs: 1,
            locking: Locking::System,
        };
        OpenLabel::open(opening, &[samples()]).unwrap()
    }

    fn answer(position: usize, answer: &str, source: &str) -> Precomputed {
        Precomputed {
            position: Position(position),
            answer: answer.to_owned(),
            reply: None,
            source: Some(source.to_owned()),
            note: json!({"way": "rule"}),
            reading: None,
        }
    }

    fn predictions(directory: &Path) -> Vec<Option<String>> {
        let slots = read_predictions(&directory.join("tasks/AVM.json")).unwrap();
        slots.into_iter().map(|slot| Some(slot?.predict.as_str()?.to_owned())).collect()
    }

    #[test]
    fn precomputed_answers_need_nobody_to_be_asked() {
        let dir = tempfile::tempdir().unwrap();
        let mut label = open(dir.path());
        let folder = label.folder(AVM).unwrap();
        assert!(!folder.precompute(&answer(0, "yes", "a")));
        let reply = Some("I'd say no.".to_owned());
        assert!(!folder.precompute(&Precomputed { reply, ..answer(2, "no", "b") }));
        assert!(!dir.path().join("run.json").exists(), "an open label is as it was");
        let closed = label.begin(Vec::new()).unwrap().finish(SessionEnd::Finished).unwrap();
        assert_eq!((closed.folders[&AVM].answered, closed.folders[&AVM].reused), (2, 0));
        let told = |text: &str| Some(text.to_owned());
        assert_eq!(predictions(dir.path()), [told("yes"), None, told("no"), None]);
        let journal = read_journal(&dir.path().join("journal/AVM.jsonl")).unwrap();
        assert_eq!(journal.entries[1].answer.as_deref(), Some("I'd say no."));
        assert_eq!(journal.entries[1].prediction(), Some("no"));
        assert_eq!(journal.entries[1].tries, 0);

        // What is there already is neither written again nor lost; what is no longer wanted goes.
        let mut label = open(dir.path());
        let folder = label.folder(AVM).unwrap();
        assert!(folder.precompute(&answer(0, "yes", "a")));
        assert!(!folder.precompute(&answer(1, "maybe", "c")));
        assert!(!folder.want(Epoch::FIRST, Position(3), Some("d")));
        let closed = label.begin(Vec::new()).unwrap().finish(SessionEnd::Finished).unwrap();
        let tally = closed.folders[&AVM];
        assert_eq!((tally.total, tally.answered, tally.reused), (3, 2, 1));
        assert_eq!(tally.not_attempted, 1);
        assert_eq!(predictions(dir.path()), [told("yes"), told("maybe"), None, None]);
        assert_eq!(read_journal(&dir.path().join("journal/AVM.jsonl")).unwrap().entries.len(), 3);
        let manifest = Manifest::read(dir.path()).unwrap().unwrap();
        let ends: Vec<Option<SessionEnd>> = manifest.sessions.iter().map(|s| s.end).collect();
        assert_eq!(ends, [Some(SessionEnd::Finished); 2]);
    }

    #[test]
    fn the_lock_is_held_until_the_session_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(dir.path()).begin(Vec::new()).unwrap();
        assert!(RunLock::acquire(dir.path(), Locking::System).is_err());
        session.finish(SessionEnd::Finished).unwrap();
        assert!(RunLock::acquire(dir.path(), Locking::System).is_ok());
    }

    #[test]
    fn a_session_that_was_killed_keeps_its_answers_and_has_no_end() {
        let dir = tempfile::tempdir().unwrap();
        let mut label = open(dir.path());
        label.folder(AVM).unwrap().precompute(&answer(0, "yes", "a"));
        drop(label.begin(Vec::new()).unwrap());
        assert_eq!(Manifest::read(dir.path()).unwrap().unwrap().sessions[0].end, None);
        assert!(open(dir.path()).folder(AVM).unwrap().precompute(&answer(0, "yes", "a")));
    }

    #[test]
    fn what_a_thread_recorded_is_noted_with_its_effort() {
        let dir = tempfile::tempdir().unwrap();
        let mut label = open(dir.path());
        label.folder(AVM).unwrap().want(Epoch::FIRST, Position(0), None);
        let session = label.begin(vec!["host".to_owned()]).unwrap();
        let mut tallies = session.tallies().clone();
        let (sender, reports) = std::sync::mpsc::channel();
        let (recorder, record) =
            session.record(move |report| sender.send(report).unwrap()).unwrap();
        let mut entry = Entry::new(Position(0), "0".to_owned(), AskOutcome::Answered);
        entry.answer = Some("yes".to_owned());
        entry.tokens_in = Some(5);
        let spending = entry.spending();
        recorder.record(AVM, entry);
        recorder.finish().join().unwrap();
        assert_eq!(reports.iter().count(), 2, "written and saved");
        tallies.get_mut(&(AVM, Epoch::FIRST)).unwrap().record(AskOutcome::Answered);
        let errors = BTreeMap::from([(FailureKind::Server, 1)]);
        let effort = SessionEffort { requests: 2, retries: 1, errors, spending };
        let closed = record.finish(SessionEnd::Interrupted, &tallies, effort.clone()).unwrap();
        assert_eq!(closed.spending_total.tokens_in, 5);
        let manifest = Manifest::read(dir.path()).unwrap().unwrap();
        assert_eq!(manifest.sessions[0].effort, effort);
        assert_eq!(manifest.folders[&AVM].answered, 1);
        assert_eq!(predictions(dir.path())[0].as_deref(), Some("yes"));
    }

    /// Opens a label for a model's answers to this data, and refuses what is under it of others.
    fn open_for(
        directory: &Path,
        model: &str,
        data: &[FolderSamples],
    ) -> Result<OpenLabel, OpenError> {
        // The second sample of each folder is to be asked.
        let OpenLabel { mut opening, .. } = open(&directory.join("elsewhere"));
        opening.directory = directory.to_owned();
        opening.on_difference = OnDifference::Refuse;
        model.clone_into(&mut opening.identity.model);
        for of in data {
            let identity =
                DataIdentity { sha256: of.data_sha256.clone(), records: of.samples.len() };
            opening.identity.data.insert(of.folder, identity);
        }
        let mut open = OpenLabel::open(opening, data)?;
        for of in data {
            open.folder(of.folder).unwrap().want(Epoch::FIRST, Position(1), None);
        }
        Ok(open)
    }

    #[test]
    fn a_label_without_a_reply_becomes_another_run_and_keeps_nothing_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let label = dir.path().join("m");
        let of = |folder: Folder, first: usize| {
            let sample = |i: usize| {
                let record = json!({"id": (first + i).to_string(), "input": {}});
                Arc::new(Sample::from_json(folder, Position(i), &record).unwrap())
            };
            let samples = (0..3).map(sample).collect();
            FolderSamples { folder, samples, data_sha256: format!("{first:064}") }
        };
        let (before, now) = ([of(AVM, 0), of(Folder::Avh, 0)], [of(AVM, 10)]);
        let mut session = open_for(&label, "a", &before).unwrap().begin(Vec::new()).unwrap();
        for folder in [AVM, Folder::Avh] {
            let failed = Entry::new(Position(1), "1".to_owned(), AskOutcome::Failed);
            session.append(folder, &[failed]).unwrap();
        }
        drop(session);
        std::fs::write(label.join("until.json"), "{}").unwrap();

        let open = open_for(&label, "b", &now).unwrap();
        assert!(open.differences().is_empty() && open.notices().is_empty());
        assert!(label.join("journal/AVH.jsonl").exists(), "opening changes nothing");
        let mut session = open.begin(Vec::new()).unwrap();
        let mut answered = Entry::new(Position(1), "11".to_owned(), AskOutcome::Answered);
        answered.answer = Some("yes".to_owned());
        session.append(AVM, &[answered]).unwrap();
        drop(session);
        for gone in ["journal/AVH.jsonl", "until.json"] {
            assert!(!label.join(gone).exists(), "{gone} is of the first run");
        }

        let mut again = open_for(&label, "b", &now).unwrap();
        assert!(again.notices().is_empty());
        assert!(again.folder(AVM).unwrap().want(Epoch::FIRST, Position(1), None));
        assert_eq!(read_journal(&label.join("journal/AVM.jsonl")).unwrap().entries.len(), 1);
        drop(again);
        let refused = open_for(&label, "a", &before).unwrap_err();
        assert!(matches!(refused, OpenError::Manifest(ManifestError::OtherRun { .. })));
    }

    #[test]
    fn what_other_folders_cost_was_spent_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let of = |folder| FolderSamples { folder, ..samples() };
        let mut session = open_for(dir.path(), "a", &[of(AVM)]).unwrap().begin(Vec::new()).unwrap();
        let mut entry = Entry::new(Position(1), "1".to_owned(), AskOutcome::Answered);
        (entry.answer, entry.tokens_in, entry.cost) = (Some("yes".to_owned()), Some(7), Some(0.5));
        session.append(AVM, &[entry]).unwrap();
        drop(session);
        for folder in [Folder::Avh, AVM] {
            let open = open_for(dir.path(), "a", &[of(folder)]).unwrap();
            let spent = open.begin(Vec::new()).unwrap().spent_before();
            assert_eq!((spent.tokens_in, spent.cost), (7, Some(0.5)), "{folder}");
        }
        std::fs::write(dir.path().join("journal/AVM.jsonl"), "no journal\nat all\n").unwrap();
        let open = open_for(dir.path(), "a", &[of(Folder::Avh)]).unwrap();
        let told: Vec<String> = open.notices().iter().map(Notice::to_string).collect();
        assert!(told.len() == 1 && told[0].contains("AVM.jsonl"), "{told:?}");
    }
}
