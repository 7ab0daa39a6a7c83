//! A box as a value.

use super::coordinate::{Coordinate, by_name, coordinate};
use super::corners::of_corners;
use super::keys::{hints_of_key, is_aside, is_box_key, squeeze};
use super::{Hints, Written, mentions, says_absent};
use crate::Scale;
use crate::value::{Entry, Kind, Node};

/// What a value says about a box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BoxValue {
    /// One box.
    One(Written),
    /// Several boxes; `None` for each that cannot be read.
    Several(Vec<Option<Written>>),
    /// It says that there is none.
    Absent,
    /// It is meant as a box and cannot be read.
    Unreadable,
}

/// Deeper values are no boxes.
const DEPTH: usize = 6;

/// Reads a value as a box; `None` if it is an object without a box in it.
pub(crate) fn of_node(node: &Node) -> Option<BoxValue> {
    of(node, DEPTH)
}

fn of(node: &Node, depth: usize) -> Option<BoxValue> {
    if depth == 0 {
        return Some(BoxValue::Unreadable);
    }
    match &node.kind {
        Kind::Null | Kind::Bool(false) => Some(BoxValue::Absent),
        Kind::Bool(true) | Kind::Number(_) => Some(BoxValue::Unreadable),
        Kind::Text(text) | Kind::Word(text) => Some(of_text(text)),
        Kind::List(items) => Some(of_list(items, depth)),
        Kind::Object(entries) => of_object(entries, depth),
    }
}

fn of_text(text: &str) -> BoxValue {
    let (text, hints) = super::plain(text);
    let found = mentions(&text);
    let with_hints = |written: Option<Written>| {
        written.map(|written| Written { hints: written.hints.or(hints), ..written })
    };
    match &found[..] {
        [] if text.trim().is_empty() || says_absent(&text) => BoxValue::Absent,
        [] => without_brackets(&text).map_or(BoxValue::Unreadable, |written| {
            BoxValue::One(Written { hints: written.hints.or(hints), ..written })
        }),
        [only] => with_hints(only.written).map_or(BoxValue::Unreadable, BoxValue::One),
        several => {
            BoxValue::Several(several.iter().map(|found| with_hints(found.written)).collect())
        }
    }
}

/// The box of a text whose brackets do not close: `[0.1, 0.2, 0.5, 0.9`.
fn without_brackets(text: &str) -> Option<Written> {
    let bare = text.replace(['[', ']', '(', ')', '{', '}'], " ");
    match &mentions(&bare)[..] {
        [only] => only.written,
        _ => None,
    }
}

fn of_list(items: &[Node], depth: usize) -> BoxValue {
    if items.is_empty() {
        return BoxValue::Absent;
    }
    if let Some(written) = four(items) {
        return BoxValue::One(written);
    }
    if let [only] = items {
        return of(only, depth - 1).unwrap_or(BoxValue::Unreadable);
    }
    // `["x_min: 0.1", "y_min: 0.2", ...]` and `[{"x_min": 0.1}, {"y_min": 0.2}, ...]`.
    if let Some(written) = parts(items) {
        return BoxValue::One(written);
    }
    if !items
        .iter()
        .any(|item| matches!(item.kind, Kind::List(_) | Kind::Object(_)) || is_box_text(item))
    {
        return BoxValue::Unreadable;
    }
    let several = items.iter().filter_map(|item| match of(item, depth - 1) {
        Some(BoxValue::One(written)) => Some(Some(written)),
        Some(BoxValue::Absent) => None,
        Some(BoxValue::Several(_) | BoxValue::Unreadable) | None => Some(None),
    });
    let several: Vec<Option<Written>> = several.collect();
    match several[..] {
        [] => BoxValue::Absent,
        // A list such as `[120, [310, 402, 98]]` is no list of boxes.
        _ if several.iter().all(Option::is_none) => BoxValue::Unreadable,
        _ => BoxValue::Several(several),
    }
}

