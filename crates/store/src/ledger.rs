//! The state of one folder: its prediction file overlaid with its journal.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use avibench_files::FileError;
use avibench_protocol::{Folder, Position, Record, Sample};

use crate::Spending;
use crate::journal::{Entry, Journal, JournalError, read_journal};
use crate::prediction_file::{PredictionError, read_predictions, write_predictions};

/// A prediction file is written again only when at least this many answers have come in, because
/// each writing is a whole new file.
const SAVE_EVERY: usize = 64;

/// A folder's answers, in memory and on disk.
#[derive(Debug)]
pub struct Ledger {
    folder: Folder,
    samples: Arc<[Arc<Sample>]>,
    slots: Vec<Option<Record>>,
    /// For each position, the source that the journal names for its answer.
    sources: Vec<Option<String>>,
    spent: Spending,
    predictions: PathBuf,
    journal: PathBuf,
    file: Option<File>,
    /// Length of the journal up to the last whole line.
    whole: u64,
    unterminated: bool,
    /// Answers that the prediction file lacks.
    unsaved: usize,
    /// Answers that it held when it was last written.
    saved: usize,
}

/// Something about the files found that a person should know; the run goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// A crash tore the journal's last line.
    #[error("{}: cut a torn last line of {bytes} bytes, left by a crash; its sample is asked again", path.display())]
    TornTail {
        /// The journal.
        path: PathBuf,
        /// How much was cut.
        bytes: u64,
    },
    /// Lines in the middle of a journal cannot be read.
    #[error("{}: line {} cannot be read; the samples are asked again unless other lines answer them", path.display(), lines.iter().map(usize::to_string).collect::<Vec<_>>().join(", "))]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// Lines, from 1.
        lines: Vec<usize>,
    },
    /// Answers to other questions were left out, because differences are no obstacle.
    #[error("{}: left out {count} answers whose ids do not match data.json", path.display())]
    LeftOut {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
}

/// Files of a folder that no run can go on with.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The prediction file.
    #[error(transparent)]
    Predictions(#[from] PredictionError),
    /// They cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The files belong to other data.
    #[error(
        "{} answers other questions: at {position} it has id {found}, data.json has {expected}; \
         choose another --model-label, or go on without those answers with --force",
        path.display()
    )]
    OtherData {
        /// The file.
        path: PathBuf,
        /// The first place where it differs.
        position: usize,
        /// The id in the file.
        found: String,
        /// The id in data.json.
        expected: String,
    },
}

