//! The records of samples, one a sample and mode.

use std::collections::BTreeMap;
use std::io;

use avibench_protocol::Task;
use avibench_results::{SampleRow, ScoringMode};
use avibench_score::VerdictOutcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::aggregate::{result_id, result_name};
use super::{EEE_VERSION, EeeExport};
use crate::paired_rows::{PairedRow, counted_score, task_rows};
use crate::score_words::{read_value, reader, trouble};

/// What became of a sample in one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EeeSample {
    schema_version: String,
    evaluation_id: String,
    model_id: String,
    evaluation_name: String,
    evaluation_result_id: String,
    sample_id: String,
    sample_hash: String,
    /// `single_turn`.
    interaction_type: String,
    input: SampleInput,
    output: SampleOutput,
    answer_attribution: Vec<AnswerAttribution>,
    evaluation: SampleEvaluation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_usage: Option<TokenUsage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    performance: Option<Performance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleInput {
    raw: String,
    reference: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    choices: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleOutput {
    raw: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reasoning_trace: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerAttribution {
    turn_idx: u32,
    source: String,
    extracted_value: String,
    extraction_method: String,
    is_terminal: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleEvaluation {
    /// Finite.
    score: f64,
    is_correct: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenUsage {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
    #[serde(rename = "total_tokens")]
    total: u64,
    #[serde(rename = "reasoning_tokens", default, skip_serializing_if = "Option::is_none")]
    reasoning: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Performance {
    latency_ms: f64,
}

/// Gives every sample that has a score, in each of the modes in which it has one, until one is not taken.
pub(super) fn each(
    export: &EeeExport<'_>,
    mut then: impl FnMut(EeeSample) -> io::Result<()>,
) -> io::Result<()> {
    let exported = export.exported;
    for task in Task::ALL {
        for pair in task_rows(&exported.run, task, exported.form).asked {
            for mode in [ScoringMode::Official, ScoringMode::Strict] {
                if let Some(sample) = sample(export, &pair, mode) {
                    then(sample)?;
                }
            }
        }
    }
    Ok(())
}

fn sample(export: &EeeExport<'_>, pair: &PairedRow<'_>, mode: ScoringMode) -> Option<EeeSample> {
    let row = pair.row(mode);
    let score = counted_score(row)?;
    let exported = export.exported;
    let report = exported.report();
    let by_stand_in = row.task == Task::Avc && report.has_stand_in_captions();
    let name = row.task.name();
    let detail = exported.detail(row.folder, row.position);
    let raw = row.question.clone().unwrap_or_default();
    let reference: Vec<String> = row.truth.iter().cloned().collect();
    let mut hash = Sha256::new();
    hash.update(&raw);
    for text in &reference {
        hash.update(text);
    }
    let answer = row.raw_answer.as_ref().or(row.refined_answer.as_ref());
    Some(EeeSample {
        schema_version: EEE_VERSION.to_owned(),
        evaluation_id: export.evaluation_id(),
        model_id: export.identity.model_id().to_owned(),
        evaluation_name: result_name(&exported.dataset_name(), mode, name, by_stand_in),
        evaluation_result_id: result_id(mode, name, by_stand_in),
        sample_id: pair.id(),
        sample_hash: hex::encode(hash.finalize()),
        interaction_type: "single_turn".to_owned(),
        input: SampleInput { raw, reference, choices: choices(row) },
        output: SampleOutput {
            raw: answer.iter().map(|text| (*text).clone()).collect(),
            reasoning_trace: row.reasoning.clone().map(|reasoning| vec![reasoning]),
        },
        answer_attribution: attribution(row).into_iter().collect(),
        evaluation: SampleEvaluation { score, is_correct: row.outcome == VerdictOutcome::Right },
        token_usage: row.usage.tokens_in.zip(row.usage.tokens_out).map(|(input, output)| {
            TokenUsage {
                input,
                output,
                total: input.saturating_add(output),
                reasoning: row.usage.tokens_reasoning,
            }
        }),
        performance: row
            .usage
            .latency_ms
            .filter(|latency| latency.is_finite() && *latency >= 0.0)
            .map(|latency_ms| Performance { latency_ms }),
        error: trouble(row, detail),
        metadata: metadata(row),
    })
}

/// What was taken for the answer; none where nothing was read.
fn attribution(row: &SampleRow) -> Option<AnswerAttribution> {
    let source = match row.mode {
        ScoringMode::Official => "output.raw, after formatting",
        ScoringMode::Strict => "output.raw",
    };
    Some(AnswerAttribution {
        turn_idx: 0,
        source: source.to_owned(),
        extracted_value: read_value(row)?,
        extraction_method: reader(row),
        is_terminal: true,
    })
}

fn choices(row: &SampleRow) -> Option<Vec<String>> {
    let options: Vec<Value> = serde_json::from_str(row.options.as_deref()?).ok()?;
    Some(options.iter().map(super::record::as_text).collect())
}

fn metadata(row: &SampleRow) -> BTreeMap<String, String> {
    let mut found = BTreeMap::from([
        ("stage".to_owned(), row.stage.name().to_owned()),
        ("folder".to_owned(), row.folder.name().to_owned()),
        ("position".to_owned(), row.position.to_string()),
        ("dataset_id".to_owned(), row.id.clone()),
        ("cluster".to_owned(), row.cluster.clone()),
        ("outcome".to_owned(), row.outcome.name().to_owned()),
    ]);
    let more = [
        ("asked", row.ask_outcome.map(|outcome| outcome.key().to_owned())),
        ("subtask", row.subtask.clone()),
        ("stimulus_kind", row.stimulus_kind.clone()),
        ("finish_reason", row.finish_reason.clone()),
        ("packing", row.packing.clone()),
        ("formatted_answer", row.refined_answer.clone()),
        ("formatter", row.formatter.clone()),
    ];
    found.extend(more.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))));
    found
}
