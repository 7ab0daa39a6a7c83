//! Weighted sums of records that are right or wrong.

use super::MatchParts;
use crate::family::{Counts, FamilySums};
use crate::uncertainty::{ClusterSums, Limits};

/// Weighted sums of [`MatchParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct MatchSums {
    pub(crate) correct: f64,
}

impl Counts<MatchParts> for MatchSums {
    fn count(&mut self, weight: f64, parts: &MatchParts) {
        self.correct += if parts.correct { weight } else { 0.0 };
    }
}

impl FamilySums for MatchSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        let Self { correct } = other;
        self.correct += weight * correct;
    }
}

/// The limits of the accuracy.
pub(crate) fn limits(clusters: &ClusterSums<MatchSums>) -> Option<Vec<Limits>> {
    Some(vec![clusters.mean_share(|sums| sums.correct)?])
}