impl Ledger {
    /// Reads the state; nothing is written.
    pub fn read(
        directory: &Path,
        folder: Folder,
        samples: &Arc<[Arc<Sample>]>,
        force: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, LedgerError> {
        let name = folder.name();
        let predictions = directory.join("tasks").join(format!("{name}.json"));
        let path = directory.join("journal").join(format!("{name}.jsonl"));
        let count = samples.len();
        let mut ledger = Self {
            folder,
            samples: Arc::clone(samples),
            slots: vec![None; count],
            sources: vec![None; count],
            spent: Spending::default(),
            predictions,
            journal: path,
            file: None,
            whole: 0,
            unterminated: false,
            unsaved: 0,
            saved: 0,
        };
        ledger.take_predictions(force, notices)?;
        let journal = read_journal(&ledger.journal)?;
        ledger.take_journal(journal, force, notices)?;
        Ok(ledger)
    }

    fn take_predictions(
        &mut self,
        force: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<(), LedgerError> {
        let slots = match read_predictions(&self.predictions) {
            Ok(slots) => slots,
            Err(PredictionError::File(error)) if error.source.kind() == ErrorKind::NotFound => {
                // There is no prediction file yet, so one has to be written even without answers.
                self.unsaved = 1;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let mut left_out = 0;
        self.unsaved = usize::from(slots.len() != self.slots.len());
        for (position, record) in slots.into_iter().enumerate() {
            let Some(record) = record else { continue };
            // The original may leave ids out, so only a different id shows that the file belongs
            // to other data.
            let id = record.id.as_str();
            let expected = self.samples.get(position).map(|sample| sample.id.as_str());
            if expected.is_none() || id.is_some() && id != expected {
                if !force {
                    return Err(other_data(&self.predictions, position, id, expected));
                }
                left_out += 1;
                continue;
            }
            self.saved += usize::from(record.is_done());
            self.slots[position] = Some(record);
        }
        if left_out > 0 {
            self.unsaved += left_out;
            notices.push(Notice::LeftOut { path: self.predictions.clone(), count: left_out });
        }
        Ok(())
    }

    fn take_journal(
        &mut self,
        journal: Journal,
        force: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<(), LedgerError> {
        let path = || self.journal.clone();
        if journal.torn > 0 {
            notices.push(Notice::TornTail { path: path(), bytes: journal.torn });
        }
        if !journal.damaged.is_empty() {
            notices.push(Notice::Damaged { path: path(), lines: journal.damaged });
        }
        self.whole = journal.whole;
        self.unterminated = journal.unterminated;
        let mut left_out = 0;
        for entry in journal.entries {
            let expected = self.samples.get(entry.position.0).map(|sample| sample.id.as_str());
            if expected != Some(&entry.id) {
                if !force {
                    let id = Some(entry.id.as_str());
                    return Err(other_data(&self.journal, entry.position.0, id, expected));
                }
                left_out += 1;
                continue;
            }
            self.spent += entry.spending();
            self.apply(&entry);
        }
        if left_out > 0 {
            notices.push(Notice::LeftOut { path: self.journal.clone(), count: left_out });
        }
        Ok(())
    }

    /// Puts into its slot what an entry says. An answer always replaces what was there, an empty
    /// one only where there is no text yet, and a failure nothing.
    fn apply(&mut self, entry: &Entry) {
        let position = entry.position.0;
        let (Some(sample), Some(predict)) = (self.samples.get(position), entry.prediction()) else {
            return;
        };
        let answered = entry.outcome.has_answer();
        if !answered && self.slots[position].as_ref().is_some_and(Record::is_done) {
            return;
        }
        if answered {
            self.sources[position].clone_from(&entry.source);
        }
        let record = Record::answered(sample, predict);
        if self.slots[position].as_ref() != Some(&record) {
            self.slots[position] = Some(record);
            self.unsaved += 1;
        }
    }

    /// The folder.
    #[must_use]
    pub const fn folder(&self) -> Folder {
        self.folder
    }

    /// What the journal says was spent.
    #[must_use]
    pub const fn spent(&self) -> Spending {
        self.spent
    }

    /// Whether the sample at `position` has an answer that was not made of another source than
    /// `source`.
    #[must_use]
    pub fn has_answer(&self, position: Position, source: Option<&str>) -> bool {
        let Some(record) = self.record(position) else { return false };
        let fresh = match (source, &self.sources[position.0]) {
            (Some(wanted), Some(known)) => wanted == known,
            _ => true,
        };
        record.is_done() && fresh
    }

    /// Whether the sample at `position` has this very `answer`, made of this very `source`.
    #[must_use]
    pub fn holds(&self, position: Position, source: Option<&str>, answer: &str) -> bool {
        let Some(record) = self.record(position) else { return false };
        match (source, self.sources[position.0].as_deref()) {
            // The journal has no line about it, so the original made it, and it is kept.
            (Some(_), None) => record.is_done(),
            (wanted, known) => wanted == known && record.predict == answer,
        }
    }

    fn record(&self, position: Position) -> Option<&Record> {
        self.slots.get(position.0).and_then(Option::as_ref)
    }

    /// Empties every slot that is not marked, because its answer was made of another source.
    pub fn keep_only(&mut self, kept: &[bool]) {
        for (position, slot) in self.slots.iter_mut().enumerate() {
            if !kept[position] && slot.take().is_some() {
                self.sources[position] = None;
                self.unsaved += 1;
            }
        }
    }

    /// Makes the journal ready for appending: cuts what a crash tore.
    pub fn open(&mut self) -> Result<(), FileError> {
        let at = FileError::at;
        if let Some(parent) = self.journal.parent() {
            std::fs::create_dir_all(parent).map_err(at("create", parent))?;
        }
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.journal)
            .map_err(at("open", &self.journal))?;
        let length = file.metadata().map_err(at("read", &self.journal))?.len();
        if length > self.whole {
            file.set_len(self.whole).map_err(at("cut", &self.journal))?;
        }
        if self.unterminated {
            file.write_all(b"\n").map_err(at("write", &self.journal))?;
            self.whole += 1;
            self.unterminated = false;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Appends whole lines, and takes what they say into the slots. Either all of them are in the
    /// file afterwards or none.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), FileError> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)
                .map_err(|e| FileError::at("write", &self.journal)(e.into()))?;
            lines.push(b'\n');
        }
        let Some(file) = &mut self.file else {
            let missing = std::io::Error::other("it was never opened");
            return Err(FileError::at("write", &self.journal)(missing));
        };
        if let Err(error) = file.write_all(&lines) {
            // Part of a line may have been written. The next start would cut it as well, but the
            // file should be readable now.
            let _ = file.set_len(self.whole);
            return Err(FileError::at("write", &self.journal)(error));
        }
        self.whole += lines.len() as u64;
        for entry in entries {
            self.apply(entry);
        }
        Ok(())
    }

    /// Makes appended lines survive a power cut.
    pub fn sync(&self) -> Result<(), FileError> {
        match &self.file {
            Some(file) => file.sync_data().map_err(FileError::at("write", &self.journal)),
            None => Ok(()),
        }
    }

    /// Whether enough has come in to write the prediction file anew. Each writing at least doubles
    /// the file, so the bytes of all writings together grow linearly with the number of answers.
    #[must_use]
    pub fn is_worth_saving(&self) -> bool {
        self.unsaved >= self.saved.max(SAVE_EVERY)
    }

    /// Writes the prediction file if it lacks anything. True if it was written.
    pub fn save(&mut self) -> Result<bool, FileError> {
        if self.unsaved == 0 {
            return Ok(false);
        }
        write_predictions(&self.predictions, &self.slots)?;
        self.unsaved = 0;
        self.saved = self.slots.iter().flatten().filter(|record| record.is_done()).count();
        Ok(true)
    }
}

fn other_data(
    path: &Path,
    position: usize,
    found: Option<&str>,
    expected: Option<&str>,
) -> LedgerError {
    let name = |id: Option<&str>| id.map_or("none".to_owned(), |id| format!("{id:?}"));
    LedgerError::OtherData {
        path: path.to_owned(),
        position,
        found: name(found),
        expected: name(expected),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{AskOutcome, JOURNAL_VERSION};

    fn ledger(directory: &Path, samples: usize) -> Ledger {
        let sample = |i: usize| {
            let record = json!({"id": i.to_string(), "input": {}});
            Arc::new(Sample::from_json(Folder::Avm, Position(i), &record).unwrap())
        };
        let samples: Arc<[Arc<Sample>]> = (0..samples).map(sample).collect();
        Ledger::read(directory, Folder::Avm, &samples, false, &mut Vec::new()).unwrap()
    }

    fn entry(position: usize, outcome: AskOutcome, answer: &str) -> Entry {
        serde_json::from_value(json!({"v": JOURNAL_VERSION, "position": position,
            "id": position.to_string(), "outcome": outcome, "answer": answer,
            "time": "2026-01-01T00:00:00Z"}))
        .unwrap()
    }

    fn predictions(ledger: &Ledger) -> Vec<Option<&str>> {
        ledger.slots.iter().map(|slot| slot.as_ref()?.predict.as_str()).collect()
    }

    #[test]
    fn nothing_worse_replaces_an_answer() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = ledger(dir.path(), 4);
        ledger.open().unwrap();
        for (position, outcome, answer) in [
            (0, AskOutcome::Answered, "yes"),
            (0, AskOutcome::Failed, ""),
            (0, AskOutcome::Empty, ""),
            (1, AskOutcome::Refused, ""),
            (1, AskOutcome::Answered, "no"),
            (2, AskOutcome::Empty, " "),
            (2, AskOutcome::Failed, ""),
            (3, AskOutcome::Rejected, ""),
        ] {
            ledger.append(&[entry(position, outcome, answer)]).unwrap();
        }
        assert_eq!(predictions(&ledger), [Some("yes"), Some("no"), Some(""), None]);
    }

    #[test]
    fn what_cannot_be_written_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = ledger(dir.path(), 2);
        ledger.open().unwrap();
        ledger.append(&[entry(0, AskOutcome::Answered, "yes")]).unwrap();
        // As on a disk that has become read-only.
        ledger.file = Some(File::open(&ledger.journal).unwrap());
        let error = ledger.append(&[entry(1, AskOutcome::Answered, "no")]).unwrap_err();
        assert!(error.to_string().contains("AVM.jsonl"), "{error}");
        assert_eq!(predictions(&ledger), [Some("yes"), None]);
        assert_eq!(read_journal(&ledger.journal).unwrap().entries.len(), 1);
    }

    #[test]
    fn prediction_files_are_written_a_linear_number_of_bytes_in_all() {
        let dir = tempfile::tempdir().unwrap();
        let samples = 20_000;
        let mut ledger = ledger(dir.path(), samples);
        ledger.open().unwrap();
        let mut answers_written = 0;
        for position in 0..samples {
            ledger.append(&[entry(position, AskOutcome::Answered, "yes")]).unwrap();
            if ledger.is_worth_saving() {
                assert!(ledger.save().unwrap());
                answers_written += position + 1;
            }
        }
        assert!(ledger.save().unwrap());
        assert!(!ledger.save().unwrap(), "there is nothing new");
        answers_written += samples;
        assert!(answers_written <= 3 * samples, "{answers_written}");
    }
}
