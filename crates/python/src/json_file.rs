//! JSON files as Python reads them: with `NaN`, lone surrogates, numbers of any size and a byte
//! order mark; and, where a file is no JSON, what it is instead.

use std::borrow::Cow;

use avibench_files::known_content;
use serde::de::DeserializeOwned;

use crate::{
    BigInt, Json, JsonError, PlacedJson, Value, json_borrowed, json_items, json_placed, repr_float,
    to_float,
};

/// Why the content of a file is no JSON, not even as Python reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is something else.
    #[error("it is {what}{}", and_then(mend))]
    Other {
        /// What it is, with its article.
        what: &'static str,
        /// What to do about it; empty if there is nothing special to do.
        mend: &'static str,
    },
    /// The bytes are no text.
    #[error("it is not UTF-8 from byte {byte} on (line {line}, column {column}); save it as UTF-8")]
    NotUtf8 {
        /// The first byte that belongs to no character, from 0.
        byte: usize,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// Every line is a value of its own.
    #[error(
        "it is JSON Lines, a value on each line, where one JSON value belongs: line {line} begins \
         another; `jq -s . FILE` makes one array of them"
    )]
    Lines {
        /// The line of the second value, from 1.
        line: usize,
    },
    /// The text breaks the rules of JSON.
    #[error("{reason} at line {line}, column {column}{}", and_then(hint))]
    Syntax {
        /// What is wrong there.
        reason: &'static str,
        /// What to do about it; empty if there is nothing special to do.
        hint: &'static str,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// It is JSON, but does not hold what belongs in it.
    #[error("{0}")]
    Content(String),
}

impl NotJson {
    /// Line and column, from 1, of what is wrong; those of the first character if it is the whole file.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        match self {
            Self::NotUtf8 { line, column, .. } | Self::Syntax { line, column, .. } => {
                (*line, *column)
            }
            Self::Lines { line } => (*line, 1),
            Self::Empty | Self::Other { .. } | Self::Content(_) => (1, 1),
        }
    }
}

/// A mend behind what is wrong.
fn and_then(mend: &str) -> String {
    if mend.is_empty() { String::new() } else { format!("; {mend}") }
}

const REPR: &str = "this is how Python prints values, not JSON; write them with `json.dump`";
const CUT: &str = "the file is cut off; restore or write it again";
const CONTROL: &str =
    "Python does not read it either; write it as an escape such as \\n or \\u0000";

/// The text of a whole file. A byte order mark before it, which some editors write, is passed over.
///
/// # Errors
/// The file is empty or no text.
pub fn json_text(bytes: &[u8]) -> Result<&str, NotJson> {
    if let Some(known) = known_content(&bytes[..bytes.len().min(1024)]) {
        return Err(NotJson::Other { what: known.what, mend: known.mend });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        let (line, column) = place(std::str::from_utf8(&bytes[..byte]).unwrap_or_default(), byte);
        NotJson::NotUtf8 { byte, line, column }
    })?;
    if text.trim().is_empty() { Err(NotJson::Empty) } else { Ok(text) }
}

/// Reads a whole file and gives each item of its array to `take`; gives back what is no array.
///
/// # Errors
/// What is wrong, with line and column. Items before that may have been taken.
pub fn read_json_items<'a>(
    bytes: &'a [u8],
    take: impl FnMut(Json<'a>),
) -> Result<Option<Json<'a>>, NotJson> {
    let text = json_text(bytes)?;
    json_items(text, take).map_err(|error| explained(text, error))
}

/// Reads a whole file with the place of every value, as `json.loads(path.read_text("utf-8"))` does:
/// a byte order mark is an error, and a number that is longer than Python converts is one, too. The
/// text comes with it, for places are byte offsets in it. At most `max_depth` arrays and objects may
/// stand inside each other.
///
/// # Errors
/// What is wrong, with line and column.
pub fn read_json_placed(bytes: &[u8], max_depth: usize) -> Result<(&str, PlacedJson<'_>), NotJson> {
    // What it is instead is only asked where it is no JSON.
    if let Ok(text) = std::str::from_utf8(bytes) {
        match json_placed(text, max_depth) {
            Ok(value) => return Ok((text, value)),
            Err(error) if text.starts_with('\u{feff}') => {
                let hint = "save the file as UTF-8 without BOM";
                return Err(NotJson::Syntax { reason: error.reason, hint, line: 1, column: 1 });
            }
            Err(error) => {
                let text = json_text(bytes)?;
                return Err(explained(text, error));
            }
        }
    }
    // Not UTF-8 either way.
    let text = json_text(bytes)?;
    Err(explained(text, JsonError { offset: 0, reason: "the text is not UTF-8" }))
}

