//! Rules of entries.

use std::collections::HashMap;

use avibench_python::{PlacedJson, strip};

use crate::check::described;
use crate::coverage_rules::check_coverage;
use crate::fields::{Fields, any_of};
use crate::finding::Examination;
use crate::pointer::{Pointer, shortened};
use crate::score_rules::check_scores;
use crate::text_rules::{optional_date, required_date, required_text, required_url};

/// The fields of an entry.
const FIELDS: [&str; 13] = [
    "id",
    "model_name",
    "provider",
    "model_id",
    "model_release_date",
    "model_release_source_url",
    "benchmark_version",
    "source",
    "evaluation_date",
    "coverage",
    "scores",
    "submitter",
    "notes",
];
/// Where results may come from.
pub(crate) const SOURCE_TYPES: [&str; 3] = ["paper", "participant", "maintainer"];
/// The most code points of notes.
pub(crate) const MAX_NOTES: usize = 1_000;

/// Every entry, and that no id stands twice.
pub(crate) fn check_entries(
    items: &[PlacedJson<'_>],
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(items.len());
    for (index, entry) in items.iter().enumerate() {
        let at_entry = at.item(index);
        let Some((id, place)) = check_entry(entry, &at_entry, examination) else { continue };
        if let Some(first) = seen.get(id) {
            let message = format!(
                "the id `{id}` is also that of entry {first} (from 0); give every entry its own"
            );
            examination.violation(&at_entry.key("id"), place, message);
        } else {
            seen.insert(id, index);
        }
    }
}

/// One entry; its id with its place, if that is valid.
pub(crate) fn check_entry<'d>(
    entry: &'d PlacedJson<'d>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) -> Option<(&'d str, usize)> {
    let Some(fields) = Fields::of(entry, at, examination) else {
        let message =
            format!("the entry is {}; it must be an object", described(entry, examination.text));
        examination.violation(at, entry.place.start, message);
        return None;
    };
    fields.refuse_others(&FIELDS, at, examination);
    let id = check_id(&fields, at, examination);
    for name in ["model_name", "provider", "model_id", "benchmark_version"] {
        required_text(&fields, name, at, examination);
    }
    required_date(&fields, "model_release_date", at, examination);
    required_url(&fields, "model_release_source_url", at, examination);
    check_source(&fields, at, examination);
    optional_date(&fields, "evaluation_date", at, examination);
    check_coverage(&fields, at, examination);
    check_scores(&fields, at, examination);
    if let Some(notes) = fields.get_some("notes") {
        let length = notes.as_text().map(|text| text.as_str().chars().count());
        if length.is_none_or(|length| length > MAX_NOTES) {
            let what = match length {
                Some(length) => format!("notes have {length} characters"),
                None => format!("notes are {}", described(notes, examination.text)),
            };
            let message = format!("{what}; write a text of at most {MAX_NOTES}, or null");
            examination.violation(&at.key("notes"), notes.place.start, message);
        }
    }
    if let Some(submitter) = fields.get_some("submitter")
        && submitter.as_text().is_none()
    {
        let message = format!(
            "the submitter is {}; write a text or null",
            described(submitter, examination.text)
        );
        examination.violation(&at.key("submitter"), submitter.place.start, message);
    }
    id
}

fn check_id<'d>(
    fields: &Fields<'d>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) -> Option<(&'d str, usize)> {
    let (value, text) = required_text(fields, "id", at, examination)?;
    let id = strip(text);
    if is_id(id) {
        return Some((id, value.place.start));
    }
    let message = format!(
        "`{}` cannot be an id; it needs 2 to 100 of the characters `A-Z a-z 0-9 . _ -`, the first a \
         letter or a digit",
        shortened(id, 40)
    );
    examination.violation(&at.key("id"), value.place.start, message);
    None
}

/// Whether a stripped text can be an id.
fn is_id(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (2..=100).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(is_inner)
}

fn check_source(fields: &Fields<'_>, at: &Pointer<'_>, examination: &mut Examination<'_>) {
    const SOURCE: [&str; 2] = ["type", "url"];
    let at_source = at.key("source");
    let Some(value) = fields.get("source") else {
        let message = "`source` is missing; write an object with `type` and `url`".to_owned();
        examination.violation(at, fields.offset, message);
        return;
    };
    let Some(source) = Fields::of(value, &at_source, examination) else {
        let message = format!(
            "the source is {}; it must be an object with `type` and `url`",
            described(value, examination.text)
        );
        examination.violation(&at_source, value.place.start, message);
        return;
    };
    source.refuse_others(&SOURCE, &at_source, examination);
    match source.get("type") {
        None => {
            let message = format!("`type` is missing; write {}", any_of(&SOURCE_TYPES));
            examination.violation(&at_source, source.offset, message);
        }
        Some(kind) => {
            let is_known = kind
                .as_text()
                .is_some_and(|text| SOURCE_TYPES.iter().any(|known| *text == **known));
            if !is_known {
                let message = format!(
                    "the type is {}; it must be {}, letter for letter",
                    described(kind, examination.text),
                    any_of(&SOURCE_TYPES)
                );
                examination.violation(&at_source.key("type"), kind.place.start, message);
            }
        }
    }
    required_url(&source, "url", &at_source, examination);
}
