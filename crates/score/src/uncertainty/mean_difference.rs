//! The difference of two models on a mean of tasks: a stage, or Overall.

use avibench_statistics::{Z_95, normal_cumulative};

use super::limits::Limits;
use super::task_difference::TaskDifference;

/// Quantiles beyond this are not told apart: p is below 1e-30.
const FARTHEST: f64 = 12.0;

/// The limits of the sum of weight x difference, weights positive, and its p-value: that of the
/// quantile at which the interval just reaches 0, every task's limit taken at the same quantile.
pub(super) fn mean_difference(tasks: &[(f64, &TaskDifference)]) -> (Limits, f64) {
    let terms = tasks.iter().map(|(weight, task)| Limits::of_mean(&task.mean).scaled(*weight));
    let limits = Limits::sum(terms);
    let sign = if limits.value < 0.0 { -1.0 } else { 1.0 };
    let reach = |z: f64| {
        let squares = tasks.iter().map(|(weight, task)| {
            let distance = weight * task.distance(sign * z);
            distance * distance
        });
        libm::sqrt(squares.sum::<f64>())
    };
    let z = crossing(reach, limits.value.abs());
    (limits, (2.0 * normal_cumulative(-z)).min(1.0))
}

/// Where an increasing function reaches `target`, by the secant method within a bracket.
pub(super) fn crossing(function: impl Fn(f64) -> f64, target: f64) -> f64 {
    if target <= 0.0 {
        return 0.0;
    }
    let (mut from, mut to) = ((0.0, -target), (FARTHEST, function(FARTHEST) - target));
    if to.1 < 0.0 {
        return FARTHEST;
    }
    let mut z = Z_95;
    for step in 0..40 {
        let found = function(z) - target;
        if found >= 0.0 {
            to = (z, found);
        } else {
            from = (z, found);
        }
        if found.abs() < 1e-7 * target || to.0 - from.0 < 1e-7 {
            break;
        }
        // Every third step halves, so that no end of the bracket stays for ever.
        z = if step % 3 == 2 {
            f64::midpoint(from.0, to.0)
        } else {
            from.0 - from.1 * (to.0 - from.0) / (to.1 - from.1)
        };
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_found_or_said_to_be_far() {
        assert!((crossing(|z| 0.1 * z, 0.3) - 3.0).abs() < 1e-5);
        assert!((crossing(|z| 0.01 * z * z, 0.25) - 5.0).abs() < 1e-5);
        assert!(crossing(|z| z, 0.0).abs() < 1e-15);
        assert!((crossing(|z| 0.01 * z, 1.0) - FARTHEST).abs() < 1e-12);
    }
}
