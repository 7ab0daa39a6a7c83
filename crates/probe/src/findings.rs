//! What was found out about an ability, with the evidence.

use std::fmt;

use avibench_reading::{BoxForm, Convention};
use serde::{Deserialize, Serialize};

use crate::Ability;

/// Whether an endpoint has an ability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensed {
    /// Who guesses answers so well in under 1%.
    Yes,
    /// A model that is right nine times in ten answers so badly in under 1%.
    No,
    /// The answers show neither.
    Unclear,
    /// Too few answers came through.
    Unknown,
}

impl Sensed {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unclear => "unclear",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Sensed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What became of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialOutcome {
    /// The answer is right.
    Right,
    /// It is wrong, or says nothing that could be right.
    Wrong,
    /// The model said nothing, or a filter declined: this shows nothing about the ability.
    Silent,
    /// No answer came through.
    Failed,
}

/// One question and what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// The right answer.
    pub expected: String,
    /// What was said, its beginning if it is long; why there is no answer where none came through.
    pub said: String,
    /// What became of it.
    pub outcome: TrialOutcome,
}

/// What was found out about an ability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbilityFinding {
    /// The ability.
    pub ability: Ability,
    /// Whether the endpoint has it.
    pub verdict: Sensed,
    /// Answers that are right.
    pub right: usize,
    /// Answers that are right or wrong.
    pub answered: usize,
    /// In which convention boxes are given; only where that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<BoxForm>,
    /// The questions in their order.
    pub trials: Vec<TrialRecord>,
}

impl AbilityFinding {
    /// `7 of 7 right`, and for boxes their convention.
    #[must_use]
    pub fn evidence(&self) -> String {
        let form = self.boxes.map_or_else(String::new, |BoxForm { order, scale }| {
            format!(", {} {}", order.name(), scale.name())
        });
        format!("{} of {} right{form}", self.right, self.answered)
    }

    /// The first question without a right answer.
    #[must_use]
    pub fn first_miss(&self) -> Option<&TrialRecord> {
        self.trials.iter().find(|trial| trial.outcome != TrialOutcome::Right)
    }

    /// How boxes are meant that leave it open.
    pub(crate) fn convention(&self) -> Convention {
        let form = self.boxes.filter(|_| self.verdict == Sensed::Yes);
        Convention { order: form.map(|form| form.order), scale: form.map(|form| form.scale) }
    }
}
