//! A low-pass filter.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use super::SAMPLE_RATE;

/// Low-pass of fourth order: two passes of a biquad (R. Bristow-Johnson, "Audio EQ Cookbook"),
/// `cutoff` in Hz.
pub(crate) fn low_pass(samples: &mut [f64], cutoff: f64) {
    let angle = TAU * cutoff.clamp(20.0, 7_800.0) / f64::from(SAMPLE_RATE);
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let alpha = sin * FRAC_1_SQRT_2;
    let scale = 1.0 / (1.0 + alpha);
    let b = [(1.0 - cos) / 2.0 * scale, (1.0 - cos) * scale, (1.0 - cos) / 2.0 * scale];
    let a = [-2.0 * cos * scale, (1.0 - alpha) * scale];
    for _ in 0..2 {
        let mut state = [0.0; 2];
        for sample in &mut *samples {
            let input = *sample;
            let output = b[0] * input + state[0];
            state[0] = b[1] * input - a[0] * output + state[1];
            state[1] = b[2] * input - a[1] * output;
            *sample = output;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::{Timbre, rms, tone};

    #[test]
    fn lows_pass_and_highs_do_not() {
        let mut low = tone(200.0, 0.5, Timbre::PURE);
        let mut high = tone(4_000.0, 0.5, Timbre::PURE);
        low_pass(&mut low, 1_000.0);
        low_pass(&mut high, 1_000.0);
        assert!((0.9..1.05).contains(&rms(&low)), "{}", rms(&low));
        assert!(rms(&high) < 0.01, "{}", rms(&high));
    }
}
