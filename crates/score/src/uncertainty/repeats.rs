//! What repeats of every question tell: scores over all epochs, and how much of their variance comes from
//! answers that differ from one time to the next.
//!
//! The influence of a cluster on a headline is the derivative of the headline to the cluster's weight, at
//! the mean over epochs: for a mean its share of the deviation, for Instance and retrieval the same first
//! order that their intervals take. Variances are sums of squared influences, the limits that resampling
//! tends to, so that no random numbers are drawn. `docs/statistics.md` states the method.

use avibench_protocol::{Folder, Stage, Task};
use avibench_statistics::normal_upper_quantile;
use serde::{Deserialize, Serialize};

use super::difference::{POWER, SIGNIFICANT};
use super::limits::Limits;
use super::reading::{Reading, TaskSums, check_alignment};
use super::task_limits::task_limits;
use super::weights::{overall_weights, stage_weights};
use super::{Estimate, Misaligned};
use crate::{FolderVerdicts, Parts, ScoreKey, Tally, Verdict, score_folders, task_extent};

/// Version of the method behind the split of variance; it changes with any of its formulas.
pub const REPEATS_VERSION: u32 = 1;

/// Numbers of epochs of which is said what they would be worth, beside the one at hand.
const DESIGNS: [u32; 5] = [1, 2, 3, 5, 10];
/// How far a cluster's weight is moved to find a derivative.
const STEP: f64 = 1e-4;
/// Points in one, squared.
const SQUARED_POINTS: f64 = 1e4;

/// The strict verdicts of one epoch: those of the folders that were asked as a whole in it.
#[derive(Debug, Clone, Copy)]
pub struct EpochVerdicts<'a> {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Its verdicts, by folder.
    pub folders: &'a [FolderVerdicts],
}

/// Strict scores over all epochs, and where their variance comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepeatedScores {
    /// [`REPEATS_VERSION`].
    pub version: u32,
    /// Tasks that were asked as a whole in two epochs or more, in the order of score files.
    pub tasks: Vec<RepeatedNumber>,
    /// The stages whose tasks all were.
    pub stages: Vec<RepeatedNumber>,
    /// Overall; null unless all stages were.
    pub overall: Option<RepeatedNumber>,
}

/// A task, stage or Overall over several epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepeatedNumber {
    /// Key in score files, such as `avm`; else the stage, or `overall`.
    pub name: String,
    /// The epochs that count: those in which everything behind the number was asked.
    pub epochs: Vec<u32>,
    /// The mean of the headlines of these epochs, 0 to 1, with the 95% interval that clusters give which are
    /// drawn with all their epochs.
    pub headline: Estimate,
    /// The headline of each epoch, 0 to 1.
    pub by_epoch: Vec<f64>,
    /// Where the variance of the mean comes from.
    pub variance: VarianceSplit,
    /// How many samples have one verdict in all epochs.
    pub consistency: Consistency,
    /// What other numbers of epochs would be worth, and this one, in order.
    pub designs: Vec<RepeatDesign>,
}

/// Where the variance of a headline over several epochs comes from, in squared points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarianceSplit {
    /// Of the mean over epochs, between sets of other questions of this kind, asked as often. Null where the
    /// questions are no fair sample, or are too few.
    pub total: Option<f64>,
    /// What answers that differ from epoch to epoch add to it.
    pub within: f64,
    /// What the choice of questions adds: `total` less `within`, which may come out below 0 by chance. Null
    /// where `total` is.
    pub between: Option<f64>,
}

/// Samples with the same verdict in all epochs. Of graded samples, those with equal scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consistency {
    /// Formal samples that count in all epochs.
    pub samples: usize,
    /// Of these, samples with one verdict in all epochs.
    pub same: usize,
}

/// What a number of epochs is worth, in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RepeatDesign {
    /// How often every question is asked.
    pub epochs: u32,
    /// Standard error of the mean over so many epochs; null where the total variance is not known, or comes
    /// out below 0.
    pub standard_error: Option<f64>,
    /// The smallest true difference that is found with probability 80%, two-sided at 5%, between two runs of
    /// so many epochs on these same questions.
    pub detectable_runs: f64,
    /// The same between two models that were each asked other questions of this kind; null where
    /// `standard_error` is.
    pub detectable_models: Option<f64>,
}

