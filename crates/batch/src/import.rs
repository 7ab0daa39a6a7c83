//! Reading results of batches into the journals of a label, as the answers of a run.
//!
//! All files are looked through before anything is written: results that belong to something else are
//! refused as a whole. Then they are read once more, a line at a time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use avibench_engine::{
    BatchFormat, BatchResult, Consequence, Failure, Price, Reply, ResultLineError, Secrets,
    text_tokens,
};
use avibench_files::{FileError, SizeLimit};
use avibench_protocol::{Folder, FolderData, Position, Sample};
use avibench_store::{
    AskOutcome, Entry, EntryError, Epoch, FolderSamples, JournalError, Locking, OnDifference,
    OpenError, OpenLabel, Opening, OutcomeCounts, Recorder, RecorderEvent, SessionEffort,
    SessionEnd, WriteFailure, read_journal,
};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::custom_id::CustomId;
use crate::export_manifest::{ExportManifest, ExportManifestError};
use crate::import_summary::{ImportSummary, Unreadable};
use crate::index::{self, INDEX, IndexLine};
use crate::result_lines::{RawResult, ResultLines};

/// The results of a hundred thousand requests with the longest thoughts.
const RESULTS_LIMIT: SizeLimit = SizeLimit::new(16 << 30, "name the files that came back");
/// How many unreadable lines are named.
const NAMED: usize = 5;
/// Entries that may be on their way to the disk.
const UNWRITTEN: usize = 256;

/// Which results go where.
#[derive(Debug, Clone)]
pub struct Import<'a> {
    /// The folder of the export that they belong to.
    pub export: &'a Path,
    /// The files of results, in any order.
    pub results: &'a [PathBuf],
    /// The form that they must have; any if `None`.
    pub format: Option<BatchFormat>,
    /// The folder of raw answers, with a folder for each label.
    pub output_dir: &'a Path,
    /// The data that the questions are of: at least the folders of the export.
    pub data: &'a [FolderData],
    /// Program and version, for run.json.
    pub program: String,
    /// The price of requests in a batch.
    pub price: Option<Price>,
    /// What to do where the label holds something else.
    pub on_difference: OnDifference,
    /// Whether locks keep other writers away.
    pub locking: Locking,
    /// What must not get into a file.
    pub secrets: Secrets,
    /// Hosts of the service, where they are known.
    pub hosts: Vec<String>,
}

/// Results that cannot be imported; nothing was written unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder is no export.
    #[error(transparent)]
    Export(#[from] ExportManifestError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The label cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A result of something else.
    #[error(
        "{}, line {line}: `{custom_id}` {reason}; nothing was imported: name the results of this export \
         ({}) alone",
        path.display(),
        export.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The name of the request.
        custom_id: String,
        /// What it belongs to.
        reason: String,
        /// The export.
        export: PathBuf,
    },
    /// Requests in place of results.
    #[error("{}, line {line}: {reason}; nothing was imported", path.display())]
    NoResult {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: ResultLineError,
    },
    /// Results in another form.
    #[error(
        "{}, line {line}: the line has the form of {found}, and --format says {wanted}; leave --format \
         out to take either; nothing was imported",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The form that it has.
        found: BatchFormat,
        /// The form that it should have.
        wanted: BatchFormat,
    },
    /// The data set lacks a folder or differs.
    #[error(
        "{folder} of the data set is not what was exported ({reason}); name the same data set with \
         --data-root"
    )]
    Data {
        /// The folder.
        folder: Folder,
        /// In what it differs.
        reason: &'static str,
    },
    /// The journal can no longer be written.
    #[error("{0}. Once mended, run the same command again: it goes on where it stopped")]
    Unwritable(WriteFailure),
    /// The thread that writes could not be started.
    #[error("cannot start the journal's thread: {0}")]
    Thread(std::io::Error),
}

