//! The mean of bounded values that come in clusters, with an interval that holds near the bounds
//! and for few clusters.

use thiserror::Error;

use crate::exponential_sum::{Term, quantile_of_zero};
use crate::normal::normal_cumulative;

/// From so many clusters on, their sizes say how large an unseen one may be.
const ENOUGH: f64 = 5.0;

/// The sum of the values of a cluster and how much they weigh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterSum {
    /// Sum of weight x value over the records of the cluster.
    pub sum: f64,
    /// Sum of the weights, such as the number of records; not negative.
    pub weight: f64,
}

/// A mean over clusters, as a distribution of what the mean of all clusters there could be may be.
///
/// Each cluster gets a random weight from a flat Dirichlet distribution, together with one unseen
/// cluster at the lower bound (for the lower limit) or at the upper (for the upper limit), as
/// Gaffke (2005) proposed for bounded values. For independent yes-or-no records this is the exact
/// interval of Clopper and Pearson, and its test of a difference the exact sign test; if all
/// clusters are equal, the interval still allows for those that were not seen.
#[derive(Clone, Debug)]
pub struct ClusteredMean {
    groups: Vec<Group>,
    clusters: usize,
    value: f64,
    bounds: (f64, f64),
    /// Weight of the unseen cluster below and above.
    unseen: (f64, f64),
}

/// Clusters with equal sums.
#[derive(Clone, Copy, Debug)]
struct Group {
    sum: f64,
    weight: f64,
    count: f64,
}

/// Why clusters have no mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClusteredMeanError {
    /// No cluster has any weight.
    #[error("no cluster has a value; a mean needs one at least")]
    Empty,
    /// A sum or a weight that is no number, or a negative weight.
    #[error("a cluster's sum or weight is not a number; leave out what has no value")]
    NotFinite,
}

impl ClusteredMean {
    /// The mean of values within `bounds`.
    ///
    /// How much the unseen cluster weighs is learnt from how far the others fall short of the bound
    /// that is opposite to it; if hardly any do, it weighs as much as a cluster does on average.
    ///
    /// # Errors
    ///
    /// If nothing has any weight or something is not a number.
    pub fn new(
        clusters: impl IntoIterator<Item = ClusterSum>,
        bounds: (f64, f64),
    ) -> Result<Self, ClusteredMeanError> {
        let mut mean = Self::grouped(clusters, bounds)?;
        let range = bounds.1 - bounds.0;
        let short = |group: &Group| (bounds.1 * group.weight - group.sum) / range;
        let over = |group: &Group| (group.sum - bounds.0 * group.weight) / range;
        mean.unseen = (mean.unseen_weight(short), mean.unseen_weight(over));
        Ok(mean)
    }

