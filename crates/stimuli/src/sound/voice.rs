//! Voices: single sounds without clicks, all of the same loudness (RMS 1) unless they fade.

use std::f64::consts::{PI, TAU};

use super::filter::low_pass;
use super::track::{SAMPLE_RATE, samples_in};
use crate::random::Stream;

/// Seconds over which a voice sets in and dies away.
const RAMP: f64 = 0.012;

/// Strength of the first partials of a tone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Timbre(pub(crate) [f64; 6]);

impl Timbre {
    /// A bare sine.
    #[cfg(test)]
    pub(crate) const PURE: Self = Self([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);

    /// One of four: flute, reed, string, bell.
    pub(crate) fn any(stream: &mut Stream) -> Self {
        stream.pick([
            Self([1.0, 0.25, 0.08, 0.02, 0.0, 0.0]),
            Self([1.0, 0.1, 0.55, 0.06, 0.3, 0.04]),
            Self([1.0, 0.6, 0.4, 0.28, 0.18, 0.1]),
            Self([1.0, 0.0, 0.3, 0.45, 0.0, 0.2]),
        ])
    }
}

/// Root of the mean square, 0 for no samples.
pub(crate) fn rms(samples: &[f64]) -> f64 {
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum();
    (energy / samples.len().max(1) as f64).sqrt()
}

/// A steady tone.
pub(crate) fn tone(pitch: f64, seconds: f64, timbre: Timbre) -> Vec<f64> {
    let mut samples = partials(pitch, samples_in(seconds), timbre);
    level(&mut samples);
    ramps(&mut samples);
    samples
}

/// White noise below 7 kHz.
pub(crate) fn noise(seconds: f64, stream: &mut Stream) -> Vec<f64> {
    let mut samples: Vec<f64> =
        (0..samples_in(seconds)).map(|_| stream.between(-1.0, 1.0)).collect();
    low_pass(&mut samples, 7_000.0);
    level(&mut samples);
    ramps(&mut samples);
    samples
}

/// A struck note that fades to a tenth within `seconds` and ends there.
pub(crate) fn note(pitch: f64, seconds: f64, timbre: Timbre) -> Vec<f64> {
    let mut samples = partials(pitch, samples_in(seconds), timbre);
    level(&mut samples);
    for (i, sample) in samples.iter_mut().enumerate() {
        *sample *= libm::exp(-2.3 * i as f64 / (seconds * f64::from(SAMPLE_RATE)));
    }
    ramps(&mut samples);
    samples
}

/// A short beat of a drum: a tone that falls and fades within 70 ms.
pub(crate) fn beat(pitch: f64) -> Vec<f64> {
    let count = samples_in(0.07);
    let mut phase = 0.0;
    let mut samples: Vec<f64> = (0..count)
        .map(|i| {
            let share = i as f64 / count as f64;
            phase += TAU * pitch * (1.0 + 0.8 * libm::exp(-12.0 * share)) / f64::from(SAMPLE_RATE);
            let attack = (i as f64 / 32.0).min(1.0);
            let fade = libm::exp(-4.5 * share) * (1.0 - share);
            libm::sin(phase) * attack * fade
        })
        .collect();
    level(&mut samples);
    samples
}

/// Five notes of a scale, one after the other, rich in high partials, filling `seconds`.
pub(crate) fn melody(stream: &mut Stream, seconds: f64) -> Vec<f64> {
    // Steps of the major pentatonic scale in semitones: any order of them is pleasant.
    const SCALE: [f64; 6] = [0.0, 2.0, 4.0, 7.0, 9.0, 12.0];
    let base = stream.between(260.0, 420.0);
    let length = seconds / 5.0;
    let mut samples = Vec::new();
    for _ in 0..5 {
        let pitch = base * libm::exp2(stream.pick(SCALE) / 12.0);
        let mut sung: Vec<f64> = vec![0.0; samples_in(length)];
        // Partials up to 6 kHz, falling gently: what a low-pass takes away is easily missed.
        let highest = libm::floor(6_000.0 / pitch) as usize;
        for partial in 1..=highest {
            let strength = libm::pow(partial as f64, -0.55);
            let step = TAU * pitch * partial as f64 / f64::from(SAMPLE_RATE);
            // Phases after M. R. Schroeder (1970) keep the peaks low.
            let phase = PI * (partial * partial) as f64 / highest as f64;
            for (i, sample) in sung.iter_mut().enumerate() {
                *sample += strength * libm::sin(step * i as f64 + phase);
            }
        }
        ramps(&mut sung);
        samples.extend(sung);
    }
    level(&mut samples);
    samples
}

fn partials(pitch: f64, count: usize, timbre: Timbre) -> Vec<f64> {
    (0..count)
        .map(|i| {
            let phase = TAU * pitch * i as f64 / f64::from(SAMPLE_RATE);
            (1..)
                .zip(timbre.0)
                .filter(|&(_, strength)| strength > 0.0)
                .map(|(partial, strength)| strength * libm::sin(f64::from(partial) * phase))
                .sum()
        })
        .collect()
}

fn level(samples: &mut [f64]) {
    let rms = rms(samples);
    if rms > 0.0 {
        for sample in samples {
            *sample /= rms;
        }
    }
}

/// Raised-cosine ramps at both ends: no click.
fn ramps(samples: &mut [f64]) {
    let count = samples.len();
    let length = samples_in(RAMP).min(count / 2);
    for i in 0..length {
        let gain = 0.5 - 0.5 * libm::cos(PI * (i as f64 + 0.5) / length as f64);
        samples[i] *= gain;
        samples[count - 1 - i] *= gain;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_start_and_end_in_silence() {
        let mut stream = Stream::new(1, "voices");
        for voice in [
            tone(440.0, 0.3, Timbre::PURE),
            noise(0.3, &mut stream),
            note(440.0, 0.3, Timbre::PURE),
            beat(180.0),
            melody(&mut stream, 1.0),
        ] {
            let (first, last) = (voice[0], voice[voice.len() - 1]);
            assert!(first.abs() < 0.01 && last.abs() < 0.01, "{first} {last}");
            assert!(rms(&voice) > 0.3);
        }
    }
}
