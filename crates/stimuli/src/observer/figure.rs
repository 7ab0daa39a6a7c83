//! What a blob is: a flat figure or a solid, by its outline; and what its colour is called.

use super::blob::Blob;

/// A flat figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flat {
    Circle,
    Square,
    Triangle,
}

/// A solid on the floor, seen from above at an angle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Body {
    Sphere,
    Cone,
    Pyramid,
    Cylinder,
    Cube,
    Cuboid,
}

/// Largest over smallest distance from the middle to the outline: 1 for a circle, 1.15 for a
/// hexagon, 1.41 for a square, 2 for a triangle.
pub(super) fn roundness(blob: &Blob) -> f64 {
    const SECTORS: usize = 36;
    let mut reach = [0.0_f64; SECTORS];
    for &[x, y] in &blob.pixels {
        let dx = f64::from(x) + 0.5 - blob.centre[0];
        let dy = f64::from(y) + 0.5 - blob.centre[1];
        let turn = libm::atan2(dy, dx) / std::f64::consts::TAU + 0.5;
        let sector = ((turn * SECTORS as f64) as usize).min(SECTORS - 1);
        reach[sector] = reach[sector].max(libm::sqrt(dx * dx + dy * dy));
    }
    let most = reach.iter().copied().fold(0.0, f64::max);
    let least = reach.iter().copied().fold(f64::INFINITY, f64::min);
    (most + 0.5) / (least + 0.5)
}

/// The flat figure that a blob is most like.
pub(super) fn flat(blob: &Blob) -> Flat {
    match roundness(blob) {
        r if r < 1.20 => Flat::Circle,
        r if r < 1.62 => Flat::Square,
        _ => Flat::Triangle,
    }
}

/// Width a sixth of the way down, against the greatest width: small where a solid is pointed.
pub(super) fn pointedness(blob: &Blob) -> f64 {
    let rows = blob.rows();
    let width = |row: &(u32, u32)| f64::from(row.1.saturating_sub(row.0)) + 1.0;
    let widest = rows.iter().map(width).fold(1.0, f64::max);
    rows.get(rows.len() / 6).map_or(1.0, width) / widest
}

/// Rise over run of the steepest edge of a base, seen at the angles that stimuli are seen at.
const STEEPEST: f64 = 2.5;

/// How full the base bulges below the line between its ends: 0.5 for the corner of a box, 0.7 for
/// the half ellipse of a round base; and how deep, against its width.
fn base(blob: &Blob) -> (f64, f64) {
    let lowest: Vec<f64> = blob.lowest().into_iter().map(f64::from).collect();
    let count = lowest.len();
    // The outermost columns belong to upright edges, which perspective tilts: they are far
    // steeper than any edge of a base.
    let is_steep = |i: usize| (lowest[i + 2] - lowest[i]).abs() > 2.0 * STEEPEST;
    let Some(start) = (1..count.saturating_sub(3)).find(|&i| !is_steep(i)) else {
        return (0.5, 0.0);
    };
    let end = (start + 3..count).rev().find(|&i| !is_steep(i - 2)).unwrap_or(count - 1);
    let bottom = &lowest[start..end];
    if bottom.len() < 4 {
        return (0.5, 0.0);
    }
    let (from, to) = (bottom[0], bottom[bottom.len() - 1]);
    let below: Vec<f64> = bottom
        .iter()
        .enumerate()
        .map(|(i, y)| y - (from + (to - from) * i as f64 / (bottom.len() - 1) as f64))
        .collect();
    let deepest = below.iter().copied().fold(0.0, f64::max);
    let mean = below.iter().sum::<f64>() / below.len() as f64;
    (mean / deepest.max(1e-9), deepest / count as f64)
}

/// Whether it stands on a round base.
fn is_round_based(blob: &Blob) -> bool {
    let (fullness, depth) = base(blob);
    depth > 0.08 && fullness > 0.59
}

/// The solid that a blob is most like.
pub(super) fn body(blob: &Blob) -> Body {
    let [width, height] = blob.size();
    if roundness(blob) < 1.14 {
        return Body::Sphere;
    }
    match (pointedness(blob) < 0.56, is_round_based(blob)) {
        (true, true) => Body::Cone,
        (true, false) => Body::Pyramid,
        (false, true) => Body::Cylinder,
        (false, false) if (0.65..1.10).contains(&(width / height)) => Body::Cube,
        (false, false) => Body::Cuboid,
    }
}

/// Hue in degrees and saturation 0..=1 of a colour with channels of one scale.
pub(super) fn hue([red, green, blue]: [f64; 3]) -> (f64, f64) {
    let high = red.max(green).max(blue);
    let low = red.min(green).min(blue);
    let range = high - low;
    if range <= 0.0 {
        return (0.0, 0.0);
    }
    let sector = if red >= green && red >= blue {
        (green - blue) / range
    } else if green >= blue {
        2.0 + (blue - red) / range
    } else {
        4.0 + (red - green) / range
    };
    ((60.0 * sector).rem_euclid(360.0), range / high)
}

/// The name of a hue, in plain English.
pub(super) fn hue_name(degrees: f64) -> &'static str {
    match degrees {
        d if d < 15.0 => "red",
        d if d < 40.0 => "orange",
        d if d < 70.0 => "yellow",
        d if d < 165.0 => "green",
        d if d < 198.0 => "cyan",
        d if d < 250.0 => "blue",
        d if d < 320.0 => "purple",
        _ => "red",
    }
}
