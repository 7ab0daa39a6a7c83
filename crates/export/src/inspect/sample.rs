//! A sample of a log.

use avibench_prompts::PromptPack;
use avibench_protocol::{Position, SYSTEM_PROMPT, Sample};
use avibench_results::{SampleRow, ScoringMode, StoredParts};
use avibench_score::VerdictOutcome;
use avibench_store::AskOutcome;
use serde_json::{Map, Value};

use super::Named;
use super::log::{
    ChoicePart, ContentPart, ErrorPart, InputPart, LogSample, MessagePart, OutputPart,
    PrivateMetadata, SampleMetadata, SampleScore, StopDetails, UsagePart,
};
use super::media::{MediaBudget, media_parts};
use super::task_log::scorer_name;
use crate::paired_rows::{PairedRow, counted_score};
use crate::score_words::{explanation, read_value, reasons, trouble};
use crate::{AskedDetail, ExportForm, ExportedRun};

/// Stands where a public form has no text.
const LEFT_OUT: &str = "(left out of the public form)";

/// What samples are made from.
pub(super) struct SampleMaker<'a> {
    pub(super) exported: &'a ExportedRun,
    pub(super) pack: Option<&'a PromptPack>,
    pub(super) media: &'a MediaBudget,
}

impl SampleMaker<'_> {
    pub(super) fn sample(&self, pair: &PairedRow<'_>) -> LogSample {
        match self.exported.form {
            ExportForm::Private => self.private(pair),
            ExportForm::Public => self.public(pair),
        }
    }

    fn public(&self, pair: &PairedRow<'_>) -> LogSample {
        let row = pair.strict;
        let is_without_answer =
            matches!(row.ask_outcome, Some(AskOutcome::Failed | AskOutcome::Rejected));
        let error = row.ask_outcome.filter(|_| is_without_answer).map(|outcome| ErrorPart {
            message: outcome.key().to_owned(),
            traceback: "",
            traceback_ansi: "",
        });
        LogSample {
            id: pair.id(),
            epoch: 1,
            input: InputPart::Text(LEFT_OUT.to_owned()),
            choices: None,
            target: LEFT_OUT.to_owned(),
            messages: Vec::new(),
            output: OutputPart::default(),
            scores: self.scores(pair),
            metadata: metadata(pair, pair.cluster.to_string(), None),
            model_usage: Named::new(),
            completed_at: None,
            error,
            attachments: Named::new(),
        }
    }

    fn private(&self, pair: &PairedRow<'_>) -> LogSample {
        let row = pair.strict;
        let detail = self.exported.detail(row.folder, row.position);
        let mut attachments = Named::new();
        let (input, input_is) = self.input(row, &mut attachments);
        let mut messages = input.clone();
        let output = self.output(row, detail);
        messages.extend(output.choices.iter().map(|choice| choice.message.clone()));
        let usage = output.usage;
        let is_without_answer =
            matches!(row.ask_outcome, Some(AskOutcome::Failed | AskOutcome::Rejected));
        let error = trouble(row, detail).filter(|_| is_without_answer);
        let private = PrivateMetadata {
            subtask: row.subtask.clone(),
            stimulus_kind: row.stimulus_kind.clone(),
            intensity: row.intensity.filter(|number| number.is_finite()),
            unit: row.unit.clone(),
            packing: row.packing.clone(),
            finish_reason: row.finish_reason.clone(),
            tries: row.usage.tries,
            formatted_answer: row
                .refined_answer
                .clone()
                .filter(|formatted| Some(formatted) != row.raw_answer.as_ref()),
            input_is,
        };
        LogSample {
            id: pair.id(),
            epoch: 1,
            input: InputPart::Messages(input),
            choices: choices(row),
            target: row.truth.clone().unwrap_or_default(),
            messages,
            output,
            scores: self.scores(pair),
            metadata: metadata(pair, row.cluster.clone(), Some(private)),
            model_usage: usage
                .map(|usage| Named::from([(self.exported.model().to_owned(), usage)]))
                .unwrap_or_default(),
            completed_at: detail.map(|detail| detail.time),
            error: error.map(|message| ErrorPart { message, traceback: "", traceback_ansi: "" }),
            attachments,
        }
    }

    /// The request as it was sent, as far as it is known, and which of both it is.
    fn input(
        &self,
        row: &SampleRow,
        attachments: &mut Named<String>,
    ) -> (Vec<MessagePart>, &'static str) {
        let message = |role, content| MessagePart { role, content, source: "input", model: None };
        let data = self.exported.data.get(&row.folder);
        let sample = data.and_then(|data| data.samples.get(row.position));
        let prompt = self.prompt(sample);
        let is_sent = prompt.is_some();
        let text = prompt.unwrap_or_else(|| row.question.clone().unwrap_or_default());
        let mut content = Vec::new();
        let ablation = self.exported.report().asking.as_ref().and_then(|asking| asking.ablation);
        match (ablation, data.zip(sample)) {
            // What the model got is not what lies in the data set.
            (Some(kind), _) => content
                .push(ContentPart::text(format!("[media under the ablation `{kind}`: not shown]"))),
            (None, Some((data, sample))) => {
                content = media_parts(data, sample, self.media, attachments);
            }
            (None, None) => {}
        }
        content.push(ContentPart::text(text));
        let user = message("user", content);
        if is_sent {
            let system = message("system", vec![ContentPart::text(SYSTEM_PROMPT.to_owned())]);
            (vec![system, user], "the request as it was sent")
        } else {
            (vec![user], "the question alone: the prompts of the run are not at hand")
        }
    }

    fn prompt(&self, sample: Option<&Sample>) -> Option<String> {
        Some(self.pack?.prompt(sample?).ok()?.text)
    }

    fn output(&self, row: &SampleRow, detail: Option<&AskedDetail>) -> OutputPart {
        let model = row.model.clone().unwrap_or_else(|| self.exported.model().to_owned());
        let usage =
            row.usage.tokens_in.zip(row.usage.tokens_out).map(|(input, output)| UsagePart {
                input_tokens: input,
                output_tokens: output,
                total_tokens: input.saturating_add(output),
                reasoning_tokens: row.usage.tokens_reasoning,
                total_cost: detail.and_then(|detail| detail.cost).filter(|cost| cost.is_finite()),
            });
        let seconds = row.usage.latency_ms.map(|milliseconds| milliseconds / 1_000.0);
        let mut output = OutputPart {
            model: model.clone(),
            usage,
            time: seconds.filter(|seconds| seconds.is_finite()),
            ..OutputPart::default()
        };
        let refusal = detail.and_then(|detail| detail.refusal.clone());
        let stop_reason = match row.ask_outcome {
            Some(AskOutcome::Failed | AskOutcome::Rejected | AskOutcome::NotAttempted) => {
                output.error = trouble(row, detail);
                return output;
            }
            Some(AskOutcome::CutOff) => "max_tokens",
            Some(AskOutcome::Refused) => "content_filter",
            Some(AskOutcome::Empty) if row.finish_reason.as_deref() == Some("length") => {
                "max_tokens"
            }
            Some(AskOutcome::Answered | AskOutcome::Empty) => "stop",
            None => "unknown",
        };
        let is_refused = row.ask_outcome == Some(AskOutcome::Refused);
        let answer = row.raw_answer.as_ref().or(row.refined_answer.as_ref()).cloned();
        let text = answer.filter(|text| !text.is_empty()).or_else(|| refusal.clone());
        let mut content: Vec<ContentPart> = Vec::new();
        content.extend(row.reasoning.clone().map(|reasoning| ContentPart::Reasoning { reasoning }));
        content.push(ContentPart::Text {
            text: text.unwrap_or_default(),
            refusal: is_refused.then_some(true),
        });
        let explanation = trouble(row, detail).filter(|_| is_refused);
        output.error.clone_from(&explanation);
        output.choices.push(ChoicePart {
            message: MessagePart {
                role: "assistant",
                content,
                source: "generate",
                model: Some(model),
            },
            stop_reason,
            stop_details: explanation
                .map(|explanation| StopDetails { kind: "refusal", explanation }),
        });
        output
    }

    fn scores(&self, pair: &PairedRow<'_>) -> Named<SampleScore> {
        let report = self.exported.report();
        let row = pair.strict;
        let reasons = reasons(report, row.folder, row.position);
        let modes = [ScoringMode::Official, ScoringMode::Strict].into_iter();
        let scored = modes.filter_map(|mode| {
            let row = pair.row(mode);
            let score = self.score(row, counted_score(row)?, &reasons);
            Some((scorer_name(report, row.task, mode), score))
        });
        scored.collect()
    }

    fn score(&self, row: &SampleRow, value: f64, reasons: &[&str]) -> SampleScore {
        let has_texts = self.exported.form.has_texts();
        let parts = serde_json::to_value(StoredParts::from(row)).unwrap_or_default();
        let mut metadata = match parts {
            Value::Object(parts) => parts,
            _ => Map::new(),
        };
        metadata.retain(|_, value| !value.is_null());
        metadata.insert("outcome".to_owned(), row.outcome.name().into());
        if has_texts {
            metadata.insert("rule".to_owned(), row.rule.name().into());
            if let Some((from, to)) = row.span_start.zip(row.span_end) {
                metadata.insert("span".to_owned(), vec![from, to].into());
            }
        }
        SampleScore {
            value,
            answer: read_value(row).filter(|_| has_texts),
            explanation: has_texts.then(|| explanation(row, reasons)),
            reason: reason(row),
            metadata,
        }
    }
}

