//! Boxes as objects whose keys name coordinates, corners or sizes.

use super::coordinate::{Coordinate, by_name, coordinate, scale_of_name};
use super::keys::squeeze;
use super::node::number;
use super::{Hints, Written};
use crate::value::{Entry, Kind, Node};
use crate::{Order, Scale};

/// An object whose keys name coordinates or corners.
pub(super) fn of_corners(entries: &[Entry]) -> Option<Written> {
    let mut scale = None;
    let mut named = Vec::new();
    for entry in entries {
        if let Some(name) = coordinate(&entry.key).or_else(|| letter(&entry.key)) {
            if let Some((value, unit)) = number(&entry.value) {
                scale = scale.or(unit).or(scale_of_name(&entry.key, ""));
                named.push((name, value));
            } else if let Some([(low, unit), (high, _)]) = two(&entry.value) {
                // `"x": [0.1, 0.5]`.
                scale = scale.or(unit);
                named.extend([(name, low), (name, high)]);
            }
        }
    }
    let written = by_name(&named).or_else(|| of_points(entries)).or_else(|| indexed(entries))?;
    let hints = Hints { scale: scale.or(written.hints.scale), ..written.hints };
    Some(Written { hints, ..written })
}

/// Single letters name edges only where nothing else does.
fn letter(key: &str) -> Option<Coordinate> {
    Some(match squeeze(key).as_str() {
        "l" => Coordinate::Left,
        "t" => Coordinate::Top,
        "r" => Coordinate::Right,
        "b" => Coordinate::Bottom,
        _ => return None,
    })
}

fn two(node: &Node) -> Option<[(f64, Option<Scale>); 2]> {
    match &node.kind {
        Kind::List(items) => match &items[..] {
            [first, second] => Some([number(first)?, number(second)?]),
            _ => None,
        },
        Kind::Object(entries) => {
            let find = |names: [&str; 3]| {
                entries
                    .iter()
                    .find(|entry| names.contains(&squeeze(&entry.key).as_str()))
                    .and_then(|entry| number(&entry.value))
            };
            Some([find(["x", "width", "w"])?, find(["y", "height", "h"])?])
        }
        Kind::Text(text) | Kind::Word(text) => {
            let bare = text.trim_matches(|c: char| c.is_whitespace() || "()[]".contains(c));
            let (x, y) = bare.split_once(',')?;
            Some([(x.trim().parse().ok()?, None), (y.trim().parse().ok()?, None)])
        }
        _ => None,
    }
}

/// `{"top_left": [1, 2], "bottom_right": [3, 4]}`, `{"center": ..., "size": ...}`.
fn of_points(entries: &[Entry]) -> Option<Written> {
    let find = |names: &[&str]| {
        entries
            .iter()
            .find(|entry| names.contains(&squeeze(&entry.key).as_str()))
            .and_then(|entry| two(&entry.value))
            .map(|[(x, scale), (y, _)]| ([x, y], scale))
    };
    let made = |first: ([f64; 2], Option<Scale>), second: ([f64; 2], Option<Scale>), order| {
        let numbers = [first.0[0], first.0[1], second.0[0], second.0[1]];
        Some(Written { numbers, hints: Hints { scale: first.1, ..Hints::order(order) } })
    };
    let upper = find(&[
        "topleft",
        "lefttop",
        "upperleft",
        "tl",
        "min",
        "start",
        "p1",
        "topleftcorner",
        "point1",
        "左上角",
        "左上",
    ]);
    let lower = find(&[
        "bottomright",
        "rightbottom",
        "lowerright",
        "br",
        "max",
        "end",
        "p2",
        "bottomrightcorner",
        "point2",
        "右下角",
        "右下",
    ]);
    if let (Some(upper), Some(lower)) = (upper, lower) {
        return made(upper, lower, Order::Xyxy);
    }
    let lower = find(&["bottomleft", "lowerleft", "bl"]);
    let upper_right = find(&["topright", "upperright", "tr"]);
    if let (Some(lower), Some(upper)) = (lower, upper_right) {
        let ([left, bottom], [right, top]) = (lower.0, upper.0);
        return made(([left, top], lower.1), ([right, bottom], None), Order::Xyxy);
    }
    let sizes = || {
        let of = |names: [&str; 2]| {
            entries
                .iter()
                .find(|entry| names.contains(&squeeze(&entry.key).as_str()))
                .and_then(|entry| number(&entry.value))
        };
        Some(([of(["width", "w"])?.0, of(["height", "h"])?.0], None))
    };
    let size = find(&["size", "dimensions", "wh"]).or_else(sizes)?;
    if let Some(centre) = find(&["center", "centre", "c", "centerpoint"]) {
        return made(centre, size, Order::Centre);
    }
    made(upper.or_else(|| find(&["origin", "position", "xy"]))?, size, Order::Xywh)
}

/// `{"0": 1, "1": 2, "2": 3, "3": 4}`.
fn indexed(entries: &[Entry]) -> Option<Written> {
    let [a, b, c, d] = entries else { return None };
    let of = |entry: &Entry, key: &str| (entry.key == key).then(|| number(&entry.value)).flatten();
    let numbers = [of(a, "0")?.0, of(b, "1")?.0, of(c, "2")?.0, of(d, "3")?.0];
    Some(Written { numbers, hints: Hints::default() })
}
