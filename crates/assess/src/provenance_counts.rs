//! How many formatted answers of a folder came from rules, how many from a language model, as
//! prediction file and journal tell.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_answers::Provenance;
use avibench_protocol::{Folder, Record};
use avibench_results::Formatting;
use avibench_store::{JournalError, Outcome, PredictionError, read_journal, read_predictions};

/// Why the provenance of a folder's answers cannot be counted.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// The formatted answers cannot be read.
    #[error(transparent)]
    Predictions(#[from] PredictionError),
    /// Their journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Counts the provenance of a label's answers in `folder`; `label` is the label's folder below that
/// of formatted answers. A missing prediction file holds no answers.
///
/// # Errors
///
/// If prediction file or journal are there and cannot be read.
pub fn count_provenance(label: &Path, folder: Folder) -> Result<Formatting, CountError> {
    let path = label.join("tasks").join(format!("{folder}.json"));
    let slots = if path.exists() { read_predictions(&path)? } else { Vec::new() };
    let journal = read_journal(&label.join("journal").join(format!("{folder}.jsonl")))?;
    let mut known = BTreeMap::new();
    for entry in &journal.entries {
        let provenance = match entry.outcome {
            Outcome::Answered => entry.note.as_ref().and_then(Provenance::from_note),
            _ => None,
        };
        // Later lines overrule earlier ones; of failures the file knows nothing.
        if let (Some(provenance), Some(text)) = (provenance, entry.prediction()) {
            known.insert(entry.position.0, (provenance, text));
        }
    }
    let mut counts = Formatting::new(folder);
    let last: BTreeMap<usize, Outcome> =
        journal.entries.iter().map(|entry| (entry.position.0, entry.outcome)).collect();
    for (position, slot) in slots.iter().enumerate() {
        let is_done = slot.as_ref().is_some_and(Record::is_done);
        if !is_done && last.get(&position).is_some_and(|&outcome| outcome != Outcome::Answered) {
            counts.not_formatted += 1;
            continue;
        }
        let Some(record) = slot else { continue };
        let known = known.get(&position).filter(|(_, text)| record.predict == *text);
        count(&mut counts, record, known.map(|(provenance, _)| provenance));
    }
    Ok(counts)
}

fn count(counts: &mut Formatting, record: &Record, provenance: Option<&Provenance>) {
    let counter = match provenance {
        Some(Provenance::Rule { .. }) => &mut counts.by_rule,
        Some(Provenance::Llm { .. }) => &mut counts.by_llm,
        Some(Provenance::PassedThrough) => &mut counts.passed_through,
        Some(Provenance::Unformatted { .. }) => &mut counts.unread,
        None if record.is_done() => &mut counts.unknown,
        // An empty reply of a refiner stands in the file as an empty answer, without provenance.
        Some(Provenance::Void | Provenance::Empty) | None => return,
    };
    *counter += 1;
}
