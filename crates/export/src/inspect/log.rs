//! The parts of an Inspect log that exports fill, in the order in which Inspect reads them (log format, version 2).

use std::cell::Cell;

use jiff::Timestamp;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Named;

/// Version of the log format.
pub(super) const LOG_VERSION: u32 = 2;

/// A whole log. Readers of headers stop before the samples, so that these come last.
#[derive(Serialize)]
#[serde(bound(serialize = "S: Iterator<Item = LogSample>"))]
pub(super) struct LogDocument<'a, S> {
    pub(super) version: u32,
    /// `success` or `cancelled`.
    pub(super) status: &'static str,
    pub(super) eval: EvalPart<'a>,
    pub(super) plan: PlanPart,
    pub(super) results: ResultsPart,
    pub(super) stats: StatsPart,
    /// Made one after the other while they are written.
    pub(super) samples: Streamed<S>,
}

/// A list that is made while it is written, once.
pub(super) struct Streamed<S>(Cell<Option<S>>);

impl<S> Streamed<S> {
    pub(super) const fn new(items: S) -> Self {
        Self(Cell::new(Some(items)))
    }
}

impl<S: Iterator<Item: Serialize>> Serialize for Streamed<S> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        let items = self.0.take().ok_or_else(|| W::Error::custom("samples can be written once"))?;
        serializer.collect_seq(items)
    }
}

/// What was evaluated, and how.
#[derive(Serialize)]
pub(super) struct EvalPart<'a> {
    pub(super) eval_id: String,
    pub(super) run_id: String,
    pub(super) created: Timestamp,
    pub(super) task: String,
    pub(super) task_id: String,
    pub(super) task_version: String,
    pub(super) task_display_name: String,
    pub(super) task_registry_name: String,
    pub(super) task_args: TaskArguments<'a>,
    pub(super) tags: Vec<String>,
    pub(super) dataset: DatasetPart,
    pub(super) model: &'a str,
    pub(super) model_generate_config: GenerateConfig,
    pub(super) model_args: Map<String, Value>,
    pub(super) config: ConfigPart,
    pub(super) packages: Named<String>,
    pub(super) metadata: EvalMetadata,
    pub(super) scorers: Vec<ScorerPart>,
    pub(super) headline_metric: HeadlinePart,
}

#[derive(Serialize)]
pub(super) struct TaskArguments<'a> {
    pub(super) stage: &'static str,
    pub(super) label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) backend: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packing: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prompt_pack: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wording: Option<String>,
}

#[derive(Serialize)]
pub(super) struct DatasetPart {
    pub(super) name: String,
    /// Samples that were planned.
    pub(super) samples: usize,
    pub(super) shuffled: bool,
}

/// Request parameters that Inspect has a name for.
#[derive(Default, Serialize)]
pub(super) struct GenerateConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_k: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct ConfigPart {
    pub(super) epochs: u32,
    /// A sample without an answer ends no run, and strict scoring scores it.
    pub(super) fail_on_error: bool,
    pub(super) continue_on_fail: bool,
    pub(super) score_on_error: bool,
}

#[derive(Serialize)]
pub(super) struct EvalMetadata {
    pub(super) exported_by: String,
    pub(super) scored_by: String,
    pub(super) form: &'static str,
    /// What has to be known before numbers are compared, in sentences.
    pub(super) cautions: Vec<String>,
    /// The benchmark's policy, where the samples are its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<&'static str>,
    pub(super) interval: String,
    /// When the run was made, or when it was scored if the run did not note that.
    pub(super) created_is: &'static str,
    /// Samples that were never asked and are not in the log.
    pub(super) never_asked: NeverAskedPart,
    pub(super) data_sha256: Named<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) captions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) formatting: Option<String>,
    /// Why a task has no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unscored: Option<String>,
}

#[derive(Serialize)]
pub(super) struct NeverAskedPart {
    pub(super) not_asked: usize,
    pub(super) not_planned: usize,
    pub(super) void_checks: usize,
}

#[derive(Serialize)]
pub(super) struct ScorerPart {
    pub(super) name: String,
    pub(super) metadata: ScorerMetadata,
}

#[derive(Serialize)]
pub(super) struct ScorerMetadata {
    pub(super) scoring: &'static str,
    pub(super) version: u32,
}

#[derive(Serialize)]
pub(super) struct HeadlinePart {
    pub(super) scorer: String,
    pub(super) metric: &'static str,
}

#[derive(Serialize)]
pub(super) struct PlanPart {
    pub(super) name: &'static str,
    pub(super) steps: Vec<PlanStep>,
    pub(super) config: GenerateConfig,
}

