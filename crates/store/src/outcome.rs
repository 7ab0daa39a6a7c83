//! What became of each sample, counts of that, and what it cost.

use std::collections::BTreeMap;
use std::ops::{AddAssign, SubAssign};

use serde::{Deserialize, Serialize};

use crate::FinishReason;

/// Every sample ends in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskOutcome {
    /// The model said something.
    Answered,
    /// The model's answer holds nothing but white space.
    Empty,
    /// The model said something, but the limit of tokens ended it before the model did.
    CutOff,
    /// The model, or a filter before it, declined.
    Refused,
    /// No answer came through: connection, server, worker. Asking again may help.
    Failed,
    /// The medium cannot be sent or the server will not take the request.
    Rejected,
    /// The run stopped before this sample was done.
    NotAttempted,
}

impl AskOutcome {
    /// All outcomes in the order of every table.
    pub const ALL: [Self; 7] = [
        Self::Answered,
        Self::Empty,
        Self::CutOff,
        Self::Refused,
        Self::Failed,
        Self::Rejected,
        Self::NotAttempted,
    ];

    /// The name in files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Empty => "empty",
            Self::CutOff => "cut_off",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::NotAttempted => "not_attempted",
        }
    }

    /// The name in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Empty => "empty",
            Self::CutOff => "cut off",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::NotAttempted => "not attempted",
        }
    }

    /// Whether there is a text to format and score: whole, or as far as it came.
    #[must_use]
    pub const fn has_answer(self) -> bool {
        matches!(self, Self::Answered | Self::CutOff)
    }

    /// What stands of a sample that ended as `now`, and `before` in an earlier try: an answer
    /// overrules everything before it, an empty answer or a refusal counts only where there is no
    /// answer, and a failure replaces neither.
    #[must_use]
    pub fn standing(before: Option<Self>, now: Self) -> Self {
        match before {
            Some(before) if before.weight() > now.weight() => before,
            _ => now,
        }
    }

    /// What stands against what: the heavier overrules.
    pub(crate) const fn weight(self) -> u8 {
        match self {
            Self::Answered | Self::CutOff => 3,
            Self::Empty | Self::Refused => 2,
            Self::Failed | Self::Rejected => 1,
            Self::NotAttempted => 0,
        }
    }

    /// The outcome of a line that has this finish reason. Earlier versions noted answers that were
    /// cut off as answered.
    pub(crate) fn in_view_of(self, finish_reason: Option<&str>) -> Self {
        let is_cut = || finish_reason.map(FinishReason::of) == Some(FinishReason::Length);
        if self == Self::Answered && is_cut() { Self::CutOff } else { self }
    }
}

/// Samples by outcome; the outcomes add up to the total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Samples that the run is about.
    pub total: usize,
    /// Answered, those of earlier sessions included.
    pub answered: usize,
    /// Of the answered and the cut off, those that an earlier session (or the original) left.
    pub reused: usize,
    /// Empty answers.
    pub empty: usize,
    /// Answers that the limit of tokens cut off. Files of earlier versions count them as answered.
    #[serde(default)]
    pub cut_off: usize,
    /// Refusals.
    pub refused: usize,
    /// Failures of connection, server or worker.
    pub failed: usize,
    /// Media or requests that were turned down.
    pub rejected: usize,
    /// Not done.
    pub not_attempted: usize,
}

impl OutcomeCounts {
    /// Counts for `total` samples of which none is done.
    #[must_use]
    pub fn untouched(total: usize) -> Self {
        Self { total, not_attempted: total, ..Self::default() }
    }

    /// How many samples have this outcome.
    #[must_use]
    pub fn get(&self, outcome: AskOutcome) -> usize {
        match outcome {
            AskOutcome::Answered => self.answered,
            AskOutcome::Empty => self.empty,
            AskOutcome::CutOff => self.cut_off,
            AskOutcome::Refused => self.refused,
            AskOutcome::Failed => self.failed,
            AskOutcome::Rejected => self.rejected,
            AskOutcome::NotAttempted => self.not_attempted,
        }
    }

    /// Samples that are done, well or badly.
    #[must_use]
    pub fn done(&self) -> usize {
        self.total - self.not_attempted
    }

    /// Whether anything came back from a model: an answer, an empty one or a refusal.
    #[must_use]
    pub fn has_replies(&self) -> bool {
        self.answered + self.cut_off + self.empty + self.refused > 0
    }

