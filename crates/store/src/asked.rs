//! What the run of a label planned and asked, as the files that it left tell.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use avibench_protocol::{Folder, FolderData, Position, Prediction, Record};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{
    AnswerOrigin, AskOutcome, Epoch, JournalError, JournalLine, JournalText, Label, Manifest,
    PredictionError, SequenceIdentity, SequenceRecord, read_predictions,
};

/// The files of a label's run.
#[derive(Debug)]
pub struct Asked {
    directory: PathBuf,
    manifest: Option<Manifest>,
    /// Whether it stopped because what it sought was known.
    knows_enough: bool,
    /// The samples that count of a random order, by folder and position.
    counted: BTreeMap<Folder, Vec<bool>>,
}

/// What a run planned and asked of one folder.
#[derive(Debug)]
pub struct AskedFolder {
    /// How many samples were planned, from the beginning of the file and void ones left out;
    /// `None` is all of them.
    pub planned: Option<usize>,
    /// Which samples were drawn at random, by position, if the run asked such a part.
    pub drawn: Option<Vec<bool>>,
    /// Which samples alone count, by position, if the run asked in a random order until it was sure.
    pub counted: Option<Vec<bool>>,
    /// What the slots hold, with the answers that only the journal has.
    slots: Vec<Slot>,
    /// What the journal says became of a sample, by position; `None` without a journal that can be
    /// read.
    journaled: Option<Vec<Option<AskOutcome>>>,
    /// Whether the journal could be read, or there is none.
    is_known: bool,
}

/// How asking a sample ended, and whether a journal says so. Without one there are answers and empty
/// answers, and nothing tells a refusal from an empty answer, or a whole answer from one that was cut
/// off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskEnding {
    /// How it ended.
    pub outcome: AskOutcome,
    /// Whether the journal of the run says so.
    pub is_recorded: bool,
}

/// What a slot of raw answers holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Slot {
    /// Nothing.
    Null,
    /// A record whose answer is null.
    Failed,
    /// A record whose answer is empty.
    Empty,
    /// A record with an answer; `None` if that is no text.
    Done(Option<String>),
}

/// How far the run of a label came, over the folders that it planned or asked.
#[derive(Debug, Default)]
pub struct RunProgress(Vec<FolderProgress>);

#[derive(Debug, Clone, Copy)]
struct FolderProgress {
    folder: Folder,
    planned: usize,
    asked: usize,
}

impl Asked {
    /// The run of the label whose folder is `directory`. A manifest that cannot be read tells
    /// nothing; that it is damaged is said where other records are read.
    #[must_use]
    pub fn read(directory: PathBuf) -> Self {
        let manifest = Manifest::read(&directory).ok().flatten();
        let sought = manifest.as_ref().and_then(|manifest| manifest.identity.sequence.as_ref());
        let record = sought.and_then(|_| SequenceRecord::read(&directory).ok()?);
        let knows_enough = record.is_some_and(|record| record.counted.is_some());
        Self { directory, manifest, knows_enough, counted: BTreeMap::new() }
    }

    /// What decided the random order in which the run asked, if it did.
    #[must_use]
    pub fn sequence(&self) -> Option<&SequenceIdentity> {
        self.manifest.as_ref()?.identity.sequence.as_ref()
    }

    /// Whether the run stopped because what it sought was known: the other samples need not be asked.
    #[must_use]
    pub const fn knows_enough(&self) -> bool {
        self.knows_enough
    }

    /// The same run, of which only these samples count, by folder and position.
    #[must_use]
    pub fn counting(self, counted: impl IntoIterator<Item = (Folder, Vec<bool>)>) -> Self {
        Self { counted: counted.into_iter().collect(), ..self }
    }

    /// How often every question is asked; once without a manifest.
    #[must_use]
    pub fn planned_epochs(&self) -> u32 {
        self.manifest.as_ref().map_or(1, Manifest::planned_epochs)
    }