impl Import<'_> {
    /// Imports the results. Running it again, or with results that overlap, changes nothing that is
    /// there already.
    ///
    /// # Errors
    ///
    /// [`ImportError`]. What is wrong with single lines is no error but stands in the summary.
    pub fn run(&self) -> Result<ImportSummary, ImportError> {
        let manifest = ExportManifest::read(self.export)?;
        let (requests, sha256) = index::read(self.export)?;
        if sha256 != manifest.index.sha256 {
            return Err(ExportManifestError::Changed { path: self.export.join(INDEX) }.into());
        }
        self.check_data(&manifest)?;
        let mut summary = ImportSummary { requests: requests.len(), ..ImportSummary::default() };
        self.look_through(&manifest, &requests, &mut summary)?;
        self.write(&manifest, &requests, &mut summary)?;
        Ok(summary)
    }

    fn check_data(&self, manifest: &ExportManifest) -> Result<(), ImportError> {
        if self.on_difference.goes_on() {
            return Ok(());
        }
        for (folder, identity) in &manifest.identity.data {
            let data = self.data.iter().find(|data| data.folder == *folder);
            let reason = match data {
                None => "it is not there or cannot be read",
                Some(data) if data.sha256 != identity.sha256 => "its data.json has another sha256",
                Some(_) => continue,
            };
            return Err(ImportError::Data { folder: *folder, reason });
        }
        Ok(())
    }

    /// Calls `take` with each line of all files.
    fn each_line(
        &self,
        mut take: impl FnMut(&Path, RawResult) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        for path in self.results {
            let at = || FileError::at("read", path);
            // Files are read twice, which a pipe does not allow.
            if !path.is_file() {
                let found = std::fs::metadata(path).map_err(at())?;
                let what = if found.is_dir() { "a folder" } else { "no file" };
                let words = format!("it is {what}; name the files that came back");
                return Err(at()(std::io::Error::other(words)).into());
            }
            let file = RESULTS_LIMIT.open(path)?;
            let mut lines = ResultLines::new(BufReader::with_capacity(1 << 16, file));
            while let Some(line) = lines.next_line().map_err(at())? {
                take(path, line)?;
            }
        }
        Ok(())
    }

    /// Refuses what belongs to something else, and notes what cannot be read.
    fn look_through(
        &self,
        manifest: &ExportManifest,
        requests: &HashMap<CustomId, IndexLine>,
        summary: &mut ImportSummary,
    ) -> Result<(), ImportError> {
        self.each_line(|path, line| {
            let unreadable = |reason: String, summary: &mut ImportSummary| {
                summary.unreadable_count += 1;
                if summary.unreadable.len() < NAMED {
                    let (path, line) = (path.to_owned(), line.number);
                    summary.unreadable.push(Unreadable { path, line, reason });
                }
            };
            let Some(text) = &line.text else {
                unreadable("it is longer than 16 MiB".to_owned(), summary);
                return Ok(());
            };
            let result = match BatchResult::read(text, &self.secrets) {
                Ok(result) => result,
                Err(ResultLineError::NoJson(_)) if line.is_torn => {
                    summary.torn.push(path.to_owned());
                    return Ok(());
                }
                Err(reason @ ResultLineError::Request) => {
                    let (path, line) = (path.to_owned(), line.number);
                    return Err(ImportError::NoResult { path, line, reason });
                }
                Err(reason) => {
                    unreadable(reason.to_string(), summary);
                    return Ok(());
                }
            };
            if let Some(wanted) = self.format.filter(|wanted| *wanted != result.format) {
                let (path, line, found) = (path.to_owned(), line.number, result.format);
                return Err(ImportError::Format { path, line, found, wanted });
            }
            match foreign(&result.custom_id, manifest, requests) {
                None => Ok(()),
                Some(reason) => Err(ImportError::Foreign {
                    path: path.to_owned(),
                    line: line.number,
                    custom_id: result
                        .custom_id
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(80)
                        .collect(),
                    reason,
                    export: self.export.to_owned(),
                }),
            }
        })
    }

    fn write(
        &self,
        manifest: &ExportManifest,
        requests: &HashMap<CustomId, IndexLine>,
        summary: &mut ImportSummary,
    ) -> Result<(), ImportError> {
        let samples: Vec<FolderSamples> = self
            .data
            .iter()
            .filter(|data| manifest.identity.data.contains_key(&data.folder))
            .map(FolderSamples::from)
            .collect();
        let opening = Opening {
            program: self.program.clone(),
            label: manifest.label.clone(),
            directory: self.output_dir.join(manifest.label.as_str()),
            identity: manifest.identity.clone(),
            on_difference: self.on_difference,
            epochs: manifest.epochs,
            locking: self.locking,
        };
        let directory = opening.directory.clone();
        let mut label = OpenLabel::open(opening, &samples)?;
        let notices = label.notices().iter().map(ToString::to_string);
        let forced = label.differences().iter().map(|difference| format!("forced: {difference}"));
        summary.notices = notices.chain(forced).collect();
        let mut answered = HashSet::new();
        let records = |folder| {
            let data = samples.iter().find(|data| data.folder == folder);
            data.map_or(0, |data| data.samples.len())
        };
        for epoch in Epoch::all(manifest.epochs) {
            for (folder, position) in manifest.selected(records) {
                let Some(open) = label.folder(folder) else { continue };
                if open.want(epoch, position, None) {
                    answered.insert((folder, epoch, position));
                }
            }
        }
        let mut known = HashSet::new();
        for data in &samples {
            let path = directory.join("journal").join(format!("{}.jsonl", data.folder));
            let journal = read_journal(&path)?;
            let entries = journal.entries.into_iter().chain(journal.further);
            known.extend(entries.map(|entry| fingerprint(data.folder, entry)));
        }
        let session = label.begin(self.hosts.clone())?;
        let (tallies, before) = (session.tallies().clone(), session.before().clone());
        let (reports, written) = channel();
        let report = move |event| drop(reports.send(event));
        let (recorder, record) = session.record(report).map_err(ImportError::Thread)?;
        let mut writer = Writer {
            import: self,
            samples: samples.iter().map(|data| (data.folder, data)).collect(),
            profile: manifest.identity.profile.clone(),
            before,
            answered,
            known,
            recorder,
            written,
            unwritten: 0,
            errors: BTreeMap::new(),
            summary,
        };
        let read = self.each_line(|_, line| writer.take(&line, requests));
        let Writer { before, answered, recorder, written, errors, summary, .. } = writer;
        drop(recorder.finish().join());
        let broken = written.try_iter().find_map(broken);
        // What cannot be written says more than why the reading of lines ended.
        if let Some(failure) = broken {
            return Err(ImportError::Unwritable(failure));
        }
        read?;
        let tallies = settled(tallies, before);
        summary.folders.clear();
        for ((folder, _), counts) in &tallies {
            *summary.folders.entry(*folder).or_default() += *counts;
        }
        summary.unanswered = requests
            .keys()
            .filter(|id| !answered.contains(&(id.folder, id.epoch, id.position)))
            .count();
        summary.directory = directory;
        let effort = SessionEffort {
            requests: summary.imported
                + summary.open.values().map(|(count, _)| count).sum::<usize>(),
            retries: 0,
            errors,
            spending: summary.spending,
        };
        record.finish(SessionEnd::Finished, &tallies, effort)?;
        Ok(())
    }
}

