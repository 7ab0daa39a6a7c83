//! The weighted sums of a task.

use super::{RankingParts, RetrievalParts};
use crate::family::{Counts, FamilySums};

/// Weighted sums of [`RetrievalParts`] or [`RankingParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct RetrievalSums {
    pub(super) hits_at_1: f64,
    pub(super) hits_at_3: f64,
    pub(super) f1: f64,
    pub(super) discount: f64,
}

impl Counts<RetrievalParts> for RetrievalSums {
    fn count(&mut self, weight: f64, parts: &RetrievalParts) {
        let is = |flag: bool| if flag { weight } else { 0.0 };
        self.hits_at_1 += is(parts.hit_at_1);
        self.hits_at_3 += is(parts.hit_at_3);
        self.f1 += weight * parts.f1;
        self.discount += weight * parts.discount;
    }
}

impl Counts<RankingParts> for RetrievalSums {
    fn count(&mut self, weight: f64, parts: &RankingParts) {
        self.hits_at_1 += weight * parts.hit_at_1;
        self.hits_at_3 += weight * parts.hit_at_3;
        self.f1 += weight * parts.f1;
        self.discount += weight;
    }
}

impl FamilySums for RetrievalSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        // Every field by name, so that a new one cannot be forgotten here.
        let Self { hits_at_1, hits_at_3, f1, discount } = other;
        self.hits_at_1 += weight * hits_at_1;
        self.hits_at_3 += weight * hits_at_3;
        self.f1 += weight * f1;
        self.discount += weight * discount;
    }
}
