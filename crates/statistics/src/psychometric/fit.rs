//! Maximum likelihood by damped Fisher scoring, which cannot run away.

use serde::{Deserialize, Serialize};

use super::design::Design;
use super::likelihood::{Ascent, ascent, best_level, logistic};
use super::step::{Step, best_step};

/// A fitted curve, `p = chance + (1 - chance - lapse) logistic(intercept + slope * intensity)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PsychometricModel {
    /// The logit of sensing at intensity 0.
    pub intercept: f64,
    /// The rise of the logit for each unit of intensity; below 0 if more intensity is harder.
    pub slope: f64,
    /// The share of answers that fail whatever the intensity; given, not fitted.
    pub lapse: f64,
}

impl PsychometricModel {
    /// The probability of a right answer at `intensity` where a guess is right with `chance`.
    #[must_use]
    pub fn probability(&self, intensity: f64, chance: f64) -> f64 {
        let (sensed, _) = logistic(self.intercept + self.slope * intensity);
        chance + (1.0 - chance - self.lapse) * sensed
    }
}

/// A curve on the scale of ease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    pub(crate) intercept: f64,
    /// Above 0.
    pub(crate) slope: f64,
    /// Twice the log likelihood gained over a flat line.
    pub(crate) gain: f64,
}

/// What the trials look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A curve of finite slope.
    Curve(Curve),
    /// Steeper than the trials can tell; with twice the log likelihood gained over a flat line.
    Step(Step, f64),
    /// Ease makes no difference, or the wrong one.
    Flat,
    /// The search did not settle; with what it had gained until then, as above.
    Unsettled(f64),
}

/// Fisher scoring ends when a further step would gain less log likelihood than this.
const SETTLED: f64 = 1e-9;
const STEPS: usize = 100;

/// The likeliest shape of the trials.
pub(crate) fn fit(design: &Design) -> Shape {
    let (_, flat) = best_level(design, 0..design.len());
    let Some(found) = starts(design)
        .into_iter()
        .map(|start| climb(design, start))
        .max_by(|a, b| a.log_likelihood.total_cmp(&b.log_likelihood))
    else {
        return Shape::Unsettled(f64::INFINITY);
    };
    // A step that only repeats the flat line (all right, say) is none.
    let best = found.log_likelihood.max(flat + 1e-9);
    if let Some(step) = best_step(design).filter(|step| step.log_likelihood > best) {
        return Shape::Step(step, 2.0 * (step.log_likelihood - flat));
    }
    let gain = 2.0 * (found.log_likelihood - flat);
    if gain < 1e-6 || found.at[1] < 1e-6 {
        return Shape::Flat;
    }
    if !found.settled {
        return Shape::Unsettled(gain);
    }
    let [intercept, slope] = found.at;
    Shape::Curve(Curve { intercept, slope, gain })
}

struct Summit {
    at: [f64; 2],
    log_likelihood: f64,
    settled: bool,
}

/// The two likeliest points of a coarse grid of thresholds and slopes. With guessing the likelihood
/// may have several maxima, so one start is not enough.
fn starts(design: &Design) -> Vec<[f64; 2]> {
    let mut grid = Vec::new();
    for slope in [1.5, 4.0, 10.0, 25.0] {
        for threshold in [-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9] {
            let start = [-slope * threshold, slope];
            grid.push((ascent(design, start[0], start[1]).value, start));
        }
    }
    grid.sort_by(|a, b| b.0.total_cmp(&a.0));
    grid.truncate(2);
    grid.into_iter().map(|(_, start)| start).collect()
}

/// Climbs from `at`. Every step raises the likelihood: the damping grows until it does. The slope
/// stays positive because no step may take more than nine tenths of it.
fn climb(design: &Design, mut at: [f64; 2]) -> Summit {
    let mut here = ascent(design, at[0], at[1]);
    let mut damping = 0.0;
    let mut settled = false;
    for _ in 0..STEPS {
        let Some(step) = solve(here, damping) else { break };
        let promised = here.gradient[0] * step[0] + here.gradient[1] * step[1];
        if promised < SETTLED {
            // Heavy damping shortens steps; only a free one says that nothing is left to gain.
            settled = damping < 1.0;
            break;
        }
        let share = if step[1] < -0.9 * at[1] { -0.9 * at[1] / step[1] } else { 1.0 };
        let next = [at[0] + share * step[0], at[1] + share * step[1]];
        let there = ascent(design, next[0], next[1]);
        if there.value >= here.value {
            (at, here) = (next, there);
            damping = if damping < 1e-3 { 0.0 } else { damping / 8.0 };
        } else {
            damping = if damping == 0.0 { 1e-2 } else { damping * 4.0 };
        }
    }
    Summit { at, log_likelihood: here.value, settled }
}

/// The Fisher scoring step with the diagonal raised by `damping`.
fn solve(ascent: Ascent, damping: f64) -> Option<[f64; 2]> {
    let [aa, ab, bb] = ascent.information;
    let (aa, bb) = (aa * (1.0 + damping) + 1e-12, bb * (1.0 + damping) + 1e-12);
    let determinant = aa * bb - ab * ab;
    let [a, b] = ascent.gradient;
    (determinant > 0.0)
        .then(|| [(bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant])
        .filter(|step| step.iter().all(|part| part.is_finite()))
}