/// Reads a whole file that is to be as JSON has it, but may hold what only Python reads, such as
/// half a character.
///
/// # Errors
/// What is wrong, with line and column.
pub fn read_json(bytes: &[u8]) -> Result<serde_json::Value, NotJson> {
    // Nearly every file is plain JSON, which is read faster.
    serde_json::from_slice(bytes).or_else(|_| {
        let text = json_text(bytes)?;
        json_borrowed(text).map(|value| from_python(&value)).map_err(|error| explained(text, error))
    })
}

/// Reads a whole file into a type of its own.
///
/// # Errors
/// What is wrong with the text, with line and column, or with what stands in it.
pub fn read_json_as<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotJson> {
    serde_json::from_slice(bytes).or_else(|plain| {
        let value = read_json(bytes)?;
        // Where the text was plain JSON, the first error names the place.
        let is_plain = plain.is_data();
        serde_json::from_value(value).map_err(|error| {
            NotJson::Content(if is_plain { plain.to_string() } else { error.to_string() })
        })
    })
}

/// Line and column, from 1, of the byte at `offset`.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.chars().rev().take_while(|&c| c != '\n').count() + 1)
}

/// What is wrong with a text, in words that say what it is and what to do.
fn explained(text: &str, error: JsonError) -> NotJson {
    let (line, column) = place(text, error.offset);
    let rest = text.get(error.offset..).unwrap_or_default();
    let is_value = |text: &str| matches!(json_borrowed(text), Ok(Json::Object(_) | Json::Array(_)));
    if error.reason == "the value ends before the text does"
        && text.lines().find(|line| !line.trim().is_empty()).is_some_and(is_value)
        && rest.lines().next().is_some_and(is_value)
    {
        return NotJson::Lines { line };
    }
    let is_printed = ["'", "None", "True", "False", "nan", "inf", "(", "u'", "b'"];
    let (reason, hint) = if rest.trim().is_empty() {
        ("it ends too early", CUT)
    } else if is_printed.iter().any(|printed| rest.starts_with(printed)) {
        (error.reason, REPR)
    } else if error.reason == "the string does not end" {
        (error.reason, CUT)
    } else if error.reason == "a control character stands in a string" {
        (error.reason, CONTROL)
    } else {
        (error.reason, "")
    };
    NotJson::Syntax { reason, hint, line, column }
}

/// The same value as Python would read it.
#[must_use]
pub fn json_of_serde(value: &serde_json::Value) -> Json<'_> {
    use serde_json::Value as Plain;
    match value {
        Plain::Null => Json::Null,
        Plain::Bool(bit) => Json::Bool(*bit),
        Plain::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(small), _) => Json::Int(small),
            (None, Some(large)) => Json::BigInt(BigInt::from(large)),
            (None, None) => Json::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Plain::String(text) => Json::Str(Cow::Borrowed(text)),
        Plain::Array(items) => Json::Array(items.iter().map(json_of_serde).collect()),
        Plain::Object(entries) => {
            let entries = entries.iter();
            Json::Object(entries.map(|(key, value)| (key.into(), json_of_serde(value))).collect())
        }
    }
}

/// What Python would read, as JSON again. Numbers that JSON cannot hold become an array with their
/// name, which is neither text nor null to whoever reads it.
#[must_use]
pub fn from_python(value: &Json<'_>) -> serde_json::Value {
    use serde_json::Value as Plain;
    match value {
        Json::Null => Plain::Null,
        Json::Bool(bit) => Plain::Bool(*bit),
        Json::Int(small) => Plain::from(*small),
        Json::BigInt(large) => float(to_float(&Value::Int(large.clone())).unwrap_or(f64::INFINITY)),
        Json::Float(number) => float(*number),
        Json::Str(text) => Plain::String(text.to_string()),
        Json::Array(items) => Plain::Array(items.iter().map(from_python).collect()),
        Json::Object(entries) => {
            let entries = entries.iter();
            Plain::Object(
                entries.map(|(key, value)| (key.to_string(), from_python(value))).collect(),
            )
        }
    }
}

