//! The rules by name, and what one can say about an answer.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::unread_reason::UnreadReason;

/// A rule that can take an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormattingRule {
    /// The folder's answers are scored as they stand.
    PassedThrough,
    /// The whole answer is one literal of the wanted shape.
    Whole,
    /// Fenced code holds the only literal of the wanted shape.
    Fenced,
    /// `answer=` leads to the only literal of the wanted shape.
    Assigned,
    /// Prose around the only literal of the wanted shape.
    OnlyBlock,
    /// Nothing but lines such as `dog: 2` or `frame_0: [0, 0, 1, 1]`.
    Lines,
    /// Nothing but names and boxes in tags, as grounding models write them.
    Tagged,
    /// Nothing but indices, maybe with a noun before each, or the word `none`.
    Indices,
    /// The whole answer is one option (or, where several may be right, options).
    Option,
    /// The answer stands in `<answer>`, `\boxed{}`, `#...#` or a JSON object made for it.
    Container,
    /// One sentence that says the answer and nothing else, such as `The answer is yes.`
    Statement,
    /// A sentence or line of a longer text is marked as the answer.
    Marked,
    /// The answer stands first, and nothing after it takes it back.
    Opening,
    /// One option is emphasised, no other is named.
    Emphasised,
    /// The whole answer is one number.
    Number,
    /// The answer is that it is not known.
    NotKnown,
}

impl FormattingRule {
    /// The name in journals and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PassedThrough => "passed_through",
            Self::Whole => "whole",
            Self::Fenced => "fenced",
            Self::Assigned => "assigned",
            Self::OnlyBlock => "only_block",
            Self::Lines => "lines",
            Self::Tagged => "tagged",
            Self::Indices => "indices",
            Self::Option => "option",
            Self::Container => "container",
            Self::Statement => "statement",
            Self::Marked => "marked",
            Self::Opening => "opening",
            Self::Emphasised => "emphasised",
            Self::Number => "number",
            Self::NotKnown => "not_known",
        }
    }

    /// Version of the rule. It grows whenever some answer is read differently than before.
    #[must_use]
    pub const fn version(self) -> u32 {
        match self {
            Self::Fenced | Self::Assigned | Self::OnlyBlock | Self::Emphasised => 2,
            _ => 1,
        }
    }
}

/// By name, the order in which reports list rules.
impl Ord for FormattingRule {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for FormattingRule {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for FormattingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a rule says about an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RuleOutcome {
    /// It is sure.
    Takes {
        /// Bytes of the answer that it took.
        span: Range<usize>,
        /// The answer in the wanted format.
        text: String,
    },
    /// The answer has what the rule looks for, but not without doubt; no later rule may take it.
    Doubts {
        /// What is doubtful.
        reason: UnreadReason,
    },
    /// The answer is not of the rule's kind.
    Passes {
        /// What is lacking.
        reason: &'static str,
    },
}

impl RuleOutcome {
    pub(crate) fn doubts(reason: impl Into<UnreadReason>) -> Self {
        Self::Doubts { reason: reason.into() }
    }
}
