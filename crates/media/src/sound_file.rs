//! Sounds in files: WAV, MP3, FLAC, Ogg Vorbis and AAC in.

use std::io::Cursor;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::contain::contained;
use crate::{Allowance, MediaError, Sound, aac_decoder, mp4_file, mp4_movie};

/// Reads a WAV: PCM of 8 to 32 bits, floating point, A-law, µ-law or ADPCM, any number of
/// channels, mixed down with equal weight.
///
/// # Errors
///
/// As [`decode_audio`]; [`MediaError::Malformed`] for anything but RIFF/WAVE.
pub fn decode_wav(wav: &[u8]) -> Result<Sound, MediaError> {
    if wav.get(..4) != Some(b"RIFF") || wav.get(8..12) != Some(b"WAVE") {
        return Err(MediaError::malformed("WAV", "it does not begin with RIFF and WAVE"));
    }
    decode_audio(wav)
}

/// Reads the sound of a WAV, MP3, FLAC, Ogg Vorbis, AAC (ADTS) or MP4 file, whichever the bytes
/// say, mixed down to mono with equal weight. Encoder delay is trimmed where the file states it.
///
/// # Errors
///
/// [`MediaError::Malformed`] when the bytes are foreign, damaged or hold no sample;
/// [`MediaError::Unsupported`] for a coding that is not built in; [`MediaError::NoTrack`] for a
/// file without sound; [`MediaError::TooLarge`] above [`MAX_SAMPLES`](crate::MAX_SAMPLES) samples.
pub fn decode_audio(bytes: &[u8]) -> Result<Sound, MediaError> {
    decode_audio_within(bytes, &Allowance::default())
}

/// As [`decode_audio`], within an allowance.
///
/// # Errors
///
/// As [`decode_audio`]; [`MediaError::OutOfMemory`] and [`MediaError::OutOfTime`] beyond the
/// allowance.
pub fn decode_audio_within(bytes: &[u8], allowance: &Allowance) -> Result<Sound, MediaError> {
    if mp4_movie::is_mp4(bytes) {
        let sound = mp4_file::sound_track_within(bytes, allowance)?;
        return sound.ok_or(MediaError::NoTrack("sound"));
    }
    if syom::sniff_is_adts(bytes) {
        return aac_decoder::decode_file(bytes, allowance);
    }
    mixed_down(bytes, allowance, 0)
}

/// As [`decode_audio_within`], for a WAV whose bytes count as part of the allowance, because they were
/// made of something else.
pub(crate) fn decode_audio_beside(wav: &[u8], allowance: &Allowance) -> Result<Sound, MediaError> {
    mixed_down(wav, allowance, wav.len() as u64)
}

/// Decodes a WAV, MP3, FLAC or Ogg Vorbis file while so many bytes stand in memory beside its sound.
fn mixed_down(bytes: &[u8], allowance: &Allowance, beside: u64) -> Result<Sound, MediaError> {
    let (mut mono, mut rate) = (Vec::new(), 0);
    visit_sound(bytes, &mut |stretch| {
        rate = stretch.sample_rate;
        allowance.check_time()?;
        let samples = (mono.len() + stretch.samples.len()) as u64;
        allowance.check_samples(samples)?;
        allowance.check_memory(beside + size_of::<f32>() as u64 * samples)?;
        mono.extend_from_slice(stretch.samples);
        Ok(())
    })?;
    Sound::new(rate, mono)
}

/// A stretch of a sound that is decoded bit by bit.
pub(crate) struct Stretch<'a> {
    /// In Hz.
    pub(crate) sample_rate: u32,
    /// Mixed down to mono.
    pub(crate) samples: &'a [f32],
}

/// Decodes a WAV, MP3, FLAC or Ogg Vorbis file and gives away its sound bit by bit, so that it
/// never stands in memory as a whole. Damage is an error: nothing is passed over.
pub(crate) fn visit_sound(
    bytes: &[u8],
    visitor: &mut dyn FnMut(Stretch<'_>) -> Result<(), MediaError>,
) -> Result<(), MediaError> {
    contained("audio", || visit(bytes, visitor))
}

fn visit(
    bytes: &[u8],
    visitor: &mut dyn FnMut(Stretch<'_>) -> Result<(), MediaError>,
) -> Result<(), MediaError> {
    let stream =
        MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| match error {
            Error::Unsupported(_) | Error::IoError(_) => {
                MediaError::malformed("audio", "it is none of WAV, MP3, FLAC, Ogg, AAC and MP4")
            }
            other => MediaError::malformed("audio", other),
        })?;
    let track = format.default_track(TrackType::Audio).ok_or(MediaError::NoTrack("sound"))?;
    let track_id = track.id;
    // Only FLAC states exactly how much there is.
    let promised = track.num_frames.filter(|_| bytes.starts_with(b"fLaC"));
    let parameters =
        track.codec_params.as_ref().and_then(|parameters| parameters.audio()).ok_or_else(|| {
            MediaError::malformed("audio", "its track does not say how it is coded")
        })?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| MediaError::Unsupported {
            what: format!("audio codec {} ({error})", parameters.codec),
            hint: "convert the file to WAV".to_owned(),
        })?;

    let (mut count, mut rate) = (0_u64, None);
    let (mut interleaved, mut mono): (Vec<f32>, Vec<f32>) = (Vec::new(), Vec::new());
    let mut damaged = None;
    while let Some(packet) = next_packet(format.as_mut())? {
        if packet.track_id != track_id {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            // The first packets of an MP3 that was cut out of another refer to what came before.
            Err(Error::DecodeError(reason)) if count == 0 => {
                damaged = Some(reason);
                continue;
            }
            Err(error) => return Err(MediaError::malformed("audio", error)),
        };
        let spec = decoded.spec();
        let (packet_rate, channels) = (spec.rate(), spec.channels().count());
        if *rate.get_or_insert(packet_rate) != packet_rate {
            return Err(MediaError::malformed("audio", "its sample rate changes midway"));
        }
        interleaved.resize(decoded.samples_interleaved(), 0.0);
        decoded.copy_to_slice_interleaved(&mut interleaved);
        mono.clear();
        mix_down(&interleaved, channels, &mut mono);
        count += mono.len() as u64;
        visitor(Stretch { sample_rate: packet_rate, samples: &mono })?;
    }
    match promised {
        _ if count == 0 => {
            Err(MediaError::malformed("audio", damaged.unwrap_or("it holds no sample")))
        }
        Some(promised) if count < promised => Err(MediaError::malformed(
            "audio",
            format!("it should hold {promised} samples, but holds {count}; the file is cut off"),
        )),
        _ => Ok(()),
    }
}

/// The next packet, or `None` at the end, which a truncated file reaches early.
fn next_packet(
    format: &mut dyn FormatReader,
) -> Result<Option<symphonia::core::packet::Packet>, MediaError> {
    match format.next_packet() {
        Ok(packet) => Ok(packet),
        Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(Error::ResetRequired) => Ok(None),
        Err(error) => Err(MediaError::malformed("audio", error)),
    }
}

/// Appends the mean of each `channels` interleaved samples.
pub(crate) fn mix_down(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    match channels {
        0 => {}
        1 => mono.extend_from_slice(interleaved),
        _ => {
            let weight = 1.0 / channels as f32;
            mono.extend(
                interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * weight),
            );
        }
    }
}
