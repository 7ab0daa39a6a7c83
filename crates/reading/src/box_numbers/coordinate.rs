//! Coordinates by their names: `x_min`, `left`, `width`, ...

use super::keys::squeeze;
use super::{Hints, Written};
use crate::{Order, Scale};

/// What a named number of a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coordinate {
    /// `x_min`, `left`.
    Left,
    /// `y_min`, `top`.
    Top,
    /// `x_max`, `right`.
    Right,
    /// `y_max`, `bottom`.
    Bottom,
    /// `x0`: then `x1` is the right edge.
    Zeroth(Axis),
    /// `x1`.
    First(Axis),
    /// `x` alone: the left edge or one of two.
    Plain(Axis),
    /// `cx`, `y_center`.
    Centre(Axis),
    /// `width`, `h`.
    Size(Axis),
}

/// Across or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    X,
    Y,
}

/// Units behind the name of a coordinate.
const UNITS: [(&str, Option<Scale>); 9] = [
    ("percent", Some(Scale::Percent)),
    ("percentage", Some(Scale::Percent)),
    ("pct", Some(Scale::Percent)),
    ("(%)", Some(Scale::Percent)),
    ("pixels", Some(Scale::Pixels)),
    ("pixel", Some(Scale::Pixels)),
    ("px", Some(Scale::Pixels)),
    ("normalized", None),
    ("norm", None),
];

/// The scale that the name of a coordinate or the unit of its value says.
pub(super) fn scale_of_name(name: &str, value: &str) -> Option<Scale> {
    coordinate(name)?;
    let name = squeeze(name);
    let value = value.trim_end();
    let of_value = if value.ends_with('%') {
        Some(Scale::Percent)
    } else {
        value.ends_with("px").then_some(Scale::Pixels)
    };
    of_value.or_else(|| {
        UNITS.iter().find(|(unit, _)| name.ends_with(unit)).and_then(|(_, scale)| *scale)
    })
}

/// The coordinate that a key or word names.
pub(super) fn coordinate(name: &str) -> Option<Coordinate> {
    use Axis::{X, Y};
    let name = squeeze(name);
    let bare = UNITS.iter().find_map(|(unit, _)| name.strip_suffix(unit));
    Some(match bare.unwrap_or(&name) {
        "xmin" | "left" | "minx" | "xleft" | "leftx" | "xstart" | "startx" | "xtl" | "tlx"
        | "topleftx" | "xtopleft" | "lefttopx" | "x1min" | "xmini" | "xlow" | "lx" => {
            Coordinate::Left
        }
        "ymin" | "top" | "miny" | "ytop" | "topy" | "ystart" | "starty" | "ytl" | "tly"
        | "toplefty" | "ytopleft" | "lefttopy" | "ymini" | "ylow" | "ty" => Coordinate::Top,
        "xmax" | "right" | "maxx" | "xright" | "rightx" | "xend" | "endx" | "xbr" | "brx"
        | "bottomrightx" | "xbottomright" | "rightbottomx" | "xhigh" | "rx" | "x2" => {
            Coordinate::Right
        }
        "ymax" | "bottom" | "maxy" | "ybottom" | "bottomy" | "yend" | "endy" | "ybr" | "bry"
        | "bottomrighty" | "ybottomright" | "rightbottomy" | "yhigh" | "by" | "y2" => {
            Coordinate::Bottom
        }
        "x0" => Coordinate::Zeroth(X),
        "y0" => Coordinate::Zeroth(Y),
        "x1" => Coordinate::First(X),
        "y1" => Coordinate::First(Y),
        "x" => Coordinate::Plain(X),
        "y" => Coordinate::Plain(Y),
        "cx" | "xc" | "xcenter" | "centerx" | "xcentre" | "centrex" | "xctr" | "xmid" => {
            Coordinate::Centre(X)
        }
        "cy" | "yc" | "ycenter" | "centery" | "ycentre" | "centrey" | "yctr" | "ymid" => {
            Coordinate::Centre(Y)
        }
        "w" | "width" | "boxwidth" | "bboxwidth" => Coordinate::Size(X),
        "h" | "height" | "boxheight" | "bboxheight" => Coordinate::Size(Y),
        _ => return None,
    })
}

