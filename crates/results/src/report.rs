//! The report of a scored run.

use std::collections::BTreeMap;
use std::fmt;

use avibench_probe::ProbeReport;
use avibench_protocol::{Folder, Position, Task};
use avibench_score::{
    Estimates, FolderVerdicts, GuessBaselines, LEVELS_VERSION, OptionChance, Psychometrics, Reason,
    Resampling, ScoreFile, ScoreSummary, TaskCoverage, UNCERTAINTY_VERSION, Unscored, coverage,
    estimate, score_folders,
};
use avibench_store::Label;
use serde::{Deserialize, Serialize};

use crate::{
    Asking, CaptionRaterReport, Detail, EndingsReport, FormattingReport, OriginReport,
    ReadingReport, RepeatReport, ResultsError, SampleCounts, SequenceReport,
};

/// Version of the report's shape; a reader refuses any other.
pub const REPORT_SCHEMA: u32 = 1;
/// Version of official scoring as it is done here.
pub const OFFICIAL_VERSION: u32 = 1;
/// Version of strict scoring; it changes with any rule.
pub const STRICT_VERSION: u32 = 2;

/// `<label>.report.json`: everything that was computed of a run. Scores are 0 to 1, levels percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema_version: u32,
    /// The program that wrote the report.
    pub program: Program,
    /// The run's label.
    pub label: String,
    /// Versions of the rules behind the numbers.
    pub scoring: ScoringVersions,
    /// SHA-256 of each `data.json` that was scored against.
    pub data: Vec<DataHash>,
    /// Seed and number of resamples as asked for; only version 1 of the uncertainty method drew any.
    pub resampling: Resampling,
    /// As the original evaluator scores.
    pub official: ModeReport,
    /// As the benchmark means to measure.
    pub strict: ModeReport,
    /// Why the two differ, by folder.
    pub divergence: Vec<Divergences>,
    /// How asking ended, sample by sample; null in reports from before it was counted.
    #[serde(default)]
    pub outcomes: Option<EndingsReport>,
    /// Whom the answers are of; null in reports from before it was told.
    #[serde(default)]
    pub origins: Option<OriginReport>,
    /// What was asked of whom; null if no run of this program did.
    #[serde(default)]
    pub asking: Option<Asking>,
    /// What a probe of the endpoint found out before the run; absent where there was none, and in
    /// reports from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeReport>,
    /// How the answers came into their format.
    #[serde(default)]
    pub formatting: Option<FormattingReport>,
    /// How strict scoring read the answers; null in reports of strict version 1, which read formatted
    /// answers by rules of its own.
    #[serde(default)]
    pub reading: Option<ReadingReport>,
    /// What guessing scores by task, which L3 takes off; empty in reports from before there were
    /// any.
    #[serde(default)]
    pub guess_baselines: Vec<GuessBaseline>,
    /// What guessing among the listed options scores on the data set, beside the table.
    #[serde(default)]
    pub option_chances: Vec<OptionChance>,
    /// What rated captions; null if nothing did, and in reports from before it was told.
    #[serde(default)]
    pub captions: Option<CaptionRaterReport>,
    /// Where senses end; absent unless the data set writes intensities down, and in reports from
    /// before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psychometrics: Option<Psychometrics>,
    /// What repeats of every question tell; absent where each was asked once, and in reports from before
    /// there were any. All other numbers are those of the first epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<RepeatReport>,
    /// Bounds of a score that the run was to find out, where it asked in a random order until it knew it well enough;
    /// absent where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<SequenceReport>,
    /// The files with one row a sample and mode, beside the report.
    pub samples: SamplesFiles,
}

/// A program and its version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `avibench`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// First digits of the commit it was built from, with `+changes` if sources differed from it;
    /// `unknown` without a repository, null in older reports.
    #[serde(default)]
    pub commit: Option<String>,
    /// Profile of the build, such as `release`.
    #[serde(default)]
    pub profile: Option<String>,
    /// Target triple.
    #[serde(default)]
    pub target: Option<String>,
    /// Instruction sets that the compiler was allowed to use.
    #[serde(default)]
    pub features: Option<String>,
}

impl Program {
    /// Version and commit, as rows name them: `0.1.0 0123456789ab`.
    #[must_use]
    pub fn version_and_commit(&self) -> String {
        match &self.commit {
            Some(commit) => format!("{} {commit}", self.version),
            None => self.version.clone(),
        }
    }
}

/// Versions of the rules behind the numbers: numbers of different versions do not compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoringVersions {
    /// [`OFFICIAL_VERSION`].
    pub official: u32,
    /// [`STRICT_VERSION`].
    pub strict: u32,
    /// Version of the formulas of L1 to L4.
    pub levels_version: u32,
    /// Version of the method behind intervals; 1 in reports from before it was written down.
    #[serde(default = "first_uncertainty_version")]
    pub uncertainty_version: u32,
}

fn first_uncertainty_version() -> u32 {
    1
}

