//! The statistics of a sample as files hold them: one field each, those that do not apply absent.

use avibench_protocol::Family;
use avibench_score::{
    BoxesParts, CaptionMeasure, CaptionParts, FramesParts, InstancesParts, MatchParts, Parts,
    RankingParts, RetrievalParts, VerdictOutcome,
};
use serde::{Deserialize, Serialize};

use crate::SampleRow;

/// The statistics of a sample in one mode, as [`SampleRow`] explains them. Shares are 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoredParts {
    /// Right or wrong, after double-confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correct: Option<bool>,
    /// Agreement of the categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semantic: Option<f64>,
    /// F1 of the categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_f1: Option<f64>,
    /// Mean overlap of the boxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iou: Option<f64>,
    /// Count error, or instances missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Whether the first index is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_at_1: Option<f64>,
    /// Whether one of the first three is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_at_3: Option<f64>,
    /// F1 of the index sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f1: Option<f64>,
    /// Official retrieval: 0.3 if too many indices were named, else 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<f64>,
    /// Captions: similarity to the references, -1 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// Captions: whether the fluency error detector fired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fluency_error: Option<bool>,
    /// Captions: similarity after the penalty for fluency errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fense: Option<f64>,
    /// Captions by the stand-in for FENSE: similarity to the references, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in_similarity: Option<f64>,
    /// Captions by the stand-in: whether it found a fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in_fault: Option<bool>,
    /// Captions by the stand-in: similarity after the penalty for faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<f64>,
}

impl From<&SampleRow> for StoredParts {
    fn from(row: &SampleRow) -> Self {
        Self {
            correct: row.correct,
            semantic: row.semantic,
            category_f1: row.category_f1,
            iou: row.iou,
            error: row.error,
            hit_at_1: row.hit_at_1,
            hit_at_3: row.hit_at_3,
            f1: row.f1,
            discount: row.discount,
            similarity: row.similarity,
            fluency_error: row.fluency_error,
            fense: row.fense,
            stand_in_similarity: row.stand_in_similarity,
            stand_in_fault: row.stand_in_fault,
            stand_in: row.stand_in,
        }
    }
}

impl StoredParts {
    /// The statistics as scoring adds them up; `None` where a statistic of the family is absent, as for
    /// samples that were planned and not asked.
    #[must_use]
    pub fn parts(&self, family: Family, outcome: VerdictOutcome) -> Option<Parts> {
        let is_hit = |hit: f64| hit > 0.5;
        Some(match family {
            Family::FullMatch | Family::SetMatch => {
                Parts::Match(MatchParts { correct: self.correct? })
            }
            Family::Instances => {
                Parts::Instances(InstancesParts { semantic: self.semantic?, error: self.error })
            }
            Family::Boxes => Parts::Boxes(BoxesParts {
                iou: self.iou?,
                category_f1: self.category_f1?,
                error: self.error?,
            }),
            Family::Retrieval => match self.discount {
                Some(discount) => Parts::Retrieval(RetrievalParts {
                    hit_at_1: is_hit(self.hit_at_1?),
                    hit_at_3: is_hit(self.hit_at_3?),
                    f1: self.f1?,
                    discount,
                    // They only matter for the factor for repeated answers, which the report tells.
                    indices: Vec::new(),
                }),
                None => Parts::Ranking(RankingParts {
                    hit_at_1: self.hit_at_1?,
                    hit_at_3: self.hit_at_3?,
                    f1: self.f1?,
                }),
            },
            Family::FrameBoxes => Parts::Frames(FramesParts { iou: self.iou? }),
            Family::Caption => Parts::Caption(self.caption(outcome)?),
        })
    }

    fn caption(&self, outcome: VerdictOutcome) -> Option<CaptionParts> {
        let (measure, numbers) = if self.stand_in.is_some() {
            let numbers = (self.stand_in_similarity, self.stand_in_fault, self.stand_in);
            (CaptionMeasure::StandIn, numbers)
        } else {
            (CaptionMeasure::Fense, (self.similarity, self.fluency_error, self.fense))
        };
        match numbers {
            (Some(similarity), fluency_error, rating) => Some(CaptionParts {
                measure,
                similarity,
                fluency_error: fluency_error?,
                rating: rating?,
            }),
            // Without a caption there is nothing that could be similar or faulty: rows hold its rating of
            // 0 and nothing else. Strict scoring counts it as faulty, too.
            (None, ..) if outcome == VerdictOutcome::Missing => {
                Some(CaptionParts { measure, similarity: 0.0, fluency_error: true, rating: 0.0 })
            }
            (None, ..) => None,
        }
    }
}
