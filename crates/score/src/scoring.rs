//! From the verdicts on folders to the scores of tasks.

use avibench_protocol::{Folder, Task};

use crate::{Completeness, Extent, FolderVerdicts, ScoreKey, Tally, TaskScore};

/// Why a task has no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unscored {
    /// Nothing was answered, or nothing that counts.
    #[error("no prediction that can be scored")]
    NoRecords,
    /// The run ended before anything of the task was asked, or did not plan to.
    #[error("nothing of it was asked")]
    NotAsked,
    /// What scoring needs is not there.
    #[error("{0}")]
    Unavailable(String),
}

/// The score of each task that has one, and why the others have none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskScoring {
    /// Scores, not rounded, in the order of score files.
    pub scores: Vec<(ScoreKey, TaskScore)>,
    /// Tasks without a score, in table order; those without any verdicts are not among them.
    pub unscored: Vec<(Task, Unscored)>,
    /// What each score rests on, in the order of `scores`.
    pub bases: Vec<Basis>,
}

/// What the score of a task rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basis {
    /// How many samples were planned and asked.
    pub extent: Extent,
    /// Strict scoring of an unfinished task: the headline if every sample that was not yet asked
    /// were right, 0 to 1.
    pub at_most: Option<f64>,
}

/// Scores folders that make up one task: one folder, or the halves of VSQA pooled.
pub fn score_task(folders: &[&FolderVerdicts]) -> Result<TaskScore, Unscored> {
    if extent(folders).completeness() == Completeness::Untouched {
        return Err(Unscored::NotAsked);
    }
    let first = folders.first().ok_or(Unscored::NoRecords)?;
    let mut tally = Tally::new(first.folder.family());
    for folder in folders {
        if let Some(reason) = &folder.unscored {
            return Err(Unscored::Unavailable(reason.clone()));
        }
        folder.parts().for_each(|parts| tally.add(1.0, parts));
    }
    tally.score(first.diversity).ok_or(Unscored::NoRecords)
}

/// Scores every task that has verdicts. A VSQA half that stands alone is scored under its own key.
#[must_use]
pub fn score_folders(verdicts: &[FolderVerdicts]) -> TaskScoring {
    let mut scoring = TaskScoring::default();
    for task in Task::ALL {
        let of_task: Vec<&FolderVerdicts> =
            verdicts.iter().filter(|folder| folder.folder.task() == task).collect();
        if of_task.is_empty() {
            continue;
        }
        let halves: Vec<&FolderVerdicts> =
            of_task.iter().copied().filter(|half| half.parts().next().is_some()).collect();
        let (key, folders) = match (task.folders().len(), halves.as_slice()) {
            (2, [half]) => (ScoreKey::Half(half.folder), halves.as_slice()),
            _ => (ScoreKey::Task(task), of_task.as_slice()),
        };
        match score_task(folders) {
            Ok(score) => {
                scoring.scores.push((key, score));
                scoring.bases.push(basis(folders));
            }
            Err(reason) => scoring.unscored.push((task, reason)),
        }
    }
    scoring
}

/// How many samples of a task were planned and asked, by the verdicts on its folders.
#[must_use]
pub fn task_extent(verdicts: &[FolderVerdicts], task: Task) -> Extent {
    let of_task: Vec<&FolderVerdicts> =
        verdicts.iter().filter(|folder| folder.folder.task() == task).collect();
    extent(&of_task)
}

fn extent(folders: &[&FolderVerdicts]) -> Extent {
    let mut extent = Extent::default();
    for folder in folders {
        extent += folder.extent;
    }
    extent
}

fn basis(folders: &[&FolderVerdicts]) -> Basis {
    Basis { extent: extent(folders), at_most: at_most(folders) }
}

fn at_most(folders: &[&FolderVerdicts]) -> Option<f64> {
    let first = folders.first()?;
    folders.iter().find(|folder| folder.ceiling.is_some())?;
    let mut most = Tally::new(first.folder.family());
    for folder in folders {
        match &folder.ceiling {
            Some(ceiling) => most.add_tally(1.0, ceiling),
            None => folder.parts().for_each(|parts| most.add(1.0, parts)),
        }
    }
    most.score(first.diversity).map(|score| score.headline())
}

impl From<Folder> for ScoreKey {
    /// The key of a folder scored alone.
    fn from(folder: Folder) -> Self {
        let task = folder.task();
        if task.folders().len() > 1 { Self::Half(folder) } else { Self::Task(task) }
    }
}
