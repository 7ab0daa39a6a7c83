//! In which convention an endpoint gives boxes.
//!
//! A square stands in a corner of the picture. Every convention reads the four numbers of an answer as
//! another box; the one that the answers fit is the endpoint's.

use std::fmt;

use avibench_reading::{BoxForm, Convention, Corners, Order, Scale, corners_in_pixels};

use crate::Ability;
use crate::draw::Draws;

/// Width and height of the picture: a multiple of what vision models cut pictures into, and not square,
/// so that conventions differ.
pub(crate) const PICTURE: [u32; 2] = [560, 420];

/// Sides of squares in pixels; between two of them no box fits both.
const SIDES: [u32; 3] = [63, 112, 196];

/// A box fits if it overlaps the square by so much, intersection over union.
const FITS: f64 = 0.5;

/// Orders and scales in the order in which ties are resolved: the likelier first.
const ORDERS: [Order; 4] = [Order::Xyxy, Order::Xywh, Order::Yxyx, Order::Centre];
const SCALES: [Scale; 4] = [Scale::Unit, Scale::Thousandths, Scale::Pixels, Scale::Percent];

/// Where the square is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Square {
    left: u32,
    top: u32,
    side: u32,
}

impl Square {
    /// The square of a question: four questions have all four corners, in a random order, and sizes of
    /// their own.
    pub(crate) fn drawn(seed: u64, number: usize) -> Self {
        let mut order = Draws::new(seed, Ability::Boxes, "corners", number / 4);
        let corner = order.shuffled([0, 1, 2, 3])[number % 4];
        let mut draws = Draws::new(seed, Ability::Boxes, "square", number);
        let side = SIDES[draws.below(SIDES.len() as u32)];
        let gap = 4 + draws.below(9) as u32;
        let [width, height] = PICTURE;
        Self {
            left: if corner % 2 == 0 { gap } else { width - side - gap },
            top: if corner < 2 { gap } else { height - side - gap },
            side,
        }
    }

    /// Left, top and side in pixels.
    pub(crate) const fn place(self) -> [u32; 3] {
        [self.left, self.top, self.side]
    }

    /// Left, top, right and bottom edge in pixels.
    fn corners(self) -> Corners {
        [self.left, self.top, self.left + self.side, self.top + self.side].map(f64::from)
    }

    /// How much numbers overlap the square in a convention: intersection over union, 0 to 1.
    fn overlap(self, numbers: Corners, form: BoxForm) -> f64 {
        let found = corners_in_pixels(numbers, form.order, form.scale, PICTURE.map(f64::from));
        let area =
            |[left, top, right, bottom]: Corners| (right - left).max(0.0) * (bottom - top).max(0.0);
        let ([l, t, r, b], [left, top, right, bottom]) = (self.corners(), found);
        let both = area([l.max(left), t.max(top), r.min(right), b.min(bottom)]);
        let either = area(self.corners()) + area(found) - both;
        if both > 0.0 { both / either } else { 0.0 }
    }
}

impl fmt::Display for Square {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [left, top, right, bottom] = self.corners();
        let [width, height] = PICTURE;
        write!(f, "[{left}, {top}, {right}, {bottom}] in {width}x{height} pixels")
    }
}

/// One answer: where the square was, the four numbers, and what the answer itself says of them. `None`
/// where no box could be read.
pub(crate) type BoxAnswer = (Square, Option<(Corners, Convention)>);

