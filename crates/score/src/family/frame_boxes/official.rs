//! Frame boxes: where a described object is in each frame, or that it is not there.

use std::borrow::Cow;

use avibench_python::{Dict, Value, literal_eval, strip, to_float};

use super::FramesParts;
use crate::geometry::{Corners, corners, iou};
use crate::judgement::{Judgement, RIGHT_IOU, excerpt, graded, trimmed_span};
use crate::{ScoringRule, VerdictOutcome, WarningKind};

/// A key such as `frame_0` and its box, `[x, y, w, h]` in pixels.
type Labelled = (String, Option<[f64; 4]>);

/// What data.json says of one frame.
#[derive(Debug, Clone, Copy)]
pub(super) enum Frame {
    /// The object is not there.
    Absent,
    /// Where it is, `[x, y, w, h]` in pixels.
    Box([f64; 4]),
    /// Something with which Python cannot calculate: every answer is wrong about this frame.
    Unusable,
}

/// The label's frames by key, and the picture's size.
pub(super) struct Frames<'a> {
    frames: Vec<(&'a str, Frame)>,
    size: [f64; 2],
}

impl<'a> Frames<'a> {
    /// # Errors
    /// A label without frames or size.
    pub(super) fn new(
        frames: Option<&'a [Labelled]>,
        size: Option<[f64; 2]>,
    ) -> Result<Self, WarningKind> {
        let frames = frames
            .filter(|frames| !frames.is_empty())
            .ok_or(WarningKind::Truth("has no frames in `bbox`"))?;
        let size = size.ok_or(WarningKind::Truth("has no `original_wh`"))?;
        let frame = |rectangle: Option<[f64; 4]>| rectangle.map_or(Frame::Absent, Frame::Box);
        let frames = frames.iter().map(|(key, rectangle)| (key.as_str(), frame(*rectangle)));
        Ok(Self { frames: frames.collect(), size })
    }

    /// A label that the protocol does not allow; `None` if the original would stop.
    pub(super) fn other(label: &'a Value) -> Option<Self> {
        let label = label.as_dict()?;
        let Some(Value::List(size)) = label.get_str("original_wh") else { return None };
        let [width, height] = size.as_slice() else { return None };
        let size = number(width).zip(number(height));
        let entries = label.get_str("bbox")?.as_dict()?.iter();
        let frame = |value: &Value| match (value, size) {
            (Value::None, _) => Frame::Absent,
            (Value::List(items), Some(_)) => {
                let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
                let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
                numbers.map_or(Frame::Unusable, Frame::Box)
            }
            _ => Frame::Unusable,
        };
        let frames: Vec<_> =
            entries.filter_map(|(key, value)| Some((key.as_str()?, frame(value)))).collect();
        let (width, height) = size.unwrap_or_default();
        (!frames.is_empty()).then_some(Self { frames, size: [width, height] })
    }
}

pub(super) fn judge(label: &Frames<'_>, text: &str) -> Judgement {
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
    let total: f64 = label
        .frames
        .iter()
        .map(|(key, frame)| {
            let predicted = answer.get_str(key).filter(|value| **value != Value::None);
            match (frame, predicted) {
                (Frame::Absent, None) => 1.0,
                (Frame::Box(rectangle), Some(value)) => predicted_corners(value, label.size)
                    .map_or(0.0, |predicted| iou(predicted, corners(*rectangle))),
                _ => 0.0,
            }
        })
        .sum();
    let iou = total / label.frames.len() as f64;
    let outcome = if is_read { graded(iou, RIGHT_IOU) } else { VerdictOutcome::Unread };
    let (parts, rule) = (Some(FramesParts { iou }.into()), ScoringRule::PythonLiteral);
    Judgement { outcome, parts, read, rule, span }
}

/// The elements `[0]` to `[3]`, which are fractions of the picture.
pub(super) fn predicted_corners(value: &Value, [width, height]: [f64; 2]) -> Option<Corners> {
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
