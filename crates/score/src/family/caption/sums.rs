//! The weighted sums of a task.

use super::CaptionParts;
use crate::family::{Counts, FamilySums};

/// Weighted sums of [`CaptionParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct CaptionSums {
    pub(super) similarity: f64,
    pub(super) fluency_errors: f64,
    pub(super) fense: f64,
}

impl Counts<CaptionParts> for CaptionSums {
    fn count(&mut self, weight: f64, parts: &CaptionParts) {
        self.similarity += weight * parts.similarity;
        self.fluency_errors += if parts.fluency_error { weight } else { 0.0 };
        self.fense += weight * parts.fense;
    }
}

impl FamilySums for CaptionSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        // Every field by name, so that a new one cannot be forgotten here.
        let Self { similarity, fluency_errors, fense } = other;
        self.similarity += weight * similarity;
        self.fluency_errors += weight * fluency_errors;
        self.fense += weight * fense;
    }
}