    /// The journal of a folder; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn journal(&self, folder: Folder) -> Result<Option<JournalText>, JournalError> {
        JournalText::read(&self.directory.join("journal").join(format!("{folder}.jsonl")))
    }

    /// What was planned and asked of a folder, in the first epoch.
    #[must_use]
    pub fn folder(&self, data: &FolderData) -> AskedFolder {
        let text = match self.journal(data.folder) {
            Ok(text) => text,
            Err(error) => return self.folder_by::<IgnoredAny>(data, Err(&error)),
        };
        let lines = text.as_ref().map(JournalText::lines::<IgnoredAny>).transpose();
        self.folder_by(data, lines.as_ref().map(|lines| lines.as_ref().map(|of| &*of.lines)))
    }

    /// The same by the lines of the folder's journal, which were read before: `None` if there is no
    /// journal, an error if it cannot be read.
    #[must_use]
    pub fn folder_by<N>(
        &self,
        data: &FolderData,
        lines: Result<Option<&[JournalLine<'_, N>]>, &JournalError>,
    ) -> AskedFolder {
        let samples = &data.samples;
        let of_data = |line: &&JournalLine<'_, N>| {
            samples.get(line.position.0).is_some_and(|sample| sample.id == line.id())
        };
        let is_known = lines.is_ok();
        let journaled =
            lines.ok().flatten().map(|lines| outcomes(samples.len(), lines.iter().filter(of_data)));
        let lines = lines.ok().map(|lines| lines.unwrap_or_default().iter().filter(of_data));
        AskedFolder {
            planned: self.planned(data),
            drawn: self.drawn(data),
            counted: self.counted.get(&data.folder).cloned(),
            slots: lines.map_or_else(Vec::new, |lines| self.slots(data.folder, lines)),
            journaled,
            is_known,
        }
    }

    /// What was planned and asked of a folder in a further epoch, by the `further` lines of its journal.
    #[must_use]
    pub fn epoch_by<N>(
        &self,
        data: &FolderData,
        epoch: Epoch,
        further: &[JournalLine<'_, N>],
    ) -> AskedFolder {
        let samples = &data.samples;
        let of_epoch = |line: &&JournalLine<'_, N>| {
            let sample = samples.get(line.position.0);
            line.epoch == epoch && sample.is_some_and(|sample| sample.id == line.id())
        };
        let mut slots = Vec::new();
        add_lines(&mut slots, further.iter().filter(of_epoch));
        AskedFolder {
            planned: self.planned(data),
            drawn: self.drawn(data),
            counted: self.counted.get(&data.folder).cloned(),
            slots,
            journaled: Some(outcomes(samples.len(), further.iter().filter(of_epoch))),
            is_known: true,
        }
    }

    /// How asking ended for each sample of a folder that was asked, and how many samples were planned
    /// and not asked, without the data set at hand. Nothing is known of the latter without a manifest.
    ///
    /// # Errors
    ///
    /// If the journal is there and cannot be read.
    pub fn endings(&self, folder: Folder) -> Result<Vec<AskEnding>, JournalError> {
        let ended = self.ended(folder)?;
        let mut endings: Vec<AskEnding> = ended.into_iter().map(|(ending, _)| ending).collect();
        let planned = self.manifest.as_ref().and_then(|manifest| manifest.folders.get(&folder));
        let planned = planned.map_or(0, |tally| tally.total);
        let open = AskEnding { outcome: AskOutcome::NotAttempted, is_recorded: true };
        endings.extend((endings.len()..planned).map(|_| open));
        Ok(endings)
    }

    /// Whom the answers of a folder are of, without the data set at hand: one for each answer, `None`
    /// where no journal tells.
    ///
    /// # Errors
    ///
    /// If the journal is there and cannot be read.
    pub fn origins(&self, folder: Folder) -> Result<Vec<Option<AnswerOrigin>>, JournalError> {
        let answered = self.ended(folder)?.into_iter();
        let answered = answered.filter(|(ending, _)| ending.outcome.has_answer());
        Ok(answered.map(|(_, origin)| origin).collect())
    }

    /// How asking ended for each sample of a folder that was asked, in their order, and whom its answer
    /// is of.
    fn ended(
        &self,
        folder: Folder,
    ) -> Result<Vec<(AskEnding, Option<AnswerOrigin>)>, JournalError> {
        let text = self.journal(folder)?;
        let found = text.as_ref().map(JournalText::lines::<IgnoredAny>).transpose()?;
        let lines = found.as_ref().map_or(&[][..], |found| &found.lines);
        let places = lines.iter().map(|line| line.position.0 + 1).max().unwrap_or(0);
        let mut origins = self.origins_in(lines, places);
        let mut journaled: Vec<Option<AskOutcome>> = vec![None; places];
        for line in lines.iter().filter(|line| line.outcome != AskOutcome::NotAttempted) {
            let known = &mut journaled[line.position.0];
            *known = Some(AskOutcome::standing(*known, line.outcome));
        }
        let of_run = AskedFolder {
            planned: None,
            drawn: None,
            counted: None,
            slots: self.slots(folder, lines.iter()),
            journaled: found.is_some().then_some(journaled),
            is_known: true,
        };
        let ended = (0..of_run.slots.len().max(places)).filter_map(|at| {
            let origin = origins.get_mut(at).and_then(Option::take);
            Some((of_run.ending(Position(at), &[])?, origin))
        });
        Ok(ended.collect())
    }

    /// Whom the answers in the lines of a folder's journal are of, by position, of which there are
    /// `places`: of several lines about a sample the one that stands counts.
    #[must_use]
    pub fn origins_in<N>(
        &self,
        lines: &[JournalLine<'_, N>],
        places: usize,
    ) -> Vec<Option<AnswerOrigin>> {
        let mut origins = vec![None; places];
        let mut outcomes: Vec<Option<AskOutcome>> = vec![None; places];
        for line in lines.iter().filter(|line| line.outcome != AskOutcome::NotAttempted) {
            let Some(known) = outcomes.get_mut(line.position.0) else { continue };
            if AskOutcome::standing(*known, line.outcome) == line.outcome {
                *known = Some(line.outcome);
                let origin = line.outcome.has_answer().then(|| self.origin(line));
                origins[line.position.0] = origin;
            }
        }
        origins
    }

    /// The raw answers, as [`read_answers`](crate::read_answers) puts them together from the file
    /// and the journal's `lines` about samples of the data; none if the file cannot be read.
    fn slots<'a, N: 'a>(
        &self,
        folder: Folder,
        lines: impl Iterator<Item = &'a JournalLine<'a, N>>,
    ) -> Vec<Slot> {
        let of_record = |slot: Option<Record>| match slot {
            None => Slot::Null,
            Some(record) if record.is_done() => Slot::Done(match record.predict {
                Value::String(text) => Some(text),
                _ => None,
            }),
            Some(record) if record.predict.is_null() => Slot::Failed,
            Some(_) => Slot::Empty,
        };
        let path = self.directory.join("tasks").join(format!("{folder}.json"));
        let mut slots: Vec<Slot> = match read_predictions(&path) {
            Ok(records) => records.into_iter().map(of_record).collect(),
            Err(PredictionError::File(error)) if error.source.kind() == ErrorKind::NotFound => {
                Vec::new()
            }
            Err(_) => return Vec::new(),
        };
        add_lines(&mut slots, lines);
        slots
    }

    /// How many samples the manifest plans, if that is a part of the folder.
    fn planned(&self, data: &FolderData) -> Option<usize> {
        let manifest = self.manifest.as_ref()?;
        let known = manifest.identity.data.get(&data.folder)?;
        if manifest.identity.shard.is_some() {
            // A shard's samples stand in all parts of the file.
            return None;
        }
        let planned = manifest.folders.get(&data.folder)?.total;
        let askable = data.samples.iter().filter(|sample| !sample.is_void()).count();
        (known.sha256 == data.sha256 && planned < askable).then_some(planned)
    }

    /// The part of the folder that the manifest says was drawn at random.
    fn drawn(&self, data: &FolderData) -> Option<Vec<bool>> {
        let identity = &self.manifest.as_ref()?.identity;
        let known = identity.data.get(&data.folder)?;
        let subset = identity.subset.filter(|_| known.sha256 == data.sha256)?;
        Some(subset.of(data.folder, &data.samples))
    }

    /// Whom the answer in a line of the run's journal is of, and how its question was delivered.
    fn origin<N>(&self, line: &JournalLine<'_, N>) -> AnswerOrigin {
        let packing = line.profile().map(str::to_owned);
        let Some(manifest) = &self.manifest else {
            let model = line.model().map(str::to_owned);
            return AnswerOrigin { model, packing, prompt_pack: None };
        };
        let origin = manifest.origin_at(line.time, line.shard);
        AnswerOrigin { packing: packing.or_else(|| origin.packing.clone()), ..origin }
    }

    /// Whether the manifest says that the run had nothing to do with a folder; without one nobody
    /// knows.
    #[must_use]
    pub fn leaves_out(&self, folder: Folder) -> bool {
        self.manifest.is_some() && !self.plans(folder)
    }

    /// Whether the manifest says that the run had to do with a folder.
    #[must_use]
    pub fn plans(&self, folder: Folder) -> bool {
        self.manifest.as_ref().is_some_and(|manifest| manifest.folders.contains_key(&folder))
    }
}

