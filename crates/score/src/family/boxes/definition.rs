//! What makes boxes a family.

use avibench_protocol::{Sample, Truth};
use avibench_reading::Reading;
use avibench_statistics::SumTerm;

use super::official::{self, Label};
use super::score::{IOU_SHARE, MISS_SCALE};
use super::strict::LabelledBoxes;
use super::sums::BoxesSums;
use super::{BoxesParts, BoxesScore};
use crate::divergence::{Differences, Disagreement, differ};
use crate::family::count_errors;
use crate::family::defect::{NO_BOXES, strict_defect};
use crate::family::{Judging, StrictJudging, TaskFamily, Weighted};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Captions, Reason, WarningKind};

/// Boxes: instances located in one image.
pub(crate) struct Boxes;

impl TaskFamily for Boxes {
    type Official = BoxesParts;
    type Strict = BoxesParts;
    type Sums = BoxesSums;
    type Score = BoxesScore;
    type Truth<'a> = LabelledBoxes;

    fn judge_official(
        sample: &Sample,
        text: &str,
        _judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind> {
        let label = match &sample.truth {
            Some(Truth::Boxes { boxes: Some(boxes), size: Some(size) }) => {
                Label::Boxes(boxes, *size)
            }
            Some(Truth::Other { value, error }) => Label::other(value, error),
            _ => Label::Absent,
        };
        official::judge(&label, text)
    }

    fn truth(sample: &Sample) -> Result<LabelledBoxes, WarningKind> {
        match &sample.truth {
            Some(Truth::Boxes { boxes, size }) => {
                let whole = boxes.as_deref().zip(*size);
                let (boxes, size) = whole.ok_or(NO_BOXES)?;
                Ok(LabelledBoxes::new(sample, boxes, size))
            }
            other => Err(strict_defect(other.as_ref())),
        }
    }

    fn unanswered(truth: &LabelledBoxes, _captions: Captions<'_>) -> Option<BoxesParts> {
        Some(truth.nothing())
    }

    fn judge_strict(
        _sample: &Sample,
        truth: &LabelledBoxes,
        reading: &Reading,
        judging: &StrictJudging<'_>,
    ) -> Judgement {
        truth.judge(reading, judging.answers)
    }

    fn perfect() -> BoxesParts {
        BoxesParts { iou: 1.0, category_f1: 1.0, error: 0.0 }
    }

    fn score(total: &Weighted<BoxesSums>, _diversity: f64) -> BoxesScore {
        BoxesScore::new(total)
    }

    fn limits(clusters: &ClusterSums<BoxesSums>) -> Option<Vec<Limits>> {
        BoxesScore::limits(clusters)
    }

    fn sum_terms(weight: f64, worst: f64) -> Vec<SumTerm> {
        count_errors::sum_terms(weight, IOU_SHARE, MISS_SCALE, worst)
    }

    fn sum_values(parts: &BoxesParts, worst: f64) -> Vec<f64> {
        vec![parts.iou, count_errors::avoided(Self::count_error(parts), worst)]
    }

    fn count_error(parts: &BoxesParts) -> f64 {
        parts.error
    }

    fn differences(official: &BoxesParts, _diversity: f64, strict: &BoxesParts) -> Differences {
        Differences {
            agreement: differ(official.iou, strict.iou)
                || differ(official.category_f1, strict.category_f1),
            error: differ(official.error, strict.error),
        }
    }

    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2] {
        [Some(disagreement.reason_or(Reason::Boxes)), None]
    }
}
