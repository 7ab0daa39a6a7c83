//! One folder of a label: what its files hold, and the verdicts on its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use avibench_protocol::{FolderData, Position, Record};
use avibench_reading::SettledConventions;
use avibench_results::{Divergences, Endings, FolderEndings, OpenConventions, SampleCounts};
use avibench_score::{
    Attempt, Attempts, Captions, FolderVerdicts, Plan, StrictAnswers, Unscored, divergence,
    judge_official, judge_strict, score_task,
};
use avibench_store::{
    AskEnding, AskOutcome, Asked, AskedFolder, Epoch, JournalError, JournalText, Predictions,
    StopNote,
};
use serde::de::IgnoredAny;

use crate::epochs::EpochFolder;
use crate::folder_readings::FolderReadings;
use crate::recorded::{FolderRecords, RunRecords};
use crate::{FolderProvenance, UnscoredReason};

/// What the files of a label hold of one folder.
pub(crate) struct LabelFolder<'a> {
    pub(crate) data: &'a FolderData,
    /// The file of formatted answers.
    pub(crate) path: PathBuf,
    /// Formatted answers by position.
    pub(crate) slots: Vec<Option<Record>>,
    /// Slots that hold no record.
    pub(crate) without_record: Vec<(Position, &'static str)>,
    pub(crate) attempts: Attempts,
    /// How asking each sample ended, by position; `None` for what was not planned.
    pub(crate) endings: Vec<Option<AskEnding>>,
    /// Whether it is known what the run asked.
    pub(crate) is_known: bool,
    /// Whether the run had to do with it.
    share: RunShare,
    /// Answers as the model wrote them, by position.
    pub(crate) raw: Vec<Option<String>>,
    /// What the answers say.
    pub(crate) readings: FolderReadings,
    /// How many answers of the run are not formatted.
    pub(crate) unformatted: usize,
    pub(crate) records: FolderRecords,
    /// Further epochs.
    pub(crate) epochs: Vec<EpochFolder>,
    has_file: bool,
}

/// What a run had to do with a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunShare {
    /// It planned or asked something of it.
    Planned,
    /// Its record says that it had nothing to do with it, and so does its journal.
    LeftOut,
    /// Nothing was asked, and there is no record that says what was planned.
    Unknown,
}

/// The verdicts on a folder, and why the modes differ.
pub(crate) struct JudgedFolder {
    pub(crate) official: FolderVerdicts,
    pub(crate) strict: FolderVerdicts,
    pub(crate) divergences: Divergences,
}

impl<'a> LabelFolder<'a> {
    /// Reads what the run and the formatted answers in `refined`, the label's folder of them, tell. With
    /// `only_asked`, what was planned and not asked does not count.
    pub(crate) fn read(
        data: &'a FolderData,
        refined: &Path,
        run: &Asked,
        only_asked: bool,
    ) -> Result<Self, UnscoredReason> {
        let folder = data.folder;
        let path = refined.join("tasks").join(format!("{folder}.json"));
        let has_file = path.exists();
        let found = if has_file { Predictions::read(&path)? } else { Predictions::default() };
        let Predictions { mut slots, without_record } = found;
        let (is_planned, is_unplanned) = (run.plans(folder), run.leaves_out(folder));
        let OfRun { asked, further, records: run } = of_run(data, run);
        let plan = match &asked.counted {
            Some(counted) => Plan::Only(counted),
            None => Plan::new(asked.planned, asked.drawn.as_deref()),
        };
        let ending = |at| asked.ending(at, &slots);
        let attempts = Attempts::new(&data.samples, &slots, plan, |at| ending(at).is_some());
        let not_attempted = AskEnding { outcome: AskOutcome::NotAttempted, is_recorded: true };
        let endings = data.samples.iter().map(|sample| match attempts.at(sample.position) {
            Attempt::NotPlanned => None,
            Attempt::NotAsked => Some(not_attempted),
            Attempt::Asked => ending(sample.position),
        });
        let endings: Vec<Option<AskEnding>> = endings.collect();
        let share = if attempts.extent().asked > 0 || is_planned {
            RunShare::Planned
        } else if is_unplanned && asked.is_known() {
            RunShare::LeftOut
        } else {
            RunShare::Unknown
        };
        let attempts = if only_asked { attempts.only_asked() } else { attempts };
        let unformatted = asked.unformatted(data, &slots);
        let is_known = asked.is_known();
        let counted = asked.counted.clone();
        let mut raw = asked.into_answers();
        if let Some(counted) = counted {
            leave_only(&mut slots, &counted);
            leave_only(&mut raw, &counted);
        }
        let mut provenance = FolderProvenance::of(&slots, refined, folder);
        let (stored, mut stored_further) = provenance.as_mut().map_or_else(
            |_| Default::default(),
            |found| (std::mem::take(&mut found.readings), std::mem::take(&mut found.further)),
        );
        let readings = FolderReadings::new(&data.samples, &raw, &slots, &stored);
        let epochs = further.into_iter().map(|(epoch, asked)| {
            let stored = stored_further.remove(&epoch).unwrap_or_default();
            EpochFolder::new(data, epoch, asked, &stored)
        });
        let epochs = epochs.collect();
        let records = FolderRecords { run, provenance };
        Ok(Self {
            data,
            path,
            slots,
            without_record,
            attempts,
            endings,
            is_known,
            share,
            raw,
            readings,
            unformatted,
            records,
            epochs,
            has_file,
        })
    }

