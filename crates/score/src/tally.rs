//! From the parts of records to the score of a task: weighted sums, and the formulas over them.

use avibench_protocol::{Family, Folder, Task};

use crate::{
    BoxesScore, CaptionScore, Completeness, Extent, FolderVerdicts, InstancesScore, Parts,
    RetrievalScore, ScoreKey, TaskScore,
};

/// How fast a count error eats up the Instance score of AMIC and VMIC.
pub(crate) const COUNT_ERROR_SCALE: f64 = 0.3;
pub(crate) const IOU_SHARE: f64 = 0.7;
pub(crate) const MISSES_SHARE: f64 = 0.3;

/// Weighted sums of the parts of one task.
///
/// A record's weight is 1 for a plain score, and how often its cluster was drawn in a resample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    pub(crate) weight: f64,
    pub(crate) correct: f64,
    pub(crate) semantic: f64,
    pub(crate) iou: f64,
    pub(crate) hits_at_1: f64,
    pub(crate) hits_at_3: f64,
    pub(crate) f1: f64,
    pub(crate) discount: f64,
    pub(crate) similarity: f64,
    pub(crate) fluency_errors: f64,
    pub(crate) fense: f64,
    pub(crate) squared_error: f64,
    /// Weight of the records that have an error.
    pub(crate) error_weight: f64,
}

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

impl Tally {
    /// Counts a record `weight` times.
    pub fn add(&mut self, weight: f64, parts: &Parts) {
        let is = |flag: bool| if flag { weight } else { 0.0 };
        let mut count_error = |error: f64| {
            self.squared_error += weight * error * error;
            self.error_weight += weight;
        };
        self.weight += weight;
        match parts {
            Parts::Match { correct } => self.correct += is(*correct),
            Parts::Instances { semantic, error } => {
                error.map(&mut count_error);
                self.semantic += weight * semantic;
            }
            Parts::Boxes { iou, category_f1, error } => {
                count_error(*error);
                self.iou += weight * iou;
                self.semantic += weight * category_f1;
            }
            Parts::Retrieval { hit_at_1, hit_at_3, f1, discount, .. } => {
                self.hits_at_1 += is(*hit_at_1);
                self.hits_at_3 += is(*hit_at_3);
                self.f1 += weight * f1;
                self.discount += weight * discount;
            }
            Parts::Ranking { hit_at_1, hit_at_3, f1 } => {
                self.hits_at_1 += weight * hit_at_1;
                self.hits_at_3 += weight * hit_at_3;
                self.f1 += weight * f1;
                self.discount += weight;
            }
            Parts::Frames { iou } => self.iou += weight * iou,
            Parts::Caption { similarity, fluency_error, fense } => {
                self.similarity += weight * similarity;
                self.fluency_errors += is(*fluency_error);
                self.fense += weight * fense;
            }
        }
    }

    /// Counts every record of `other` `weight` times.
    pub fn add_tally(&mut self, weight: f64, other: &Self) {
        // Every field by name, so that a new one cannot be forgotten here.
        let Self {
            weight: records,
            correct,
            semantic,
            iou,
            hits_at_1,
            hits_at_3,
            f1,
            discount,
            similarity,
            fluency_errors,
            fense,
            squared_error,
            error_weight,
        } = other;
        self.weight += weight * records;
        self.correct += weight * correct;
        self.semantic += weight * semantic;
        self.iou += weight * iou;
        self.hits_at_1 += weight * hits_at_1;
        self.hits_at_3 += weight * hits_at_3;
        self.f1 += weight * f1;
        self.discount += weight * discount;
        self.similarity += weight * similarity;
        self.fluency_errors += weight * fluency_errors;
        self.fense += weight * fense;
        self.squared_error += weight * squared_error;
        self.error_weight += weight * error_weight;
    }

    /// The score, not rounded; `None` if nothing was counted. `diversity` is that of the folder's
    /// [`FolderVerdicts`].
    #[must_use]
    pub fn score(&self, family: Family, diversity: f64) -> Option<TaskScore> {
        if self.weight <= 0.0 {
            return None;
        }
        let mean = |sum: f64| sum / self.weight;
        Some(match family {
            Family::FullMatch | Family::SetMatch => TaskScore::Number(mean(self.correct)),
            Family::FrameBoxes => TaskScore::Number(mean(self.iou)),
            Family::Instances => {
                let semantic = mean(self.semantic);
                let instance = self.instance(COUNT_ERROR_SCALE);
                let average = f64::midpoint(semantic, instance);
                TaskScore::Instances(InstancesScore { semantic, instance, average })
            }
            Family::Boxes => {
                let miou = mean(self.iou);
                let instance = self.instance(1.0);
                let average = IOU_SHARE * miou + MISSES_SHARE * instance;
                TaskScore::Boxes(BoxesScore { miou, instance, average })
            }
            Family::Retrieval => {
                let factor = mean(self.discount) * diversity;
                let [first, third, f1] =
                    [self.hits_at_1, self.hits_at_3, self.f1].map(|sum| mean(sum) * factor);
                TaskScore::Retrieval(RetrievalScore::new(first, third, f1))
            }
            Family::Caption => {
                let fense = mean(self.fense);
                TaskScore::Caption(CaptionScore {
                    fense,
                    sbert_sim: mean(self.similarity),
                    fer: mean(self.fluency_errors),
                    n_samples: self.weight.round() as u64,
                    average: fense,
                })
            }
        })
    }

    /// 1 - tanh(scale x RMSE); 0 if no category was right at all, or no count was compared.
    fn instance(&self, scale: f64) -> f64 {
        if self.semantic <= 0.0 || self.error_weight <= 0.0 {
            return 0.0;
        }
        1.0 - libm::tanh(scale * libm::sqrt(self.squared_error / self.error_weight))
    }
}

/// Scores folders that make up one task: one folder, or the halves of VSQA pooled.
pub fn score_task(folders: &[&FolderVerdicts]) -> Result<TaskScore, Unscored> {
    let mut tally = Tally::default();
    if extent(folders).completeness() == Completeness::Untouched {
        return Err(Unscored::NotAsked);
    }
    for folder in folders {
        if let Some(reason) = &folder.unscored {
            return Err(Unscored::Unavailable(reason.clone()));
        }
        folder.parts().for_each(|parts| tally.add(1.0, parts));
    }
    let score =
        folders.first().and_then(|folder| tally.score(folder.folder.family(), folder.diversity));
    score.ok_or(Unscored::NoRecords)
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
    let is_open = folders.iter().any(|folder| folder.ceiling.is_some());
    let mut most = Tally::default();
    for folder in folders.iter().filter(|_| is_open) {
        match &folder.ceiling {
            Some(ceiling) => most.add_tally(1.0, ceiling),
            None => folder.parts().for_each(|parts| most.add(1.0, parts)),
        }
    }
    let most = folders.first().and_then(|f| most.score(f.folder.family(), f.diversity));
    Basis { extent: extent(folders), at_most: most.map(|score| score.headline()) }
}

impl From<Folder> for ScoreKey {
    /// The key of a folder scored alone.
    fn from(folder: Folder) -> Self {
        let task = folder.task();
        if task.folders().len() > 1 { Self::Half(folder) } else { Self::Task(task) }
    }
}
