//! What was asked and answered, and what the unanswered samples could change.

use avibench_protocol::Folder;
use serde::{Deserialize, Serialize};

use crate::{
    Completeness, Extent, FolderVerdicts, ScoreKey, Tally, Verdict, VerdictOutcome, score_folders,
};

/// What became of the formal samples of a task, and of its checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountCoverage {
    /// Formal samples of the dataset. (Whether they were asked, `extent` of [`TaskCoverage`] says.)
    pub asked: usize,
    /// Formal samples whose answer was judged, be it an empty text; void ones left out. 0 in reports of
    /// earlier versions.
    #[serde(default)]
    pub judged: usize,
    /// Formal samples that were asked and have no answer, or none that can be used.
    pub missing: usize,
    /// Formal samples that the run planned and has not asked.
    #[serde(default)]
    pub not_asked: usize,
    /// Formal samples outside the part that the run planned.
    #[serde(default)]
    pub not_planned: usize,
    /// Formal samples whose answer has not the form that the task asks for; part of `judged`.
    pub unread: usize,
    /// Formal samples that were right until the check of their id was wrong; part of `judged`.
    pub zeroed: usize,
    /// Samples, checks among them, that the benchmark left without question or answer.
    pub void: usize,
    /// Formal samples that count in the score.
    pub counted: usize,
    /// Checks of the dataset, void ones among them.
    pub checks: usize,
    /// Checks without an answer.
    pub checks_missing: usize,
}

/// The headline of a task under the two extreme readings of unanswered samples, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// If every unanswered sample counts as wrong.
    pub unanswered_wrong: Option<f64>,
    /// If unanswered samples are left out.
    pub unanswered_left_out: Option<f64>,
    /// If every sample that was not yet asked were right and its check, too, and all others that
    /// are unanswered wrong; null where everything was asked.
    #[serde(default)]
    pub not_asked_right: Option<f64>,
}

/// Coverage and bounds of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCoverage {
    /// Key in score files.
    pub key: String,
    /// The counts.
    #[serde(flatten)]
    pub counts: CountCoverage,
    /// The bounds; null where there is no score.
    pub bounds: Bounds,
    /// Samples that were planned and asked, checks included; null in reports from before it was
    /// counted.
    #[serde(default)]
    pub extent: Option<Extent>,
    /// What the score rests on; null in reports from before it was told.
    #[serde(default)]
    pub completeness: Option<Completeness>,
}

/// Coverage of every task of `verdicts`, those without a score included, in the order of score
/// files. What a wrong answer costs stands in the `strict` verdicts on the same samples, in which
/// nothing is left out.
#[must_use]
pub fn coverage(verdicts: &[FolderVerdicts], strict: &[FolderVerdicts]) -> Vec<TaskCoverage> {
    let scoring = score_folders(verdicts);
    let scored = scoring.scores.iter().map(|(key, _)| *key);
    let unscored = scoring.unscored.iter().map(|(task, _)| ScoreKey::Task(*task));
    let mut keys: Vec<ScoreKey> = scored.chain(unscored).collect();
    keys.sort_by_key(|key| ScoreKey::ALL.iter().position(|known| known == key));
    keys.into_iter().map(|key| of_task(key, verdicts, strict)).collect()
}

fn of_task(key: ScoreKey, verdicts: &[FolderVerdicts], strict: &[FolderVerdicts]) -> TaskCoverage {
    let pooled = |folder: Folder| match key {
        ScoreKey::Task(task) => folder.task() == task,
        ScoreKey::Half(half) => folder == half,
    };
    let mut counts = CountCoverage::default();
    let mut extent = Extent::default();
    let mut is_unscored = false;
    let mut wrong = Tally::new(key.family());
    let mut left_out = wrong;
    let mut diversity = None;
    for folder in verdicts.iter().filter(|verdicts| pooled(verdicts.folder)) {
        diversity.get_or_insert(folder.diversity);
        extent += folder.extent;
        is_unscored |= folder.unscored.is_some();
        let strict = strict.iter().find(|strict| strict.folder == folder.folder);
        for (index, verdict) in folder.records.iter().enumerate() {
            counts.add(verdict);
            if !matches!(verdict.outcome, VerdictOutcome::Missing | VerdictOutcome::NotAsked) {
                if let Some(parts) = &verdict.parts {
                    left_out.add(1.0, parts);
                    wrong.add(1.0, parts);
                }
            } else if let Some(parts) = strict
                .and_then(|strict| strict.records.get(index))
                .and_then(|strict| strict.parts.as_ref())
            {
                wrong.add(1.0, parts);
            }
        }
    }
    let completeness = extent.completeness();
    let has_score = !is_unscored && completeness != Completeness::Untouched;
    let headline = |tally: &Tally| {
        let diversity = diversity.filter(|_| has_score)?;
        tally.score(diversity).map(|score| score.headline())
    };
    let strict: Vec<FolderVerdicts> =
        strict.iter().filter(|folder| pooled(folder.folder)).cloned().collect();
    let most = score_folders(&strict).bases.first().and_then(|basis| basis.at_most);
    let bounds = Bounds {
        unanswered_wrong: headline(&wrong),
        unanswered_left_out: headline(&left_out),
        not_asked_right: most.filter(|_| has_score),
    };
    TaskCoverage {
        key: key.name(),
        counts,
        bounds,
        extent: Some(extent),
        completeness: Some(completeness),
    }
}

impl TaskCoverage {
    /// Whether a folder belongs to the task, or is the half that stands for it.
    #[must_use]
    pub fn covers(&self, folder: Folder) -> bool {
        folder.task().key() == self.key || folder.name().eq_ignore_ascii_case(&self.key)
    }
}

impl CountCoverage {
    fn add(&mut self, verdict: &Verdict) {
        let is = usize::from;
        self.void += is(verdict.outcome == VerdictOutcome::Void);
        let missing = verdict.outcome == VerdictOutcome::Missing;
        let not_asked = verdict.outcome == VerdictOutcome::NotAsked;
        if verdict.is_check {
            self.checks += 1;
            self.checks_missing += is(missing || not_asked);
            return;
        }
        self.asked += 1;
        self.missing += is(missing);
        self.not_asked += is(not_asked);
        self.not_planned += is(verdict.outcome == VerdictOutcome::NotPlanned);
        self.judged += is(verdict.outcome.is_answered());
        self.unread += is(verdict.outcome == VerdictOutcome::Unread);
        self.zeroed += is(verdict.outcome == VerdictOutcome::Zeroed);
        self.counted += is(verdict.parts.is_some());
    }
}
