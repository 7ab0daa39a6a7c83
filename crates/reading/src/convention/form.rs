//! A convention with nothing left open, and what it makes of four numbers.

use serde::{Deserialize, Serialize};

use crate::{Corners, Order, Scale};

/// Coordinates up to this are fractions of the picture: boxes may reach a little beyond its edge.
pub(crate) const LARGEST_FRACTION: f64 = 1.5;

/// Coordinates up to this, and not all fractions, may be thousandths.
pub(crate) const LARGEST_THOUSANDTH: f64 = 1001.0;

/// How far beyond the edge of the picture a box may reach before its convention is in doubt.
const TOLERANCE: f64 = 0.01;

/// A convention with nothing left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BoxForm {
    /// The order of the four numbers.
    pub order: Order,
    /// Their scale.
    pub scale: Scale,
}

impl BoxForm {
    /// Whether the numbers cannot be meant so: as corners, the second is left of or above the
    /// first; a size is negative; or the box reaches more than 1% beyond the edge of the picture.
    /// Pixels have an edge only where the size of the picture is known.
    pub(crate) fn is_contradicted(self, numbers: &Corners, picture: Option<[f64; 2]>) -> bool {
        let [left, top, right, bottom] = as_corners(*numbers, self.order);
        if right < left || bottom < top {
            return true;
        }
        let edge = match self.scale {
            Scale::Unit => Some([1.0; 2]),
            Scale::Percent => Some([100.0; 2]),
            Scale::Thousandths => Some([1000.0; 2]),
            Scale::Parts1024 => Some([1024.0; 2]),
            Scale::Pixels => picture,
        };
        edge.is_some_and(|[width, height]| {
            right > width * (1.0 + TOLERANCE)
                || bottom > height * (1.0 + TOLERANCE)
                || left < -width * TOLERANCE
                || top < -height * TOLERANCE
        })
    }
}

/// The four numbers of a box as left, top, right and bottom edge in pixels of a picture of
/// `[width, height]` pixels. Edges may be the wrong way round or outside the picture, as the
/// numbers have it.
#[must_use]
pub fn corners_in_pixels(
    numbers: Corners,
    order: Order,
    scale: Scale,
    [width, height]: [f64; 2],
) -> Corners {
    let parts = match scale {
        Scale::Unit => 1.0,
        Scale::Percent => 100.0,
        Scale::Thousandths => 1000.0,
        Scale::Parts1024 => 1024.0,
        Scale::Pixels => return as_corners(numbers, order),
    };
    let [left, top, right, bottom] = as_corners(numbers, order);
    // The product comes first, because it is often exact where the share is not.
    [left * width / parts, top * height / parts, right * width / parts, bottom * height / parts]
}

/// Left, top, right and bottom edge, in the scale of the numbers.
pub(crate) fn as_corners([a, b, c, d]: Corners, order: Order) -> Corners {
    match order {
        Order::Xyxy => [a, b, c, d],
        Order::Yxyx => [b, a, d, c],
        Order::Xywh => [a, b, a + c, b + d],
        Order::Centre => [a - c / 2.0, b - d / 2.0, a + c / 2.0, b + d / 2.0],
    }
}

/// The largest magnitude among the numbers; 0 if there are none.
pub(crate) fn largest<'a>(boxes: impl IntoIterator<Item = &'a Corners>) -> f64 {
    boxes.into_iter().flatten().fold(0.0, |largest, number| number.abs().max(largest))
}

/// What the coordinates of an answer say about their scale; `None` if they may be thousandths or
/// pixels.
pub(crate) fn scale_of_coordinates(largest: f64) -> Option<Scale> {
    if largest <= LARGEST_FRACTION {
        Some(Scale::Unit)
    } else if largest <= LARGEST_THOUSANDTH {
        None
    } else {
        Some(Scale::Pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_box_in_every_form() {
        let corners = [64.0, 96.0, 320.0, 432.0];
        for (numbers, order, scale) in [
            ([0.1, 0.2, 0.5, 0.9], Order::Xyxy, Scale::Unit),
            ([20.0, 10.0, 90.0, 50.0], Order::Yxyx, Scale::Percent),
            ([100.0, 200.0, 400.0, 700.0], Order::Xywh, Scale::Thousandths),
            ([192.0, 264.0, 256.0, 336.0], Order::Centre, Scale::Pixels),
            ([102.4, 204.8, 512.0, 921.6], Order::Xyxy, Scale::Parts1024),
        ] {
            let found = corners_in_pixels(numbers, order, scale, [640.0, 480.0]);
            for (found, wanted) in found.into_iter().zip(corners) {
                assert!((found - wanted).abs() < 1e-9, "{order:?} {scale:?}: {found} {wanted}");
            }
            assert!(!BoxForm { order, scale }.is_contradicted(&numbers, Some([640.0, 480.0])));
        }
    }

    #[test]
    fn what_a_form_cannot_mean() {
        let is_contradicted = |numbers, order, scale| {
            BoxForm { order, scale }.is_contradicted(&numbers, Some([640.0, 480.0]))
        };
        let box_ = [0.5, 0.2, 0.3, 0.9];
        assert!(is_contradicted(box_, Order::Xyxy, Scale::Unit));
        assert!(is_contradicted(box_, Order::Yxyx, Scale::Unit));
        assert!(is_contradicted(box_, Order::Xywh, Scale::Unit), "0.2 + 0.9 is beyond the edge");
        let box_ = [10.0, 10.0, 500.0, 470.0];
        assert!(!is_contradicted(box_, Order::Xyxy, Scale::Pixels));
        assert!(is_contradicted([10.0, 10.0, 400.0, 500.0], Order::Xyxy, Scale::Pixels));
        assert!(!is_contradicted([10.0, 10.0, 400.0, 500.0], Order::Yxyx, Scale::Pixels));
        assert!(is_contradicted([0.0, 0.0, 2000.0, 1.0], Order::Xyxy, Scale::Thousandths));
    }
}
