//! The score of AVL, and its limits.

use serde::{Deserialize, Serialize};

use super::sums::BoxesSums;
use crate::TaskScore;
use crate::family::count_errors::{HasCountErrors as _, correlation, instance_limits};
use crate::family::{FamilyScore, Weighted};
use crate::task_score::round;
use crate::uncertainty::{ClusterSums, Limits};

/// How fast a missed instance eats up the Instance score.
pub(super) const MISS_SCALE: f64 = 1.0;
/// Missed instances of a record that went as wrong as records usually can.
const USUAL_WORST_MISSES: f64 = 2.0;
pub(super) const IOU_SHARE: f64 = 0.7;
const MISSES_SHARE: f64 = 0.3;

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

impl BoxesScore {
    pub(super) fn new(total: &Weighted<BoxesSums>) -> Self {
        let miou = total.sums.iou / total.weight;
        let instance = total.sums.instance(MISS_SCALE);
        let average = IOU_SHARE * miou + MISSES_SHARE * instance;
        Self { miou, instance, average }
    }

    pub(super) fn limits(clusters: &ClusterSums<BoxesSums>) -> Option<Vec<Limits>> {
        let miou = clusters.mean_share(|sums| sums.iou)?;
        let instance = instance_limits(clusters, MISS_SCALE, USUAL_WORST_MISSES);
        let correlation = correlation(clusters, |sums| sums.iou);
        let average =
            miou.scaled(IOU_SHARE).sum_of_correlated(instance.scaled(MISSES_SHARE), correlation);
        Some(vec![miou, instance, average])
    }
}

impl FamilyScore for BoxesScore {
    fn headline(&self) -> f64 {
        self.average
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        vec![("mIoU", self.miou), ("Instance", self.instance), ("Average", self.average)]
    }

    fn rounded(self) -> Self {
        Self {
            miou: round(self.miou),
            instance: round(self.instance),
            average: round(self.average),
        }
    }
}

impl From<BoxesScore> for TaskScore {
    fn from(score: BoxesScore) -> Self {
        Self::Boxes(score)
    }
}