/// Why a result does not belong to an export; none if it does.
fn foreign(
    custom_id: &str,
    manifest: &ExportManifest,
    requests: &HashMap<CustomId, IndexLine>,
) -> Option<String> {
    let Ok(id) = custom_id.parse::<CustomId>() else {
        return Some("is no name that an export of this program gave".to_owned());
    };
    if requests.contains_key(&id) {
        return None;
    }
    if !id.is_of(&manifest.label) {
        return Some(format!("belongs to another label than {}", manifest.label));
    }
    let is_same = |other: &&CustomId| {
        (other.folder, other.position, other.epoch) == (id.folder, id.position, id.epoch)
    };
    Some(match requests.keys().find(is_same) {
        Some(other) => {
            format!("answers another request about the sample than was exported ({other})")
        }
        None => "is not among the requests of this export".to_owned(),
    })
}

/// Names what an entry says, but for the time and what it cost.
fn fingerprint(folder: Folder, entry: Entry) -> [u8; 32] {
    let told =
        Entry { time: Timestamp::UNIX_EPOCH, cost: None, latency_ms: None, folder: None, ..entry };
    let mut digest = Sha256::new_with_prefix(folder.name());
    digest.update(serde_json::to_vec(&told).unwrap_or_default());
    digest.finalize().into()
}

/// Samples by outcome: those that were answered before, and how the others stand.
fn settled(
    mut tallies: BTreeMap<(Folder, Epoch), OutcomeCounts>,
    before: BTreeMap<(Folder, Epoch, Position), AskOutcome>,
) -> BTreeMap<(Folder, Epoch), OutcomeCounts> {
    for ((folder, epoch, _), outcome) in before {
        if let Some(counts) = tallies.get_mut(&(folder, epoch)) {
            counts.record(outcome);
        }
    }
    tallies
}

fn broken(event: RecorderEvent) -> Option<WriteFailure> {
    match event {
        RecorderEvent::Broken(failure) => Some(failure),
        RecorderEvent::Written(_) | RecorderEvent::Saved(_) => None,
    }
}

