//! Readings that join answers which stand in a journal already.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use avibench_protocol::Position;
use serde_json::Value;

use crate::journal::{Entry, read_journal};
use crate::ledger::Ledger;
use crate::lock::{Locking, RunLock};
use crate::{AskOutcome, Epoch, FolderSamples, OpenError};

/// Readings of a folder's answers, as journals keep them.
pub type PlacedReadings = BTreeMap<(Epoch, Position), Value>;

/// Gives each of these answers of a label its reading, unless its journal has this very one. No
/// prediction changes, and no session is noted: nobody is asked. Gives the number of lines that
/// were written.
///
/// The last line about a position holds everything that is known of its answer, so an answer is
/// written once more with its reading. Where the journal knows no answer, because another program
/// formatted it or formatting failed, the line holds the reading alone; so do the lines of further
/// epochs, whose answers are read and not formatted.
///
/// # Errors
///
/// If another process writes under the label, or its journals cannot be read or written.
pub fn attach_readings(
    directory: &Path,
    folders: &[(FolderSamples, PlacedReadings)],
    locking: Locking,
) -> Result<usize, OpenError> {
    let mut lock = None;
    let mut written = 0;
    for (data, readings) in folders {
        let folder = data.folder;
        let path = directory.join("journal").join(format!("{folder}.jsonl"));
        let journal = read_journal(&path).map_err(crate::LedgerError::from)?;
        let mut answers: BTreeMap<(Epoch, Position), &Entry> = BTreeMap::new();
        let mut known: BTreeMap<(Epoch, Position), &Value> = BTreeMap::new();
        for entry in journal.entries.iter().chain(&journal.further) {
            let place = (entry.epoch, entry.position);
            if entry.outcome.has_answer() {
                answers.insert(place, entry);
            }
            if let Some(reading) = &entry.reading {
                known.insert(place, reading);
            }
        }
        let lacking = readings.iter().filter(|(at, wanted)| known.get(at) != Some(wanted));
        let entries: Vec<Entry> = lacking
            .filter_map(|(&at, reading)| {
                let (epoch, position) = at;
                let id = &data.samples.get(position.0)?.id;
                let answer = answers.get(&at).filter(|entry| entry.id == *id);
                let entry = with_reading(position, id, answer.copied(), reading);
                Some(entry.in_epoch(epoch))
            })
            .collect();
        if entries.is_empty() {
            continue;
        }
        if lock.is_none() {
            lock = Some(RunLock::acquire(directory, locking)?);
        }
        let samples = Arc::clone(&data.samples);
        let mut ledger = Ledger::read(directory, folder, &samples, true, &mut Vec::new())?;
        ledger.open().map_err(crate::LedgerError::from)?;
        ledger.append(&entries).map_err(crate::LedgerError::from)?;
        ledger.sync().map_err(crate::LedgerError::from)?;
        written += entries.len();
    }
    Ok(written)
}

/// A line about a known answer, with its reading. What asking took stands in the earlier line, and
/// is not counted twice.
fn with_reading(at: Position, id: &str, answer: Option<&Entry>, reading: &Value) -> Entry {
    let outcome = answer.map_or(AskOutcome::NotAttempted, |entry| entry.outcome);
    let mut entry = Entry::new(at, id.to_owned(), outcome);
    if let Some(answer) = answer {
        entry.answer.clone_from(&answer.answer);
        entry.predict.clone_from(&answer.predict);
        entry.source.clone_from(&answer.source);
        entry.note.clone_from(&answer.note);
        entry.model.clone_from(&answer.model);
    }
    entry.reading = Some(reading.clone());
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Spending, read_predictions, write_predictions};
    use avibench_protocol::{Folder, Record, Sample};
    use serde_json::json;

    #[test]
    fn readings_join_answers_and_change_none() {
        let root = tempfile::tempdir().unwrap();
        let sample = |i: usize| {
            let record = json!({"id": i.to_string(), "input": {}});
            Arc::new(Sample::from_json(Folder::Avm, Position(i), &record).unwrap())
        };
        let samples: Arc<[Arc<Sample>]> = (0..3).map(sample).collect();
        let data_sha256 = "a".repeat(64);
        let data = FolderSamples { folder: Folder::Avm, samples, data_sha256 };
        let slot = |at: usize| Some(Record::answered(&data.samples[at], "by another program"));
        let tasks = root.path().join("tasks/AVM.json");
        write_predictions(&tasks, &[slot(0), slot(1), None]).unwrap();
        let line = json!({"v": 1, "position": 0, "id": "0", "outcome": "answered", "answer": "reply",
            "predict": "by another program", "note": {"way": "llm"}, "tokens_in": 7,
            "time": "2026-01-01T00:00:00Z"});
        std::fs::create_dir_all(root.path().join("journal")).unwrap();
        let path = root.path().join("journal/AVM.jsonl");
        std::fs::write(&path, format!("{line}\n")).unwrap();
        let before = std::fs::read(&tasks).unwrap();

        let readings: PlacedReadings =
            (0..3).map(|at| ((Epoch::FIRST, Position(at)), json!({"value": at}))).collect();
        let wanted = [(data, readings)];
        let attach = || attach_readings(root.path(), &wanted, Locking::System).unwrap();
        assert_eq!(attach(), 3);
        assert_eq!(attach(), 0, "they are there");
        let journal = read_journal(&path).unwrap();
        let last = &journal.entries[1];
        assert_eq!(last.prediction(), Some("by another program"));
        assert_eq!((&last.note, last.tokens_in), (&Some(json!({"way": "llm"})), None));
        assert_eq!(journal.entries[2].outcome, AskOutcome::NotAttempted);
        assert_eq!(journal.entries[3].reading, Some(json!({"value": 2})));
        assert_eq!(std::fs::read(&tasks).unwrap(), before);
        let ledger =
            Ledger::read(root.path(), Folder::Avm, &wanted[0].0.samples, false, &mut Vec::new());
        assert_eq!(ledger.unwrap().spent(), Spending { tokens_in: 7, ..Spending::default() });
        assert_eq!(read_predictions(&tasks).unwrap()[2], None);
    }
}
