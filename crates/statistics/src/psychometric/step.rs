//! The limit of ever steeper curves: guessing below an intensity, sensing above it.
//!
//! Where such a step is likelier than every curve, the data are separable: the likelihood has no
//! maximum, slopes grow without end, and the threshold is known only to lie between two
//! neighbouring intensities.

use super::design::Design;
use super::likelihood::{best_level, log_at};

/// The likeliest step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// The hardest and the easiest place where it may stand, in ease.
    pub(crate) between: [f64; 2],
    /// Its log likelihood: the supremum over ever steeper curves.
    pub(crate) log_likelihood: f64,
}

/// Finds the likeliest step: trials of one intensity may be sensed with any probability, all harder
/// ones are guessed, all easier ones sensed (lapses apart). `None` if there are no trials.
pub(crate) fn best_step(design: &Design) -> Option<Step> {
    let groups = &design.groups;
    let at = |group: usize, sensed: f64| -> f64 {
        groups[group].clone().map(|trial| log_at(design, trial, sensed)).sum()
    };
    // What sensing everything from a group on is worth, summed from the easy end.
    let mut above = vec![0.0; groups.len() + 1];
    for group in (0..groups.len()).rev() {
        above[group] = above[group + 1] + at(group, 1.0);
    }
    let ease = |group: usize| design.ease[groups[group].start];
    let mut below = 0.0;
    let mut best: Option<Step> = None;
    for group in 0..groups.len() {
        let (level, log) = best_level(design, groups[group].clone());
        let log_likelihood = below + log + above[group + 1];
        if best.is_none_or(|best| log_likelihood > best.log_likelihood) {
            let here = ease(group);
            let between = if level >= 1.0 {
                [ease(group.saturating_sub(1)), here]
            } else if level <= 0.0 {
                [here, ease((group + 1).min(groups.len() - 1))]
            } else {
                [here, here]
            };
            best = Some(Step { between, log_likelihood });
        }
        below += at(group, 0.0);
    }
    best
}
