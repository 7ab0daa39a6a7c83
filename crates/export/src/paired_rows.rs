//! The two rows of each sample, in the order in which an export lists them.

use std::collections::HashMap;

use avibench_protocol::{Folder, Task};
use avibench_results::{PublicOrder, SampleRow, ScoringMode, StoredRun};
use avibench_score::VerdictOutcome;

use crate::ExportForm;

/// A sample of an export.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairedRow<'a> {
    /// Its number in the export: the place in `data.json`, or a shuffled one in public forms.
    pub(crate) number: usize,
    /// The same number for all samples that share an id, counted in the order of the export.
    pub(crate) cluster: usize,
    pub(crate) official: &'a SampleRow,
    pub(crate) strict: &'a SampleRow,
}

/// How many samples of a task were never asked, and so are not among those of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NeverAsked {
    /// Planned, but the run ended before.
    pub(crate) not_asked: usize,
    /// Outside the part that the run planned.
    pub(crate) not_planned: usize,
    /// Checks that the benchmark left without a question.
    pub(crate) void_checks: usize,
}

/// The samples of a task that were asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskRows<'a> {
    pub(crate) asked: Vec<PairedRow<'a>>,
    pub(crate) never: NeverAsked,
}

impl PairedRow<'_> {
    /// Folder and number, such as `AVM-0012`.
    pub(crate) fn id(&self) -> String {
        format!("{}-{:04}", self.strict.folder, self.number)
    }

    pub(crate) fn row(&self, mode: ScoringMode) -> &SampleRow {
        match mode {
            ScoringMode::Official => self.official,
            ScoringMode::Strict => self.strict,
        }
    }
}

/// The score of a row that counts.
pub(crate) fn counted_score(row: &SampleRow) -> Option<f64> {
    row.score.filter(|score| row.counted && score.is_finite())
}

/// The rows of a mode and folder: those of a run are sorted by both, then by position.
fn rows_of(run: &StoredRun, mode: ScoringMode, folder: Folder) -> &[SampleRow] {
    let place = |row: &SampleRow| (row.mode, row.folder);
    let from = run.rows.partition_point(|row| place(row) < (mode, folder));
    let to = run.rows.partition_point(|row| place(row) <= (mode, folder));
    &run.rows[from..to]
}

/// The folder whose rows are not one a sample and mode, if there is any.
pub(crate) fn unpaired_folder(run: &StoredRun) -> Option<Folder> {
    let is_whole = |rows: &[SampleRow]| rows.iter().enumerate().all(|(at, row)| row.position == at);
    Folder::ALL.into_iter().find(|&folder| {
        let [official, strict] =
            [ScoringMode::Official, ScoringMode::Strict].map(|mode| rows_of(run, mode, folder));
        let is_same = |(one, other): (&SampleRow, &SampleRow)| {
            (one.cluster.as_str(), one.is_check, one.task)
                == (other.cluster.as_str(), other.is_check, other.task)
        };
        let is_paired = official.len() == strict.len() && official.iter().zip(strict).all(is_same);
        !is_paired || !is_whole(official) || !is_whole(strict)
    })
}

/// The samples of a task in the order of an export. The rows must be paired.
pub(crate) fn task_rows(run: &StoredRun, task: Task, form: ExportForm) -> TaskRows<'_> {
    let public = PublicOrder::of(&run.report);
    let mut found = TaskRows::default();
    for &folder in task.folders() {
        let official = rows_of(run, ScoringMode::Official, folder);
        let strict = rows_of(run, ScoringMode::Strict, folder);
        let order = match form {
            ExportForm::Private => (0..strict.len()).collect(),
            ExportForm::Public => public.positions(folder, strict.len()),
        };
        let mut clusters: HashMap<&str, usize> = HashMap::new();
        for (number, at) in order.into_iter().enumerate() {
            let (official, strict) = (&official[at], &strict[at]);
            let next = clusters.len();
            let cluster = *clusters.entry(strict.cluster.as_str()).or_insert(next);
            match strict.outcome {
                VerdictOutcome::NotAsked => found.never.not_asked += 1,
                VerdictOutcome::NotPlanned => found.never.not_planned += 1,
                VerdictOutcome::Void if strict.is_check => found.never.void_checks += 1,
                _ => found.asked.push(PairedRow { number, cluster, official, strict }),
            }
        }
    }
    found
}
