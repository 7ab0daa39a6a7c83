//! The interval of a level.
//!
//! A level is a function of headlines whose intervals are known. Its interval is the range of the
//! function over all headlines that are jointly compatible with the data: an ellipsoid with the
//! tasks' intervals as axes, which for a plain mean gives the sum of squared distances. The
//! percentile interval of a resampled level instead repeats the bias of the estimate at a kink: two
//! equal scores look unequal in every sample, and more so in a sample of the sample.

use avibench_protocol::Task;
use avibench_statistics::{Smoothed, Z_95, greatest_in_ball, kinked_radius};

use super::level_shape::{LevelShape, Piece, Scores};
use super::limits::Limits;

/// The chance that the interval misses.
const MISSES: f64 = 0.05;

/// The limits of a level in percent. `value` is the level itself; `headlines` in table order.
pub(super) fn level_limits(
    shape: &LevelShape,
    value: f64,
    headlines: &[Limits; Task::ALL.len()],
) -> Limits {
    let kinks = shape.kinks(headlines);
    // Below a kink the level falls in one way only; above, every piece must be lifted at once.
    let upwards = Region { shape, headlines, sign: 1.0, piece: None };
    let radius = kinked_radius(kinks.count, MISSES);
    let high = 100.0 * libm::exp(greatest_in_ball(&upwards, radius, kinks.count > 0.0));
    let lows = kinks.pieces.iter().map(|&piece| {
        let downwards = Region { shape, headlines, sign: -1.0, piece: Some(piece) };
        100.0 * libm::exp(-greatest_in_ball(&downwards, Z_95, false))
    });
    let low = lows.fold(f64::INFINITY, f64::min);
    Limits { value, low, high }.within(0.0, 100.0)
}

/// A level over the headlines that are compatible with the data, in units of their uncertainty.
struct Region<'a> {
    shape: &'a LevelShape,
    headlines: &'a [Limits; Task::ALL.len()],
    /// 1 for the greatest value, -1 for the least.
    sign: f64,
    piece: Piece,
}

impl Smoothed for Region<'_> {
    fn dimensions(&self) -> usize {
        Task::ALL.len()
    }

    fn value(&self, point: &[f64], smoothing: f64, gradient: &mut [f64]) -> f64 {
        let mut scores: Scores = [0.0; Task::ALL.len()];
        for ((score, limits), &step) in scores.iter_mut().zip(self.headlines).zip(point) {
            *score = shifted(*limits, step).0;
        }
        let value = self.sign * self.shape.logarithm(&scores, smoothing, self.piece, gradient);
        for ((slope, limits), &step) in gradient.iter_mut().zip(self.headlines).zip(point) {
            let direction = self.sign * *slope;
            // At the centre the side that is climbed counts.
            let side = if step == 0.0 { direction } else { step };
            *slope = direction * shifted(*limits, side).1;
        }
        value
    }
}

/// The headline `steps` standard errors away, and how much a standard error is on that side.
pub(super) fn shifted(limits: Limits, steps: f64) -> (f64, f64) {
    let unit = if steps > 0.0 { limits.above() } else { limits.below() } / Z_95;
    ((limits.value + steps * unit).clamp(limits.low.min(0.0), 1.0), unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GuessBaselines;

    #[test]
    fn the_first_level_is_a_plain_mean() {
        let shape = LevelShape::new(1, GuessBaselines::embedded());
        let headlines = [Limits { value: 0.5, low: 0.44, high: 0.56 }; Task::ALL.len()];
        let found = level_limits(&shape, 50.0, &headlines);
        // Means of 4, 3 and 4 tasks, averaged.
        let half = 6.0 * (0.25_f64 + 1.0 / 3.0 + 0.25).sqrt() / 3.0;
        assert!((found.low - (50.0 - half)).abs() < 0.01, "{found:?}");
        assert!((found.high - (50.0 + half)).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn nothing_and_everything_stay_in_bounds() {
        for value in [0.0, 1.0] {
            let headlines = [Limits { value, low: value, high: value }; Task::ALL.len()];
            for level in 1..=4 {
                let shape = LevelShape::new(level, GuessBaselines::embedded());
                let found = level_limits(&shape, 100.0 * value, &headlines);
                assert!(found.low.is_finite() && found.high.is_finite());
                assert!((found.low - 100.0 * value).abs() < 0.01, "{found:?}");
                assert!((found.high - 100.0 * value).abs() < 0.01, "{found:?}");
            }
        }
    }
}
