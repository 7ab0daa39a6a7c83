//! Sounds of the questions: beeps, tones, a click.

use std::f64::consts::{PI, TAU};

use avibench_media::{MediaError, Sound};

/// Samples a second.
const RATE: u32 = 16_000;
/// Seconds over which a tone sets in and dies away.
const RAMP: f64 = 0.01;
/// How loud, of full scale.
const LEVEL: f64 = 0.5;

/// Silence on which tones are laid.
pub(crate) struct Track(Vec<f32>);

impl Track {
    /// Silence of so many seconds.
    pub(crate) fn silence(seconds: f64) -> Self {
        Self(vec![0.0; (seconds * f64::from(RATE)) as usize])
    }

    /// Adds a tone whose pitch goes from one frequency in Hz to the other.
    pub(crate) fn add(&mut self, at: f64, seconds: f64, [from, to]: [f64; 2]) {
        let rate = f64::from(RATE);
        let (start, count) = ((at * rate) as usize, (seconds * rate) as usize);
        let mut phase = 0.0;
        for (i, sample) in self.0.iter_mut().skip(start).take(count).enumerate() {
            let share = i as f64 / count as f64;
            phase += TAU * (from + (to - from) * share) / rate;
            let edge = (share * seconds).min((1.0 - share) * seconds);
            let gain = if edge < RAMP { 0.5 - 0.5 * libm::cos(PI * edge / RAMP) } else { 1.0 };
            *sample += (LEVEL * gain * libm::sin(phase)) as f32;
        }
    }

    /// The track as a sound.
    pub(crate) fn finish(self) -> Result<Sound, MediaError> {
        Sound::new(RATE, self.0)
    }
}

/// Seconds from one beep to the next, and the length of each.
const BEEP_EVERY: f64 = 0.6;
const BEEP: f64 = 0.25;

/// Seconds that `count` beeps with silence around them last.
pub(crate) fn beeps_seconds(count: usize) -> f64 {
    0.4 + BEEP_EVERY * count as f64
}

/// `count` beeps of one pitch in Hz within `seconds`.
pub(crate) fn beeps(count: usize, pitch: f64, seconds: f64) -> Result<Sound, MediaError> {
    let mut track = Track::silence(seconds);
    for beep in 0..count {
        track.add(0.3 + BEEP_EVERY * beep as f64, BEEP, [pitch; 2]);
    }
    track.finish()
}
