//! What must be known of a run before its numbers are compared with others: it goes into every format.

use std::fmt;

use avibench_protocol::WordingSource;
use avibench_results::{Report, STAND_IN_CAUTION, STAND_IN_MARK};
use avibench_score::Completeness;
use avibench_store::{AblationKind, Label, Subset};

use crate::ExportedRun;

/// Stands in every export that is about the benchmark's own samples.
pub(crate) const POLICY: &str = "AVI-Bench's policy forbids passing on its questions, truths and media, and answers that \
                                 quote them. Of its exports only public forms may be published.";

/// How intervals were computed, in a sentence.
pub(crate) fn interval_method(report: &Report) -> String {
    let version = report.scoring.uncertainty_version;
    match version {
        1 => "95% percentile bootstrap over ids as clusters (avibench uncertainty version 1)"
            .to_owned(),
        _ => format!(
            "95%, avibench uncertainty version {version}: ids are clusters with random (Dirichlet) weights and an unseen \
             id at the bound, after Gaffke (2005); means of tasks by recovered variances, levels by the range over jointly \
             compatible task scores; computed from formulas, not from resamples"
        ),
    }
}

/// What must be known of a run before its numbers are compared with others.
#[derive(Debug, Clone, PartialEq)]
pub enum Circumstance {
    /// The samples were generated, and are not the benchmark's.
    Generated(String),
    /// Captions were rated by the stand-in for FENSE.
    StandInCaptions,
    /// The model did not get the questions as they are.
    Ablation(AblationKind),
    /// A random part of the data set was asked.
    Drawn(Subset),
    /// Every question was asked so many times, and the first answers are exported.
    Repeated(u32),
    /// Questions were asked in a random order until a score was known well enough: how many of how many count,
    /// and what was found.
    Sampled {
        /// Questions that count.
        counted: usize,
        /// Questions of the order.
        questions: usize,
        /// What was found, in sentences.
        found: String,
    },
    /// Tasks of which only the first samples were asked, as planned; by key.
    Part(Vec<String>),
    /// Tasks of which planned samples were not asked; by key.
    Unfinished(Vec<String>),
    /// Tasks without an official score; by name.
    Unscored(Vec<String>),
    /// Questions were put in other words than the benchmark's.
    OtherWords(WordingSource),
    /// Nothing is known of how the answers were asked for.
    NotRecorded,
}

/// What must be known of a run, the weightiest first.
#[must_use]
pub fn circumstances(exported: &ExportedRun) -> Vec<Circumstance> {
    let report = exported.report();
    let asking = report.asking.as_ref();
    let mut found = Vec::new();
    found.extend(exported.generated.clone().map(Circumstance::Generated));
    if report.has_stand_in_captions() {
        found.push(Circumstance::StandInCaptions);
    }
    let by_name = report.label.parse::<Label>().ok().and_then(|label| Some(label.ablation()?.1));
    let ablation = asking.and_then(|asking| asking.ablation).or(by_name);
    found.extend(ablation.map(Circumstance::Ablation));
    found.extend(asking.and_then(|asking| asking.subset).map(Circumstance::Drawn));
    found.extend(report.repeats.as_ref().map(|repeats| Circumstance::Repeated(repeats.planned)));
    found.extend(report.sequence.as_ref().map(|sequence| Circumstance::Sampled {
        counted: sequence.counted,
        questions: sequence.questions,
        found: sequence.sentences(&report.strict.estimates),
    }));
    let keys = |completeness| -> Vec<String> {
        let tasks = report.official.coverage.iter();
        let these = tasks.filter(|of| of.judged.completeness == Some(completeness));
        these.map(|of| of.judged.key.clone()).collect()
    };
    let lists = [
        (keys(Completeness::Unfinished), Circumstance::Unfinished as fn(Vec<String>) -> _),
        (keys(Completeness::Part), Circumstance::Part),
        (
            report.official.unscored.iter().map(|of| of.task.name().to_owned()).collect(),
            Circumstance::Unscored,
        ),
    ];
    found.extend(lists.into_iter().filter(|(list, _)| !list.is_empty()).map(|(list, of)| of(list)));
    match asking {
        Some(asking) => found.extend(
            asking.wording.filter(|words| !words.is_published()).map(Circumstance::OtherWords),
        ),
        None => found.push(Circumstance::NotRecorded),
    }
    found
}

