//! Which way an answer went from raw to formatted: what the journal of formatted answers notes.

use std::ops::Range;

use avibench_answers::{CLEANING_VERSION, Rule};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The way of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub(crate) enum Way {
    /// A rule read it.
    Rule {
        /// Which rule.
        rule: Rule,
        /// The rule's version.
        version: u32,
        /// Bytes of the raw answer that were taken.
        span: Range<usize>,
    },
    /// A language model rewrote it.
    Llm {
        /// The model's name, as asked for.
        model: String,
        /// Version of the cleaning after it.
        version: u32,
    },
    /// The folder's answers are scored as they stand.
    PassedThrough,
    /// No rule read it without doubt, and no model was to be asked: it is left as it came.
    Unread {
        /// What stood in the way.
        reason: String,
    },
    /// The model answered nothing.
    Empty,
    /// A check that is never asked.
    Void,
}

impl Way {
    /// The way through a language model.
    pub(super) fn llm(model: &str) -> Self {
        Self::Llm { model: model.to_owned(), version: CLEANING_VERSION }
    }

    /// As the journal keeps it.
    pub(super) fn note(&self) -> Value {
        serde_json::to_value(self).expect("names, numbers and text are JSON")
    }

    /// From the journal; `None` if another program noted something else.
    pub(crate) fn from_note(note: &Value) -> Option<Self> {
        serde_json::from_value(note.clone()).ok()
    }
}
