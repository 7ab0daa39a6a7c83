//! Names of the fields in which models put boxes, their names and their frames.

use super::Hints;
use crate::{Order, Scale};

/// Fields that hold a box; others are recognised by [`is_box_key`].
const BOX_KEYS: [&str; 16] = [
    "bbox",
    "box",
    "boundingbox",
    "bndbox",
    "coordinates",
    "coords",
    "coordinate",
    "position",
    "location",
    "rect",
    "rectangle",
    "region",
    "bounds",
    "bboxes",
    "boxes",
    "坐标",
];

/// Fields that hold a name, from the one to be taken first on.
pub(crate) const NAME_KEYS: [&str; 26] = [
    "label",
    "labels",
    "name",
    "names",
    "category",
    "categories",
    "class",
    "classname",
    "classes",
    "object",
    "objectname",
    "instancename",
    "objectlabel",
    "instance",
    "source",
    "soundsource",
    "instrument",
    "entity",
    "type",
    "sound",
    "title",
    "tag",
    "text",
    "id",
    "objectid",
    "类别",
];

/// Fields that hold the number of a frame.
pub(crate) const FRAME_KEYS: [&str; 14] = [
    "frame",
    "frameid",
    "frameindex",
    "frameidx",
    "framenumber",
    "frameno",
    "framenum",
    "framename",
    "framekey",
    "index",
    "idx",
    "imageid",
    "image",
    "frames",
];

/// Fields that hold a time.
pub(crate) const TIME_KEYS: [&str; 8] =
    ["time", "timestamp", "second", "seconds", "t", "timesec", "times", "timecode"];

/// Keys that hold an answer or a part of it and name no thing.
const WRAPPERS: [&str; 40] = [
    "answer",
    "answers",
    "finalanswer",
    "result",
    "results",
    "output",
    "outputs",
    "response",
    "prediction",
    "predictions",
    "objects",
    "instances",
    "detections",
    "detection",
    "annotations",
    "annotation",
    "items",
    "entities",
    "sources",
    "soundsources",
    "soundinginstances",
    "soundingobjects",
    "soundinginstance",
    "soundingobject",
    "data",
    "list",
    "frames",
    "frame",
    "image",
    "images",
    "picture",
    "video",
    "boundingboxes",
    "tracks",
    "track",
    "trajectory",
    "final",
    "value",
    "values",
    "localization",
];

/// Keys that stand beside an answer and say nothing about boxes.
const ASIDE: [&str; 34] = [
    "reasoning",
    "reason",
    "explanation",
    "thought",
    "thoughts",
    "rationale",
    "analysis",
    "confidence",
    "score",
    "probability",
    "description",
    "imagesize",
    "imagewidth",
    "imageheight",
    "size",
    "resolution",
    "framesize",
    "videosize",
    "format",
    "coordinateformat",
    "bboxformat",
    "boxformat",
    "note",
    "notes",
    "count",
    "total",
    "question",
    "totalframes",
    "numframes",
    "fps",
    "duration",
    "confidencescore",
    "area",
    "originalwh",
];

/// A key in lower case without spaces, `_`, `-`, `.` and `#`.
pub(crate) fn squeeze(key: &str) -> String {
    let kept = key.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '.' | '#'));
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether a key is one of these names.
pub(crate) fn is_among(key: &str, names: &[&str]) -> bool {
    names.contains(&squeeze(key).as_str())
}

/// Whether a key only wraps an answer.
pub(crate) fn is_wrapper(key: &str) -> bool {
    is_among(key, &WRAPPERS) || is_box_key(key)
}

/// Whether what stands under a key is no part of an answer.
pub(crate) fn is_aside(key: &str) -> bool {
    is_among(key, &ASIDE)
}

/// Whether a key says that its value is a box.
pub(crate) fn is_box_key(key: &str) -> bool {
    let key = squeeze(key);
    BOX_KEYS.contains(&key.as_str())
        || ["bbox", "box2d", "boundingbox", "xyxy", "xywh", "yxyx", "bndbox", "边界框"]
            .iter()
            .any(|part| key.contains(part))
        || (key.starts_with("box") || key.ends_with("box") || key.ends_with("coordinates"))
            && hints_of_key(&key) != Hints::default()
}

/// What the name of a box field says about its convention.
pub(super) fn hints_of_key(key: &str) -> Hints {
    let key = squeeze(key);
    let has = |part: &str| key.contains(part);
    let habit = |order| Hints { order: Some(order), is_habit: true, ..Hints::default() };
    let mut hints = if has("cxcywh") || has("center") || has("centre") || has("yolo") {
        Hints::order(Order::Centre)
    } else if has("xywh") || has("ltwh") || has("coco") {
        Hints::order(Order::Xywh)
    } else if has("yxyx") || has("tlbr") {
        Hints::order(Order::Yxyx)
    } else if has("xyxy") || has("ltrb") || has("voc") {
        Hints::order(Order::Xyxy)
    } else if key == "box2d" {
        Hints { scale: Some(Scale::Thousandths), ..habit(Order::Yxyx) }
    } else if has("bbox2d") {
        habit(Order::Xyxy)
    } else {
        Hints::default()
    };
    if has("1000") {
        hints.scale = Some(Scale::Thousandths);
    } else if has("pixel") || key.ends_with("px") || has("absolute") || has("bboxabs") {
        hints.scale = Some(Scale::Pixels);
    } else if has("percent") || has("pct") {
        hints.scale = Some(Scale::Percent);
    } else if has("norm") || has("relative") {
        hints.normalized = true;
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_boxes_say_their_convention() {
        for (key, order, scale) in [
            ("box_2d", Some(Order::Yxyx), Some(Scale::Thousandths)),
            ("bbox_2d", Some(Order::Xyxy), None),
            ("bbox", None, None),
            ("Bounding Box", None, None),
            ("bbox_xywh", Some(Order::Xywh), None),
            ("bbox_pixels", None, Some(Scale::Pixels)),
            ("box_percent", None, Some(Scale::Percent)),
            ("bounding_box_normalized_1000", None, Some(Scale::Thousandths)),
            ("bbox_cxcywh", Some(Order::Centre), None),
        ] {
            assert!(is_box_key(key), "{key}");
            let hints = hints_of_key(key);
            assert_eq!((hints.order, hints.scale), (order, scale), "{key}");
        }
        for key in ["dog_1", "music box", "box turtle", "label", "beatbox_1"] {
            assert!(!is_box_key(key), "{key}");
        }
    }
}
