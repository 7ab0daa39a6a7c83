//! Set match: several options joined by `;`, in any order.

use avibench_protocol::{Sample, Truth};
use avibench_reading::Reading;

use super::{official, strict};
use crate::divergence::{Differences, Disagreement};
use crate::family::defect::{official_defect, strict_defect};
use crate::family::matching::{self, MatchParts, MatchSums};
use crate::family::{Judging, StrictJudging, TaskFamily, Weighted};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Captions, Reason, WarningKind};

/// Set match: several options joined by `;`, in any order.
pub(crate) struct SetMatch;

impl TaskFamily for SetMatch {
    type Official = MatchParts;
    type Strict = MatchParts;
    type Sums = MatchSums;
    /// Accuracy.
    type Score = f64;
    type Truth<'a> = &'a str;

    fn judge_official(
        sample: &Sample,
        text: &str,
        _judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind> {
        let label = match &sample.truth {
            Some(Truth::Text(label)) => label,
            None => matching::NULL_LABEL,
            other => return Err(official_defect(other.as_ref())),
        };
        Ok(official::judge(label, text))
    }

    fn truth(sample: &Sample) -> Result<&str, WarningKind> {
        match &sample.truth {
            Some(Truth::Text(label)) => Ok(label),
            other => Err(strict_defect(other.as_ref())),
        }
    }

    fn unanswered(_truth: &&str, _captions: Captions<'_>) -> Option<MatchParts> {
        Some(MatchParts { correct: false })
    }

    fn judge_strict(
        sample: &Sample,
        label: &&str,
        reading: &Reading,
        _judging: &StrictJudging<'_>,
    ) -> Judgement {
        strict::judge(sample, label, reading)
    }

    fn perfect() -> MatchParts {
        MatchParts { correct: true }
    }

    fn score(total: &Weighted<MatchSums>, _diversity: f64) -> f64 {
        total.sums.correct / total.weight
    }

    fn limits(clusters: &ClusterSums<MatchSums>) -> Option<Vec<Limits>> {
        matching::limits(clusters)
    }

    fn differences(official: &MatchParts, _diversity: f64, strict: &MatchParts) -> Differences {
        matching::differences(*official, *strict)
    }

    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2] {
        [Some(disagreement.match_reason()), None]
    }
}
