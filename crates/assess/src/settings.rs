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
    /// Whether only what was asked counts, as if nothing else had been planned: the numbers of a run so
    /// far, which are provisional. Otherwise samples that were planned and not asked are wrong in strict
    /// scoring.
    pub only_asked: bool,
    /// What guessing scores, for the levels.
    pub baselines: GuessBaselines,
    /// The flags that lead other commands to these folders, each with a blank before it, for messages that
    /// name one.
    pub flags: String,
}
