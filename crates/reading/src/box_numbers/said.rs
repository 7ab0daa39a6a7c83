//! What the text of an answer says about its convention.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::Hints;
use crate::{Order, Scale};

/// Between two names of coordinates.
const SEP: &str = r#"["'`*\]\)]*\s*[,;/|]\s*["'`*\[\(]*"#;

/// Orders as answers spell them out, from the most special on.
static ORDERS: LazyLock<Vec<(Regex, Order)>> = LazyLock::new(|| {
    let pattern = |names: [&str; 4]| {
        let names = names.map(|name| format!("(?:{name})"));
        Regex::new(&format!(r"(?i)(?:^|[^a-z0-9]){}(?:[^a-z0-9]|$)", names.join(SEP)))
            .expect("the pattern is constant and tested")
    };
    let centre = |axis: &str| {
        format!("c_?{axis}|{axis}_?c|{axis}[_ -]?cent(?:er|re)|cent(?:er|re)[_ -]?{axis}")
    };
    let (x, y) = (centre("x"), centre("y"));
    let [left, top] = ["x|x_?min|x_?0|x_?1|left", "y|y_?min|y_?0|y_?1|top"];
    let [x1, y1] = ["x_?min|x_?0|x_?1|left", "y_?min|y_?0|y_?1|top"];
    let [x2, y2] = ["x_?max|x_?1|x_?2|right", "y_?max|y_?1|y_?2|bottom"];
    let [width, height] = ["w|width", "h|height"];
    vec![
        (pattern([&x, &y, width, height]), Order::Centre),
        (pattern([left, top, width, height]), Order::Xywh),
        (pattern([y1, x1, y2, x2]), Order::Yxyx),
        (pattern([x1, y1, x2, y2]), Order::Xyxy),
        (pattern(["y", "x", "y", "x"]), Order::Yxyx),
        (pattern(["x", "y", "x", "y"]), Order::Xyxy),
    ]
});

static NAMED_ORDERS: [(&str, Order); 6] = [
    ("cxcywh", Order::Centre),
    ("xywh", Order::Xywh),
    ("yxyx", Order::Yxyx),
    ("xyxy", Order::Xyxy),
    ("yolo format", Order::Centre),
    ("coco format", Order::Xywh),
];

/// Scales as answers say them; the first that is found holds. What says only that numbers are
/// normalized stands last.
const SCALES: [(&str, Option<Scale>); 8] = [
    (
        r"(?i)\b(?:of|by|to|-|–|~|/|0\.\.)\s*1[,.]?000\b|\b1[,.]?000\s*[x×*]\s*1[,.]?000\b|\bthousandths?\b|\bper ?mill?e?\b|‰|千分|\[0,\s*1000\)?\]?|1000 ?(?:grid|scale|range|units)|\b(?:0|000)\s*(?:to|-|–|~)\s*999\b",
        Some(Scale::Thousandths),
    ),
    (
        r"(?i)\b(?:of|by|to|-|–|~)\s*102[34]\b|\b1024ths?\b|\b1024\s*[x×]\s*1024\b|1024 ?(?:grid|scale|range|bins)",
        Some(Scale::Parts1024),
    ),
    (r"(?i)\bpercent(?:ages?)?\b|\bin %|百分", Some(Scale::Percent)),
    (
        r"(?i)\b(?:0|0\.0)\s*(?:to|-|–|~|and)\s*(?:1|1\.0)\b(?:[^.\d]|$)|\[0,\s*1(?:\.0)?\]|\bfractions? of\b",
        Some(Scale::Unit),
    ),
    (r"(?i)\bnot (?:in )?pixels?\b|\bnot absolute\b", None),
    (r"(?i)\bpixels?\b|\bpx\b|\babsolute (?:coordinates|values)\b|像素", Some(Scale::Pixels)),
    (r"(?i)\bnormali[sz]ed\b|\brelative\b|归一化|相对坐标", None),
    (r"(?i)\bnormali[sz]ed by\b", None),
];

static SCALE_SET: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(SCALES.map(|(pattern, _)| pattern)).expect("the patterns are constant and tested")
});

/// What a text says about the order and the scale of its boxes, anywhere in it. Where it says
/// several things about one, it says nothing.
pub(crate) fn said(text: &str) -> Hints {
    Hints { order: order(text), ..scale(text) }
}

fn order(text: &str) -> Option<Order> {
    let lower = text.to_ascii_lowercase();
    let named =
        NAMED_ORDERS.iter().filter(|(name, _)| lower.contains(name)).map(|(_, order)| *order);
    // `x, y, width, height` also stands in `centre x, centre y, width, height`.
    let spelled =
        ORDERS.iter().filter(|(pattern, _)| pattern.is_match(text)).map(|(_, order)| *order);
    let mut found: Vec<Order> = named.chain(spelled).collect();
    if found.contains(&Order::Centre) {
        found.retain(|&order| order != Order::Xywh);
    }
    found.dedup();
    match found[..] {
        [order] => Some(order),
        _ => None,
    }
}

