//! Uncertainty: intervals, tests, ranks, psychometric thresholds, and resampling to check them by.
//!
//! Everything here is a pure function of numbers and a seed. Nothing knows a task, a file or the
//! clock, and a seed gives the same result on every machine, in any order of work, on any number
//! of threads.

mod ball;
mod clustered_mean;
mod clusters;
mod exponential_sum;
mod holm;
mod interval;
mod kinked;
mod mcnemar;
mod normal;
mod proportion;
mod psychometric;
mod ranking;
mod resample;
mod sampled_sum;
mod sign_flip;
mod stream;

pub use ball::{Smoothed, greatest_in_ball};
pub use clustered_mean::{ClusterSum, ClusteredMean, ClusteredMeanError};
pub use clusters::{ClusterError, Clusters};
pub use holm::holm;
pub use interval::{Interval, IntervalError, percentile_interval, quantile};
pub use kinked::{kinked_radius, kinked_tail};
pub use mcnemar::{McNemar, Tail};
pub use normal::{Z_95, normal_cumulative, normal_upper_quantile};
pub use proportion::{Proportion, ProportionError};
pub use psychometric::{
    CurvePoint, Direction, Fit, NoThreshold, PsychometricError, PsychometricModel, RangeEnd,
    Threshold, Trial, curve, threshold,
};
pub use ranking::{RankingError, ranks};
pub use resample::{Draw, Stratum, replicate};
pub use sampled_sum::{SampledPopulation, SampledSum, SampledSumError, SumTerm};
pub use sign_flip::{SIGN_FLIP_LIMIT, least_sign_flip_p, sign_flip_p};
pub use stream::{Stream, StreamKey};