/// Inspect's word for a score that is not that of an answer in its form.
fn reason(row: &SampleRow) -> Option<&'static str> {
    match (row.ask_outcome, row.outcome) {
        (Some(AskOutcome::Refused), _) => Some("refusal"),
        (Some(AskOutcome::Empty), _) => Some("no_response"),
        (Some(outcome @ (AskOutcome::Failed | AskOutcome::Rejected)), _) => Some(outcome.key()),
        (_, VerdictOutcome::Unread) => Some("invalid_response_format"),
        _ => None,
    }
}

/// The options of the question.
fn choices(row: &SampleRow) -> Option<Vec<String>> {
    let options: Vec<Value> = serde_json::from_str(row.options.as_deref()?).ok()?;
    let text = |option: Value| match option {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Some(options.into_iter().map(text).collect())
}

fn metadata(
    pair: &PairedRow<'_>,
    cluster: String,
    private: Option<PrivateMetadata>,
) -> SampleMetadata {
    let row = pair.strict;
    let is_private = private.is_some();
    SampleMetadata {
        stage: row.stage.name(),
        folder: row.folder.name(),
        position: is_private.then_some(Position(row.position).0),
        dataset_id: is_private.then(|| row.id.clone()),
        cluster,
        is_check: row.is_check,
        asked: row.ask_outcome.map(AskOutcome::key),
        official_outcome: pair.official.outcome.name(),
        strict_outcome: row.outcome.name(),
        private,
    }
}