#[derive(Serialize)]
pub(super) struct PlanStep {
    pub(super) solver: &'static str,
    pub(super) params: Map<String, Value>,
}

#[derive(Serialize)]
pub(super) struct ResultsPart {
    /// Samples that were planned.
    pub(super) total_samples: usize,
    /// Samples that were asked.
    pub(super) completed_samples: usize,
    pub(super) scores: Vec<ScorePart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) headline: Option<HeadlinePart>,
}

/// The numbers of a task in one mode.
#[derive(Serialize)]
pub(super) struct ScorePart {
    pub(super) name: String,
    pub(super) scorer: String,
    pub(super) scored_samples: usize,
    pub(super) unscored_samples: usize,
    /// By name, in this order: a number that does not exist is not there.
    pub(super) metrics: Metrics,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Map<String, Value>>,
}

/// Metrics in their order.
pub(super) struct Metrics(pub(super) Vec<MetricPart>);

impl Serialize for Metrics {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        serializer.collect_map(self.0.iter().map(|metric| (&metric.name, metric)))
    }
}

#[derive(Serialize)]
pub(super) struct MetricPart {
    pub(super) name: String,
    /// Finite.
    pub(super) value: f64,
}

#[derive(Serialize)]
pub(super) struct StatsPart {
    pub(super) started_at: String,
    pub(super) completed_at: String,
    pub(super) model_usage: Named<UsagePart>,
}

/// Tokens of one answer or several.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct UsagePart {
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) total_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_cost: Option<f64>,
}

/// One sample.
#[derive(Serialize)]
pub(super) struct LogSample {
    pub(super) id: String,
    pub(super) epoch: u32,
    pub(super) input: InputPart,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) choices: Option<Vec<String>>,
    pub(super) target: String,
    pub(super) messages: Vec<MessagePart>,
    pub(super) output: OutputPart,
    pub(super) scores: Named<SampleScore>,
    pub(super) metadata: SampleMetadata,
    #[serde(skip_serializing_if = "Named::is_empty")]
    pub(super) model_usage: Named<UsagePart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorPart>,
    /// Media by the names under which messages refer to them.
    #[serde(skip_serializing_if = "Named::is_empty")]
    pub(super) attachments: Named<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum InputPart {
    Text(String),
    Messages(Vec<MessagePart>),
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct MessagePart {
    pub(super) role: &'static str,
    pub(super) content: Vec<ContentPart>,
    pub(super) source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum ContentPart {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        refusal: Option<bool>,
    },
    Reasoning {
        reasoning: String,
    },
    Image {
        image: String,
    },
    Audio {
        audio: String,
        format: &'static str,
    },
    Video {
        video: String,
        format: &'static str,
    },
}

impl ContentPart {
    pub(super) const fn text(text: String) -> Self {
        Self::Text { text, refusal: None }
    }
}

#[derive(Default, Serialize)]
pub(super) struct OutputPart {
    pub(super) model: String,
    pub(super) choices: Vec<ChoicePart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<UsagePart>,
    /// Seconds of the try that succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ChoicePart {
    pub(super) message: MessagePart,
    /// `stop`, `max_tokens`, `content_filter` or `unknown`.
    pub(super) stop_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop_details: Option<StopDetails>,
}

#[derive(Serialize)]
pub(super) struct StopDetails {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) explanation: String,
}

#[derive(Serialize)]
pub(super) struct SampleScore {
    /// 0 to 1.
    pub(super) value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<String>,
    /// Why the score is not that of an answer in its form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
    pub(super) metadata: Map<String, Value>,
}

#[derive(Serialize)]
pub(super) struct SampleMetadata {
    pub(super) stage: &'static str,
    pub(super) folder: &'static str,
    /// Place in `data.json`; absent in public forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dataset_id: Option<String>,
    /// The same for samples that share an id, which count as one observation.
    pub(super) cluster: String,
    pub(super) is_check: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<&'static str>,
    pub(super) official_outcome: &'static str,
    pub(super) strict_outcome: &'static str,
    #[serde(flatten)]
    pub(super) private: Option<PrivateMetadata>,
}

/// What public forms leave out.
#[derive(Serialize)]
pub(super) struct PrivateMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subtask: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stimulus_kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intensity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finish_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) formatted_answer: Option<String>,
    /// Whether the input is the request as it was sent, or the question alone.
    pub(super) input_is: &'static str,
}

#[derive(Serialize)]
pub(super) struct ErrorPart {
    pub(super) message: String,
    pub(super) traceback: &'static str,
    pub(super) traceback_ansi: &'static str,
}
