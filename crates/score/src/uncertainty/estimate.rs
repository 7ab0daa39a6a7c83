//! Scores with their intervals.

use avibench_protocol::{Stage, Task};
use serde::{Deserialize, Serialize};

use super::Misaligned;
use super::level_limits::level_limits;
use super::level_shape::LevelShape;
use super::limits::Limits;
use super::reading::{Reading, TaskSums, check_alignment};
use super::task_limits::task_limits;
use super::weights::{overall_weights, stage_weights};
use crate::{CaptionMeasure, rests_on_captions};
use crate::{FolderVerdicts, GuessBaselines, Headlines, Levels, ScoreKey, task_extent};

/// A number and its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number on the full sample, not rounded; null if something it needs is missing.
    pub value: Option<f64>,
    /// Lower end of the interval; null without a value, or if samples behind the number were not
    /// asked.
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

/// Intervals of every set of verdicts (the modes of one run, say).
///
/// An id within its folder counts as one observation with all its records, tasks are independent,
/// and what double-confirm and repeated retrieval answers did on the full sample stays as it is.
///
/// # Errors
///
/// If two sets are not about the same samples.
pub fn estimate(
    sets: &[(&str, &[FolderVerdicts])],
    baselines: &GuessBaselines,
) -> Result<Vec<Estimates>, Misaligned> {
    check_alignment(sets)?;
    let estimates = sets.iter().map(|(_, verdicts)| {
        let mut estimates = Estimates::new(&Reading::new(verdicts, |_, _| true), baselines);
        estimates.withdraw(verdicts);
        estimates
    });
    Ok(estimates.collect())
}

impl Estimates {
    pub(super) fn new(reading: &Reading, baselines: &GuessBaselines) -> Self {
        let limits: Vec<(&TaskSums, Option<Vec<Limits>>)> =
            reading.tasks.iter().map(|task| (task, task_limits(task))).collect();
        let headlines: [Option<Limits>; Task::ALL.len()] = Task::ALL.map(|task| {
            let own = limits.iter().find(|(sums, _)| sums.key == ScoreKey::Task(task));
            own.and_then(|(_, limits)| limits.as_ref()?.last().copied())
        });
        let values =
            Headlines::from_fn(|task| reading.task(task).map(|sums| sums.score.headline()));
        let mean = |value: Option<f64>, weights: Vec<(Task, f64)>| {
            let terms: Option<Vec<Limits>> = weights
                .into_iter()
                .map(|(task, weight)| Some(headlines[task as usize]?.scaled(weight)))
                .collect();
            let limits = |value| Some(Limits { value, ..Limits::sum(terms?) }.within(-1.0, 1.0));
            Estimate::new(value, value.and_then(limits))
        };
        let stage = |stage: Stage| NamedEstimate {
            name: stage.name().to_owned(),
            estimate: mean(values.stage(stage), stage_weights(stage)),
        };
        let levels = Levels::of(&values, baselines);
        let level = |(number, value): (u8, Option<f64>)| {
            let limits = value.zip(level_headlines(number, &headlines, baselines));
            let limits =
                limits.map(|(value, (shape, headlines))| level_limits(&shape, value, &headlines));
            NamedEstimate { name: format!("l{number}"), estimate: Estimate::new(value, limits) }
        };
        Self {
            tasks: limits
                .iter()
                .map(|(sums, limits)| TaskEstimate::new(sums, limits.as_deref()))
                .collect(),
            stages: Stage::ALL.map(stage).into(),
            overall: mean(values.overall(), overall_weights()),
            levels: [(1, levels.l1), (2, levels.l2), (3, levels.l3), (4, levels.l4)]
                .map(level)
                .into(),
        }
    }

    /// Whether a task, stage, `overall` or level rests on captions that the stand-in for FENSE rated: the
    /// parts of AVC have names of their own then.
    #[must_use]
    pub fn is_by_stand_in(&self, name: &str) -> bool {
        rests_on_captions(name)
            && self.task("avc").is_some_and(|task| {
                task.parts.iter().any(|part| part.name == CaptionMeasure::STAND_IN_PART)
            })
    }

    /// Takes the intervals from numbers that rest on a part of the samples, unless it was drawn at
    /// random: which samples were asked first is no chance, so that they say nothing of the others.
    fn withdraw(&mut self, verdicts: &[FolderVerdicts]) {
        let is_partial = |task: Task| !task_extent(verdicts, task).completeness().is_fair();
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

/// A level and the headlines it depends on; `None` if one of those has no interval.
fn level_headlines(
    number: u8,
    headlines: &[Option<Limits>; Task::ALL.len()],
    baselines: &GuessBaselines,
) -> Option<(LevelShape, [Limits; Task::ALL.len()])> {
    let shape = LevelShape::new(number, baselines);
    if shape.tasks().any(|task| headlines[task as usize].is_none()) {
        return None;
    }
    // Headlines that the level does not depend on may be missing; they have no weight in it.
    let unused = Limits { value: 0.0, low: 0.0, high: 0.0 };
    Some((shape, headlines.map(|limits| limits.unwrap_or(unused))))
}

impl TaskEstimate {
    fn new(sums: &TaskSums, limits: Option<&[Limits]>) -> Self {
        let parts = sums.score.parts().into_iter().enumerate().map(|(place, (name, value))| {
            let limits = limits.and_then(|limits| limits.get(place).copied());
            NamedEstimate { name: name.to_owned(), estimate: Estimate::new(Some(value), limits) }
        });
        let parts: Vec<NamedEstimate> = parts.collect();
        let nothing = Estimate { value: None, low: None, high: None };
        Self {
            key: sums.key.name(),
            task: sums.task.name().to_owned(),
            stage: sums.key.stage().name().to_owned(),
            headline: parts.last().map_or(nothing, |part| part.estimate),
            parts,
        }
    }
}

impl Estimate {
    fn withdraw(&mut self) {
        (self.low, self.high) = (None, None);
    }

    fn new(value: Option<f64>, limits: Option<Limits>) -> Self {
        let limits = value.and(limits);
        Self { value, low: limits.map(|limits| limits.low), high: limits.map(|limits| limits.high) }
    }
}
