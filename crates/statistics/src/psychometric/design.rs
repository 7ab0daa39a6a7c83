//! Trials made ready for fitting: sorted by ease, on a scale from -1 to 1, grouped by intensity.

use std::ops::Range;

use super::trial::{Direction, Trial};

/// Checked trials, sorted from hard to easy.
#[derive(Debug)]
pub(crate) struct Design {
    /// Ease of each trial, ascending, -1 for the hardest and 1 for the easiest.
    pub(crate) ease: Vec<f64>,
    /// Chance level of each trial.
    pub(crate) chance: Vec<f64>,
    /// Whether each trial is right.
    pub(crate) right: Vec<bool>,
    /// Position of each trial in the order it came in.
    pub(crate) origin: Vec<usize>,
    /// Runs of trials with the same intensity.
    pub(crate) groups: Vec<Range<usize>>,
    /// The share of trials that fail whatever the intensity.
    pub(crate) lapse: f64,
    centre: f64,
    half_range: f64,
    sign: f64,
}

impl Design {
    /// Sorts checked trials; `None` unless there are two intensities that a scale can tell apart.
    pub(crate) fn new(trials: &[Trial], direction: Direction, lapse: f64) -> Option<Self> {
        let sign = direction.sign();
        let low = trials.iter().map(|trial| trial.intensity).fold(f64::INFINITY, f64::min);
        let high = trials.iter().map(|trial| trial.intensity).fold(f64::NEG_INFINITY, f64::max);
        let (centre, half_range) = (f64::midpoint(low, high), (high - low) / 2.0);
        if trials.is_empty() || !half_range.is_normal() {
            return None;
        }
        let ease = |trial: usize| {
            (sign * (trials[trial].intensity - centre) / half_range).clamp(-1.0, 1.0)
        };
        let mut origin: Vec<usize> = (0..trials.len()).collect();
        origin.sort_by(|&a, &b| ease(a).total_cmp(&ease(b)));
        let sorted: Vec<f64> = origin.iter().map(|&trial| ease(trial)).collect();
        let mut groups = Vec::new();
        let mut start = 0;
        for end in 1..=sorted.len() {
            if end == sorted.len() || sorted[end] > sorted[start] {
                groups.push(start..end);
                start = end;
            }
        }
        Some(Self {
            chance: origin.iter().map(|&trial| trials[trial].chance).collect(),
            right: origin.iter().map(|&trial| trials[trial].right).collect(),
            ease: sorted,
            origin,
            groups,
            lapse,
            centre,
            half_range,
            sign,
        })
    }

    /// Whether more intensity is harder.
    pub(crate) fn falling(&self) -> bool {
        self.sign < 0.0
    }

    /// The number of trials.
    pub(crate) fn len(&self) -> usize {
        self.ease.len()
    }

    /// The intensity of an ease.
    pub(crate) fn intensity(&self, ease: f64) -> f64 {
        self.centre + self.sign * self.half_range * ease
    }

    /// Intercept and slope over intensity of `intercept + slope * ease`.
    pub(crate) fn over_intensity(&self, intercept: f64, slope: f64) -> (f64, f64) {
        let slope = self.sign * slope / self.half_range;
        (intercept - slope * self.centre, slope)
    }
}
