//! The state of one folder: its prediction file overlaid with its journal.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use avibench_files::{FileError, KeptFile, write_atomic};
use avibench_protocol::{Folder, Position, Record, Sample};

use crate::epoch_answers::EpochAnswers;
use crate::journal::{Entry, JOURNAL_LIMIT, Journal, JournalError, WrittenLine, read_journal};
use crate::journal_scan::{DamagedLine, is_beginning_of_record};
use crate::prediction_file::{PredictionError, read_predictions, write_predictions};
use crate::{AskOutcome, Epoch, Spending};

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
    /// For each position, what the journal says became of it.
    outcomes: Vec<Option<AskOutcome>>,
    /// What the journal says of further epochs.
    further: BTreeMap<Epoch, EpochAnswers>,
    spent: Spending,
    predictions: PathBuf,
    journal: PathBuf,
    file: Option<KeptFile>,
    /// Length of the journal up to the last whole line.
    whole: u64,
    unterminated: bool,
    /// Lines of the journal that cannot be read.
    damaged: Vec<DamagedLine>,
    /// Answers that the prediction file lacks.
    unsaved: usize,
    /// Answers that it held when it was last written.
    saved: usize,
}

/// Something about the files found that a person should know; the run goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// A crash tore the journal's last line.
    #[error(
        "{}: cut a torn last line of {}, left by a crash; its sample is asked again{}",
        path.display(),
        counted(*bytes, "byte"),
        aside.as_ref().map_or_else(String::new, |aside| format!("; what was cut is kept in {}", aside.display()))
    )]
    TornTail {
        /// The journal.
        path: PathBuf,
        /// How much was cut.
        bytes: u64,
        /// Where it is kept, if it is more than the beginning of a line.
        aside: Option<PathBuf>,
    },
    /// Lines of a journal cannot be read.
    #[error(
        "{}: {} cannot be read and {} moved to {}; the samples are asked again unless other lines \
         answer them",
        path.display(),
        lines_in_words(lines),
        if lines.len() == 1 { "is" } else { "are" },
        aside.display()
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// Its lines.
        lines: Vec<DamagedLine>,
        /// Where they are kept.
        aside: PathBuf,
    },
    /// Lines of a journal stand there twice.
    #[error(
        "{}: {} there twice, and {} once",
        path.display(),
        if *count == 1 { "1 line stands".to_owned() } else { format!("{count} lines stand") },
        if *count == 1 { "counts" } else { "count" }
    )]
    Repeated {
        /// The journal.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// What a folder cost that is not asked now cannot be read.
    #[error("what was spent on it does not count against a limit of money: {reason}")]
    SpendingUnknown {
        /// Why not, with the file.
        reason: String,
    },
    /// Answers to other questions were left out, because differences are no obstacle.
    #[error(
        "{}: left out {} not match data.json",
        path.display(),
        if *count == 1 { "1 answer whose id does".to_owned() } else { format!("{count} answers whose ids do") }
    )]
    LeftOut {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
}

fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Which lines, and where the first of them begins: a journal may hold many.
fn lines_in_words(lines: &[DamagedLine]) -> String {
    const NAMED: usize = 10;
    let named: Vec<String> = lines.iter().take(NAMED).map(|line| line.line.to_string()).collect();
    let more = lines.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let byte = lines.first().map_or(0, |line| line.byte);
    match lines {
        [_] => format!("line {} (byte {byte})", named.join(", ")),
        _ => format!("lines {}{more} (the first at byte {byte})", named.join(", ")),
    }
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
        let mut ledger = Self::of_predictions(directory, folder, samples, force, notices)?;
        let journal = read_journal(&ledger.journal)?;
        ledger.take_journal(journal, force, notices)?;
        Ok(ledger)
    }

    /// Reads the state without what the journal says.
    pub(crate) fn of_predictions(
        directory: &Path,
        folder: Folder,
        samples: &Arc<[Arc<Sample>]>,
        force: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Self, LedgerError> {
        let mut ledger = Self::without_files(directory, folder, samples);
        ledger.take_predictions(force, notices)?;
        Ok(ledger)
    }

    /// The state of a folder that has no file yet.
    pub(crate) fn without_files(
        directory: &Path,
        folder: Folder,
        samples: &Arc<[Arc<Sample>]>,
    ) -> Self {
        let name = folder.name();
        let predictions = directory.join("tasks").join(format!("{name}.json"));
        let path = directory.join("journal").join(format!("{name}.jsonl"));
        let count = samples.len();
        Self {
            folder,
            samples: Arc::clone(samples),
            slots: vec![None; count],
            sources: vec![None; count],
            outcomes: vec![None; count],
            further: BTreeMap::new(),
            spent: Spending::default(),
            predictions,
            journal: path,
            file: None,
            whole: 0,
            unterminated: false,
            damaged: Vec::new(),
            // A prediction file has to be written even without answers.
            unsaved: 1,
            saved: 0,
        }
    }

    fn take_predictions(
        &mut self,
        force: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<(), LedgerError> {
        let slots = match read_predictions(&self.predictions) {
            Ok(slots) => slots,
            Err(PredictionError::File(error)) if error.source.kind() == ErrorKind::NotFound => {
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
            let aside = (!journal.torn_is_beginning).then(|| aside(&self.journal));
            notices.push(Notice::TornTail { path: path(), bytes: journal.torn, aside });
        }
        if !journal.damaged.is_empty() {
            let (lines, aside) = (journal.damaged.clone(), aside(&self.journal));
            notices.push(Notice::Damaged { path: path(), lines, aside });
        }
        if journal.repeated > 0 {
            notices.push(Notice::Repeated { path: path(), count: journal.repeated });
        }
        self.whole = journal.whole;
        self.unterminated = journal.unterminated;
        self.damaged = journal.damaged;
        let mut left_out = 0;
        for entry in journal.entries.into_iter().chain(journal.further) {
            let expected = self.samples.get(entry.position.0).map(|sample| sample.id.as_str());
            if expected != Some(&entry.id) {
                if !force {
                    let id = Some(entry.id.as_str());
                    return Err(other_data(&self.journal, entry.position.0, id, expected));
                }
                left_out += 1;
                continue;
            }
            self.take(&entry);
        }
        if left_out > 0 {
            notices.push(Notice::LeftOut { path: self.journal.clone(), count: left_out });
        }
        Ok(())
    }

    /// Takes a line of the journal that is about a sample of the folder.
    pub(crate) fn take(&mut self, entry: &Entry) {
        self.spent += entry.spending();
        self.apply(entry);
    }

    /// Puts into its slot what an entry says. An answer always replaces what was there, an empty
    /// one only where there is no text yet, and a failure nothing.
    fn apply(&mut self, entry: &Entry) {
        if !entry.epoch.is_first() {
            let samples = self.samples.len();
            let answers = self.further.entry(entry.epoch);
            answers.or_insert_with(|| EpochAnswers::new(samples)).apply(entry);
            return;
        }
        let position = entry.position.0;
        if let Some(outcome) = self.outcomes.get_mut(position)
            && entry.outcome != AskOutcome::NotAttempted
        {
            *outcome = Some(AskOutcome::standing(*outcome, entry.outcome));
        }
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

    /// Whether the sample at `position` has an answer in this epoch that was not made of another source
    /// than `source`.
    #[must_use]
    pub fn has_answer_in(&self, epoch: Epoch, position: Position, source: Option<&str>) -> bool {
        if epoch.is_first() {
            return self.has_answer(position, source);
        }
        self.further.get(&epoch).is_some_and(|answers| answers.has_answer(position, source))
    }

    /// How the sample at `position` ended in this epoch, as far as its files tell.
    #[must_use]
    pub fn outcome_in(&self, epoch: Epoch, position: Position) -> Option<AskOutcome> {
        if epoch.is_first() {
            return self.outcome(position);
        }
        self.further.get(&epoch)?.outcome(position)
    }

    /// The last epoch that the journal has a line of; the first if there is no other.
    #[must_use]
    pub fn last_epoch(&self) -> Epoch {
        self.further.keys().next_back().copied().unwrap_or_default()
    }

    /// Whether the sample at `position` has an answer in the first epoch that was not made of another
    /// source than `source`.
    #[must_use]
    pub fn has_answer(&self, position: Position, source: Option<&str>) -> bool {
        let Some(record) = self.record(position) else { return false };
        let fresh = match (source, &self.sources[position.0]) {
            (Some(wanted), Some(known)) => wanted == known,
            _ => true,
        };
        record.is_done() && fresh
    }

    /// How the sample at `position` ended, as far as its files tell: an answer that only the
    /// prediction file holds is taken for a whole one. `None` if nobody asked it.
    #[must_use]
    pub fn outcome(&self, position: Position) -> Option<AskOutcome> {
        let known = self.outcomes.get(position.0).copied().flatten();
        match self.record(position) {
            Some(record) if record.is_done() => {
                Some(known.filter(|outcome| outcome.has_answer()).unwrap_or(AskOutcome::Answered))
            }
            Some(record) if known.is_none() => {
                let is_null = record.predict.is_null();
                Some(if is_null { AskOutcome::Failed } else { AskOutcome::Empty })
            }
            _ => known,
        }
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
                self.outcomes[position] = None;
                self.unsaved += 1;
            }
        }
    }

    /// Makes the journal ready for appending: cuts what a crash tore, and moves what cannot be read
    /// to a file beside it. Nothing that anybody could still read is lost.
    pub fn open(&mut self) -> Result<(), FileError> {
        self.set_aside()?;
        let mut file = KeptFile::open(&self.journal, self.whole, JOURNAL_LIMIT)?;
        if self.unterminated {
            file.append(b"\n")?;
            self.unterminated = false;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Keeps what cannot be read of the journal in a file beside it, and writes the journal anew
    /// without its damaged lines.
    fn set_aside(&mut self) -> Result<(), FileError> {
        let Some(bytes) = JOURNAL_LIMIT.read_if_any(&self.journal)? else { return Ok(()) };
        let (whole, torn) = bytes.split_at(bytes.len().min(self.whole as usize));
        let mut aside: Vec<u8> = Vec::new();
        for line in &self.damaged {
            aside.extend(whole.get(line.byte..line.byte + line.length).unwrap_or_default());
        }
        if !torn.is_empty() && !is_beginning_of_record(torn) {
            aside.extend(torn);
        }
        if aside.is_empty() {
            return Ok(());
        }
        let path = self::aside(&self.journal);
        write_atomic(&path, |out| out.write_all(&aside))?;
        if !self.damaged.is_empty() {
            let mut kept = Vec::with_capacity(whole.len());
            let mut from = 0;
            for line in std::mem::take(&mut self.damaged) {
                kept.extend(whole.get(from..line.byte).unwrap_or_default());
                from = line.byte + line.length;
            }
            kept.extend(whole.get(from..).unwrap_or_default());
            write_atomic(&self.journal, |out| out.write_all(&kept))?;
            self.whole = kept.len() as u64;
        }
        Ok(())
    }

    /// Looks whether the journal is still what this run has made of it.
    pub(crate) fn check(&self) -> Result<(), FileError> {
        self.file.as_ref().map_or(Ok(()), KeptFile::check)
    }

    /// Appends whole lines, and takes what they say into the slots. Either all of them are in the
    /// file afterwards or none.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), FileError> {
        let mut lines = Vec::new();
        for entry in entries {
            let line = WrittenLine { entry, folder: self.folder };
            serde_json::to_writer(&mut lines, &line)
                .map_err(|e| FileError::at("write", &self.journal)(e.into()))?;
            lines.push(b'\n');
        }
        let Some(file) = &mut self.file else {
            let missing = std::io::Error::other("it was never opened");
            return Err(FileError::at("write", &self.journal)(missing));
        };
        file.append(&lines)?;
        for entry in entries {
            self.apply(entry);
        }
        Ok(())
    }

    /// Makes appended lines survive a power cut.
    pub fn sync(&self) -> Result<(), FileError> {
        match &self.file {
            Some(file) => file.sync(),
            None => Ok(()),
        }
    }

    /// Whether enough has come in to write the prediction file anew. Each writing at least doubles
    /// the file, so the bytes of all writings together grow linearly with the number of answers.
    #[must_use]
    pub fn is_worth_saving(&self) -> bool {
        self.unsaved >= self.saved.max(SAVE_EVERY)
    }

    /// Writes the prediction file unless it reads like this already. True if it was written.
    pub(crate) fn save_if_different(&mut self) -> Result<bool, FileError> {
        if read_predictions(&self.predictions).is_ok_and(|saved| saved == self.slots) {
            self.unsaved = 0;
        }
        self.save()
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

/// The file beside a journal that keeps what cannot be read of it: `AVM.jsonl.damaged-1`, or the
/// next number if there is one already.
fn aside(journal: &Path) -> PathBuf {
    let numbered = |number: u32| journal.with_extension(format!("jsonl.damaged-{number}"));
    let mut number = 1;
    while numbered(number).exists() {
        number += 1;
    }
    numbered(number)
}

pub(crate) fn other_data(
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
        std::fs::rename(&ledger.journal, dir.path().join("elsewhere")).unwrap();
        let error = ledger.append(&[entry(1, AskOutcome::Answered, "no")]).unwrap_err();
        assert!(error.to_string().contains("AVM.jsonl: somebody deleted it"), "{error}");
        assert_eq!(predictions(&ledger), [Some("yes"), None]);
        assert_eq!(read_journal(&dir.path().join("elsewhere")).unwrap().entries.len(), 1);
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
