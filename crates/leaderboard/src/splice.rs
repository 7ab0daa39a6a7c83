//! An entry put into a document, or taken out of it: all other bytes stay as they are.

use avibench_python::{JsonText, PlacedJson, strip};

use crate::check::parsed;
use crate::pointer::shortened;
use crate::style::Style;
use crate::text_rules::text_of;
use crate::{DocumentFinding, DocumentReport, check, check_entry};

/// Why a document was left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// The document has no array of entries.
    #[error("the document has no array `entries`: {}", said(.0))]
    Document(Vec<DocumentFinding>),
    /// What is to be added is no valid entry.
    #[error("the entry is not valid: {}", said(.0))]
    Entry(Vec<DocumentFinding>),
    /// The document would not be valid with the change.
    #[error("the document would not be valid with this change: {}", said(.0))]
    Result(Vec<DocumentFinding>),
    /// The id is taken.
    #[error("there is an entry `{0}` already; remove it first, or give the new one another id")]
    Duplicate(String),
    /// No entry has the id.
    #[error("there is no entry `{id}`; there are: {there}")]
    Unknown {
        /// The id that was asked for.
        id: String,
        /// The ids that there are.
        there: String,
    },
    /// The chart would have nothing to show.
    #[error(
        "`{id}` is the last entry of the benchmark version `{version}`, which the document names as \
         that of its chart; add another entry of that version first, or change \
         `chart_benchmark_version`"
    )]
    LastOfChart {
        /// The entry that was to be removed.
        id: String,
        /// The version of the chart.
        version: String,
    },
}

/// Findings one after the other.
fn said(findings: &[DocumentFinding]) -> String {
    let said = findings.iter().map(|finding| {
        let DocumentFinding { line, column, pointer, message, .. } = finding;
        format!("line {line}, column {column} ({pointer}): {message}")
    });
    said.collect::<Vec<_>>().join("; ")
}

fn violations(report: &DocumentReport) -> Vec<DocumentFinding> {
    report.violations().cloned().collect()
}

/// Adds an entry, the text of a JSON object, behind all others of a document, laid out as the document
/// is.
///
/// # Errors
///
/// If the entry is not valid, its id is taken, or the document is not valid with it.
pub fn add(document: &[u8], entry: &[u8]) -> Result<Vec<u8>, SpliceError> {
    let found = check_entry(entry);
    if !found.is_valid {
        return Err(SpliceError::Entry(violations(&found)));
    }
    let (entry_text, entry) =
        parsed(entry).map_err(|found| SpliceError::Entry(violations(&found)))?;
    let (text, root) =
        parsed(document).map_err(|found| SpliceError::Document(violations(&found)))?;
    let entries = entries_of(document, &root)?;
    let items = entries.as_array().unwrap_or_default();
    if let Some(id) = id_of(&entry)
        && items.iter().any(|item| id_of(item) == Some(id))
    {
        return Err(SpliceError::Duplicate(id.to_owned()));
    }
    let style = Style::of(text, &root, entries);
    let laid_out = style.laid_out(entry_text, &entry);
    let (place, inserted) = match items {
        [] => {
            let inside = entries.place.start + 1..entries.place.end - 1;
            // White space in an empty array stays before the entry, so that removing leaves it.
            let inserted = if inside.is_empty() {
                format!("{}{laid_out}{}", style.before(), style.after())
            } else {
                laid_out
            };
            (inside.end, inserted)
        }
        [.., last] => {
            let between = match items {
                [.., first, second] => text.get(first.place.end..second.place.start),
                _ => None,
            };
            let between = between.map_or_else(|| style.between(), str::to_owned);
            (last.place.end, format!("{between}{laid_out}"))
        }
    };
    let result = [&text[..place], &inserted, &text[place..]].concat().into_bytes();
    valid(result)
}

/// What may be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// No entry without which the chart would have nothing to show.
    #[default]
    KeepChart,
    /// Also the only entry of a document.
    LeaveEmpty,
}

/// Removes the entry with an id.
///
/// # Errors
///
/// If there is no such entry, it is the last one of the chart's version (unless it is the only one and
/// `removal` allows that), or the document is not valid without it.
pub fn remove(document: &[u8], id: &str, removal: Removal) -> Result<Vec<u8>, SpliceError> {
    let (text, root) =
        parsed(document).map_err(|found| SpliceError::Document(violations(&found)))?;
    let entries = entries_of(document, &root)?;
    let items = entries.as_array().unwrap_or_default();
    let id = strip(id);
    let Some(at) = items.iter().position(|item| id_of(item) == Some(id)) else {
        let ids: Vec<String> =
            items.iter().filter_map(|item| Some(shortened(id_of(item)?, 100))).take(100).collect();
        let there = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        return Err(SpliceError::Unknown { id: shortened(id, 100), there });
    };
    let chart = root.get("chart_benchmark_version").and_then(PlacedJson::as_text);
    let is_charted =
        |item: &PlacedJson<'_>| version_of(item).is_some() && version_of(item) == chart;
    let others = items.iter().enumerate().filter(|(other, _)| *other != at);
    let is_emptied = removal == Removal::LeaveEmpty && items.len() == 1;
    if let Some(chart) = chart
        && !is_emptied
        && is_charted(&items[at])
        && !others.map(|(_, item)| item).any(is_charted)
    {
        let version = shortened(chart.as_str(), 100);
        return Err(SpliceError::LastOfChart { id: id.to_owned(), version });
    }
    valid(without(text, entries, at).into_bytes())
}