/// What a folder's samples were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataHash {
    /// The folder.
    pub folder: Folder,
    /// SHA-256 of its `data.json`, in hexadecimal.
    pub sha256: String,
}

/// The numbers of one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeReport {
    /// Scores by stage and task, rounded to five decimals: the shape of `eval_outputs`.
    pub scores: ScoreFile,
    /// Tasks that have no score, each with its reason.
    pub unscored: Vec<UnscoredTaskReport>,
    /// Stages, Overall and levels with what they lack; null in reports from before it was told.
    #[serde(default)]
    pub summary: Option<ScoreSummary>,
    /// Every number, not rounded, with its interval.
    pub estimates: Estimates,
    /// What was asked, answered and judged by task, and what unanswered samples could change.
    pub coverage: Vec<CoverageReport>,
}

/// What was asked, answered and judged of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageReport {
    /// How its samples were judged.
    #[serde(flatten)]
    pub judged: TaskCoverage,
    /// Formal samples with a whole answer. Reports of earlier versions count every text that was judged
    /// here.
    pub answered: usize,
    /// Formal samples with an empty answer.
    #[serde(default)]
    pub empty: Option<usize>,
    /// Formal samples whose answer the limit of tokens cut off.
    #[serde(default)]
    pub cut_off: Option<usize>,
    /// Formal samples that the model or a filter declined, by the server's word.
    #[serde(default)]
    pub refused: Option<usize>,
    /// Formal samples of which no answer came through.
    #[serde(default)]
    pub failed: Option<usize>,
    /// Formal samples that could not be sent, or were not taken.
    #[serde(default)]
    pub rejected: Option<usize>,
}

impl CoverageReport {
    fn new(judged: TaskCoverage, formal_of: &BTreeMap<Folder, SampleCounts>) -> Self {
        let mut formal = SampleCounts::default();
        for (_, counts) in formal_of.iter().filter(|(folder, _)| judged.covers(**folder)) {
            formal += *counts;
        }
        Self {
            judged,
            answered: formal.answered,
            empty: Some(formal.empty),
            cut_off: formal.cut_off,
            refused: formal.refused,
            failed: Some(formal.failed),
            rejected: formal.rejected,
        }
    }
}

/// What guessing scores on a task, for the levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuessBaseline {
    /// The task.
    pub task: Task,
    /// The score, in percent.
    pub percent: f64,
    /// Where the value comes from.
    pub origin: String,
    /// Whether the published value is not determined: then L3 and L4 have a range.
    pub is_open: bool,
}

/// A task without a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnscoredTaskReport {
    /// The task.
    pub task: Task,
    /// Why it has none.
    pub reason: UnscoredCause,
}

/// Why a task has no score, in reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum UnscoredCause {
    /// Nothing was answered, or nothing that counts.
    NoRecords,
    /// The run ended before anything of the task was asked, or did not plan to.
    NotAsked,
    /// What stood in the way, in words: files that are missing or cannot be used, and the like.
    Other(String),
}

impl From<&Unscored> for UnscoredCause {
    fn from(reason: &Unscored) -> Self {
        match reason {
            Unscored::NoRecords => Self::NoRecords,
            Unscored::NotAsked => Self::NotAsked,
            Unscored::Unavailable(reason) => Self::Other(reason.clone()),
        }
    }
}

impl fmt::Display for UnscoredCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecords => Unscored::NoRecords.fmt(f),
            Self::NotAsked => Unscored::NotAsked.fmt(f),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

impl From<UnscoredCause> for String {
    fn from(cause: UnscoredCause) -> Self {
        cause.to_string()
    }
}

impl From<String> for UnscoredCause {
    fn from(text: String) -> Self {
        [Self::NoRecords, Self::NotAsked]
            .into_iter()
            .find(|cause| cause.to_string() == text)
            .unwrap_or(Self::Other(text))
    }
}

/// The samples of a folder on which the modes differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Divergences {
    /// The folder.
    pub folder: Folder,
    /// By reason, the most frequent first.
    pub reasons: Vec<DivergenceCount>,
}

/// The samples that differ for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivergenceCount {
    /// The reason.
    pub reason: Reason,
    /// Positions in `data.json`.
    pub positions: Vec<usize>,
}

/// The files beside the report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamplesFiles {
    /// File name of the JSON Lines.
    pub json_lines: String,
    /// Its SHA-256, in hexadecimal.
    pub json_lines_sha256: String,
    /// File name of the Parquet table with the same rows.
    pub parquet: String,
    /// Number of rows.
    pub rows: usize,
    /// Whether the rows hold texts: `full` or `slim`.
    #[serde(default)]
    pub detail: Detail,
}

