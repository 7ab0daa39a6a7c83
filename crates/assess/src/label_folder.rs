//! One folder of a label: what its files hold, and the verdicts on its answers.

use std::path::{Path, PathBuf};

use avibench_protocol::{FolderData, Record};
use avibench_results::Divergences;
use avibench_score::{
    Attempts, Captions, FolderVerdicts, Plan, divergence, judge_official, judge_strict,
};
use avibench_store::{Asked, AskedFolder, JournalError, JournalText, read_predictions};
use serde::de::IgnoredAny;

use crate::recorded::{FolderRecords, RunRecords};
use crate::{FolderProvenance, UnscoredReason};

/// What the files of a label hold of one folder.
pub(crate) struct LabelFolder<'a> {
    pub(crate) data: &'a FolderData,
    /// The file of formatted answers.
    pub(crate) path: PathBuf,
    /// Formatted answers by position.
    pub(crate) slots: Vec<Option<Record>>,
    pub(crate) attempts: Attempts,
    /// How many answers of the run are not formatted.
    pub(crate) unformatted: usize,
    pub(crate) records: FolderRecords,
    has_file: bool,
}

/// The verdicts on a folder, and why the modes differ.
pub(crate) struct JudgedFolder {
    pub(crate) official: FolderVerdicts,
    pub(crate) strict: FolderVerdicts,
    pub(crate) divergences: Divergences,
}

impl<'a> LabelFolder<'a> {
    /// Reads what the run and the formatted answers in `refined`, the label's folder of them, tell.
    pub(crate) fn read(
        data: &'a FolderData,
        refined: &Path,
        run: &Asked,
    ) -> Result<Self, UnscoredReason> {
        let folder = data.folder;
        let path = refined.join("tasks").join(format!("{folder}.json"));
        let has_file = path.exists();
        let slots = if has_file { read_predictions(&path)? } else { Vec::new() };
        let (asked, run) = of_run(data, run);
        let plan = asked.planned.map_or(Plan::Whole, Plan::First);
        let attempts = Attempts::new(&data.samples, &slots, plan, |at| asked.was_asked(at, &slots));
        let unformatted = asked.unformatted(data, &slots);
        let provenance = FolderProvenance::of(&slots, refined, folder);
        let records = FolderRecords { run, provenance };
        Ok(Self { data, path, slots, attempts, unformatted, records, has_file })
    }

    /// Whether there is anything to judge.
    pub(crate) fn check(&self) -> Result<(), UnscoredReason> {
        if !self.has_file {
            let expected = self.path.clone();
            if self.unformatted > 0 {
                return Err(UnscoredReason::NotFormatted { count: self.unformatted, expected });
            }
            // Of a task in two halves, the half that was not asked counts where the other was.
            if self.data.folder.task().folders().len() == 1 {
                return Err(UnscoredReason::NoPredictions { expected });
            }
        }
        Ok(())
    }

    /// Official and strict verdicts; captions are rated for each of the modes.
    pub(crate) fn judge(&self, [official, strict]: [Captions<'_>; 2]) -> JudgedFolder {
        let Self { data, slots, attempts, .. } = self;
        let samples = &data.samples;
        let official = judge_official(data.folder, samples, slots, official).of_attempts(attempts);
        let strict = judge_strict(data.folder, samples, slots, attempts, strict);
        let reasons = divergence(&official, &strict, samples, slots);
        let divergences = Divergences::new(data.folder, &reasons);
        JudgedFolder { official, strict, divergences }
    }
}

/// What the run asked of a folder, and what its journal says.
fn of_run(data: &FolderData, run: &Asked) -> (AskedFolder, Result<RunRecords, JournalError>) {
    let unreadable =
        |error| (run.folder_by::<IgnoredAny>(data, Err(&error)), Err::<RunRecords, _>(error));
    let text = match run.journal(data.folder) {
        Ok(text) => text,
        Err(error) => return unreadable(error),
    };
    match text.as_ref().map(JournalText::lines::<IgnoredAny>).transpose() {
        Ok(lines) => {
            let asked = run.folder_by(data, Ok(lines.as_deref()));
            (asked, Ok(RunRecords::new(&lines.unwrap_or_default(), data.samples.len())))
        }
        Err(error) => unreadable(error),
    }
}
