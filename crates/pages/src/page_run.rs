//! A run as a page shows it: everything but its rows.

use std::collections::BTreeMap;

use avibench_protocol::Task;
use avibench_results::{ModeReport, Report, ScoringMode};
use avibench_score::{FolderVerdicts, TaskEstimate};

use crate::facts::TaskFacts;

/// A run as a page shows it.
#[derive(Debug)]
pub(crate) struct PageRun {
    pub(crate) report: Report,
    /// Official, then strict.
    pub(crate) verdicts: [Vec<FolderVerdicts>; 2],
    pub(crate) facts: BTreeMap<Task, TaskFacts>,
}

/// The modes in the order in which pages show them.
pub(crate) const MODES: [ScoringMode; 2] = [ScoringMode::Official, ScoringMode::Strict];

impl PageRun {
    /// The numbers of a mode.
    pub(crate) fn mode(&self, mode: ScoringMode) -> &ModeReport {
        self.report.mode(mode)
    }

    /// A task's numbers and their place in the list of tasks.
    pub(crate) fn task(&self, mode: ScoringMode, task: Task) -> Option<(usize, &TaskEstimate)> {
        let tasks = self.mode(mode).estimates.tasks.iter().enumerate();
        let key = task.key();
        tasks.into_iter().find(|(_, found)| found.key == key)
    }

    /// A task's headline, 0 to 1.
    pub(crate) fn headline(&self, mode: ScoringMode, task: Task) -> Option<f64> {
        self.task(mode, task)?.1.headline.value
    }

    /// Why a task has no number.
    pub(crate) fn unscored(&self, mode: ScoringMode, task: Task) -> Option<String> {
        let found = self.mode(mode).unscored.iter().find(|unscored| unscored.task == task)?;
        Some(found.reason.to_string())
    }
}
