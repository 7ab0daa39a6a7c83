//! JSON files as Python reads them: with `NaN`, lone surrogates and numbers of any size.

use avibench_python::{Dict, JsonError, Value, json_loads, repr_float, to_float};

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

/// Reads a whole file. A byte order mark before it, which some editors write, is passed over.
///
/// # Errors
/// What is wrong, with line and column.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, NotJson> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| NotJson::NotUtf8 { byte: error.valid_up_to() })?;
    json_loads(text).map_err(|error| place(text, error))
}

/// Reads a whole file that is to be as JSON has it, but may hold what only Python reads, such as
/// half a character.
///
/// # Errors
/// What is wrong, with line and column.
pub fn read_json(bytes: &[u8]) -> Result<serde_json::Value, NotJson> {
    // Nearly every file is plain JSON, which is read faster.
    serde_json::from_slice(bytes).or_else(|_| Ok(from_python(&read(bytes)?)))
}

fn place(text: &str, error: JsonError) -> NotJson {
    let before = text.get(..error.offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    NotJson::Syntax { reason: error.reason, line, column }
}

/// The same value as Python would read it.
pub(crate) fn to_python(value: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::None,
        Json::Bool(bit) => Value::Bool(*bit),
        Json::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_u64().map(|number| Value::Int(number.into())))
            .unwrap_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN))),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(to_python).collect()),
        Json::Object(entries) => {
            let mut dict = Dict::default();
            for (key, value) in entries {
                dict.insert(Value::Str(key.clone()), to_python(value));
            }
            Value::Dict(dict)
        }
    }
}

/// A value that came from JSON, as JSON again. Numbers that JSON cannot hold become an array with
/// their name, which is neither text nor null to whoever reads it.
pub(crate) fn from_python(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Bool(bit) => Json::Bool(*bit),
        Value::Int(integer) => match i64::try_from(integer) {
            Ok(small) => Json::from(small),
            Err(_) => float(to_float(value).unwrap_or(f64::INFINITY)),
        },
        Value::Float(number) => float(*number),
        Value::Str(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(from_python).collect()),
        Value::Dict(dict) => {
            let entries = dict.iter().filter_map(|(key, value)| Some((key.as_str()?, value)));
            Json::Object(entries.map(|(key, value)| (key.to_owned(), from_python(value))).collect())
        }
        // JSON has no other types.
        _ => Json::Null,
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
        let value = read(text.as_bytes()).unwrap();
        assert_eq!(
            from_python(&value),
            json!([["nan"], "a\u{fffd}", ["inf"], 123_456_789_012_345_680_000.0, {"a": null}])
        );
        let wrong = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert_eq!(wrong(b"[\n 1,\n]"), "a value is expected at line 3, column 1");
        assert_eq!(wrong(b"[\xff]"), "it is not UTF-8 from byte 1 on");
    }

    #[test]
    fn there_and_back_nothing_changes() {
        let value = json!({"b": [1, -2.5, true, null], "a": {"c": "x", "d": {}}});
        assert_eq!(from_python(&to_python(&value)), value);
    }
}
