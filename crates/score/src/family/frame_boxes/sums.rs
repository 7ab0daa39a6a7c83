//! The weighted sums of a task.

use super::FramesParts;
use crate::family::{Counts, FamilySums};

/// Weighted sums of [`FramesParts`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct FramesSums {
    pub(super) iou: f64,
}

impl Counts<FramesParts> for FramesSums {
    fn count(&mut self, weight: f64, parts: &FramesParts) {
        self.iou += weight * parts.iou;
    }
}

impl FamilySums for FramesSums {
    fn add_sums(&mut self, weight: f64, other: &Self) {
        let Self { iou } = other;
        self.iou += weight * iou;
    }
}