/// The text without the item at `at` of the array.
fn without(text: &str, entries: &PlacedJson<'_>, at: usize) -> String {
    let items = entries.as_array().unwrap_or_default();
    let (from, to) = match (items.len(), at) {
        (1, _) => {
            let tail = items[at].place.end..entries.place.end - 1;
            // The line of the bracket came with the entry; white space before it alone did not.
            let from =
                if tail.is_empty() { items[at].place.start } else { entries.place.start + 1 };
            (from, entries.place.end - 1)
        }
        (count, at) if at + 1 == count => (items[at - 1].place.end, items[at].place.end),
        _ => (items[at].place.start, items[at + 1].place.start),
    };
    [&text[..from], &text[to..]].concat()
}

/// A document, if it is valid.
fn valid(document: Vec<u8>) -> Result<Vec<u8>, SpliceError> {
    let found = check(&document);
    if found.is_valid { Ok(document) } else { Err(SpliceError::Result(violations(&found))) }
}

/// The array of entries, of which the last counts if the document has several.
fn entries_of<'d, 'r>(
    document: &[u8],
    root: &'r PlacedJson<'d>,
) -> Result<&'r PlacedJson<'d>, SpliceError> {
    let entries = root.get("entries").filter(|entries| entries.as_array().is_some());
    entries.ok_or_else(|| SpliceError::Document(violations(&check(document))))
}

fn id_of<'i>(entry: &'i PlacedJson<'_>) -> Option<&'i str> {
    entry.get("id").and_then(text_of).map(strip)
}

