//! In which order questions are asked, and what is summed over them.

use std::collections::HashMap;

use avibench_protocol::{Folder, FolderData, Position, Task};
use avibench_reading::Convention;
use avibench_statistics::{SampledPopulation, SampledSumError, StreamKey};

use super::{SequenceTarget, SequenceWalk};
use crate::family::{FamilyParts as _, TaskFamily, for_family};
use crate::{
    Attempts, CaptionMeasure, CaptionParts, Captions, Parts, Plan, StrictAnswers, judge_strict,
    settle_conventions,
};

/// An order in which the questions of a score are asked, and the populations that they are drawn from.
///
/// Within a task every order of its formal questions is equally likely; the halves of VSQA are one task. Tasks
/// take turns in proportion to their size, so that all have been asked to the same share at any time. The
/// order follows from the seed, the tasks and the data alone.
#[derive(Debug, Clone)]
pub struct SequencePlan {
    target: SequenceTarget,
    units: Vec<SequenceUnit>,
    tasks: Vec<TaskPopulation>,
}

/// A formal question with its checks: they are asked together, and their verdict is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceUnit {
    /// The folder.
    pub folder: Folder,
    /// Where its formal question stands.
    pub formal: Position,
    /// Where its checks stand; none outside of double-confirm.
    pub checks: Vec<Position>,
    /// The number of its task in the plan; `None` if the question has no ground truth that counts.
    pub(super) population: Option<usize>,
}

/// The questions of a task that count.
#[derive(Debug, Clone)]
pub(super) struct TaskPopulation {
    pub(super) task: Task,
    pub(super) weight: f64,
    pub(super) size: usize,
    /// The largest count error of any of its records.
    pub(super) worst: f64,
}

/// Why a score cannot be bounded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SequencePlanError {
    /// The data set lacks a folder.
    #[error(
        "{target} is a mean over all its tasks, and the data set has no folder {folder}; bound a stage or a \
         task that is there, such as `ci=2,of=AVQA`"
    )]
    NoFolder {
        /// The score.
        target: SequenceTarget,
        /// The folder.
        folder: Folder,
    },
    /// A width or a probability out of range.
    #[error(transparent)]
    Sum(#[from] SampledSumError),
    /// A task without a question that counts.
    #[error("{task} has no question with a ground truth, so that {target} has no value")]
    NoQuestions {
        /// The score.
        target: SequenceTarget,
        /// The task.
        task: Task,
    },
}

impl SequencePlan {
    /// The plan for a score over a data set, whose folders are `data`.
    ///
    /// # Errors
    ///
    /// If the data set does not have all that the score is made of.
    pub fn new(
        target: SequenceTarget,
        seed: u64,
        data: &[FolderData],
    ) -> Result<Self, SequencePlanError> {
        let mut tasks = Vec::new();
        let mut placed: Vec<(f64, SequenceUnit)> = Vec::new();
        for task in target.tasks() {
            let number = tasks.len();
            let (mut size, mut worst) = (0, 0.0_f64);
            let mut units = Vec::new();
            for folder in task.folders() {
                let data = data.iter().find(|data| data.folder == *folder);
                let data = data.ok_or(SequencePlanError::NoFolder { target, folder: *folder })?;
                let counted = counted_without_answers(data);
                for (unit, parts) in units_of(data, number, &counted) {
                    if let Some(parts) = parts {
                        size += 1;
                        worst = worst.max(count_error(parts));
                    }
                    units.push(unit);
                }
            }
            if size == 0 {
                return Err(SequencePlanError::NoQuestions { target, task });
            }
            let key = StreamKey::new(seed, &format!("order of {task}"));
            key.stream(0).shuffle(&mut units);
            let count = units.len() as f64;
            let turns = units.into_iter().enumerate();
            placed.extend(turns.map(|(i, unit)| ((i as f64 + 0.5) / count, unit)));
            tasks.push(TaskPopulation { task, weight: target.weight(task), size, worst });
        }
        // The order of tasks decides between equal turns.
        placed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let units = placed.into_iter().map(|(_, unit)| unit).collect();
        Ok(Self { target, units, tasks })
    }

    /// The score that is bounded.
    #[must_use]
    pub const fn target(&self) -> SequenceTarget {
        self.target
    }

    /// The questions in their order.
    #[must_use]
    pub fn units(&self) -> &[SequenceUnit] {
        &self.units
    }

