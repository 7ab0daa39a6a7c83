//! One row a sample and mode.

use avibench_answers::ProvenanceKind;
use avibench_protocol::{Folder, Position, Stage, Task};
use avibench_score::{
    BoxesParts, CaptionParts, Completeness, FolderVerdicts, FramesParts, InstancesParts,
    MatchParts, Parts, RankingParts, RetrievalParts, ScoringRule, Verdict, VerdictOutcome,
    task_extent,
};
use serde::{Deserialize, Serialize};

/// How a row was scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScoringMode {
    /// As the original evaluator does.
    Official,
    /// As the benchmark means to measure.
    Strict,
}

impl ScoringMode {
    /// `official` or `strict`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Strict => "strict",
        }
    }
}

/// What asking a sample took, where the run recorded it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request.
    pub tokens_in: Option<u64>,
    /// Tokens of the answer.
    pub tokens_out: Option<u64>,
    /// Milliseconds from request to whole answer, of the try that succeeded.
    pub latency_ms: Option<f64>,
    /// Requests that were made for the sample.
    pub tries: Option<u64>,
}

/// How much of a sample its row holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Everything.
    #[default]
    Full,
    /// Everything but the texts of question, options, truth and answers.
    Slim,
}

/// The texts of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The question's own text, without prompt and options.
    pub question: Option<String>,
    /// The options as a JSON array.
    pub options: Option<String>,
    /// The ground truth: the label itself, or JSON where it is no text.
    pub truth: Option<String>,
    /// The answer as the model wrote it.
    pub raw_answer: Option<String>,
    /// The answer in the format that official scoring reads.
    pub refined_answer: Option<String>,
}

/// What is known of a sample beside its verdict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// The run's label.
    pub label: String,
    /// Version and commit of the program that scores.
    pub program: String,
    /// The sample's id as the dataset writes it.
    pub id: String,
    /// Kind of question within the folder, if the dataset names it.
    pub subtask: Option<String>,
    /// Kind of stimulus, if it was generated.
    pub stimulus_kind: Option<String>,
    /// The physical quantity that makes the question easy or hard.
    pub intensity: Option<f64>,
    /// Unit of the intensity.
    pub unit: Option<String>,
    /// How the answer came into its format.
    pub provenance: Option<ProvenanceKind>,
    /// The rule with its version, or the model, that formatted it.
    pub formatter: Option<String>,
    /// Why the model stopped, in the server's word.
    pub finish_reason: Option<String>,
    /// The texts, if they are wanted.
    pub texts: Texts,
    /// What asking it took.
    pub usage: Usage,
    /// AVC: probabilities of the fluency errors, in the order of [`SampleRow::p_add_tail`] and
    /// those after it.
    pub fluency: Option<[f64; 6]>,
}