/// What a report is made of.
#[derive(Debug, Clone)]
pub struct ScoredRun<'a> {
    /// The run's label.
    pub label: &'a Label,
    /// The program that scores.
    pub program: Program,
    /// SHA-256 of each folder's `data.json`.
    pub data: &'a [DataHash],
    /// Official verdicts of the folders that have predictions.
    pub official: &'a [FolderVerdicts],
    /// Strict verdicts of the same folders.
    pub strict: &'a [FolderVerdicts],
    /// Why the modes differ, by folder.
    pub divergence: &'a [Divergences],
    /// How asking ended, checks included.
    pub endings: &'a EndingsReport,
    /// How asking formal samples ended.
    pub formal: &'a BTreeMap<Folder, SampleCounts>,
    /// Whom the answers are of.
    pub origins: &'a OriginReport,
    /// What was asked of whom.
    pub asking: Option<&'a Asking>,
    /// What a probe of the endpoint found out before the run.
    pub probe: Option<&'a ProbeReport>,
    /// How the answers came into their format.
    pub formatting: Option<&'a FormattingReport>,
    /// How strict scoring read the answers.
    pub reading: Option<&'a ReadingReport>,
    /// Seed and number of resamples as asked for.
    pub resampling: Resampling,
    /// What guessing scores, for the levels.
    pub baselines: &'a GuessBaselines,
    /// What guessing among the listed options scores on the data set.
    pub option_chances: &'a [OptionChance],
    /// Tasks that were not judged, and why.
    pub unscored: &'a [UnscoredTaskReport],
}

impl Divergences {
    /// What `avibench_score::divergence` found in a folder.
    #[must_use]
    pub fn new(folder: Folder, found: &[(Reason, Vec<Position>)]) -> Self {
        let reason = |(reason, positions): &(Reason, Vec<Position>)| DivergenceCount {
            reason: *reason,
            positions: positions.iter().map(|position| position.0).collect(),
        };
        Self { folder, reasons: found.iter().map(reason).collect() }
    }
}

impl GuessBaseline {
    fn all(baselines: &GuessBaselines) -> Vec<Self> {
        let open = baselines.open();
        let baseline = |task| Self {
            task,
            percent: baselines.percent(task),
            origin: baselines.origin(task).to_owned(),
            is_open: open.contains(&task),
        };
        GuessBaselines::tasks().map(baseline).collect()
    }
}

impl Report {
    /// Computes everything. Names of samples files are filled in
    /// on writing, psychometrics by whoever knows the stimuli, repeats by whoever reads further epochs.
    ///
    /// # Panics
    ///
    /// Never: estimates come one for each set of verdicts, and there are two.
    pub fn new(run: ScoredRun<'_>) -> Result<Self, ResultsError> {
        let sets = [("official", run.official), ("strict", run.strict)];
        let mut estimates = estimate(&sets, run.baselines)?.into_iter();
        let mut mode = |verdicts: &[FolderVerdicts]| {
            let scoring = score_folders(verdicts);
            let unscored = scoring
                .unscored
                .iter()
                .map(|(task, reason)| UnscoredTaskReport { task: *task, reason: reason.into() });
            let mut unscored: Vec<_> = unscored.chain(run.unscored.iter().cloned()).collect();
            unscored.sort_by_key(|unscored| unscored.task);
            ModeReport {
                scores: ScoreFile::new(&scoring),
                unscored,
                summary: Some(ScoreSummary::of(&scoring, run.baselines)),
                estimates: estimates.next().expect("one set of estimates for each of two modes"),
                coverage: coverage(verdicts, run.strict)
                    .into_iter()
                    .map(|judged| CoverageReport::new(judged, run.formal))
                    .collect(),
            }
        };
        let (official, strict) = (mode(run.official), mode(run.strict));
        Ok(Self {
            schema_version: REPORT_SCHEMA,
            program: run.program,
            label: run.label.as_str().to_owned(),
            scoring: ScoringVersions {
                official: OFFICIAL_VERSION,
                strict: STRICT_VERSION,
                levels_version: LEVELS_VERSION,
                uncertainty_version: UNCERTAINTY_VERSION,
            },
            data: run.data.to_vec(),
            resampling: run.resampling,
            official,
            strict,
            divergence: run.divergence.to_vec(),
            outcomes: Some(run.endings.clone()),
            origins: Some(run.origins.clone()),
            asking: run.asking.cloned(),
            probe: run.probe.cloned(),
            formatting: run.formatting.cloned(),
            reading: run.reading.cloned(),
            guess_baselines: GuessBaseline::all(run.baselines),
            option_chances: run.option_chances.to_vec(),
            captions: None,
            psychometrics: None,
            repeats: None,
            sequence: None,
            samples: SamplesFiles::default(),
        })
    }

    /// Whether captions were rated by the stand-in: then AVC and what rests on it compare with nothing
    /// that FENSE rated, published rows among it.
    #[must_use]
    pub fn has_stand_in_captions(&self) -> bool {
        self.captions.as_ref().is_some_and(CaptionRaterReport::is_stand_in)
    }

    /// The numbers of a mode.
    #[must_use]
    pub fn mode(&self, mode: crate::ScoringMode) -> &ModeReport {
        match mode {
            crate::ScoringMode::Official => &self.official,
            crate::ScoringMode::Strict => &self.strict,
        }
    }
}
