//! Frame boxes: where a described object is in each frame, or that it is not there.

use std::borrow::Cow;

use avibench_python::{Dict, Value, literal_eval, strip, to_float};

use crate::geometry::{Corners, corners, iou};
use crate::judgement::{Judgement, RIGHT_IOU, excerpt, graded, trimmed_span};
use crate::{Outcome, Parts, Rule, WarningKind};

/// The label's frames by key; `None` where the object is absent.
type Frames = [(String, Option<[f64; 4]>)];

pub(super) fn judge(
    frames: Option<&Frames>,
    size: Option<[f64; 2]>,
    text: &str,
) -> Result<Judgement, WarningKind> {
    let frames = frames
        .filter(|frames| !frames.is_empty())
        .ok_or(WarningKind::Truth("has no frames in `bbox`"))?;
    let size = size.ok_or(WarningKind::Truth("has no `original_wh`"))?;
    let span = trimmed_span(text);
    let text = if text.contains("```") {
        Cow::Owned(text.replace("```json", "").replace("```", ""))
    } else {
        Cow::Borrowed(text)
    };
    let parsed = literal_eval(strip(&text)).ok();
    let read = if parsed.is_some() { excerpt(strip(&text)) } else { String::new() };
    let (answer, is_read) = match parsed {
        Some(Value::Dict(answer)) => (answer, true),
        _ => (Dict::default(), false),
    };
    let total: f64 = frames
        .iter()
        .map(|(frame, rectangle)| {
            let predicted = answer.get_str(frame).filter(|value| **value != Value::None);
            match (rectangle, predicted) {
                (None, None) => 1.0,
                (Some(rectangle), Some(value)) => predicted_corners(value, size)
                    .map_or(0.0, |predicted| iou(predicted, corners(*rectangle))),
                _ => 0.0,
            }
        })
        .sum();
    let iou = total / frames.len() as f64;
    let outcome = if is_read { graded(iou, RIGHT_IOU) } else { Outcome::Unread };
    let (parts, rule) = (Some(Parts::Frames { iou }), Rule::PythonLiteral);
    Ok(Judgement { outcome, parts, read, rule, span })
}

/// The elements `[0]` to `[3]`, which are fractions of the picture.
pub(crate) fn predicted_corners(value: &Value, [width, height]: [f64; 2]) -> Option<Corners> {
    let element = |index: usize| match value {
        Value::List(items) | Value::Tuple(items) => number(items.get(index)?),
        Value::Dict(dict) => number(dict.get_int(index as i64)?),
        Value::Bytes(bytes) => bytes.get(index).copied().map(f64::from),
        _ => None,
    };
    Some([element(0)? * width, element(1)? * height, element(2)? * width, element(3)? * height])
}

/// What arithmetic accepts; numbers in text are no numbers here.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(_) | Value::Bool(_) | Value::Float(_) => to_float(value).ok(),
        _ => None,
    }
}
