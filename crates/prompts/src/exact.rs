//! Questions letter for letter as the original puts them, also where that looks odd.
//!
//! A question is `PROMPT. OPTIONS. TEXT`: three pieces joined by `". "`, empty ones too. The first
//! two come from the sample's pseudo keys: what the folder's dict in `havib_constants` holds under
//! the key, else the key itself.

use avibench_protocol::{Sample, SampleError};
use avibench_python::{Dict, Value, to_str};

use crate::{NotAsked, PromptWarning};

/// Options of which this is one are called categories.
const CLASSES: &str = "cls";

/// The question. Keys that stand in it as they are, for want of an entry, are warned of.
///
/// # Errors
/// A key or value on which the original stops.
pub(crate) fn question(
    constants: &Dict,
    sample: &Sample,
    text: &str,
    warnings: &mut Vec<PromptWarning>,
) -> Result<String, NotAsked> {
    let mut resolve = |key: &Value| {
        constants.get(key).cloned().unwrap_or_else(|| {
            warnings.push(PromptWarning::Leaked { folder: sample.folder, key: to_str(key) });
            key.clone()
        })
    };
    let prompt = match &sample.prompt {
        None => String::new(),
        Some(key) if is_hashable(key) => prompt_piece(&resolve(key)),
        Some(key) => return Err(SampleError::prompt_key(key).into()),
    };
    let options = match &sample.options {
        None => String::new(),
        Some(key) if is_hashable(key) => {
            let value = resolve(key);
            options_piece(&value).ok_or_else(|| NotAsked::Options {
                folder: sample.folder,
                key: to_str(key),
                value: to_str(&value),
            })?
        }
        Some(key) => return Err(SampleError::options_key(key).into()),
    };
    Ok(format!("{prompt}. {options}. {text}"))
}

fn prompt_piece(value: &Value) -> String {
    if *value == Value::None { String::new() } else { to_str(value) }
}

/// `None` where Python's `in` fails.
fn options_piece(value: &Value) -> Option<String> {
    let is_class = |item: &Value| item.as_str() == Some(CLASSES);
    let names_classes = match value {
        Value::None => return Some(String::new()),
        Value::Str(text) => text.contains(CLASSES),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.iter().any(is_class),
        Value::Dict(dict) => dict.get_str(CLASSES).is_some(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Complex(..)
        | Value::Bytes(_)
        | Value::Ellipsis => return None,
    };
    let noun = if names_classes { "semantic categories" } else { "options" };
    Some(format!("Available {noun} are: {}", to_str(value)))
}

/// Whether JSON made this a value that a dict can be asked for.
fn is_hashable(key: &Value) -> bool {
    !matches!(key, Value::List(_) | Value::Dict(_))
}
