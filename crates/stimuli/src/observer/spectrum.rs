//! Spectra: a Fourier transform, and how flat a spectrum is.

use std::f64::consts::{PI, TAU};

/// Power in the bins below half the sample rate of a Hann-windowed stretch of samples, padded to
/// the next power of two.
pub(crate) fn power_spectrum(samples: &[f32]) -> Vec<f64> {
    let size = samples.len().next_power_of_two().max(64);
    let mut real = vec![0.0; size];
    let mut imaginary = vec![0.0; size];
    for (i, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * libm::cos(TAU * (i as f64 + 0.5) / samples.len() as f64);
        real[i] = window * f64::from(*sample);
    }
    transform(&mut real, &mut imaginary);
    (0..size / 2).map(|i| real[i] * real[i] + imaginary[i] * imaginary[i]).collect()
}

/// Geometric over arithmetic mean of the power between 150 Hz and 6.5 kHz: near 0 for a tone, 0.56
/// for white noise. 1 for silence.
pub(super) fn flatness(samples: &[f32], sample_rate: u32) -> f64 {
    let power = power_spectrum(samples);
    let hertz = f64::from(sample_rate) / (2 * power.len()) as f64;
    let band: Vec<f64> = power
        .iter()
        .enumerate()
        .filter(|(i, _)| (150.0..6_500.0).contains(&(*i as f64 * hertz)))
        .map(|(_, power)| *power)
        .collect();
    let mean = band.iter().sum::<f64>() / band.len().max(1) as f64;
    if mean <= 0.0 {
        return 1.0;
    }
    // A floor 90 dB below the mean: digital silence between partials must not count for more.
    let floor = mean * 1e-9;
    let logs = band.iter().map(|power| libm::log(power.max(floor))).sum::<f64>();
    libm::exp(logs / band.len() as f64) / mean
}

/// The transform of J. W. Cooley and J. W. Tukey, radix 2, in place; lengths are powers of two.
fn transform(real: &mut [f64], imaginary: &mut [f64]) {
    let size = real.len();
    let bits = size.trailing_zeros();
    for i in 0..size {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if j > i {
            real.swap(i, j);
            imaginary.swap(i, j);
        }
    }
    let mut half = 1;
    while half < size {
        for k in 0..half {
            let angle = -PI * k as f64 / half as f64;
            let (cos, sin) = (libm::cos(angle), libm::sin(angle));
            for a in (k..size).step_by(2 * half) {
                let b = a + half;
                let re = cos * real[b] - sin * imaginary[b];
                let im = cos * imaginary[b] + sin * real[b];
                (real[b], imaginary[b]) = (real[a] - re, imaginary[a] - im);
                real[a] += re;
                imaginary[a] += im;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn a_sine_has_its_peak_at_its_frequency() {
        let samples: Vec<f32> =
            (0..1_024).map(|i| libm::sin(TAU * 1_000.0 * f64::from(i) / 16_000.0) as f32).collect();
        let power = power_spectrum(&samples);
        let peak = (0..power.len()).max_by(|&a, &b| power[a].total_cmp(&power[b])).unwrap();
        assert_eq!(peak, 64);
        assert!(flatness(&samples, 16_000) < 0.01);
    }

    #[test]
    fn noise_is_flat() {
        let mut stream = Stream::new(1, "noise");
        let samples: Vec<f32> = (0..4_096).map(|_| stream.between(-1.0, 1.0) as f32).collect();
        assert!((flatness(&samples, 16_000) - 0.56).abs() < 0.05);
    }
}
