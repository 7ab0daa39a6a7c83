//! One curve with its threshold, as reports hold it.

use avibench_protocol::Folder;
use avibench_statistics::{
    Clusters, Direction, Fit, NoThreshold, PsychometricError, PsychometricModel, Trial, Z_95,
    curve, threshold,
};
use serde::{Deserialize, Serialize};

use super::LAPSE;
use super::chance::{ChanceLevel, MOST_CHANCE};
use super::kind::Kind;

/// Trials that a point of a curve stands for, where there are enough.
const TRIALS_A_POINT: usize = 8;
/// Fewest and most points of a curve.
const POINTS: [usize; 2] = [3, 8];

/// Accuracy over intensity for one kind of question, or for all kinds of a folder that share a
/// unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PsychometricCurve {
    /// The folder.
    pub folder: Folder,
    /// The kinds of stimuli, such as `volume`; several where they are pooled.
    pub kinds: Vec<String>,
    /// Unit of the intensities, such as `dB`.
    pub unit: String,
    /// Which intensities are easier.
    pub easier: Easier,
    /// Answers to stimuli with something to sense.
    pub trials: usize,
    /// How many of them are right, double-confirm apart.
    pub right: usize,
    /// Stimuli with something to sense that were not answered.
    pub unanswered: usize,
    /// Answers to stimuli with nothing to sense.
    pub catches: usize,
    /// How many of them are right.
    pub catches_right: usize,
    /// The lower asymptote.
    pub chance: ChanceLevel,
    /// Accuracy in bins of intensity, ascending.
    pub points: Vec<PsychometricPoint>,
    /// The fitted logistic; null without a threshold.
    pub model: Option<PsychometricModel>,
    /// The threshold; null if there is none and no interval either.
    pub threshold: Option<PsychometricThreshold>,
    /// Why there is no threshold, or why it is an interval only; null beside a number.
    pub reason: Option<NoThresholdReason>,
}

/// Which intensities are easier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Easier {
    /// The more, the easier: a difference, a size.
    Higher,
    /// The less, the easier: the speed of what is counted.
    Lower,
}

/// Accuracy in a bin of intensities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PsychometricPoint {
    /// Lowest intensity of the bin.
    pub from: f64,
    /// Highest intensity of the bin.
    pub to: f64,
    /// Mean intensity.
    pub mean: f64,
    /// Trials in the bin.
    pub trials: usize,
    /// How many of them are right.
    pub right: usize,
    /// Lower end of the accuracy's 95% interval (Wilson), 0 to 1.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The intensity midway between chance and one (less the lapses): what is sensed half of the time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PsychometricThreshold {
    /// The likeliest intensity, in the curve's unit; null if only the interval is known.
    pub intensity: Option<f64>,
    /// Lower end of the 95% interval; null if it lies beyond what was tested.
    pub low: Option<f64>,
    /// Upper end of the 95% interval; null if it lies beyond what was tested.
    pub high: Option<f64>,
}

/// Why there is no threshold: each reason says something of the sense, or of the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoThresholdReason {
    /// Which reason.
    pub name: NoThresholdName,
    /// A sentence for people.
    pub sentence: String,
}

/// The reasons for which there is no threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoThresholdName {
    /// Too few trials to fit anything.
    TooFewTrials,
    /// Intensity does not vary enough.
    TooFewIntensities,
    /// Every answer is right.
    AllRight,
    /// Every answer is wrong.
    AllWrong,
    /// Answers turn from guessed to sensed at once; the interval is known all the same.
    Separable,
    /// Ease does not help beyond what luck explains.
    NoTrend,
    /// The curve passes midway outside the intensities that were tested.
    OutOfRange,
    /// Stimuli with nothing to sense are answered as if there were something.
    Biased,
    /// The search for the maximum did not end.
    Unsettled,
}

impl NoThresholdName {
    /// Two to four words for tables and pictures.
    #[must_use]
    pub const fn brief(self) -> &'static str {
        match self {
            Self::TooFewTrials => "too few trials",
            Self::TooFewIntensities => "too few intensities",
            Self::AllRight => "all right",
            Self::AllWrong => "all wrong",
            Self::Separable => "turns at once",
            Self::NoTrend => "no trend",
            Self::OutOfRange => "out of range",
            Self::Biased => "answers what is not there",
            Self::Unsettled => "no clear maximum",
        }
    }
}