    /// The mean of differences between two models, -1 to 1 a record. The unseen cluster weighs as
    /// much as the clusters on which the models differ, so that independent yes-or-no records give
    /// the exact sign test.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of_differences(
        clusters: impl IntoIterator<Item = ClusterSum>,
    ) -> Result<Self, ClusteredMeanError> {
        let mut mean = Self::grouped(clusters, (-1.0, 1.0))?;
        let weight = mean.unseen_weight(|group| group.sum.abs());
        mean.unseen = (weight, weight);
        Ok(mean)
    }

    fn grouped(
        clusters: impl IntoIterator<Item = ClusterSum>,
        bounds: (f64, f64),
    ) -> Result<Self, ClusteredMeanError> {
        let mut sums: Vec<ClusterSum> = Vec::new();
        for cluster in clusters {
            if !cluster.sum.is_finite() || !cluster.weight.is_finite() || cluster.weight < 0.0 {
                return Err(ClusteredMeanError::NotFinite);
            }
            if cluster.weight > 0.0 {
                sums.push(cluster);
            }
        }
        let weight: f64 = sums.iter().map(|cluster| cluster.weight).sum();
        if weight <= 0.0 {
            return Err(ClusteredMeanError::Empty);
        }
        let value = sums.iter().map(|cluster| cluster.sum).sum::<f64>() / weight;
        let clusters = sums.len();
        sums.sort_by(|a, b| a.sum.total_cmp(&b.sum).then(a.weight.total_cmp(&b.weight)));
        let mut groups: Vec<Group> = Vec::new();
        let same = |a: f64, b: f64| a.total_cmp(&b).is_eq();
        for ClusterSum { sum, weight } in sums {
            match groups.last_mut() {
                Some(last) if same(last.sum, sum) && same(last.weight, weight) => last.count += 1.0,
                _ => groups.push(Group { sum, weight, count: 1.0 }),
            }
        }
        Ok(Self { groups, clusters, value, bounds, unseen: (0.0, 0.0) })
    }

    /// How much an unseen cluster may weigh: as much as the clusters in which `size` is positive are
    /// large, each counted by its square, so that a few large ones count for more than many small
    /// ones. Until about [`ENOUGH`] of them have been seen, a cluster of mean weight stands in.
    fn unseen_weight(&self, size: impl Fn(&Group) -> f64) -> f64 {
        let total: f64 = self.groups.iter().map(|group| group.count * group.weight).sum();
        let mean = total / self.clusters as f64;
        let (mut second, mut fourth) = (0.0, 0.0);
        for group in &self.groups {
            let size = size(group);
            // Sums of fractions are rounded; what is smaller than this is no deviation.
            if size > 1e-12 * mean {
                second += group.count * size * size;
                fourth += group.count * size * size * size * size;
            }
        }
        if fourth <= 0.0 {
            return mean;
        }
        let seen = second * second / fourth;
        let unknown = (1.0 - seen / ENOUGH).max(0.0);
        libm::sqrt(unknown * mean * mean + (1.0 - unknown) * fourth / second)
    }

    /// The mean itself.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The number of clusters that have any weight.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.clusters
    }

    /// The number of clusters whose sum is not 0: of differences, those that say anything.
    #[must_use]
    pub fn informative(&self) -> usize {
        let not_zero = self.groups.iter().filter(|group| group.sum.abs() > 1e-12 * group.weight);
        not_zero.map(|group| group.count as usize).sum()
    }

    /// The lower limit that the true mean is below with the probability of a normal value above
    /// `z`: 1.96 for the lower end of a 95% interval.
    #[must_use]
    pub fn lower_limit(&self, z: f64) -> f64 {
        self.limit(-z, self.bounds.0, self.unseen.0)
    }

    /// The upper limit; see [`lower_limit`](Self::lower_limit).
    #[must_use]
    pub fn upper_limit(&self, z: f64) -> f64 {
        self.limit(z, self.bounds.1, self.unseen.1)
    }

    /// The two-sided p-value of "the true mean is `value`".
    #[must_use]
    pub fn p(&self, value: f64) -> f64 {
        // The mean may be as low as the lower distribution says, and as high as the upper.
        let below = normal_cumulative(self.quantile(value, self.bounds.0, self.unseen.0));
        let above = normal_cumulative(-self.quantile(value, self.bounds.1, self.unseen.1));
        (2.0 * below.min(above)).min(1.0)
    }

    /// The normal quantile of the probability that the mean is at most `value`, with an unseen
    /// cluster at `bound`.
    fn quantile(&self, value: f64, bound: f64, unseen: f64) -> f64 {
        let unseen = Term { value: unseen * (bound - value), count: 1.0 };
        let excess =
            |group: &Group| Term { value: group.sum - value * group.weight, count: group.count };
        let terms: Vec<Term> =
            self.groups.iter().map(excess).chain(std::iter::once(unseen)).collect();
        quantile_of_zero(&terms)
    }

    /// The value whose quantile is `z`: a secant on values, halved where it leaves the bracket or
    /// stalls. Quantiles are close to linear in the value, so that few steps are needed.
    fn limit(&self, z: f64, bound: f64, unseen: f64) -> f64 {
        let (low, high) = self.support(bound);
        if high <= low {
            return bound;
        }
        let at = |value: f64| self.quantile(value, bound, unseen) - z;
        let (mut from, mut to) = (low, high);
        let mut known = (self.value.clamp(low, high), 0.0);
        known.1 = at(known.0);
        let mut next = f64::midpoint(known.0, if known.1 > 0.0 { low } else { high });
        for _ in 0..100 {
            if known.1 > 0.0 {
                to = to.min(known.0);
            } else {
                from = from.max(known.0);
            }
            if !(next > from && next < to) {
                next = f64::midpoint(from, to);
            }
            let found = at(next);
            let slope = (found - known.1) / (next - known.0);
            if found > 0.0 {
                to = next;
            } else {
                from = next;
            }
            known = (next, found);
            if found.abs() < 1e-7 || to - from < 1e-12 * (high - low) {
                break;
            }
            next = if slope.is_finite() && slope > 0.0 {
                next - found / slope
            } else {
                f64::midpoint(from, to)
            };
        }
        known.0
    }

    /// The values between which a mean with an unseen cluster at `bound` can lie.
    fn support(&self, bound: f64) -> (f64, f64) {
        let ratios = self.groups.iter().map(|group| group.sum / group.weight);
        ratios.fold((bound, bound), |(low, high), ratio| (low.min(ratio), high.max(ratio)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::normal::Z_95;
    use crate::{McNemar, Tail};

    fn singles(right: usize, wrong: usize) -> ClusteredMean {
        let clusters = std::iter::repeat_n(1.0, right).chain(std::iter::repeat_n(0.0, wrong));
        let clusters = clusters.map(|sum| ClusterSum { sum, weight: 1.0 });
        ClusteredMean::new(clusters, (0.0, 1.0)).expect("clusters")
    }

    #[test]
    fn single_records_have_the_interval_of_clopper_and_pearson() {
        // Quantiles of beta distributions, from R's binom.test.
        let cases = [
            (0, 10, 0.0, 0.308_497),
            (10, 10, 0.691_503, 1.0),
            (3, 10, 0.066_739, 0.652_453),
            (1, 200, 0.000_126_6, 0.027_537),
            (120, 200, 0.528_507, 0.668_467),
        ];
        for (right, all, low, high) in cases {
            let mean = singles(right, all - right);
            let found = (mean.lower_limit(Z_95), mean.upper_limit(Z_95));
            assert!((found.0 - low).abs() < 2e-3, "{right} of {all}: {found:?}");
            assert!((found.1 - high).abs() < 2e-3, "{right} of {all}: {found:?}");
        }
    }

    #[test]
    fn equal_clusters_leave_room_for_unseen_ones() {
        let clusters = [ClusterSum { sum: 1.0, weight: 2.0 }; 50];
        let mean = ClusteredMean::new(clusters, (0.0, 1.0)).expect("clusters");
        // The unseen cluster weighs 1, the half of two records that are wrong in every cluster, and
        // the limit c solves (1 + (1 - 2 c) / c)^-50 = 0.025.
        let limit = 1.0 / (2.0 + 40_f64.powf(0.02) - 1.0);
        assert!((mean.value() - 0.5).abs() < 1e-15);
        assert!((mean.lower_limit(Z_95) - limit).abs() < 1e-6, "{}", mean.lower_limit(Z_95));
        assert!((mean.upper_limit(Z_95) - (1.0 - limit)).abs() < 1e-6);
    }

    #[test]
    fn single_differences_are_tested_as_by_mcnemar() {
        for (wins, losses) in [(3, 0), (9, 2), (30, 12), (5, 5), (0, 7), (60, 20)] {
            let signs = std::iter::repeat_n(1.0, wins).chain(std::iter::repeat_n(-1.0, losses));
            let clusters = signs.chain([0.0; 20]).map(|sum| ClusterSum { sum, weight: 1.0 });
            let mean = ClusteredMean::of_differences(clusters).expect("clusters");
            let counts = McNemar { only_first: wins as u64, only_second: losses as u64 };
            let exact = counts.p(Tail::Exact);
            assert!((mean.p(0.0) / exact - 1.0).abs() < 0.04, "{wins} {losses}: {}", mean.p(0.0));
            assert_eq!(mean.informative(), wins + losses);
            let inside = mean.lower_limit(Z_95) < 0.0 && mean.upper_limit(Z_95) > 0.0;
            assert_eq!(inside, mean.p(0.0) > 0.05);
        }
    }

    #[test]
    fn nothing_and_no_numbers_are_refused() {
        let none = ClusteredMean::new([ClusterSum { sum: 0.0, weight: 0.0 }], (0.0, 1.0));
        assert_eq!(none.err(), Some(ClusteredMeanError::Empty));
        let odd = ClusteredMean::new([ClusterSum { sum: f64::NAN, weight: 1.0 }], (0.0, 1.0));
        assert_eq!(odd.err(), Some(ClusteredMeanError::NotFinite));
    }

    proptest! {
        #[test]
        fn limits_hold_the_mean_widen_with_z_and_stay_in_bounds(
            clusters in proptest::collection::vec((0.0_f64..=1.0, 1_u8..5), 1..60),
        ) {
            let sums = clusters.iter().map(|&(share, weight)| {
                ClusterSum { sum: share * f64::from(weight), weight: f64::from(weight) }
            });
            let mean = ClusteredMean::new(sums, (0.0, 1.0)).expect("clusters");
            let mut last = (mean.value(), mean.value());
            for z in [1.0, Z_95, 3.0, 5.0] {
                let now = (mean.lower_limit(z), mean.upper_limit(z));
                prop_assert!(now.0 <= last.0 + 1e-9 && now.1 >= last.1 - 1e-9, "{last:?} {now:?}");
                prop_assert!(now.0 >= 0.0 && now.1 <= 1.0);
                last = now;
            }
        }

        #[test]
        fn swapping_the_models_mirrors_the_interval(
            sums in proptest::collection::vec(-4_i8..=4, 1..60),
        ) {
            let of = |sign: f64| ClusteredMean::of_differences(
                sums.iter().map(|&sum| ClusterSum { sum: sign * f64::from(sum), weight: 4.0 }),
            ).expect("clusters");
            let (one, other) = (of(1.0), of(-1.0));
            prop_assert!((one.lower_limit(Z_95) + other.upper_limit(Z_95)).abs() < 1e-6);
            prop_assert!((one.p(0.0) - other.p(0.0)).abs() < 1e-6);
        }
    }
}