/// Whether a value was garbled by quotes or commas that are missing: a key is a box, or a text holds
/// what should stand outside of it.
pub(crate) fn is_garbled(node: &Node) -> bool {
    let holds_box = |text: &str| {
        text.contains(',') && mentions(text).iter().any(|found| found.written.is_some())
    };
    let has_quotes = |text: &str| text.contains(['\'', '"']);
    match &node.kind {
        Kind::Word(text) => has_quotes(text),
        Kind::Text(text) => {
            has_quotes(text) && text.contains([':', '=']) && !text.contains('{') && holds_box(text)
        }
        Kind::List(items) => items.iter().any(is_garbled),
        Kind::Object(entries) => {
            entries.iter().any(|entry| holds_box(&entry.key) || is_garbled(&entry.value))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
    }
}

fn is_box_text(node: &Node) -> bool {
    node.text().is_some_and(|text| matches!(of_text(text), BoxValue::One(_)))
}

/// Four numbers, two points, or four numbers in pixels with a share of confidence behind.
fn four(items: &[Node]) -> Option<Written> {
    let two = |node: &Node| match &node.kind {
        Kind::List(items) => match &items[..] {
            [x, y] => Some([number(x)?, number(y)?]),
            _ => None,
        },
        _ => None,
    };
    let numbers = match items {
        [a, b, c, d] => [number(a)?, number(b)?, number(c)?, number(d)?],
        [first, second] => {
            let ([a, b], [c, d]) = (two(first)?, two(second)?);
            [a, b, c, d]
        }
        // The closing bracket is missing: `[1, 2, 3, 4, "label": "dog"}`.
        [a, b, c, d, Node { kind: Kind::Object(_), .. }] => {
            [number(a)?, number(b)?, number(c)?, number(d)?]
        }
        [a, b, c, d, confidence] => {
            let numbers = [number(a)?, number(b)?, number(c)?, number(d)?];
            let is_confidence =
                matches!(number(confidence)?, (value, None) if (0.0..=1.0).contains(&value));
            if !is_confidence || numbers.iter().all(|(value, _)| *value <= 1.5) {
                return None;
            }
            numbers
        }
        _ => return None,
    };
    let scale = numbers.iter().find_map(|(_, scale)| *scale);
    let numbers = numbers.map(|(value, _)| value);
    Some(Written { numbers, hints: Hints { scale, ..Hints::default() } })
}

/// A number and its unit.
pub(super) fn number(node: &Node) -> Option<(f64, Option<Scale>)> {
    if let Some(number) = node.number() {
        return Some((number.value, number.percent.then_some(Scale::Percent)));
    }
    let text = node.text()?.trim();
    let lower = text.to_ascii_lowercase();
    let bare = ["pixels", "pixel", "px"].iter().find_map(|unit| lower.strip_suffix(unit));
    if let Some(bare) = bare {
        return bare
            .trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .map(|value| (value, Some(Scale::Pixels)));
    }
    // `100/1000`.
    let (part, whole) = text.split_once('/')?;
    let (part, whole): (f64, f64) = (part.trim().parse().ok()?, whole.trim().parse().ok()?);
    let share = part / whole;
    share.is_finite().then_some((share, None))
}

fn parts(items: &[Node]) -> Option<Written> {
    let named = items.iter().map(|item| match &item.kind {
        Kind::Text(text) | Kind::Word(text) => {
            let (name, value) = text.split_once([':', '='])?;
            Some((coordinate(name.trim())?, value.trim().parse().ok()?))
        }
        Kind::Object(entries) => match &entries[..] {
            [entry] => Some((coordinate(&entry.key)?, number(&entry.value)?.0)),
            _ => None,
        },
        _ => None,
    });
    by_name(&named.collect::<Option<Vec<(Coordinate, f64)>>>()?)
}

fn of_object(entries: &[Entry], depth: usize) -> Option<BoxValue> {
    if let Some(written) = of_corners(entries) {
        return Some(BoxValue::One(written));
    }
    let boxes: Vec<&Entry> = entries.iter().filter(|entry| is_box_key(&entry.key)).collect();
    // The same box is sometimes given in pixels and normalized; asked for is the latter.
    let preferred = boxes.iter().find(|entry| hints_of_key(&entry.key).normalized);
    if let Some(entry) = preferred.or(boxes.first()) {
        let hints = hints_of_key(&entry.key).or(format_hints(entries));
        let with_hints = |written: Written| Written { hints: written.hints.or(hints), ..written };
        return Some(match of(&entry.value, depth - 1)? {
            BoxValue::One(written) => BoxValue::One(with_hints(written)),
            BoxValue::Several(several) => BoxValue::Several(
                several.into_iter().map(|written| written.map(with_hints)).collect(),
            ),
            other => other,
        });
    }
    let says_no = |entry: &Entry| {
        let is_asked = matches!(
            squeeze(&entry.key).as_str(),
            "visible"
                | "present"
                | "visibility"
                | "presence"
                | "exists"
                | "status"
                | "isvisible"
                | "detected"
                | "found"
                | "invisible"
                | "absent"
        );
        is_asked
            && match &entry.value.kind {
                Kind::Bool(value) => {
                    *value == matches!(squeeze(&entry.key).as_str(), "invisible" | "absent")
                }
                Kind::Text(text) | Kind::Word(text) => says_absent(text),
                _ => false,
            }
    };
    if entries.iter().any(says_no) {
        return Some(BoxValue::Absent);
    }
    let is_some_coordinate = entries.iter().any(|entry| coordinate(&entry.key).is_some());
    is_some_coordinate.then_some(BoxValue::Unreadable)
}

/// `"format": "xywh"` beside a box.
fn format_hints(entries: &[Entry]) -> Hints {
    let formats = entries
        .iter()
        .filter(|entry| is_aside(&entry.key) && squeeze(&entry.key).contains("format"));
    formats
        .filter_map(|entry| entry.value.text())
        .fold(Hints::default(), |hints, text| hints.or(super::said(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::containers;

    fn shown(text: &str) -> String {
        let shown = |written: &Written| {
            let [a, b, c, d] = written.numbers;
            let order = written.hints.order.map(|order| format!(" {order:?}")).unwrap_or_default();
            let scale = written.hints.scale.map(|scale| format!(" {scale:?}")).unwrap_or_default();
            format!("{a} {b} {c} {d}{order}{scale}")
        };
        match of_node(&containers(text, true)[0].node) {
            Some(BoxValue::One(written)) => shown(&written),
            Some(BoxValue::Several(several)) => {
                let shown = |written: &Option<Written>| written.as_ref().map_or("?".into(), shown);
                several.iter().map(shown).collect::<Vec<_>>().join("; ")
            }
            Some(BoxValue::Absent) => "absent".to_owned(),
            Some(BoxValue::Unreadable) => "?".to_owned(),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn boxes_in_every_notation() {
        for (text, wanted) in [
            ("[1, 2, 3, 4]", "1 2 3 4"),
            ("(1, 2, 3, 4)", "1 2 3 4"),
            ("['1', '2', '3', '4']", "1 2 3 4"),
            ("[[1, 2], [3, 4]]", "1 2 3 4"),
            ("[[1, 2, 3, 4]]", "1 2 3 4"),
            ("['10%', '20%', '30%', '40%']", "10 20 30 40 Percent"),
            ("[10px, 20px, 30px, 40px]", "10 20 30 40 Pixels"),
            ("[100/1000, 200/1000, 300/1000, 400/1000]", "0.1 0.2 0.3 0.4"),
            ("['[1, 2, 3, 4]']", "1 2 3 4"),
            ("['x1=1, y1=2, x2=3, y2=4']", "1 2 3 4 Xyxy"),
            ("['x_min: 1', 'y_min: 2', 'x_max: 3', 'y_max: 4']", "1 2 3 4 Xyxy"),
            ("{'x_min': 1, 'y_min': 2, 'x_max': 3, 'y_max': 4}", "1 2 3 4 Xyxy"),
            ("{'x': 1, 'y': 2, 'width': 3, 'height': 4}", "1 2 3 4 Xywh"),
            ("{'cx': 1, 'cy': 2, 'w': 3, 'h': 4}", "1 2 3 4 Centre"),
            ("{'top': 1, 'left': 2, 'height': 3, 'width': 4}", "2 1 4 3 Xywh"),
            (
                "{'x_min': '10%', 'y_min': '20%', 'x_max': '30%', 'y_max': '40%'}",
                "10 20 30 40 Xyxy Percent",
            ),
            (
                "{'x_min_percent': 1, 'y_min_percent': 2, 'x_max_percent': 3, 'y_max_percent': 4}",
                "1 2 3 4 Xyxy Percent",
            ),
            ("{'top_left': [1, 2], 'bottom_right': [3, 4]}", "1 2 3 4 Xyxy"),
            ("{'top_left': {'x': 1, 'y': 2}, 'bottom_right': {'x': 3, 'y': 4}}", "1 2 3 4 Xyxy"),
            ("{'center': [1, 2], 'size': [3, 4]}", "1 2 3 4 Centre"),
            ("{'x': [1, 3], 'y': [2, 4]}", "1 2 3 4 Xyxy"),
            ("{'box_2d': [1, 2, 3, 4], 'label': 'dog'}", "1 2 3 4 Yxyx Thousandths"),
            ("{'bbox': {'x1': 1, 'y1': 2, 'x2': 3, 'y2': 4}, 'confidence': 0.9}", "1 2 3 4 Xyxy"),
            ("{'bbox': [1, 2, 3, 4], 'format': 'xywh'}", "1 2 3 4 Xywh"),
            ("{'bbox_pixels': [10, 20, 30, 40], 'bbox_normalized': [1, 2, 3, 4]}", "1 2 3 4"),
            ("[[1, 2, 3, 4], [5, 6, 7, 8]]", "1 2 3 4; 5 6 7 8"),
            ("[[1, 2, 3, 4], [5, 6, 7]]", "1 2 3 4; ?"),
            ("['<box>(1,2),(3,4)</box>']", "1 2 3 4 Thousandths"),
            ("[10, 20, 30, 40, 0.95]", "10 20 30 40"),
            ("['[1, 2, 3, 4']", "1 2 3 4"),
            ("{'bbox': [1, 2, 3, 4, 'label': 'dog'}", "1 2 3 4"),
            ("[]", "absent"),
            ("{'bbox': null}", "absent"),
            ("{'visible': false}", "absent"),
            ("{'present': 'no'}", "absent"),
            ("['not visible']", "absent"),
            ("[1, 2, 3]", "?"),
            ("[0.1, 0.2, 0.3, 0.4, 0.5]", "?"),
            ("[120,[310,402,98]]", "?"),
            ("['left half']", "?"),
            ("[a, b, c, d]", "?"),
            ("{'x_min': 1, 'y_min': 2}", "?"),
            ("{'label': 'dog'}", "none"),
            ("[true, 0, 1, 1]", "?"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
