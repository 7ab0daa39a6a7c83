//! What stands at a box about its convention, and the convention of a whole answer.

use crate::convention::{BoxForm, scale_of_coordinates};
use crate::convention::{LARGEST_FRACTION, LARGEST_THOUSANDTH, as_corners, largest};
use crate::{Convention, Corners, Order, Scale};

/// How far beyond its largest coordinate a scale may be overstepped.
const SLACK: f64 = 1.01;

/// What a key, a unit or the text says about a convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hints {
    /// The order of the numbers.
    pub(crate) order: Option<Order>,
    /// Whether the order is only the habit of a key (`bbox_2d`) and gives way to what the text says
    /// and to coordinates that contradict it.
    pub(crate) is_habit: bool,
    /// The scale of the numbers.
    pub(crate) scale: Option<Scale>,
    /// Whether the numbers are said to be normalized, to whatever range.
    pub(crate) normalized: bool,
}

impl Hints {
    pub(crate) fn order(order: Order) -> Self {
        Self { order: Some(order), ..Self::default() }
    }

    pub(crate) fn scale(scale: Scale) -> Self {
        Self { scale: Some(scale), ..Self::default() }
    }

    /// These hints, and where they say nothing those of `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        let (order, is_habit) = match (self.order, other.order) {
            (Some(order), Some(firm)) if self.is_habit && !other.is_habit && order != firm => {
                (Some(firm), false)
            }
            (Some(order), _) => (Some(order), self.is_habit),
            (None, order) => (order, other.is_habit),
        };
        Self {
            order,
            is_habit,
            scale: self.scale.or(other.scale),
            normalized: self.normalized || other.normalized,
        }
    }
}

/// A box as it is written, with what stands at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written {
    /// Its four numbers.
    pub(crate) numbers: Corners,
    /// What its keys and units say.
    pub(crate) hints: Hints,
}

/// Gives the boxes of an answer one convention: their numbers are put into its order where they are
/// written in several.
pub(crate) fn settled(boxes: &mut [Written], said: Hints) -> Convention {
    for written in &mut *boxes {
        written.hints = written.hints.or(said);
    }
    let numbers =
        |boxes: &[Written]| boxes.iter().map(|written| written.numbers).collect::<Vec<_>>();
    let scale = scale(&numbers(boxes), boxes);
    drop_contradicted_habits(boxes, scale);
    let mut orders = boxes.iter().filter_map(|written| written.hints.order);
    let first = orders.next();
    if orders.all(|order| Some(order) == first) {
        return Convention { order: first, scale };
    }
    for written in boxes {
        written.numbers = as_corners(written.numbers, written.hints.order.unwrap_or(Order::Xyxy));
    }
    Convention { order: Some(Order::Xyxy), scale }
}

/// The order that is the habit of a key counts for nothing where coordinates contradict it in at
/// least half of the boxes.
fn drop_contradicted_habits(boxes: &mut [Written], scale: Option<Scale>) {
    let scale = scale.unwrap_or(Scale::Thousandths);
    let is_contradicted = |written: &&mut Written| {
        let hints = written.hints;
        hints.is_habit
            && hints.order.is_some_and(|order| {
                BoxForm { order, scale }.is_contradicted(&written.numbers, None)
            })
    };
    let contradicted = boxes.iter_mut().filter(is_contradicted).count();
    if contradicted * 2 >= boxes.len() {
        for written in boxes.iter_mut().filter(|written| written.hints.is_habit) {
            written.hints.order = None;
        }
    }
}

fn scale(numbers: &[Corners], boxes: &[Written]) -> Option<Scale> {
    let largest = largest(numbers);
    let hinted = boxes.iter().find_map(|written| written.hints.scale);
    let normalized = boxes.iter().any(|written| written.hints.normalized);
    let coordinates = scale_of_coordinates(largest);
    if numbers.is_empty() {
        return hinted;
    }
    let is_possible = |scale: Scale| match scale {
        Scale::Unit => largest <= LARGEST_FRACTION,
        Scale::Percent => largest > 1.0 && largest <= 100.0 * SLACK,
        Scale::Thousandths => largest > LARGEST_FRACTION && largest <= LARGEST_THOUSANDTH,
        Scale::Parts1024 => largest > LARGEST_FRACTION && largest <= 1024.0 * SLACK,
        Scale::Pixels => largest > LARGEST_FRACTION,
    };
    let normalized = (normalized && largest <= LARGEST_THOUSANDTH).then_some(Scale::Thousandths);
    hinted.filter(|&scale| is_possible(scale)).or(coordinates).or(normalized)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convention(numbers: &[Corners], hints: Hints, said: Hints) -> Convention {
        let mut boxes: Vec<Written> =
            numbers.iter().map(|&numbers| Written { numbers, hints }).collect();
        settled(&mut boxes, said)
    }

    #[test]
    fn coordinates_that_contradict_a_hint_go_before_it() {
        let fractions = [[0.1, 0.2, 0.5, 0.9]];
        let thousandths = [[100.0, 200.0, 500.0, 900.0]];
        let pixels = [[100.0, 200.0, 1500.0, 900.0]];
        let none = Hints::default();
        for (numbers, hints, scale) in [
            (fractions, none, Some(Scale::Unit)),
            (thousandths, none, None),
            (pixels, none, Some(Scale::Pixels)),
            (fractions, Hints::scale(Scale::Thousandths), Some(Scale::Unit)),
            (thousandths, Hints::scale(Scale::Unit), None),
            (thousandths, Hints::scale(Scale::Pixels), Some(Scale::Pixels)),
            (thousandths, Hints::scale(Scale::Percent), None),
            (pixels, Hints::scale(Scale::Thousandths), Some(Scale::Pixels)),
            (thousandths, Hints { normalized: true, ..none }, Some(Scale::Thousandths)),
            (pixels, Hints { normalized: true, ..none }, Some(Scale::Pixels)),
        ] {
            assert_eq!(convention(&numbers, hints, none).scale, scale, "{numbers:?} {hints:?}");
            assert_eq!(convention(&numbers, none, hints).scale, scale, "{numbers:?} {hints:?}");
        }
    }

    #[test]
    fn the_text_goes_before_the_habit_of_a_key() {
        let habit = Hints { order: Some(Order::Xyxy), is_habit: true, ..Hints::default() };
        let box_ = [[0.1, 0.2, 0.5, 0.9]];
        let order = |numbers: &[Corners], hints, said| convention(numbers, hints, said).order;
        assert_eq!(order(&box_, habit, Hints::default()), Some(Order::Xyxy));
        assert_eq!(order(&box_, habit, Hints::order(Order::Yxyx)), Some(Order::Yxyx));
        let firm = Hints::order(Order::Xywh);
        assert_eq!(order(&box_, firm, Hints::order(Order::Yxyx)), Some(Order::Xywh));
        assert_eq!(order(&[[0.5, 0.2, 0.4, 0.7]], habit, Hints::default()), None);
    }

    #[test]
    fn boxes_in_several_orders_become_corners() {
        let mut boxes = [
            Written { numbers: [0.1, 0.2, 0.4, 0.7], hints: Hints::order(Order::Xywh) },
            Written { numbers: [0.1, 0.2, 0.5, 0.9], hints: Hints::order(Order::Xyxy) },
        ];
        assert_eq!(settled(&mut boxes, Hints::default()).order, Some(Order::Xyxy));
        assert_eq!(boxes[0].numbers[2].to_bits(), 0.5_f64.to_bits());
    }
}