/// One sample in one mode. What does not apply is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRow {
    /// The run's label.
    pub label: String,
    /// `official` or `strict`.
    pub mode: ScoringMode,
    /// The task's stage.
    pub stage: Stage,
    /// Reported task, such as `VSQA`.
    pub task: Task,
    /// Folder, such as `VSQA_I`.
    pub folder: Folder,
    /// Place in the folder's `data.json`, from 0.
    pub position: usize,
    /// The sample's id as the dataset writes it; several samples may share it.
    pub id: String,
    /// Folder and id that sample and checks share, such as `AVQA/12`: what is resampled as one.
    pub cluster: String,
    /// Kind of question within the folder, if the dataset names it.
    pub subtask: Option<String>,
    /// Kind of stimulus, such as `volume`, if it was generated.
    pub stimulus_kind: Option<String>,
    /// The physical quantity that makes the question easy or hard.
    pub intensity: Option<f64>,
    /// Unit of the intensity, such as `dB`.
    pub unit: Option<String>,
    /// Whether it is a `pre_` check, which never counts itself.
    pub is_check: bool,
    /// Whether it counts in the task's score.
    pub counted: bool,
    /// What became of the sample.
    pub outcome: VerdictOutcome,
    /// The rule that read the answer, or why none did.
    pub rule: ScoringRule,
    /// The sample's own score, 0 to 1: the task's formula on this sample alone; null for a sample
    /// that was not asked, which in strict scoring of an unfinished task counts as 0.
    pub score: Option<f64>,
    /// Right or wrong, after double-confirm.
    pub correct: Option<bool>,
    /// AMIC, VMIC: agreement of the categories, 0 to 1.
    pub semantic: Option<f64>,
    /// AVL: F1 of the categories, 0 to 1.
    pub category_f1: Option<f64>,
    /// AVL, AVLG: mean overlap of the boxes, 0 to 1.
    pub iou: Option<f64>,
    /// AMIC, VMIC: mean count error; AVL: instances missed (strict: and extra).
    pub error: Option<f64>,
    /// VAR, AVR: 1 if the first index is right (strict: less if discounted).
    pub hit_at_1: Option<f64>,
    /// VAR, AVR: 1 if one of the first three is right (strict: less if discounted).
    pub hit_at_3: Option<f64>,
    /// VAR, AVR: F1 of the index sets, 0 to 1.
    pub f1: Option<f64>,
    /// VAR, AVR, official: 0.3 if too many indices were named, else 1.
    pub discount: Option<f64>,
    /// AVC: similarity to the references, -1 to 1.
    pub similarity: Option<f64>,
    /// AVC: whether the fluency error detector fired.
    pub fluency_error: Option<bool>,
    /// AVC: similarity after the penalty for fluency errors.
    pub fense: Option<f64>,
    /// AVC: probability that the caption breaks off in a new phrase, 0 to 1.
    pub p_add_tail: Option<f64>,
    /// AVC: probability that an event is told twice.
    pub p_repeat_event: Option<f64>,
    /// AVC: probability that an adverb is repeated.
    pub p_repeat_adv: Option<f64>,
    /// AVC: probability that a conjunction is missing.
    pub p_remove_conj: Option<f64>,
    /// AVC: probability that a verb is missing.
    pub p_remove_verb: Option<f64>,
    /// AVC: probability of any error; above 0.9 the detector has fired.
    pub p_error: Option<f64>,
    /// The answer as it was understood, maybe cut; empty if there is none.
    pub read: String,
    /// First byte of the answer's part that decided.
    pub span_start: Option<u64>,
    /// One after its last byte.
    pub span_end: Option<u64>,
    /// How the answer came into its format; null where no journal tells.
    pub provenance: Option<ProvenanceKind>,
    /// The rule with its version, or the model, that formatted it.
    pub formatter: Option<String>,
    /// Why the model stopped, in the server's word.
    pub finish_reason: Option<String>,
    /// What asking took.
    #[serde(flatten)]
    pub usage: Usage,
    /// Version and commit of the program that scored.
    pub program: String,
    /// The question's own text, without prompt and options. This and the fields below it are absent
    /// from slim rows.
    pub question: Option<String>,
    /// The options as a JSON array.
    pub options: Option<String>,
    /// The ground truth: the label itself, or JSON where it is no text.
    pub truth: Option<String>,
    /// The answer as the model wrote it.
    pub raw_answer: Option<String>,
    /// The answer in the format that official scoring reads.
    pub refined_answer: Option<String>,
}

/// The rows of all folders of tasks that were asked, in one mode, in the order of folders and
/// positions. `about` is asked
/// once a sample.
pub fn rows<'a>(
    mode: ScoringMode,
    verdicts: &'a [FolderVerdicts],
    about: &'a dyn Fn(Folder, Position) -> About,
) -> impl Iterator<Item = SampleRow> + 'a {
    // A task of which nothing was asked has no rows.
    let was_asked = |folder: &&FolderVerdicts| {
        task_extent(verdicts, folder.folder.task()).completeness() != Completeness::Untouched
    };
    verdicts.iter().filter(was_asked).flat_map(move |folder| {
        folder.records.iter().map(move |verdict| {
            SampleRow::new(mode, folder, verdict, about(folder.folder, verdict.position))
        })
    })
}

