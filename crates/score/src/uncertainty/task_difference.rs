//! The difference of two models on a task.

use avibench_protocol::Family;
use avibench_statistics::{
    ClusterSum, ClusteredMean, SIGN_FLIP_LIMIT, least_sign_flip_p, sign_flip_p,
};

use super::Difference;
use super::limits::Limits;
use super::reading::TaskSums;
use super::task_limits::task_limits;
use crate::Tally;

/// Step for slopes of a score, in clusters.
const STEP: f64 = 0.01;
/// A cluster whose difference is below this share of a record is a tie.
const TIE: f64 = 1e-6;

/// Two models on the same clusters of a task.
pub(super) struct TaskDifference {
    /// First minus second, by cluster.
    pub(super) mean: ClusteredMean,
    /// First minus second.
    pub(super) limits: Limits,
    /// Two-sided p-value of "no difference".
    pub(super) p: f64,
    pub(super) standard_error: f64,
    /// The models' own numbers on these clusters.
    pub(super) own: [Limits; 2],
    /// How far the two models' luck is the same, -1 to 1.
    pub(super) correlation: f64,
}

impl TaskDifference {
    /// Compares two models on aligned clusters. `None` if one of them has no score.
    pub(super) fn new(first: &TaskSums, second: &TaskSums) -> Option<Self> {
        let own = [*task_limits(first)?.last()?, *task_limits(second)?.last()?];
        let estimate = first.score.headline() - second.score.headline();
        let slopes = Slopes::new(first, second);
        let clusters: Vec<(&Tally, &Tally)> = first.clusters().zip(second.clusters()).collect();
        let weights: Vec<f64> =
            clusters.iter().map(|(a, b)| f64::midpoint(a.weight(), b.weight())).collect();
        let total: f64 = weights.iter().sum();
        let mut sums: Vec<f64> = clusters
            .iter()
            .zip(&weights)
            .map(|((a, b), weight)| {
                let sum = if a == b { 0.0 } else { total * slopes.between(b, a) };
                // Whole numbers of records come out whole, so that ties are ties.
                let near = sum.round();
                if (sum - near).abs() < TIE * weight { near } else { sum }
            })
            .collect();
        // What the slopes leave over (curvature; the factor for repeated answers; an Instance part
        // that is 0 by its rule) is spread over the clusters on which the models differ. Spread
        // over all, it would make ties look like wins of one model.
        let rest = estimate * total - sums.iter().sum::<f64>();
        let apart = |(a, b): &(&Tally, &Tally)| a != b;
        let of_apart: f64 =
            clusters.iter().zip(&weights).filter(|(pair, _)| apart(pair)).map(|(_, w)| w).sum();
        if rest.abs() > TIE * total && of_apart > 0.0 {
            let pairs = sums.iter_mut().zip(&weights).zip(&clusters);
            for ((sum, weight), _) in pairs.filter(|(_, pair)| apart(pair)) {
                *sum += rest * weight / of_apart;
            }
        }
        let pairs = || sums.iter().zip(&weights).map(|(&sum, &weight)| ClusterSum { sum, weight });
        let mean = ClusteredMean::of_differences(pairs()).ok()?;
        let limits = Limits::of_mean(&mean);
        let exact = if mean.informative() <= SIGN_FLIP_LIMIT { sign_flip_p(&sums) } else { None };
        let p = mean
            .p(0.0)
            .max(exact.unwrap_or_else(|| least_sign_flip_p(mean.informative())))
            .min(1.0);
        let limits = holding_zero_unless_found(limits.within(-1.0, 1.0), p);
        let count = mean.clusters() as f64;
        let squares: f64 = pairs()
            .map(|cluster| {
                let off = cluster.sum - estimate * cluster.weight;
                off * off
            })
            .sum();
        let standard_error = libm::sqrt(squares * count / (count - 1.0).max(1.0)) / total;
        let correlation = slopes.correlation(&clusters);
        Some(Self { mean, limits, p, standard_error, own, correlation })
    }

    /// As it is reported, before the correction for several tests.
    pub(super) fn reported(&self) -> Difference {
        let numbers = self.own.map(|own| own.value);
        let counts = [self.mean.clusters(), self.mean.informative()];
        Difference::new(numbers, self.limits, self.p, self.standard_error, counts)
    }

    /// How far the difference may be below its estimate at `z` standard errors of a normal value,
    /// or above for a negative `z`.
    pub(super) fn distance(&self, z: f64) -> f64 {
        let value = self.mean.value();
        if z >= 0.0 { value - self.mean.lower_limit(z) } else { self.mean.upper_limit(-z) - value }
    }
}

/// An interval that excludes 0 while the exact test cannot tell the models apart says too much.
pub(super) fn holding_zero_unless_found(limits: Limits, p: f64) -> Limits {
    if p <= 0.05 {
        return limits;
    }
    Limits { low: limits.low.min(0.0), high: limits.high.max(0.0), ..limits }
}

/// The slopes of the headline at the mean of both models' sums. There the difference of the models
/// is the sum of the slopes along their differences by cluster, up to third order, and swapping
/// the models in a cluster changes the sign of its term and nothing else.
struct Slopes {
    middle: Tally,
    family: Family,
    diversity: f64,
}

impl Slopes {
    fn new(first: &TaskSums, second: &TaskSums) -> Self {
        let family = first.task.family();
        let mut middle = Tally::new(family);
        middle.add_tally(0.5, &first.total());
        middle.add_tally(0.5, &second.total());
        Self { middle, family, diversity: f64::midpoint(first.diversity, second.diversity) }
    }

    /// The slope along `to` minus `from`.
    fn between(&self, from: &Tally, to: &Tally) -> f64 {
        let at = |step: f64| {
            let mut moved = self.middle;
            moved.add_tally(step, to);
            moved.add_tally(-step, from);
            moved.score(self.diversity).map_or(0.0, |score| score.headline())
        };
        (at(STEP) - at(-STEP)) / (2.0 * STEP)
    }

    /// The correlation of what each cluster adds to the two models' headlines.
    fn correlation(&self, clusters: &[(&Tally, &Tally)]) -> f64 {
        let nothing = Tally::new(self.family);
        let slope = |tally: &Tally| self.between(&nothing, tally);
        let slopes: Vec<(f64, f64)> = clusters.iter().map(|(a, b)| (slope(a), slope(b))).collect();
        let count = slopes.len().max(1) as f64;
        let (mut first, mut second) = (0.0, 0.0);
        for (a, b) in &slopes {
            first += a / count;
            second += b / count;
        }
        let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
        for (a, b) in &slopes {
            both += (a - first) * (b - second);
            one += (a - first) * (a - first);
            other += (b - second) * (b - second);
        }
        let scale = libm::sqrt(one * other);
        if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) } else { 0.0 }
    }
}