fn float(number: f64) -> serde_json::Value {
    match serde_json::Number::from_f64(number) {
        Some(number) => serde_json::Value::Number(number),
        None => serde_json::Value::from(vec![repr_float(number)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn liberties_of_python_are_taken() {
        let text = "\u{feff}[NaN, \"a\\ud83d\", 1e999, 123456789012345678901, {\"a\": null}]";
        assert_eq!(
            read_json(text.as_bytes()).unwrap(),
            json!([["nan"], "a\u{fffd}", ["inf"], 123_456_789_012_345_680_000.0, {"a": null}])
        );
        let twice = r#"{"a": NaN, "b": 1, "a": 2}"#;
        assert_eq!(read_json(twice.as_bytes()).unwrap(), json!({"a": 2, "b": 1}));
    }

    #[test]
    fn what_is_no_json_is_called_what_it_is() {
        let utf16 = |text: &str, little: bool| -> Vec<u8> {
            let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            text.encode_utf16().flat_map(unit).collect()
        };
        for (bytes, said) in [
            (&b""[..], "it is empty"),
            (b"\xef\xbb\xbf \n", "it is empty"),
            (b"[\n 1,\n]", "a value is expected at line 3, column 1"),
            (b"[\n\"a\xff\"]", "not UTF-8 from byte 4 on (line 2, column 3); save it as UTF-8"),
            (&utf16("\u{feff}[{\"id\": 1}]", true), "text in UTF-16; save it as UTF-8"),
            (&utf16("[{\"id\": 1}]", false), "text in UTF-16; save it as UTF-8"),
            (b"{\"a\": 1}\n{\"a\": 2}\n", "JSON Lines, a value on each line"),
            (b"{\"a\": 1}\n\n{\"a\": 2}\n{\"b\"", "line 3 begins another"),
            (b"[{'id': 1}]", "at line 1, column 3; this is how Python prints values"),
            (b"[{\"id\": None}]", "at line 1, column 9; this is how Python prints values"),
            (b"[{\"id\": 1},\n {\"id\": \"ab", "the string does not end at line 2, column"),
            (b"[{\"id\": 1},\n {\"id\":", "the file is cut off"),
            (b"[{\"id\": 1}", "it ends too early at line 1, column 11; the file is cut off"),
            (b"[\"a\tb\"]", "Python does not read it either"),
            (b"<!DOCTYPE html><html>", "an HTML page"),
            (b"version https://git-lfs.github.com/spec/v1\n", "run `git lfs pull`"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "a gzip archive; unpack it"),
            (b"PK\x03\x04\x14\0", "a ZIP archive; unpack it"),
            (b"\x80\x04\x95\x10\0\0", "a Python pickle"),
            ("[".repeat(2_000).as_bytes(), "nested deeper than Python reads"),
        ] {
            let error = read_json(bytes).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
            assert!(read_json_items(bytes, drop).is_err());
        }
    }

    #[test]
    fn types_are_read_alike() {
        #[derive(serde::Deserialize, Debug, PartialEq)]
        struct Some {
            a: u32,
        }
        let read = |text: &str| read_json_as::<Vec<u32>>(text.as_bytes());
        assert_eq!(read("\u{feff}[1, 2]"), Ok(vec![1, 2]));
        assert_eq!(
            read("[1,\n -2]").unwrap_err().to_string(),
            "invalid value: integer `-2`, expected u32 at line 2 column 3"
        );
        assert!(read("[1, NaN]").is_err());
        assert!(read("[1, 2").unwrap_err().to_string().contains("cut off"));
        let some = read_json_as::<Some>(br#"{"a": 1, "snr": NaN, "t": "\ud800"}"#);
        assert_eq!(some, Ok(Some { a: 1 }));
    }

    #[test]
    fn there_and_back_nothing_changes() {
        let value = json!({"b": [1, -2.5, true, null], "a": {"c": "x", "d": {}}});
        assert_eq!(from_python(&json_of_serde(&value)), value);
    }
}
