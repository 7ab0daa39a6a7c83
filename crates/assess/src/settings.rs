//! What is assessed, and how.

use std::path::PathBuf;

use avibench_score::{GuessBaselines, Resampling};

/// Where data and answers are, and how intervals are made.
#[derive(Debug, Clone, PartialEq)]
pub struct AssessSettings {
    /// Folder that holds `levels/<stage>/<TASK>/data.json`.
    pub data_root: PathBuf,
    /// Folder of raw answers, one folder a label.
    pub outputs: PathBuf,
    /// Folder of formatted answers, one folder a label.
    pub refined: PathBuf,
    /// Seed and number of the resamples behind each interval.
    pub resampling: Resampling,
    /// What guessing scores, for the levels.
    pub baselines: GuessBaselines,
}
