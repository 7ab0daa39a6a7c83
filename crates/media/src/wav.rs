//! WAV out: 16-bit PCM, mono.

use crate::{MediaError, Sound};

/// Bytes of the RIFF header before the samples.
const HEADER_BYTES: u32 = 44;

/// Writes a WAV file: PCM, 16 bits, mono, at the sound's rate. Samples are rounded to the nearest
/// of 65,535 steps, full scale 32,767; what exceeds full scale is clipped.
///
/// # Errors
///
/// None for a valid [`Sound`]; the signature leaves room for the format's 4 GiB limit.
pub fn encode_wav(sound: &Sound) -> Result<Vec<u8>, MediaError> {
    let data_bytes = u32::try_from(sound.samples().len() * 2)
        .ok()
        .filter(|bytes| *bytes <= u32::MAX - HEADER_BYTES)
        .ok_or_else(|| MediaError::encode("WAV", "more than 4 GiB of samples"))?;
    let mut wav = Vec::with_capacity((HEADER_BYTES + data_bytes) as usize);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(HEADER_BYTES - 8 + data_bytes).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes()); // PCM
    wav.extend_from_slice(&1_u16.to_le_bytes()); // channels
    wav.extend_from_slice(&sound.sample_rate().to_le_bytes());
    wav.extend_from_slice(&(sound.sample_rate() * 2).to_le_bytes()); // bytes a second
    wav.extend_from_slice(&2_u16.to_le_bytes()); // bytes a sample
    wav.extend_from_slice(&16_u16.to_le_bytes()); // bits a sample
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&data_bytes.to_le_bytes());
    for sample in sound.samples() {
        let step = (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16;
        wav.extend_from_slice(&step.to_le_bytes());
    }
    Ok(wav)
}
