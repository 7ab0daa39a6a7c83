//! What the run of a label planned and asked, as the files that it left tell.

use std::collections::HashSet;
use std::path::PathBuf;

use avibench_protocol::{Folder, FolderData, Position, Record};

use crate::{AskOutcome, Label, Manifest, read_answers, read_journal};

/// The files of a label's run.
#[derive(Debug)]
pub struct Asked {
    directory: PathBuf,
    manifest: Option<Manifest>,
}

/// What a run planned and asked of one folder.
#[derive(Debug)]
pub struct AskedFolder {
    /// How many samples were planned, from the beginning of the file and void ones left out;
    /// `None` is all of them.
    pub planned: Option<usize>,
    /// The answers, those included that only the journal holds.
    pub answers: Vec<Option<Record>>,
    /// Samples with a line in the journal; `None` without a journal that can be read.
    journaled: Option<HashSet<Position>>,
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
        Self { directory, manifest }
    }

    /// What was planned and asked of a folder.
    #[must_use]
    pub fn folder(&self, data: &FolderData) -> AskedFolder {
        let path = self.directory.join("journal").join(format!("{}.jsonl", data.folder));
        let journal = if path.exists() { read_journal(&path).ok() } else { None };
        let journaled = journal.map(|journal| {
            let is_of_data =
                |at: Position, id: &str| data.samples.get(at.0).is_some_and(|s| s.id == id);
            let asked = journal.entries.iter().filter(|entry| {
                entry.outcome != AskOutcome::NotAttempted && is_of_data(entry.position, &entry.id)
            });
            asked.map(|entry| entry.position).collect()
        });
        let answers = read_answers(&self.directory, data.folder, &data.samples).ok().flatten();
        AskedFolder { planned: self.planned(data), answers: answers.unwrap_or_default(), journaled }
    }

    /// How many samples the manifest plans, if that is a part of the folder.
    fn planned(&self, data: &FolderData) -> Option<usize> {
        let manifest = self.manifest.as_ref()?;
        let known = manifest.identity.data.get(&data.folder)?;
        let planned = manifest.folders.get(&data.folder)?.total;
        let askable = data.samples.iter().filter(|sample| !sample.is_void()).count();
        (known.sha256 == data.sha256 && planned < askable).then_some(planned)
    }

    fn plans(&self, folder: Folder) -> bool {
        self.manifest.as_ref().is_some_and(|manifest| manifest.folders.contains_key(&folder))
    }
}

impl AskedFolder {
    /// Whether a sample was asked: whether the journal has a line about it or its slot an answer;
    /// without a journal, whether its slot has a record, be it a failure. `formatted` are the
    /// answers after formatting, which tell the same where the raw ones are not at hand.
    #[must_use]
    pub fn was_asked(&self, position: Position, formatted: &[Option<Record>]) -> bool {
        let record = |slots: &'_ [Option<Record>]| -> Option<bool> {
            slots.get(position.0)?.as_ref().map(Record::is_done)
        };
        let (raw, formatted) = (record(&self.answers), record(formatted));
        match &self.journaled {
            Some(asked) => asked.contains(&position) || raw == Some(true),
            None => raw.is_some() || formatted.is_some(),
        }
    }

    /// How many answers of the run `formatted` lacks; void samples are left out.
    #[must_use]
    pub fn unformatted(&self, data: &FolderData, formatted: &[Option<Record>]) -> usize {
        let is_done = |slots: &[Option<Record>], at: Position| {
            slots.get(at.0).is_some_and(|slot| slot.as_ref().is_some_and(Record::is_done))
        };
        let lacks = data.samples.iter().filter(|sample| {
            let at = sample.position;
            !sample.is_void() && is_done(&self.answers, at) && !is_done(formatted, at)
        });
        lacks.count()
    }
}

impl RunProgress {
    /// Adds a folder of which so many samples were planned and asked, unless the run had nothing to
    /// do with it.
    pub fn add(&mut self, run: &Asked, folder: Folder, planned: usize, asked: usize) {
        if run.plans(folder) || asked > 0 {
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
