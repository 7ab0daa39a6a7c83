//! Where a sense ends: accuracy over the intensity of stimuli, by kind of question.
//!
//! A generated data set writes down how intense each stimulus is. Answers then become trials, a
//! kind of question becomes a curve, and the curve has a threshold: the least difference that is
//! sensed half of the time.
//!
//! Four choices, each made so that the number says something of the sense and of nothing else:
//!
//! * Trials are the *strict* verdicts. They say what an answer means; the official reading takes
//!   the first option that is mentioned, and there is no published threshold to be equal to.
//! * A record that double-confirm zeroed counts as what it is by itself, right: the check asks
//!   another question, and luck is what the chance level is for. An unanswered record is no trial.
//! * A guess is drawn from the answers that a stimulus leaves possible (`alternatives`), not from the
//!   list of options: whoever sees three figures in a row does not name the top one.
//! * Where a kind has stimuli with nothing to sense (`catch`), its chance level is measured on
//!   them: whoever calls two sounds the same when in doubt guesses less than one in three.

mod alternatives;
mod chance;
mod curve;
mod kind;

use avibench_protocol::Sample;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

pub use chance::{ChanceLevel, ChanceSource};
pub use curve::{
    Easier, NoThresholdName, NoThresholdReason, PsychometricCurve, PsychometricDefect,
    PsychometricPoint, PsychometricThreshold,
};

use crate::FolderVerdicts;
use kind::Kind;

/// Version of the method behind the thresholds; those of different versions do not compare.
pub const PSYCHOMETRICS_VERSION: u32 = 2;

/// The share of answers that is taken to fail however plain the stimulus. None is: the threshold
/// lies midway between chance and one. Simulation (`crates/bench/src/bin/psychometric_coverage.rs`) favours it
/// even where one answer in 25 slips.
const LAPSE: f64 = 0.0;

/// The psychometric curves of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Psychometrics {
    /// [`PSYCHOMETRICS_VERSION`].
    pub psychometrics_version: u32,
    /// The verdicts behind the trials: `strict`.
    pub verdicts: String,
    /// The share of answers taken to fail whatever the intensity, 0 to 0.1.
    pub lapse: f64,
    /// One curve a kind of question, then one for all kinds of a folder that share a unit.
    pub curves: Vec<PsychometricCurve>,
}

/// The curves of a run: samples of a folder with the strict verdicts on them. `None` if no sample
/// carries an intensity.
///
/// # Errors
///
/// When data.json gives intensities or alternatives that cannot be used.
pub fn psychometrics(
    folders: &[(&[Sample], &FolderVerdicts)],
) -> Result<Option<Psychometrics>, PsychometricDefect> {
    let of_folders: Vec<Vec<Kind>> = folders
        .iter()
        .map(|(samples, verdicts)| Kind::all(samples, verdicts))
        .collect::<Result<_, _>>()?;
    let groups: Vec<Vec<&Kind>> = of_folders.iter().flat_map(|kinds| groups(kinds)).collect();
    let curves: Vec<_> = groups.par_iter().map(|kinds| PsychometricCurve::of(kinds)).collect();
    // Of several defects the first is named, whichever thread was faster.
    let curves = curves.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok((!curves.is_empty()).then(|| Psychometrics {
        psychometrics_version: PSYCHOMETRICS_VERSION,
        verdicts: "strict".to_owned(),
        lapse: LAPSE,
        curves,
    }))
}

/// What has a curve in a folder: each kind, then all kinds that share a unit.
fn groups<'a>(kinds: &'a [Kind<'a>]) -> Vec<Vec<&'a Kind<'a>>> {
    let mut groups: Vec<Vec<&Kind>> = kinds.iter().map(|kind| vec![kind]).collect();
    let mut units: Vec<(&str, bool)> = Vec::new();
    for scale in kinds.iter().map(Kind::scale) {
        if !units.contains(&scale) {
            units.push(scale);
        }
    }
    for unit in units {
        let pooled: Vec<&Kind> = kinds.iter().filter(|kind| kind.scale() == unit).collect();
        if pooled.len() > 1 {
            groups.push(pooled);
        }
    }
    groups
}

impl Psychometrics {
    /// The curves that have enough trials to be looked at.
    pub fn worth_showing(&self) -> impl Iterator<Item = &PsychometricCurve> {
        self.curves.iter().filter(|curve| curve.has_enough_trials())
    }
}
