//! The record of all numbers, made of a report.

use avibench_protocol::Task;
use avibench_results::{
    NumberKind, NumberRow, NumberUnit, STAND_IN_CAUTION, STAND_IN_MARK, ScoringMode,
};
use serde_json::{Map, Value};

use super::record::{
    ConfidenceInterval, DetailedResults, Details, EeeRecord, EvalLibrary, EvaluationResult,
    GenerationArguments, GenerationConfig, MetricConfig, ModelDetails, ModelInfo, ScoreDetails,
    SourceData, SourceMetadata, Uncertainty, as_text,
};
use super::{EEE_VERSION, EeeExport, SamplesFile};
use crate::circumstances;
use crate::circumstances::{POLICY, interval_method};

pub(super) struct Aggregate<'a> {
    pub(super) export: &'a EeeExport<'a>,
    pub(super) samples: Option<&'a SamplesFile>,
}

fn details<const N: usize>(pairs: [(&str, String); N]) -> Details {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The id of a result within a record, which records of samples refer to.
pub(super) fn result_id(mode: ScoringMode, name: &str, by_stand_in: bool) -> String {
    let mark = if by_stand_in { "/stand-in" } else { "" };
    format!("{}/{}{mark}", mode.name(), name.to_lowercase())
}

/// The name of a number, such as `AVM (official)`.
fn metric_name(mode: ScoringMode, name: &str, by_stand_in: bool) -> String {
    let is_level = ["l1", "l2", "l3", "l4"].contains(&name);
    let name = if is_level { name.to_uppercase() } else { name.to_owned() };
    let mark = if by_stand_in { format!(" {STAND_IN_MARK}") } else { String::new() };
    format!("{name} ({}){mark}", mode.name())
}

/// The name of a result, such as `AVI-Bench AVM (official)`.
pub(super) fn result_name(
    dataset: &str,
    mode: ScoringMode,
    name: &str,
    by_stand_in: bool,
) -> String {
    format!("{dataset} {}", metric_name(mode, name, by_stand_in))
}

impl Aggregate<'_> {
    pub(super) fn record(&self) -> EeeRecord {
        let Self { export, samples } = self;
        let (exported, identity) = (export.exported, export.identity);
        let report = exported.report();
        let scoring = report.scoring;
        let mut source =
            details([("label", report.label.clone()), ("form", exported.form.name().to_owned())]);
        for (at, found) in circumstances(exported).iter().enumerate() {
            source.insert(format!("caution_{}", at + 1), found.to_string());
        }
        if exported.generated.is_none() {
            source.insert("policy".to_owned(), POLICY.to_owned());
        }
        let numbers = report.numbers();
        let results = numbers.iter().filter(|number| number.kind != NumberKind::Part);
        EeeRecord {
            schema_version: EEE_VERSION.to_owned(),
            evaluation_id: export.evaluation_id(),
            evaluation_timestamp: exported.started.map(|time| time.to_string()),
            retrieved_timestamp: export.retrieved.as_second().to_string(),
            source_metadata: SourceMetadata {
                source_name: exported.dataset_name(),
                source_type: "evaluation_run".to_owned(),
                source_organization_name: identity.organization.clone(),
                evaluator_relationship: identity.relationship,
                additional_details: source,
            },
            eval_library: EvalLibrary {
                name: report.program.name.clone(),
                version: report.program.version.clone(),
                additional_details: details([
                    ("build", report.program.version_and_commit()),
                    ("official_scoring_version", scoring.official.to_string()),
                    ("strict_scoring_version", scoring.strict.to_string()),
                    ("levels_version", scoring.levels_version.to_string()),
                    ("uncertainty_version", scoring.uncertainty_version.to_string()),
                ]),
            },
            model_info: ModelInfo {
                name: identity.model_id().to_owned(),
                id: identity.model_id().to_owned(),
                developer: identity.developer().map(str::to_owned),
                additional_details: ModelDetails {
                    deployment_type: identity.deployment,
                    model_availability: identity.availability,
                },
            },
            evaluation_results: results.filter_map(|number| self.result(number)).collect(),
            detailed_evaluation_results: samples.map(|samples| self.detailed(samples)),
        }
    }

    /// A number; `None` where there is none, because the schema allows no null.
    fn result(&self, number: &NumberRow) -> Option<EvaluationResult> {
        let score = number.value.filter(|value| value.is_finite())?;
        let exported = self.export.exported;
        let report = exported.report();
        let by_stand_in = number.by_stand_in;
        let is_percent = number.unit == NumberUnit::Percent;
        let name = number.name.as_str();
        let coverage = report.mode(number.mode).coverage.iter();
        let coverage = coverage.map(|of| &of.judged).find(|of| of.key.eq_ignore_ascii_case(name));
        let coverage = coverage.filter(|_| number.kind == NumberKind::Task);
        let mut said = details([("scoring", number.mode.name().to_owned())]);
        if number.kind == NumberKind::Task {
            let estimates = &report.mode(number.mode).estimates;
            let parts = estimates.task(&name.to_lowercase()).map(|task| task.parts.as_slice());
            // The last part is the headline itself.
            for part in parts.and_then(<[_]>::split_last).map_or(&[][..], |(_, parts)| parts) {
                let value = part.estimate.value.map(|value| value.to_string());
                said.extend(value.map(|value| (format!("part {}", part.name), value)));
            }
        }
        if by_stand_in {
            let caution =
                format!("{STAND_IN_MARK}: a number that bears this mark {STAND_IN_CAUTION}");
            said.insert("caution".to_owned(), caution);
        }
        if let Some(coverage) = coverage {
            said.insert("samples_counted".to_owned(), coverage.counts.counted.to_string());
            said.insert("samples_missing".to_owned(), coverage.counts.missing.to_string());
            said.insert("samples_not_asked".to_owned(), coverage.counts.not_asked.to_string());
            said.insert("samples_not_planned".to_owned(), coverage.counts.not_planned.to_string());
        }
        let ends =
            number.low.zip(number.high).filter(|(low, high)| low.is_finite() && high.is_finite());
        let is_bootstrap = report.scoring.uncertainty_version == 1;
        let uncertainty = ends.map(|(lower, upper)| Uncertainty {
            confidence_interval: ConfidenceInterval {
                lower,
                upper,
                confidence_level: 0.95,
                method: interval_method(report),
            },
            num_samples: coverage.map(|coverage| coverage.counts.counted),
            num_bootstrap_samples: is_bootstrap.then_some(report.resampling.resamples),
        });
        let mode = number.mode;
        Some(EvaluationResult {
            id: result_id(mode, name, by_stand_in),
            evaluation_name: result_name(&exported.dataset_name(), mode, name, by_stand_in),
            source_data: self.source_data(name),
            metric_config: MetricConfig {
                evaluation_description: description(number),
                metric_id: format!(
                    "avi_bench.{}",
                    result_id(mode, name, by_stand_in).replace('/', ".")
                ),
                metric_name: metric_name(mode, name, by_stand_in),
                metric_unit: if is_percent { "percent" } else { "proportion" }.to_owned(),
                lower_is_better: false,
                score_type: "continuous".to_owned(),
                // Captions by FENSE are rated by a cosine, which can be negative.
                min_score: if name == "AVC" && !by_stand_in { score.min(0.0) } else { 0.0 },
                max_score: if is_percent { 100.0 } else { 1.0 },
            },
            score_details: ScoreDetails { score, details: said, uncertainty },
            generation_config: self.generation_config(),
        })
    }

    fn source_data(&self, name: &str) -> SourceData {
        let exported = self.export.exported;
        let report = exported.report();
        let of_number =
            |task: Task| task.name() == name || !Task::ALL.iter().any(|of| of.name() == name);
        let data = report.data.iter().filter(|data| of_number(data.folder.task()));
        let is_generated = exported.generated.is_some();
        let url = (!is_generated).then(|| "https://arxiv.org/abs/2606.07643".to_owned());
        SourceData {
            dataset_name: exported.dataset_name(),
            source_type: if is_generated { "other" } else { "url" }.to_owned(),
            url: url.into_iter().collect(),
            additional_details: data
                .map(|data| {
                    (format!("sha256 of data.json of {}", data.folder), data.sha256.clone())
                })
                .collect(),
        }
    }

    fn generation_config(&self) -> Option<GenerationConfig> {
        let asking = self.export.exported.report().asking.as_ref()?;
        let parameters: &Map<String, Value> = &asking.parameters;
        let real = |name: &str| parameters.get(name).and_then(Value::as_f64);
        let whole = |name: &str| parameters.get(name).and_then(Value::as_u64);
        let mut said: Details = parameters
            .iter()
            .map(|(name, value)| (format!("parameter {name}"), as_text(value)))
            .collect();
        said.insert("backend".to_owned(), asking.backend.clone());
        said.insert("prompt_pack_sha256".to_owned(), asking.prompt_pack.clone());
        said.extend(asking.profile.clone().map(|packing| ("media_packing".to_owned(), packing)));
        said.extend(asking.wording.map(|words| ("wording".to_owned(), words.to_string())));
        let limit = whole("max_tokens").or_else(|| whole("max_completion_tokens"));
        Some(GenerationConfig {
            generation_args: GenerationArguments {
                temperature: real("temperature"),
                top_p: real("top_p"),
                top_k: real("top_k"),
                max_tokens: limit.filter(|limit| *limit > 0),
            },
            additional_details: said,
        })
    }

    fn detailed(&self, samples: &SamplesFile) -> DetailedResults {
        DetailedResults {
            format: "jsonl".to_owned(),
            file_path: self.export.samples_name(),
            hash_algorithm: "sha256".to_owned(),
            checksum: samples.sha256.clone(),
            total_rows: samples.rows,
            additional_details: details([(
                "left_out",
                format!(
                    "{}, one a sample and mode, because they have no score, which the schema does not allow: checks, \
                     void samples, and in official scoring samples without an answer",
                    samples.left_out
                ),
            )]),
        }
    }
}

fn description(number: &NumberRow) -> String {
    let what = match number.kind {
        NumberKind::Overall => "Overall: mean of the four stages".to_owned(),
        NumberKind::Stage => format!("Stage {}: mean of its tasks", number.name),
        NumberKind::Level => format!("Level {}", number.name.to_uppercase()),
        NumberKind::Task | NumberKind::Part => format!("Task {}", number.name),
        NumberKind::Mean => format!("{}: over several epochs", number.name),
        NumberKind::Bounds => format!("{}: from the beginning of a random order", number.name),
    };
    let how = match number.mode {
        ScoringMode::Official => "official scoring, as the published evaluator counts",
        ScoringMode::Strict => "strict scoring, as the benchmark means to measure",
    };
    format!("{what}; {how}.")
}
