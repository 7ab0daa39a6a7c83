//! Frame boxes: where a described object is in each frame, or that it is not there.

use std::collections::HashMap;

use avibench_python::Value;

use super::FramesParts;
use super::official::predicted_corners;
use crate::geometry::{Corners, corners, iou, is_same_box};
use crate::judgement::{Judgement, RIGHT_IOU, excerpt, graded};
use crate::literal::{normalized, normalized_key, read_object};
use crate::prepared::Prepared;
use crate::{ScoringRule, VerdictOutcome};

/// No frame right: not even those without the object.
pub(super) const NOTHING: FramesParts = FramesParts { iou: 0.0 };

/// The frames to be answered, at least one.
pub(crate) struct LabelledFrames {
    /// Normalised key, and corners in pixels or `None` where the object is absent.
    label: Vec<(String, Option<Corners>)>,
    size: [f64; 2],
}

impl LabelledFrames {
    pub(super) fn new(frames: &[(String, Option<[f64; 4]>)], size: [f64; 2]) -> Self {
        let label = frames.iter().map(|(key, rectangle)| (normalized(key), rectangle.map(corners)));
        Self { label: label.collect(), size }
    }

    /// Judges an answer that is not empty.
    pub(super) fn judge(&self, answer: &Prepared<'_>) -> Judgement {
        let rule = ScoringRule::JsonOrLiteral;
        let Some((object, place)) = read_object(&answer.text) else {
            let (outcome, parts) = (VerdictOutcome::Unread, Some(NOTHING.into()));
            return Judgement { outcome, parts, read: String::new(), rule, span: None };
        };
        let named: HashMap<String, &Value> = object
            .iter()
            .filter(|(_, value)| !is_absent(value))
            .map(|(key, value)| (normalized_key(key), value))
            .collect();
        let overlaps = self.label.iter().map(|(frame, truth)| match (truth, named.get(frame)) {
            (None, None) => 1.0,
            (Some(truth), Some(value)) => {
                predicted_corners(value, self.size).map_or(0.0, |found| {
                    if is_same_box(*truth, found) { 1.0 } else { iou(*truth, found) }
                })
            }
            _ => 0.0,
        });
        let iou = overlaps.sum::<f64>() / self.label.len() as f64;
        let parts = Some(FramesParts { iou }.into());
        let read = excerpt(&answer.text[place.clone()]);
        let (outcome, span) = (graded(iou, RIGHT_IOU), answer.span(place));
        Judgement { outcome, parts, read, rule, span }
    }
}

/// What says that the object is not in a frame.
fn is_absent(value: &Value) -> bool {
    match value {
        Value::None => true,
        Value::List(items) | Value::Tuple(items) => items.is_empty(),
        _ => false,
    }
}
