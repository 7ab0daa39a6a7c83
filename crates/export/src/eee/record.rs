//! The record of all numbers of a label, field by field as the schema names them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Availability, Deployment, Relationship};

/// What the schema has no field for; all values are texts.
pub(super) type Details = BTreeMap<String, String>;

/// The record of all numbers of a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EeeRecord {
    pub(super) schema_version: String,
    pub(super) evaluation_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) evaluation_timestamp: Option<String>,
    /// Seconds since 1970, as text.
    pub(super) retrieved_timestamp: String,
    pub(super) source_metadata: SourceMetadata,
    pub(super) eval_library: EvalLibrary,
    pub(super) model_info: ModelInfo,
    pub(super) evaluation_results: Vec<EvaluationResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) detailed_evaluation_results: Option<DetailedResults>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceMetadata {
    pub(super) source_name: String,
    /// `evaluation_run`.
    pub(super) source_type: String,
    pub(super) source_organization_name: String,
    pub(super) evaluator_relationship: Relationship,
    pub(super) additional_details: Details,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvalLibrary {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) additional_details: Details,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelInfo {
    pub(super) name: String,
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) developer: Option<String>,
    pub(super) additional_details: ModelDetails,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelDetails {
    pub(super) deployment_type: Deployment,
    pub(super) model_availability: Availability,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvaluationResult {
    #[serde(rename = "evaluation_result_id")]
    pub(super) id: String,
    pub(super) evaluation_name: String,
    pub(super) source_data: SourceData,
    pub(super) metric_config: MetricConfig,
    pub(super) score_details: ScoreDetails,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) generation_config: Option<GenerationConfig>,
}

/// Where the samples come from: an address of the benchmark, or another source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceData {
    pub(super) dataset_name: String,
    /// `url` or `other`.
    pub(super) source_type: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) url: Vec<String>,
    pub(super) additional_details: Details,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricConfig {
    pub(super) evaluation_description: String,
    pub(super) metric_id: String,
    pub(super) metric_name: String,
    /// `proportion` or `percent`.
    pub(super) metric_unit: String,
    pub(super) lower_is_better: bool,
    /// `continuous`.
    pub(super) score_type: String,
    pub(super) min_score: f64,
    pub(super) max_score: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScoreDetails {
    /// Finite.
    pub(super) score: f64,
    pub(super) details: Details,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) uncertainty: Option<Uncertainty>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Uncertainty {
    pub(super) confidence_interval: ConfidenceInterval,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) num_samples: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) num_bootstrap_samples: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfidenceInterval {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) confidence_level: f64,
    pub(super) method: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GenerationConfig {
    pub(super) generation_args: GenerationArguments,
    pub(super) additional_details: Details,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GenerationArguments {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) top_k: Option<f64>,
    /// 1 at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailedResults {
    /// `jsonl`.
    pub(super) format: String,
    pub(super) file_path: String,
    /// `sha256`.
    pub(super) hash_algorithm: String,
    pub(super) checksum: String,
    pub(super) total_rows: usize,
    pub(super) additional_details: Details,
}

/// A value of request parameters as text.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
