//! What a run covered, as an entry says it.

use avibench_protocol::Task;
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
    /// Samples of the tasks whose data were at hand.
    pub samples_total: usize,
    /// Tasks whose data were at hand.
    #[serde(skip)]
    pub tasks_at_hand: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum CoverageStatus {
    Full,
    Partial,
}

impl RunCoverage {
    /// What the report of a run tells; none if it is from before that was counted.
    pub(crate) fn of(report: &Report) -> Option<Self> {
        let mut covered = Self {
            status: CoverageStatus::Partial,
            tasks_completed: 0,
            tasks_total: TASKS,
            samples_completed: 0,
            samples_total: 0,
            tasks_at_hand: 0,
        };
        // A half of a task has a key of its own.
        let is_whole_task =
            |key: &str| Task::ALL.iter().any(|task| task.name().eq_ignore_ascii_case(key));
        let scored = &report.official.estimates.tasks;
        let has_score = |key: &str| {
            scored.iter().any(|task| task.key == key && task.headline.value.is_some())
        };
        let mut asked = 0;
        for task in &report.official.coverage {
            let extent = task.judged.extent?;
            covered.samples_total += extent.total;
            asked += extent.asked;
            if extent.total > 0 && is_whole_task(&task.judged.key) {
                covered.tasks_at_hand += 1;
                let is_completed = extent.asked == extent.total && has_score(&task.judged.key);
                covered.tasks_completed += usize::from(is_completed);
            }
        }
        let counts = &report.outcomes.as_ref()?.all.counts;
        let unfinished = counts.failed + counts.rejected.unwrap_or_default();
        covered.samples_completed = asked.saturating_sub(unfinished);
        if covered.tasks_completed == covered.tasks_total
            && covered.samples_completed == covered.samples_total
        {
            covered.status = CoverageStatus::Full;
        }
        Some(covered)
    }

    /// Whether everything was covered.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.status == CoverageStatus::Full
    }
}
