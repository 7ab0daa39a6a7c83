//! One row a sample and mode, before it is written: references to what is known of the sample.

use std::borrow::Cow;

use avibench_answers::Provenance;
use avibench_protocol::{Folder, Position, Stimulus};
use avibench_reading::Reading;
use avibench_score::{
    CaptionMeasure, CaptionParts, Completeness, FolderVerdicts, Parts, Verdict, VerdictOutcome,
    task_extent,
};
use avibench_store::{AnswerOrigin, AskOutcome};

use crate::{ScoringMode, Usage};

/// The texts of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts<'a> {
    /// The question's own text, without prompt and options.
    pub question: Option<&'a str>,
    /// The options as a JSON array.
    pub options: Option<String>,
    /// The ground truth: the label itself, or JSON where it is no text.
    pub truth: Option<Cow<'a, str>>,
    /// The answer as the model wrote it.
    pub raw_answer: Option<&'a str>,
    /// The answer in the format that official scoring reads.
    pub refined_answer: Option<&'a str>,
    /// What the model thought before it answered.
    pub reasoning: Option<&'a str>,
}

/// What is known of a sample beside its verdict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About<'a> {
    /// The run's label.
    pub label: &'a str,
    /// Version and commit of the program that scores.
    pub program: &'a str,
    /// The sample's id as the dataset writes it.
    pub id: &'a str,
    /// Kind of question within the folder, if the dataset names it.
    pub subtask: Option<&'a str>,
    /// The stimulus, if it was generated.
    pub stimulus: Option<&'a Stimulus>,
    /// What the answer says by a careful reading, in strict scoring.
    pub reading: Option<&'a Reading>,
    /// How asking ended; `None` for what was not planned.
    pub ask_outcome: Option<AskOutcome>,
    /// Whom the answer is of, if a journal tells.
    pub origin: Option<&'a AnswerOrigin>,
    /// How the answer came into its format.
    pub provenance: Option<&'a Provenance>,
    /// Why the model stopped, in the server's word.
    pub finish_reason: Option<&'a str>,
    /// The texts, if they are wanted.
    pub texts: Option<&'a Texts<'a>>,
    /// What asking it took, where the run recorded it.
    pub usage: Option<&'a Usage>,
    /// AVC: probabilities of the fluency errors, in the order of
    /// [`SampleRow::p_add_tail`](crate::SampleRow::p_add_tail) and those after it.
    pub fluency: Option<&'a [f64; 6]>,
}

/// One sample in one mode. The columns of both files are read from it, so that rows need no copies
/// of texts.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// `official` or `strict`.
    pub(crate) mode: ScoringMode,
    /// The folder.
    pub(crate) folder: Folder,
    /// The id that the sample shares with its checks.
    pub(crate) cluster: &'a str,
    /// The verdict.
    pub(crate) verdict: &'a Verdict,
    /// What else is known.
    pub(crate) about: About<'a>,
}

/// The rows of all folders of tasks that were asked, in one mode, in the order of folders and
/// positions. `about` is asked
/// once a sample.
pub fn rows<'a>(
    mode: ScoringMode,
    verdicts: &'a [FolderVerdicts],
    about: impl Fn(Folder, Position) -> About<'a>,
) -> impl Iterator<Item = Row<'a>> {
    // A task of which nothing was asked has no rows.
    let was_asked = |folder: &&FolderVerdicts| {
        task_extent(verdicts, folder.folder.task()).completeness() != Completeness::Untouched
    };
    let records = verdicts
        .iter()
        .filter(was_asked)
        .flat_map(|folder| folder.records.iter().map(move |verdict| (folder, verdict)));
    records.map(move |(of, verdict)| Row {
        mode,
        folder: of.folder,
        cluster: of.clusters.get(verdict.cluster.0).map_or("", String::as_str),
        verdict,
        about: about(of.folder, verdict.position),
    })
}

impl Row<'_> {
    /// The statistics of the verdict. What was never asked has nothing to show, even where it
    /// counts as wrong.
    pub(crate) fn parts(&self) -> Option<&Parts> {
        self.verdict.parts.as_ref().filter(|_| self.verdict.outcome != VerdictOutcome::NotAsked)
    }

    /// The statistics of a caption that was given, if this measure rated it: without a caption there
    /// is nothing that could be similar or faulty.
    pub(crate) fn caption(&self, measure: CaptionMeasure) -> Option<&CaptionParts> {
        match self.parts() {
            Some(Parts::Caption(parts)) if self.verdict.outcome != VerdictOutcome::Missing => {
                Some(parts).filter(|parts| parts.measure == measure)
            }
            _ => None,
        }
    }

    /// The rating of a caption by this measure, 0 where no caption was given.
    pub(crate) fn caption_rating(&self, measure: CaptionMeasure) -> Option<f64> {
        match self.parts()? {
            Parts::Caption(parts) => (parts.measure == measure).then_some(parts.rating),
            _ => None,
        }
    }

    /// The probability of one of the fluency errors.
    pub(crate) fn fluency(&self, kind: usize) -> Option<f64> {
        self.about.fluency.map(|probabilities| probabilities[kind])
    }
}
