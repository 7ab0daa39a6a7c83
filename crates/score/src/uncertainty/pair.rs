//! Two models, sample by sample and number by number.

use avibench_protocol::{Family, Folder, Task};
use avibench_statistics::{McNemar, PairedDifference, Tail, holm};
use serde::{Deserialize, Serialize};

use super::Resampling;
use super::quantity::Quantity;
use super::reading::{Reading, Replicates, resample};
use crate::{Completeness, FolderVerdicts, GuessBaselines, ScoreKey, Verdict, task_extent};

/// From this difference of a sample's score on, the sample counts as flipped.
const FLIP: f64 = 0.5;
/// Below this, two sample scores are the same.
const TIE: f64 = 1e-9;

/// A difference with its interval and test. Levels are in percent, everything else 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The first model's number on the samples that both answered.
    pub first: f64,
    /// The second model's.
    pub second: f64,
    /// First minus second.
    pub difference: f64,
    /// Lower end of the difference's 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-sided p-value of "no difference", not corrected.
    pub p: f64,
    /// The p-value with Holm's correction over the tasks; null for what is no task.
    pub p_holm: Option<f64>,
    /// The least true difference that would be found with probability 80%.
    pub minimum_detectable: f64,
}

/// Right and wrong answers of two models, where an answer is one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct McNemarCounts {
    /// Samples that only the first model has right.
    pub only_first: u64,
    /// Samples that only the second model has right.
    pub only_second: u64,
    /// `McNemar`'s exact two-sided p-value; it takes samples as independent, so where several share
    /// an id the bootstrap's p is the one to believe.
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
    /// Formal samples that both answered and that count for both.
    pub samples: usize,
    /// The headline's difference; null if a model has no score or too many resamples had none, and
    /// if a model was not asked every sample of the task.
    pub difference: Option<Difference>,
    /// Samples on which the first model scores higher.
    pub wins: usize,
    /// Samples on which both score the same.
    pub ties: usize,
    /// Samples on which the second model scores higher.
    pub losses: usize,
    /// For tasks whose answers are right or wrong, if both models were asked every sample.
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
}

impl PairComparison {
    /// Compares aligned verdicts.
    pub(super) fn new(
        first: (&str, &[FolderVerdicts]),
        second: (&str, &[FolderVerdicts]),
        resampling: Resampling,
        baselines: &GuessBaselines,
    ) -> Self {
        // A folder that only one of them has cannot be compared.
        let shared = |mine: &[FolderVerdicts], others: &[FolderVerdicts]| -> Vec<FolderVerdicts> {
            let has = |folder| others.iter().any(|other| other.folder == folder);
            mine.iter().filter(|mine| has(mine.folder)).cloned().collect()
        };
        let (mine, theirs) = (shared(first.1, second.1), shared(second.1, first.1));
        // Samples that were asked first are no fair draw from a task, so that nothing is tested
        // where a run did not ask the whole of it.
        let is_whole = |task: Task| {
            [&mine, &theirs].into_iter().all(|verdicts: &Vec<FolderVerdicts>| {
                task_extent(verdicts, task).completeness() == Completeness::Whole
            })
        };
        let tested = |verdicts: &[FolderVerdicts]| -> Vec<FolderVerdicts> {
            verdicts.iter().filter(|folder| is_whole(folder.folder.task())).cloned().collect()
        };
        let readings = [
            Reading::new(&tested(&mine), |folder, verdict| both_answered(folder, verdict, &theirs)),
            Reading::new(&tested(&theirs), |folder, verdict| both_answered(folder, verdict, &mine)),
        ];
        let replicates = resample(&readings, resampling, baselines);
        let differences = differences(&replicates);
        let mut tasks: Vec<TaskComparison> = Task::ALL
            .into_iter()
            .filter(|task| mine.iter().any(|folder| folder.folder.task() == *task))
            .map(|task| {
                let mut compared = TaskComparison::of_samples(task, &mine, &theirs);
                compared.mcnemar = compared.mcnemar.filter(|_| is_whole(task));
                compared.difference =
                    differences.iter().rev().find_map(|(quantity, difference)| {
                        // The headline is the last of a task's parts.
                        matches!(quantity, Quantity::Part(ScoreKey::Task(t), _) if *t == task)
                            .then_some(*difference)?
                    });
                compared
            })
            .collect();
        // A task without a test is none of the tests.
        let tested = || tasks.iter().filter_map(|task| task.difference);
        let corrected = holm(&tested().map(|difference| difference.p).collect::<Vec<_>>());
        let tested = tasks.iter_mut().filter_map(|task| task.difference.as_mut());
        for (difference, p) in tested.zip(corrected) {
            difference.p_holm = Some(p);
        }
        let above_tasks = differences
            .iter()
            .filter(|(quantity, _)| !matches!(quantity, Quantity::Part(..)))
            .filter_map(|(quantity, difference)| Some((quantity.name(), (*difference)?)))
            .collect();
        Self { first: first.0.to_owned(), second: second.0.to_owned(), tasks, above_tasks }
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

/// The difference of every number that both models have.
fn differences(replicates: &[Replicates]) -> Vec<(Quantity, Option<Difference>)> {
    let [mine, theirs] = replicates else { return Vec::new() };
    mine.quantities
        .iter()
        .enumerate()
        .filter_map(|(i, quantity)| {
            let j = theirs.quantities.iter().position(|other| other == quantity)?;
            let first = (mine.full[i], mine.values[i].as_slice());
            let second = (theirs.full[j], theirs.values[j].as_slice());
            let found = PairedDifference::new(first, second).ok().map(|paired| Difference {
                first: first.0,
                second: second.0,
                difference: paired.estimate,
                low: paired.interval.low,
                high: paired.interval.high,
                p: paired.p,
                p_holm: None,
                minimum_detectable: paired.minimum_detectable,
            });
            Some((*quantity, found))
        })
        .collect()
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
