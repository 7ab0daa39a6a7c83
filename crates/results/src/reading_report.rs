//! How strict scoring read the answers.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Task};
use avibench_reading::{BoxForm, Unread};
use serde::{Deserialize, Serialize};

/// How strict scoring read the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingReport {
    /// Version of the rules that read what no model read.
    pub rules_version: u32,
    /// By folder.
    pub folders: Vec<FolderReadingReport>,
    /// How boxes were meant; null where no answer holds boxes.
    #[serde(default)]
    pub boxes: Option<BoxReport>,
}

/// How the answers of a folder were read, checks included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderReadingReport {
    /// The folder.
    pub folder: Folder,
    /// Answers in which rules found a value.
    pub by_rules: usize,
    /// Answers in which a language model found a value.
    pub by_model: usize,
    /// Answers without a value, by reason.
    pub unread: BTreeMap<Unread, usize>,
}

/// How the numbers of boxes were meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoxReport {
    /// The form of answers that leave everything open but that their numbers are no fractions.
    pub usual: BoxForm,
    /// Tasks with answers of which two conventions stay open.
    #[serde(default)]
    pub open: Vec<OpenConventions>,
}

/// A task with answers of which two conventions stay open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenConventions {
    /// The task.
    pub task: Task,
    /// How many answers.
    pub answers: usize,
    /// The strict headline if they were meant the less likely way, 0 to 1; null if the task has no
    /// score.
    pub other_score: Option<f64>,
}

impl FolderReadingReport {
    /// No answers yet.
    #[must_use]
    pub const fn new(folder: Folder) -> Self {
        Self { folder, by_rules: 0, by_model: 0, unread: BTreeMap::new() }
    }

    /// Answers without a value.
    #[must_use]
    pub fn all_unread(&self) -> usize {
        self.unread.values().sum()
    }

    /// Answers that decline.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.unread.get(&Unread::Refused).copied().unwrap_or_default()
    }
}
