//! Boxes in running text: `The dog is at [0.1, 0.2, 0.5, 0.9]`, `top-left (1, 2), bottom-right
//! (3, 4)`, `x_min: 1, y_min: 2, x_max: 3, y_max: 4`.

use std::ops::Range;

use super::Written;
use super::coordinate::{Axis, Coordinate, coordinate};
use super::items::{Item, What, is_pair_of_names, named_by, one, point};
use super::lexer::{Kind, Token, tokens};
use super::words::{Corner, is_light};

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

/// What stands within one pair of brackets, or outside all.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about the text so far")]
struct Level {
    start: usize,
    items: Vec<Item>,
    /// A coordinate's name that waits for its number.
    name: Option<Coordinate>,
    /// Names with an x or a y in them that wait for numbers in brackets: `(x1, y1) = (1, 2)`.
    names: Vec<Coordinate>,
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
            names: Vec::new(),
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
    /// Whether the numbers so far are a whole box by their names.
    fn is_named_box(&self) -> bool {
        let is_named = |item: &Item| matches!(item.what, What::Number(Some(_), _));
        self.items.len() == 4 && self.items.iter().all(is_named) && one(&self.items).is_some()
    }

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

/// More names than a box has numbers wait for no numbers in brackets.
const NAMES: usize = 4;

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
                if self.level().name.is_none() && self.level().is_named_box() {
                    // `x1=1, y1=2, x2=3, y2=4, 2560 x 1440`
                    self.flush();
                }
                let level = self.level();
                level.names.clear();
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
                self.levels.push(Level::new(token.span.start));
            }
            Kind::Close if self.levels.len() > 1 => self.close(token.span.end),
            Kind::Close if after_number && self.level().items.len() == 1 => {
                // `1) ` numbers a list.
                self.level().items.pop();
                self.heavy();
            }
            Kind::Assign if after_number && self.level().is_named_box() => self.heavy(),
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
            let is_axis = word.contains(['x', 'y', 'X', 'Y']);
            // `(x, y, w, h) = `
            let is_size = matches!(name, Coordinate::Size(_)) && !level.names.is_empty();
            if (is_axis || is_size) && level.names.len() < NAMES {
                level.names.push(name);
            } else {
                level.names.clear();
            }
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
        level.names.clear();
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
            // Numbers without brackets that make no box are just numbers, but three named ones are
            // meant as a box.
            let named = items.iter().filter(|item| matches!(item.what, What::Number(Some(_), _)));
            if written.is_some() || named.count() > 2 {
                level.holds_boxes = true;
                self.found.push(Mention { written, span });
            }
        }
    }

    fn close(&mut self, end: usize) {
        let Some(mut level) = self.levels.pop() else { return };
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
        if level.items.is_empty() {
            let below = self.level();
            below.names = level.names;
            return;
        }
        if self.level().is_named_box() && level.items.len() < 3 {
            // `x1=1, y1=2, x2=3, y2=4 (2560 x 1440)`
            self.flush();
        }
        let names = std::mem::take(&mut self.level().names);
        named_by(&mut level.items, &names);
        if let Some(written) = one(&level.items) {
            self.found.push(Mention { written: Some(written), span });
            let below = self.level();
            below.holds_boxes = true;
            below.items.clear();
            below.corner = Corner::default();
            below.name = None;
            return;
        }
        if is_pair_of_names(&level.items) {
            for item in &mut level.items {
                item.span = span.clone();
            }
            let below = self.level();
            below.items.append(&mut level.items);
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{Order, Scale};

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
            ("banjo_1: x1=1, y1=2, x2=3, y2=4 (pixels, 2560 x 1440)", "1 2 3 4 xyxy"),
            ("banjo_1: x1=1,y1=2,x2=3,y2=4\n(2560 x 1440)", "1 2 3 4 xyxy"),
            ("x1=1, y1=2, x2=3, y2=4 (width 2560, height 1440)", "1 2 3 4 xyxy"),
            ("x1=1, y1=2, x2=3, y2=4, 0.95", "1 2 3 4 xyxy"),
            ("x1=1, y1=2, x2=3, y2=4: banjo_1", "1 2 3 4 xyxy"),
            ("(x1=1, y1=2, x2=3, y2=4, 0.95)", "1 2 3 4 xyxy"),
            ("(x1, y1) = (1, 2), (x2, y2) = (3, 4)", "1 2 3 4 xyxy"),
            ("top-left (x1, y1) = (1, 2), bottom-right (x2, y2) = (3, 4)", "1 2 3 4 xyxy"),
            ("(y1, x1) = (2, 1); (y2, x2) = (4, 3)", "1 2 3 4 xyxy"),
            ("x1, y1 = (1, 2), x2, y2 = (3, 4)", "1 2 3 4 xyxy"),
            ("(x1=1, y1=2), (x2=3, y2=4)", "1 2 3 4 xyxy"),
            ("(y1, x1, y2, x2) = (2, 1, 4, 3)", "1 2 3 4 xyxy"),
            ("(x, y, w, h): (1, 2, 3, 4)", "1 2 3 4 xywh"),
            ("(x, y) = (1, 2), (x, y) = (3, 4)", "1 2 3 4"),
            ("top-left corner (x, y): (1, 2); bottom-right corner: (3, 4)", "1 2 3 4 xyxy"),
            ("x: [1, 3], y: [2, 4]", "1 2 3 4 xyxy"),
            ("x ∈ [1, 3], y ∈ [2, 4]", "1 2 3 4 xyxy"),
            ("y: (2, 4), x: (1, 3)", "1 2 3 4 xyxy"),
            ("dog: x1=1, y1=2, x2=3", "?"),
            ("1) 1, 2, 3, 4\n2) 5, 6, 7, 8", "1 2 3 4; 5 6 7 8"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    // In the square of its length such a text takes minutes.
    #[test]
    fn long_texts_take_linear_time() {
        for part in [
            "[",
            "[1,",
            "(1,2),",
            "1, ",
            "x: 1 ",
            "]",
            "[1,2,3,4]",
            "x1=1, y1=2, x2=3, y2=4 (",
            "(x1, y1)=",
            "5) ",
        ] {
            let text = part.repeat(40_000);
            let start = Instant::now();
            mentions(&text);
            let elapsed = start.elapsed();
            assert!(elapsed < Duration::from_secs(10), "{part:?} took {elapsed:?}");
        }
    }
}