impl Circumstance {
    /// A word or two, for tags.
    #[must_use]
    pub fn tag(&self) -> String {
        match self {
            Self::Generated(kind) => format!("generated: {kind}"),
            Self::StandInCaptions => format!("{STAND_IN_MARK} stand-in captions"),
            Self::Ablation(kind) => format!("ablation: {kind}"),
            Self::Drawn(subset) => format!("random part: {}", subset.share),
            Self::Repeated(epochs) => format!("first of {epochs} epochs"),
            Self::Sampled { counted, questions, .. } => {
                format!("random part: {counted} of {questions} questions in all")
            }
            Self::Part(_) => "first samples only".to_owned(),
            Self::Unfinished(_) => "unfinished".to_owned(),
            Self::Unscored(_) => "tasks without score".to_owned(),
            Self::OtherWords(WordingSource::Custom) => "custom wording".to_owned(),
            Self::OtherWords(_) => "avibench wording".to_owned(),
            Self::NotRecorded => "asking not recorded".to_owned(),
        }
    }

    /// The keys of the tasks that it is about, in lower case; `None` if it is about all.
    #[must_use]
    pub fn tasks(&self) -> Option<Vec<String>> {
        match self {
            Self::Part(keys) | Self::Unfinished(keys) | Self::Unscored(keys) => {
                Some(keys.iter().map(|key| key.to_lowercase()).collect())
            }
            Self::StandInCaptions => Some(vec!["avc".to_owned()]),
            _ => None,
        }
    }
}

/// A whole sentence.
impl fmt::Display for Circumstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |keys: &[String]| keys.join(", ").to_uppercase();
        match self {
            Self::Generated(kind) => write!(
                f,
                "The samples were generated ({kind}) and are not the benchmark's, so that no number compares with \
                 published ones."
            ),
            Self::StandInCaptions => write!(f, "{STAND_IN_MARK}: a number that bears this mark {STAND_IN_CAUTION}"),
            Self::Ablation(kind) => write!(
                f,
                "Ablation `{kind}`: the model did not get the questions as they are, so that the scores show what \
                 is reachable {}.",
                kind.reachable()
            ),
            Self::Drawn(subset) => write!(
                f,
                "A random part of each folder was asked: a share of {} of the ids, seed {}.",
                subset.share, subset.seed
            ),
            Self::Repeated(epochs) => write!(
                f,
                "Every question was asked {epochs} times, and this is about the first answers; the mean over all is \
                 in the report."
            ),
            Self::Sampled { found, .. } => f.write_str(found),
            Self::Part(keys) => write!(
                f,
                "Only the first samples of these tasks were asked, as planned, so that their numbers have no \
                 intervals: {}.",
                list(keys)
            ),
            Self::Unfinished(keys) => write!(
                f,
                "The run is unfinished: planned samples of these tasks have not been asked, strict scoring counts \
                 them as wrong, and their numbers have no intervals: {}.",
                list(keys)
            ),
            Self::Unscored(keys) => write!(f, "Without an official score: {}.", list(keys)),
            Self::OtherWords(WordingSource::Custom) => f.write_str(
                "The questions were put in words of the user's own, so that scores do not compare with published ones.",
            ),
            Self::OtherWords(_) => f.write_str(
                "The questions were put in avibench's own words, so that scores do not compare with published ones.",
            ),
            Self::NotRecorded => {
                f.write_str("No record tells how the answers were asked for.")
            }
        }
    }
}
