//! Where the formatted answers of a folder come from, as prediction file and journal tell.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_answers::Provenance;
use avibench_protocol::{Folder, Record};
use avibench_results::Formatting;
use avibench_store::{
    AskOutcome, DamagedLine, Epoch, JournalError, JournalLines, JournalText, PredictionError,
    read_predictions,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

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
    /// Of each answer that a journal tells of, by position.
    pub answers: Vec<Option<Provenance>>,
    /// What the answers say, as the journal has it, by position.
    pub(crate) readings: Vec<Option<Value>>,
    /// The same of further epochs.
    pub(crate) further: BTreeMap<Epoch, Vec<Option<Value>>>,
    /// Lines of the journal that cannot be read.
    pub damaged: Vec<DamagedLine>,
}

/// What the journal notes beside an answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Noted {
    /// Where the answer comes from.
    Known(Provenance),
    /// Whatever another program noted.
    Other(IgnoredAny),
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
        let mut readings: Vec<Option<Value>> = vec![None; slots.len()];
        let mut answers: Vec<Option<Provenance>> = vec![None; slots.len()];
        let mut last: Vec<Option<AskOutcome>> = vec![None; slots.len()];
        let path = label.join("journal").join(format!("{folder}.jsonl"));
        let text = JournalText::read(&path)?;
        let lines = text.as_ref().map(JournalText::lines::<Noted>).transpose()?;
        let JournalLines { lines, further: of_further, damaged } = lines.unwrap_or_default();
        let mut further: BTreeMap<Epoch, Vec<Option<Value>>> = BTreeMap::new();
        for mut line in of_further {
            let Some(reading) = line.reading.take() else { continue };
            let readings = further.entry(line.epoch).or_default();
            place(readings, line.position.0, reading);
        }
        for mut line in lines {
            let position = line.position.0;
            if let Some(reading) = line.reading.take() {
                place(&mut readings, position, reading);
            }
            // A line that holds a reading alone says nothing about the answer.
            let is_about_answer = line.outcome != AskOutcome::NotAttempted;
            let Some(slot) = slots.get(position).filter(|_| is_about_answer) else { continue };
            last[position] = Some(line.outcome);
            let note = line.note.take().filter(|_| line.outcome.has_answer());
            // Later lines overrule earlier ones; of failures the file knows nothing. Where another
            // program has replaced the answer since, the journal does not tell of it.
            if let (Some(Noted::Known(provenance)), Some(text)) = (note, line.prediction()) {
                let is_this = slot.as_ref().is_some_and(|record| record.predict == *text);
                answers[position] = is_this.then_some(provenance);
            }
        }
        let mut counts = Formatting::new(folder);
        for ((slot, last), provenance) in slots.iter().zip(last).zip(&answers) {
            let is_done = slot.as_ref().is_some_and(Record::is_done);
            let failed = last.is_some_and(|outcome| !outcome.has_answer());
            if !is_done && failed {
                counts.not_formatted += 1;
            } else if let Some(record) = slot {
                count(&mut counts, record, provenance.as_ref());
            }
        }
        Ok(Self { counts, answers, readings, further, damaged })
    }
}

/// Puts a reading into its place.
fn place(readings: &mut Vec<Option<Value>>, position: usize, reading: Value) {
    if readings.len() <= position {
        readings.resize(position + 1, None);
    }
    readings[position] = Some(reading);
}

fn count(counts: &mut Formatting, record: &Record, provenance: Option<&Provenance>) {
    let counter = match provenance {
        Some(Provenance::Rule { .. }) => &mut counts.by_rule,
        Some(Provenance::Llm { .. }) => &mut counts.by_llm,
        Some(Provenance::PassedThrough) => &mut counts.passed_through,
        Some(Provenance::Unformatted { .. }) => &mut counts.unread,
        None if record.is_done() => &mut counts.unknown,
        Some(Provenance::Empty) => &mut counts.empty,
        None if record.predict == "" => &mut counts.empty,
        Some(Provenance::Void) | None => return,
    };
    *counter += 1;
}
