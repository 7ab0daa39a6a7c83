//! The numbers: official and strict scoring, aggregates, levels, intervals, comparison.
//!
//! A folder is judged record by record into [`Verdict`]s; everything after that is sums over their
//! [`Parts`], so that resamples never read an answer again.

mod geometry;
mod levels;
mod official;
mod score_file;
mod summary;
mod tally;
mod task_score;
mod verdict;
mod warning;

pub use levels::{LEVELS_VERSION, Levels};
pub use official::{
    CaptionPair, CaptionRating, Captions, END_OF_TEXT, FLUENCY_ERROR_THRESHOLD, caption_pairs,
    clean, judge_official,
};
pub use score_file::{ScoreFile, ScoreFileError, ScoreKey};
pub use summary::{Headlines, Mean, Summary};
pub use tally::{Tally, TaskScoring, Unscored, score_folders, score_task};
pub use task_score::{BoxesScore, CaptionScore, InstancesScore, RetrievalScore, TaskScore};
pub use verdict::{Cluster, FolderVerdicts, Outcome, Parts, Verdict};
pub use warning::{Warning, WarningKind};
