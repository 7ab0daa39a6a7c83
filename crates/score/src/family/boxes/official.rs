//! Boxes: instances located in one image, matched category by category.

use std::collections::{HashMap, HashSet};

use avibench_protocol::SampleError;
use avibench_python::{Dict, Value, decimal_digit, literal_eval, lower, to_float, to_str};

use super::BoxesParts;
use crate::geometry::{Corners, corners, iou};
use crate::judgement::{Judgement, RIGHT_IOU, excerpt, trimmed_span};
use crate::{ScoringRule, VerdictOutcome, WarningKind};

/// In the denominator of a sample's overlap, where it keeps a label without boxes from failing.
const EPSILON: f64 = 0.000_01;
/// Coordinates up to this are fractions of the picture.
pub(super) const LARGEST_FRACTION: f64 = 1.5;
/// Coordinates up to this are thousandths of the picture.
pub(super) const LARGEST_THOUSANDTH: f64 = 1001.0;

/// The label's boxes by key, `[x, y, w, h]` in pixels.
type Boxes = [(String, [f64; 4])];

/// What data.json holds to compare with.
pub(super) enum Label<'a> {
    /// Boxes, and the picture's size.
    Boxes(&'a Boxes, [f64; 2]),
    /// Boxes or size are absent: every answer scores 0, and misses nothing.
    Absent,
    /// Boxes or size with which Python cannot calculate.
    Unusable(&'a SampleError),
}

impl<'a> Label<'a> {
    /// A label that the protocol does not allow.
    pub(super) fn other(value: &Value, error: &'a SampleError) -> Self {
        let is_absent = |dict: &Dict, key| dict.get_str(key).is_none_or(|v| *v == Value::None);
        match value {
            Value::Dict(dict) if is_absent(dict, "bbox") || is_absent(dict, "original_wh") => {
                Self::Absent
            }
            // Text and lists can be asked for a key, and do not hold it.
            Value::Str(_) | Value::List(_) => Self::Absent,
            _ => Self::Unusable(error),
        }
    }
}

/// # Errors
/// A label with which the original would stop.
pub(super) fn judge(label: &Label<'_>, text: &str) -> Result<Judgement, WarningKind> {
    let (rule, span) = (ScoringRule::PythonLiteral, trimmed_span(text));
    let parsed = literal_eval(text).ok();
    let read = if parsed.is_some() { excerpt(text) } else { String::new() };
    let (label, size, answer) = match (label, &parsed) {
        (Label::Boxes(label, size), Some(Value::Dict(answer))) => (*label, *size, answer),
        (Label::Unusable(error), Some(Value::Dict(_))) => {
            return Err(WarningKind::Field((*error).clone()));
        }
        _ => {
            let parts = Some(BoxesParts { iou: 0.0, category_f1: 0.0, error: 0.0 }.into());
            return Ok(Judgement { outcome: VerdictOutcome::Unread, parts, read, rule, span });
        }
    };
    let categories: Vec<String> = answer
        .keys()
        .map(|key| category(&key.as_str().map_or_else(|| to_str(key), str::to_owned)))
        .collect();
    let mut candidates: HashMap<&str, Vec<(Corners, bool)>> = HashMap::new();
    for (category, (_, value)) in categories.iter().zip(answer.iter()) {
        if let Some(corners) = predicted_corners(value, size) {
            candidates.entry(category).or_default().push((corners, false));
        }
    }
    let label_categories: Vec<String> = label.iter().map(|(key, _)| category(key)).collect();
    let mut total = 0.0;
    let mut matched = 0;
    for (category, (_, rectangle)) in label_categories.iter().zip(label) {
        let truth = corners(*rectangle);
        let mut best: Option<(f64, &mut bool)> = None;
        for (predicted, used) in candidates.get_mut(category.as_str()).into_iter().flatten() {
            let overlap = if *used { 0.0 } else { iou(*predicted, truth) };
            if overlap > best.as_ref().map_or(0.0, |(highest, _)| *highest) {
                best = Some((overlap, used));
            }
        }
        if let Some((overlap, used)) = best {
            *used = true;
            total += overlap;
            matched += 1;
        }
    }
    let iou = total / (label.len() as f64 + EPSILON);
    let missed = label.len() - matched;
    let parts = BoxesParts {
        iou,
        category_f1: set_f1(&categories, &label_categories),
        error: missed as f64,
    }
    .into();
    let outcome = match missed {
        0 if iou >= RIGHT_IOU => VerdictOutcome::Right,
        _ if iou > 0.0 => VerdictOutcome::Partly,
        _ => VerdictOutcome::Wrong,
    };
    Ok(Judgement { outcome, parts: Some(parts), read, rule, span })
}

/// Lower case, without a final `_<digits>`.
pub(super) fn category(key: &str) -> String {
    let mut key = lower(key);
    let stem = key.trim_end_matches(|c| decimal_digit(c).is_some());
    if stem.len() < key.len() && stem.ends_with('_') {
        key.truncate(stem.len() - 1);
    }
    key
}

/// Corners in pixels of a predicted box: four numbers in a list or tuple, four bytes, or text that
/// holds such a literal. Their scale is guessed from the largest.
fn predicted_corners(value: &Value, [width, height]: [f64; 2]) -> Option<Corners> {
    let literal;
    let value = match value {
        Value::Str(text) => {
            literal = literal_eval(text).ok()?;
            &literal
        }
        other => other,
    };
    let numbers: Vec<f64> = match value {
        // The elements of a bytes object are integers in Python.
        Value::Bytes(bytes) => bytes.iter().copied().map(f64::from).collect(),
        _ => value.as_sequence()?.iter().map(|item| to_float(item).ok()).collect::<Option<_>>()?,
    };
    let mut numbers = <Corners>::try_from(numbers).ok()?;
    let mut largest = largest_magnitude(numbers);
    if LARGEST_FRACTION < largest && largest <= LARGEST_THOUSANDTH {
        numbers = numbers.map(|number| number / 1000.0);
        largest = largest_magnitude(numbers);
    }
    if largest > LARGEST_FRACTION {
        return Some(numbers);
    }
    let [x_min, y_min, x_max, y_max] = numbers;
    Some([x_min * width, y_min * height, x_max * width, y_max * height])
}

/// Python's `max`: a NaN in first place stays.
fn largest_magnitude(numbers: Corners) -> f64 {
    let [first, rest @ ..] = numbers.map(f64::abs);
    rest.into_iter().fold(first, |largest, number| if number > largest { number } else { largest })
}

pub(super) fn set_f1(predicted: &[String], label: &[String]) -> f64 {
    let predicted: HashSet<&String> = predicted.iter().collect();
    let label: HashSet<&String> = label.iter().collect();
    let hits = predicted.intersection(&label).count() as f64;
    if hits == 0.0 { 0.0 } else { 2.0 * hits / (predicted.len() + label.len()) as f64 }
}
