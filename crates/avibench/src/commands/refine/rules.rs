//! Formatting by rules, and the record of which way each answer went.

use std::ops::Range;
use std::path::Path;

use avibench_answers::{Reading, Rule, format};
use avibench_protocol::{
    FileError, FolderData, Options, Position, Prediction, Record, Sample, options_of, write_atomic,
};
use serde::Serialize;
use serde_json::Value;

/// One slot after formatting.
pub(super) struct Refined {
    pub position: Position,
    pub record: Option<Record>,
    pub way: Way,
}

/// Which way an answer went.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub(super) enum Way {
    /// There is no answer to format.
    Missing,
    /// A check that is never asked.
    Void,
    /// The folder's answers are scored as they stand.
    PassedThrough,
    /// A rule read it.
    Rule {
        /// Which rule.
        rule: Rule,
        /// The rule's version.
        version: u32,
        /// Bytes of the raw answer that were taken.
        span: Range<usize>,
    },
    /// No rule read it without doubt; it is left as it came.
    Unread {
        /// What stood in the way.
        reason: String,
    },
}

#[derive(Serialize)]
struct JournalLine<'a> {
    v: u32,
    position: Position,
    id: &'a Value,
    #[serde(flatten)]
    way: &'a Way,
}

/// Options that a question offers, as ground truths spell them.
pub(super) fn offered(sample: &Sample) -> &'static [String] {
    match options_of(sample) {
        Options::List(list) => list,
        Options::None | Options::Unresolved(_) => &[],
    }
}

/// Formats every slot of a folder; slots beyond the data are dropped.
pub(super) fn format_folder(data: &FolderData, slots: &[Option<Record>]) -> Vec<Refined> {
    data.samples
        .iter()
        .zip(slots)
        .map(|(sample, slot)| {
            let position = sample.position;
            if sample.is_void() {
                return Refined { position, record: slot.clone(), way: Way::Void };
            }
            let Some(record) = slot else {
                return Refined { position, record: None, way: Way::Missing };
            };
            let Prediction::Text(raw) = record.prediction() else {
                return Refined { position, record: Some(record.clone()), way: Way::Missing };
            };
            if raw.is_empty() {
                return Refined { position, record: Some(record.clone()), way: Way::Missing };
            }
            let formatted = format(data.folder, raw, offered(sample));
            let way = match formatted.reading {
                Reading::Read { rule: Rule::PassedThrough, .. } => Way::PassedThrough,
                Reading::Read { rule, version, span } => Way::Rule { rule, version, span },
                Reading::Unread { reason } => Way::Unread { reason },
            };
            let record = Record { predict: Value::String(formatted.text), ..record.clone() };
            Refined { position, record: Some(record), way }
        })
        .collect()
}

/// One JSON line for each record: position, id, and the way it went.
pub(super) fn write_journal(path: &Path, slots: &[Refined]) -> Result<(), FileError> {
    write_atomic(path, |out| {
        for slot in slots {
            let Some(record) = &slot.record else { continue };
            let line =
                JournalLine { v: 1, position: slot.position, id: &record.id, way: &slot.way };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}
