//! A sound: mono samples with their rate.

use crate::{MediaError, resample};

/// The highest sample rate that is accepted, in Hz.
pub const MAX_SAMPLE_RATE: u32 = 768_000;

/// The largest number of samples a sound may have: 2^28, 1 GiB, 93 minutes at 48 kHz.
pub const MAX_SAMPLES: u64 = 1 << 28;

/// A mono sound. Full scale is -1.0..=1.0; floating-point sources may exceed it.
///
/// Mono is a choice: the benchmark asks what sounds, when and how loud, never where. Decoders mix
/// all channels down with equal weight, so a sound in one of two channels loses 6 dB.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    sample_rate: u32,
    samples: Vec<f32>,
}

impl Sound {
    /// Takes samples at `sample_rate` Hz.
    ///
    /// # Errors
    ///
    /// [`MediaError::Invalid`] when the rate is 0 or above [`MAX_SAMPLE_RATE`] or a sample is no
    /// finite number, [`MediaError::TooLarge`] above [`MAX_SAMPLES`].
    pub fn new(sample_rate: u32, samples: Vec<f32>) -> Result<Self, MediaError> {
        if sample_rate == 0 || sample_rate > MAX_SAMPLE_RATE {
            return Err(MediaError::Invalid(format!(
                "a sample rate of {sample_rate} Hz is not in 1..={MAX_SAMPLE_RATE}"
            )));
        }
        if samples.len() as u64 > MAX_SAMPLES {
            return Err(too_long(samples.len() as u64));
        }
        if let Some(at) = samples.iter().position(|sample| !sample.is_finite()) {
            return Err(MediaError::Invalid(format!(
                "sample {at} of the sound is not a finite number"
            )));
        }
        Ok(Self { sample_rate, samples })
    }

    /// Samples a second, in Hz.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The samples, the first at time 0.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// The samples, without a copy.
    #[must_use]
    pub fn into_samples(self) -> Vec<f32> {
        self.samples
    }

    /// The length in seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.sample_rate)
    }

    /// The sound at another sample rate, aligned with this one to less than a sample; see
    /// the module `resample` for the filter.
    ///
    /// # Errors
    ///
    /// As [`Sound::new`], for the new rate and length.
    pub fn resampled(&self, sample_rate: u32) -> Result<Self, MediaError> {
        if sample_rate == self.sample_rate {
            return Ok(self.clone());
        }
        if sample_rate == 0 || sample_rate > MAX_SAMPLE_RATE {
            return Self::new(sample_rate, Vec::new());
        }
        let length = resample::resampled_len(self.samples.len(), self.sample_rate, sample_rate);
        if length as u64 > MAX_SAMPLES {
            return Err(too_long(length as u64));
        }
        Self::new(sample_rate, resample::resample(&self.samples, self.sample_rate, sample_rate))
    }
}

pub(crate) fn too_long(found: u64) -> MediaError {
    MediaError::TooLarge { what: "the sound's number of samples", found, limit: MAX_SAMPLES }
}
