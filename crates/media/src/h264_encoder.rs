//! Pictures to H.264.

use rusty_h264::{Encoder, EncoderConfig, Preset, Profile};

use crate::contain::contained;
use crate::nal::{self, IDR_SLICE, PICTURE_PARAMETERS, SEQUENCE_PARAMETERS};
use crate::{Clip, MediaError, yuv};

/// The quantiser: about 50 dB on drawn pictures, where a blur or brightness step that a question
/// asks for must survive.
const QUANTISER: u8 = 20;
/// Seconds from one picture that can be sought to the next.
const SECONDS_BETWEEN_KEY_PICTURES: f64 = 4.0;
/// The longest side that the file format can state.
const MAX_SIDE: usize = 16_384;

/// A coded video track.
pub(crate) struct CodedVideo {
    /// Even, at most one pixel more than the pictures have.
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) sequence_parameters: Vec<u8>,
    pub(crate) picture_parameters: Vec<u8>,
    /// One for each picture, in order.
    pub(crate) frames: Vec<CodedFrame>,
}

/// A coded picture as an MP4 sample: NAL units behind lengths of four bytes.
pub(crate) struct CodedFrame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) key: bool,
}

/// Codes a clip's pictures at constant quality, without B-frames.
pub(crate) fn encode(clip: &Clip) -> Result<CodedVideo, MediaError> {
    let Some(first) = clip.pictures().first() else {
        return Err(MediaError::encode("H.264", "a clip without pictures"));
    };
    let width = (first.width() as usize).next_multiple_of(2);
    let height = (first.height() as usize).next_multiple_of(2);
    if width.max(height) > MAX_SIDE {
        return Err(MediaError::encode(
            "H.264",
            format!("{width}x{height} exceeds {MAX_SIDE} pixels a side"),
        ));
    }
    contained("H.264", || encode_pictures(clip, width, height))
}

/// The encoder's settings. Main profile and CABAC: what every player decodes, at two thirds of the
/// bytes of Baseline. The preset is `Fast` because only its decisions come out alike with and
/// without vector instructions, so that every machine writes the same bytes. No lookahead: one
/// access unit a picture, nothing buffered.
fn configuration(clip: &Clip, width: usize, height: usize) -> EncoderConfig {
    let mut config = EncoderConfig::baseline(width, height);
    config.profile = Profile::Main;
    config.cabac = true;
    config.preset = Preset::Fast;
    config.qp = QUANTISER;
    let between = (clip.frame_rate() * SECONDS_BETWEEN_KEY_PICTURES).round().max(1.0) as u32;
    config.gop_size = between;
    config.min_keyint = between;
    config.framerate = clip.frame_rate() as f32;
    config
}

fn encode_pictures(clip: &Clip, width: usize, height: usize) -> Result<CodedVideo, MediaError> {
    let failed = |error| MediaError::encode("H.264", error);
    let mut encoder = Encoder::new(configuration(clip, width, height)).map_err(failed)?;
    let (mut sequence_parameters, mut picture_parameters) = (None, None);
    let mut frames = Vec::with_capacity(clip.pictures().len());
    for picture in clip.pictures() {
        let stream = encoder.try_encode(&yuv::to_planes(picture)).map_err(failed)?;
        let mut frame = CodedFrame { bytes: Vec::with_capacity(stream.len()), key: false };
        for unit in nal::split_annex_b(&stream) {
            match nal::nal_type(unit) {
                Some(SEQUENCE_PARAMETERS) => {
                    sequence_parameters.get_or_insert_with(|| unit.to_vec());
                }
                Some(PICTURE_PARAMETERS) => {
                    picture_parameters.get_or_insert_with(|| unit.to_vec());
                }
                kind => {
                    frame.key |= kind == Some(IDR_SLICE);
                    frame.bytes.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                    frame.bytes.extend_from_slice(unit);
                }
            }
        }
        frames.push(frame);
    }
    match (sequence_parameters, picture_parameters) {
        (Some(sequence_parameters), Some(picture_parameters))
            if frames.iter().all(|frame| !frame.bytes.is_empty()) =>
        {
            Ok(CodedVideo {
                width: width as u16,
                height: height as u16,
                sequence_parameters,
                picture_parameters,
                frames,
            })
        }
        _ => Err(MediaError::encode("H.264", "the encoder left out a picture or its parameters")),
    }
}
