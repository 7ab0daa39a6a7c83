//! What became of each record: the per-sample results that every number is a sum of.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use avibench_protocol::{Folder, Position, Sample};
use serde::{Deserialize, Serialize};

use crate::{
    Attempt, Attempts, CaptionMeasure, Extent, MatchParts, Parts, ScoringRule, Tally, Warning,
};

/// Number of a cluster within its folder: records that share an id, their checks included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cluster(pub usize);

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictOutcome {
    /// As right as an answer can be.
    Right,
    /// Nothing of it is right.
    Wrong,
    /// Some of it is right.
    Partly,
    /// The answer has not the form that the task asks for.
    Unread,
    /// Right in itself, but the check of the same id was answered wrongly.
    Zeroed,
    /// Asked, with no answer, or with none that can be used.
    Missing,
    /// Never asked: the run ended before, or nothing of the task was asked at all.
    NotAsked,
    /// Outside the part of the folder that the run planned to ask: it never counts.
    NotPlanned,
    /// A caption without anything to rate it with.
    Unrated,
    /// The benchmark left it without an answer, or a check without a question: it never counts.
    Void,
}

impl VerdictOutcome {
    /// The name in rows and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Partly => "partly",
            Self::Unread => "unread",
            Self::Zeroed => "zeroed",
            Self::Missing => "missing",
            Self::NotAsked => "not_asked",
            Self::NotPlanned => "not_planned",
            Self::Unrated => "unrated",
            Self::Void => "void",
        }
    }
}

impl fmt::Display for VerdictOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What became of one record, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Place in the folder.
    pub position: Position,
    /// The records it moves together with under resampling.
    pub cluster: Cluster,
    /// Whether it is a check: it never counts itself.
    pub is_check: bool,
    /// What became of it.
    pub outcome: VerdictOutcome,
    /// Its statistics; `None` if it does not count.
    pub parts: Option<Parts>,
    /// The answer as it was understood, cut after 500 bytes: the option, the numbers, the indices,
    /// or the text of the value. Empty if nothing could be read.
    pub read: String,
    /// How it was read, or why it was not.
    pub rule: ScoringRule,
    /// The bytes of the answer that decided, where that can be said.
    pub span: Option<Range<usize>>,
}

impl VerdictOutcome {
    /// Whether there is an answer that was judged.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        match self {
            Self::Right
            | Self::Wrong
            | Self::Partly
            | Self::Unread
            | Self::Zeroed
            | Self::Unrated => true,
            Self::Missing | Self::NotAsked | Self::NotPlanned | Self::Void => false,
        }
    }
}

impl Verdict {
    /// The record's own score, 0 to 1 ([`Parts::score`]); `None` if it does not count.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.parts.as_ref().map(Parts::score)
    }
}

/// The verdicts on one folder.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderVerdicts {
    /// The folder.
    pub folder: Folder,
    /// One verdict a sample; index = position.
    pub records: Vec<Verdict>,
    /// The id of each cluster; index = [`Cluster`].
    pub clusters: Vec<String>,
    /// Factor 0.8 to 1 on all parts of a retrieval folder whose answers repeat each other; 1
    /// elsewhere. It belongs to the folder as a whole, so that resamples keep it.
    pub diversity: f64,
    /// Why the folder has no score although it has predictions.
    pub unscored: Option<String>,
    /// How much of it was planned and asked.
    pub extent: Extent,
    /// Strict scoring of a folder of which samples were not yet asked: the sums if all of these
    /// were right, their checks included.
    pub ceiling: Option<Tally>,
    /// What was passed over.
    pub warnings: Vec<Warning>,
}

impl FolderVerdicts {
    /// Whether the captions of both folders were rated by the same measure, as far as there are any.
    #[must_use]
    pub fn is_rated_like(&self, other: &Self) -> bool {
        let has_parts = |of: &Self| of.parts().next().is_some();
        self.is_by_stand_in() == other.is_by_stand_in() || !has_parts(self) || !has_parts(other)
    }

    /// Whether the stand-in for FENSE rated its captions.
    #[must_use]
    pub fn is_by_stand_in(&self) -> bool {
        self.parts().any(|parts| {
            matches!(parts, Parts::Caption(parts) if parts.measure == CaptionMeasure::StandIn)
        })
    }

    /// The verdicts with what is known of the run that asked: what it did not ask is no longer
    /// missing.
    #[must_use]
    pub fn of_attempts(mut self, attempts: &Attempts) -> Self {
        self.extent = attempts.extent();
        for record in self.records.iter_mut().filter(|r| r.outcome == VerdictOutcome::Missing) {
            match attempts.at(record.position) {
                Attempt::Asked => {}
                Attempt::NotAsked => {
                    record.outcome = VerdictOutcome::NotAsked;
                    record.rule = ScoringRule::NotAsked;
                }
                Attempt::NotPlanned => {
                    record.outcome = VerdictOutcome::NotPlanned;
                    record.rule = ScoringRule::NotPlanned;
                }
            }
        }
        self
    }

    /// The verdicts as they would be if no check had been asked: what a failed check took from right
    /// answers is given back.
    #[must_use]
    pub fn without_double_confirm(mut self) -> Self {
        for record in self.records.iter_mut().filter(|r| r.outcome == VerdictOutcome::Zeroed) {
            record.outcome = VerdictOutcome::Right;
            record.parts = Some(Parts::Match(MatchParts { correct: true }));
        }
        self
    }

    /// Statistics of the records that count.
    pub fn parts(&self) -> impl Iterator<Item = &Parts> {
        self.records.iter().filter_map(|record| record.parts.as_ref())
    }
}

/// Numbers the clusters of a folder in order of appearance: one number a sample, and their ids.
pub(crate) fn clusters(samples: &[Sample]) -> (Vec<Cluster>, Vec<String>) {
    let mut numbers: HashMap<&str, Cluster> = HashMap::new();
    let mut ids = Vec::new();
    let of_samples = samples.iter().map(|sample| {
        let id = sample.formal_id();
        *numbers.entry(id).or_insert_with(|| {
            ids.push(id.to_owned());
            Cluster(ids.len() - 1)
        })
    });
    (of_samples.collect(), ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_written_by_their_names() {
        for name in [
            "right",
            "wrong",
            "partly",
            "unread",
            "zeroed",
            "missing",
            "not_asked",
            "not_planned",
            "unrated",
            "void",
        ] {
            let outcome: VerdictOutcome = serde_json::from_value(name.into()).unwrap();
            assert_eq!(outcome.name(), name);
            assert_eq!(serde_json::to_value(outcome).unwrap(), name);
        }
    }
}