/// A number before its variance is told.
struct Measured {
    by_epoch: Vec<f64>,
    limits: Option<Limits>,
    /// Variances, not in points.
    total: Option<f64>,
    within: f64,
    consistency: Consistency,
}

/// Scores over epochs. `epochs` are in order, and the first of them says which tasks there are.
///
/// # Errors
///
/// If two epochs are not about the same samples.
pub fn repeated_scores(epochs: &[EpochVerdicts<'_>]) -> Result<RepeatedScores, Misaligned> {
    let names: Vec<String> = epochs.iter().map(|of| format!("epoch {}", of.epoch)).collect();
    let sets: Vec<(&str, &[FolderVerdicts])> =
        names.iter().zip(epochs).map(|(name, of)| (name.as_str(), of.folders)).collect();
    check_alignment(&sets)?;
    let keys: Vec<ScoreKey> = epochs.first().map_or_else(Vec::new, |first| {
        score_folders(first.folders).scores.into_iter().map(|(key, _)| key).collect()
    });
    let of_key = |key: ScoreKey| whole_epochs(epochs, &folders_of(key, epochs));
    let tasks = keys.iter().filter_map(|&key| {
        let whole = of_key(key);
        let measured = task(key, &whole)?;
        Some(RepeatedNumber::new(key.name(), &whole, measured))
    });
    let mean = |name: &str, weights: Vec<(Task, f64)>| {
        let tasks: Vec<Task> = weights.iter().map(|(task, _)| *task).collect();
        if tasks.iter().any(|task| !keys.contains(&ScoreKey::Task(*task))) {
            return None;
        }
        let folders: Vec<Folder> =
            tasks.iter().flat_map(|task| folders_of(ScoreKey::Task(*task), epochs)).collect();
        let whole = whole_epochs(epochs, &folders);
        let terms: Option<Vec<(f64, Measured)>> = weights
            .into_iter()
            .map(|(of, weight)| Some((weight, task(ScoreKey::Task(of), &whole)?)))
            .collect();
        Some(RepeatedNumber::new(name.to_owned(), &whole, Measured::sum(&terms?)))
    };
    let stages = Stage::ALL.into_iter().filter_map(|of| mean(of.name(), stage_weights(of)));
    Ok(RepeatedScores {
        version: REPEATS_VERSION,
        tasks: tasks.collect(),
        stages: stages.collect(),
        overall: mean("overall", overall_weights()),
    })
}

/// The folders of a task that the first epoch has.
fn folders_of(key: ScoreKey, epochs: &[EpochVerdicts<'_>]) -> Vec<Folder> {
    let first = epochs.first().map_or(&[][..], |first| first.folders);
    let is_of = |folder: &Folder| match key {
        ScoreKey::Task(task) => folder.task() == task,
        ScoreKey::Half(half) => *folder == half,
    };
    first.iter().map(|verdicts| verdicts.folder).filter(is_of).collect()
}

/// The epochs that have all these folders.
fn whole_epochs<'a>(epochs: &[EpochVerdicts<'a>], folders: &[Folder]) -> Vec<EpochVerdicts<'a>> {
    let has = |of: &EpochVerdicts<'_>, folder: &Folder| {
        of.folders.iter().any(|verdicts| verdicts.folder == *folder)
    };
    let is_whole = |of: &&EpochVerdicts<'_>| folders.iter().all(|folder| has(of, folder));
    epochs.iter().filter(is_whole).copied().collect()
}

