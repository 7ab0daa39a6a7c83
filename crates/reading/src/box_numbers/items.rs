//! Numbers and points, and the boxes that they make together.

use std::ops::Range;

use super::coordinate::{Axis, Coordinate, by_name};
use super::lexer::Unit;
use super::words::Corner;
use super::{Hints, Written};
use crate::{Order, Scale};

/// A number or a point that may become part of a box.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) what: What,
    pub(super) span: Range<usize>,
    pub(super) unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Number(Option<Coordinate>, f64),
    Point(Option<Corner>, [f64; 2]),
}

/// The point that two numbers make, with the unit of the first.
pub(super) fn point(items: &[Item]) -> Option<([f64; 2], Unit)> {
    let [first, second] = items else { return None };
    let (What::Number(_, x), What::Number(name, y)) = (first.what, second.what) else {
        return None;
    };
    let swapped =
        matches!(first.what, What::Number(Some(Coordinate::Plain(Axis::Y)), _)) && name.is_some();
    Some((if swapped { [y, x] } else { [x, y] }, first.unit))
}

/// The one box that items make.
pub(super) fn one(items: &[Item]) -> Option<Written> {
    let mut written = numbers(items).or_else(|| points(items))?;
    let units = items.iter().map(|item| item.unit);
    if units.clone().any(|unit| unit == Unit::Percent) {
        written.hints.scale = Some(Scale::Percent);
    } else if units.into_iter().any(|unit| unit == Unit::Pixels) {
        written.hints.scale = Some(Scale::Pixels);
    }
    Some(written)
}

fn numbers(items: &[Item]) -> Option<Written> {
    let values: Vec<(Option<Coordinate>, f64)> = items
        .iter()
        .map(|item| match item.what {
            What::Number(name, value) => Some((name, value)),
            What::Point(..) => None,
        })
        .collect::<Option<_>>()?;
    if values.iter().any(|(name, _)| name.is_some()) {
        let mut last = None;
        let named = values.iter().map(|&(name, value)| {
            // `x from 0.1 to 0.5`: the second number has the name of the first.
            last = name.or(last);
            Some((last?, value))
        });
        return by_name(&named.collect::<Option<Vec<_>>>()?);
    }
    let numbers: [f64; 4] =
        values.into_iter().map(|(_, value)| value).collect::<Vec<_>>().try_into().ok()?;
    Some(Written { numbers, hints: Hints::default() })
}

fn points(items: &[Item]) -> Option<Written> {
    let mut points = Vec::new();
    let mut sizes = Vec::new();
    for item in items {
        match item.what {
            What::Point(corner, point) => points.push((corner, point)),
            What::Number(Some(name @ Coordinate::Size(_)), value) => sizes.push((name, value)),
            What::Number(..) => return None,
        }
    }
    let made = |numbers, order| Some(Written { numbers, hints: Hints::order(order) });
    match (&points[..], &sizes[..]) {
        ([(first, [a, b]), (second, [c, d])], []) => {
            let is_size = second.is_some_and(Corner::is_size);
            if is_size {
                let is_centre = first.is_some_and(Corner::is_centre);
                return made([*a, *b, *c, *d], if is_centre { Order::Centre } else { Order::Xywh });
            }
            if first.is_none() && second.is_none() {
                // `(1, 2), (3, 4)`: the same as four numbers.
                return Some(Written { numbers: [*a, *b, *c, *d], hints: Hints::default() });
            }
            // Corners by their names, in any order.
            let is_right = |corner: &Option<Corner>| corner.is_some_and(|corner| corner.right);
            let is_lower = |corner: &Option<Corner>| corner.is_some_and(|corner| corner.bottom);
            let across = if is_right(first) && !is_right(second) { [*c, *a] } else { [*a, *c] };
            let down = if is_lower(first) && !is_lower(second) { [*d, *b] } else { [*b, *d] };
            made([across[0], down[0], across[1], down[1]], Order::Xyxy)
        }
        ([(corner, [a, b])], [_, _]) => {
            let size = by_name(&[
                (Coordinate::Plain(Axis::X), *a),
                (Coordinate::Plain(Axis::Y), *b),
                sizes[0],
                sizes[1],
            ])?;
            let is_centre = corner.is_some_and(Corner::is_centre);
            made(size.numbers, if is_centre { Order::Centre } else { Order::Xywh })
        }
        ([first, .., last], []) if points.len() == 4 => {
            rectangle(&points).filter(|_| first != last)
        }
        _ => None,
    }
}

/// Four points that are the corners of an upright rectangle.
fn rectangle(points: &[(Option<Corner>, [f64; 2])]) -> Option<Written> {
    let edges = |axis: usize| {
        let values = points.iter().map(|(_, point)| point[axis]);
        let (low, high) =
            (values.clone().fold(f64::MAX, f64::min), values.clone().fold(f64::MIN, f64::max));
        let is_edge =
            |value: f64| value.to_bits() == low.to_bits() || value.to_bits() == high.to_bits();
        values.into_iter().all(is_edge).then_some((low, high))
    };
    let ((left, right), (top, bottom)) = (edges(0)?, edges(1)?);
    Some(Written { numbers: [left, top, right, bottom], hints: Hints::order(Order::Xyxy) })
}
