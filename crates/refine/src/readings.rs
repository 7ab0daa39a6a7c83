//! What each answer says, for strict scoring: read by rules, and by the language model where these
//! doubt. Its requests run under the label's folder `readings`, with a journal of their own, so that
//! formatting neither waits for them nor depends on them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use avibench_engine::{FolderJobs, Job, RunError, RunSettings};
use avibench_protocol::{Folder, FolderData, Position, Prediction, Record, Sample};
use avibench_reading::{MODEL_VERSION, Question, Reader, StoredReading, read, read_reply, request};
use avibench_store::{
    Epoch, FolderSamples, Label, PlacedReadings, ShardIdentity, attach_readings, read_journal,
};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::Value;

use crate::plan::offered;
use crate::replies::Replies;
use crate::{Effort, Execution, Formatter, RefineError, RefineMode, RefineNote, Refiner};

/// The readings of a label's answers.
#[derive(Debug, Clone)]
pub struct LabelReadings {
    /// The label.
    pub label: Label,
    /// Which part of them is read here, if others read the rest.
    pub(crate) shard: Option<ShardIdentity>,
    pub(crate) folders: Vec<FolderReadings>,
}

/// How a label's answers were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadingCounts {
    /// Answers in which rules found a value.
    pub by_rules: usize,
    /// Answers that the language model read, those included of which it says that they say nothing.
    pub by_model: usize,
    /// Answers that neither read.
    pub in_doubt: usize,
}

/// The readings of a folder's answers.
#[derive(Debug, Clone)]
pub(crate) struct FolderReadings {
    samples: FolderSamples,
    known: BTreeMap<(Epoch, Position), StoredReading>,
    /// Answers that the language model is to read.
    doubts: Vec<Doubt>,
}

/// An answer that rules do not read.
#[derive(Debug, Clone)]
struct Doubt {
    raw: String,
    job: Job,
}

/// How answers are read.
pub(crate) struct ReadingPlanner<'a> {
    pub(crate) mode: RefineMode,
    pub(crate) refiner: &'a Refiner,
    pub(crate) replies: &'a Replies,
}

/// What may be known of a question while an answer to it is read.
fn question(sample: &Sample) -> Question<'_> {
    Question {
        folder: sample.folder,
        text: sample.text.as_deref().unwrap_or_default(),
        options: offered(sample),
    }
}

impl ReadingPlanner<'_> {
    /// Reads the answers of a folder in its first epoch, on several threads.
    pub(crate) fn folder(&self, data: &FolderData, slots: &[Option<Record>]) -> FolderReadings {
        let samples = FolderSamples::from(data);
        let mut readings = FolderReadings { samples, known: BTreeMap::new(), doubts: Vec::new() };
        self.add_epoch(&mut readings, Epoch::FIRST, slots);
        readings
    }

    /// Reads the answers of one more epoch.
    pub(crate) fn add_epoch(
        &self,
        readings: &mut FolderReadings,
        epoch: Epoch,
        slots: &[Option<Record>],
    ) {
        let samples = &readings.samples;
        let read: Vec<(Position, StoredReading, Option<Doubt>)> = samples
            .samples
            .par_iter()
            .filter_map(|sample| match Prediction::at(slots, sample.position) {
                Prediction::Text(raw) if !raw.is_empty() && !sample.is_void() => {
                    let (reading, doubt) = self.answer(sample, raw);
                    Some((sample.position, reading, doubt))
                }
                _ => None,
            })
            .collect();
        for (position, reading, doubt) in read {
            readings.known.insert((epoch, position), reading);
            let of_epoch = |doubt: Doubt| Doubt { job: Job { epoch, ..doubt.job }, ..doubt };
            readings.doubts.extend(doubt.map(of_epoch));
        }
    }

    /// The reading as far as it is known, and what the language model is to be asked.
    fn answer(&self, sample: &Arc<Sample>, raw: &str) -> (StoredReading, Option<Doubt>) {
        let question = question(sample);
        let reading = read(&question, raw);
        if self.mode == RefineMode::Rules || !reading.is_in_doubt() {
            return (StoredReading::new(&question, raw, reading), None);
        }
        let text = request(&question, raw);
        let source = self.refiner.reading_source(&text);
        let reply = self.replies.get(&source);
        let by_model =
            reply.and_then(|reply| read_reply(&question, raw, reply, &self.refiner.model));
        let doubt = reply.is_none().then(|| {
            let job = Job::without_media(Arc::clone(sample), text);
            Doubt { raw: raw.to_owned(), job: Job { source: Some(source), ..job } }
        });
        (StoredReading::new(&question, raw, by_model.unwrap_or(reading)), doubt)
    }
}

impl FolderReadings {
    /// The reading of an answer of the first epoch as its journal keeps it.
    pub(crate) fn json(&self, position: Position) -> Option<Value> {
        self.known.get(&(Epoch::FIRST, position)).map(json)
    }

    /// What reading takes.
    pub(crate) fn effort(&self) -> Effort {
        let sources: HashSet<_> = self.doubts.iter().map(|doubt| &doubt.job.source).collect();
        let in_doubt = self.known.values().filter(|stored| stored.reading.is_in_doubt()).count();
        let (read, readings_to_send) = (self.known.len(), sources.len());
        Effort { read, in_doubt, readings_to_send, ..Effort::default() }
    }