/// Makes entries of results and hands them to the journals.
struct Writer<'a> {
    import: &'a Import<'a>,
    samples: BTreeMap<Folder, &'a FolderSamples>,
    profile: Option<String>,
    /// How samples stand that had no answer before.
    before: BTreeMap<(Folder, Epoch, Position), AskOutcome>,
    /// Samples that have an answer.
    answered: HashSet<(Folder, Epoch, Position)>,
    /// What the journals say already.
    known: HashSet<[u8; 32]>,
    recorder: Recorder,
    written: Receiver<RecorderEvent>,
    unwritten: usize,
    errors: BTreeMap<avibench_store::FailureKind, usize>,
    summary: &'a mut ImportSummary,
}

impl Writer<'_> {
    fn take(
        &mut self,
        line: &RawResult,
        requests: &HashMap<CustomId, IndexLine>,
    ) -> Result<(), ImportError> {
        let Some(text) = &line.text else { return Ok(()) };
        let Ok(result) = BatchResult::read(text, &self.import.secrets) else { return Ok(()) };
        // Files that change between two readings bring nothing foreign in.
        let Some((id, request)) =
            result.custom_id.parse().ok().and_then(|id| requests.get_key_value(&id))
        else {
            return Ok(());
        };
        let sample = self.samples.get(&id.folder).and_then(|data| data.samples.get(id.position.0));
        let Some(sample) = sample.cloned() else { return Ok(()) };
        if self.answered.contains(&(id.folder, id.epoch, id.position)) {
            self.summary.present += 1;
            return Ok(());
        }
        match result.answer {
            Ok(reply) => {
                self.summary.remarks.note(&reply);
                let entry = self.answer(&sample, &reply, request);
                self.record(id, entry)
            }
            Err(failure) => self.take_failure(id, &sample, &failure),
        }
    }

    fn answer(&self, sample: &Sample, reply: &Reply, request: &IndexLine) -> Entry {
        let mut entry = reply.entry(sample, &request.request, self.profile.as_deref());
        entry.cost = self.import.price.map(|price| {
            let tokens_in = reply.tokens_in.unwrap_or(request.tokens_in);
            let audio = reply.tokens_audio.filter(|&tokens| tokens > 0);
            let tokens_out = reply.tokens_out.unwrap_or_else(|| {
                text_tokens(&reply.text) + reply.thinking.as_deref().map_or(0, text_tokens)
            });
            price.cost(tokens_in, audio.unwrap_or(request.tokens_audio), tokens_out)
        });
        entry
    }

    /// A request that was turned down for good ends its sample, as in a run. Any other failure leaves it
    /// open: a run would ask again.
    fn take_failure(
        &mut self,
        id: &CustomId,
        sample: &Sample,
        failure: &Failure,
    ) -> Result<(), ImportError> {
        let kind = failure.kind();
        if failure.consequence() != Consequence::Reject {
            *self.errors.entry(kind).or_default() += 1;
            let (count, _) =
                self.summary.open.entry(kind).or_insert_with(|| (0, failure.to_string()));
            *count += 1;
            return Ok(());
        }
        let mut entry = Entry::new(sample.position, sample.id.clone(), AskOutcome::Rejected);
        entry.tries = 1;
        entry.profile.clone_from(&self.profile);
        entry.error = Some(EntryError::from(failure));
        let (count, words) = &mut self.summary.rejected;
        *count += 1;
        if words.is_empty() {
            *words = failure.to_string();
        }
        self.record(id, entry)
    }

    fn record(&mut self, id: &CustomId, entry: Entry) -> Result<(), ImportError> {
        let entry = entry.in_epoch(id.epoch);
        if !self.known.insert(fingerprint(id.folder, entry.clone())) {
            self.summary.present += 1;
            return Ok(());
        }
        let place = (id.folder, id.epoch, id.position);
        // A sample counts once, however many lines say something of it.
        let stood = self.before.get(&place).copied();
        self.before.insert(place, AskOutcome::standing(stood, entry.outcome));
        if entry.outcome.has_answer() {
            self.answered.insert(place);
        }
        self.summary.imported += 1;
        self.summary.spending += entry.spending();
        self.unwritten += 1;
        self.recorder.record(id.folder, entry);
        while self.unwritten >= UNWRITTEN {
            match self.written.recv() {
                Ok(RecorderEvent::Written(count)) => self.unwritten -= count.min(self.unwritten),
                Ok(RecorderEvent::Saved(_)) => {}
                Ok(RecorderEvent::Broken(failure)) => return Err(ImportError::Unwritable(failure)),
                Err(_) => break,
            }
        }
        Ok(())
    }
}
