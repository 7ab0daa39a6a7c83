//! The intervals of a task's numbers.
//!
//! Every part is a mean over clusters, or a function of such means. What double-confirm and
//! repeated retrieval answers did on the full sample stays as it is.

use avibench_protocol::{Family, Folder, Task};
use avibench_statistics::{ClusterSum, ClusteredMean};

use super::limits::Limits;
use super::reading::TaskSums;
use crate::Tally;
use crate::tally::{COUNT_ERROR_SCALE, IOU_SHARE, MISSES_SHARE};

/// The limits of every part of the task, in the order of its score's parts, the headline last.
/// `None` if no cluster has any weight.
pub(super) fn task_limits(task: &TaskSums) -> Option<Vec<Limits>> {
    let mean = |sum: fn(&Tally) -> f64, least: f64| {
        let column = |tally: &Tally| ClusterSum { sum: sum(tally), weight: tally.weight };
        ratio(&task.folders, column, (least, 1.0))
    };
    let limits = match task.task.family() {
        Family::FullMatch | Family::SetMatch => vec![mean(|tally| tally.correct, 0.0)?],
        Family::FrameBoxes => vec![mean(|tally| tally.iou, 0.0)?],
        Family::Instances => {
            let (semantic, share) = (mean(|tally| tally.semantic, 0.0)?, 0.5);
            let instance = instance(task, COUNT_ERROR_SCALE);
            let correlation = correlation(task, |tally| tally.semantic);
            let average =
                semantic.scaled(share).sum_of_correlated(instance.scaled(share), correlation);
            vec![semantic, instance, average]
        }
        Family::Boxes => {
            let (miou, instance) = (mean(|tally| tally.iou, 0.0)?, instance(task, 1.0));
            let correlation = correlation(task, |tally| tally.iou);
            let average = miou
                .scaled(IOU_SHARE)
                .sum_of_correlated(instance.scaled(MISSES_SHARE), correlation);
            vec![miou, instance, average]
        }
        Family::Retrieval => {
            let part = |hits: fn(&Tally) -> f64| retrieval(task, hits);
            vec![
                part(|tally| tally.hits_at_1)?,
                part(|tally| tally.hits_at_3)?,
                part(|tally| tally.f1)?,
                part(|tally| {
                    f64::midpoint(f64::midpoint(tally.hits_at_1, tally.hits_at_3), tally.f1)
                })?,
            ]
        }
        Family::Caption => {
            // Similarities may be below 0; none is far below.
            let fense = mean(|tally| tally.fense, least(task, |tally| tally.fense))?;
            vec![
                mean(|tally| tally.similarity, least(task, |tally| tally.similarity))?,
                mean(|tally| tally.fluency_errors, 0.0)?,
                fense,
                fense,
            ]
        }
    };
    // The score itself is computed once and elsewhere: its last bits are the ones to show.
    let exact = task.score.parts().into_iter().zip(limits);
    let exact = exact.map(|((_, value), limits)| {
        let floor = limits.low.min(0.0);
        Limits { value, ..limits }.within(floor, 1.0)
    });
    Some(exact.collect())
}

/// A ratio of sums: folders are independent samples of fixed size.
fn ratio(
    folders: &[(Folder, Vec<Tally>)],
    column: impl Fn(&Tally) -> ClusterSum,
    bounds: (f64, f64),
) -> Option<Limits> {
    let strata = folders.iter().filter_map(|(_, clusters)| {
        let weight: f64 = clusters.iter().map(|tally| column(tally).weight).sum();
        let mean = ClusteredMean::new(clusters.iter().map(&column), bounds).ok()?;
        Some((weight, Limits::of_mean(&mean)))
    });
    let strata: Vec<(f64, Limits)> = strata.collect();
    let total: f64 = strata.iter().map(|(weight, _)| weight).sum();
    (total > 0.0)
        .then(|| Limits::sum(strata.iter().map(|(weight, limits)| limits.scaled(weight / total))))
}

/// 1 - tanh(scale x RMSE), through the mean of the squared errors. The interval of a mean of squares
/// is skewed to large errors, as it should be: they are rare, and a sample may lack them.
fn instance(task: &TaskSums, scale: f64) -> Limits {
    let column =
        |tally: &Tally| ClusterSum { sum: tally.squared_error, weight: tally.error_weight };
    let worst = task
        .clusters()
        .filter(|tally| tally.error_weight > 0.0)
        .map(|tally| tally.squared_error / tally.error_weight)
        .fold(usual_worst_error(task.task).powi(2), f64::max);
    let Some(squares) = ratio(&task.folders, column, (0.0, worst)) else {
        // No record takes part in the counts: the part is 0 by its rule.
        return Limits { value: 0.0, low: 0.0, high: 0.0 };
    };
    let limits = squares.decreasing(|square| 1.0 - libm::tanh(scale * libm::sqrt(square.max(0.0))));
    // Without any right category the part is 0 by its rule, and the first right one lifts it.
    let any_right = task.clusters().any(|tally| tally.semantic > 0.0);
    if any_right { limits } else { Limits { value: 0.0, low: 0.0, ..limits } }
}

/// The error of a record that went as wrong as records usually can: every count missed, or two
/// instances.
fn usual_worst_error(task: Task) -> f64 {
    match task {
        Task::Amic => 7.0,
        Task::Vmic => 12.0,
        _ => 2.0,
    }
}

/// A mean of hits times the mean discount times the folder's diversity: to first order a mean of
/// what each cluster adds to the product.
fn retrieval(task: &TaskSums, hits: impl Fn(&Tally) -> f64) -> Option<Limits> {
    let total = task.total();
    let (mean_hits, mean_discount) = (hits(&total) / total.weight, total.discount / total.weight);
    let column = |tally: &Tally| ClusterSum {
        sum: hits(tally) * mean_discount
            + mean_hits * (tally.discount - mean_discount * tally.weight),
        weight: tally.weight,
    };
    Some(ratio(&task.folders, column, (0.0, 1.0))?.scaled(task.diversity))
}

/// The least mean of a cluster, at most 0.
fn least(task: &TaskSums, sum: impl Fn(&Tally) -> f64) -> f64 {
    let means = task.clusters().filter(|tally| tally.weight > 0.0).map(|t| sum(t) / t.weight);
    means.fold(0.0, f64::min)
}

/// The correlation of a mean with the Instance part, which falls as squared errors rise.
fn correlation(task: &TaskSums, sum: impl Fn(&Tally) -> f64) -> f64 {
    let total = task.total();
    if total.error_weight <= 0.0 {
        return 0.0;
    }
    let (mean, square) = (sum(&total) / total.weight, total.squared_error / total.error_weight);
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for tally in task.clusters() {
        let a = sum(tally) - mean * tally.weight;
        let b = square * tally.error_weight - tally.squared_error;
        both += a * b;
        one += a * a;
        other += b * b;
    }
    let scale = libm::sqrt(one * other);
    if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) } else { 0.0 }
}