impl From<NoThreshold> for NoThresholdName {
    fn from(reason: NoThreshold) -> Self {
        match reason {
            NoThreshold::TooFewTrials { .. } => Self::TooFewTrials,
            NoThreshold::TooFewIntensities { .. } => Self::TooFewIntensities,
            NoThreshold::AllRight => Self::AllRight,
            NoThreshold::AllWrong => Self::AllWrong,
            NoThreshold::Separable { .. } => Self::Separable,
            NoThreshold::NoTrend { .. } => Self::NoTrend,
            NoThreshold::OutOfRange { .. } => Self::OutOfRange,
            NoThreshold::Unsettled => Self::Unsettled,
        }
    }
}

/// Intensities that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{folder}, stimuli of kind {kind}: {reason}; mend `stimulus` in data.json")]
pub struct PsychometricDefect {
    /// The folder.
    pub folder: Folder,
    /// The kinds.
    pub kind: String,
    /// What is wrong with them.
    pub reason: String,
}

impl PsychometricCurve {
    /// The curve of kinds that share folder, unit and direction; there is at least one.
    pub(super) fn of(kinds: &[&Kind<'_>]) -> Result<Self, PsychometricDefect> {
        let first = kinds[0];
        let names: Vec<String> = kinds.iter().map(|kind| kind.name.to_owned()).collect();
        let defect = |reason: String| PsychometricDefect {
            folder: first.folder,
            kind: names.join(", "),
            reason,
        };
        let broken = |error: PsychometricError| defect(error.to_string());
        let trials: Vec<Trial> = kinds.iter().flat_map(|kind| kind.trials.clone()).collect();
        let keys = kinds.iter().flat_map(|kind| kind.clusters.iter());
        let clusters = Clusters::from_keys(keys).map_err(|error| defect(error.to_string()))?;
        let (unit, is_easier_when_lower) = first.scale();
        let direction = if is_easier_when_lower { Direction::Falling } else { Direction::Rising };
        let [fewest, most] = POINTS;
        let bins = (trials.len() / TRIALS_A_POINT).clamp(fewest, most);
        let points = curve(&trials, bins).map_err(broken)?;
        let fit = threshold(&trials, direction, LAPSE, &clusters).map_err(broken)?;
        let biased = kinds.iter().find(|kind| kind.chance.level > MOST_CHANCE);
        let mut shifted = Vec::new();
        let mut outcome = match biased {
            Some(kind) if !matches!(fit, Fit::None(NoThreshold::TooFewTrials { .. })) => {
                Fitted::none(biased_towards_something(kind))
            }
            _ => Fitted::of(fit),
        };
        if kinds.iter().any(|kind| kind.chance.standard_error > 0.0) {
            for errors in [-1.0, 1.0] {
                let trials: Vec<Trial> =
                    kinds.iter().flat_map(|kind| kind.trials_at(errors)).collect();
                let fit = threshold(&trials, direction, LAPSE, &clusters).map_err(broken)?;
                shifted.push(Fitted::of(fit).threshold);
            }
            if let (Some(first), Some(last)) = (points.first(), points.last()) {
                outcome.widen(&shifted, first.from, last.to);
            }
        }
        let sum = |count: fn(&Kind<'_>) -> usize| kinds.iter().map(|kind| count(kind)).sum();
        let levels: Vec<(ChanceLevel, usize)> =
            kinds.iter().map(|kind| (kind.chance, kind.trials.len())).collect();
        Ok(Self {
            folder: first.folder,
            unit: unit.to_owned(),
            easier: if is_easier_when_lower { Easier::Lower } else { Easier::Higher },
            trials: trials.len(),
            right: trials.iter().filter(|trial| trial.right).count(),
            unanswered: sum(|kind| kind.unanswered),
            catches: sum(|kind| kind.catches[0]),
            catches_right: sum(|kind| kind.catches[1]),
            chance: ChanceLevel::pooled(&levels).unwrap_or(first.chance),
            points: points.iter().map(PsychometricPoint::new).collect(),
            model: outcome.model,
            threshold: outcome.threshold,
            reason: outcome.reason,
            kinds: names,
        })
    }

    /// Whether there are enough trials for a curve to say anything.
    #[must_use]
    pub fn has_enough_trials(&self) -> bool {
        self.reason.as_ref().is_none_or(|reason| reason.name != NoThresholdName::TooFewTrials)
    }

    /// Whether it pools several kinds.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        self.kinds.len() > 1
    }

    /// What its folder's questions need.
    #[must_use]
    pub fn sense(&self) -> &'static str {
        match self.folder {
            Folder::Asqa => "hearing",
            Folder::VsqaI => "sight of pictures",
            Folder::VsqaV => "sight of clips",
            Folder::Avsqa => "hearing with sight",
            other => other.name(),
        }
    }

