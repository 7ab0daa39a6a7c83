//! Where the formatted answers of a folder come from, as prediction file and journal tell.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_answers::Provenance;
use avibench_protocol::{Folder, Position, Record};
use avibench_results::Formatting;
use avibench_store::{AskOutcome, JournalError, PredictionError, read_journal, read_predictions};

/// Why the provenance of a folder's answers is not known.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// The formatted answers cannot be read.
    #[error(transparent)]
    Predictions(#[from] PredictionError),
    /// Their journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Where the formatted answers of a folder come from.
#[derive(Debug, Clone)]
pub struct FolderProvenance {
    /// How many come from where.
    pub counts: Formatting,
    /// Of each answer that a journal tells of.
    pub answers: BTreeMap<Position, Provenance>,
}

impl FolderProvenance {
    /// Reads what `refine` left of a label in `folder`; `label` is the label's folder below that of
    /// formatted answers. A missing prediction file holds no answers.
    ///
    /// # Errors
    ///
    /// If prediction file or journal are there and cannot be read.
    pub fn read(label: &Path, folder: Folder) -> Result<Self, ProvenanceError> {
        let path = label.join("tasks").join(format!("{folder}.json"));
        let slots = if path.exists() { read_predictions(&path)? } else { Vec::new() };
        Self::of(&slots, label, folder)
    }

    /// The same for formatted answers that were read before.
    ///
    /// # Errors
    ///
    /// If the journal is there and cannot be read.
    pub fn of(
        slots: &[Option<Record>],
        label: &Path,
        folder: Folder,
    ) -> Result<Self, ProvenanceError> {
        let journal = read_journal(&label.join("journal").join(format!("{folder}.jsonl")))?;
        let mut known = BTreeMap::new();
        let mut last: BTreeMap<Position, AskOutcome> = BTreeMap::new();
        for entry in journal.entries {
            last.insert(entry.position, entry.outcome);
            let provenance = match entry.outcome {
                AskOutcome::Answered => entry.note.as_ref().and_then(Provenance::from_note),
                _ => None,
            };
            // Later lines overrule earlier ones; of failures the file knows nothing. Where another
            // program has replaced the answer since, the journal does not tell of it.
            if let (Some(provenance), Some(text)) = (provenance, entry.prediction()) {
                let found = slots.get(entry.position.0).and_then(Option::as_ref);
                if found.is_some_and(|record| record.predict == *text) {
                    known.insert(entry.position, provenance);
                } else {
                    known.remove(&entry.position);
                }
            }
        }
        let mut counts = Formatting::new(folder);
        for (position, slot) in slots.iter().enumerate() {
            let position = Position(position);
            let is_done = slot.as_ref().is_some_and(Record::is_done);
            let failed =
                last.get(&position).is_some_and(|&outcome| outcome != AskOutcome::Answered);
            if !is_done && failed {
                counts.not_formatted += 1;
            } else if let Some(record) = slot {
                count(&mut counts, record, known.get(&position));
            }
        }
        Ok(Self { counts, answers: known })
    }
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
