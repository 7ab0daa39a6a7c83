//! Verdicts as sums by cluster.
//!
//! A *reading* is one set of verdicts: a mode or a model.

use avibench_protocol::{Folder, Task};

use crate::{FolderVerdicts, ScoreKey, Tally, TaskScore, Verdict, score_folders};

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
    /// The tasks that have a score, in the order of score files.
    pub(super) tasks: Vec<TaskSums>,
}

/// The records of a task, summed by cluster.
pub(super) struct TaskSums {
    pub(super) key: ScoreKey,
    pub(super) task: Task,
    pub(super) diversity: f64,
    /// Sums by cluster of each folder that is pooled; folders are independent samples.
    pub(super) folders: Vec<(Folder, Vec<Tally>)>,
    /// The score on all records, not rounded.
    pub(super) score: TaskScore,
}

impl Reading {
    /// Sums the counted records that `keep` keeps, by folder and verdict.
    pub(super) fn new(
        verdicts: &[FolderVerdicts],
        keep: impl Fn(&FolderVerdicts, &Verdict) -> bool,
    ) -> Self {
        let mut tasks = Vec::new();
        // What is scored under which key is decided on all records.
        for (key, _) in score_folders(verdicts).scores {
            let pooled = |folder: &FolderVerdicts| match key {
                ScoreKey::Task(task) => folder.folder.task() == task,
                ScoreKey::Half(half) => folder.folder == half,
            };
            let of_task: Vec<&FolderVerdicts> = verdicts.iter().filter(|f| pooled(f)).collect();
            let Some(first) = of_task.first() else { continue };
            let (task, diversity) = (first.folder.task(), first.diversity);
            let folders: Vec<(Folder, Vec<Tally>)> =
                of_task.iter().map(|f| (f.folder, cluster_sums(f, &keep))).collect();
            if let Some(score) = total(task, &folders).score(diversity) {
                tasks.push(TaskSums { key, task, diversity, folders, score });
            }
        }
        Self { tasks }
    }

    /// The task if it is scored as a whole.
    pub(super) fn task(&self, task: Task) -> Option<&TaskSums> {
        self.tasks.iter().find(|sums| sums.key == ScoreKey::Task(task))
    }
}

impl TaskSums {
    /// The mean of a task's sums in several epochs, cluster by cluster; `None` if nothing counts.
    pub(super) fn mean_of(epochs: &[&Self]) -> Option<Self> {
        let (first, share) = (epochs.first()?, 1.0 / epochs.len() as f64);
        let of_folder = |place: usize, clusters: usize| {
            let mut mean = vec![Tally::new(first.task.family()); clusters];
            for epoch in epochs {
                for (mean, sums) in mean.iter_mut().zip(&epoch.folders[place].1) {
                    mean.add_tally(share, sums);
                }
            }
            mean
        };
        let folders: Vec<(Folder, Vec<Tally>)> = first
            .folders
            .iter()
            .enumerate()
            .map(|(place, (folder, clusters))| (*folder, of_folder(place, clusters.len())))
            .collect();
        let (key, task, diversity) = (first.key, first.task, first.diversity);
        let score = total(task, &folders).score(diversity)?;
        Some(Self { key, task, diversity, folders, score })
    }

    /// The sums over all clusters, in their order.
    pub(super) fn total(&self) -> Tally {
        total(self.task, &self.folders)
    }

    /// The sums of each cluster, folder after folder.
    pub(super) fn clusters(&self) -> impl Iterator<Item = &Tally> {
        self.folders.iter().flat_map(|(_, clusters)| clusters)
    }
}

fn total(task: Task, folders: &[(Folder, Vec<Tally>)]) -> Tally {
    let mut total = Tally::new(task.family());
    for sums in folders.iter().flat_map(|(_, clusters)| clusters) {
        total.add_tally(1.0, sums);
    }
    total
}

fn cluster_sums(
    folder: &FolderVerdicts,
    keep: impl Fn(&FolderVerdicts, &Verdict) -> bool,
) -> Vec<Tally> {
    let mut sums = vec![Tally::new(folder.folder.family()); folder.clusters.len()];
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
