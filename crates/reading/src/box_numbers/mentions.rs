//! Boxes in running text: `The dog is at [0.1, 0.2, 0.5, 0.9]`, `top-left (1, 2), bottom-right
//! (3, 4)`, `x_min: 1, y_min: 2, x_max: 3, y_max: 4`.

use std::ops::Range;

use super::coordinate::{Axis, Coordinate, by_name, coordinate};
use super::lexer::{Kind, Token, Unit, tokens};
use super::words::{Corner, is_light};
use super::{Hints, Written};
use crate::{Order, Scale};

/// Numbers that stand together as a box would.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mention {
    /// The box; `None` if the numbers make none.
    pub(crate) written: Option<Written>,
    /// Where it stands.
    pub(crate) span: Range<usize>,
}

/// All boxes of a text from left to right, and what was meant as one.
pub(crate) fn mentions(text: &str) -> Vec<Mention> {
    let mut scanner = Scanner { found: Vec::new(), levels: vec![Level::new(0)] };
    for token in tokens(text) {
        scanner.take(&token);
    }
    while scanner.levels.len() > 1 {
        // A bracket that is never closed groups nothing.
        let level = scanner.levels.pop();
        let broken = level.is_some_and(|level| level.items.len() > 2);
        let below = scanner.level();
        below.items.clear();
        if broken {
            below.is_heavy = true;
        }
    }
    scanner.flush();
    scanner.found
}

/// A number or a point that may become part of a box.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    what: What,
    span: Range<usize>,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Number(Option<Coordinate>, f64),
    Point(Option<Corner>, [f64; 2]),
}

/// What stands within one pair of brackets, or outside all.
struct Level {
    start: usize,
    items: Vec<Item>,
    /// A coordinate's name that waits for its number.
    name: Option<Coordinate>,
    /// Words before a point: `top`, `left`.
    corner: Corner,
    /// Whether other words stand among the numbers.
    is_heavy: bool,
    /// Whether a box was found within.
    holds_boxes: bool,
    /// Whether the token before was a number, a word that is no coordinate, or something else.
    after_number: bool,
    after_word: bool,
    /// Whether `of` stands since the last number.
    after_of: bool,
    /// Whether the first number directly follows a word: `dog 1`.
    numbers_a_name: bool,
}

impl Level {
    fn new(start: usize) -> Self {
        Self {
            start,
            items: Vec::new(),
            name: None,
            corner: Corner::default(),
            is_heavy: false,
            holds_boxes: false,
            after_number: false,
            after_word: false,
            after_of: false,
            numbers_a_name: false,
        }
    }
}

impl Level {
    /// Whether a word says of the last two numbers that they are a range across or down: `10% to 50%
    /// horizontally`, `10% to 50% of the width`.
    fn is_range_of(&self, word: &str) -> bool {
        let is_open = |item: &Item| matches!(item.what, What::Number(None, _));
        let is_two = self.items.len() >= 2 && self.items.iter().rev().take(2).all(is_open);
        is_two
            && self.name.is_none()
            && (self.after_of || word.to_ascii_lowercase().ends_with("ly"))
    }
}

/// The axis that a word names.
fn axis_of(word: &str) -> Option<Axis> {
    match word.to_ascii_lowercase().as_str() {
        "horizontally" | "width" => Some(Axis::X),
        "vertically" | "height" => Some(Axis::Y),
        _ => None,
    }
}

struct Scanner {
    found: Vec<Mention>,
    levels: Vec<Level>,
}

/// Deeper brackets group nothing more.
const DEPTH: usize = 200;

