//! An entry of a scored run: what its report holds, and nothing else.

use std::collections::BTreeMap;

use avibench_protocol::{Stage, Task, WordingSource};
use avibench_results::Report;
use avibench_score::{Estimate, Estimates};
use avibench_store::{AblationKind, Label};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::entry_rules::MAX_NOTES;
use crate::pointer::shortened;
use crate::run_coverage::RunCoverage;
use crate::{LEVEL_NAMES, STAGE_NAMES};

/// What a run cannot know of its model and of where its result is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryMetadata {
    /// Id of the entry.
    pub id: String,
    /// Display name of the model.
    pub model_name: String,
    /// Who made it.
    pub provider: String,
    /// Its exact identifier.
    pub model_id: String,
    /// Release date, `YYYY-MM-DD`.
    pub released: String,
    /// Where the release date is said: an https address.
    pub release_source: String,
    /// The release of the benchmark.
    pub benchmark_version: String,
    /// `paper`, `participant` or `maintainer`.
    pub source_type: String,
    /// Where the result is published: an https address.
    pub source_url: String,
    /// When the run was made, `YYYY-MM-DD`.
    pub evaluated: Option<String>,
    /// Who submits it.
    pub submitter: Option<String>,
}

/// What is known of a run beside its report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// Whether its samples were generated, and are not the benchmark's.
    pub is_generated: bool,
    /// SHA-256 of its bundle, in hexadecimal.
    pub bundle_sha256: Option<String>,
    /// How many samples of each task can be asked, where the data set is at hand. A report tells that
    /// only of tasks that were scored.
    pub askable: BTreeMap<Task, usize>,
}

/// An entry, in the order of the public template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeaderboardEntry {
    id: String,
    model_name: String,
    provider: String,
    model_id: String,
    model_release_date: String,
    model_release_source_url: String,
    benchmark_version: String,
    source: EntrySource,
    evaluation_date: Option<String>,
    /// What the run covered.
    pub coverage: RunCoverage,
    scores: EntryScores,
    submitter: Option<String>,
    /// How the run was made, at most 1,000 code points.
    pub notes: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct EntrySource {
    #[serde(rename = "type")]
    kind: String,
    url: String,
}

/// Scores in percent. Above tasks they are bare numbers, which is all that the public page reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct EntryScores {
    overall: Option<f64>,
    stages: Map<String, Value>,
    taxonomy: Map<String, Value>,
    tasks: Map<String, Value>,
}

/// A task's score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct EntryTask {
    /// As the original evaluator scores.
    official: Option<f64>,
    /// Its 95% interval.
    low: Option<f64>,
    high: Option<f64>,
    /// As strict scoring scores.
    strict: Option<f64>,
}

/// Why a run makes no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoredEntryError {
    /// The model did not get the questions as they are.
    #[error(
        "`{label}` is an ablation ({kind}): the model did not get the questions as they are; make an \
         entry of the run that it belongs to"
    )]
    Ablation {
        /// The label.
        label: String,
        /// Its kind.
        kind: AblationKind,
    },
    /// The report does not tell what was asked.
    #[error(
        "the report of `{0}` does not tell how many samples were asked; run `avibench score` again"
    )]
    NoCoverage(String),
    /// Its captions were not rated by FENSE.
    #[error(
        "the captions of `{0}` were rated by the stand-in for FENSE, which compares with no entry of the \
         leaderboard; get the models with `avibench fense fetch` and run `avibench score --models {0}` again"
    )]
    StandInCaptions(String),
    /// The report has no score.
    #[error("`{0}` has no score; answer and score at least one task first")]
    NoScore(String),
}

impl LeaderboardEntry {
    /// The entry of a run.
    ///
    /// # Errors
    ///
    /// If the run holds nothing that an entry may claim.
    pub fn new(
        report: &Report,
        metadata: EntryMetadata,
        facts: &RunFacts,
    ) -> Result<Self, ScoredEntryError> {
        let label = report.label.clone();
        let ablation = report.asking.as_ref().and_then(|asking| asking.ablation);
        let by_name = label.parse::<Label>().ok().and_then(|label| Some(label.ablation()?.1));
        if let Some(kind) = ablation.or(by_name) {
            return Err(ScoredEntryError::Ablation { label, kind });
        }
        if report.has_stand_in_captions() {
            return Err(ScoredEntryError::StandInCaptions(label));
        }
        let scores = EntryScores::of(report);
        if scores.tasks.values().all(Value::is_null) {
            return Err(ScoredEntryError::NoScore(label));
        }
        let coverage =
            RunCoverage::of(report, &facts.askable).ok_or(ScoredEntryError::NoCoverage(label))?;
        let notes = notes(report, &coverage, facts);
        Ok(Self {
            id: metadata.id,
            model_name: metadata.model_name,
            provider: metadata.provider,
            model_id: metadata.model_id,
            model_release_date: metadata.released,
            model_release_source_url: metadata.release_source,
            benchmark_version: metadata.benchmark_version,
            source: EntrySource { kind: metadata.source_type, url: metadata.source_url },
            evaluation_date: metadata.evaluated,
            coverage,
            scores,
            submitter: metadata.submitter,
            notes,
        })
    }
}

