//! What makes retrieval a family.

use avibench_protocol::{Sample, Truth};
use avibench_reading::Reading;

use super::official::{self, Fitting};
use super::sums::RetrievalSums;
use super::{RankingParts, RetrievalParts, RetrievalScore, strict};
use crate::divergence::{Differences, Disagreement, differ};
use crate::family::defect::{official_defect, strict_defect};
use crate::family::{Judging, StrictJudging, TaskFamily, Weighted};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Captions, Reason, Verdict, WarningKind};

/// Retrieval: indices of the candidates that fit.
pub(crate) struct Retrieval;

impl TaskFamily for Retrieval {
    type Official = RetrievalParts;
    type Strict = RankingParts;
    type Sums = RetrievalSums;
    type Score = RetrievalScore;
    type Truth<'a> = &'a [i64];

    fn judge_official(
        sample: &Sample,
        text: &str,
        judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind> {
        let truth = sample.truth.as_ref();
        let label = match truth {
            Some(Truth::Indices(label)) => Fitting::new(label),
            Some(Truth::Other { value, .. }) => {
                Fitting::other(value).ok_or_else(|| official_defect(truth))?
            }
            other => return Err(official_defect(other)),
        };
        Ok(official::judge(&label, text, judging.warn))
    }

    fn truth(sample: &Sample) -> Result<&[i64], WarningKind> {
        match &sample.truth {
            Some(Truth::Indices(label)) => Ok(label),
            other => Err(strict_defect(other.as_ref())),
        }
    }

    fn unanswered(_truth: &&[i64], _captions: Captions<'_>) -> Option<RankingParts> {
        Some(strict::NOTHING)
    }

    fn judge_strict(
        _sample: &Sample,
        label: &&[i64],
        reading: &Reading,
        _judging: &StrictJudging<'_>,
    ) -> Judgement {
        strict::judge(label, reading)
    }

    fn perfect() -> RankingParts {
        RankingParts { hit_at_1: 1.0, hit_at_3: 1.0, f1: 1.0 }
    }

    fn diversity(records: &[Verdict]) -> f64 {
        official::diversity(records)
    }

    fn score(total: &Weighted<RetrievalSums>, diversity: f64) -> RetrievalScore {
        RetrievalScore::of(total, diversity)
    }

    fn limits(clusters: &ClusterSums<RetrievalSums>) -> Option<Vec<Limits>> {
        RetrievalScore::limits(clusters)
    }

    fn differences(
        official: &RetrievalParts,
        diversity: f64,
        strict: &RankingParts,
    ) -> Differences {
        let factor = official.discount * diversity;
        let share = |hit: bool| if hit { factor } else { 0.0 };
        Differences::of_agreement(
            differ(share(official.hit_at_1), strict.hit_at_1)
                || differ(share(official.hit_at_3), strict.hit_at_3)
                || differ(official.f1 * factor, strict.f1),
        )
    }

    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2] {
        [Some(disagreement.reason_or(Reason::Indices)), None]
    }
}