    /// Moves one sample from not attempted to `outcome`.
    pub fn record(&mut self, outcome: AskOutcome) {
        let slot = match outcome {
            AskOutcome::Answered => &mut self.answered,
            AskOutcome::Empty => &mut self.empty,
            AskOutcome::CutOff => &mut self.cut_off,
            AskOutcome::Refused => &mut self.refused,
            AskOutcome::Failed => &mut self.failed,
            AskOutcome::Rejected => &mut self.rejected,
            AskOutcome::NotAttempted => return,
        };
        slot.add_assign(1);
        self.not_attempted.sub_assign(1);
    }

    /// Counts one sample that had its answer before this session began.
    pub fn reuse(&mut self, outcome: AskOutcome) {
        self.record(outcome);
        self.reused += 1;
    }

    /// Samples that were attempted and have nothing to score, or only the beginning of it: the
    /// model said nothing, or its limit of tokens ended it.
    #[must_use]
    pub fn without_whole_text(&self) -> usize {
        self.empty + self.cut_off
    }
}

impl AddAssign for OutcomeCounts {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.answered += other.answered;
        self.reused += other.reused;
        self.empty += other.empty;
        self.cut_off += other.cut_off;
        self.refused += other.refused;
        self.failed += other.failed;
        self.rejected += other.rejected;
        self.not_attempted += other.not_attempted;
    }
}

/// Tokens as the server counts them, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Completion tokens.
    pub tokens_out: u64,
    /// US dollars by the price table for those requests whose price is known; `None` where that is
    /// none of them. Files of earlier versions hold 0 there.
    #[serde(default)]
    pub cost: Option<f64>,
}

impl AddAssign for Spending {
    fn add_assign(&mut self, other: Self) {
        self.tokens_in += other.tokens_in;
        self.tokens_out += other.tokens_out;
        self.cost = match (self.cost, other.cost) {
            (Some(before), Some(now)) => Some(before + now),
            (before, now) => before.or(now),
        };
    }
}

/// How often each kind of error was met, failed tries included.
pub type ErrorCounts = BTreeMap<crate::FailureKind, usize>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_price_adds_nothing_and_alone_is_no_number() {
        let spent = |cost| Spending { tokens_in: 1, tokens_out: 2, cost };
        let sum = |parts: &[Option<f64>]| {
            let mut sum = Spending::default();
            for cost in parts {
                sum += spent(*cost);
            }
            sum.cost
        };
        assert_eq!(sum(&[]), None);
        assert_eq!(sum(&[None, None]), None);
        assert_eq!(sum(&[None, Some(0.5), None, Some(0.25)]), Some(0.75));
        assert_eq!(sum(&[Some(0.0)]), Some(0.0), "free is a price");
        let written = serde_json::to_value(spent(None)).unwrap();
        assert!(written["cost"].is_null(), "{written}");
    }

    #[test]
    fn names_in_files_are_those_of_lines() {
        for outcome in AskOutcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.key());
        }
    }

    #[test]
    fn nothing_worse_stands_in_place_of_something_better() {
        use AskOutcome::{Answered, CutOff, Empty, Failed, NotAttempted, Refused, Rejected};
        for (before, now, stands) in [
            (None, Failed, Failed),
            (Some(Failed), Rejected, Rejected),
            (Some(Failed), Empty, Empty),
            (Some(Empty), Failed, Empty),
            (Some(Empty), Refused, Refused),
            (Some(Refused), CutOff, CutOff),
            (Some(CutOff), Answered, Answered),
            (Some(Answered), CutOff, CutOff),
            (Some(CutOff), Empty, CutOff),
            (Some(Answered), NotAttempted, Answered),
        ] {
            assert_eq!(AskOutcome::standing(before, now), stands, "{before:?}, then {now:?}");
        }
    }

    #[test]
    fn spending_of_earlier_files_is_read() {
        let read: Spending =
            serde_json::from_str(r#"{"tokens_in": 1, "tokens_out": 2, "cost": 0.0}"#).unwrap();
        assert_eq!(read.cost, Some(0.0));
        let absent: Spending =
            serde_json::from_str(r#"{"tokens_in": 1, "tokens_out": 2}"#).unwrap();
        assert_eq!(absent.cost, None);
    }
}
