//! How answers came into the format that scoring reads.

use avibench_answers::FormattingRule;
use avibench_protocol::Folder;
use serde::{Deserialize, Serialize};

/// A folder's formatted answers by provenance. Void checks are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formatting {
    /// The folder.
    pub folder: Folder,
    /// Answers that a rule read.
    pub by_rule: usize,
    /// Answers that a language model rewrote.
    pub by_llm: usize,
    /// Answers that need no format.
    pub passed_through: usize,
    /// Answers that no rule read and that were left unformatted.
    pub unread: usize,
    /// Answers that the language model was to rewrite and did not: it failed, declined or said
    /// nothing.
    #[serde(default)]
    pub not_formatted: usize,
    /// Answers that hold nothing. Reports of earlier versions do not count them.
    #[serde(default)]
    pub empty: usize,
    /// Answers of which no journal tells, such as those that the original program left.
    pub unknown: usize,
}

impl Formatting {
    /// No answers yet.
    #[must_use]
    pub const fn new(folder: Folder) -> Self {
        Self {
            folder,
            by_rule: 0,
            by_llm: 0,
            passed_through: 0,
            unread: 0,
            not_formatted: 0,
            empty: 0,
            unknown: 0,
        }
    }

    /// Answers that need a format.
    #[must_use]
    pub const fn formatted(&self) -> usize {
        self.by_rule + self.by_llm + self.unread + self.unknown
    }
}

/// Who formatted the answers, and their provenance by folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormattingReport {
    /// The model that rewrote what rules do not read, or `rules`; null if no run of this program
    /// formatted them.
    pub refiner: Option<String>,
    /// How they were formatted: `refine hybrid`, `refine llm` or `refine rules`.
    pub mode: Option<String>,
    /// By folder.
    pub folders: Vec<Formatting>,
    /// The rules that read an answer, by name, each with its version.
    #[serde(default)]
    pub rules: Vec<RuleVersion>,
}

/// A formatting rule as it was when it read an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleVersion {
    /// The rule; written by its name.
    pub rule: FormattingRule,
    /// Its version.
    pub version: u32,
}
