//! The verdicts on one label's answers.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_reading::{RULES_VERSION, Reading};
use avibench_results::{
    CaptionRaterReport, DataHash, Divergences, EndingsReport, OriginReport, ReadingReport,
    RepeatReport, SampleCounts, ScoringMode, SequenceReport,
};
use avibench_score::{Completeness, FolderVerdicts};
use avibench_store::{AskEnding, Label, Misalignment};
use serde_json::Value;

use crate::label_folder::{JudgedFolder, LabelFolder};
use crate::recorded::FolderRecords;
use crate::{AssessNote, Fluency, LabelRecords, UnscoredTask};

/// What is known of a label's answers.
#[derive(Debug)]
pub struct Assessment {
    /// The label.
    pub label: Label,
    /// Official verdicts, in the order of folders.
    pub official: Vec<FolderVerdicts>,
    /// Strict verdicts of the same folders.
    pub strict: Vec<FolderVerdicts>,
    /// Why the modes differ, by folder.
    pub divergence: Vec<Divergences>,
    /// Hashes of the data that was scored against.
    pub data: Vec<DataHash>,
    /// Probabilities of fluency errors by position: official, strict.
    pub fluency: [Fluency; 2],
    /// What rated captions, if anything did.
    pub caption_rater: Option<CaptionRaterReport>,
    /// Whether there are models, but captions could not be rated with them.
    pub has_broken_models: bool,
    /// Answers of these folders as the model wrote them, by position, where they are text.
    pub raw: BTreeMap<Folder, Vec<Option<String>>>,
    /// What they say, by position.
    pub readings: BTreeMap<Folder, Vec<Option<Reading>>>,
    /// How they were read.
    pub reading: ReadingReport,
    /// Formatted answers of the folders that were judged, by position, where they are text.
    pub refined: BTreeMap<Folder, Vec<Option<String>>>,
    /// How asking ended, by folder and in all.
    pub outcomes: EndingsReport,
    /// The same of formal samples.
    pub formal: BTreeMap<Folder, SampleCounts>,
    /// The same of each sample, by position; `None` for what was not planned.
    pub endings: BTreeMap<Folder, Vec<Option<AskEnding>>>,
    /// Whom the answers are of.
    pub origins: OriginReport,
    /// What the run found out, if it asked in a random order until it was sure.
    pub sequence: Option<SequenceReport>,
    /// What earlier commands recorded.
    pub recorded: LabelRecords,
    /// Tasks with a folder that could not be judged.
    pub unscored: Vec<UnscoredTask>,
    /// Whether anything was answered at all, be it by nothing.
    pub has_answers: bool,
    /// What repeats of every question tell; none where each was asked once.
    pub repeats: Option<RepeatReport>,
    /// What a person should know, in the order in which it was noticed.
    pub notes: Vec<AssessNote>,
}

impl Assessment {
    /// Nothing is known yet.
    pub(crate) fn new(label: Label) -> Self {
        Self {
            label,
            official: Vec::new(),
            strict: Vec::new(),
            divergence: Vec::new(),
            data: Vec::new(),
            fluency: [Fluency::default(), Fluency::default()],
            caption_rater: None,
            has_broken_models: false,
            raw: BTreeMap::new(),
            readings: BTreeMap::new(),
            reading: ReadingReport {
                rules_version: RULES_VERSION,
                folders: Vec::new(),
                boxes: None,
            },
            refined: BTreeMap::new(),
            outcomes: EndingsReport::default(),
            formal: BTreeMap::new(),
            endings: BTreeMap::new(),
            origins: OriginReport::default(),
            sequence: None,
            recorded: LabelRecords::default(),
            unscored: Vec::new(),
            has_answers: false,
            repeats: None,
            notes: Vec::new(),
        }
    }

    /// Adds a folder that was judged; `said` is what the models said about captions. Gives what is
    /// recorded of the folder.
    pub(crate) fn add(
        &mut self,
        read: LabelFolder<'_>,
        judged: JudgedFolder,
        said: Vec<String>,
    ) -> FolderRecords {
        if read.is_of_run() {
            self.outcomes.add(read.folder_endings());
            self.formal.insert(read.data.folder, read.formal_counts());
        }
        let LabelFolder { data, path, slots, unformatted, records, attempts, .. } = read;
        let (raw, readings, endings) = (read.raw, read.readings, read.endings);
        let JudgedFolder { official, strict, divergences } = judged;
        let folder = data.folder;
        if unformatted > 0 {
            self.notes.push(AssessNote::Unformatted { folder, count: unformatted });
        }
        if readings.changed > 0 {
            let count = readings.changed;
            self.notes.push(AssessNote::Changed { folder, count });
        }
        if let Some(&(first, found)) = read.without_record.first() {
            let (path, count) = (path.clone(), read.without_record.len());
            self.notes.push(AssessNote::WithoutRecord { path, count, first, found });
        }
        let unread = |sample: &Sample| Some((sample.position, sample.stimulus_defect.clone()?));
        let mut unread = data.samples.iter().filter_map(unread);
        if let Some((position, error)) = unread.next() {
            let (path, more) = (data.path.join("data.json"), unread.count());
            self.notes.push(AssessNote::Stimulus { path, position, error, more });
        }
        self.has_answers |= slots.iter().flatten().any(|record| !record.predict.is_null());
        if let Some(misalignment) = Misalignment::of(&slots, data) {
            self.notes.push(AssessNote::Misaligned { path, misalignment });
        }
        self.notes.extend(said.into_iter().map(AssessNote::Caption));
        self.notes.extend(official.warnings.iter().cloned().map(AssessNote::Record));
        if attempts.extent().completeness() != Completeness::Untouched {
            self.divergence.push(divergences);
            self.reading.folders.push(readings.report(folder));
            self.data.push(DataHash { folder, sha256: data.sha256.clone() });
        }
        self.official.push(official);
        self.strict.push(strict);
        self.raw.insert(folder, raw);
        self.endings.insert(folder, endings);
        self.readings.insert(folder, readings.readings);
        self.refined.insert(folder, slots.into_iter().map(text_of).collect());
        records
    }

    /// Whether a file of the label, the data or the caption models could not be used as it should be.
    #[must_use]
    pub fn has_defects(&self) -> bool {
        self.has_broken_models
            || self.notes.iter().any(AssessNote::is_defect)
            || self.unscored.iter().any(UnscoredTask::is_defect)
    }

    /// Counts answers by whom they are of.
    pub(crate) fn count_origins(&mut self) {
        let mut origins = Vec::new();
        for (folder, endings) in &self.endings {
            for (at, ending) in endings.iter().enumerate() {
                if ending.is_some_and(|ending| ending.outcome.has_answer()) {
                    origins.push(self.recorded.origin(*folder, Position(at)));
                }
            }
        }
        self.origins = OriginReport::of(origins, self.recorded.asking.is_some());
    }

    /// Folders that were judged.
    pub fn folders(&self) -> impl Iterator<Item = Folder> {
        self.official.iter().map(|verdicts| verdicts.folder)
    }

    /// The verdicts of a mode.
    #[must_use]
    pub fn verdicts(&self, mode: ScoringMode) -> &[FolderVerdicts] {
        match mode {
            ScoringMode::Official => &self.official,
            ScoringMode::Strict => &self.strict,
        }
    }
}

/// The answer in a slot, if it is text.
pub(crate) fn text_of(slot: Option<Record>) -> Option<String> {
    match slot?.predict {
        Value::String(text) => Some(text),
        _ => None,
    }
}
