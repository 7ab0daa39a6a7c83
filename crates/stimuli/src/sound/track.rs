//! A track: silence of a given length on which voices are laid.

use avibench_media::{MediaError, Sound};

/// Samples a second of every generated sound.
pub(crate) const SAMPLE_RATE: u32 = 16_000;

/// Mono samples under construction.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    samples: Vec<f64>,
}

/// The number of samples in a stretch of time.
pub(super) fn samples_in(seconds: f64) -> usize {
    libm::round(seconds.max(0.0) * f64::from(SAMPLE_RATE)) as usize
}

impl Track {
    /// Silence.
    pub(crate) fn silence(seconds: f64) -> Self {
        Self { samples: vec![0.0; samples_in(seconds)] }
    }

    /// Adds a voice from a moment on; what exceeds the track's end is dropped.
    pub(crate) fn add(&mut self, at: f64, voice: &[f64], gain: f64) {
        let start = samples_in(at).min(self.samples.len());
        for (sample, voice) in self.samples[start..].iter_mut().zip(voice) {
            *sample += gain * voice;
        }
    }

    /// The track as a sound, turned down as a whole if its peak exceeds `peak` (at most 1).
    pub(crate) fn finish(self, peak: f64) -> Result<Sound, MediaError> {
        let highest = self.samples.iter().fold(0.0_f64, |peak, sample| peak.max(sample.abs()));
        let gain = if highest > peak { peak / highest } else { 1.0 };
        let samples = self.samples.iter().map(|sample| (sample * gain) as f32).collect();
        Sound::new(SAMPLE_RATE, samples)
    }
}
