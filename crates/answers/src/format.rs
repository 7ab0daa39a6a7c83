//! Bringing an answer into the format that the official scoring wants.

use std::ops::Range;

use avibench_protocol::Folder;
use serde::Serialize;

use crate::answer::{Answer, rules};
use crate::rule::{FormattingRule, RuleOutcome};
use crate::unread_reason::UnreadReason;

/// An answer after formatting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Formatted {
    /// The answer in the wanted format, or unformatted.
    pub text: String,
    /// How it was read.
    pub reading: RuleReading,
}

/// Whether a rule read an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum RuleReading {
    /// A rule took it.
    Read {
        /// Which rule.
        rule: FormattingRule,
        /// The rule's version.
        version: u32,
        /// Bytes of the raw answer that were taken.
        span: Range<usize>,
    },
    /// No rule did without doubt; the text is unformatted.
    Unread {
        /// What stood in the way.
        reason: UnreadReason,
    },
}

impl Formatted {
    /// Whether a rule read the answer.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        matches!(self.reading, RuleReading::Read { .. })
    }
}

/// Formats the answer to a question of `folder` that offered `options` (empty: none).
///
/// The same answer is always read the same way: nothing but the three arguments counts. Time is
/// linear in the length of the answer.
#[must_use]
pub fn format(folder: Folder, raw: &str, options: &[String]) -> Formatted {
    let read = |rule: FormattingRule, span, text| Formatted {
        text,
        reading: RuleReading::Read { rule, version: rule.version(), span },
    };
    let unread = |reason: UnreadReason| Formatted {
        text: raw.to_owned(),
        reading: RuleReading::Unread { reason },
    };
    let rules = rules(folder);
    if rules.is_empty() {
        return read(FormattingRule::PassedThrough, 0..raw.len(), raw.to_owned());
    }
    let Ok(answer) = Answer::new(raw, options) else {
        return unread(UnreadReason::Unfinished);
    };
    for (rule, apply) in rules {
        match apply(&answer) {
            RuleOutcome::Takes { span, text } => return read(*rule, span, text),
            RuleOutcome::Doubts { reason } => return unread(reason),
            RuleOutcome::Passes { .. } => {}
        }
    }
    unread(UnreadReason::NoRule)
}
