//! Whether a document is valid: the file and its root.

use avibench_files::SizeLimit;
use avibench_python::{PlacedJson, PlacedValue, read_json_placed};
use serde::Serialize;

use crate::LEADERBOARD_SCHEMA;
use crate::entry_rules;
use crate::fields::{Fields, listed};
use crate::finding::{DocumentFinding, Examination, KEPT, Severity};
use crate::pointer::{Pointer, shortened};
use crate::text_rules::{is_text, text_of};

/// How large a document may be. The public one has some kilobytes; each entry adds about two.
pub const LEADERBOARD_LIMIT: SizeLimit =
    SizeLimit::new(16 << 20, "look whether it is a file of the leaderboard");

/// Arrays and objects inside each other that the public validator reads: Python's recursion limit of
/// 1,000 less the calls that lead to its JSON reader (measured with Python 3.11).
pub(crate) const MAX_DEPTH: usize = 993;

/// The fields of a document.
const ROOT: [&str; 3] = ["schema_version", "chart_benchmark_version", "entries"];

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentReport {
    /// Whether the public validator takes the document.
    pub is_valid: bool,
    /// Number of entries, if the document has an array of them.
    pub entries: Option<usize>,
    /// Number of violations, all counted.
    pub violations: usize,
    /// Number of warnings, all counted.
    pub warnings: usize,
    /// Violations and warnings in the order in which the validator looks, the first 1,000 of each.
    pub findings: Vec<DocumentFinding>,
}

impl DocumentReport {
    /// The violations among the findings.
    pub fn violations(&self) -> impl Iterator<Item = &DocumentFinding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Violation)
    }

    /// How many findings were counted, but are not among [`Self::findings`].
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.violations.saturating_sub(KEPT) + self.warnings.saturating_sub(KEPT)
    }

    fn new(examination: Examination<'_>, entries: Option<usize>) -> Self {
        Self {
            is_valid: examination.violations == 0,
            entries,
            violations: examination.violations,
            warnings: examination.warnings,
            findings: examination.findings(),
        }
    }

    /// What cannot be read at all.
    fn unreadable(message: String, line: usize, column: usize) -> Self {
        let (severity, pointer) = (Severity::Violation, String::new());
        let findings = vec![DocumentFinding { severity, pointer, line, column, message }];
        Self { is_valid: false, entries: None, violations: 1, warnings: 0, findings }
    }
}

/// Checks a document: every violation of the public validator's rules, and what it is too lax to see.
#[must_use]
pub fn check(bytes: &[u8]) -> DocumentReport {
    match parsed(bytes) {
        Err(report) => report,
        Ok((text, root)) => {
            let mut examination = Examination::new(text);
            let entries = check_root(&root, &mut examination);
            DocumentReport::new(examination, entries)
        }
    }
}

/// Checks a single entry, as it stands in a file of its own before it is added to a document.
#[must_use]
pub fn check_entry(bytes: &[u8]) -> DocumentReport {
    match parsed(bytes) {
        Err(report) => report,
        Ok((text, entry)) => {
            let mut examination = Examination::new(text);
            entry_rules::check_entry(&entry, &Pointer::Root, &mut examination);
            DocumentReport::new(examination, None)
        }
    }
}

pub(crate) fn parsed(bytes: &[u8]) -> Result<(&str, PlacedJson<'_>), DocumentReport> {
    read_json_placed(bytes, MAX_DEPTH).map_err(|error| {
        let (line, column) = error.place();
        DocumentReport::unreadable(
            format!("the file cannot be read as JSON: {error}"),
            line,
            column,
        )
    })
}

/// The rules of the root; the number of entries.
fn check_root(root: &PlacedJson<'_>, examination: &mut Examination<'_>) -> Option<usize> {
    let at = Pointer::Root;
    let Some(fields) = Fields::of(root, &at, examination) else {
        let message = format!(
            "the document is {}; it must be an object with {}",
            described(root, examination.text),
            listed(&ROOT)
        );
        examination.violation(&at, root.place.start, message);
        return None;
    };
    for name in ROOT.into_iter().filter(|name| fields.get(name).is_none()) {
        let message = format!("`{name}` is missing; the document must have {}", listed(&ROOT));
        examination.violation(&at, fields.offset, message);
    }
    fields.refuse_others(&ROOT, &at, examination);
    if let Some(version) = fields.get("schema_version")
        && version.value != PlacedValue::Int(LEADERBOARD_SCHEMA.into())
    {
        let message = format!(
            "the schema version is {}; it must be the integer {LEADERBOARD_SCHEMA}",
            described(version, examination.text)
        );
        examination.violation(&at.key("schema_version"), version.place.start, message);
    }
    let chart = fields.get("chart_benchmark_version");
    if let Some(chart) = chart {
        is_text(chart, &at.key("chart_benchmark_version"), examination);
    }
    let entries = fields.get("entries")?;
    let at_entries = at.key("entries");
    let Some(items) = entries.as_array() else {
        let message =
            format!("`entries` is {}; it must be an array", described(entries, examination.text));
        examination.violation(&at_entries, entries.place.start, message);
        return None;
    };
    entry_rules::check_entries(items, &at_entries, examination);
    // Both as they are written: a space more or less makes them differ.
    let is_of = |entry: &PlacedJson<'_>| {
        chart.and_then(PlacedJson::as_text).is_some_and(|chart| {
            entry.get("benchmark_version").and_then(PlacedJson::as_text) == Some(chart)
        })
    };
    if let Some(chart) = chart
        && let Some(version) = text_of(chart)
        && !items.is_empty()
        && !items.iter().any(is_of)
    {
        let message = format!(
            "no entry has the benchmark version `{}`, letter for letter; name one that an entry has",
            shortened(version, 60)
        );
        examination.violation(&at.key("chart_benchmark_version"), chart.place.start, message);
    }
    Some(items.len())
}

/// A value in words for messages: what it is, and how it is written if that is short.
pub(crate) fn described(value: &PlacedJson<'_>, text: &str) -> String {
    let written = text.get(value.place.clone()).unwrap_or_default();
    let written = || shortened(written, 60);
    match &value.value {
        PlacedValue::Null => "null".to_owned(),
        PlacedValue::Bool(bit) => format!("the truth value {bit}"),
        PlacedValue::Int(_) | PlacedValue::Float(_) => format!("the number {}", written()),
        PlacedValue::Str(_) => format!("the text {}", written()),
        PlacedValue::Array(_) => "an array".to_owned(),
        PlacedValue::Object(_) => "an object".to_owned(),
    }
}
