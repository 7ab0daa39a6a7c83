//! The difference of two models on a level.
//!
//! As a level's own interval is its range over the headlines that are compatible with the data, so
//! is that of a difference over the headlines of both models, which share the samples and so some
//! of their luck. The p-value belongs to the smallest region in which the levels are equal.

use avibench_protocol::Task;
use avibench_statistics::{Smoothed, greatest_in_ball, kinked_radius, kinked_tail};

use super::level_limits::shifted;
use super::level_shape::{Kinks, LevelShape, Piece, Scores};
use super::limits::Limits;
use super::mean_difference::crossing;
use super::task_difference::TaskDifference;

const TASKS: usize = Task::ALL.len();
/// The chance that an interval misses.
const MISSES: f64 = 0.05;

/// The limits of first minus second, in percent, and the p-value of "no difference". `tasks` in
/// table order; those that the level does not depend on may be missing.
pub(super) fn level_difference(
    shape: &LevelShape,
    levels: [f64; 2],
    tasks: &[Option<&TaskDifference>; TASKS],
) -> (Limits, f64) {
    const ABSENT: Limits = Limits { value: 0.0, low: 0.0, high: 0.0 };
    let own = |model: usize| tasks.map(|task| task.map_or(ABSENT, |task| task.own[model]));
    let headlines = [own(0), own(1)];
    let correlations = tasks.map(|task| task.map_or(0.0, |task| task.correlation));
    let independent = correlations.map(|correlation| libm::sqrt(1.0 - correlation * correlation));
    let kinks = [shape.kinks(&headlines[0]), shape.kinks(&headlines[1])];
    let value = levels[0] - levels[1];
    // Greatest value of `model`'s level minus the other's.
    let greatest = |model: usize, radius: f64| -> f64 {
        let other = 1 - model;
        let of_piece = |&piece: &[usize; 3]| {
            let region = Region {
                shape,
                headlines: [&headlines[model], &headlines[other]],
                correlations: &correlations,
                independent: &independent,
                lesser: Some(piece),
            };
            100.0 * greatest_in_ball(&region, radius, kinks[model].count > 0.0)
        };
        kinks[other].pieces.iter().map(of_piece).fold(f64::NEG_INFINITY, f64::max)
    };
    let radius = |kinks: &Kinks| kinked_radius(kinks.count, MISSES);
    // What is greatest is limited by the kinks of the level that is lifted.
    let high = greatest(0, radius(&kinks[0]));
    let low = -greatest(1, radius(&kinks[1]));
    // To equality, the lesser level has to be lifted.
    let lesser = usize::from(value > 0.0);
    let reach = |radius: f64| greatest(lesser, radius) + value.abs();
    let distance = crossing(reach, value.abs());
    let p = kinked_tail(kinks[lesser].count, distance).min(1.0);
    (Limits { value, low, high }.within(-100.0, 100.0), p)
}

/// One model's level minus a smooth piece of another's, 0 to 1, over headlines of both.
struct Region<'a> {
    shape: &'a LevelShape,
    headlines: [&'a [Limits; TASKS]; 2],
    correlations: &'a Scores,
    /// What of the other's luck is its own.
    independent: &'a Scores,
    lesser: Piece,
}

impl Smoothed for Region<'_> {
    fn dimensions(&self) -> usize {
        2 * TASKS
    }

    fn value(&self, point: &[f64], smoothing: f64, gradient: &mut [f64]) -> f64 {
        let (own, other) = point.split_at(TASKS);
        let mut scores: [Scores; 2] = [[0.0; TASKS]; 2];
        let mut steps: [Scores; 2] = [[0.0; TASKS]; 2];
        for place in 0..TASKS {
            let (correlation, independent) = (self.correlations[place], self.independent[place]);
            steps[0][place] = own[place];
            steps[1][place] = correlation * own[place] + independent * other[place];
            for model in 0..2 {
                scores[model][place] = shifted(self.headlines[model][place], steps[model][place]).0;
            }
        }
        let mut slopes: [Scores; 2] = [[0.0; TASKS]; 2];
        let [raised, lowered] = &mut slopes;
        let first = libm::exp(self.shape.logarithm(&scores[0], smoothing, None, raised));
        let second = libm::exp(self.shape.logarithm(&scores[1], 0.0, self.lesser, lowered));
        for place in 0..TASKS {
            let (correlation, independent) = (self.correlations[place], self.independent[place]);
            let slope = |model: usize, slope: f64| {
                let step = steps[model][place];
                let side = if step == 0.0 { slope } else { step };
                slope * shifted(self.headlines[model][place], side).1
            };
            let up = slope(0, first * slopes[0][place]);
            let down = slope(1, -second * slopes[1][place]);
            gradient[place] = up + correlation * down;
            gradient[TASKS + place] = independent * down;
        }
        first - second
    }
}
