//! Boxes and their overlap.

/// `[x_min, y_min, x_max, y_max]` in pixels. Corners may be the wrong way round: areas are signed.
pub(crate) type Corners = [f64; 4];

/// Corners of a `[x, y, w, h]` box.
pub(crate) fn corners([x, y, w, h]: [f64; 4]) -> Corners {
    [x, y, x + w, y + h]
}

/// Intersection over union; 0 if the union is 0 or the boxes are not finite.
pub(crate) fn iou(a: Corners, b: Corners) -> f64 {
    let area = |c: Corners| (c[2] - c[0]) * (c[3] - c[1]);
    let width = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let height = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let intersection = width * height;
    let union = area(a) + area(b) - intersection;
    let ratio = intersection / union;
    // Also catches 0/0 and infinite corners.
    if ratio.is_finite() { ratio } else { 0.0 }
}

/// Whether two boxes are the same but for the rounding of fractions of a picture's size.
pub(crate) fn is_same_box(a: Corners, b: Corners) -> bool {
    let near = |(a, b): (f64, f64)| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
    a.into_iter().zip(b).all(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps() {
        let unit = [0.0, 0.0, 1.0, 1.0];
        for (other, expected) in [
            (unit, 1.0),
            ([0.5, 0.0, 1.5, 1.0], 1.0 / 3.0),
            ([2.0, 0.0, 3.0, 1.0], 0.0),
            ([1.0, 0.0, 0.0, 1.0], 0.0),
            ([0.0, 0.0, f64::INFINITY, 1.0], 0.0),
            ([f64::INFINITY, 0.0, f64::INFINITY, 1.0], 0.0),
        ] {
            assert!((iou(other, unit) - expected).abs() < 1e-12, "{other:?}");
        }
        assert!(iou([1.0; 4], [1.0; 4]).abs() < f64::EPSILON, "a union of 0");
        let label = corners([10.0, 20.0, 30.0, 40.0]);
        assert!((label[2] - 40.0).abs() < f64::EPSILON && (label[3] - 60.0).abs() < f64::EPSILON);
    }

    #[test]
    fn rounding_makes_no_other_box() {
        let fraction = 81.0 / 224.0 * 224.0 + 1e-13;
        assert!(is_same_box([81.0, 0.0, 0.0, 5.0], [fraction, 0.0, 1e-10, 5.0]));
        assert!(!is_same_box([81.0, 0.0, 0.0, 5.0], [81.0, 0.0, 1e-6, 5.0]));
        assert!(!is_same_box([0.0; 4], [f64::NAN, 0.0, 0.0, 0.0]));
    }
}
