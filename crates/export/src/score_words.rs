//! Why a sample scored what it did, in sentences.

use avibench_protocol::Folder;
use avibench_reading::{Read, Reader, Reading};
use avibench_results::{Report, SampleRow, ScoringMode};
use avibench_score::{ScoringRule, VerdictOutcome};
use avibench_store::AskOutcome;

use crate::AskedDetail;

/// What scoring took for the answer; `None` where it read nothing.
pub(crate) fn read_value(row: &SampleRow) -> Option<String> {
    let read = match (&row.mode, &row.reading) {
        (ScoringMode::Strict, Some(reading)) => {
            return reading.value().map(|value| value.text().into_owned());
        }
        _ => &row.read,
    };
    (!read.is_empty()).then(|| read.clone())
}

/// The rule that read the answer, or the model, with its version.
pub(crate) fn reader(row: &SampleRow) -> String {
    match (&row.mode, &row.reading) {
        (ScoringMode::Strict, Some(reading)) => reader_of(reading),
        _ => format!("rule {}", row.rule),
    }
}

fn reader_of(reading: &Reading) -> String {
    match &reading.evidence.reader {
        Reader::Rules { version, rule } => {
            format!("reading rule {}, version {version}", rule.name())
        }
        Reader::Model { model, version } => format!("reading by {model}, version {version}"),
    }
}

/// Verdict, what was read by which rule and where it stood, and why the modes part.
pub(crate) fn explanation(row: &SampleRow, reasons: &[&str]) -> String {
    let mut said = vec![verdict(row).to_owned()];
    let of_answer = match row.mode {
        ScoringMode::Official => "formatted answer",
        ScoringMode::Strict => "answer as the model wrote it",
    };
    let has_answer = !matches!(
        row.rule,
        ScoringRule::NoAnswer | ScoringRule::NotAsked | ScoringRule::NotPlanned
    );
    if has_answer {
        let place = match row.span_start.zip(row.span_end) {
            Some((from, to)) => format!("bytes {from} to {to} of the {of_answer}"),
            None => format!("the {of_answer}"),
        };
        said.push(match read_value(row) {
            Some(read) => format!("Read as `{read}` by {}, from {place}.", reader(row)),
            None => format!("Nothing was read by {}, from {place}.", reader(row)),
        });
    }
    if let Some(Reading { read: Read::Unread(reason), .. }) = &row.reading {
        said.push(format!("Why nothing was read: {}.", reason.name().replace('_', " ")));
    }
    if let (ScoringMode::Official, Some(way)) = (row.mode, row.provenance) {
        let by = row.formatter.as_deref().map(|by| format!(", by {by}")).unwrap_or_default();
        said.push(format!("How the answer was formatted: {}{by}.", way.name().replace('_', " ")));
    }
    if !reasons.is_empty() {
        let reasons = reasons.join(", ").replace('_', " ");
        said.push(format!("Official and strict scoring part here: {reasons}."));
    }
    said.join(" ")
}

const fn verdict(row: &SampleRow) -> &'static str {
    match row.outcome {
        VerdictOutcome::Right => "Right.",
        VerdictOutcome::Wrong => "Wrong.",
        VerdictOutcome::Partly => "Partly right.",
        VerdictOutcome::Unread => "Not read: the answer has not the form that the task asks for.",
        VerdictOutcome::Zeroed => {
            "Right in itself, but the check of the same id was answered wrongly, so that it scores 0."
        }
        VerdictOutcome::Missing => "Asked, and there is no answer that could be judged.",
        VerdictOutcome::NotAsked => "Planned, and not asked.",
        VerdictOutcome::NotPlanned => "Outside the part that the run planned.",
        VerdictOutcome::Unrated => "A caption, and nothing rated it.",
        VerdictOutcome::Void => {
            "The benchmark left it without question or answer: it never counts."
        }
    }
}

/// Why the modes differ on a sample, by the names of reports.
pub(crate) fn reasons(report: &Report, folder: Folder, position: usize) -> Vec<&'static str> {
    let of_folder = report.divergence.iter().filter(|found| found.folder == folder);
    let reasons = of_folder.flat_map(|found| &found.reasons);
    let of_sample = reasons.filter(|count| count.positions.contains(&position));
    of_sample.map(|count| count.reason.name()).collect()
}

/// Why there is no whole answer, in words; `None` where the model answered to the end.
pub(crate) fn trouble(row: &SampleRow, detail: Option<&AskedDetail>) -> Option<String> {
    let error = || {
        let error = detail?.error.as_ref()?;
        Some(format!("{}: {}", error.kind.describe(), error.message))
    };
    let or_unknown =
        |found: Option<String>| found.unwrap_or_else(|| "no reason was recorded".to_owned());
    match row.ask_outcome? {
        AskOutcome::Answered | AskOutcome::NotAttempted => None,
        AskOutcome::Empty => Some("empty: the answer holds no text".to_owned()),
        AskOutcome::CutOff => {
            Some("cut off: the limit of tokens ended the answer before the model did".to_owned())
        }
        AskOutcome::Refused => Some(format!(
            "refused: {}",
            or_unknown(detail.and_then(|of| of.refusal.clone()).or_else(error))
        )),
        AskOutcome::Failed => Some(format!("failed: {}", or_unknown(error()))),
        AskOutcome::Rejected => Some(format!("rejected: {}", or_unknown(error()))),
    }
}