impl Scanner {
    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::new(0));
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn take(&mut self, token: &Token<'_>) {
        let (after_number, after_word) = {
            let level = self.level();
            (std::mem::take(&mut level.after_number), std::mem::take(&mut level.after_word))
        };
        match token.kind {
            Kind::Number(value, unit) => {
                let level = self.level();
                if level.items.is_empty() {
                    level.numbers_a_name = after_word;
                }
                level.after_of = false;
                let what = What::Number(level.name.take(), value);
                level.items.push(Item { what, span: token.span.clone(), unit });
                level.after_number = true;
            }
            Kind::Word(word) => self.word(word),
            Kind::Open if self.levels.len() < DEPTH => {
                self.levels.push(Level::new(token.span.start))
            }
            Kind::Close if self.levels.len() > 1 => self.close(token.span.end),
            Kind::Assign if after_number => {
                // `Frame 0:`, `dog 1 =`: the number belongs to the name.
                self.level().items.pop();
                self.heavy();
            }
            Kind::Assign => self.level().after_word = false,
            Kind::Gap => self.heavy(),
            Kind::End => {
                let level = self.level();
                let is_named = |item: &Item| {
                    matches!(item.what, What::Number(Some(_), _) | What::Point(Some(_), _))
                };
                if !level.items.iter().all(is_named) {
                    self.heavy();
                }
            }
            Kind::Open | Kind::Close | Kind::Light => {}
        }
    }

    fn word(&mut self, word: &str) {
        let axis = axis_of(word);
        if let Some(axis) = axis.filter(|_| self.level().is_range_of(word)) {
            let items = self.level().items.iter_mut().rev().take(2);
            for item in items {
                if let What::Number(name, _) = &mut item.what {
                    *name = Some(Coordinate::Plain(axis));
                }
            }
            return;
        }
        if let Some(name) = coordinate(word) {
            let level = self.level();
            level.name = Some(name);
            level.corner = level.corner.with(word);
            level.after_word = false;
            return;
        }
        if is_light(word) {
            let level = self.level();
            level.after_of |= word.eq_ignore_ascii_case("of");
            level.corner = level.corner.with(word);
            return;
        }
        self.heavy();
        self.level().after_word = true;
    }

    /// A word or an end after which numbers belong to something else.
    fn heavy(&mut self) {
        if self.levels.len() == 1 {
            self.flush();
        } else {
            self.flush();
            self.level().is_heavy = true;
        }
        let level = self.level();
        level.name = None;
        level.corner = Corner::default();
    }

    /// Ends a run of numbers outside of brackets, or among words within brackets.
    fn flush(&mut self) {
        let level = self.level();
        let mut items = std::mem::take(&mut level.items);
        let numbers_a_name = std::mem::take(&mut level.numbers_a_name);
        let has_points = items.iter().any(|item| matches!(item.what, What::Point(..)));
        if numbers_a_name && !items.is_empty() && (items.len() == 5 || has_points) {
            items.remove(0);
        }
        if let (Some(first), Some(last)) = (items.first(), items.last()) {
            let span = first.span.start..last.span.end;
            let written = one(&items);
            // Numbers without brackets that make no box are just numbers.
            if written.is_some() {
                level.holds_boxes = true;
                self.found.push(Mention { written, span });
            }
        }
    }

    fn close(&mut self, end: usize) {
        let Some(level) = self.levels.pop() else { return };
        let span = level.start..end;
        if level.is_heavy {
            // Words within: what is left of the run is one of its own.
            self.levels.push(level);
            self.flush();
            let holds_boxes = self.levels.pop().is_some_and(|level| level.holds_boxes);
            let below = self.level();
            below.holds_boxes |= holds_boxes;
            if holds_boxes {
                below.items.clear();
            }
            return;
        }
        if level.holds_boxes {
            let below = self.level();
            below.holds_boxes = true;
            below.items.clear();
            return;
        }
        if let Some(written) = one(&level.items) {
            self.found.push(Mention { written: Some(written), span });
            let below = self.level();
            below.holds_boxes = true;
            below.items.clear();
            below.corner = Corner::default();
            below.name = None;
            return;
        }
        if let Some((point, unit)) = point(&level.items) {
            let below = self.level();
            let corner = std::mem::take(&mut below.corner);
            below.name = None;
            let corner = (corner != Corner::default()).then_some(corner);
            below.items.push(Item { what: What::Point(corner, point), span, unit });
            return;
        }
        if level.items.len() > 2 {
            // As many numbers in brackets are a box that went wrong.
            self.found.push(Mention { written: None, span });
            let below = self.level();
            below.holds_boxes = true;
            below.items.clear();
        }
    }
}

fn point(items: &[Item]) -> Option<([f64; 2], Unit)> {
    let [first, second] = items else { return None };
    let (What::Number(_, x), What::Number(name, y)) = (first.what, second.what) else {
        return None;
    };
    let swapped =
        matches!(first.what, What::Number(Some(Coordinate::Plain(Axis::Y)), _)) && name.is_some();
    Some((if swapped { [y, x] } else { [x, y] }, first.unit))
}

