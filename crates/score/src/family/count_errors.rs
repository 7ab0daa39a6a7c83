//! The Instance score of instances and boxes: 1 - tanh(scale x RMSE) of the count errors.

use avibench_statistics::{ClusterSum, SumTerm};

use super::FamilySums;
use crate::uncertainty::{ClusterSums, Limits};

/// Weighted sums of squared count errors.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct CountErrors {
    squared: f64,
    /// Weight of the records that have an error.
    weight: f64,
}

/// Sums that have count errors among them.
pub(crate) trait HasCountErrors: FamilySums {
    /// The count errors.
    fn errors(&self) -> &CountErrors;

    /// The sum of the agreement of categories: where it is 0, no category was right at all.
    fn right(&self) -> f64;

    /// 1 - tanh(scale x RMSE); 0 if no category was right at all, or no count was compared.
    fn instance(&self, scale: f64) -> f64 {
        let errors = self.errors();
        if self.right() <= 0.0 || errors.weight <= 0.0 {
            return 0.0;
        }
        1.0 - libm::tanh(scale * libm::sqrt(errors.squared / errors.weight))
    }
}

impl CountErrors {
    /// Counts the error of a record `weight` times.
    pub(crate) fn count(&mut self, weight: f64, error: f64) {
        self.squared += weight * error * error;
        self.weight += weight;
    }

    /// Counts the errors of `other` `weight` times.
    pub(crate) fn add_sums(&mut self, weight: f64, other: &Self) {
        let Self { squared, weight: records } = other;
        self.squared += weight * squared;
        self.weight += weight * records;
    }
}

/// How much of the largest count error `worst` was avoided, in squares and 0 to 1; 1 where no error can be made.
pub(crate) fn avoided(error: f64, worst: f64) -> f64 {
    if worst > 0.0 { 1.0 - (error / worst).powi(2).min(1.0) } else { 1.0 }
}

/// The terms of `weight` x (`share` x a mean + the rest x Instance), with the means of a value and of what
/// [`avoided`] gives: 1 - tanh(scale x RMSE) = 1 - tanh(scale x worst x sqrt(1 - mean avoided)).
pub(crate) fn sum_terms(weight: f64, share: f64, scale: f64, worst: f64) -> Vec<SumTerm> {
    let (agreement, instance) = (weight * share, weight * (1.0 - share));
    let instance = if worst > 0.0 {
        SumTerm::RootTanh { weight: instance, scale: scale * worst }
    } else {
        SumTerm::Mean { weight: instance }
    };
    vec![SumTerm::Mean { weight: agreement }, instance]
}

/// Limits of the Instance score, through the mean of the squared errors. The interval of a mean of
/// squares is skewed to large errors, as it should be: they are rare, and a sample may lack them.
/// `usual_worst` is the error of a record that went as wrong as records usually can.
pub(crate) fn instance_limits<S: HasCountErrors>(
    clusters: &ClusterSums<S>,
    scale: f64,
    usual_worst: f64,
) -> Limits {
    let worst = clusters
        .iter()
        .map(|cluster| cluster.sums.errors())
        .filter(|errors| errors.weight > 0.0)
        .map(|errors| errors.squared / errors.weight)
        .fold(usual_worst.powi(2), f64::max);
    let squares = clusters.ratio(
        |cluster| {
            let errors = cluster.sums.errors();
            ClusterSum { sum: errors.squared, weight: errors.weight }
        },
        (0.0, worst),
    );
    let Some(squares) = squares else {
        // No record takes part in the counts: the part is 0 by its rule.
        return Limits { value: 0.0, low: 0.0, high: 0.0 };
    };
    let limits = squares.decreasing(|square| 1.0 - libm::tanh(scale * libm::sqrt(square.max(0.0))));
    // Without any right category the part is 0 by its rule, and the first right one lifts it.
    let any_right = clusters.iter().any(|cluster| cluster.sums.right() > 0.0);
    if any_right { limits } else { Limits { value: 0.0, low: 0.0, ..limits } }
}

/// The correlation of a mean with the Instance score, which falls as squared errors rise.
pub(crate) fn correlation<S: HasCountErrors>(
    clusters: &ClusterSums<S>,
    sum: impl Fn(&S) -> f64,
) -> f64 {
    let total = clusters.total();
    let errors = total.sums.errors();
    if errors.weight <= 0.0 {
        return 0.0;
    }
    let (mean, square) = (sum(&total.sums) / total.weight, errors.squared / errors.weight);
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for cluster in clusters.iter() {
        let errors = cluster.sums.errors();
        let a = sum(&cluster.sums) - mean * cluster.weight;
        let b = square * errors.weight - errors.squared;
        both += a * b;
        one += a * a;
        other += b * b;
    }
    let scale = libm::sqrt(one * other);
    if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) } else { 0.0 }
}
