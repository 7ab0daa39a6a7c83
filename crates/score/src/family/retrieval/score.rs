//! The score of VAR and AVR, and its limits.

use avibench_statistics::ClusterSum;
use serde::{Deserialize, Serialize};

use super::sums::RetrievalSums;
use crate::TaskScore;
use crate::family::{FamilyScore, Weighted};
use crate::task_score::round;
use crate::uncertainty::{ClusterSums, Limits};

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

impl RetrievalScore {
    pub(super) fn of(total: &Weighted<RetrievalSums>, diversity: f64) -> Self {
        let RetrievalSums { hits_at_1, hits_at_3, f1, discount } = total.sums;
        let mean = |sum: f64| sum / total.weight;
        let factor = mean(discount) * diversity;
        let [first, third, f1] = [hits_at_1, hits_at_3, f1].map(|sum| mean(sum) * factor);
        Self::new(first, third, f1)
    }

    /// The parts with their average.
    fn new(recall_at_1: f64, recall_at_3: f64, f1: f64) -> Self {
        let average = average(recall_at_1, recall_at_3, f1);
        Self { recall_at_1, recall_at_3, f1, average }
    }

    pub(super) fn limits(clusters: &ClusterSums<RetrievalSums>) -> Option<Vec<Limits>> {
        let total = clusters.total();
        let part = |hits: fn(&RetrievalSums) -> f64| part_limits(clusters, &total, hits);
        Some(vec![
            part(|sums| sums.hits_at_1)?,
            part(|sums| sums.hits_at_3)?,
            part(|sums| sums.f1)?,
            part(|sums| average(sums.hits_at_1, sums.hits_at_3, sums.f1))?,
        ])
    }
}

fn average(first: f64, third: f64, f1: f64) -> f64 {
    f64::midpoint(f64::midpoint(first, third), f1)
}

/// A mean of hits times the mean discount times the folder's diversity: to first order a mean of
/// what each cluster adds to the product.
fn part_limits(
    clusters: &ClusterSums<RetrievalSums>,
    total: &Weighted<RetrievalSums>,
    hits: impl Fn(&RetrievalSums) -> f64,
) -> Option<Limits> {
    let mean_hits = hits(&total.sums) / total.weight;
    let mean_discount = total.sums.discount / total.weight;
    let column = |cluster: &Weighted<RetrievalSums>| ClusterSum {
        sum: hits(&cluster.sums) * mean_discount
            + mean_hits * (cluster.sums.discount - mean_discount * cluster.weight),
        weight: cluster.weight,
    };
    Some(clusters.ratio(column, (0.0, 1.0))?.scaled(clusters.diversity()))
}

impl FamilyScore for RetrievalScore {
    fn headline(&self) -> f64 {
        self.average
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("Recall@1", self.recall_at_1),
            ("Recall@3", self.recall_at_3),
            ("F1_score", self.f1),
            ("Average", self.average),
        ]
    }

    /// The average is the exact one of the rounded parts.
    fn rounded(self) -> Self {
        Self::new(round(self.recall_at_1), round(self.recall_at_3), round(self.f1))
    }
}

impl From<RetrievalScore> for TaskScore {
    fn from(score: RetrievalScore) -> Self {
        Self::Retrieval(score)
    }
}
