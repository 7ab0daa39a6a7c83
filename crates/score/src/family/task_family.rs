//! What a task family is.

use std::fmt::Debug;

use avibench_protocol::Sample;
use avibench_reading::Reading;
use avibench_statistics::SumTerm;
use serde::de::DeserializeOwned;

use super::{Judging, StrictJudging, Weighted};
use crate::divergence::{Differences, Disagreement};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Captions, Parts, Reason, TaskScore, Verdict, WarningKind};

/// Everything that one way of scoring folders has of its own. Each family implements it once, in
/// `definition.rs` of its folder, and `registry.rs` lists the families.
pub(crate) trait TaskFamily {
    /// The statistics of a counted record in official scoring.
    type Official: FamilyParts;
    /// The statistics of a counted record in strict scoring.
    type Strict: FamilyParts;
    /// The weighted sums from which the score follows.
    type Sums: FamilySums + Counts<Self::Official> + Counts<Self::Strict>;
    /// The score of a task.
    type Score: FamilyScore;
    /// A ground truth with which strict scoring can compare.
    type Truth<'a>;

    /// Judges an answer, end markers taken out, as the original does.
    ///
    /// # Errors
    /// A ground truth or an option key on which the original would stop.
    fn judge_official(
        sample: &Sample,
        text: &str,
        judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind>;

    /// The ground truth of a sample for strict scoring.
    ///
    /// # Errors
    /// The sample has none that can be used, so that it does not count.
    fn truth(sample: &Sample) -> Result<Self::Truth<'_>, WarningKind>;

    /// The statistics of a sample without an answer in strict scoring; `None` if it does not count.
    fn unanswered(truth: &Self::Truth<'_>, captions: Captions<'_>) -> Option<Self::Strict>;

    /// Judges what an answer says by what the benchmark means to measure.
    fn judge_strict(
        sample: &Sample,
        truth: &Self::Truth<'_>,
        reading: &Reading,
        judging: &StrictJudging<'_>,
    ) -> Judgement;

    /// The statistics of a perfect answer in strict scoring.
    fn perfect() -> Self::Strict;

    /// Factor on all parts of a folder for answers that repeat each other in official scoring.
    fn diversity(_records: &[Verdict]) -> f64 {
        1.0
    }

    /// Why a folder has no score although it may have predictions.
    fn unscored(_captions: Captions<'_>) -> Option<String> {
        None
    }

    /// The score, not rounded; the weight is above 0.
    fn score(total: &Weighted<Self::Sums>, diversity: f64) -> Self::Score;

    /// The limits of every number of the score, in the order of [`FamilyScore::numbers`]. `None`
    /// if no cluster has any weight.
    fn limits(clusters: &ClusterSums<Self::Sums>) -> Option<Vec<Limits>>;

    /// The headline of strict scoring as a sum, `weight` times 0 to 1: the terms that the means of
    /// [`sum_values`](Self::sum_values) over the records make up. `worst` is the largest count error of any record.
    fn sum_terms(weight: f64, _worst: f64) -> Vec<SumTerm> {
        vec![SumTerm::Mean { weight }]
    }

    /// The values of a record for these terms, 0 to 1.
    fn sum_values(parts: &Self::Strict, _worst: f64) -> Vec<f64> {
        let parts: Parts = parts.clone().into();
        vec![parts.score()]
    }

    /// What is counted wrong in a record, where that is part of the score.
    fn count_error(_parts: &Self::Strict) -> f64 {
        0.0
    }

    /// What of a record's statistics differs between the modes. `diversity` is that of the folder
    /// in official scoring.
    fn differences(official: &Self::Official, diversity: f64, strict: &Self::Strict)
    -> Differences;

    /// Why the modes disagree about a record that both count and that was answered.
    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2];
}

/// Statistics of one record of a family.
pub(crate) trait FamilyParts: Clone + Into<Parts> {
    /// The statistics if they are of this kind.
    fn of(parts: &Parts) -> Option<&Self>;
}

/// Weighted sums of a family.
pub(crate) trait FamilySums: Debug + Clone + Copy + Default + PartialEq {
    /// Counts every record of `other` `weight` times.
    fn add_sums(&mut self, weight: f64, other: &Self);
}

/// Sums to which such parts can be added.
pub(crate) trait Counts<P> {
    /// Counts a record `weight` times.
    fn count(&mut self, weight: f64, parts: &P);
}

/// A score of a family: it is read from score files as it is written.
pub(crate) trait FamilyScore: Into<TaskScore> + DeserializeOwned {
    /// The number that stands for the task.
    fn headline(&self) -> f64;

    /// Every number with its name in score files, the headline last.
    fn numbers(&self) -> Vec<(&'static str, f64)>;

    /// As it stands in score files.
    fn rounded(self) -> Self;
}
