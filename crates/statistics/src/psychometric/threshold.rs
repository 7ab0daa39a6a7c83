//! The threshold of a sense, with its interval.

use thiserror::Error;

use super::design::Design;
use super::fit::{Curve, PsychometricModel, Shape, fit};
use super::marginal;
use super::trial::{Direction, PsychometricError, Trial, check};
use crate::clusters::Clusters;

/// Fewer trials fit any curve.
const TRIALS: usize = 12;
/// Two intensities fit every logistic that passes through both.
const INTENSITIES: usize = 3;
/// Twice the log likelihood that a rise in the right direction must gain over a flat line: the one-
/// sided 1% point of chi-square with one degree of freedom. A report shows some thirty curves, so at
/// 5% a model that only guesses would have a threshold in most reports.
const GAIN: f64 = 5.411_894_431_054_342;
/// The same for a step: whoever guesses is right on the easiest k stimuli with probability
/// chance^k, and such luck gains -2 ln(chance^k) over a flat line; this is -2 ln 0.01.
const STEP_GAIN: f64 = 9.210_340_371_976_184;

/// An intensity to three or more digits, without needless zeros.
fn short(intensity: f64) -> String {
    if intensity == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&intensity.abs()) {
        return format!("{intensity:.2e}");
    }
    let decimals = (2.0 - libm::floor(libm::log10(intensity.abs()))).clamp(0.0, 6.0) as usize;
    let text = format!("{intensity:.decimals$}");
    let trimmed =
        if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    trimmed.to_owned()
}

/// Which end of the tested range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeEnd {
    /// The threshold is beyond the hardest stimulus: even that one is mostly sensed.
    Hard,
    /// The threshold is beyond the easiest stimulus: even that one is mostly guessed.
    Easy,
}

/// A threshold that the trials determine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The intensity midway between chance and one: where half of the stimuli are sensed. With a
    /// lapse rate, midway between chance and one less the lapses, so that it is the same for every
    /// chance level. Within the tested range.
    pub intensity: f64,
    /// Lower end of the 95% interval; `None` if it lies beyond the lowest tested intensity.
    pub low: Option<f64>,
    /// Upper end of the 95% interval; `None` if it lies beyond the highest tested intensity.
    pub high: Option<f64>,
    /// The curve.
    pub model: PsychometricModel,
    /// Twice the log likelihood gained over a flat line.
    pub gain: f64,
}

/// Why trials determine no threshold. A result, not a failure: each says something of the sense.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum NoThreshold {
    /// Too few trials to fit anything.
    #[error("{trials} trials; a threshold needs at least 12")]
    TooFewTrials {
        /// How many there are.
        trials: usize,
    },
    /// Intensity does not vary enough.
    #[error("{intensities} different intensities; a threshold needs at least 3")]
    TooFewIntensities {
        /// How many there are.
        intensities: usize,
    },
    /// Every answer is right: the threshold is beyond the hardest stimulus.
    #[error("every answer is right; test harder stimuli")]
    AllRight,
    /// Every answer is wrong: the threshold, if any, is beyond the easiest stimulus.
    #[error("every answer is wrong; test easier stimuli")]
    AllWrong,
    /// Answers turn from guessed to sensed at once, so the slope is infinite as far as the trials
    /// tell, and no one intensity is the likeliest. Where the turn stands is known all the same.
    #[error("answers turn at once between intensities {} and {}; test finer steps there", short(between[0]), short(between[1]))]
    Separable {
        /// The two neighbouring intensities with the likeliest turn between them; equal if it stands
        /// at a tested intensity.
        between: [f64; 2],
        /// Lower end of the 95% interval of the threshold, as in [`Threshold::low`].
        low: Option<f64>,
        /// Upper end, as in [`Threshold::high`].
        high: Option<f64>,
    },
    /// Ease does not help beyond what luck explains.
    #[error("accuracy does not change with intensity (gain {gain:.2}, needed {needed:.2})")]
    NoTrend {
        /// Twice the log likelihood gained over a flat line; 0 if the trend is the wrong way.
        gain: f64,
        /// What it must gain: more for a step than for a curve.
        needed: f64,
    },
    /// The curve passes midway outside the intensities that were tested.
    #[error("the threshold lies beyond the {} stimulus", match side { RangeEnd::Hard => "hardest", RangeEnd::Easy => "easiest" })]
    OutOfRange {
        /// At which end.
        side: RangeEnd,
    },
    /// The search for the maximum did not end.
    #[error("the likelihood has no clear maximum")]
    Unsettled,
}

