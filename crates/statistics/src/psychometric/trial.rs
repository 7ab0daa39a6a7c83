//! One answer to one stimulus of known intensity.

use thiserror::Error;

/// An answer to a stimulus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Intensity of the stimulus, in the unit of its kind; finite.
    pub intensity: f64,
    /// How likely a guess is right: 1 / number of options, or 0 where nothing can be guessed. In
    /// `0.0..1.0`.
    pub chance: f64,
    /// Whether the answer is right.
    pub right: bool,
}

/// How intensity and ease go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More intensity is easier: a level difference, a size ratio.
    Rising,
    /// More intensity is harder: blur, noise.
    Falling,
}

impl Direction {
    /// 1 or -1: what intensity is multiplied by so that more is easier.
    pub(crate) fn sign(self) -> f64 {
        match self {
            Self::Rising => 1.0,
            Self::Falling => -1.0,
        }
    }
}

/// Why trials cannot even be looked at: a defect of the input, not of the sense that is measured.
#[derive(Debug, Error, PartialEq)]
pub enum PsychometricError {
    /// An intensity that is infinite or not a number.
    #[error("intensity {value} of trial {trial} is not finite")]
    Intensity {
        /// Position of the trial, from 0.
        trial: usize,
        /// What stands there.
        value: f64,
    },
    /// A chance level outside `0.0..1.0`, or one that leaves nothing between it and the lapses.
    #[error("chance {value} of trial {trial} is not a share below 1 less the lapse rate")]
    Chance {
        /// Position of the trial, from 0.
        trial: usize,
        /// What stands there.
        value: f64,
    },
    /// A lapse rate outside 0..=0.1.
    #[error("lapse rate {0} is not between 0 and 0.1; 0.02 is usual")]
    Lapse(f64),
    /// A stratum that holds other records than the trials.
    #[error("{trials} trials but clusters of {records} records; they must be the same, in order")]
    Clusters {
        /// How many trials there are.
        trials: usize,
        /// How many records the clusters hold.
        records: usize,
    },
    /// No bins asked for.
    #[error("a curve needs at least one bin")]
    Bins,
}

/// Checks trials for [`PsychometricError::Intensity`], `Chance` and `Lapse`.
pub(crate) fn check(trials: &[Trial], lapse: f64) -> Result<(), PsychometricError> {
    if !(0.0..=0.1).contains(&lapse) {
        return Err(PsychometricError::Lapse(lapse));
    }
    for (place, trial) in trials.iter().enumerate() {
        // Differences of intensities must be finite too.
        if trial.intensity.is_nan() || trial.intensity.abs() > f64::MAX / 4.0 {
            let value = trial.intensity;
            return Err(PsychometricError::Intensity { trial: place, value });
        }
        if !(trial.chance >= 0.0 && trial.chance < 1.0 - lapse) {
            return Err(PsychometricError::Chance { trial: place, value: trial.chance });
        }
    }
    Ok(())
}
