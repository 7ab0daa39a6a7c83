//! What makes frame boxes a family.

use avibench_protocol::{Sample, Truth};
use avibench_reading::Reading;

use super::FramesParts;
use super::official::{self, Frames};
use super::strict::{LabelledFrames, NOTHING};
use super::sums::FramesSums;
use crate::divergence::{Differences, Disagreement, differ};
use crate::family::defect::{NO_BOXES, official_defect, strict_defect};
use crate::family::{Judging, StrictJudging, TaskFamily, Weighted};
use crate::judgement::Judgement;
use crate::uncertainty::{ClusterSums, Limits};
use crate::{Captions, Reason, WarningKind};

/// Frame boxes: where a described object is in each frame.
pub(crate) struct FrameBoxes;

impl TaskFamily for FrameBoxes {
    type Official = FramesParts;
    type Strict = FramesParts;
    type Sums = FramesSums;
    /// The mean overlap.
    type Score = f64;
    type Truth<'a> = LabelledFrames;

    fn judge_official(
        sample: &Sample,
        text: &str,
        _judging: &mut Judging<'_>,
    ) -> Result<Judgement, WarningKind> {
        let truth = sample.truth.as_ref();
        let label = match truth {
            Some(Truth::FrameBoxes { frames, size }) => Frames::new(frames.as_deref(), *size)?,
            Some(Truth::Other { value, .. }) => {
                Frames::other(value).ok_or_else(|| official_defect(truth))?
            }
            other => return Err(official_defect(other)),
        };
        Ok(official::judge(&label, text))
    }

    fn truth(sample: &Sample) -> Result<LabelledFrames, WarningKind> {
        match &sample.truth {
            Some(Truth::FrameBoxes { frames, size }) => {
                let frames = frames.as_deref().filter(|frames| !frames.is_empty());
                let (frames, size) = frames.zip(*size).ok_or(NO_BOXES)?;
                Ok(LabelledFrames::new(frames, size))
            }
            other => Err(strict_defect(other.as_ref())),
        }
    }

    fn unanswered(_truth: &LabelledFrames, _captions: Captions<'_>) -> Option<FramesParts> {
        Some(NOTHING)
    }

    fn judge_strict(
        _sample: &Sample,
        truth: &LabelledFrames,
        reading: &Reading,
        judging: &StrictJudging<'_>,
    ) -> Judgement {
        truth.judge(reading, judging.answers)
    }

    fn perfect() -> FramesParts {
        FramesParts { iou: 1.0 }
    }

    fn score(total: &Weighted<FramesSums>, _diversity: f64) -> f64 {
        total.sums.iou / total.weight
    }

    fn limits(clusters: &ClusterSums<FramesSums>) -> Option<Vec<Limits>> {
        Some(vec![clusters.mean_share(|sums| sums.iou)?])
    }

    fn differences(official: &FramesParts, _diversity: f64, strict: &FramesParts) -> Differences {
        Differences::of_agreement(differ(official.iou, strict.iou))
    }

    fn reasons(disagreement: &Disagreement<'_>) -> [Option<Reason>; 2] {
        [Some(disagreement.reason_or(Reason::Frames)), None]
    }
}