/// What trials say of a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fit {
    /// It is determined.
    Threshold(Threshold),
    /// It is not, for a reason.
    None(NoThreshold),
}

/// Fits the trials and finds the threshold with its 95% interval. `lapse` is the
/// share of answers that fail whatever the intensity, 0 to 0.1, and is not fitted; the records of
/// `clusters` are the trials, in the same order.
pub fn threshold(
    trials: &[Trial],
    direction: Direction,
    lapse: f64,
    clusters: &Clusters,
) -> Result<Fit, PsychometricError> {
    check(trials, lapse)?;
    let records = clusters.of_record().len();
    if records != trials.len() {
        return Err(PsychometricError::Clusters { trials: trials.len(), records });
    }
    Ok(determine(trials, direction, lapse, clusters).map_or_else(Fit::None, Fit::Threshold))
}

fn determine(
    trials: &[Trial],
    direction: Direction,
    lapse: f64,
    clusters: &Clusters,
) -> Result<Threshold, NoThreshold> {
    if trials.len() < TRIALS {
        return Err(NoThreshold::TooFewTrials { trials: trials.len() });
    }
    let Some(design) = Design::new(trials, direction, lapse) else {
        return Err(NoThreshold::TooFewIntensities { intensities: 1 });
    };
    if design.groups.len() < INTENSITIES {
        return Err(NoThreshold::TooFewIntensities { intensities: design.groups.len() });
    }
    if trials.iter().all(|trial| trial.right) {
        return Err(NoThreshold::AllRight);
    }
    if !trials.iter().any(|trial| trial.right) {
        return Err(NoThreshold::AllWrong);
    }
    match fit(&design) {
        Shape::Flat => Err(NoThreshold::NoTrend { gain: 0.0, needed: GAIN }),
        // Long climbs are climbs along a plateau: hardly anything is left to gain.
        Shape::Step(_, gain) | Shape::Unsettled(gain) if gain < STEP_GAIN => {
            Err(NoThreshold::NoTrend { gain, needed: STEP_GAIN })
        }
        Shape::Unsettled(_) => Err(NoThreshold::Unsettled),
        Shape::Curve(curve) if curve.gain < GAIN => {
            Err(NoThreshold::NoTrend { gain: curve.gain, needed: GAIN })
        }
        Shape::Step(step, _) => {
            let [one, other] = step.between.map(|ease| design.intensity(ease));
            let ends = marginal::interval(&design, marginal::most(clusters));
            let [low, high] = over_intensity(&design, ends);
            Err(NoThreshold::Separable { between: [one.min(other), one.max(other)], low, high })
        }
        Shape::Curve(curve) => of_curve(&design, curve, clusters),
    }
}

fn of_curve(design: &Design, curve: Curve, clusters: &Clusters) -> Result<Threshold, NoThreshold> {
    let ease = -curve.intercept / curve.slope;
    if ease < -1.0 {
        return Err(NoThreshold::OutOfRange { side: RangeEnd::Hard });
    }
    if ease > 1.0 {
        return Err(NoThreshold::OutOfRange { side: RangeEnd::Easy });
    }
    let inflation = marginal::inflation(design, clusters, curve.intercept, curve.slope);
    let ends = marginal::interval(design, inflation);
    let [low, high] = over_intensity(design, ends);
    let (intercept, slope) = design.over_intensity(curve.intercept, curve.slope);
    let intensity = design.intensity(ease);
    Ok(Threshold {
        intensity,
        // The likeliest threshold may lie in a tail of the average over slopes.
        low: low.map(|low| low.min(intensity)),
        high: high.map(|high| high.max(intensity)),
        model: PsychometricModel { intercept, slope, lapse: design.lapse },
        gain: curve.gain,
    })
}

/// The ends of an interval over ease as intensities, the lower one first.
fn over_intensity(design: &Design, ends: [Option<f64>; 2]) -> [Option<f64>; 2] {
    let [hard, easy] = ends.map(|end| end.map(|ease| design.intensity(ease)));
    if design.falling() { [easy, hard] } else { [hard, easy] }
}