/// The convention that fits most answers, and which of them it fits.
pub(crate) fn best_form(answers: &[BoxAnswer]) -> (BoxForm, Vec<bool>) {
    let overlap = |form: BoxForm, (square, said): &BoxAnswer| {
        let Some((numbers, convention)) = said else { return 0.0 };
        let agrees = convention.order.is_none_or(|order| order == form.order)
            && convention.scale.is_none_or(|scale| scale == form.scale);
        if agrees { square.overlap(*numbers, form) } else { 0.0 }
    };
    // A scale beside the usual ones is only taken where an answer names it.
    let named = answers.iter().filter_map(|(_, said)| said.and_then(|(_, of)| of.scale));
    let mut scales = SCALES.to_vec();
    for scale in named {
        if !scales.contains(&scale) {
            scales.push(scale);
        }
    }
    let mut best = (BoxForm { order: ORDERS[0], scale: SCALES[0] }, Vec::new());
    let mut most = (0, -1.0);
    for form in scales
        .iter()
        .flat_map(|&scale| ORDERS.into_iter().map(move |order| BoxForm { order, scale }))
    {
        let overlaps: Vec<f64> = answers.iter().map(|answer| overlap(form, answer)).collect();
        let fits: Vec<bool> = overlaps.iter().map(|overlap| *overlap >= FITS).collect();
        let score = (fits.iter().filter(|fits| **fits).count(), overlaps.iter().sum::<f64>());
        if score > most {
            (best, most) = ((form, fits), score);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Convention = Convention { order: None, scale: None };

    /// The numbers of a square in a convention.
    fn written(square: Square, form: BoxForm) -> Corners {
        let [left, top, right, bottom] = square.corners();
        let [width, height] = PICTURE.map(f64::from);
        let parts = match form.scale {
            Scale::Unit => Some(1.0),
            Scale::Percent => Some(100.0),
            Scale::Thousandths => Some(1000.0),
            Scale::Parts1024 => Some(1024.0),
            Scale::Pixels => None,
        };
        let [l, r] = [left, right].map(|x| parts.map_or(x, |parts| x / width * parts));
        let [t, b] = [top, bottom].map(|y| parts.map_or(y, |parts| y / height * parts));
        match form.order {
            Order::Xyxy => [l, t, r, b],
            Order::Yxyx => [t, l, b, r],
            Order::Xywh => [l, t, r - l, b - t],
            Order::Centre => [f64::midpoint(l, r), f64::midpoint(t, b), r - l, b - t],
        }
    }

    #[test]
    fn every_convention_is_found_from_four_answers_that_are_not_quite_exact() {
        for seed in 0..100 {
            for (order, scale) in
                ORDERS.into_iter().flat_map(|order| SCALES.map(|scale| (order, scale)))
            {
                let form = BoxForm { order, scale };
                let answers: Vec<BoxAnswer> = (0..4)
                    .map(|number| {
                        let square = Square::drawn(seed, number);
                        let near = 1.0 + 0.01 * (number as f64 - 1.5);
                        let numbers = written(square, form).map(|number| number * near);
                        (square, Some((numbers, OPEN)))
                    })
                    .collect();
                let (found, fits) = best_form(&answers);
                assert_eq!(found, form, "{seed}");
                assert!(fits.iter().all(|fits| *fits), "{seed}: {fits:?}");
            }
        }
    }

    #[test]
    fn what_an_answer_says_of_its_convention_counts() {
        let square = Square::drawn(1, 0);
        let form = BoxForm { order: Order::Xyxy, scale: Scale::Parts1024 };
        let said = Convention { order: Some(Order::Xyxy), scale: Some(Scale::Parts1024) };
        let (found, fits) = best_form(&[(square, Some((written(square, form), said)))]);
        assert_eq!((found, fits), (form, vec![true]));
        let wrong = Convention { order: Some(Order::Yxyx), scale: None };
        let (_, fits) = best_form(&[(square, Some(([0.0, 0.0, 0.2, 0.9], wrong))), (square, None)]);
        assert_eq!(fits, [false, false]);
    }

    /// Who sees nothing and names one of the boxes that could be right.
    #[test]
    fn who_guesses_boxes_fits_no_convention_four_times() {
        let mut guess = fastrand::Rng::with_seed(1);
        let mut able = 0;
        for seed in 0..20_000 {
            let answers: Vec<BoxAnswer> = (0..4)
                .map(|number| {
                    let guessed = Square::drawn(guess.u64(..), guess.usize(..4));
                    let form = BoxForm { order: Order::Xyxy, scale: Scale::Pixels };
                    (Square::drawn(seed, number), Some((written(guessed, form), OPEN)))
                })
                .collect();
            able += usize::from(best_form(&answers).1.iter().all(|fits| *fits));
        }
        assert!(able < 40, "{able} of 20000");
    }
}
