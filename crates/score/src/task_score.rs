//! The score of one task: a number, or parts and their average.

use avibench_protocol::Family;
use avibench_python::round_to;
use serde::Serialize;

use crate::family::{FamilyScore, TaskFamily, for_family};
use crate::{BoxesScore, CaptionMeasure, CaptionScore, InstancesScore, RetrievalScore};

/// Decimals of published scores.
const DECIMALS: usize = 5;

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
            Self::Number(score) => score.headline(),
            Self::Instances(score) => score.headline(),
            Self::Boxes(score) => score.headline(),
            Self::Retrieval(score) => score.headline(),
            Self::Caption(score) => score.headline(),
        }
    }

    /// Every number of the score with its name in score files, the headline last; a bare number is
    /// called `score`.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Number(score) => score.numbers(),
            Self::Instances(score) => score.numbers(),
            Self::Boxes(score) => score.numbers(),
            Self::Retrieval(score) => score.numbers(),
            Self::Caption(score) => score.numbers(),
        }
    }

    /// Whether it rests on captions that the stand-in for FENSE rated.
    #[must_use]
    pub fn is_by_stand_in(&self) -> bool {
        matches!(self, Self::Caption(score) if score.measure == CaptionMeasure::StandIn)
    }

    /// As it stands in score files: five decimals, ties to even; but the average of a retrieval
    /// task is the exact one of its rounded parts.
    #[must_use]
    pub fn rounded(self) -> Self {
        match self {
            Self::Number(score) => score.rounded().into(),
            Self::Instances(score) => score.rounded().into(),
            Self::Boxes(score) => score.rounded().into(),
            Self::Retrieval(score) => score.rounded().into(),
            Self::Caption(score) => score.rounded().into(),
        }
    }

    /// Reads a score of the shape that `family` has.
    pub(crate) fn from_json(
        family: Family,
        value: serde_json::Value,
    ) -> Result<Self, serde_json::Error> {
        for_family!(family, F => {
            serde_json::from_value::<<F as TaskFamily>::Score>(value).map(Self::from)
        })
    }
}

impl FamilyScore for f64 {
    fn headline(&self) -> f64 {
        *self
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        vec![("score", *self)]
    }

    fn rounded(self) -> Self {
        round(self)
    }
}

impl From<f64> for TaskScore {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// A number as score files have it.
pub(crate) fn round(number: f64) -> f64 {
    round_to(number, DECIMALS)
}
