//! The score of one task: a number, or parts and their average.

use avibench_protocol::Family;
use avibench_python::round_to;
use serde::{Deserialize, Serialize};

/// Decimals of published scores.
const DECIMALS: usize = 5;

/// Scores of AMIC and VMIC, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstancesScore {
    /// Agreement of the categories.
    pub semantic: f64,
    /// 1 - tanh(0.3 RMSE) of the count errors.
    pub instance: f64,
    /// Mean of the two.
    pub average: f64,
}

/// Scores of AVL, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BoxesScore {
    /// Mean overlap of the boxes.
    #[serde(rename = "mIoU")]
    pub miou: f64,
    /// 1 - tanh(RMSE) of the missed instances.
    pub instance: f64,
    /// 0.7 mIoU + 0.3 Instance.
    pub average: f64,
}

/// Scores of VAR and AVR, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RetrievalScore {
    /// Share of answers whose first index is right, discounted.
    #[serde(rename = "Recall@1")]
    pub recall_at_1: f64,
    /// Share of answers with a right index among the first three, discounted.
    #[serde(rename = "Recall@3")]
    pub recall_at_3: f64,
    /// Mean F1 of the index sets, discounted.
    #[serde(rename = "F1_score")]
    pub f1: f64,
    /// ((R@1 + R@3) / 2 + F1) / 2.
    #[serde(rename = "Average")]
    pub average: f64,
}

/// Scores of AVC.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CaptionScore {
    /// Mean FENSE.
    pub fense: f64,
    /// Mean similarity to the references.
    pub sbert_sim: f64,
    /// Share of captions with a fluency error.
    pub fer: f64,
    /// Captions that were rated.
    pub n_samples: u64,
    /// The headline: FENSE.
    pub average: f64,
}

/// The score of one task.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TaskScore {
    /// Accuracy, or the mean overlap of AVLG.
    Number(f64),
    /// AMIC, VMIC.
    Instances(InstancesScore),
    /// AVL.
    Boxes(BoxesScore),
    /// VAR, AVR.
    Retrieval(RetrievalScore),
    /// AVC.
    Caption(CaptionScore),
}

impl TaskScore {
    /// The number that stands for the task: the average where there are parts.
    #[must_use]
    pub fn headline(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Instances(score) => score.average,
            Self::Boxes(score) => score.average,
            Self::Retrieval(score) => score.average,
            Self::Caption(score) => score.average,
        }
    }

    /// Every number of the score with its name in score files, the headline last; a bare number is
    /// called `score`.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Number(number) => vec![("score", *number)],
            Self::Instances(score) => vec![
                ("Semantic", score.semantic),
                ("Instance", score.instance),
                ("Average", score.average),
            ],
            Self::Boxes(score) => {
                vec![("mIoU", score.miou), ("Instance", score.instance), ("Average", score.average)]
            }
            Self::Retrieval(score) => vec![
                ("Recall@1", score.recall_at_1),
                ("Recall@3", score.recall_at_3),
                ("F1_score", score.f1),
                ("Average", score.average),
            ],
            Self::Caption(score) => vec![
                ("sbert_sim", score.sbert_sim),
                ("fer", score.fer),
                ("fense", score.fense),
                ("average", score.average),
            ],
        }
    }

    /// As it stands in score files: five decimals, ties to even; but the average of a retrieval
    /// task is the exact one of its rounded parts.
    #[must_use]
    pub fn rounded(self) -> Self {
        let round = |number| round_to(number, DECIMALS);
        match self {
            Self::Number(number) => Self::Number(round(number)),
            Self::Instances(score) => Self::Instances(InstancesScore {
                semantic: round(score.semantic),
                instance: round(score.instance),
                average: round(score.average),
            }),
            Self::Boxes(score) => Self::Boxes(BoxesScore {
                miou: round(score.miou),
                instance: round(score.instance),
                average: round(score.average),
            }),
            Self::Retrieval(score) => Self::Retrieval(RetrievalScore::new(
                round(score.recall_at_1),
                round(score.recall_at_3),
                round(score.f1),
            )),
            Self::Caption(score) => Self::Caption(CaptionScore {
                fense: round(score.fense),
                sbert_sim: round(score.sbert_sim),
                fer: round(score.fer),
                n_samples: score.n_samples,
                average: round(score.average),
            }),
        }
    }

    /// Reads a score of the shape that `family` has.
    pub(crate) fn from_json(
        family: Family,
        value: serde_json::Value,
    ) -> Result<Self, serde_json::Error> {
        match family {
            Family::FullMatch | Family::SetMatch | Family::FrameBoxes => {
                serde_json::from_value(value).map(Self::Number)
            }
            Family::Instances => serde_json::from_value(value).map(Self::Instances),
            Family::Boxes => serde_json::from_value(value).map(Self::Boxes),
            Family::Retrieval => serde_json::from_value(value).map(Self::Retrieval),
            Family::Caption => serde_json::from_value(value).map(Self::Caption),
        }
    }
}

impl RetrievalScore {
    /// The parts with their average.
    pub(crate) fn new(recall_at_1: f64, recall_at_3: f64, f1: f64) -> Self {
        let average = f64::midpoint(f64::midpoint(recall_at_1, recall_at_3), f1);
        Self { recall_at_1, recall_at_3, f1, average }
    }
}