/// The size of a picture: those who give it mean pixels.
fn names_picture_size(text: &str) -> bool {
    static SIZE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)\b(?P<width>\d{3,4})\s*(?:[x×*]|by)\s*(?P<height>\d{3,4})\b",
            r#"|\b(?:image|picture|frame|video|original|img)_?(?:size|wh|width|resolution|dimensions)["']?\s*[:=]\s*[\[({"']*\s*(?:(?:w|width)["']?\s*[:=]\s*)?(?P<first>\d{3,4})\b"#,
        ))
        .expect("the pattern is constant and tested")
    });
    let is_scale = |size: &str| matches!(size, "1000" | "999" | "1024");
    SIZE.captures_iter(text).any(|found| {
        let side = |name: &str| found.name(name).map(|side| side.as_str());
        match (side("width"), side("height"), side("first")) {
            (Some(width), Some(height), _) => !(is_scale(width) && is_scale(height)),
            (_, _, Some(first)) => !is_scale(first),
            _ => false,
        }
    })
}

fn scale(text: &str) -> Hints {
    let found: Vec<usize> = SCALE_SET.matches(text).into_iter().collect();
    let is_denied = found.contains(&4);
    let said = found.iter().filter_map(|&at| SCALES[at].1);
    let mut said: Vec<Scale> =
        said.filter(|&scale| !(is_denied && scale == Scale::Pixels)).collect();
    if said.is_empty() && !found.contains(&6) && names_picture_size(text) {
        said.push(Scale::Pixels);
    }
    said.dedup();
    let normalized = found.iter().any(|at| [4, 6, 7].contains(at));
    let scale = match said[..] {
        [scale] => Some(scale),
        // Both are said: which numbers are which cannot be told.
        _ => None,
    };
    let scale = scale.filter(|&scale| !(normalized && scale == Scale::Pixels));
    Hints { scale, normalized: normalized && !said.contains(&Scale::Pixels), ..Hints::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_spelled_out() {
        for (text, order) in [
            ("in the format [y_min, x_min, y_max, x_max]", Some(Order::Yxyx)),
            ("(x1, y1, x2, y2)", Some(Order::Xyxy)),
            ("`[xmin, ymin, xmax, ymax]`", Some(Order::Xyxy)),
            ("as x, y, width, height", Some(Order::Xywh)),
            ("[x, y, w, h]", Some(Order::Xywh)),
            ("(x_min, y_min, width, height)", Some(Order::Xywh)),
            ("[cx, cy, w, h]", Some(Order::Centre)),
            ("(x_center, y_center, width, height)", Some(Order::Centre)),
            ("center x, center y, width, height", Some(Order::Centre)),
            ("left, top, right, bottom", Some(Order::Xyxy)),
            ("top, left, bottom, right", Some(Order::Yxyx)),
            ("(left, top, width, height)", Some(Order::Xywh)),
            ("| name | x1 | y1 | x2 | y2 |", Some(Order::Xyxy)),
            ("in xywh format", Some(Order::Xywh)),
            ("a dog on the left, at the top, right of the bottom", None),
            ("either [x1, y1, x2, y2] or [x, y, w, h]", None),
        ] {
            assert_eq!(said(text).order, order, "{text}");
        }
    }

    #[test]
    fn scales_are_said() {
        for (text, scale, normalized) in [
            ("coordinates in pixels", Some(Scale::Pixels), false),
            ("pixel coordinates", Some(Scale::Pixels), false),
            ("normalized to 0-1000", Some(Scale::Thousandths), true),
            ("on a scale of 1000", Some(Scale::Thousandths), false),
            ("in thousandths", Some(Scale::Thousandths), false),
            ("normalized coordinates (0 to 1)", Some(Scale::Unit), true),
            ("normalised coordinates", None, true),
            ("in percent of the picture", Some(Scale::Percent), false),
            ("on a 1024x1024 canvas", Some(Scale::Parts1024), false),
            ("the dog is at", None, false),
            ("归一化坐标", None, true),
            ("像素坐标", Some(Scale::Pixels), false),
            ("in the 1920x1080 image", Some(Scale::Pixels), false),
            ("{\"image_size\": [640, 480]}", Some(Scale::Pixels), false),
            ("normalized coordinates of the 1920x1080 image", None, true),
        ] {
            let found = said(text);
            assert_eq!((found.scale, found.normalized), (scale, normalized), "{text}");
        }
    }
}