/// A task over epochs; `None` with fewer than two.
fn task(key: ScoreKey, epochs: &[EpochVerdicts<'_>]) -> Option<Measured> {
    if epochs.len() < 2 {
        return None;
    }
    let of_task = |verdicts: &FolderVerdicts| match key {
        ScoreKey::Task(task) => verdicts.folder.task() == task,
        ScoreKey::Half(half) => verdicts.folder == half,
    };
    let folders: Vec<Vec<FolderVerdicts>> = epochs
        .iter()
        .map(|of| of.folders.iter().filter(|verdicts| of_task(verdicts)).cloned().collect())
        .collect();
    let readings: Vec<Reading> =
        folders.iter().map(|verdicts| Reading::new(verdicts, |_, _| true)).collect();
    let sums: Vec<&TaskSums> = readings
        .iter()
        .map(|reading| reading.tasks.iter().find(|task| task.key == key))
        .collect::<Option<_>>()?;
    let is_fair = folders.iter().all(|verdicts| {
        verdicts.first().is_some_and(|first| {
            task_extent(verdicts, first.folder.task()).completeness().is_fair()
        })
    });
    let by_epoch: Vec<f64> = sums.iter().map(|sums| sums.score.headline()).collect();
    let pooled = TaskSums::mean_of(&sums)?;
    let value = mean(&by_epoch);
    let shift = value - pooled.score.headline();
    let limits = is_fair.then(|| task_limits(&pooled)?.last().copied()).flatten();
    let limits = limits.map(|limits| {
        let (low, high) = (limits.low + shift, limits.high + shift);
        Limits { value, low, high }.within(low.min(0.0), 1.0)
    });
    let (total, within) = variance(&pooled, &sums);
    let total = total.filter(|_| is_fair);
    let consistency = consistency(&folders);
    Some(Measured { by_epoch, limits, total, within, consistency })
}

/// The variance of the mean over epochs, and what differences between epochs add to it. The former is not
/// known of a folder with a single cluster.
fn variance(pooled: &TaskSums, sums: &[&TaskSums]) -> (Option<f64>, f64) {
    let all = pooled.total();
    let epochs = sums.len() as f64;
    let (mut total, mut within) = (Some(0.0), 0.0);
    for (place, (_, clusters)) in pooled.folders.iter().enumerate() {
        let weight: f64 = clusters.iter().map(Tally::weight).sum();
        // Of each cluster with a weight: that weight, and its influence in each epoch.
        let influences: Vec<(f64, Vec<f64>)> = clusters
            .iter()
            .enumerate()
            .filter(|(_, cluster)| cluster.weight() > 0.0)
            .map(|(at, cluster)| {
                let of_epoch =
                    |of: &&TaskSums| influence(&all, &of.folders[place].1[at], pooled.diversity);
                (cluster.weight(), sums.iter().map(of_epoch).collect())
            })
            .collect();
        // A folder is a sample of fixed size, so that its clusters deviate from its own mean.
        let of_folder: f64 = influences.iter().map(|(_, of_epochs)| mean(of_epochs)).sum();
        let mut squares = 0.0;
        for (of_cluster, of_epochs) in &influences {
            let mean = mean(of_epochs);
            let deviation = mean - of_folder * of_cluster / weight;
            squares += deviation * deviation;
            let spread: f64 = of_epochs.iter().map(|of| (of - mean) * (of - mean)).sum();
            within += spread / (epochs * (epochs - 1.0));
        }
        let clusters = influences.len() as f64;
        total = match total {
            _ if influences.is_empty() => total,
            Some(total) if influences.len() > 1 => {
                Some(total + squares * clusters / (clusters - 1.0))
            }
            _ => None,
        };
    }
    (total, within)
}

/// The derivative of the headline of `all` to the weight of `part`.
fn influence(all: &Tally, part: &Tally, diversity: f64) -> f64 {
    let at = |step: f64| {
        let mut moved = *all;
        moved.add_tally(step, part);
        moved.score(diversity).map_or(0.0, |score| score.headline())
    };
    (at(STEP) - at(-STEP)) / (2.0 * STEP)
}

/// The one variance less the other; what is left by rounding alone is 0.
fn rest(total: f64, within: f64) -> f64 {
    let rest = total - within;
    if rest.abs() <= 1e-9 * total.max(within) { 0.0 } else { rest }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Formal samples that count in all epochs, and those with one verdict. `epochs` are the folders of a task.
fn consistency(epochs: &[Vec<FolderVerdicts>]) -> Consistency {
    let Some((first, others)) = epochs.split_first() else { return Consistency::default() };
    let mut found = Consistency::default();
    for folder in first {
        let others: Vec<&FolderVerdicts> = others
            .iter()
            .filter_map(|of| of.iter().find(|other| other.folder == folder.folder))
            .collect();
        for (at, verdict) in folder.records.iter().enumerate() {
            let others: Option<Vec<&Verdict>> =
                others.iter().map(|other| other.records.get(at)).collect();
            let Some(others) = others else { continue };
            let counts = |verdict: &Verdict| !verdict.is_check && verdict.parts.is_some();
            if !counts(verdict) || !others.iter().all(|other| counts(other)) {
                continue;
            }
            found.samples += 1;
            found.same += usize::from(others.iter().all(|other| is_same(verdict, other)));
        }
    }
    found
}

/// Whether two verdicts on a sample are one and the same.
fn is_same(one: &Verdict, other: &Verdict) -> bool {
    match (&one.parts, &other.parts) {
        (Some(Parts::Match(_)), Some(Parts::Match(_))) => one.outcome == other.outcome,
        (Some(a), Some(b)) => (a.score() - b.score()).abs() < 1e-12,
        _ => false,
    }
}

impl Measured {
    /// The weighted sum of independent numbers over the same epochs.
    fn sum(terms: &[(f64, Self)]) -> Self {
        let epochs = terms.first().map_or(0, |(_, first)| first.by_epoch.len());
        let mut by_epoch = vec![0.0; epochs];
        let (mut total, mut within) = (Some(0.0), 0.0);
        let mut consistency = Consistency::default();
        for (weight, term) in terms {
            for (sum, value) in by_epoch.iter_mut().zip(&term.by_epoch) {
                *sum += weight * value;
            }
            within += weight * weight * term.within;
            let added = term.total.map(|added| weight * weight * added);
            total = total.zip(added).map(|(total, added)| total + added);
            consistency.samples += term.consistency.samples;
            consistency.same += term.consistency.same;
        }
        let scaled = |(weight, term): &(f64, Self)| Some(term.limits?.scaled(*weight));
        let limits: Option<Vec<Limits>> = terms.iter().map(scaled).collect();
        let limits = limits.map(|terms| Limits::sum(terms).within(-1.0, 1.0));
        Self { by_epoch, limits, total, within, consistency }
    }
}

impl RepeatedNumber {
    fn new(name: String, epochs: &[EpochVerdicts<'_>], measured: Measured) -> Self {
        let Measured { by_epoch, limits, total, within, consistency } = measured;
        let total = total.map(|total| total * SQUARED_POINTS);
        let within = within * SQUARED_POINTS;
        let variance =
            VarianceSplit { total, within, between: total.map(|total| rest(total, within)) };
        let count = by_epoch.len() as u32;
        let mut designs: Vec<u32> = DESIGNS.into_iter().chain([count]).collect();
        designs.sort_unstable();
        designs.dedup();
        Self {
            name,
            epochs: epochs.iter().map(|of| of.epoch).collect(),
            headline: Estimate {
                value: Some(mean(&by_epoch)),
                low: limits.map(|limits| limits.low),
                high: limits.map(|limits| limits.high),
            },
            by_epoch,
            variance,
            consistency,
            designs: designs.into_iter().map(|wanted| variance.design(count, wanted)).collect(),
        }
    }

    /// What the number of epochs at hand is worth.
    #[must_use]
    pub fn design(&self) -> Option<&RepeatDesign> {
        self.designs.iter().find(|design| design.epochs as usize == self.epochs.len())
    }
}

impl VarianceSplit {
    /// What `wanted` epochs would be worth, by what `known` have shown: the part within questions falls as
    /// their number grows, the part between them stays.
    fn design(&self, known: u32, wanted: u32) -> RepeatDesign {
        let quantiles =
            normal_upper_quantile(SIGNIFICANT / 2.0) + normal_upper_quantile(1.0 - POWER);
        let within = self.within * f64::from(known) / f64::from(wanted);
        let total = self.between.map(|between| between + within).filter(|total| *total >= 0.0);
        RepeatDesign {
            epochs: wanted,
            standard_error: total.map(libm::sqrt),
            detectable_runs: quantiles * libm::sqrt(2.0 * within),
            detectable_models: total.map(|total| quantiles * libm::sqrt(2.0 * total)),
        }
    }
}

impl Consistency {
    /// The share of samples with one verdict, 0 to 1; `None` without any sample.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.same as f64 / self.samples as f64)
    }
}
