//! One row a sample and mode, as it is read from a file.

use avibench_answers::ProvenanceKind;
use avibench_protocol::{Folder, Stage, Task};
use avibench_reading::Reading;
use avibench_score::{ScoringRule, VerdictOutcome};
use avibench_store::AskOutcome;
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
    /// Tokens that the model generated, reasoning included.
    pub tokens_out: Option<u64>,
    /// Tokens of reasoning, among the others.
    #[serde(default)]
    pub tokens_reasoning: Option<u64>,
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

/// One sample in one mode. What does not apply is null. [`Row`](crate::Row) is what it is written
/// from.
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
    /// How asking ended: the outcome that the journal has, or what the prediction file lets one
    /// tell. Null for what was not planned, and in rows of earlier versions.
    #[serde(default)]
    pub ask_outcome: Option<AskOutcome>,
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
    /// AVC by FENSE: similarity to the references, -1 to 1.
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
    /// AVC by the stand-in for FENSE, which fills none of the columns above: similarity to the
    /// references, 0 to 1.
    #[serde(default)]
    pub stand_in_similarity: Option<f64>,
    /// AVC by the stand-in: whether it found a fault.
    #[serde(default)]
    pub stand_in_fault: Option<bool>,
    /// AVC by the stand-in: similarity after the penalty for faults.
    #[serde(default)]
    pub stand_in: Option<f64>,
    /// The answer as it was understood, maybe cut; empty if there is none.
    pub read: String,
    /// First byte of the answer's part that decided.
    pub span_start: Option<u64>,
    /// One after its last byte.
    pub span_end: Option<u64>,
    /// Strict: what the answer says by a careful reading; null where there is no answer, and in rows of
    /// strict version 1.
    #[serde(default)]
    pub reading: Option<Reading>,
    /// How the answer came into its format; null where no journal tells.
    pub provenance: Option<ProvenanceKind>,
    /// The rule with its version, or the model, that formatted it.
    pub formatter: Option<String>,
    /// Why the model stopped, in the server's word.
    pub finish_reason: Option<String>,
    /// What asking took.
    #[serde(flatten)]
    pub usage: Usage,
    /// The model that answered, if a journal tells.
    #[serde(default)]
    pub model: Option<String>,
    /// How media were packed, `name@hash`.
    #[serde(default)]
    pub packing: Option<String>,
    /// Hash of the prompt pack.
    #[serde(default)]
    pub prompt_pack: Option<String>,
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
    /// What the model thought before it answered; no part of the answer.
    #[serde(default)]
    pub reasoning: Option<String>,
}
