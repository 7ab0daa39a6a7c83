//! What makes captions a family.

use avibench_protocol::{Sample, Truth};
use avibench_reading::Reading;

use super::sums::CaptionSums;
use super::{CaptionMeasure, CaptionParts, CaptionScore, Captions, official, strict};
use crate::divergence::{Differences, Disagreement, differ};
use crate::family::defect::{official_defect, strict_defect};
use crate::family::{Judging, StrictJudging, TaskFamily, Weighted};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Reason, WarningKind};

/// Captions: sentences, rated from outside.
pub(crate) struct Caption;

impl TaskFamily for Caption {
    type Official = CaptionParts;
    type Strict = CaptionParts;
    type Sums = CaptionSums;
    type Score = CaptionScore;
    /// Ratings stand for the references; it is enough that there is one.
    type Truth<'a> = ();

    fn judge_official(
        sample: &Sample,
        text: &str,
        judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind> {
        match &sample.truth {
            Some(Truth::References(_)) => Ok(official::judge(sample, text, judging.captions)),
            other => Err(official_defect(other.as_ref())),
        }
    }

    fn truth(sample: &Sample) -> Result<(), WarningKind> {
        match &sample.truth {
            Some(Truth::References(references)) => {
                let first = strict::whole_references(references).next();
                first.map(|_| ()).ok_or(WarningKind::NotCounted("has no reference caption"))
            }
            other => Err(strict_defect(other.as_ref())),
        }
    }

    fn unanswered((): &(), captions: Captions<'_>) -> Option<CaptionParts> {
        match captions {
            Captions::Unavailable(_) => None,
            Captions::Rated(_) | Captions::StandIn(_) => Some(strict::nothing(captions)),
        }
    }

    fn judge_strict(
        sample: &Sample,
        (): &(),
        reading: &Reading,
        judging: &StrictJudging<'_>,
    ) -> Judgement {
        strict::judge(sample, reading, judging.captions)
    }

    fn perfect() -> CaptionParts {
        let measure = CaptionMeasure::Fense;
        CaptionParts { measure, similarity: 1.0, fluency_error: false, rating: 1.0 }
    }

    fn unscored(captions: Captions<'_>) -> Option<String> {
        match captions {
            Captions::Unavailable(reason) => Some(reason.to_owned()),
            Captions::Rated(_) | Captions::StandIn(_) => None,
        }
    }

    fn score(total: &Weighted<CaptionSums>, _diversity: f64) -> CaptionScore {
        CaptionScore::new(total)
    }

    fn limits(clusters: &ClusterSums<CaptionSums>) -> Option<Vec<Limits>> {
        CaptionScore::limits(clusters)
    }

    fn differences(official: &CaptionParts, _diversity: f64, strict: &CaptionParts) -> Differences {
        Differences::of_agreement(
            differ(official.similarity, strict.similarity)
                || official.fluency_error != strict.fluency_error
                || differ(official.rating, strict.rating),
        )
    }

    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2] {
        let reason = match () {
            () if disagreement.was_wrapped() => Reason::Wrapping,
            () if disagreement.strict.read != disagreement.official.read => Reason::Reading,
            () => Reason::NegativeCaptions,
        };
        [Some(reason), None]
    }
}