    fn jobs(&self) -> FolderJobs {
        FolderJobs {
            folder: self.samples.folder,
            samples: Arc::clone(&self.samples.samples),
            data_sha256: self.samples.data_sha256.clone(),
            precomputed: Vec::new(),
            jobs: self.doubts.iter().map(|doubt| doubt.job.clone()).collect(),
        }
    }

    /// Takes in what the language model has replied since.
    fn resolve(&mut self, replies: &Replies, model: &str) {
        for Doubt { raw, job } in &self.doubts {
            let reply = job.source.as_ref().and_then(|source| replies.get(source));
            let question = question(&job.sample);
            if let Some(reading) = reply.and_then(|r| read_reply(&question, raw, r, model)) {
                let place = (job.epoch, job.position);
                self.known.insert(place, StoredReading::new(&question, raw, reading));
            }
        }
    }
}

/// # Panics
///
/// Never: a reading is JSON.
fn json(stored: &StoredReading) -> Value {
    serde_json::to_value(stored).expect("a reading is JSON")
}

impl LabelReadings {
    /// No answers.
    pub(crate) fn new(label: Label) -> Self {
        Self { label, shard: None, folders: Vec::new() }
    }

    /// What asking for readings takes.
    #[must_use]
    pub fn effort(&self) -> Effort {
        let mut effort = Effort::default();
        for folder in &self.folders {
            effort += folder.effort();
        }
        effort
    }

    /// The readings of the first epoch as far as they are known, as journals keep them.
    pub(crate) fn json(&self) -> HashMap<(Folder, Position), Value> {
        let of_folder = |folder: &'_ FolderReadings| {
            let name = folder.samples.folder;
            let of_first = folder.known.iter().filter(|((epoch, _), _)| epoch.is_first());
            of_first.map(|((_, at), stored)| ((name, *at), json(stored))).collect::<Vec<_>>()
        };
        self.folders.iter().flat_map(of_folder).collect()
    }

    /// The folders with something to ask.
    pub(crate) fn jobs(&self) -> Vec<FolderJobs> {
        let asked = self.folders.iter().filter(|folder| !folder.doubts.is_empty());
        asked.map(FolderReadings::jobs).collect()
    }

    /// How the answers were read so far.
    fn counts(&self) -> ReadingCounts {
        let mut counts = ReadingCounts::default();
        for stored in self.folders.iter().flat_map(|folder| folder.known.values()) {
            let is_by_model = matches!(stored.reading.evidence.reader, Reader::Model { .. });
            let counter = match () {
                () if stored.reading.is_in_doubt() => &mut counts.in_doubt,
                () if is_by_model => &mut counts.by_model,
                () => &mut counts.by_rules,
            };
            *counter += 1;
        }
        counts
    }
}

impl Formatter<'_> {
    /// Where the requests of a label that ask for readings have their journal.
    pub(crate) fn readings_directory(&self, label: &Label) -> PathBuf {
        self.directory(label).join("readings")
    }

    /// What asking for readings is run with; `shard` is what is asked here, if others ask the rest.
    pub(crate) fn reading_settings(
        &self,
        label: &Label,
        shard: Option<ShardIdentity>,
    ) -> RunSettings {
        let settings = self.run_settings(label, self.readings_directory(label));
        RunSettings {
            spent_elsewhere: self.spent_in(&self.directory(label)),
            backend: format!("read {}", self.settings.mode),
            prompt_pack: format!("readings {MODEL_VERSION}"),
            finish: None,
            shard,
            ..settings
        }
    }

    /// Asking the language model for the readings that are in doubt; `None` if there is nothing to
    /// ask.
    #[must_use]
    pub fn reading_execution(&self, readings: &LabelReadings) -> Option<Execution> {
        let folders = readings.jobs();
        let label = readings.label.clone();
        let settings = self.reading_settings(&label, readings.shard.clone());
        (!folders.is_empty()).then(|| Execution::new(label, readings.effort(), settings, folders))
    }

    /// Writes the readings beside the formatted answers, those that the language model has given in
    /// the meantime included.
    ///
    /// # Errors
    ///
    /// If another program writes under the label, or its journals cannot be read or written.
    pub fn attach(
        &mut self,
        mut readings: LabelReadings,
        notes: &mut Vec<RefineNote>,
    ) -> Result<ReadingCounts, RefineError> {
        let label = readings.label.clone();
        self.reading_replies.add_readings(&self.directory(&label), notes);
        for folder in &mut readings.folders {
            folder.resolve(&self.reading_replies, &self.settings.refiner.model);
        }
        let counts = readings.counts();
        let folders: Vec<(FolderSamples, PlacedReadings)> = readings
            .folders
            .into_iter()
            .map(|folder| {
                let known = folder.known.iter().map(|(at, stored)| (*at, json(stored))).collect();
                (folder.samples, known)
            })
            .collect();
        attach_readings(&self.directory(&label), &folders, self.settings.locking)
            .map_err(RunError::from)?;
        Ok(counts)
    }

    /// What requests below a directory have cost so far, by their journals; 0 where no limit
    /// asks for it.
    pub(crate) fn spent_in(&self, directory: &Path) -> f64 {
        if self.settings.max_cost.is_none() {
            return 0.0;
        }
        let journal = |folder: Folder| directory.join("journal").join(format!("{folder}.jsonl"));
        let journals = Folder::ALL.iter().filter_map(|&folder| read_journal(&journal(folder)).ok());
        let entries =
            journals.flat_map(|journal| journal.entries.into_iter().chain(journal.further));
        entries.filter_map(|entry| entry.cost).sum()
    }
}
