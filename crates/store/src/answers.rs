//! The answers of a folder, wherever a run left them.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use avibench_protocol::{Folder, Record, Sample};

use crate::{Epoch, LedgerError, PredictionError, read_journal, read_predictions};

/// The answers of a folder below a label's `directory`, by position: those of the prediction file,
/// and in slots without an answer those of the journal. A run that was killed had no time to write
/// its last answers into the prediction file; only the next run would.
///
/// `None` if neither file is there. Journal lines about other samples than `samples` are left out.
///
/// # Errors
///
/// If a file is there and cannot be read.
pub fn read_answers(
    directory: &Path,
    folder: Folder,
    samples: &[impl Borrow<Sample>],
) -> Result<Option<Vec<Option<Record>>>, LedgerError> {
    let name = folder.name();
    let found = match read_predictions(&directory.join("tasks").join(format!("{name}.json"))) {
        Ok(slots) => Some(slots),
        Err(PredictionError::File(error)) if error.source.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let journal = directory.join("journal").join(format!("{name}.jsonl"));
    if found.is_none() && !journal.exists() {
        return Ok(None);
    }
    let mut slots = found.unwrap_or_default();
    let is_saved: Vec<bool> =
        slots.iter().map(|slot| slot.as_ref().is_some_and(Record::is_done)).collect();
    for entry in read_journal(&journal)?.entries {
        let position = entry.position.0;
        let sample = samples.get(position).map(Borrow::borrow);
        let sample = sample.filter(|sample| sample.id == entry.id);
        let (Some(sample), Some(predict)) = (sample, entry.prediction()) else { continue };
        if slots.len() <= position {
            slots.resize(position + 1, None);
        }
        let record = Record::answered(sample, predict);
        let is_answer = record.is_done() || slots[position].is_none();
        if is_answer && !is_saved.get(position).copied().unwrap_or(false) {
            slots[position] = Some(record);
        }
    }
    Ok(Some(slots))
}

/// The answers to a folder in its further epochs, by epoch and position. The journal alone holds them; lines
/// about other samples than `samples` are left out, and an epoch without a line is not there.
///
/// # Errors
///
/// If the journal is there and cannot be read.
pub fn read_further_answers(
    directory: &Path,
    folder: Folder,
    samples: &[impl Borrow<Sample>],
) -> Result<BTreeMap<Epoch, Vec<Option<Record>>>, LedgerError> {
    let journal = directory.join("journal").join(format!("{folder}.jsonl"));
    let mut epochs: BTreeMap<Epoch, Vec<Option<Record>>> = BTreeMap::new();
    for entry in read_journal(&journal)?.further {
        let position = entry.position.0;
        let sample = samples.get(position).map(Borrow::borrow);
        let sample = sample.filter(|sample| sample.id == entry.id);
        let (Some(sample), Some(predict)) = (sample, entry.prediction()) else { continue };
        let slots = epochs.entry(entry.epoch).or_insert_with(|| vec![None; samples.len()]);
        let record = Record::answered(sample, predict);
        if record.is_done() || slots[position].is_none() {
            slots[position] = Some(record);
        }
    }
    Ok(epochs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::Position;
    use serde_json::{Value, json};

    #[test]
    fn a_journal_fills_what_the_file_lacks_and_overrules_nothing() {
        let root = tempfile::tempdir().unwrap();
        let sample = |i: usize| {
            let record = json!({"id": i.to_string(), "input": {"question": {"text": "?"}}});
            Sample::from_json(Folder::Avm, Position(i), &record).unwrap()
        };
        let samples: Vec<Sample> = (0..5).map(sample).collect();
        let read = || read_answers(root.path(), Folder::Avm, &samples).unwrap();
        assert_eq!(read(), None);
        let line = |at: usize, id: &str, outcome: &str, answer: Value| {
            json!({"v": 1, "position": at, "id": id, "outcome": outcome, "answer": answer,
                "time": "2026-01-01T00:00:00Z"})
        };
        let journal = [
            line(0, "0", "answered", json!("from the journal")),
            line(1, "1", "answered", json!("first")),
            line(1, "1", "answered", json!("last")),
            line(2, "2", "failed", Value::Null),
            line(3, "another", "answered", json!("other data")),
        ];
        let text = journal.map(|line| line.to_string()).join("\n");
        std::fs::create_dir_all(root.path().join("journal")).unwrap();
        std::fs::write(root.path().join("journal/AVM.jsonl"), text).unwrap();
        let predicted = |slots: &[Option<Record>]| -> Vec<Option<Value>> {
            slots.iter().map(|slot| slot.as_ref().map(|record| record.predict.clone())).collect()
        };
        let slots = read().unwrap();
        assert_eq!(predicted(&slots), [Some(json!("from the journal")), Some(json!("last"))]);

        std::fs::create_dir_all(root.path().join("tasks")).unwrap();
        let file = json!([{"id": "0", "predict": "from the file"}, null, null, null]);
        std::fs::write(root.path().join("tasks/AVM.json"), file.to_string()).unwrap();
        let slots = read().unwrap();
        let expected = [Some(json!("from the file")), Some(json!("last")), None, None];
        assert_eq!(predicted(&slots), expected);
    }
}
