//! The weighted sums of a task.

use super::InstancesParts;
use crate::family::count_errors::{CountErrors, HasCountErrors};
use crate::family::{Counts, FamilySums};

/// Weighted sums of [`InstancesParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct InstancesSums {
    pub(super) semantic: f64,
    errors: CountErrors,
}

impl Counts<InstancesParts> for InstancesSums {
    fn count(&mut self, weight: f64, parts: &InstancesParts) {
        if let Some(error) = parts.error {
            self.errors.count(weight, error);
        }
        self.semantic += weight * parts.semantic;
    }
}

impl FamilySums for InstancesSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        // Every field by name, so that a new one cannot be forgotten here.
        let Self { semantic, errors } = other;
        self.semantic += weight * semantic;
        self.errors.add_sums(weight, errors);
    }
}

impl HasCountErrors for InstancesSums {
    fn errors(&self) -> &CountErrors {
        &self.errors
    }

    fn right(&self) -> f64 {
        self.semantic
    }
}
