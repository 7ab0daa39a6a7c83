//! The score of AVC, and its limits.

use serde::{Deserialize, Serialize};

use super::sums::CaptionSums;
use crate::TaskScore;
use crate::family::{FamilyScore, Weighted};
use crate::task_score::round;
use crate::uncertainty::{ClusterSums, Limits};

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

impl CaptionScore {
    pub(super) fn new(total: &Weighted<CaptionSums>) -> Self {
        let mean = |sum: f64| sum / total.weight;
        let fense = mean(total.sums.fense);
        Self {
            fense,
            sbert_sim: mean(total.sums.similarity),
            fer: mean(total.sums.fluency_errors),
            n_samples: total.weight.round() as u64,
            average: fense,
        }
    }

    pub(super) fn limits(clusters: &ClusterSums<CaptionSums>) -> Option<Vec<Limits>> {
        // Similarities may be below 0; none is far below.
        let signed = |sum: fn(&CaptionSums) -> f64| clusters.mean_from(clusters.least(sum), sum);
        let fense = signed(|sums| sums.fense)?;
        let similarity = signed(|sums| sums.similarity)?;
        Some(vec![similarity, clusters.mean_share(|sums| sums.fluency_errors)?, fense, fense])
    }
}

impl FamilyScore for CaptionScore {
    fn headline(&self) -> f64 {
        self.average
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("sbert_sim", self.sbert_sim),
            ("fer", self.fer),
            ("fense", self.fense),
            ("average", self.average),
        ]
    }

    fn rounded(self) -> Self {
        Self {
            fense: round(self.fense),
            sbert_sim: round(self.sbert_sim),
            fer: round(self.fer),
            n_samples: self.n_samples,
            average: round(self.average),
        }
    }
}

impl From<CaptionScore> for TaskScore {
    fn from(score: CaptionScore) -> Self {
        Self::Caption(score)
    }
}
