//! The likelihood of answers under `p = chance + (1 - chance - lapse) logistic(eta)`.

use super::design::Design;

/// Log likelihood, its gradient and its expected curvature in intercept and slope.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ascent {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; 2],
    /// Fisher information: intercept-intercept, intercept-slope, slope-slope.
    pub(crate) information: [f64; 3],
}

/// The log likelihood at `intercept + slope * ease`, with what Fisher scoring needs beside it.
pub(crate) fn ascent(design: &Design, intercept: f64, slope: f64) -> Ascent {
    let mut sum = Ascent { value: log_likelihood(design, intercept, slope), ..Ascent::default() };
    for trial in 0..design.len() {
        let ease = design.ease[trial];
        let (score, information) = score(design, trial, intercept, slope);
        sum.gradient[0] += score;
        sum.gradient[1] += score * ease;
        sum.information[0] += information;
        sum.information[1] += information * ease;
        sum.information[2] += information * ease * ease;
    }
    sum
}

/// The log likelihood at `intercept + slope * ease`.
pub(crate) fn log_likelihood(design: &Design, intercept: f64, slope: f64) -> f64 {
    let log = |trial: usize| {
        let (up, down) = logistic(intercept + slope * design.ease[trial]);
        let span = 1.0 - design.chance[trial] - design.lapse;
        let answered = if design.right[trial] {
            design.chance[trial] + span * up
        } else {
            design.lapse + span * down
        };
        libm::log(answered.max(f64::MIN_POSITIVE))
    };
    (0..design.len()).map(log).sum()
}

/// The derivative of one trial's log likelihood by the logit of sensing, and its Fisher
/// information.
pub(crate) fn score(design: &Design, trial: usize, intercept: f64, slope: f64) -> (f64, f64) {
    let (up, down) = logistic(intercept + slope * design.ease[trial]);
    let span = 1.0 - design.chance[trial] - design.lapse;
    // Both are computed from their own small part, so neither is lost by subtraction.
    let right = (design.chance[trial] + span * up).max(f64::MIN_POSITIVE);
    let wrong = (design.lapse + span * down).max(f64::MIN_POSITIVE);
    let rise = span * up * down;
    let score = if design.right[trial] { rise / right } else { -rise / wrong };
    (score, (rise / right) * (rise / wrong))
}

/// `logistic(eta)` and `logistic(-eta)`, each to full relative accuracy.
pub(crate) fn logistic(eta: f64) -> (f64, f64) {
    let small = libm::exp(-eta.abs());
    let (far, near) = (small / (1.0 + small), 1.0 / (1.0 + small));
    if eta < 0.0 { (far, near) } else { (near, far) }
}

/// The log likelihood of one trial that senses with probability `sensed`.
pub(crate) fn log_at(design: &Design, trial: usize, sensed: f64) -> f64 {
    let span = 1.0 - design.chance[trial] - design.lapse;
    if design.right[trial] {
        libm::log(design.chance[trial] + span * sensed)
    } else {
        libm::log(design.lapse + span * (1.0 - sensed))
    }
}

/// The share of sensing (0..=1) that makes the trials of `range` likeliest if it is the same for
/// all, and its log likelihood. The likelihood is concave in the share, so halving the interval by
/// the sign of the slope finds the maximum.
pub(crate) fn best_level(design: &Design, range: std::ops::Range<usize>) -> (f64, f64) {
    let slope = |sensed: f64| -> f64 {
        range
            .clone()
            .map(|trial| {
                let span = 1.0 - design.chance[trial] - design.lapse;
                if design.right[trial] {
                    span / (design.chance[trial] + span * sensed)
                } else {
                    -span / (design.lapse + span * (1.0 - sensed))
                }
            })
            .sum()
    };
    let (mut low, mut high) = (0.0, 1.0);
    // At an end one term may be infinite; only its sign matters.
    let level = if slope(0.0) <= 0.0 {
        0.0
    } else if slope(1.0) >= 0.0 {
        1.0
    } else {
        for _ in 0..52 {
            let middle = f64::midpoint(low, high);
            if slope(middle) > 0.0 { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    };
    let log = range.map(|trial| log_at(design, trial, level)).sum();
    (level, log)
}
