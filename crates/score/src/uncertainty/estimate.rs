//! Scores with their intervals.

use avibench_protocol::{Stage, Task};
use avibench_statistics::percentile_interval;
use serde::{Deserialize, Serialize};

use super::quantity::Quantity;
use super::reading::{Reading, Replicates, check_alignment, resample, task_of};
use super::{Misaligned, Resampling};
use crate::{Completeness, FolderVerdicts, GuessBaselines, task_extent};

/// The level of every interval.
const LEVEL: f64 = 0.95;

/// A number and its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number on the full sample, not rounded; null if something it needs is missing.
    pub value: Option<f64>,
    /// Lower end of the interval; null without a value, with fewer than two resamples, if more than
    /// one resample in twenty has no value, or if samples behind the number were not asked.
    pub low: Option<f64>,
    /// Upper end of the interval; null where `low` is.
    pub high: Option<f64>,
}

/// A number with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedEstimate {
    /// Of a part: its name in score files (`score` for a bare number); else the stage, `overall`,
    /// or `l1` to `l4`.
    pub name: String,
    /// The number and its interval.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// The numbers of one task, 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskEstimate {
    /// Key in score files, such as `avm`, or `vsqa_i` for a half that stands alone.
    pub key: String,
    /// The task's name, such as `AVM`.
    pub task: String,
    /// The stage's name.
    pub stage: String,
    /// The number that stands for the task.
    pub headline: Estimate,
    /// Every number of the task, the headline last.
    pub parts: Vec<NamedEstimate>,
}

/// Every number of a scored run with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimates {
    /// Tasks that have a score, in the order of score files.
    pub tasks: Vec<TaskEstimate>,
    /// The four stages, 0 to 1.
    pub stages: Vec<NamedEstimate>,
    /// The mean of the four stages, 0 to 1.
    pub overall: Estimate,
    /// L1 to L4 in percent.
    pub levels: Vec<NamedEstimate>,
}

/// Intervals of every set of verdicts (the modes of one run, say) on the same resamples.
///
/// An id within its folder is drawn with all its records, tasks are drawn independently, and what
/// double-confirm and repeated retrieval answers did on the full sample stays as it is.
pub fn estimate(
    sets: &[(&str, &[FolderVerdicts])],
    resampling: Resampling,
    baselines: &GuessBaselines,
) -> Result<Vec<Estimates>, Misaligned> {
    check_alignment(sets)?;
    let readings: Vec<Reading> =
        sets.iter().map(|(_, verdicts)| Reading::new(verdicts, |_, _| true)).collect();
    let resampled = resample(&readings, resampling, baselines);
    let with_intervals =
        |(replicates, (_, verdicts)): (&Replicates, &(&str, &[FolderVerdicts]))| {
            let mut estimates = Estimates::new(replicates);
            estimates.withdraw(verdicts);
            estimates
        };
    Ok(resampled.iter().zip(sets).map(with_intervals).collect())
}

impl Estimates {
    pub(super) fn new(replicates: &Replicates) -> Self {
        let mut estimates = Self {
            tasks: Vec::new(),
            stages: Vec::new(),
            overall: Estimate { value: None, low: None, high: None },
            levels: Vec::new(),
        };
        let columns = replicates.full.iter().zip(&replicates.values);
        for (quantity, (&full, values)) in replicates.quantities.iter().zip(columns) {
            let estimate = Estimate::new(full, values);
            let named = NamedEstimate { name: quantity.name(), estimate };
            match quantity {
                Quantity::Part(key, _) => {
                    let name = key.name();
                    match estimates.tasks.last_mut().filter(|task| task.key == name) {
                        Some(task) => {
                            task.headline = estimate;
                            task.parts.push(named);
                        }
                        None => estimates.tasks.push(TaskEstimate {
                            key: name,
                            task: task_of(*key).name().to_owned(),
                            stage: key.stage().name().to_owned(),
                            headline: estimate,
                            parts: vec![named],
                        }),
                    }
                }
                Quantity::Stage(_) => estimates.stages.push(named),
                Quantity::Overall => estimates.overall = estimate,
                Quantity::Level(_) => estimates.levels.push(named),
            }
        }
        estimates
    }

    /// Takes the intervals from numbers that rest on a part of the samples: which samples were
    /// asked first is no chance, so that resampling them says nothing of the others.
    fn withdraw(&mut self, verdicts: &[FolderVerdicts]) {
        let is_partial =
            |task: Task| task_extent(verdicts, task).completeness() != Completeness::Whole;
        for task in &mut self.tasks {
            if Task::ALL.into_iter().any(|t| t.name() == task.task && is_partial(t)) {
                task.headline.withdraw();
                task.parts.iter_mut().for_each(|part| part.estimate.withdraw());
            }
        }
        let partial: Vec<Stage> =
            Stage::ALL.into_iter().filter(|stage| stage.tasks().any(is_partial)).collect();
        for stage in &mut self.stages {
            if partial.iter().any(|partial| partial.name() == stage.name) {
                stage.estimate.withdraw();
            }
        }
        if !partial.is_empty() {
            self.overall.withdraw();
        }
        for level in &mut self.levels {
            // Sensation is part of L4 only.
            if partial.iter().any(|stage| *stage != Stage::Sensation || level.name == "l4") {
                level.estimate.withdraw();
            }
        }
    }

    /// The numbers of a task by its key in score files.
    #[must_use]
    pub fn task(&self, key: &str) -> Option<&TaskEstimate> {
        self.tasks.iter().find(|task| task.key == key)
    }

    /// A stage, `overall` or a level by its name.
    #[must_use]
    pub fn above_tasks(&self, name: &str) -> Option<Estimate> {
        if name == "overall" {
            return Some(self.overall);
        }
        let mut all = self.stages.iter().chain(&self.levels);
        all.find(|named| named.name == name).map(|named| named.estimate)
    }
}

impl Estimate {
    fn withdraw(&mut self) {
        (self.low, self.high) = (None, None);
    }

    fn new(full: f64, values: &[f64]) -> Self {
        if !full.is_finite() {
            return Self { value: None, low: None, high: None };
        }
        let interval = percentile_interval(values, LEVEL).ok();
        Self {
            value: Some(full),
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        }
    }
}
