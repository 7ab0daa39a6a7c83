//! The log of a task: everything but its samples, which are made while it is written.

use avibench_prompts::PromptPack;
use avibench_protocol::Task;
use avibench_results::{Report, STAND_IN_CAUTION, STAND_IN_MARK, ScoringMode};
use avibench_score::{Estimate, TaskEstimate};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Named;
use super::log::{
    ConfigPart, DatasetPart, EvalMetadata, EvalPart, GenerateConfig, HeadlinePart, LOG_VERSION,
    LogDocument, LogSample, MetricPart, Metrics, NeverAskedPart, PlanPart, PlanStep, ResultsPart,
    ScorePart, ScorerMetadata, ScorerPart, StatsPart, Streamed, TaskArguments, UsagePart,
};
use super::media::MediaBudget;
use super::sample::SampleMaker;
use crate::circumstances::{POLICY, interval_method};
use crate::name_hash::short_id;
use crate::paired_rows::{TaskRows, counted_score};
use crate::{Circumstance, ExportedRun, circumstances};

pub(super) const MODES: [ScoringMode; 2] = [ScoringMode::Official, ScoringMode::Strict];
/// The number that stands for a task.
const HEADLINE: &str = "headline";

pub(super) struct TaskLog<'a> {
    pub(super) exported: &'a ExportedRun,
    pub(super) pack: Option<&'a PromptPack>,
    pub(super) task: Task,
    pub(super) rows: &'a TaskRows<'a>,
    pub(super) media: &'a MediaBudget,
}

/// When the run was made, or else when it was scored.
fn created(exported: &ExportedRun) -> Timestamp {
    exported.started.unwrap_or(exported.scored)
}

/// `2026-01-31T12-00-00+00-00_AVM_0123456789abcdef012345.json`: Inspect takes files for logs whose names begin so.
pub(super) fn file_name(exported: &ExportedRun, task: Task) -> String {
    let time = created(exported).strftime("%Y-%m-%dT%H-%M-%S+00-00");
    format!("{time}_{task}_{}.json", short_id(exported.report(), &format!("task {task}")))
}

/// The name of a mode's scores. Ratings by the stand-in for FENSE have a name of their own, so that no table of several
/// logs puts them into one column with ratings by FENSE.
pub(super) fn scorer_name(report: &Report, task: Task, mode: ScoringMode) -> String {
    format!("{}{}", mode.name(), mark(report, task))
}

/// Stands after names of what rests on ratings by the stand-in.
fn mark(report: &Report, task: Task) -> String {
    let is_marked = report.has_stand_in_captions() && task == Task::Avc;
    if is_marked { format!(" {STAND_IN_MARK}") } else { String::new() }
}

impl<'a> TaskLog<'a> {
    pub(super) fn document(&self) -> LogDocument<'a, impl Iterator<Item = LogSample> + use<'a>> {
        let maker = SampleMaker { exported: self.exported, pack: self.pack, media: self.media };
        let samples = self.rows.asked.iter().map(move |pair| maker.sample(pair));
        let is_cancelled = self.rows.never.not_asked > 0;
        LogDocument {
            version: LOG_VERSION,
            status: if is_cancelled { "cancelled" } else { "success" },
            eval: self.eval(),
            plan: self.plan(),
            results: self.results(),
            stats: self.stats(),
            samples: Streamed::new(samples),
        }
    }

    /// Samples without a score, official and strict.
    pub(super) fn unscored(&self) -> [usize; 2] {
        MODES.map(|mode| {
            let pairs = self.rows.asked.iter();
            pairs.filter(|pair| counted_score(pair.row(mode)).is_none()).count()
        })
    }

    fn planned(&self) -> usize {
        self.rows.asked.len() + self.rows.never.not_asked
    }

