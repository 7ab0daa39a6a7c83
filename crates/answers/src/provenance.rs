//! Where a formatted answer comes from: what the journal of formatted answers notes beside it.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{CLEANING_VERSION, FormattingRule, UnreadReason};

/// How one answer came into its format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// Journals name the field and the values so since version 1.
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Provenance {
    /// A rule read it.
    Rule {
        /// Which rule.
        rule: FormattingRule,
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
    /// No rule read it without doubt, and no model was to be asked, so it is left unformatted.
    #[serde(rename = "unread")]
    Unformatted {
        /// What stood in the way.
        reason: UnreadReason,
    },
    /// The model answered nothing.
    Empty,
    /// A check that is never asked.
    Void,
}

/// [`Provenance`] without its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenanceKind {
    /// A rule read it.
    Rule,
    /// A language model rewrote it.
    Llm,
    /// The folder's answers are scored as they stand.
    PassedThrough,
    /// It is left as the model wrote it, although scoring wants a format.
    Unformatted,
    /// The model answered nothing.
    Empty,
    /// A check that is never asked.
    Void,
}

impl ProvenanceKind {
    /// The name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Llm => "llm",
            Self::PassedThrough => "passed_through",
            Self::Unformatted => "unformatted",
            Self::Empty => "empty",
            Self::Void => "void",
        }
    }
}

impl Provenance {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> ProvenanceKind {
        match self {
            Self::Rule { .. } => ProvenanceKind::Rule,
            Self::Llm { .. } => ProvenanceKind::Llm,
            Self::PassedThrough => ProvenanceKind::PassedThrough,
            Self::Unformatted { .. } => ProvenanceKind::Unformatted,
            Self::Empty => ProvenanceKind::Empty,
            Self::Void => ProvenanceKind::Void,
        }
    }

    /// Who formatted the answer: a rule with its version, or a model.
    #[must_use]
    pub fn formatter(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Rule { rule, version, .. } => Some(format!("{rule} v{version}").into()),
            Self::Llm { model, .. } => Some(model.into()),
            _ => None,
        }
    }

    /// An answer that the language model `model` rewrote.
    #[must_use]
    pub fn llm(model: &str) -> Self {
        Self::Llm { model: model.to_owned(), version: CLEANING_VERSION }
    }

    /// As the journal keeps it.
    ///
    /// # Panics
    ///
    /// Never: names, numbers and text are JSON.
    #[must_use]
    pub fn note(&self) -> Value {
        serde_json::to_value(self).expect("names, numbers and text are JSON")
    }

    /// From the journal; `None` if another program noted something else.
    #[must_use]
    pub fn from_note(note: &Value) -> Option<Self> {
        Self::deserialize(note).ok()
    }
}
