//! Verdicts as sums by cluster, and their values on resamples.
//!
//! A *reading* is one set of verdicts: a mode or a model. All readings that are resampled together
//! see the same draws.

use avibench_protocol::{Family, Folder, Task};
use avibench_statistics::{Clusters, Draw, Stratum, replicate};

use super::Resampling;
use super::quantity::{self, Quantity};
use crate::{FolderVerdicts, GuessBaselines, ScoreKey, Tally, TaskScore, Verdict, score_folders};

/// Two sets of verdicts that are not about the same samples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{folder}: the samples of `{first}` and `{second}` differ; score both against the same dataset"
)]
pub struct Misaligned {
    /// The folder in which they differ.
    pub folder: Folder,
    /// Name of the one.
    pub first: String,
    /// Name of the other.
    pub second: String,
}

/// One set of verdicts, summed by cluster.
pub(super) struct Reading {
    tasks: Vec<TaskSums>,
    /// The scores of the full sample, not rounded.
    pub(super) full: Vec<(ScoreKey, TaskScore)>,
}

struct TaskSums {
    key: ScoreKey,
    family: Family,
    diversity: f64,
    /// Sums by cluster of each folder that is pooled.
    folders: Vec<(Folder, Vec<Tally>)>,
}

/// Values of one reading on all resamples.
pub(super) struct Replicates {
    pub(super) quantities: Vec<Quantity>,
    /// Values on the full sample, in the order of `quantities`.
    pub(super) full: Vec<f64>,
    /// Values on the resamples, by quantity, then by resample.
    pub(super) values: Vec<Vec<f64>>,
}

impl Reading {
    /// Sums the counted records that `keep` keeps, by folder and verdict.
    pub(super) fn new(
        verdicts: &[FolderVerdicts],
        keep: impl Fn(&FolderVerdicts, &Verdict) -> bool,
    ) -> Self {
        let mut tasks = Vec::new();
        let mut full = Vec::new();
        // What is scored under which key is decided on all records.
        for (key, _) in score_folders(verdicts).scores {
            let pooled = |folder: &FolderVerdicts| match key {
                ScoreKey::Task(task) => folder.folder.task() == task,
                ScoreKey::Half(half) => folder.folder == half,
            };
            let of_task: Vec<&FolderVerdicts> = verdicts.iter().filter(|f| pooled(f)).collect();
            let Some(first) = of_task.first() else { continue };
            let sums = TaskSums {
                key,
                family: first.folder.family(),
                diversity: first.diversity,
                folders: of_task.iter().map(|f| (f.folder, cluster_sums(f, &keep))).collect(),
            };
            if let Some(score) = sums.score(|_| None) {
                full.push((key, score));
                tasks.push(sums);
            }
        }
        Self { tasks, full }
    }
}

impl TaskSums {
    /// The score if cluster `c` of a folder counts `weights(folder)[c]` times, once by default.
    fn score<'a>(&self, weights: impl Fn(Folder) -> Option<&'a [u32]>) -> Option<TaskScore> {
        let mut total = Tally::default();
        for (folder, clusters) in &self.folders {
            match weights(*folder) {
                None => clusters.iter().for_each(|sums| total.add_tally(1.0, sums)),
                Some(weights) => {
                    for (sums, &weight) in clusters.iter().zip(weights).filter(|(_, w)| **w > 0) {
                        total.add_tally(f64::from(weight), sums);
                    }
                }
            }
        }
        total.score(self.family, self.diversity)
    }
}

fn cluster_sums(
    folder: &FolderVerdicts,
    keep: impl Fn(&FolderVerdicts, &Verdict) -> bool,
) -> Vec<Tally> {
    let mut sums = vec![Tally::default(); folder.clusters.len()];
    for verdict in folder.records.iter().filter(|verdict| keep(folder, verdict)) {
        if let (Some(parts), Some(sums)) = (&verdict.parts, sums.get_mut(verdict.cluster.0)) {
            sums.add(1.0, parts);
        }
    }
    sums
}

/// Checks that the named sets of verdicts are about the same samples wherever both have a folder.
pub(super) fn check_alignment(sets: &[(&str, &[FolderVerdicts])]) -> Result<(), Misaligned> {
    for folder in Folder::ALL {
        let mut known: Option<(&str, &FolderVerdicts)> = None;
        for (name, verdicts) in sets {
            let Some(here) = verdicts.iter().find(|f| f.folder == folder) else { continue };
            let Some((first, there)) = known else {
                known = Some((name, here));
                continue;
            };
            let place = |verdict: &Verdict| (verdict.position, verdict.cluster, verdict.is_check);
            let same = here.clusters == there.clusters
                && here.records.iter().map(place).eq(there.records.iter().map(place));
            if !same {
                let (first, second) = (first.to_owned(), (*name).to_owned());
                return Err(Misaligned { folder, first, second });
            }
        }
    }
    Ok(())
}

/// Resamples the ids of every folder and scores every reading on each resample.
pub(super) fn resample(
    readings: &[Reading],
    resampling: Resampling,
    baselines: &GuessBaselines,
) -> Vec<Replicates> {
    let mut strata: [Option<Stratum>; Folder::ALL.len()] = [const { None }; Folder::ALL.len()];
    for (folder, clusters) in readings.iter().flat_map(|r| &r.tasks).flat_map(|t| &t.folders) {
        // Sums are by cluster, so what is drawn are single entries. A folder of more than 2^32
        // samples does not fit into memory; it would have no interval.
        let entries = Clusters::singletons(clusters.len()).ok();
        strata[*folder as usize] =
            entries.map(|entries| Stratum::new(resampling.seed, folder.name(), entries));
    }
    let scratch = || -> [Draw; Folder::ALL.len()] { Default::default() };
    let rows = replicate(resampling.resamples, scratch, |draws, number| {
        for (stratum, draw) in strata.iter().zip(draws.iter_mut()) {
            if let Some(stratum) = stratum {
                stratum.draw(number, draw);
            }
        }
        let weights = |folder: Folder| Some(draws[folder as usize].per_cluster());
        let values = |reading: &Reading| {
            let scores: Vec<(ScoreKey, Option<TaskScore>)> =
                reading.tasks.iter().map(|task| (task.key, task.score(weights))).collect();
            quantity::values(&scores, &reading.full, baselines)
        };
        readings.iter().map(values).collect::<Vec<_>>()
    });
    readings
        .iter()
        .enumerate()
        .map(|(index, reading)| {
            let quantities = quantity::quantities(&reading.full);
            let full: Vec<_> = reading.full.iter().map(|(key, s)| (*key, Some(*s))).collect();
            let column = |quantity: usize| rows.iter().map(|row| row[index][quantity]).collect();
            Replicates {
                full: quantity::values(&full, &reading.full, baselines),
                values: (0..quantities.len()).map(column).collect(),
                quantities,
            }
        })
        .collect()
}

/// The tasks that a reading scores under their own name.
pub(super) fn task_of(key: ScoreKey) -> Task {
    match key {
        ScoreKey::Task(task) => task,
        ScoreKey::Half(folder) => folder.task(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn folders_are_numbered_in_order() {
        for (i, folder) in avibench_protocol::Folder::ALL.into_iter().enumerate() {
            assert_eq!(folder as usize, i);
        }
    }
}
