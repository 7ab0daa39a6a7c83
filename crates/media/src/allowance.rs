//! How much memory and time decoding one medium may take.

use std::time::Instant;

use crate::MediaError;
use crate::sound::too_long;
use crate::{MAX_SAMPLES, PictureOutline};

/// Bytes that decoding a picture takes for each of its pixels at most: 16-bit RGBA, or the
/// coefficients of a progressive JPEG beside its colours.
const PICTURE_PIXEL: u64 = 12;
/// Bytes that decoding a video takes for each pixel of its size: reference pictures, the picture that
/// is being decoded, and its colours before and after turning and shrinking.
const VIDEO_PIXEL: u64 = 40;
/// Bytes that a sound takes for each of its samples: it is decoded, presented, resampled and written.
const SOUND_SAMPLE: u64 = 16;

/// What decoding a medium may take. Decoders compare with it before they allocate, and between
/// pictures and stretches of sound, so that they stop soon after it is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Bytes that may stand in memory beside the file.
    pub memory: u64,
    /// When it has to be done; `None` if it may take any time.
    pub deadline: Option<Instant>,
}

impl Default for Allowance {
    /// Only the limits that hold for every medium.
    fn default() -> Self {
        Self { memory: u64::MAX, deadline: None }
    }
}

impl Allowance {
    /// Memory for decoding a picture, in bytes.
    #[must_use]
    pub fn for_picture(size: PictureOutline) -> u64 {
        PICTURE_PIXEL * pixels(size)
    }

    /// Memory for decoding a video of any length picture by picture, in bytes; what is made of its
    /// pictures comes on top.
    #[must_use]
    pub fn for_video(size: PictureOutline) -> u64 {
        VIDEO_PIXEL * pixels(size)
    }

    /// Memory for decoding a sound of so many samples, in bytes.
    #[must_use]
    pub fn for_sound(samples: u64) -> u64 {
        SOUND_SAMPLE.saturating_mul(samples)
    }

    /// Refuses to go on with more than the memory that there is.
    ///
    /// # Errors
    ///
    /// [`MediaError::OutOfMemory`] if `bytes` are more.
    pub fn check_memory(&self, bytes: u64) -> Result<(), MediaError> {
        if bytes > self.memory {
            return Err(MediaError::OutOfMemory { limit: self.memory });
        }
        Ok(())
    }

    /// Refuses to go on once the time is up.
    ///
    /// # Errors
    ///
    /// [`MediaError::OutOfTime`] after the deadline.
    pub fn check_time(&self) -> Result<(), MediaError> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(MediaError::OutOfTime),
            _ => Ok(()),
        }
    }

    /// Refuses to hold so many samples of a sound.
    pub(crate) fn check_samples(&self, samples: u64) -> Result<(), MediaError> {
        if samples > MAX_SAMPLES {
            return Err(too_long(samples));
        }
        self.check_memory(Self::for_sound(samples))
    }
}

fn pixels(size: PictureOutline) -> u64 {
    u64::from(size.width) * u64::from(size.height)
}
