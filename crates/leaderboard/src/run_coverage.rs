//! What a run covered, as an entry says it.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Task};
use avibench_results::Report;
use serde::Serialize;

use crate::TASKS;

/// What a run covered. Samples are those that can be asked: checks are among them, void ones are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunCoverage {
    status: CoverageStatus,
    /// Tasks that have a score and of which every sample was asked.
    pub tasks_completed: usize,
    /// Tasks of the benchmark.
    pub tasks_total: usize,
    /// Samples that were asked and came to an end: the model answered, be it with nothing, or declined.
    /// Failures are none of them.
    pub samples_completed: usize,
    /// Samples of the tasks that were counted.
    pub samples_total: usize,
    /// Tasks of which the report, or the data set, tells how many samples they have.
    #[serde(skip)]
    pub tasks_counted: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum CoverageStatus {
    Full,
    Partial,
}

impl RunCoverage {
    /// What the report of a run tells, and for tasks of which it tells nothing how many samples can be
    /// asked; none if the report is from before that was counted.
    pub(crate) fn of(report: &Report, askable: &BTreeMap<Task, usize>) -> Option<Self> {
        let scored = &report.official.estimates.tasks;
        let has_score =
            |key: &str| scored.iter().any(|task| task.key == key && task.headline.value.is_some());
        let mut totals = askable.clone();
        let (mut asked, mut completed, mut halves) = (0, 0, 0);
        for coverage in &report.official.coverage {
            let (key, extent) = (coverage.judged.key.as_str(), coverage.judged.extent?);
            asked += extent.asked;
            let task = Task::ALL.into_iter().find(|task| task.name().eq_ignore_ascii_case(key));
            if let Some(task) = task {
                let total = totals.entry(task).or_insert(extent.total);
                let is_completed = extent.asked == *total && *total > 0 && has_score(key);
                completed += usize::from(is_completed);
                continue;
            }
            // A half of a task, of which the other half is not known unless the data are.
            let half = Folder::ALL.into_iter().find(|half| half.name().eq_ignore_ascii_case(key));
            let is_counted = half.is_some_and(|half| totals.contains_key(&half.task()));
            halves += if is_counted { 0 } else { extent.total };
        }
        let counts = &report.outcomes.as_ref()?.all.counts;
        let unfinished = counts.failed + counts.rejected.unwrap_or_default();
        let samples_total = totals.values().sum::<usize>() + halves;
        let samples_completed = asked.saturating_sub(unfinished).min(samples_total);
        let is_full = completed == TASKS && samples_completed == samples_total;
        Some(Self {
            status: if is_full { CoverageStatus::Full } else { CoverageStatus::Partial },
            tasks_completed: completed,
            tasks_total: TASKS,
            samples_completed,
            samples_total,
            tasks_counted: totals.values().filter(|total| **total > 0).count(),
        })
    }

    /// Whether everything was covered.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.status == CoverageStatus::Full
    }
}
