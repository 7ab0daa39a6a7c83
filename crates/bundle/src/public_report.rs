//! `report.json` of a public bundle: the numbers, and what they are of.

use avibench_protocol::{Folder, Task, WordingSource};
use avibench_results::{
    Asking, CaptionRaterReport, DataHash, OriginReport, Program, PublicText, Report, ScoringMode,
    ScoringVersions,
};
use avibench_score::FolderVerdicts;
use avibench_store::{AblationKind, Subset};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ModeNumbers;

/// The numbers of a run and what they are of. Every text in it is a name that was made fit for the public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicReport {
    /// The run's label.
    pub label: String,
    /// The program that scored.
    pub program: Program,
    /// Versions of the rules behind the numbers.
    pub scoring: ScoringVersions,
    /// SHA-256 of each whole `data.json` that was scored against.
    pub data: Vec<DataHash>,
    /// What was asked of whom; null if no run of this program did.
    pub asking: Option<PublicAsking>,
    /// Whom the answers are of.
    pub origins: Vec<PublicOrigin>,
    /// Answers of which no journal tells whom they are of; null where that was not counted.
    pub unknown_origins: Option<usize>,
    /// Who brought answers into their format; null if no run of this program did.
    pub formatting: Option<PublicFormatting>,
    /// What rated captions.
    pub captions: Option<CaptionRaterReport>,
    /// What guessing scores by task, which L3 takes off.
    pub guess_baselines: Vec<PublicBaseline>,
    /// Folders of which chance decided which samples were asked.
    pub drawn: Vec<Folder>,
    /// The factors on official scores of folders whose answers repeat each other.
    pub repeat_factors: Vec<RepeatFactor>,
    /// Tasks that have no official score.
    pub unscored: Vec<Task>,
    /// As the original evaluator scores.
    pub official: ModeNumbers,
    /// As the benchmark means to measure.
    pub strict: ModeNumbers,
}

/// The run behind a public report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicAsking {
    /// The model's name; of a path its last part.
    pub model: String,
    /// The backend without commands: `openai`, `exec`, `signal`, ...
    pub backend: String,
    /// How media were packed, `name@hash`; null where paths or bytes were handed over.
    pub profile: Option<String>,
    /// Hash of the prompt pack.
    pub prompt_pack: String,
    /// Whose words questions were put in.
    pub wording: Option<WordingSource>,
    /// What was withheld from the model or exchanged.
    pub ablation: Option<AblationKind>,
    /// The random part of each folder that was asked.
    pub subset: Option<Subset>,
    /// Request parameters; of paths the last part, longer texts left out.
    pub parameters: Map<String, Value>,
    /// Tokens of all requests, as the server counted them.
    pub tokens_in: u64,
    /// Tokens that the model generated, reasoning included.
    pub tokens_out: u64,
    /// Tokens of reasoning among them.
    pub tokens_reasoning: Option<u64>,
    /// US dollars by the price table.
    pub cost: Option<f64>,
}

/// Answers of one origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicOrigin {
    /// The model; of a path its last part.
    pub model: Option<String>,
    /// How media were packed, `name@hash`.
    pub packing: Option<String>,
    /// Hash of the prompt pack.
    pub prompt_pack: Option<String>,
    /// How many answers.
    pub answers: usize,
}

/// Who brought answers into their format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicFormatting {
    /// The model that rewrote what rules do not read, or `rules`.
    pub refiner: Option<String>,
    /// `refine hybrid`, `refine llm` or `refine rules`.
    pub mode: Option<String>,
}

/// What guessing scores on a task.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicBaseline {
    /// The task.
    pub task: Task,
    /// The score, in percent.
    pub percent: f64,
    /// Whether the published value is not determined.
    pub is_open: bool,
}

/// The factor on official scores of a folder whose answers repeat each other. It is a function of the
/// answers, which public bundles do not hold, so that verifying takes it as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatFactor {
    /// The folder.
    pub folder: Folder,
    /// The factor, 0.8 to 1.
    pub factor: f64,
}

impl PublicReport {
    /// What may be public of a report; `official` are the official verdicts behind it. `Err` says what the
    /// report lacks.
    pub(crate) fn new(
        report: &Report,
        official: &[FolderVerdicts],
        text: &PublicText,
    ) -> Result<Self, String> {
        let numbers = |mode: ScoringMode| {
            ModeNumbers::of(report.mode(mode)).ok_or_else(|| {
                format!(
                    "the {} scores lack their summary, which versions before 0.1 did not write",
                    mode.name()
                )
            })
        };
        let has_factor = |folder: &&FolderVerdicts| folder.diversity < 1.0;
        Ok(Self {
            label: report.label.clone(),
            program: report.program.clone(),
            scoring: report.scoring,
            data: report.data.clone(),
            asking: report.asking.as_ref().map(|asking| PublicAsking::new(asking, text)),
            origins: report
                .origins
                .as_ref()
                .map_or_else(Vec::new, |origins| PublicOrigin::all(origins, text)),
            unknown_origins: report.origins.as_ref().map(|origins| origins.unknown),
            formatting: report.formatting.as_ref().map(|formatting| {
                let name = |name: &Option<String>| name.as_deref().map(|name| text.name(name));
                PublicFormatting {
                    refiner: name(&formatting.refiner),
                    mode: name(&formatting.mode),
                }
            }),
            captions: report.captions.clone(),
            guess_baselines: report
                .guess_baselines
                .iter()
                .map(|known| PublicBaseline {
                    task: known.task,
                    percent: known.percent,
                    is_open: known.is_open,
                })
                .collect(),
            drawn: official.iter().filter(|of| of.extent.is_drawn).map(|of| of.folder).collect(),
            repeat_factors: official
                .iter()
                .filter(has_factor)
                .map(|of| RepeatFactor { folder: of.folder, factor: of.diversity })
                .collect(),
            unscored: report.official.unscored.iter().map(|unscored| unscored.task).collect(),
            official: numbers(ScoringMode::Official)?,
            strict: numbers(ScoringMode::Strict)?,
        })
    }

    /// The numbers of a mode.
    #[must_use]
    pub const fn numbers(&self, mode: ScoringMode) -> &ModeNumbers {
        match mode {
            ScoringMode::Official => &self.official,
            ScoringMode::Strict => &self.strict,
        }
    }
}

impl PublicAsking {
    fn new(asking: &Asking, text: &PublicText) -> Self {
        Self {
            model: text.name(&asking.model),
            backend: text.backend(&asking.backend),
            profile: asking.profile.as_deref().map(|profile| text.name(profile)),
            prompt_pack: text.name(&asking.prompt_pack),
            wording: asking.wording,
            ablation: asking.ablation,
            subset: asking.subset,
            parameters: text.parameters(&asking.parameters),
            tokens_in: asking.tokens_in,
            tokens_out: asking.tokens_out,
            tokens_reasoning: asking.tokens_reasoning,
            cost: asking.cost,
        }
    }
}

impl PublicOrigin {
    fn all(origins: &OriginReport, text: &PublicText) -> Vec<Self> {
        let name = |name: &Option<String>| name.as_deref().map(|name| text.name(name));
        let public = origins.origins.iter().map(|count| Self {
            model: name(&count.origin.model),
            packing: name(&count.origin.packing),
            prompt_pack: name(&count.origin.prompt_pack),
            answers: count.answers,
        });
        public.collect()
    }
}