    /// Where everything stands that is asked, in the order of asking: each formal question, then its checks
    /// unless they were asked for another question of the same id.
    #[must_use]
    pub fn order(&self) -> Vec<(Folder, Position)> {
        let mut seen = std::collections::HashSet::new();
        let all = self.units.iter().flat_map(|unit| {
            let positions = std::iter::once(unit.formal).chain(unit.checks.iter().copied());
            positions.map(|position| (unit.folder, position))
        });
        all.filter(|place| seen.insert(*place)).collect()
    }

    /// For the first `count` questions of the order: which samples of each folder they are made of, checks
    /// included, by position. `data` are the folders that the plan was made for.
    #[must_use]
    pub fn part(&self, count: usize, data: &[FolderData]) -> Vec<(Folder, Vec<bool>)> {
        let of_target =
            data.iter().filter(|data| self.target.tasks().any(|task| data.folder.task() == task));
        let mut parts: Vec<(Folder, Vec<bool>)> =
            of_target.map(|data| (data.folder, vec![false; data.samples.len()])).collect();
        for unit in self.units.iter().take(count) {
            let Some((_, part)) = parts.iter_mut().find(|(folder, _)| *folder == unit.folder)
            else {
                continue;
            };
            for position in std::iter::once(&unit.formal).chain(&unit.checks) {
                if let Some(is_in) = part.get_mut(position.0) {
                    *is_in = true;
                }
            }
        }
        parts
    }

    /// A walk along the order. With probability 1 - `alpha` its bounds are never wrong; they are narrow soonest for a
    /// half-width of `wanted`, 0 to 1.
    ///
    /// # Errors
    ///
    /// If `alpha` or `wanted` is out of range.
    pub fn walk(&self, alpha: f64, wanted: f64) -> Result<SequenceWalk, SequencePlanError> {
        let populations: Vec<SampledPopulation> = self
            .tasks
            .iter()
            .map(|task| SampledPopulation {
                size: task.size,
                terms: for_family!(task.task.family(), F => F::sum_terms(task.weight, task.worst)),
            })
            .collect();
        Ok(SequenceWalk::new(&populations, &self.tasks, alpha, wanted)?)
    }
}

/// What each sample of a folder counts for in strict scoring if nothing is answered: `None` if it does not count.
fn counted_without_answers(data: &FolderData) -> Vec<Option<Parts>> {
    let attempts = Attempts::new(&data.samples, &[], Plan::Whole, |_| true);
    let conventions = settle_conventions([], Convention::default());
    let answers = StrictAnswers::new(&[], &conventions);
    let nothing = CaptionParts {
        measure: CaptionMeasure::Fense,
        similarity: 0.0,
        fluency_error: false,
        rating: 0.0,
    };
    let captions = vec![Some(nothing); data.samples.len()];
    let captions = Captions::Rated(&captions);
    let verdicts = judge_strict(data.folder, &data.samples, &answers, &attempts, captions);
    verdicts.records.into_iter().map(|record| record.parts).collect()
}

/// The formal questions of a folder with their checks, and what they count for.
fn units_of<'a>(
    data: &'a FolderData,
    population: usize,
    counted: &'a [Option<Parts>],
) -> impl Iterator<Item = (SequenceUnit, Option<&'a Parts>)> {
    let mut checks: HashMap<&str, Vec<Position>> = HashMap::new();
    for check in data.samples.iter().filter(|sample| sample.is_check() && !sample.is_void()) {
        checks.entry(check.formal_id()).or_default().push(check.position);
    }
    data.samples.iter().filter(|sample| !sample.is_check()).map(move |sample| {
        let parts = counted.get(sample.position.0).and_then(Option::as_ref);
        let unit = SequenceUnit {
            folder: data.folder,
            formal: sample.position,
            checks: checks.get(sample.formal_id()).cloned().unwrap_or_default(),
            population: parts.map(|_| population),
        };
        (unit, parts)
    })
}

fn count_error(parts: &Parts) -> f64 {
    for_family!(parts.family(), F => {
        <F as TaskFamily>::Strict::of(parts).map_or(0.0, F::count_error)
    })
}

impl TaskPopulation {
    /// The values of a record for the terms of its task; unknown ones where it is not of the task's kind.
    pub(super) fn values(&self, parts: &Parts) -> Option<Vec<f64>> {
        for_family!(self.task.family(), F => {
            let parts = <F as TaskFamily>::Strict::of(parts)?;
            Some(F::sum_values(parts, self.worst))
        })
    }

    /// Whether a part of the headline is 0 until a category is right.
    pub(super) fn needs_a_category(&self) -> bool {
        matches!(
            self.task.family(),
            avibench_protocol::Family::Instances | avibench_protocol::Family::Boxes
        )
    }
}