/// The box that named numbers make. More numbers than one convention needs are fine.
pub(super) fn by_name(named: &[(Coordinate, f64)]) -> Option<Written> {
    use Axis::{X, Y};
    use Coordinate::{Bottom, Centre, First, Left, Plain, Right, Size, Top, Zeroth};
    let find = |wanted: Coordinate| {
        let mut found = named.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let first = found.next();
        if found.next().is_some() { None } else { first }
    };
    let any = |wanted: &[Coordinate]| wanted.iter().find_map(|&wanted| find(wanted));
    let made = |order, numbers: [Option<f64>; 4]| {
        let [Some(a), Some(b), Some(c), Some(d)] = numbers else { return None };
        Some(Written { numbers: [a, b, c, d], hints: Hints::order(order) })
    };
    let from_zero = [find(Zeroth(X)), find(Zeroth(Y)), find(First(X)), find(First(Y))];
    let (left, top) = (any(&[Left, First(X)]), any(&[Top, First(Y)]));
    let corners = [left, top, find(Right), find(Bottom)];
    let sizes = [find(Size(X)), find(Size(Y))];
    let from_corner = [left.or(find(Plain(X))), top.or(find(Plain(Y))), sizes[0], sizes[1]];
    let from_centre = [find(Centre(X)), find(Centre(Y)), sizes[0], sizes[1]];
    made(Order::Xyxy, from_zero)
        .or_else(|| made(Order::Xyxy, corners))
        .or_else(|| made(Order::Centre, from_centre))
        .or_else(|| made(Order::Xywh, from_corner))
        .or_else(|| points(named))
}

/// `x, y, x, y` or `x, x, y, y`: two points or two ranges.
fn points(named: &[(Coordinate, f64)]) -> Option<Written> {
    let of = |axis| -> Option<[f64; 2]> {
        let found = named.iter().filter(|(name, _)| *name == Coordinate::Plain(axis));
        found.map(|(_, value)| *value).collect::<Vec<f64>>().try_into().ok()
    };
    let ([left, right], [top, bottom]) = (of(Axis::X)?, of(Axis::Y)?);
    let is_box = named.len() == 4;
    is_box
        .then(|| Written { numbers: [left, top, right, bottom], hints: Hints::order(Order::Xyxy) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_order_make_a_box() {
        for (names, numbers, order) in [
            ("x_min y_min x_max y_max", [1.0, 2.0, 3.0, 4.0], Order::Xyxy),
            ("ymin xmin ymax xmax", [2.0, 1.0, 4.0, 3.0], Order::Xyxy),
            ("x1 y1 x2 y2", [1.0, 2.0, 3.0, 4.0], Order::Xyxy),
            ("x0 y0 x1 y1", [1.0, 2.0, 3.0, 4.0], Order::Xyxy),
            ("left top right bottom", [1.0, 2.0, 3.0, 4.0], Order::Xyxy),
            ("top right bottom left", [4.0, 1.0, 2.0, 3.0], Order::Xyxy),
            ("x y w h", [1.0, 2.0, 3.0, 4.0], Order::Xywh),
            ("left top width height", [1.0, 2.0, 3.0, 4.0], Order::Xywh),
            ("cx cy w h", [1.0, 2.0, 3.0, 4.0], Order::Centre),
            ("x_center y_center width height", [1.0, 2.0, 3.0, 4.0], Order::Centre),
            ("x y x y", [1.0, 2.0, 3.0, 4.0], Order::Xyxy),
            ("x x y y", [1.0, 3.0, 2.0, 4.0], Order::Xyxy),
        ] {
            let named: Vec<(Coordinate, f64)> = names
                .split(' ')
                .zip([1.0, 2.0, 3.0, 4.0])
                .map(|(name, value)| (coordinate(name).unwrap(), value))
                .collect();
            let found = by_name(&named).unwrap();
            assert_eq!((found.numbers, found.hints.order), (numbers, Some(order)), "{names}");
        }
        assert_eq!(coordinate("dog"), None);
        assert_eq!(by_name(&[(Coordinate::Left, 1.0)]), None);
    }
}