    /// Whether the run planned or asked anything of it.
    pub(crate) fn is_of_run(&self) -> bool {
        self.share == RunShare::Planned
    }

    /// How asking ended, and what finish reasons tell beside it.
    pub(crate) fn folder_endings(&self) -> FolderEndings {
        let mut endings = Endings {
            counts: SampleCounts::of(self.endings.iter().flatten().copied()),
            ..Endings::default()
        };
        let reasons = self.records.run.as_ref().map(RunRecords::finish_reasons).unwrap_or_default();
        for (ending, reason) in self.endings.iter().zip(reasons) {
            let (Some(ending), Some(reason)) = (ending, reason) else { continue };
            match StopNote::of(ending.outcome, reason) {
                Some(StopNote::BudgetSpent) => endings.budget_spent += 1,
                Some(StopNote::UnknownReason) => {
                    let reasons = &mut endings.unknown_finish_reasons;
                    *reasons.entry(reason.clone()).or_default() += 1;
                }
                None => {}
            }
        }
        FolderEndings { folder: self.data.folder, endings }
    }

    /// How asking formal samples ended.
    pub(crate) fn formal_counts(&self) -> SampleCounts {
        let formal =
            self.data.samples.iter().zip(&self.endings).filter(|(sample, _)| !sample.is_check());
        SampleCounts::of(formal.filter_map(|(_, ending)| *ending))
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
                return Err(if self.share == RunShare::LeftOut {
                    UnscoredReason::Score(Unscored::NotAsked)
                } else {
                    UnscoredReason::NoPredictions { expected }
                });
            }
        }
        Ok(())
    }

    /// Official and strict verdicts; captions are rated for each of the modes, and `conventions` say
    /// how boxes are meant.
    pub(crate) fn judge(
        &self,
        [official, strict]: [Captions<'_>; 2],
        conventions: &SettledConventions,
    ) -> JudgedFolder {
        let Self { data, slots, attempts, readings, .. } = self;
        let samples = &data.samples;
        let official = judge_official(data.folder, samples, slots, official).of_attempts(attempts);
        let answers = StrictAnswers::new(&readings.readings, conventions);
        let strict = judge_strict(data.folder, samples, &answers, attempts, strict);
        let reasons = divergence(&official, &strict, samples, slots);
        let divergences = Divergences::new(data.folder, &reasons);
        JudgedFolder { official, strict, divergences }
    }

    /// The answers of which two conventions stay open, and what the folder scores if they are meant
    /// the less likely way; `None` if there are none.
    pub(crate) fn open_conventions(
        &self,
        conventions: &SettledConventions,
    ) -> Option<OpenConventions> {
        let Self { data, attempts, readings, .. } = self;
        let answers = StrictAnswers::new(&readings.readings, conventions);
        let open = answers.open_conventions(&data.samples);
        let other = StrictAnswers { by_other_convention: true, ..answers };
        (open > 0).then(|| {
            let captions = Captions::Rated(&[]);
            let strict = judge_strict(data.folder, &data.samples, &other, attempts, captions);
            let other_score = score_task(&[&strict]).ok().map(|score| score.headline());
            OpenConventions { task: data.folder.task(), answers: open, other_score }
        })
    }
}

/// Leaves only what is counted, by position.
fn leave_only<T>(items: &mut [Option<T>], counted: &[bool]) {
    for (at, item) in items.iter_mut().enumerate() {
        if counted.get(at) != Some(&true) {
            *item = None;
        }
    }
}

/// What the run asked of a folder.
struct OfRun {
    asked: AskedFolder,
    /// The same of further epochs.
    further: BTreeMap<Epoch, AskedFolder>,
    /// What its journal says.
    records: Result<RunRecords, JournalError>,
}

fn of_run(data: &FolderData, run: &Asked) -> OfRun {
    let unreadable = |error| OfRun {
        asked: run.folder_by::<IgnoredAny>(data, Err(&error)),
        further: BTreeMap::new(),
        records: Err(error),
    };
    let text = match run.journal(data.folder) {
        Ok(text) => text,
        Err(error) => return unreadable(error),
    };
    match text.as_ref().map(JournalText::lines::<IgnoredAny>).transpose() {
        Ok(lines) => {
            let asked = run.folder_by(data, Ok(lines.as_ref().map(|of| &*of.lines)));
            let lines = lines.unwrap_or_default();
            let epochs: BTreeSet<Epoch> = lines.further.iter().map(|line| line.epoch).collect();
            let further = epochs.into_iter();
            let further =
                further.map(|epoch| (epoch, run.epoch_by(data, epoch, &lines.further))).collect();
            let records = Ok(RunRecords::new(run, lines, data.samples.len()));
            OfRun { asked, further, records }
        }
        Err(error) => unreadable(error),
    }
}