impl EntryScores {
    fn of(report: &Report) -> Self {
        let official = &report.official.estimates;
        let strict = &report.strict.estimates;
        let stages = STAGE_NAMES.into_iter().zip(Stage::ALL).map(|(name, stage)| {
            let found = official.stages.iter().find(|found| found.name == stage.name());
            (name, percent(found.and_then(|found| found.estimate.value)))
        });
        let levels = LEVEL_NAMES.into_iter().enumerate().map(|(at, name)| {
            let level = format!("l{}", at + 1);
            let found = official.levels.iter().find(|found| found.name == level);
            (name, rounded(found.and_then(|found| found.estimate.value)))
        });
        let named = |all: &mut dyn Iterator<Item = (&str, Option<f64>)>| {
            all.map(|(name, number)| (name.to_owned(), Value::from(number))).collect()
        };
        let task = |task: Task| {
            let Some(Estimate { value, low, high }) = headline(official, task) else {
                return Some((task.name().to_owned(), Value::Null));
            };
            let strict = headline(strict, task).and_then(|strict| strict.value);
            // The interval of a number between 0 and 100 ends there.
            let end = |end: Option<f64>| percent(end.map(|end| end.clamp(0.0, 1.0)));
            let task_score = EntryTask {
                official: percent(value),
                low: end(low),
                high: end(high),
                strict: percent(strict),
            };
            Some((task.name().to_owned(), serde_json::to_value(task_score).ok()?))
        };
        Self {
            overall: percent(official.overall.value),
            stages: named(&mut { stages }),
            taxonomy: named(&mut { levels }),
            tasks: Task::ALL.into_iter().filter_map(task).collect(),
        }
    }
}

/// The number that stands for a task; none for one half of it alone.
fn headline(estimates: &Estimates, task: Task) -> Option<Estimate> {
    let key = task.name().to_lowercase();
    estimates.tasks.iter().find(|found| found.key == key).map(|found| found.headline)
}

/// A share as percent, with as many digits as score files have.
fn percent(share: Option<f64>) -> Option<f64> {
    rounded(share.map(|share| share * 100.0))
}

fn rounded(percent: Option<f64>) -> Option<f64> {
    percent.map(|percent| (percent * 1_000.0).round() / 1_000.0)
}

/// How the run was made: what a reader needs in order to judge whether it compares with others.
fn notes(report: &Report, coverage: &RunCoverage, facts: &RunFacts) -> String {
    let short = |text: &str| shortened(text, 60);
    let scoring = &report.scoring;
    let mut said = vec![format!(
        "Scored by {} {}: official scoring {}, strict scoring {}, levels version {}.",
        short(&report.program.name),
        short(&report.program.version_and_commit()),
        scoring.official,
        scoring.strict,
        scoring.levels_version
    )];
    match &report.asking {
        Some(asking) => {
            let packing = match &asking.profile {
                Some(profile) => short(profile),
                None => "none, files were handed over".to_owned(),
            };
            let wording = match asking.wording {
                Some(WordingSource::Benchmark) => "the benchmark's wording",
                Some(WordingSource::Embedded) => {
                    "avibench's own wording (not comparable with published rows)"
                }
                Some(WordingSource::Custom) => {
                    "a wording of the user's (not comparable with published rows)"
                }
                None => "wording not recorded",
            };
            let pack: String = asking.prompt_pack.chars().take(16).collect();
            said.push(format!("Media packing: {packing}. Prompts: {wording}, pack {pack}."));
        }
        None => said.push("Media packing and prompts: not recorded.".to_owned()),
    }
    let formatting = report.formatting.as_ref();
    let mode = formatting.and_then(|formatting| formatting.mode.as_deref());
    let refiner = formatting.and_then(|formatting| formatting.refiner.as_deref());
    said.push(match (mode, refiner) {
        (Some(mode), Some(refiner)) if refiner != "rules" => {
            format!("Formatting: {}, by {}.", short(mode), short(refiner))
        }
        (Some(mode), _) => format!("Formatting: {}.", short(mode)),
        (None, _) => "Formatting: not recorded.".to_owned(),
    });
    said.push("Tasks: official score with its 95% interval, and strict score.".to_owned());
    if coverage.tasks_counted < coverage.tasks_total {
        said.push(format!("Samples are counted over {} tasks.", coverage.tasks_counted));
    }
    if facts.is_generated {
        said.push("Measured on generated samples, not on the benchmark's.".to_owned());
    }
    if let Some(sha256) = &facts.bundle_sha256 {
        said.push(format!("Bundle SHA-256: {sha256}."));
    }
    shortened(&said.join(" "), MAX_NOTES)
}
