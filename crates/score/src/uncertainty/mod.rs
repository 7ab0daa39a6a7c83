//! How sure the numbers are: intervals, comparison of models on the same samples, and what
//! unanswered samples could change.
//!
//! Verdicts come in and are summed by cluster, the records that share an id; everything else is a
//! function of those sums, without random numbers. `docs/statistics.md` states the method.

mod cluster_sums;
mod comparison;
mod coverage;
mod difference;
mod estimate;
mod level_difference;
mod level_limits;
mod level_shape;
mod limits;
mod mean_difference;
mod pair;
mod ranking;
mod reading;
mod repeats;
mod resampling;
mod task_difference;
mod task_limits;
mod weights;

pub(crate) use cluster_sums::ClusterSums;
pub(crate) use limits::Limits;

pub use comparison::{
    COMPARISON_SCHEMA, CompareError, ComparedModel, Comparison, TestFamilies, compare,
};
pub use coverage::{Bounds, CountCoverage, TaskCoverage, coverage};
pub use difference::Difference;
pub use estimate::{Estimate, Estimates, NamedEstimate, TaskEstimate, estimate};
pub use pair::{Flip, McNemarCounts, PairComparison, TaskComparison};
pub use ranking::Ranking;
pub use reading::Misaligned;
pub use repeats::{
    Consistency, EpochVerdicts, REPEATS_VERSION, RepeatDesign, RepeatedNumber, RepeatedScores,
    VarianceSplit, repeated_scores,
};
pub use resampling::{Resampling, UNCERTAINTY_VERSION};
