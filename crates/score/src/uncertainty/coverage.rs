//! What was asked and answered, and what the unanswered samples could change.

use avibench_protocol::Folder;
use serde::{Deserialize, Serialize};

use crate::{FolderVerdicts, Outcome, ScoreKey, Tally, Verdict, score_folders};

/// What became of the formal samples of a task, and of its checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountCoverage {
    /// Formal samples of the dataset.
    pub asked: usize,
    /// Formal samples with an answer that can be used, void ones left out.
    pub answered: usize,
    /// Formal samples without an answer, or with none that can be used.
    pub missing: usize,
    /// Formal samples whose answer has not the form that the task asks for; part of `answered`.
    pub unread: usize,
    /// Formal samples that were right until the check of their id was wrong; part of `answered`.
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
}

/// Coverage and bounds of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCoverage {
    /// Key in score files.
    pub key: String,
    /// The counts.
    #[serde(flatten)]
    pub counts: CountCoverage,
    /// The bounds.
    pub bounds: Bounds,
}

/// Coverage of every scored task of `verdicts`, in the order of score files. What a wrong answer
/// costs stands in the `strict` verdicts on the same samples, in which nothing is left out.
#[must_use]
pub fn coverage(verdicts: &[FolderVerdicts], strict: &[FolderVerdicts]) -> Vec<TaskCoverage> {
    score_folders(verdicts).scores.iter().map(|(key, _)| of_task(*key, verdicts, strict)).collect()
}

fn of_task(key: ScoreKey, verdicts: &[FolderVerdicts], strict: &[FolderVerdicts]) -> TaskCoverage {
    let pooled = |folder: Folder| match key {
        ScoreKey::Task(task) => folder.task() == task,
        ScoreKey::Half(half) => folder == half,
    };
    let mut counts = CountCoverage::default();
    let (mut wrong, mut left_out) = (Tally::default(), Tally::default());
    let mut form = None;
    for folder in verdicts.iter().filter(|verdicts| pooled(verdicts.folder)) {
        form.get_or_insert((folder.folder.family(), folder.diversity));
        let strict = strict.iter().find(|strict| strict.folder == folder.folder);
        for (index, verdict) in folder.records.iter().enumerate() {
            counts.add(verdict);
            if verdict.outcome != Outcome::Missing {
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
    let headline = |tally: &Tally| {
        let (family, diversity) = form?;
        tally.score(family, diversity).map(|score| score.headline())
    };
    let bounds =
        Bounds { unanswered_wrong: headline(&wrong), unanswered_left_out: headline(&left_out) };
    TaskCoverage { key: key.name(), counts, bounds }
}

impl CountCoverage {
    fn add(&mut self, verdict: &Verdict) {
        let is = usize::from;
        self.void += is(verdict.outcome == Outcome::Void);
        let missing = verdict.outcome == Outcome::Missing;
        if verdict.is_check {
            self.checks += 1;
            self.checks_missing += is(missing);
            return;
        }
        self.asked += 1;
        self.missing += is(missing);
        self.answered += is(!missing && verdict.outcome != Outcome::Void);
        self.unread += is(verdict.outcome == Outcome::Unread);
        self.zeroed += is(verdict.outcome == Outcome::Zeroed);
        self.counted += is(verdict.parts.is_some());
    }
}
