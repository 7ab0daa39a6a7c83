//! The weighted sums of a task.

use super::{CaptionMeasure, CaptionParts};
use crate::family::{Counts, FamilySums};

/// Weighted sums of [`CaptionParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct CaptionSums {
    pub(super) similarity: f64,
    pub(super) fluency_errors: f64,
    pub(super) rating: f64,
    /// Weight of what the stand-in rated; captions of a folder are all rated by one measure.
    pub(super) by_stand_in: f64,
}

impl CaptionSums {
    /// What rated the captions.
    pub(super) fn measure(&self) -> CaptionMeasure {
        if self.by_stand_in > 0.0 { CaptionMeasure::StandIn } else { CaptionMeasure::Fense }
    }
}

impl Counts<CaptionParts> for CaptionSums {
    fn count(&mut self, weight: f64, parts: &CaptionParts) {
        self.similarity += weight * parts.similarity;
        self.fluency_errors += if parts.fluency_error { weight } else { 0.0 };
        self.rating += weight * parts.rating;
        self.by_stand_in += if parts.measure == CaptionMeasure::StandIn { weight } else { 0.0 };
    }
}

impl FamilySums for CaptionSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        // Every field by name, so that a new one cannot be forgotten here.
        let Self { similarity, fluency_errors, rating, by_stand_in } = other;
        self.similarity += weight * similarity;
        self.fluency_errors += weight * fluency_errors;
        self.rating += weight * rating;
        self.by_stand_in += weight * by_stand_in;
    }
}
