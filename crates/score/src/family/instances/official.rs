//! Instances: categories with counts, and how far off the counts are.

use avibench_protocol::Folder;
use avibench_python::{
    BigInt, Value, json_loads, parse_int, strip_start, to_float, to_int, to_str,
};

use super::InstancesParts;
use crate::judgement::{Judgement, trimmed_span};
use crate::{ScoringRule, VerdictOutcome, WarningKind};

/// Answers of this many characters or more are passed over.
const TOO_LONG: usize = 300;
/// Counts from here on are all the same where things are seen.
pub(super) const MANY_SEEN: i64 = 10;
/// What a category that was not named costs.
pub(super) const ABSENT_HEARD: f64 = 7.0;
pub(super) const ABSENT_SEEN: f64 = 12.0;
/// The most that one answer can cost.
const WORST_ERROR: f64 = 20.0;

/// The label's categories in order, each with its count; `None` where Python's `int` would fail,
/// which matters only if the count is looked at.
pub(super) type Counts<'a> = [(&'a str, Option<BigInt>)];

/// What a record with a count that is no integer is warned of.
const NO_INTEGER: WarningKind = WarningKind::Truth("holds a count that is no integer");

/// # Errors
/// A count of the label that is no integer, if the original would come to it.
pub(super) fn judge(
    folder: Folder,
    counts: &Counts<'_>,
    text: &str,
) -> Result<Judgement, WarningKind> {
    let span = trimmed_span(text);
    let text = answer_text(text);
    if text.chars().count() >= TOO_LONG {
        let (outcome, rule) = (VerdictOutcome::Unread, ScoringRule::TooLong);
        return Ok(Judgement { outcome, parts: None, read: text, rule, span });
    }
    let parsed = json_loads(&text).ok();
    let semantic = semantic(folder, counts, parsed.as_ref());
    // The original prints the value and reads it once more, which only some values survive.
    let printed = parsed.as_ref().map_or_else(|| text.clone(), to_str);
    let error = if printed.chars().count() < TOO_LONG {
        let reread = json_loads(&printed.replace('\'', "\"")).ok();
        Some(mean_error(folder, counts, reread.as_ref())?)
    } else {
        None
    };
    let outcome = match (&parsed, error) {
        (Some(Value::Dict(_)), Some(0.0)) if semantic >= 1.0 => VerdictOutcome::Right,
        (Some(Value::Dict(_)), _) if semantic > 0.0 => VerdictOutcome::Partly,
        (Some(Value::Dict(_)), _) => VerdictOutcome::Wrong,
        _ => VerdictOutcome::Unread,
    };
    let (parts, rule) = (Some(InstancesParts { semantic, error }.into()), ScoringRule::JsonTwice);
    Ok(Judgement { outcome, parts, read: printed, rule, span })
}

/// The label's categories with their counts as numbers.
pub(super) fn label_counts(label: &[(String, String)]) -> Vec<(&str, Option<BigInt>)> {
    label.iter().map(|(category, count)| (category.as_str(), parse_int(count).ok())).collect()
}

/// The same for a label that the protocol does not allow; `None` if it has no categories.
pub(super) fn other_counts(label: &Value) -> Option<Vec<(&str, Option<BigInt>)>> {
    let entries = label.as_dict()?.iter();
    Some(entries.filter_map(|(key, count)| Some((key.as_str()?, to_int(count).ok()))).collect())
}

/// The answer without `answer=` before it, in double quotes.
fn answer_text(text: &str) -> String {
    let text = strip_start(text);
    let is_assignment = text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("answer="));
    let text = if is_assignment { strip_start(&text[7..]) } else { text };
    text.replace('\'', "\"")
}

/// Heard: F1 of the categories. Seen: how many of the label's categories were named.
fn semantic(folder: Folder, counts: &Counts<'_>, parsed: Option<&Value>) -> f64 {
    let Some(named) = parsed.and_then(Value::as_dict) else { return 0.0 };
    let hits = counts.iter().filter(|(category, _)| named.get_str(category).is_some()).count();
    if hits == 0 {
        return 0.0;
    }
    let recall = hits as f64 / counts.len() as f64;
    let precision = hits as f64 / named.len() as f64;
    if folder == Folder::Vmic { recall } else { 2.0 * precision * recall / (precision + recall) }
}

fn mean_error(
    folder: Folder,
    counts: &Counts<'_>,
    value: Option<&Value>,
) -> Result<f64, WarningKind> {
    let mut errors = Vec::with_capacity(counts.len());
    let complete = value.is_some_and(|value| {
        counts.iter().all(|(category, count)| {
            let error = count_error(folder, value, category, count.as_ref());
            errors.extend(error);
            error.is_some()
        })
    });
    if !complete {
        for (_, count) in counts {
            errors.push(float(count.as_ref().ok_or(NO_INTEGER)?));
        }
    }
    if errors.is_empty() {
        return Ok(0.0);
    }
    Ok((errors.iter().sum::<f64>() / errors.len() as f64).min(WORST_ERROR))
}

/// Distance of one count from the truth; `None` where Python would fail.
fn count_error(
    folder: Folder,
    value: &Value,
    category: &str,
    count: Option<&BigInt>,
) -> Option<f64> {
    let seen = folder == Folder::Vmic;
    let predicted = match value {
        Value::Dict(dict) => dict.get_str(category),
        // Presence works for text and lists too, but then they cannot be indexed by a category.
        Value::Str(text) if text.contains(category) => return None,
        Value::List(items) if items.iter().any(|item| item.as_str() == Some(category)) => {
            return None;
        }
        Value::Str(_) | Value::List(_) => None,
        _ => return None,
    };
    let Some(predicted) = predicted else {
        return Some(if seen { ABSENT_SEEN } else { ABSENT_HEARD });
    };
    let predicted = to_int(predicted).ok()?;
    let count = count?;
    let many = BigInt::from(MANY_SEEN);
    if seen && predicted >= many && *count >= many {
        return Some(0.0);
    }
    Some(float(&(predicted - count)).abs())
}

/// Beyond the largest float the error is at its worst anyway.
fn float(number: &BigInt) -> f64 {
    to_float(&Value::Int(number.clone())).unwrap_or(f64::INFINITY)
}
