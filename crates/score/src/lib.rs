//! The numbers: official and strict scoring, aggregates, levels, intervals, comparison.
//!
//! A folder is judged record by record into [`Verdict`]s; everything after that is sums over their
//! [`Parts`], so that resamples never read an answer again.

mod attempts;
mod cleaning;
mod divergence;
mod geometry;
mod guess_baselines;
mod judgement;
mod levels;
mod official;
mod option_chance;
mod psychometrics;
mod reason;
mod rule;
mod score_file;
mod strict;
mod summary;
mod tally;
mod task_score;
mod uncertainty;
mod verdict;
mod warning;

pub use attempts::{Attempt, Attempts, Completeness, Extent, Plan};
pub use cleaning::clean;
pub use divergence::divergence;
pub use guess_baselines::{GuessBaselines, GuessBaselinesError};
pub use judgement::END_OF_TEXT;
pub use levels::{LEVELS_VERSION, LevelRange, LevelRanges, Levels};
pub use official::{
    CaptionPair, CaptionRating, Captions, FLUENCY_ERROR_THRESHOLD, caption_pairs, judge_official,
};
pub use option_chance::OptionChance;
pub use psychometrics::{
    ChanceLevel, ChanceSource, Easier, NoThresholdReason, PSYCHOMETRICS_VERSION, PsychometricCurve,
    PsychometricDefect, PsychometricModel, PsychometricPoint, PsychometricThreshold, Psychometrics,
    psychometrics,
};
pub use reason::Reason;
pub use rule::Rule;
pub use score_file::{ScoreFile, ScoreFileError, ScoreKey};
pub use strict::{judge_strict, strict_caption_pairs};
pub use summary::{Headlines, Mean, Summary, Unmeasured};
pub use tally::{Basis, Tally, TaskScoring, Unscored, score_folders, score_task, task_extent};
pub use task_score::{BoxesScore, CaptionScore, InstancesScore, RetrievalScore, TaskScore};
pub use uncertainty::{
    Bounds, COMPARISON_SCHEMA, CompareError, ComparedModel, Comparison, CountCoverage, Difference,
    Estimate, Estimates, Flip, McNemarCounts, Misaligned, NamedEstimate, PairComparison, Ranking,
    Resampling, TaskComparison, TaskCoverage, TaskEstimate, TestFamilies, UNCERTAINTY_VERSION,
    compare, coverage, estimate,
};
pub use verdict::{Cluster, FolderVerdicts, Outcome, Parts, Verdict};
pub use warning::{Warning, WarningKind};
