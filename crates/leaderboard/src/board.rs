//! What a valid document says, for whoever shows it.

use avibench_protocol::Task;
use avibench_python::{PlacedJson, PlacedValue, strip};
use jiff::civil::Date;

use crate::check::parsed;
use crate::text_rules::parse_date;
use crate::{DocumentReport, LEVEL_NAMES, STAGE_NAMES, check};

/// A document of the leaderboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The benchmark version that the chart is about.
    pub chart_version: String,
    /// Entries in the order of the document.
    pub entries: Vec<BoardEntry>,
}

/// An entry. Texts are stripped of white space around them, but for the version, which tells entries
/// apart letter for letter.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardEntry {
    /// Its id.
    pub id: String,
    /// Display name of the model.
    pub model_name: String,
    /// Who made it.
    pub provider: String,
    /// Its exact identifier.
    pub model_id: String,
    /// When it was released.
    pub released: Date,
    /// Where that is said.
    pub release_source: String,
    /// The release of the benchmark that it was measured on.
    pub benchmark_version: String,
    /// `paper`, `participant` or `maintainer`.
    pub source_type: String,
    /// Where the result is from.
    pub source_url: String,
    /// When it was measured.
    pub evaluated: Option<Date>,
    /// What was measured.
    pub coverage: BoardCoverage,
    /// Its scores.
    pub scores: BoardScores,
    /// Who submitted it.
    pub submitter: Option<String>,
    /// Notes.
    pub notes: Option<String>,
}

/// What an entry says was measured; counts as they are written, for they may be of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardCoverage {
    /// Whether that is everything.
    pub is_full: bool,
    /// Tasks that were completed, and all tasks.
    pub tasks: [String; 2],
    /// Samples that were completed, and all samples; none if they were not counted.
    pub samples: Option<[String; 2]>,
}

/// Scores in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardScores {
    /// The mean of the stages.
    pub overall: BoardScore,
    /// Stages in the order of [`STAGE_NAMES`].
    pub stages: [BoardScore; 4],
    /// Levels in the order of [`LEVEL_NAMES`].
    pub levels: [BoardScore; 4],
    /// Tasks in the order of [`Task::ALL`].
    pub tasks: [BoardScore; Task::ALL.len()],
}

/// One score in percent: a bare number is official, and an object may hold more.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BoardScore {
    /// As the original evaluator scores.
    pub official: Option<f64>,
    /// The 95% interval of the official score.
    pub interval: Option<[f64; 2]>,
    /// As strict scoring scores.
    pub strict: Option<f64>,
}

impl Board {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// If it is not valid: what is wrong with it.
    pub fn read(document: &[u8]) -> Result<Self, DocumentReport> {
        let found = check(document);
        if !found.is_valid {
            return Err(found);
        }
        let (text, root) = parsed(document)?;
        let entries = root.get("entries").and_then(PlacedJson::as_array).unwrap_or_default();
        Ok(Self {
            chart_version: raw_text(&root, "chart_benchmark_version"),
            // A valid entry has all that is read here.
            entries: entries.iter().filter_map(|entry| BoardEntry::of(entry, text)).collect(),
        })
    }
}

impl BoardEntry {
    fn of(entry: &PlacedJson<'_>, text: &str) -> Option<Self> {
        let source = entry.get("source")?;
        let some_text = |name| entry.get(name)?.as_text().map(|text| text.as_str().to_owned());
        Some(Self {
            id: stripped(entry, "id"),
            model_name: stripped(entry, "model_name"),
            provider: stripped(entry, "provider"),
            model_id: stripped(entry, "model_id"),
            released: parse_date(&stripped(entry, "model_release_date"))?,
            release_source: stripped(entry, "model_release_source_url"),
            benchmark_version: raw_text(entry, "benchmark_version"),
            source_type: stripped(source, "type"),
            source_url: stripped(source, "url"),
            evaluated: parse_date(&raw_text(entry, "evaluation_date")),
            coverage: BoardCoverage::of(entry.get("coverage")?, text),
            scores: BoardScores::of(entry.get("scores")?),
            submitter: some_text("submitter").filter(|text| !strip(text).is_empty()),
            notes: some_text("notes").filter(|text| !strip(text).is_empty()),
        })
    }
}

impl BoardCoverage {
    fn of(coverage: &PlacedJson<'_>, text: &str) -> Self {
        let count = |name: &str| {
            let value = coverage.get(name).filter(|value| value.value != PlacedValue::Null)?;
            text.get(value.place.clone()).map(str::to_owned)
        };
        Self {
            is_full: raw_text(coverage, "status") == "full",
            tasks: ["tasks_completed", "tasks_total"].map(|name| count(name).unwrap_or_default()),
            samples: count("samples_completed")
                .zip(count("samples_total"))
                .map(|(completed, total)| [completed, total]),
        }
    }
}

impl BoardScores {
    fn of(scores: &PlacedJson<'_>) -> Self {
        let of = |group: &str, name: &str| {
            BoardScore::of(scores.get(group).and_then(|group| group.get(name)))
        };
        Self {
            overall: BoardScore::of(scores.get("overall")),
            stages: STAGE_NAMES.map(|name| of("stages", name)),
            levels: LEVEL_NAMES.map(|name| of("taxonomy", name)),
            tasks: Task::ALL.map(|task| of("tasks", task.name())),
        }
    }
}

impl BoardScore {
    fn of(score: Option<&PlacedJson<'_>>) -> Self {
        let Some(score) = score else { return Self::default() };
        let part = |name: &str| score.get(name).and_then(number);
        Self {
            official: number(score).or_else(|| part("official")),
            interval: part("low").zip(part("high")).map(|(low, high)| [low, high]),
            strict: part("strict"),
        }
    }
}

fn number(value: &PlacedJson<'_>) -> Option<f64> {
    match &value.value {
        PlacedValue::Int(number) => u8::try_from(number).ok().map(f64::from),
        PlacedValue::Float(number) => Some(*number),
        _ => None,
    }
}

fn raw_text(object: &PlacedJson<'_>, name: &str) -> String {
    let text = object.get(name).and_then(PlacedJson::as_text);
    text.map(|text| text.as_str().to_owned()).unwrap_or_default()
}

fn stripped(object: &PlacedJson<'_>, name: &str) -> String {
    strip(&raw_text(object, name)).to_owned()
}
