//! JSON files as Python reads them: with `NaN`, lone surrogates and numbers of any size.

use std::borrow::Cow;

use avibench_python::{
    BigInt, Json, JsonError, Value, json_borrowed, json_items, repr_float, to_float,
};

/// Why the content of a file is no JSON, not even as Python reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// The bytes are no text.
    #[error("it is not UTF-8 from byte {byte} on")]
    NotUtf8 {
        /// The first byte that belongs to no character, from 0.
        byte: usize,
    },
    /// The text breaks the rules of JSON.
    #[error("{reason} at line {line}, column {column}")]
    Syntax {
        /// What is wrong there.
        reason: &'static str,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
}

/// The text of a whole file. A byte order mark before it, which some editors write, is passed over.
///
/// # Errors
/// The bytes are no text.
fn text(bytes: &[u8]) -> Result<&str, NotJson> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| NotJson::NotUtf8 { byte: error.valid_up_to() })
}

/// Reads a whole file and gives each item of its array to `take`; gives back what is no array.
///
/// # Errors
/// What is wrong, with line and column. Items before that may have been taken.
pub(crate) fn read_items<'a>(
    bytes: &'a [u8],
    take: impl FnMut(Json<'a>),
) -> Result<Option<Json<'a>>, NotJson> {
    let text = text(bytes)?;
    json_items(text, take).map_err(|error| place(text, error))
}

/// Reads a whole file that is to be as JSON has it, but may hold what only Python reads, such as
/// half a character.
///
/// # Errors
/// What is wrong, with line and column.
pub fn read_json(bytes: &[u8]) -> Result<serde_json::Value, NotJson> {
    // Nearly every file is plain JSON, which is read faster.
    serde_json::from_slice(bytes).or_else(|_| {
        let text = text(bytes)?;
        json_borrowed(text).map(|value| from_python(&value)).map_err(|error| place(text, error))
    })
}

fn place(text: &str, error: JsonError) -> NotJson {
    let before = text.get(..error.offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    NotJson::Syntax { reason: error.reason, line, column }
}

/// The same value as Python would read it.
pub(crate) fn borrowed(value: &serde_json::Value) -> Json<'_> {
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
        Plain::Array(items) => Json::Array(items.iter().map(borrowed).collect()),
        Plain::Object(entries) => {
            let entries = entries.iter();
            Json::Object(entries.map(|(key, value)| (key.into(), borrowed(value))).collect())
        }
    }
}

/// What Python would read, as JSON again. Numbers that JSON cannot hold become an array with their
/// name, which is neither text nor null to whoever reads it.
pub(crate) fn from_python(value: &Json<'_>) -> serde_json::Value {
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
        let wrong = |bytes: &[u8]| read_json(bytes).unwrap_err().to_string();
        assert_eq!(wrong(b"[\n 1,\n]"), "a value is expected at line 3, column 1");
        assert_eq!(wrong(b"[\xff]"), "it is not UTF-8 from byte 1 on");
    }

    #[test]
    fn there_and_back_nothing_changes() {
        let value = json!({"b": [1, -2.5, true, null], "a": {"c": "x", "d": {}}});
        assert_eq!(from_python(&borrowed(&value)), value);
    }
}
