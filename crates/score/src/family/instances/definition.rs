//! What makes instances a family.

use avibench_protocol::{Folder, Sample, Truth};
use avibench_reading::Reading;
use avibench_statistics::SumTerm;

use super::score::{COUNT_ERROR_SCALE, SEMANTIC_SHARE};
use super::strict::LabelledCounts;
use super::sums::InstancesSums;
use super::{InstancesParts, InstancesScore, official};
use crate::divergence::{Differences, Disagreement, differ};
use crate::family::count_errors;
use crate::family::defect::{official_defect, strict_defect};
use crate::family::{Judging, StrictJudging, TaskFamily, Weighted};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Captions, Reason, VerdictOutcome, WarningKind};

/// Instances: categories with counts.
pub(crate) struct Instances;

impl TaskFamily for Instances {
    type Official = InstancesParts;
    type Strict = InstancesParts;
    type Sums = InstancesSums;
    type Score = InstancesScore;
    type Truth<'a> = LabelledCounts;

    fn judge_official(
        sample: &Sample,
        text: &str,
        _judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind> {
        let truth = sample.truth.as_ref();
        match truth {
            Some(Truth::Counts(label)) => {
                official::judge(sample.folder, &official::label_counts(label), text)
            }
            Some(Truth::Other { value, .. }) => {
                let counts = official::other_counts(value).ok_or_else(|| official_defect(truth))?;
                official::judge(sample.folder, &counts, text).map_err(|_| official_defect(truth))
            }
            other => Err(official_defect(other)),
        }
    }

    fn truth(sample: &Sample) -> Result<LabelledCounts, WarningKind> {
        match &sample.truth {
            Some(Truth::Counts(label)) => LabelledCounts::new(sample, label),
            other => Err(strict_defect(other.as_ref())),
        }
    }

    fn unanswered(truth: &LabelledCounts, _captions: Captions<'_>) -> Option<InstancesParts> {
        Some(truth.nothing())
    }

    fn judge_strict(
        _sample: &Sample,
        truth: &LabelledCounts,
        reading: &Reading,
        _judging: &StrictJudging<'_>,
    ) -> Judgement {
        truth.judge(reading)
    }

    fn perfect() -> InstancesParts {
        InstancesParts { semantic: 1.0, error: Some(0.0) }
    }

    fn score(total: &Weighted<InstancesSums>, _diversity: f64) -> InstancesScore {
        InstancesScore::new(total)
    }

    fn limits(clusters: &ClusterSums<InstancesSums>) -> Option<Vec<Limits>> {
        InstancesScore::limits(clusters)
    }

    fn sum_terms(weight: f64, worst: f64) -> Vec<SumTerm> {
        count_errors::sum_terms(weight, SEMANTIC_SHARE, COUNT_ERROR_SCALE, worst)
    }

    fn sum_values(parts: &InstancesParts, worst: f64) -> Vec<f64> {
        vec![parts.semantic, count_errors::avoided(Self::count_error(parts), worst)]
    }

    fn count_error(parts: &InstancesParts) -> f64 {
        parts.error.unwrap_or(0.0)
    }

    fn differences(
        official: &InstancesParts,
        _diversity: f64,
        strict: &InstancesParts,
    ) -> Differences {
        Differences {
            agreement: differ(official.semantic, strict.semantic),
            error: match (official.error, strict.error) {
                (Some(a), Some(b)) => differ(a, b),
                (a, b) => a.is_some() != b.is_some(),
            },
        }
    }

    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2] {
        if disagreement.is_wrapping() {
            return [Some(Reason::Wrapping), None];
        }
        if disagreement.is_reading() {
            return [Some(Reason::Reading), None];
        }
        // Python's words and the like: official scoring reads JSON only.
        if disagreement.official.outcome == VerdictOutcome::Unread {
            return [Some(Reason::Counts), None];
        }
        let Differences { agreement, error } = disagreement.differences;
        let is_recall = disagreement.sample.folder == Folder::Vmic;
        let of_categories = if is_recall { Reason::SeenCategories } else { Reason::Normalization };
        // A category in another spelling is a count that official scoring misses, too.
        let is_count = error && (is_recall || !agreement);
        [agreement.then_some(of_categories), is_count.then_some(Reason::Counts)]
    }
}
