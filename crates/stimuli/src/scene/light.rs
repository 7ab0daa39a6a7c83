//! Light: how bright a surface looks, and bumps that catch it.

use std::sync::LazyLock;

use super::solid::Bumps;
use super::vector::{Vector, add, dot, scale, sub, unit};
use crate::paint::Rgb;

/// Light that comes from all sides, as a share of full light, and its rise from below to above.
const AMBIENT: (f64, f64) = (0.30, 0.12);
/// Light of the lamp on a surface that faces it.
const LAMP: f64 = 0.72;
/// How much of the floor's light remains in a shadow.
pub(super) const SHADE: f64 = 0.56;

/// A colour in linear light.
pub(super) type Linear = [f64; 3];

/// From sRGB to linear light (IEC 61966-2-1).
pub(super) fn linear(colour: Rgb) -> Linear {
    colour.0.map(|value| {
        if value <= 0.040_45 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
    })
}

/// From linear light to an sRGB byte, by a table of 4,096 steps.
pub(super) fn encode(value: f64) -> u8 {
    static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        (0..=4_095)
            .map(|step| {
                let value = f64::from(step) / 4_095.0;
                let encoded = if value <= 0.003_130_8 {
                    12.92 * value
                } else {
                    1.055 * libm::pow(value, 1.0 / 2.4) - 0.055
                };
                libm::round(encoded * 255.0) as u8
            })
            .collect()
    });
    TABLE[(value.clamp(0.0, 1.0) * 4_095.0 + 0.5) as usize]
}

/// Light that a surface sends to the eye. `lit`: whether the lamp reaches it; `shine`: strength
/// of the highlight (Blinn and Phong).
pub(super) fn shade(
    albedo: Linear,
    normal: Vector,
    to_lamp: Vector,
    to_eye: Vector,
    lit: bool,
    shine: f64,
) -> Linear {
    let ambient = AMBIENT.0 + AMBIENT.1 * normal[1];
    let facing = dot(normal, to_lamp).max(0.0);
    let (lamp, highlight) = if lit {
        let half = unit(add(to_lamp, to_eye));
        // The 32nd power by squaring, the same on every machine.
        let mut power = dot(normal, half).max(0.0);
        for _ in 0..5 {
            power *= power;
        }
        (LAMP * facing, shine * power)
    } else {
        (0.0, 0.0)
    };
    albedo.map(|channel| channel * (ambient + lamp) + highlight)
}

/// The normal of a bumpy surface: the smooth one tilted against the slope of the bumps.
pub(super) fn bumpy(normal: Vector, place: Vector, bumps: Bumps) -> Vector {
    const STEP: f64 = 0.05;
    let place = scale(place, bumps.density);
    let here = noise(place, bumps.pattern);
    let slope: Vector = std::array::from_fn(|axis| {
        let mut beside = place;
        beside[axis] += STEP;
        (noise(beside, bumps.pattern) - here) / STEP
    });
    let along_surface = sub(slope, scale(normal, dot(slope, normal)));
    unit(sub(normal, scale(along_surface, bumps.height)))
}

/// Smooth noise in 0..=1 with one bump to a unit of length: values at whole points, blended by
/// cubic weights.
fn noise(place: Vector, pattern: u32) -> f64 {
    let cell = place.map(libm::floor);
    let weight: Vector = std::array::from_fn(|i| {
        let part = place[i] - cell[i];
        part * part * (3.0 - 2.0 * part)
    });
    let mut sum = 0.0;
    for corner in 0..8_u32 {
        let mut share = 1.0;
        let mut hash = pattern;
        for axis in 0..3 {
            let far = corner >> axis & 1;
            share *= if far == 1 { weight[axis] } else { 1.0 - weight[axis] };
            hash = mix(hash ^ (cell[axis] as i64 as u32).wrapping_add(far));
        }
        sum += share * f64::from(hash >> 8) / f64::from(1_u32 << 24);
    }
    sum
}

/// A 32-bit mixer: every input bit flips half of the output bits.
fn mix(mut value: u32) -> u32 {
    value = (value ^ (value >> 16)).wrapping_mul(0x7feb_352d);
    value = (value ^ (value >> 15)).wrapping_mul(0x846c_a68b);
    value ^ (value >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_undoes_linear_light() {
        for byte in 0..=255_u8 {
            let [value, ..] = linear(Rgb::bytes(byte, 0, 0));
            assert!(encode(value).abs_diff(byte) <= 1, "{byte}");
        }
    }

    #[test]
    fn noise_is_smooth_and_fills_its_range() {
        let values: Vec<f64> =
            (0..4_000).map(|i| noise([f64::from(i) * 0.01, 0.5, 0.5], 3)).collect();
        assert!(values.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.03));
        let low = values.iter().copied().fold(1.0, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        assert!(low < 0.35 && high > 0.65, "{low}..{high}");
    }
}