/// How asking ended by the lines of a journal, which are about these many samples.
fn outcomes<'a, N: 'a>(
    samples: usize,
    lines: impl Iterator<Item = &'a JournalLine<'a, N>>,
) -> Vec<Option<AskOutcome>> {
    let mut outcomes = vec![None; samples];
    for line in lines.filter(|line| line.outcome != AskOutcome::NotAttempted) {
        let known = &mut outcomes[line.position.0];
        *known = Some(AskOutcome::standing(*known, line.outcome));
    }
    outcomes
}

/// Adds the answers in the lines of a journal to slots that have none.
fn add_lines<'a, N: 'a>(
    slots: &mut Vec<Slot>,
    lines: impl Iterator<Item = &'a JournalLine<'a, N>>,
) {
    let is_done = |slot: &Slot| matches!(slot, Slot::Done(_));
    let saved: Vec<bool> = slots.iter().map(is_done).collect();
    for line in lines {
        let Some(answer) = line.prediction() else { continue };
        let position = line.position.0;
        if slots.len() <= position {
            slots.resize(position + 1, Slot::Null);
        }
        let adds = !answer.is_empty() || slots[position] == Slot::Null;
        if adds && saved.get(position) != Some(&true) {
            slots[position] = match answer {
                "" => Slot::Empty,
                answer => Slot::Done(Some(answer.to_owned())),
            };
        }
    }
}

