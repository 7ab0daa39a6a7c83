//! Frame boxes: where a described object is in each frame, or that it is not there.

use std::collections::BTreeMap;

use avibench_reading::{FrameBox, Reading, ReadingValue, corners_in_pixels};

use super::FramesParts;
use crate::ScoringRule;
use crate::geometry::{Corners, corners, iou, is_same_box};
use crate::judgement::{Judgement, RIGHT_IOU, excerpt, graded, written_boxes};
use crate::literal::normalized;
use crate::strict_readings::StrictAnswers;

/// No frame right: not even those without the object.
pub(super) const NOTHING: FramesParts = FramesParts { iou: 0.0 };

/// The frames to be answered, at least one.
pub(crate) struct LabelledFrames {
    /// The frame, and corners in pixels or `None` where the object is absent. `None` for a key that
    /// names no frame, which no answer can.
    label: Vec<(Option<u32>, Option<Corners>)>,
    size: [f64; 2],
}

impl LabelledFrames {
    pub(super) fn new(frames: &[(String, Option<[f64; 4]>)], size: [f64; 2]) -> Self {
        let label = frames.iter().map(|(key, rectangle)| {
            let frame = normalized(key).strip_prefix("frame_").and_then(|n| n.parse().ok());
            (frame, rectangle.map(corners))
        });
        Self { label: label.collect(), size }
    }

    /// Judges the boxes of an answer in the convention in which they are meant. Frames that it does
    /// not name are without the object.
    pub(super) fn judge(&self, reading: &Reading, answers: &StrictAnswers<'_>) -> Judgement {
        let Some(value) = reading.value() else {
            return Judgement::unread(reading, NOTHING);
        };
        let nothing = BTreeMap::new();
        let frames = if let ReadingValue::Frames(frames, _) = value { frames } else { &nothing };
        let form = answers.form_of(value, self.size);
        let overlaps = self.label.iter().map(|(frame, truth)| {
            let found = frame.and_then(|frame| frames.get(&frame)).unwrap_or(&FrameBox::Absent);
            match (truth, found) {
                (None, FrameBox::Absent) => 1.0,
                (Some(truth), FrameBox::Box(numbers)) => {
                    let found = corners_in_pixels(*numbers, form.order, form.scale, self.size);
                    if is_same_box(*truth, found) { 1.0 } else { iou(*truth, found) }
                }
                _ => 0.0,
            }
        });
        let iou = overlaps.sum::<f64>() / self.label.len() as f64;
        let parts = Some(FramesParts { iou }.into());
        let names: Vec<(String, &FrameBox)> =
            frames.iter().map(|(frame, found)| (format!("frame_{frame}"), found)).collect();
        let written = names.iter().map(|(name, found)| match found {
            FrameBox::Box(numbers) => (name.as_str(), Some(*numbers)),
            FrameBox::Absent | FrameBox::Unreadable => (name.as_str(), None),
        });
        let (outcome, span) = (graded(iou, RIGHT_IOU), reading.evidence.span.clone());
        let (read, rule) = (excerpt(&written_boxes(written)), ScoringRule::Reading);
        Judgement { outcome, parts, read, rule, span }
    }
}
