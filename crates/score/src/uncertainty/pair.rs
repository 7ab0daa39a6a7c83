//! Two models, sample by sample and number by number.

use avibench_protocol::{Family, Folder, Stage, Task};
use avibench_statistics::{McNemar, Tail, Z_95, least_sign_flip_p};
use serde::{Deserialize, Serialize};

use super::Difference;
use super::level_difference::level_difference;
use super::level_shape::LevelShape;
use super::mean_difference::mean_difference;
use super::reading::Reading;
use super::task_difference::{TaskDifference, holding_zero_unless_found};
use super::weights::{overall_weights, stage_weights};
use crate::{FolderVerdicts, GuessBaselines, Headlines, Levels, Verdict, task_extent};

/// From this difference of a sample's score on, the sample counts as flipped.
const FLIP: f64 = 0.5;
/// Below this, two sample scores are the same.
const TIE: f64 = 1e-9;

/// Right and wrong answers of two models, where an answer is one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct McNemarCounts {
    /// Samples that only the first model has right.
    pub only_first: u64,
    /// Samples that only the second model has right.
    pub only_second: u64,
    /// `McNemar`'s exact two-sided p-value; it takes samples as independent, so where several share
    /// an id the difference's own p is the one to believe.
    pub p: f64,
}

/// A sample on which two models differ by half a score or more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// The folder.
    pub folder: Folder,
    /// Place in the folder's `data.json`.
    pub position: usize,
    /// The first model's score of the sample.
    pub first: f64,
    /// The second model's.
    pub second: f64,
}

/// One task of two models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskComparison {
    /// The task.
    pub task: Task,
    /// Formal samples that are judged and count for both.
    pub samples: usize,
    /// The headline's difference; null if a model has no score, and if a
    /// model was asked neither every sample of the task nor a part that was drawn at random.
    pub difference: Option<Difference>,
    /// Samples on which the first model scores higher.
    pub wins: usize,
    /// Samples on which both score the same.
    pub ties: usize,
    /// Samples on which the second model scores higher.
    pub losses: usize,
    /// For tasks whose answers are right or wrong, where `difference` may be.
    pub mcnemar: Option<McNemarCounts>,
    /// In the order of folders and positions.
    pub flips: Vec<Flip>,
}

/// Two models compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairComparison {
    /// Label of the first model.
    pub first: String,
    /// Label of the second model.
    pub second: String,
    /// Tasks that both have, in table order.
    pub tasks: Vec<TaskComparison>,
    /// By name: the four stages, `overall`, `l1` to `l4`; only those that both have.
    pub above_tasks: Vec<(String, Difference)>,
    /// Whether FENSE rated the captions of one model and the stand-in those of the other: then AVC and
    /// what rests on it are not compared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub captions_differ: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl PairComparison {
    /// Compares aligned verdicts. P-values are not corrected yet: that takes all pairs.
    pub(super) fn new(
        first: (&str, &[FolderVerdicts]),
        second: (&str, &[FolderVerdicts]),
        baselines: &GuessBaselines,
    ) -> Self {
        // A folder that only one of them has cannot be compared, and neither can captions that were not
        // rated alike.
        let shared = |mine: &[FolderVerdicts], others: &[FolderVerdicts]| -> Vec<FolderVerdicts> {
            let is_alike = |mine: &FolderVerdicts| {
                let other = others.iter().find(|other| other.folder == mine.folder);
                other.is_some_and(|other| other.is_rated_like(mine))
            };
            mine.iter().filter(|mine| is_alike(mine)).cloned().collect()
        };
        let captions_differ = first.1.iter().any(|mine| {
            second.1.iter().any(|other| other.folder == mine.folder && !other.is_rated_like(mine))
        });
        let (mine, theirs) = (shared(first.1, second.1), shared(second.1, first.1));
        // Samples that were asked first are no fair draw from a task, so that nothing is tested
        // where a run asked neither the whole of it nor a part that was drawn at random.
        let is_fair = |task: Task| {
            [&mine, &theirs].into_iter().all(|verdicts: &Vec<FolderVerdicts>| {
                task_extent(verdicts, task).completeness().is_fair()
            })
        };
        let tested = |verdicts: &[FolderVerdicts]| -> Vec<FolderVerdicts> {
            verdicts.iter().filter(|folder| is_fair(folder.folder.task())).cloned().collect()
        };
        let readings = [
            Reading::new(&tested(&mine), |folder, verdict| both_answered(folder, verdict, &theirs)),
            Reading::new(&tested(&theirs), |folder, verdict| both_answered(folder, verdict, &mine)),
        ];
        let found: [Option<TaskDifference>; Task::ALL.len()] = Task::ALL
            .map(|task| TaskDifference::new(readings[0].task(task)?, readings[1].task(task)?));
        let tasks = Task::ALL
            .into_iter()
            .filter(|task| mine.iter().any(|folder| folder.folder.task() == *task))
            .map(|task| {
                let mut compared = TaskComparison::of_samples(task, &mine, &theirs);
                compared.mcnemar = compared.mcnemar.filter(|_| is_fair(task));
                compared.difference = found[task as usize].as_ref().map(TaskDifference::reported);
                compared
            })
            .collect();
        let above_tasks = above_tasks(&found.each_ref().map(Option::as_ref), baselines);
        let (first, second) = (first.0.to_owned(), second.0.to_owned());
        Self { first, second, tasks, above_tasks, captions_differ }
    }

    /// The differences of tasks: one family of tests.
    pub(super) fn of_tasks(&mut self) -> impl Iterator<Item = &mut Difference> {
        self.tasks.iter_mut().filter_map(|task| task.difference.as_mut())
    }

    /// The differences of stages, Overall and levels: another.
    pub(super) fn of_means(&mut self) -> impl Iterator<Item = &mut Difference> {
        self.above_tasks.iter_mut().map(|(_, difference)| difference)
    }

    /// The difference of a task by its name, or of a stage, `overall` or a level.
    #[must_use]
    pub fn difference(&self, name: &str) -> Option<Difference> {
        let of_task = self.tasks.iter().find(|task| task.task.name() == name);
        of_task.map_or_else(
            || self.above_tasks.iter().find(|(known, _)| known == name).map(|(_, found)| *found),
            |task| task.difference,
        )
    }
}