impl SampleRow {
    fn new(mode: ScoringMode, of: &FolderVerdicts, verdict: &Verdict, about: About) -> Self {
        let span = verdict.span.as_ref();
        let fluency = |kind: usize| about.fluency.map(|probabilities| probabilities[kind]);
        let cluster = of.clusters.get(verdict.cluster.0).map_or("", String::as_str);
        let texts = about.texts;
        let mut row = Self {
            label: about.label,
            mode,
            stage: of.folder.stage(),
            task: of.folder.task(),
            folder: of.folder,
            position: verdict.position.0,
            id: about.id,
            cluster: format!("{}/{cluster}", of.folder),
            subtask: about.subtask,
            stimulus_kind: about.stimulus_kind,
            intensity: about.intensity,
            unit: about.unit,
            is_check: verdict.is_check,
            counted: verdict.parts.is_some(),
            outcome: verdict.outcome,
            rule: verdict.rule,
            score: verdict.score().filter(|_| verdict.outcome != VerdictOutcome::NotAsked),
            correct: None,
            semantic: None,
            category_f1: None,
            iou: None,
            error: None,
            hit_at_1: None,
            hit_at_3: None,
            f1: None,
            discount: None,
            similarity: None,
            fluency_error: None,
            fense: None,
            p_add_tail: fluency(0),
            p_repeat_event: fluency(1),
            p_repeat_adv: fluency(2),
            p_remove_conj: fluency(3),
            p_remove_verb: fluency(4),
            p_error: fluency(5),
            read: verdict.read.clone(),
            span_start: span.map(|span| span.start as u64),
            span_end: span.map(|span| span.end as u64),
            provenance: about.provenance,
            formatter: about.formatter,
            finish_reason: about.finish_reason,
            usage: about.usage,
            program: about.program,
            question: texts.question,
            options: texts.options,
            truth: texts.truth,
            raw_answer: texts.raw_answer,
            refined_answer: texts.refined_answer,
        };
        // What was never asked has nothing to show, even where it counts as wrong.
        if let Some(parts) =
            verdict.parts.as_ref().filter(|_| verdict.outcome != VerdictOutcome::NotAsked)
        {
            row.set_parts(parts);
        }
        if verdict.outcome == VerdictOutcome::Missing {
            // There is no caption that could be similar or faulty.
            (row.similarity, row.fluency_error) = (None, None);
        }
        row
    }

    fn set_parts(&mut self, parts: &Parts) {
        let share = |hit: bool| Some(f64::from(u8::from(hit)));
        match *parts {
            Parts::Match(MatchParts { correct }) => self.correct = Some(correct),
            Parts::Instances(InstancesParts { semantic, error }) => {
                self.semantic = Some(semantic);
                self.error = error;
            }
            Parts::Boxes(BoxesParts { iou, category_f1, error }) => {
                self.iou = Some(iou);
                self.category_f1 = Some(category_f1);
                self.error = Some(error);
            }
            Parts::Retrieval(RetrievalParts { hit_at_1, hit_at_3, f1, discount, .. }) => {
                self.hit_at_1 = share(hit_at_1);
                self.hit_at_3 = share(hit_at_3);
                self.f1 = Some(f1);
                self.discount = Some(discount);
            }
            Parts::Ranking(RankingParts { hit_at_1, hit_at_3, f1 }) => {
                self.hit_at_1 = Some(hit_at_1);
                self.hit_at_3 = Some(hit_at_3);
                self.f1 = Some(f1);
            }
            Parts::Frames(FramesParts { iou }) => self.iou = Some(iou),
            Parts::Caption(CaptionParts { similarity, fluency_error, fense }) => {
                self.similarity = Some(similarity);
                self.fluency_error = Some(fluency_error);
                self.fense = Some(fense);
            }
        }
    }
}
