//! The weighted sums of a task.

use super::BoxesParts;
use crate::family::count_errors::{CountErrors, HasCountErrors};
use crate::family::{Counts, FamilySums};

/// Weighted sums of [`BoxesParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct BoxesSums {
    pub(super) iou: f64,
    category_f1: f64,
    errors: CountErrors,
}

impl Counts<BoxesParts> for BoxesSums {
    fn count(&mut self, weight: f64, parts: &BoxesParts) {
        self.errors.count(weight, parts.error);
        self.iou += weight * parts.iou;
        self.category_f1 += weight * parts.category_f1;
    }
}

impl FamilySums for BoxesSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        // Every field by name, so that a new one cannot be forgotten here.
        let Self { iou, category_f1, errors } = other;
        self.iou += weight * iou;
        self.category_f1 += weight * category_f1;
        self.errors.add_sums(weight, errors);
    }
}

impl HasCountErrors for BoxesSums {
    fn errors(&self) -> &CountErrors {
        &self.errors
    }

    fn right(&self) -> f64 {
        self.category_f1
    }
}
