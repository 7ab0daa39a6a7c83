//! What reading results came to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use avibench_engine::Remarks;
use avibench_protocol::Folder;
use avibench_store::{FailureKind, OutcomeCounts, Spending};

/// A line of results that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// What reading results came to.
#[derive(Debug, Clone, Default)]
pub struct ImportSummary {
    /// Samples of each folder of the run by outcome, those of earlier sessions included.
    pub folders: BTreeMap<Folder, OutcomeCounts>,
    /// Lines that went into the journals.
    pub imported: usize,
    /// Lines that say what the label holds already, or what another line said.
    pub present: usize,
    /// Failures that may pass: their samples stay open. Each kind with how many there are and the words of
    /// the first.
    pub open: BTreeMap<FailureKind, (usize, String)>,
    /// Requests that were turned down for good, and the words of the first.
    pub rejected: (usize, String),
    /// Lines that cannot be read, as far as they are named.
    pub unreadable: Vec<Unreadable>,
    /// How many there are.
    pub unreadable_count: usize,
    /// Files whose last line breaks off.
    pub torn: Vec<PathBuf>,
    /// Requests of the export.
    pub requests: usize,
    /// Of these, those whose samples have no answer under the label.
    pub unanswered: usize,
    /// Tokens and money of what was imported.
    pub spending: Spending,
    /// Oddities of answers.
    pub remarks: Remarks,
    /// What a person should know about the files of the label.
    pub notices: Vec<String>,
    /// Where the files of the label are.
    pub directory: PathBuf,
}
