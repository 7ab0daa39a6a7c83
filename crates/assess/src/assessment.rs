//! The verdicts on one label's answers.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Record};
use avibench_results::{CaptionModelsReport, DataHash, Divergences, ScoringMode};
use avibench_score::FolderVerdicts;
use avibench_store::Label;

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
    /// The models that rated captions, if any did.
    pub caption_models: Option<CaptionModelsReport>,
    /// Formatted answers of the folders that were judged.
    pub refined: BTreeMap<Folder, Vec<Option<Record>>>,
    /// What earlier commands recorded.
    pub recorded: LabelRecords,
    /// Tasks with a folder that could not be judged.
    pub unscored: Vec<UnscoredTask>,
    /// Whether anything was answered at all.
    pub has_answers: bool,
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
            caption_models: None,
            refined: BTreeMap::new(),
            recorded: LabelRecords::default(),
            unscored: Vec::new(),
            has_answers: false,
            notes: Vec::new(),
        }
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
