//! The numbers: official and strict scoring, aggregates, levels, intervals, comparison.
//!
//! A folder is judged record by record into [`Verdict`]s; everything after that is sums over their
//! [`Parts`], so that resamples never read an answer again.

mod attempts;
mod cleaning;
mod divergence;
mod double_confirm;
mod family;
mod geometry;
mod guess_baselines;
mod judge_official;
mod judge_strict;
mod judgement;
mod levels;
mod literal;
mod number;
mod option_chance;
mod prepared;
mod psychometrics;
mod reason;
mod rule;
mod score_file;
mod scoring;
mod sequence;
mod strict_readings;
mod summary;
mod tally;
mod task_score;
mod uncertainty;
mod verdict;
mod warning;

pub use attempts::{Attempt, Attempts, Completeness, Extent, Plan};
pub use cleaning::clean;
pub use divergence::divergence;
pub use family::{
    BoxesParts, BoxesScore, CaptionMeasure, CaptionPair, CaptionParts, CaptionScore, Captions,
    FramesParts, InstancesParts, InstancesScore, MatchParts, Parts, RankingParts, RetrievalParts,
    RetrievalScore, caption_pairs, repeat_factor, rests_on_captions, strict_caption_pairs,
};
pub use guess_baselines::{GuessBaselines, GuessBaselinesError, GuessBaselinesProblem};
pub use judge_official::judge_official;
pub use judge_strict::{judge_strict, judge_strict_by_rules};
pub use judgement::END_OF_TEXT;
pub use levels::{LEVELS_VERSION, LevelRange, LevelRanges, Levels};
pub use option_chance::OptionChance;
pub use psychometrics::{
    ChanceLevel, ChanceSource, Easier, NoThresholdName, NoThresholdReason, PSYCHOMETRICS_VERSION,
    PsychometricCurve, PsychometricDefect, PsychometricPoint, PsychometricThreshold, Psychometrics,
    psychometrics,
};
pub use reason::Reason;
pub use rule::ScoringRule;
pub use score_file::{ScoreFile, ScoreFileError, ScoreKey};
pub use scoring::{Basis, TaskScoring, Unscored, score_folders, score_task, task_extent};
pub use sequence::{
    SequencePlan, SequencePlanError, SequenceTarget, SequenceUnit, SequenceWalk,
    UnknownSequenceTarget,
};
pub use strict_readings::{
    StrictAnswers, question_of, read_by_rules, says_something, settle_conventions,
};
pub use summary::{Headlines, Mean, ScoreSummary, Unmeasured};
pub use tally::Tally;
pub use task_score::TaskScore;
pub use uncertainty::{
    Bounds, COMPARISON_SCHEMA, CompareError, ComparedModel, Comparison, Consistency, CountCoverage,
    Difference, EpochVerdicts, Estimate, Estimates, Flip, McNemarCounts, Misaligned, NamedEstimate,
    PairComparison, REPEATS_VERSION, Ranking, RepeatDesign, RepeatedNumber, RepeatedScores,
    Resampling, TaskComparison, TaskCoverage, TaskEstimate, TestFamilies, UNCERTAINTY_VERSION,
    VarianceSplit, compare, coverage, estimate, repeated_scores,
};
pub use verdict::{Cluster, FolderVerdicts, Verdict, VerdictOutcome};
pub use warning::{Warning, WarningKind};
