//! How a document is laid out, and an entry in that layout.

use std::ops::Range;

use avibench_python::{PlacedJson, PlacedValue};

/// The layout of values over lines, or on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Style {
    /// What stands before an entry that has a line of its own, such as `"\n    "`.
    pub(crate) entry_line: Option<String>,
    /// What ends a line within an entry and indents as much as the entry itself; none if an entry stands
    /// on one line.
    pub(crate) line: Option<String>,
    /// What each level adds.
    pub(crate) indent: String,
    /// Between a key and its value: `": "` or `":"`.
    pub(crate) colon: String,
    /// Between values on one line: `", "` or `","`.
    pub(crate) comma: String,
}

impl Style {
    /// The layout of a document, for entries of its array. What an entry that is there already shows
    /// comes first, then what the document's own fields show.
    pub(crate) fn of(text: &str, root: &PlacedJson<'_>, entries: &PlacedJson<'_>) -> Self {
        let items = entries.as_array().unwrap_or_default();
        let shown = items.iter().find(|item| item.as_object().is_some_and(|all| !all.is_empty()));
        let example = shown.unwrap_or(root);
        let outer = outdent(text, root).unwrap_or_default();
        let of_root = indent(text, root);
        let unit = of_root.as_deref().and_then(|inner| inner.strip_prefix(outer.as_str()));
        let (entry_line, line, unit) = if let Some(item) = shown {
            let own = outdent(text, item);
            let inner = indent(text, item);
            let step = match (&own, &inner) {
                (Some(own), Some(inner)) => inner.strip_prefix(own.as_str()),
                _ => None,
            };
            let step = step.map(indentation).or(unit).unwrap_or("  ").to_owned();
            // An entry on one line stays on one line, even if each has a line of its own.
            let line = inner.map(|_| own.clone().unwrap_or_else(|| newline(text).to_owned()));
            (own.or_else(|| line.clone()), line, step)
        } else {
            let step = unit.map(indentation).filter(|unit| !unit.is_empty()).unwrap_or("  ");
            let line = of_root.as_deref().map(|inner| format!("{inner}{step}"));
            (line.clone(), line, step.to_owned())
        };
        let (colon, comma) = (colon(text, example), comma(text, example));
        Self { entry_line, line, indent: unit, colon, comma }
    }

    /// What stands before a first entry.
    pub(crate) fn before(&self) -> &str {
        self.entry_line.as_deref().unwrap_or_default()
    }

    /// What stands between two entries.
    pub(crate) fn between(&self) -> String {
        self.entry_line.as_ref().map_or_else(|| self.comma.clone(), |line| format!(",{line}"))
    }

    /// What stands behind a last entry: the line of the closing bracket.
    pub(crate) fn after(&self) -> &str {
        let line = self.before();
        line.strip_suffix(self.indent.as_str()).unwrap_or(line)
    }

    /// A value that was read from `text`, laid out anew. Keys, strings and numbers stay as they are
    /// written.
    pub(crate) fn laid_out(&self, text: &str, value: &PlacedJson<'_>) -> String {
        let mut out = String::new();
        self.lay_out(text, value, 1, &mut out);
        out
    }

    fn lay_out(&self, text: &str, value: &PlacedJson<'_>, depth: usize, out: &mut String) {
        let (brackets, count) = match &value.value {
            PlacedValue::Object(entries) => (['{', '}'], entries.len()),
            PlacedValue::Array(items) => (['[', ']'], items.len()),
            _ => {
                out.push_str(written(text, &value.place));
                return;
            }
        };
        out.push(brackets[0]);
        for at in 0..count {
            match (&self.line, at) {
                (Some(_), _) => {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.begin_line(depth, out);
                }
                (None, 0) => {}
                (None, _) => out.push_str(&self.comma),
            }
            match &value.value {
                PlacedValue::Object(entries) => {
                    out.push_str(written(text, &entries[at].key_place));
                    out.push_str(&self.colon);
                    self.lay_out(text, &entries[at].value, depth + 1, out);
                }
                PlacedValue::Array(items) => self.lay_out(text, &items[at], depth + 1, out),
                _ => {}
            }
        }
        if count > 0 {
            self.begin_line(depth - 1, out);
        }
        out.push(brackets[1]);
    }

    fn begin_line(&self, depth: usize, out: &mut String) {
        if let Some(line) = &self.line {
            out.push_str(line);
            out.extend(std::iter::repeat_n(self.indent.as_str(), depth));
        }
    }
}

fn written<'t>(text: &'t str, place: &Range<usize>) -> &'t str {
    text.get(place.clone()).unwrap_or_default()
}

/// The line end behind `before`, or that of the text if there is none.
fn line_end(text: &str, before: &str) -> &'static str {
    match before.strip_suffix('\n') {
        Some(line) if line.ends_with('\r') => "\r\n",
        Some(_) => "\n",
        None => newline(text),
    }
}

/// How lines end: as the first one does.
fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(end) if text[..end].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The white space of the line on which a value begins, with the line end before it; none if something
/// else stands before the value.
fn outdent(text: &str, value: &PlacedJson<'_>) -> Option<String> {
    let before = text.get(..value.place.start)?;
    let blank = before.trim_end_matches([' ', '\t']);
    let is_first = blank.ends_with('\n') || blank.is_empty();
    is_first.then(|| format!("{}{}", line_end(text, blank), &before[blank.len()..]))
}

/// As [`outdent`], of the first key of an object; none if it stands on the line of its bracket.
fn indent(text: &str, object: &PlacedJson<'_>) -> Option<String> {
    let first = object.as_object()?.first()?;
    let between = text.get(object.place.start + 1..first.key_place.start)?;
    let end = between.rfind('\n')?;
    Some(format!("{}{}", line_end(text, &between[..=end]), &between[end + 1..]))
}

/// An indentation without the line end that may stand before it.
fn indentation(step: &str) -> &str {
    step.trim_start_matches(['\r', '\n'])
}

/// What stands between the first key of an object and its value, if that is what people write.
fn colon(text: &str, object: &PlacedJson<'_>) -> String {
    let first = object.as_object().and_then(<[_]>::first);
    let between = first.and_then(|entry| text.get(entry.key_place.end..entry.value.place.start));
    between.filter(|between| !between.contains(['\n', '\r'])).unwrap_or(": ").to_owned()
}

/// What stands between the first two values of an object, if they are on one line.
fn comma(text: &str, object: &PlacedJson<'_>) -> String {
    let between = match object.as_object() {
        Some([first, second, ..]) => text.get(first.value.place.end..second.key_place.start),
        _ => None,
    };
    between.filter(|between| !between.contains(['\n', '\r'])).unwrap_or(", ").to_owned()
}
