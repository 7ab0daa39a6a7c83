//! How sure the numbers are: intervals by a clustered bootstrap, comparison of models on the same
//! resamples, and what unanswered samples could change.
//!
//! Verdicts come in, sums by cluster are formed once, and every resample only adds those up.

mod comparison;
mod coverage;
mod estimate;
mod pair;
mod quantity;
mod ranking;
mod reading;
mod resampling;

pub use comparison::{COMPARISON_SCHEMA, CompareError, ComparedModel, Comparison, compare};
pub use coverage::{Bounds, CountCoverage, TaskCoverage, coverage};
pub use estimate::{Estimate, Estimates, NamedEstimate, TaskEstimate, estimate};
pub use pair::{Difference, Flip, McNemarCounts, PairComparison, TaskComparison};
pub use ranking::Ranking;
pub use reading::Misaligned;
pub use resampling::Resampling;
