//! Uncertainty: resampling, intervals, tests, ranks and psychometric thresholds.
//!
//! Everything here is a pure function of numbers and a seed. Nothing knows a task, a file or the
//! clock, and a seed gives the same result on every machine, in any order of work, on any number
//! of threads.

mod clusters;
mod difference;
mod holm;
mod interval;
mod mcnemar;
mod normal;
mod proportion;
mod psychometric;
mod ranking;
mod resample;
mod stream;

pub use clusters::{ClusterError, Clusters};
pub use difference::{DifferenceError, PairedDifference, bootstrap_p};
pub use holm::holm;
pub use interval::{Interval, IntervalError, percentile_interval, quantile};
pub use mcnemar::{McNemar, Tail};
pub use proportion::{Proportion, ProportionError};
pub use psychometric::{
    CurvePoint, Direction, Fit, Model, NoThreshold, PsychometricError, Side, Threshold, Trial,
    curve, threshold,
};
pub use ranking::{RankingError, ranks};
pub use resample::{Draw, Stratum, replicate};
pub use stream::{Stream, StreamKey};
