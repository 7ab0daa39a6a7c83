//! The score of AMIC and VMIC, and its limits.

use avibench_protocol::Task;
use serde::{Deserialize, Serialize};

use super::official::{ABSENT_HEARD, ABSENT_SEEN};
use super::sums::InstancesSums;
use crate::TaskScore;
use crate::family::count_errors::{HasCountErrors as _, correlation, instance_limits};
use crate::family::{FamilyScore, Weighted};
use crate::task_score::round;
use crate::uncertainty::{ClusterSums, Limits};

/// How fast a count error eats up the Instance score.
pub(super) const COUNT_ERROR_SCALE: f64 = 0.3;
/// How much the agreement of categories counts in the average.
pub(super) const SEMANTIC_SHARE: f64 = 0.5;

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

impl InstancesScore {
    pub(super) fn new(total: &Weighted<InstancesSums>) -> Self {
        let semantic = total.sums.semantic / total.weight;
        let instance = total.sums.instance(COUNT_ERROR_SCALE);
        let average = f64::midpoint(semantic, instance);
        Self { semantic, instance, average }
    }

    pub(super) fn limits(clusters: &ClusterSums<InstancesSums>) -> Option<Vec<Limits>> {
        let (semantic, share) = (clusters.mean_share(|sums| sums.semantic)?, SEMANTIC_SHARE);
        // Every count missed.
        let worst = if clusters.task() == Task::Vmic { ABSENT_SEEN } else { ABSENT_HEARD };
        let instance = instance_limits(clusters, COUNT_ERROR_SCALE, worst);
        let correlation = correlation(clusters, |sums| sums.semantic);
        let average = semantic.scaled(share).sum_of_correlated(instance.scaled(share), correlation);
        Some(vec![semantic, instance, average])
    }
}

impl FamilyScore for InstancesScore {
    fn headline(&self) -> f64 {
        self.average
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        vec![("Semantic", self.semantic), ("Instance", self.instance), ("Average", self.average)]
    }

    fn rounded(self) -> Self {
        Self {
            semantic: round(self.semantic),
            instance: round(self.instance),
            average: round(self.average),
        }
    }
}

impl From<InstancesScore> for TaskScore {
    fn from(score: InstancesScore) -> Self {
        Self::Instances(score)
    }
}
