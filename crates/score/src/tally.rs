//! Weighted sums of the parts of the records of one task.

use avibench_protocol::Family;

use crate::family::{Listed, Sums, Weighted};
use crate::{Parts, TaskScore};

/// Weighted sums of the parts of one task: those that its family has.
///
/// A record's weight is 1 for a plain score, and how often its cluster was drawn in a resample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    weight: f64,
    sums: Sums,
}

impl Tally {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(family: Family) -> Self {
        Self { weight: 0.0, sums: Sums::new(family) }
    }

    /// Counts a record `weight` times. Parts of another family count as a record that earned
    /// nothing; no judging makes such a record.
    pub fn add(&mut self, weight: f64, parts: &Parts) {
        self.weight += weight;
        let added = self.sums.add(weight, parts);
        debug_assert!(added.is_ok(), "{parts:?} among {:?}", self.sums);
    }

    /// Counts every record of `other`, which is of the same family, `weight` times.
    pub fn add_tally(&mut self, weight: f64, other: &Self) {
        self.weight += weight * other.weight;
        let added = self.sums.add_sums(weight, &other.sums);
        debug_assert!(added.is_ok(), "{:?} among {:?}", other.sums, self.sums);
    }

    /// The score, not rounded; `None` if nothing was counted. `diversity` is that of the folder's
    /// [`FolderVerdicts`](crate::FolderVerdicts).
    #[must_use]
    pub fn score(&self, diversity: f64) -> Option<TaskScore> {
        (self.weight > 0.0).then(|| self.sums.score(self.weight, diversity))
    }

    /// Weight of all records that were counted.
    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    /// The sums of a family; `None` if they are another one's.
    pub(crate) fn of<F: Listed>(&self) -> Option<Weighted<F::Sums>> {
        let Self { weight, sums } = self;
        F::own(sums).map(|&sums| Weighted { weight: *weight, sums })
    }
}
