//! The sums of a task's clusters, as those of its family.

use avibench_protocol::Task;
use avibench_statistics::{ClusterSum, ClusteredMean};

use super::Limits;
use super::reading::TaskSums;
use crate::Tally;
use crate::family::{FamilySums, Listed, Weighted};

/// The sums of a task by cluster.
pub(crate) struct ClusterSums<S> {
    task: Task,
    diversity: f64,
    /// By folder: folders are independent samples of fixed size.
    strata: Vec<Vec<Weighted<S>>>,
}

impl<S: FamilySums> ClusterSums<S> {
    /// The sums of a task of the family `F`.
    pub(super) fn new<F: Listed<Sums = S>>(task: &TaskSums) -> Self {
        let stratum = |clusters: &[Tally]| clusters.iter().filter_map(Tally::of::<F>).collect();
        let strata = task.folders.iter().map(|(_, clusters)| stratum(clusters)).collect();
        Self { task: task.task, diversity: task.diversity, strata }
    }

    /// The task.
    pub(crate) fn task(&self) -> Task {
        self.task
    }

    /// Factor on all parts for answers that repeat each other.
    pub(crate) fn diversity(&self) -> f64 {
        self.diversity
    }

    /// Every cluster, folder after folder.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Weighted<S>> {
        self.strata.iter().flatten()
    }

    /// The sums over all clusters, in their order.
    pub(crate) fn total(&self) -> Weighted<S> {
        let mut total = Weighted { weight: 0.0, sums: S::default() };
        for cluster in self.iter() {
            total.weight += cluster.weight;
            total.sums.add_sums(1.0, &cluster.sums);
        }
        total
    }

    /// The limits of a mean over records of which each has a share, 0 to 1.
    pub(crate) fn mean_share(&self, sum: impl Fn(&S) -> f64) -> Option<Limits> {
        self.mean_from(0.0, sum)
    }

    /// The limits of a mean over records of which each has a number from `least` to 1.
    pub(crate) fn mean_from(&self, least: f64, sum: impl Fn(&S) -> f64) -> Option<Limits> {
        let column =
            |cluster: &Weighted<S>| ClusterSum { sum: sum(&cluster.sums), weight: cluster.weight };
        self.ratio(column, (least, 1.0))
    }

    /// The least mean of a cluster, at most 0.
    pub(crate) fn least(&self, sum: impl Fn(&S) -> f64) -> f64 {
        let counted = self.iter().filter(|cluster| cluster.weight > 0.0);
        counted.map(|cluster| sum(&cluster.sums) / cluster.weight).fold(0.0, f64::min)
    }

    /// The limits of a ratio of sums. `None` if no cluster has any weight.
    pub(crate) fn ratio(
        &self,
        column: impl Fn(&Weighted<S>) -> ClusterSum,
        bounds: (f64, f64),
    ) -> Option<Limits> {
        let strata = self.strata.iter().filter_map(|clusters| {
            let weight: f64 = clusters.iter().map(|cluster| column(cluster).weight).sum();
            let mean = ClusteredMean::new(clusters.iter().map(&column), bounds).ok()?;
            Some((weight, Limits::of_mean(&mean)))
        });
        let strata: Vec<(f64, Limits)> = strata.collect();
        let total: f64 = strata.iter().map(|(weight, _)| weight).sum();
        let limits = strata.iter().map(|(weight, limits)| limits.scaled(weight / total));
        (total > 0.0).then(|| Limits::sum(limits))
    }
}
