//! Sampling rate conversion by a windowed sinc.
//!
//! Each output sample is the inner product of the input around it with a Kaiser-windowed sinc
//! whose cutoff is 95% of the lower of the two Nyquist frequencies: passband flat to 0.01 dB below
//! 85%, images and aliases at least 80 dB down above 105%. No delay: output sample 0 lies on input
//! sample 0.
//! Formulas: Oppenheim & Schafer, *Discrete-Time Signal Processing*, 3rd ed., 4.6 and 7.6.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side of its centre.
const ZERO_CROSSINGS: f64 = 32.0;
/// Shape of the Kaiser window; 9 keeps side lobes 90 dB down.
const KAISER_BETA: f64 = 9.0;
/// Table entries from one zero crossing to the next; between entries the kernel is interpolated
/// linearly, which errs by less than 1e-6.
const STEPS: usize = 1024;
/// Phases whose weights are kept; usual pairs of rates have 2 to 640.
const MAX_KEPT_PHASES: u32 = 1024;
/// Cutoff as a share of the lower Nyquist frequency.
const CUTOFF: f64 = 0.95;

/// The number of samples after conversion: the same duration, rounded up.
pub(crate) fn resampled_len(length: usize, from: u32, to: u32) -> usize {
    (length as u128 * u128::from(to)).div_ceil(u128::from(from)) as usize
}

/// Converts `samples` from `from` Hz to `to` Hz, both above 0.
pub(crate) fn resample(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    let kernel = kernel_table();
    // The kernel's gain, and the reciprocal of a zero crossing's width in input samples.
    let scale = CUTOFF * (f64::from(to) / f64::from(from)).min(1.0);
    let reach = (ZERO_CROSSINGS / scale).ceil() as i64;
    // Output samples fall on few different places between input samples: each such phase has its
    // weights, made when first met. Rates without a common divisor have too many to keep.
    let phases = to / greatest_common_divisor(from, to);
    let mut kept = vec![Vec::new(); if phases <= MAX_KEPT_PHASES { phases as usize } else { 1 }];
    let padded = padded(samples, reach as usize);
    (0..resampled_len(samples.len(), from, to) as u64)
        .map(|index| {
            // Whole and fractional part apart, so that long sounds lose no precision.
            let position = u128::from(index) * u128::from(from);
            let whole = (position / u128::from(to)) as usize;
            let phase = (position % u128::from(to)) as f64 / f64::from(to);
            let slot = (index % u64::from(phases)) as usize % kept.len();
            let weights = &mut kept[slot];
            if weights.is_empty() || phases > MAX_KEPT_PHASES {
                *weights = (-reach..=reach)
                    .map(|at| kernel_at(&kernel, (at as f64 - phase).abs() * scale) * scale)
                    .collect();
            }
            inner_product(&padded[whole..], weights)
        })
        .collect()
}

/// The samples with `reach` zeros before and after them.
fn padded(samples: &[f32], reach: usize) -> Vec<f32> {
    let mut padded = vec![0.0; reach];
    padded.extend_from_slice(samples);
    padded.resize(padded.len() + reach + 1, 0.0);
    padded
}

/// Summed in four lanes: in one, each addition would wait for the last.
fn inner_product(samples: &[f32], weights: &[f64]) -> f32 {
    let mut lanes = [0.0; 4];
    for (samples, weights) in samples.chunks(4).zip(weights.chunks(4)) {
        for ((lane, sample), weight) in lanes.iter_mut().zip(samples).zip(weights) {
            *lane += f64::from(*sample) * weight;
        }
    }
    (lanes[0] + lanes[1] + (lanes[2] + lanes[3])) as f32
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The kernel at `distance` zero crossings from its centre.
fn kernel_at(kernel: &[f64], distance: f64) -> f64 {
    let place = distance * STEPS as f64;
    let below = place as usize;
    match kernel.get(below..below + 2) {
        Some(pair) => pair[0] + (pair[1] - pair[0]) * (place - below as f64),
        None => 0.0,
    }
}

/// One half of the windowed sinc, from its centre outwards.
fn kernel_table() -> Vec<f64> {
    let entries = ZERO_CROSSINGS as usize * STEPS + 1;
    let edge = bessel_i0(KAISER_BETA);
    (0..entries)
        .map(|entry| {
            let x = entry as f64 / STEPS as f64;
            let sinc = if entry == 0 { 1.0 } else { libm::sin(PI * x) / (PI * x) };
            let across = x / ZERO_CROSSINGS;
            let window = bessel_i0(KAISER_BETA * (1.0 - across * across).max(0.0).sqrt()) / edge;
            sinc * window
        })
        .collect()
}

/// The modified Bessel function of the first kind, order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..64 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency: f64, rate: u32, length: usize) -> Vec<f32> {
        (0..length)
            .map(|at| (2.0 * PI * frequency * at as f64 / f64::from(rate)).sin() as f32)
            .collect()
    }

    /// The largest deviation from `expected`, leaving out `margin` samples at both ends.
    fn deviation(found: &[f32], expected: &[f32], margin: usize) -> f32 {
        found[margin..found.len() - margin]
            .iter()
            .zip(&expected[margin..])
            .map(|(found, expected)| (found - expected).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_keeps_its_phase_and_level() {
        for (from, to) in [(44_100, 16_000), (16_000, 44_100), (48_000, 16_000), (22_050, 48_000)] {
            let converted = resample(&sine(1000.0, from, from as usize / 2), from, to);
            assert_eq!(converted.len(), to as usize / 2);
            let expected = sine(1000.0, to, to as usize / 2);
            let found = deviation(&converted, &expected, 400);
            assert!(found < 1e-4, "{from} to {to} Hz: {found}");
        }
    }

    #[test]
    fn rates_without_a_common_divisor_are_converted_alike() {
        let converted = resample(&sine(1000.0, 44_101, 22_050), 44_101, 16_001);
        let expected = sine(1000.0, 16_001, converted.len());
        assert!(deviation(&converted, &expected, 400) < 1e-4);
        assert!(resample(&[], 44_100, 16_000).is_empty());
        assert_eq!(resample(&[1.0], 8_000, 16_000).len(), 2);
    }

    #[test]
    fn what_the_new_rate_cannot_carry_is_gone() {
        let converted = resample(&sine(9000.0, 44_100, 44_100), 44_100, 16_000);
        let loudest = converted[400..15_600].iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(loudest < 1e-4, "{loudest}");
    }

    #[test]
    fn an_impulse_stays_where_it_is() {
        let mut click = vec![0.0; 48_000];
        click[24_000] = 1.0;
        let converted = resample(&click, 48_000, 16_000);
        let peak = (0..converted.len())
            .max_by(|a, b| converted[*a].abs().total_cmp(&converted[*b].abs()))
            .unwrap();
        assert_eq!(peak, 8000);
    }

    #[test]
    fn lengths_round_up() {
        assert_eq!(resampled_len(0, 44_100, 16_000), 0);
        assert_eq!(resampled_len(1, 44_100, 16_000), 1);
        assert_eq!(resampled_len(441, 44_100, 16_000), 160);
        assert_eq!(resampled_len(442, 44_100, 16_000), 161);
    }
}