    fn eval(&self) -> EvalPart<'a> {
        let report = self.exported.report();
        let asking = report.asking.as_ref();
        let id = |purpose: &str| short_id(report, purpose);
        let task = self.task;
        let scoring = &report.scoring;
        let found = self.circumstances();
        let mark = mark(report, task);
        let versions = [scoring.official, scoring.strict];
        EvalPart {
            eval_id: id(&format!("evaluation {task}")),
            run_id: id("run"),
            created: created(self.exported),
            task: format!("{task}{mark}"),
            task_id: id(&format!("task {task}")),
            task_version: format!("official {}, strict {}", scoring.official, scoring.strict),
            task_display_name: format!("{} {task}{mark}", self.exported.dataset_name()),
            task_registry_name: format!("avibench/{task}"),
            task_args: TaskArguments {
                stage: task.stage().name(),
                label: &report.label,
                backend: asking.map(|asking| asking.backend.as_str()),
                packing: asking.and_then(|asking| asking.profile.as_deref()),
                prompt_pack: asking.map(|asking| asking.prompt_pack.as_str()),
                wording: asking.and_then(|asking| asking.wording).map(|words| words.to_string()),
            },
            tags: found.iter().map(Circumstance::tag).collect(),
            dataset: DatasetPart {
                name: self.exported.dataset_name(),
                samples: self.planned(),
                shuffled: !self.exported.form.has_texts(),
            },
            model: self.exported.model(),
            model_generate_config: self.generate_config(),
            model_args: asking.map(|asking| asking.parameters.clone()).unwrap_or_default(),
            config: ConfigPart {
                epochs: 1,
                fail_on_error: false,
                continue_on_fail: true,
                score_on_error: true,
            },
            packages: Named::from([(
                report.program.name.clone(),
                report.program.version_and_commit(),
            )]),
            metadata: self.metadata(&found),
            scorers: MODES
                .into_iter()
                .zip(versions)
                .map(|(mode, version)| ScorerPart {
                    name: scorer_name(report, task, mode),
                    metadata: ScorerMetadata { scoring: mode.name(), version },
                })
                .collect(),
            headline_metric: self.headline(),
        }
    }

    /// What must be known of this task.
    fn circumstances(&self) -> Vec<Circumstance> {
        let folders = self.task.folders().iter();
        let mut keys: Vec<String> = folders.map(|folder| folder.name().to_lowercase()).collect();
        keys.push(self.task.key());
        let is_about = |found: &Circumstance| match found.tasks() {
            Some(tasks) => tasks.iter().any(|task| keys.contains(task)),
            None => true,
        };
        circumstances(self.exported).into_iter().filter(is_about).collect()
    }

    fn metadata(&self, found: &[Circumstance]) -> EvalMetadata {
        let report = self.exported.report();
        let never = self.rows.never;
        let formatting = report.formatting.as_ref();
        let folders = self.task.folders();
        let data = report.data.iter().filter(|data| folders.contains(&data.folder));
        let mut unscored = report.official.unscored.iter();
        EvalMetadata {
            exported_by: format!("avibench {}", env!("CARGO_PKG_VERSION")),
            scored_by: format!("{} {}", report.program.name, report.program.version_and_commit()),
            form: self.exported.form.name(),
            cautions: found.iter().map(ToString::to_string).collect(),
            policy: self.exported.generated.is_none().then_some(POLICY),
            interval: interval_method(report),
            created_is: if self.exported.started.is_some() {
                "when asking began"
            } else {
                "when the answers were scored: the run noted no time"
            },
            never_asked: NeverAskedPart {
                not_asked: never.not_asked,
                not_planned: never.not_planned,
                void_checks: never.void_checks,
            },
            data_sha256: data.map(|of| (of.folder.to_string(), of.sha256.clone())).collect(),
            captions: report
                .captions
                .as_ref()
                .filter(|_| self.task == Task::Avc)
                .map(ToString::to_string),
            formatting: formatting.and_then(|formatting| formatting.mode.clone()),
            unscored: unscored.find(|of| of.task == self.task).map(|of| of.reason.to_string()),
        }
    }

    fn headline(&self) -> HeadlinePart {
        let scorer = scorer_name(self.exported.report(), self.task, ScoringMode::Official);
        HeadlinePart { scorer, metric: HEADLINE }
    }

    fn generate_config(&self) -> GenerateConfig {
        let Some(asking) = &self.exported.report().asking else { return GenerateConfig::default() };
        let real = |name: &str| asking.parameters.get(name).and_then(Value::as_f64);
        let whole = |name: &str| asking.parameters.get(name).and_then(Value::as_u64);
        GenerateConfig {
            max_tokens: whole("max_tokens").or_else(|| whole("max_completion_tokens")),
            top_p: real("top_p"),
            temperature: real("temperature"),
            frequency_penalty: real("frequency_penalty"),
            presence_penalty: real("presence_penalty"),
            seed: whole("seed"),
            top_k: whole("top_k"),
        }
    }

    fn plan(&self) -> PlanPart {
        let formatting = self.exported.report().formatting.as_ref();
        let mut params = Map::new();
        if let Some(mode) = formatting.and_then(|formatting| formatting.mode.as_deref()) {
            params.insert("mode".to_owned(), mode.into());
        }
        let step = |solver, params| PlanStep { solver, params };
        PlanPart {
            name: "avibench",
            steps: vec![step("ask", Map::new()), step("refine", params)],
            config: self.generate_config(),
        }
    }

    fn results(&self) -> ResultsPart {
        let unscored = self.unscored();
        let scores: Vec<ScorePart> = MODES
            .into_iter()
            .zip(unscored)
            .map(|(mode, unscored)| self.score(mode, unscored))
            .collect();
        let has_headline = scores.first().is_some_and(|score| !score.metrics.0.is_empty());
        ResultsPart {
            total_samples: self.planned(),
            completed_samples: self.rows.asked.len(),
            scores,
            headline: has_headline.then(|| self.headline()),
        }
    }

    fn score(&self, mode: ScoringMode, unscored: usize) -> ScorePart {
        let report = self.exported.report();
        let estimates = &report.mode(mode).estimates.tasks;
        let of_task = estimates.iter().filter(|found| found.task == self.task.name());
        let mut metrics = Vec::new();
        for found in of_task {
            // A half that stands alone keeps its own name.
            let prefix = if found.key == self.task.key() {
                String::new()
            } else {
                format!("{} ", found.key)
            };
            add_metrics(&mut metrics, found, &prefix);
        }
        let name = scorer_name(report, self.task, mode);
        let is_marked = name.contains(STAND_IN_MARK);
        let caution = format!("{STAND_IN_MARK}: a number that bears this mark {STAND_IN_CAUTION}");
        ScorePart {
            scorer: name.clone(),
            name,
            scored_samples: self.rows.asked.len() - unscored,
            unscored_samples: unscored,
            metrics: Metrics(metrics),
            metadata: is_marked
                .then(|| Map::from_iter([("caution".to_owned(), Value::from(caution))])),
        }
    }

    fn stats(&self) -> StatsPart {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        let report = self.exported.report();
        StatsPart {
            started_at: time(self.exported.started),
            completed_at: time(self.exported.ended),
            model_usage: self
                .usage()
                .filter(|_| report.asking.is_some())
                .map(|usage| Named::from([(self.exported.model().to_owned(), usage)]))
                .unwrap_or_default(),
        }
    }

    /// Tokens of the answers that stand; `None` if any of them lacks a count, because a part of the sum would look like
    /// the whole.
    fn usage(&self) -> Option<UsagePart> {
        let mut sum = UsagePart::default();
        let mut cost = Some(0.0);
        for pair in &self.rows.asked {
            let row = pair.strict;
            let detail = self.exported.detail(row.folder, row.position);
            let Some((input, output)) = row.usage.tokens_in.zip(row.usage.tokens_out) else {
                // Without an answer there is nothing to count.
                if row.raw_answer.is_none() && row.ask_outcome.is_some_and(is_without_answer) {
                    continue;
                }
                return None;
            };
            sum.input_tokens += input;
            sum.output_tokens += output;
            if let Some(tokens) = row.usage.tokens_reasoning {
                *sum.reasoning_tokens.get_or_insert(0) += tokens;
            }
            cost = cost.zip(detail.and_then(|detail| detail.cost)).map(|(sum, one)| sum + one);
        }
        sum.total_tokens = sum.input_tokens + sum.output_tokens;
        sum.total_cost = cost.filter(|cost| cost.is_finite());
        (sum.total_tokens > 0).then_some(sum)
    }
}

fn is_without_answer(outcome: avibench_store::AskOutcome) -> bool {
    use avibench_store::AskOutcome;
    matches!(outcome, AskOutcome::Failed | AskOutcome::Rejected)
}

/// The headline, its interval, then the parts; what has no number is left out.
fn add_metrics(metrics: &mut Vec<MetricPart>, found: &TaskEstimate, prefix: &str) {
    let mut add = |name: &str, value: Option<f64>| {
        let value = value.filter(|value| value.is_finite());
        metrics.extend(value.map(|value| MetricPart { name: format!("{prefix}{name}"), value }));
    };
    let Estimate { value, low, high } = found.headline;
    add(HEADLINE, value);
    add("low", low);
    add("high", high);
    let parts = found.parts.split_last().map(|(_, parts)| parts).unwrap_or_default();
    for part in parts {
        add(&part.name, part.estimate.value);
    }
}