/// Checks stay as they are; of formal samples, both must have answered.
fn both_answered(folder: &FolderVerdicts, verdict: &Verdict, others: &[FolderVerdicts]) -> bool {
    if verdict.is_check {
        return true;
    }
    let other = others.iter().find(|other| other.folder == folder.folder);
    let other = other.and_then(|other| other.records.get(verdict.position.0));
    verdict.outcome.is_answered() && other.is_some_and(|other| other.outcome.is_answered())
}

/// The differences of stages, Overall and levels that both models have.
fn above_tasks(
    tasks: &[Option<&TaskDifference>; Task::ALL.len()],
    baselines: &GuessBaselines,
) -> Vec<(String, Difference)> {
    let weighted = |weights: &[(Task, f64)]| -> Option<Difference> {
        let tasks: Option<Vec<(f64, &TaskDifference)>> =
            weights.iter().map(|(task, weight)| Some((*weight, tasks[*task as usize]?))).collect();
        let tasks = tasks?;
        let counts = counts(tasks.iter().map(|(_, task)| *task));
        let (limits, p) = mean_difference(&tasks);
        let p = p.max(least_sign_flip_p(counts[1]));
        let number = |model: usize| -> f64 {
            tasks.iter().map(|(weight, task)| weight * task.own[model].value).sum()
        };
        let squares = tasks.iter().map(|(weight, task)| (weight * task.standard_error).powi(2));
        let error = libm::sqrt(squares.sum::<f64>());
        let limits = holding_zero_unless_found(limits.within(-1.0, 1.0), p);
        Some(Difference::new([number(0), number(1)], limits, p, error, counts))
    };
    let level = |level: u8| -> Option<Difference> {
        let shape = LevelShape::new(level, baselines);
        let needed: Option<Vec<&TaskDifference>> =
            shape.tasks().map(|task| tasks[task as usize]).collect();
        let counts = counts(needed?.into_iter());
        let value = |model: usize| {
            let headlines = Headlines::from_fn(|task| Some(tasks[task as usize]?.own[model].value));
            let levels = Levels::of(&headlines, baselines);
            match level {
                1 => levels.l1,
                2 => levels.l2,
                3 => levels.l3,
                _ => levels.l4,
            }
        };
        let levels = [value(0)?, value(1)?];
        let (limits, p) = level_difference(&shape, levels, tasks);
        let p = p.max(least_sign_flip_p(counts[1]));
        let limits = holding_zero_unless_found(limits, p);
        let error = (limits.high - limits.low) / (2.0 * Z_95);
        Some(Difference::new(levels, limits, p, error, counts))
    };
    let stages = Stage::ALL.map(|stage| (stage.name().to_owned(), weighted(&stage_weights(stage))));
    let overall = ("overall".to_owned(), weighted(&overall_weights()));
    let levels = [1, 2, 3, 4].map(|number| (format!("l{number}"), level(number)));
    let all = stages.into_iter().chain([overall]).chain(levels);
    all.filter_map(|(name, difference)| Some((name, difference?))).collect()
}

/// Ids on which two models can be compared, and those on which they differ.
fn counts<'a>(tasks: impl Iterator<Item = &'a TaskDifference>) -> [usize; 2] {
    tasks.fold([0, 0], |[clusters, informative], task| {
        [clusters + task.mean.clusters(), informative + task.mean.informative()]
    })
}

impl TaskComparison {
    fn of_samples(task: Task, mine: &[FolderVerdicts], theirs: &[FolderVerdicts]) -> Self {
        let mut compared = Self {
            task,
            samples: 0,
            difference: None,
            wins: 0,
            ties: 0,
            losses: 0,
            mcnemar: None,
            flips: Vec::new(),
        };
        let family = task.family();
        let mut pairs = Vec::new();
        for folder in mine.iter().filter(|folder| folder.folder.task() == task) {
            let Some(other) = theirs.iter().find(|other| other.folder == folder.folder) else {
                continue;
            };
            for (a, b) in folder.records.iter().zip(&other.records) {
                let scores = a.score().zip(b.score());
                let Some((first, second)) = scores
                    .filter(|_| !a.is_check && a.outcome.is_answered() && b.outcome.is_answered())
                else {
                    continue;
                };
                compared.samples += 1;
                let difference = first - second;
                compared.wins += usize::from(difference > TIE);
                compared.losses += usize::from(difference < -TIE);
                if difference.abs() >= FLIP {
                    let (folder, position) = (folder.folder, a.position.0);
                    compared.flips.push(Flip { folder, position, first, second });
                }
                pairs.push((first > FLIP, second > FLIP));
            }
        }
        compared.ties = compared.samples - compared.wins - compared.losses;
        let is_match = matches!(family, Family::FullMatch | Family::SetMatch);
        compared.mcnemar = (is_match && compared.samples > 0).then(|| {
            let counts = McNemar::count(pairs);
            let McNemar { only_first, only_second } = counts;
            McNemarCounts { only_first, only_second, p: counts.p(Tail::Exact) }
        });
        compared
    }
}
