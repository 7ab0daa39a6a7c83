//! Sound to AAC.

use syom::{EncodeOptions, Encoder};

use crate::contain::contained;
use crate::{MediaError, Sound};

/// Rates that AAC can carry (ISO/IEC 14496-3, table 1.18) and decoders like.
const RATES: [u32; 9] = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
/// Bits spent on a sample: 64 kbit/s at 16 kHz, where a click stays a click.
const BITS_A_SAMPLE: u32 = 4;

/// A coded sound track: AAC-LC, mono.
pub(crate) struct CodedSound {
    pub(crate) sample_rate: u32,
    /// The `AudioSpecificConfig` that a decoder needs first.
    pub(crate) configuration: Vec<u8>,
    /// Access units of [`FRAME_SAMPLES`] samples each.
    pub(crate) units: Vec<Vec<u8>>,
    /// Decoded samples before the sound begins.
    pub(crate) priming: u64,
    /// Samples of the sound itself.
    pub(crate) samples: u64,
    /// Bits a second that were aimed at.
    pub(crate) bit_rate: u32,
}

/// Samples in one AAC-LC access unit.
pub(crate) const FRAME_SAMPLES: u32 = 1024;

/// Codes a sound; a rate that AAC lacks is raised to the next it has, one above 48 kHz lowered to
/// that. What exceeds full scale is clipped.
pub(crate) fn encode(sound: &Sound) -> Result<CodedSound, MediaError> {
    let wanted = sound.sample_rate();
    let sample_rate = RATES.into_iter().find(|rate| *rate >= wanted).unwrap_or(48_000);
    let samples: Vec<f32> = sound
        .resampled(sample_rate)?
        .into_samples()
        .into_iter()
        .map(|sample| sample.clamp(-1.0, 1.0))
        .collect();
    contained("AAC", || encode_samples(&samples, sample_rate))
}

fn encode_samples(samples: &[f32], sample_rate: u32) -> Result<CodedSound, MediaError> {
    let failed = |error| MediaError::encode("AAC", error);
    let bit_rate = (sample_rate * BITS_A_SAMPLE).min(128_000);
    // Looking a frame ahead keeps noise from spreading before a sharp onset.
    let options = EncodeOptions::raw().with_bitrate_bps(bit_rate).with_lookahead(true);
    let mut encoder = Encoder::new(sample_rate, 1, &options).map_err(failed)?;
    let configuration = encoder.asc().to_vec();
    let mut units = Vec::new();
    let mut collect = |frame: syom::EncodedFrame<'_>| {
        units.push(frame.payload.to_vec());
        Ok(())
    };
    encoder.feed(&[samples], &mut collect).map_err(failed)?;
    let info = encoder.finish(&mut collect).map_err(failed)?;
    Ok(CodedSound {
        sample_rate,
        configuration,
        units,
        priming: info.priming,
        samples: info.samples,
        bit_rate,
    })
}