/// The one box that items make.
fn one(items: &[Item]) -> Option<Written> {
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
            let is_size = second.is_some_and(|corner| corner.is_size());
            if is_size {
                let is_centre = first.is_some_and(|corner| corner.is_centre());
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
            let is_centre = corner.is_some_and(|corner| corner.is_centre());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = |mention: &Mention| match mention.written {
            None => "?".to_owned(),
            Some(Written { numbers: [a, b, c, d], hints }) => {
                let order = match hints.order {
                    None => "",
                    Some(Order::Xyxy) => " xyxy",
                    Some(Order::Yxyx) => " yxyx",
                    Some(Order::Xywh) => " xywh",
                    Some(Order::Centre) => " centre",
                };
                let scale = match hints.scale {
                    Some(Scale::Percent) => " %",
                    Some(Scale::Pixels) => " px",
                    _ => "",
                };
                format!("{a} {b} {c} {d}{order}{scale}")
            }
        };
        mentions(text).iter().map(shown).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn boxes_are_found_in_text() {
        for (text, wanted) in [
            ("The dog is at [1, 2, 3, 4] and the cat at (5, 6, 7, 8).", "1 2 3 4; 5 6 7 8"),
            ("- dog_1: 1, 2, 3, 4\n- dog_2: 5, 6, 7, 8", "1 2 3 4; 5 6 7 8"),
            ("dog 1: 1, 2, 3, 4", "1 2 3 4"),
            ("Dog 1 at (1, 2) to (3, 4)", "1 2 3 4"),
            ("1. dog: [1, 2, 3, 4]\n2. cat: [5, 6, 7, 8]", "1 2 3 4; 5 6 7 8"),
            ("[[1, 2, 3, 4], [5, 6, 7, 8]]", "1 2 3 4; 5 6 7 8"),
            ("(1,2),(3,4)", "1 2 3 4"),
            ("[(1,2),(3,4)]", "1 2 3 4"),
            ("[[1, 2], [3, 4]]", "1 2 3 4"),
            ("[[1, 2, 3, 4]]", "1 2 3 4"),
            ("top-left (1, 2), bottom-right (3, 4)", "1 2 3 4 xyxy"),
            ("Top-left corner: (1, 2)\nBottom-right corner: (3, 4)", "1 2 3 4 xyxy"),
            ("bottom left (1, 4), top right (3, 2)", "1 2 3 4 xyxy"),
            ("left: 1, top: 2, right: 3, bottom: 4", "1 2 3 4 xyxy"),
            ("x_min = 1\ny_min = 2\nx_max = 3\ny_max = 4", "1 2 3 4 xyxy"),
            ("x=1, y=2, width=3, height=4", "1 2 3 4 xywh"),
            ("center (1, 2), width 3, height 4", "1 2 3 4 centre"),
            ("x from 1 to 3, y from 2 to 4", "1 2 3 4 xyxy"),
            ("spans 1% to 3% horizontally and 2% to 4% vertically", "1 2 3 4 xyxy %"),
            ("between 1 and 3 of the width and 2 and 4 of the height", "1 2 3 4 xyxy"),
            ("from (1%, 2%) to (3%, 4%)", "1 2 3 4 %"),
            ("10px, 20px, 30px, 40px", "10 20 30 40 px"),
            ("左上角(1, 2)，右下角(3, 4)", "1 2 3 4 xyxy"),
            ("| dog_1 | 1 | 2 | 3 | 4 |\n| cat_1 | 5 | 6 | 7 | 8 |", "1 2 3 4; 5 6 7 8"),
            ("dog: [1, 2, 3]", "?"),
            ("dog: [1, 2, 3, 4, 5]", "?"),
            ("[120,[310,402,98]]", "?"),
            ("左上角：差不多在 (20,515, 274\n- 右下角：差不多在631,705", ""),
            ("There are 2 dogs, 3 cats, 4 birds and 5 cows.", ""),
            ("a (1, 2) b (3, 4)", ""),
            ("dog (1): [1, 2, 3, 4]", "1 2 3 4"),
            ("{\"bbox_2d\": [1, 2, 3, 4], \"label\": \"dog\"}", "1 2 3 4"),
            ("{\"x_min\": 1, \"y_min\": 2, \"x_max\": 3, \"y_max\": 4}", "1 2 3 4 xyxy"),
            (
                "<name>dog</name><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax>",
                "1 2 3 4 xyxy",
            ),
            ("[(1,2),(3,2),(3,4),(1,4)]", "1 2 3 4 xyxy"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    #[test]
    fn long_texts_take_linear_time() {
        for part in ["[", "[1,", "(1,2),", "1, ", "x: 1 ", "]", "[1,2,3,4]"] {
            mentions(&part.repeat(200_000));
        }
    }
}
