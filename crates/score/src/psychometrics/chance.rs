//! How often an answer is right when nothing is sensed.

use std::collections::{BTreeMap, BTreeSet};

use avibench_protocol::{Options, options_of};
use serde::{Deserialize, Serialize};

use super::kind::Record;
use crate::cleaning::clean_and_squeeze;

/// The option that answers no question.
const ABSTENTION: &str = "not sure";

/// From this chance level on, "something is there" is answered to nearly everything: being right
/// then says nothing of sensing.
pub(super) const MOST_CHANCE: f64 = 0.8;

/// How often an answer is right when nothing is sensed: the lower asymptote of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChanceLevel {
    /// The share, above 0 and below 1; the mean over trials where they differ.
    pub level: f64,
    /// Standard error of the share; 0 unless it is measured on catches.
    pub standard_error: f64,
    /// Where it comes from.
    pub source: ChanceSource,
}

/// Where a chance level comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChanceSource {
    /// One of the answers that each stimulus leaves possible, as its data set writes them down.
    Alternatives,
    /// One of the options that are offered, not being sure apart: the data set does not say which
    /// of them a stimulus leaves possible.
    Options,
    /// One of the answers that are right for some stimulus of the kind, where these are no options
    /// (counts and sets) and the data set does not say which of them a stimulus leaves possible.
    Answers,
    /// The answers to stimuli with nothing to sense.
    Catches,
    /// Several of these: kinds that share a curve, but not the source of their levels.
    Mixed,
}

impl ChanceSource {
    /// The word in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alternatives => "alternatives",
            Self::Options => "options",
            Self::Answers => "answers",
            Self::Catches => "catches",
            Self::Mixed => "mixed",
        }
    }
}

impl ChanceLevel {
    /// The level of one kind.
    ///
    /// Without catches: the mean of 1 / number of choices. With n answered catches, the answers to
    /// them are dealt at random to the other stimuli and some share s would be right; the level is
    /// (n s + that mean) / (n + 1), so that few catches cannot make it 0 or 1.
    pub(super) fn of(records: &[Record<'_>]) -> Self {
        let (uniform, source) = uniform(records);
        // How often each answer is the right one where there is something to sense.
        let mut truths: BTreeMap<String, usize> = BTreeMap::new();
        for record in records.iter().filter(|record| !record.stimulus.is_catch()) {
            *truths.entry(clean_and_squeeze(record.truth)).or_default() += 1;
        }
        let sensed: usize = truths.values().sum();
        let shares: Vec<f64> = records
            .iter()
            .filter(|record| record.stimulus.is_catch())
            .filter_map(|record| record.answer)
            .map(|(read, _)| truths.get(&clean_and_squeeze(read)).copied().unwrap_or(0))
            .map(|fitting| fitting as f64 / sensed.max(1) as f64)
            .collect();
        if shares.is_empty() {
            return Self { level: uniform, standard_error: 0.0, source };
        }
        let count = (shares.len() + 1) as f64;
        let level = (shares.iter().sum::<f64>() + uniform) / count;
        let squares = shares.iter().chain([&uniform]).map(|share| (share - level).powi(2));
        let standard_error = squares.sum::<f64>().sqrt() / count;
        Self { level, standard_error, source: ChanceSource::Catches }
    }

    /// The level of kinds that share a curve, each with its number of trials; of the first kind if
    /// there are no trials.
    pub(super) fn pooled(kinds: &[(Self, usize)]) -> Option<Self> {
        let (first, _) = *kinds.first()?;
        let trials: usize = kinds.iter().map(|(_, trials)| trials).sum();
        if trials == 0 || kinds.len() == 1 {
            return Some(first);
        }
        let mean = |of_kind: fn(&Self) -> f64| {
            let weighted = kinds.iter().map(|(level, trials)| of_kind(level) * *trials as f64);
            weighted.sum::<f64>() / trials as f64
        };
        let is_one = kinds.iter().all(|(level, _)| level.source == first.source);
        Some(Self {
            level: mean(|chance| chance.level),
            standard_error: mean(|chance| chance.standard_error),
            source: if is_one { first.source } else { ChanceSource::Mixed },
        })
    }

    /// How likely a guess at one record is right, as a curve can have it.
    pub(super) fn of_record(self, record: &Record<'_>) -> f64 {
        match (self.source, record.alternatives) {
            (ChanceSource::Alternatives, Some(choices)) => 1.0 / choices as f64,
            _ => self.shifted(0.0),
        }
    }

    /// The level that is this many standard errors higher, as a curve can have it.
    pub(super) fn shifted(self, errors: f64) -> f64 {
        (self.level + errors * self.standard_error).clamp(0.0, MOST_CHANCE)
    }
}

/// How often a guess is right that is drawn evenly from the answers there are to choose from.
fn uniform(records: &[Record<'_>]) -> (f64, ChanceSource) {
    // Guesses are made at stimuli with something to sense; a kind may have none of these.
    let sensed = || records.iter().filter(|record| !record.stimulus.is_catch());
    let left: Option<Vec<usize>> = if sensed().next().is_some() {
        sensed().map(|record| record.alternatives).collect()
    } else {
        records.iter().map(|record| record.alternatives).collect()
    };
    match left {
        Some(left) if !left.is_empty() => {
            let sum: f64 = left.iter().map(|&choices| 1.0 / choices as f64).sum();
            (sum / left.len() as f64, ChanceSource::Alternatives)
        }
        _ => {
            let (choices, source) = choices(records);
            (1.0 / choices as f64, source)
        }
    }
}

/// How many answers there are to choose from, at least two, where the stimuli do not say.
fn choices(records: &[Record<'_>]) -> (usize, ChanceSource) {
    let truths: BTreeSet<&str> = records.iter().map(|record| record.truth).collect();
    let listed = records.first().map(|record| options_of(record.sample));
    if let Some(Options::List(list)) = listed {
        let options: BTreeSet<&str> =
            list.iter().map(String::as_str).filter(|option| *option != ABSTENTION).collect();
        // A set of several options is none of them.
        if truths.is_subset(&options) {
            return (options.len().max(2), ChanceSource::Options);
        }
    }
    (truths.len().max(2), ChanceSource::Answers)
}