    /// Accuracy that the fitted curve gives an intensity, 0 to 1; `None` without a fit.
    #[must_use]
    pub fn fitted(&self, intensity: f64) -> Option<f64> {
        Some(self.model?.probability(intensity, self.chance.level))
    }

    /// Accuracy at the threshold: midway between chance and one less the lapses, 0 to 1.
    #[must_use]
    pub fn accuracy_at_threshold(&self) -> f64 {
        f64::midpoint(self.chance.level, 1.0 - LAPSE)
    }
}

impl PsychometricPoint {
    fn new(point: &avibench_statistics::CurvePoint) -> Self {
        let (low, high) = point.accuracy.wilson();
        Self {
            from: point.from,
            to: point.to,
            mean: point.mean,
            trials: point.accuracy.trials() as usize,
            right: point.accuracy.successes() as usize,
            low,
            high,
        }
    }

    /// Share of right answers, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.right as f64 / self.trials.max(1) as f64
    }
}

/// What a fit comes to, as a curve of the report holds it.
struct Fitted {
    model: Option<PsychometricModel>,
    threshold: Option<PsychometricThreshold>,
    reason: Option<NoThresholdReason>,
}

impl Fitted {
    fn none(reason: NoThresholdReason) -> Self {
        Self { model: None, threshold: None, reason: Some(reason) }
    }

    fn of(fit: Fit) -> Self {
        match fit {
            Fit::Threshold(found) => Self {
                model: Some(found.model),
                threshold: Some(PsychometricThreshold {
                    intensity: Some(found.intensity),
                    low: found.low,
                    high: found.high,
                }),
                reason: None,
            },
            Fit::None(reason) => {
                let mut outcome = Self::none(NoThresholdReason {
                    name: reason.into(),
                    sentence: reason.to_string(),
                });
                if let NoThreshold::Separable { low, high, .. } = reason {
                    outcome.threshold = Some(PsychometricThreshold { intensity: None, low, high });
                }
                outcome
            }
        }
    }

    /// Widens the interval by what is not known of the chance level: `shifted` are the thresholds
    /// at levels one standard error off. Independent errors add up in squares. Intensities were
    /// tested from `lowest` to `highest`.
    fn widen(&mut self, shifted: &[Option<PsychometricThreshold>], lowest: f64, highest: f64) {
        let Some(threshold) = &mut self.threshold else { return };
        let (Some(low), Some(high)) = (threshold.low, threshold.high) else { return };
        let half = (high - low) / 2.0;
        let wider = |here: f64, end: fn(&PsychometricThreshold) -> Option<f64>| {
            let moves = shifted.iter().flatten().filter_map(end).map(|there| (there - here).abs());
            let most = Z_95 * moves.fold(0.0, f64::max);
            half.hypot(most) - half
        };
        let ends =
            [low - wider(low, |shifted| shifted.low), high + wider(high, |shifted| shifted.high)];
        [threshold.low, threshold.high] =
            ends.map(|end| (lowest..=highest).contains(&end).then_some(end));
    }
}

fn biased_towards_something(kind: &Kind<'_>) -> NoThresholdReason {
    let [answers, right] = kind.catches;
    NoThresholdReason {
        name: NoThresholdName::Biased,
        sentence: format!(
            "{} of {answers} stimuli with nothing to sense are answered as if there were \
             something ({}); being right says nothing then",
            answers - right,
            kind.name
        ),
    }
}