fn version_of<'i, 'd>(entry: &'i PlacedJson<'d>) -> Option<&'i JsonText<'d>> {
    entry.get("benchmark_version").and_then(PlacedJson::as_text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn entry(id: &str, version: &str) -> Value {
        json!({
            "id": id, "model_name": "M", "provider": "P", "model_id": "m",
            "model_release_date": "2026-01-02", "model_release_source_url": "https://x.y/",
            "benchmark_version": version, "source": {"type": "paper", "url": "https://x.y"},
            "coverage": {"status": "full", "tasks_completed": 14, "tasks_total": 14},
            "scores": {"overall": 50.5, "stages": {}, "tasks": {"AVM": {"official": 1, "low": null}}}
        })
    }

    /// A value in a layout: line end, indentation (none for one line), colon and comma.
    fn printed(value: &Value, layout: (&str, Option<&str>, &str, &str), depth: usize) -> String {
        let (end, indent, colon, comma) = layout;
        let line = |depth: usize| match indent {
            Some(indent) => format!("{end}{}", indent.repeat(depth)),
            None => String::new(),
        };
        let (open, close, parts): (_, _, Vec<String>) = match value {
            Value::Object(all) => {
                let part = |(key, value): (&String, &Value)| {
                    format!("{}{colon}{}", json!(key), printed(value, layout, depth + 1))
                };
                ('{', '}', all.iter().map(part).collect())
            }
            Value::Array(all) => {
                ('[', ']', all.iter().map(|value| printed(value, layout, depth + 1)).collect())
            }
            other => return other.to_string(),
        };
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let between = match indent {
            Some(_) => format!(",{}", line(depth + 1)),
            None => comma.to_owned(),
        };
        format!("{open}{}{}{}{close}", line(depth + 1), parts.join(&between), line(depth))
    }

    fn document(entries: &[Value]) -> Value {
        json!({"schema_version": 2, "chart_benchmark_version": "v1", "entries": entries})
    }

    proptest! {
        #[test]
        fn added_and_removed_leaves_every_byte(
            count in 0_usize..4,
            end in prop::sample::select(vec!["\n", "\r\n"]),
            indent in prop::option::of(prop::sample::select(vec!["", " ", "  ", "    ", "\t"])),
            colon in prop::sample::select(vec![":", ": ", " : "]),
            comma in prop::sample::select(vec![",", ", "]),
            inside in prop::sample::select(vec!["", " ", "\n", "\r\n  ", "\t"]),
            around in prop::sample::select(vec![("", ""), ("", "\n"), ("", "\r\n"), (" \n", " \n\n")]),
        ) {
            let entries: Vec<Value> = (0..count).map(|at| entry(&format!("a{at}"), "v1")).collect();
            let layout = (end, indent, colon, comma);
            let text = printed(&document(&entries), layout, 0).replace("[]", &format!("[{inside}]"));
            let text = format!("{}{text}{}", around.0, around.1);
            let new = serde_json::to_vec_pretty(&entry("new", "v1")).unwrap();
            let added = add(text.as_bytes(), &new).unwrap();
            let (_, root) = parsed(&added).unwrap();
            let items = root.get("entries").unwrap().as_array().unwrap().len();
            prop_assert_eq!(items, count + 1);
            prop_assert_eq!(remove(&added, "new", Removal::LeaveEmpty).unwrap(), text.as_bytes());
            if count > 0 {
                let mut all = entries.clone();
                all.push(entry("new", "v1"));
                let expected = printed(&document(&all), layout, 0);
                let expected = format!("{}{expected}{}", around.0, around.1);
                prop_assert_eq!(String::from_utf8(added.clone()).unwrap(), expected);
                prop_assert_eq!(remove(&added, "new", Removal::KeepChart).unwrap(), text.as_bytes());
            } else {
                let refused = remove(&added, "new", Removal::KeepChart);
                let is_refused = matches!(refused, Err(SpliceError::LastOfChart { .. }));
                prop_assert!(is_refused);
            }
        }

        #[test]
        fn any_entry_goes_and_the_others_stay(at in 0_usize..3, is_flat in any::<bool>()) {
            let entries: Vec<Value> = (0..3).map(|at| entry(&format!("a{at}"), "v1")).collect();
            let layout = if is_flat { ("\n", None, ":", ",") } else { ("\n", Some("  "), ": ", ", ") };
            let text = printed(&document(&entries), layout, 0);
            let mut left = entries;
            left.remove(at);
            let removed = remove(text.as_bytes(), &format!(" a{at} "), Removal::KeepChart).unwrap();
            prop_assert_eq!(String::from_utf8(removed).unwrap(), printed(&document(&left), layout, 0));
        }
    }

    #[test]
    fn an_empty_array_gets_its_entry_in_the_layout_of_the_document() {
        let new = serde_json::to_vec(&entry("new", "v1")).unwrap();
        for layout in [
            ("\n", Some("  "), ": ", ", "),
            ("\r\n", Some("\t"), ":", ", "),
            ("\n", None, ":", ","),
        ] {
            let text = printed(&document(&[]), layout, 0);
            let added = String::from_utf8(add(text.as_bytes(), &new).unwrap()).unwrap();
            assert_eq!(added, printed(&document(&[entry("new", "v1")]), layout, 0));
        }
    }

    #[test]
    fn entries_on_lines_of_their_own_stay_so() {
        let flat = |value: &Value| printed(value, ("\n", None, ": ", ", "), 0);
        let one =
            flat(&document(&[entry("a1", "v1")])).replace("[{", "[\n {").replace("}]", "}\n]");
        let new = serde_json::to_vec_pretty(&entry("new", "v1")).unwrap();
        let added = String::from_utf8(add(one.as_bytes(), &new).unwrap()).unwrap();
        let expected = flat(&entry("new", "v1"));
        assert!(added.ends_with(&format!("}},\n {expected}\n]}}")), "{added}");
    }

    #[test]
    fn numbers_and_strings_stay_as_they_are_written() {
        let text = printed(&document(&[]), ("\n", Some("  "), ": ", ", "), 0);
        let new = serde_json::to_string(&entry("new", "v1")).unwrap();
        let new = new.replace("50.5", "50.50").replace("\"M\"", "\"\\u004d\\ud800é\"");
        let added = String::from_utf8(add(text.as_bytes(), new.as_bytes()).unwrap()).unwrap();
        assert!(
            added.contains("\"overall\": 50.50,") && added.contains("\"\\u004d\\ud800é\""),
            "{added}"
        );
    }

    #[test]
    fn what_would_not_be_valid_is_refused() {
        let text = serde_json::to_vec(&document(&[entry("a1", "v1"), entry("b1", "v2")])).unwrap();
        let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
        let twice = add(&text, &bytes(&entry(" a1 ", "v1")));
        assert_eq!(twice, Err(SpliceError::Duplicate("a1".to_owned())));
        let wrong = add(&text, &bytes(&json!({"id": "c1"}))).unwrap_err();
        assert!(matches!(&wrong, SpliceError::Entry(found) if found.len() > 5), "{wrong}");
        let last = remove(&text, "a1", Removal::KeepChart).unwrap_err();
        assert!(matches!(last, SpliceError::LastOfChart { .. }), "{last}");
        assert!(remove(&text, "b1", Removal::KeepChart).is_ok());
        let none = remove(&text, "c1", Removal::KeepChart).unwrap_err().to_string();
        assert!(none.contains("a1, b1"), "{none}");
        let other_chart = add(&bytes(&document(&[])), &bytes(&entry("a1", "v2"))).unwrap_err();
        assert!(matches!(other_chart, SpliceError::Result(_)), "{other_chart}");
        assert!(matches!(add(b"[]", &bytes(&entry("a1", "v1"))), Err(SpliceError::Document(_))));
        assert!(matches!(remove(b"\xff", "a1", Removal::KeepChart), Err(SpliceError::Document(_))));
    }
}