impl AskedFolder {
    /// Whether it is known what was asked: the journal can be read, or there is none. One of a newer
    /// version cannot be read, and says nothing of how far the run came.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.is_known
    }

    /// How asking a sample ended; `None` if it was not asked. A sample was asked if the journal has a
    /// line about it or its slot an answer; without a journal, if its slot has a record, be it a
    /// failure. `formatted` are the answers after formatting, which tell the same where the raw ones
    /// are not at hand.
    #[must_use]
    pub fn ending(&self, position: Position, formatted: &[Option<Record>]) -> Option<AskEnding> {
        let recorded = self.journaled.as_ref().and_then(|journaled| *journaled.get(position.0)?);
        let by_slot = |outcome| Some(AskEnding { outcome, is_recorded: false });
        let raw = self.slots.get(position.0).unwrap_or(&Slot::Null);
        match (recorded, raw) {
            // Another program answered what this one had not.
            (Some(outcome), Slot::Done(_)) if !outcome.has_answer() => {
                by_slot(AskOutcome::Answered)
            }
            (Some(outcome), _) => Some(AskEnding { outcome, is_recorded: true }),
            (None, Slot::Done(_)) => by_slot(AskOutcome::Answered),
            (None, Slot::Empty) if self.journaled.is_none() => by_slot(AskOutcome::Empty),
            (None, Slot::Failed) if self.journaled.is_none() => by_slot(AskOutcome::Failed),
            (None, _) => {
                let record = formatted.get(position.0)?.as_ref()?;
                match record.prediction() {
                    Prediction::Text("") => by_slot(AskOutcome::Empty),
                    Prediction::Text(_) | Prediction::Unusable(_) => by_slot(AskOutcome::Answered),
                    Prediction::Missing if self.journaled.is_none() => by_slot(AskOutcome::Failed),
                    Prediction::Missing => None,
                }
            }
        }
    }

    /// The answers as the model wrote them, by position, those included that only the journal holds;
    /// `None` where there is none, or none that is text.
    #[must_use]
    pub fn into_answers(self) -> Vec<Option<String>> {
        let answer = |slot| match slot {
            Slot::Done(text) => text,
            Slot::Null | Slot::Failed | Slot::Empty => None,
        };
        self.slots.into_iter().map(answer).collect()
    }

    /// How many answers of the run `formatted` lacks; void samples are left out.
    #[must_use]
    pub fn unformatted(&self, data: &FolderData, formatted: &[Option<Record>]) -> usize {
        let is_formatted =
            |at: usize| formatted.get(at).is_some_and(|r| r.as_ref().is_some_and(Record::is_done));
        let lacks = data.samples.iter().filter(|sample| {
            let at = sample.position.0;
            matches!(self.slots.get(at), Some(Slot::Done(_)))
                && !is_formatted(at)
                && !sample.is_void()
        });
        lacks.count()
    }
}

impl RunProgress {
    /// Adds a folder of which so many samples were planned and asked, unless the run had nothing to
    /// do with it.
    pub fn add(&mut self, run: &Asked, folder: Folder, planned: usize, asked: usize) {
        if (run.plans(folder) || asked > 0) && !run.knows_enough() {
            self.0.push(FolderProgress { folder, planned, asked });
        }
    }

    /// What there is to say of a run that has not asked everything that it planned.
    #[must_use]
    pub fn unfinished(&self, label: &Label) -> Option<String> {
        let begun = self.0.iter().filter(|f| 0 < f.asked && f.asked < f.planned);
        let begun: Vec<String> =
            begun.map(|f| format!("{} {}/{}", f.folder, f.asked, f.planned)).collect();
        let untouched = self.0.iter().filter(|f| f.asked == 0 && f.planned > 0);
        let untouched: Vec<&str> = untouched.map(|f| f.folder.name()).collect();
        if begun.is_empty() && untouched.is_empty() {
            return None;
        }
        let asked: usize = self.0.iter().map(|f| f.asked).sum();
        let planned: usize = self.0.iter().map(|f| f.planned).sum();
        let mut text = format!(
            "the run of `{label}` is unfinished: {asked} of {planned} planned samples were asked"
        );
        for (what, names) in [("begun", begun.join(", ")), ("not yet", untouched.join(", "))] {
            if !names.is_empty() {
                text = format!("{text}; {what}: {names}");
            }
        }
        text.push_str(". The same `avibench run` goes on where it stopped");
        Some(text)
    }
}
