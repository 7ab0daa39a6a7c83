//! Pictures to H.264.

use std::borrow::Borrow;

use rusty_h264::{Encoder, EncoderConfig, Preset, Profile, YuvFrame};

use crate::contain::contained;
use crate::nal::{self, IDR_SLICE, PICTURE_PARAMETERS, SEQUENCE_PARAMETERS};
use crate::{Clip, MediaError, Picture, yuv};

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
#[derive(Clone)]
pub(crate) struct CodedFrame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) key: bool,
}

/// Pictures from one that can be sought to the next in a video that stands still: the first of each
/// group and its successors are coded once and repeated.
const STILL_GROUP: u32 = 32;
/// The most bytes of a video that stands still, whose length and size a file of a few kilobytes may state.
const MAX_STILL_BYTES: u64 = 256 << 20;

/// Codes a clip's pictures at constant quality, without B-frames.
pub(crate) fn encode(clip: &Clip) -> Result<CodedVideo, MediaError> {
    let between = (clip.frame_rate() * SECONDS_BETWEEN_KEY_PICTURES).round().max(1.0) as u32;
    encode_group(clip.pictures(), clip.frame_rate(), between)
}

/// Codes a picture that is shown `count` times. However often that is, it costs no more than a
/// second of video: a group of coded pictures is repeated, each time from a key picture on.
pub(crate) fn encode_still(
    picture: &Picture,
    count: usize,
    frame_rate: f64,
) -> Result<CodedVideo, MediaError> {
    let group: Vec<&Picture> =
        std::iter::repeat_n(picture, count.min(STILL_GROUP as usize)).collect();
    let mut video = encode_group(&group, frame_rate, STILL_GROUP)?;
    let length = |frames: &[CodedFrame]| -> u64 {
        frames.iter().map(|frame| frame.bytes.len() as u64).sum()
    };
    let (groups, rest) = (count / group.len().max(1), count % group.len().max(1));
    let whole = length(&video.frames).saturating_mul(groups as u64);
    let bytes = whole.saturating_add(length(&video.frames[..rest.min(video.frames.len())]));
    if bytes > MAX_STILL_BYTES {
        return Err(MediaError::TooLarge {
            what: "the number of bytes of pictures that stand still",
            found: bytes,
            limit: MAX_STILL_BYTES,
        });
    }
    let frames = video.frames.iter().cycle().take(count).cloned().collect();
    video.frames = frames;
    Ok(video)
}

fn encode_group(
    pictures: &[impl Borrow<Picture>],
    frame_rate: f64,
    key_distance: u32,
) -> Result<CodedVideo, MediaError> {
    let Some(first) = pictures.first().map(Borrow::borrow) else {
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
    let config = configuration(frame_rate, key_distance, width, height);
    contained("H.264", || encode_pictures(pictures, config, width, height))
}

/// The encoder's settings. Main profile and CABAC: what every player decodes, at two thirds of the
/// bytes of Baseline. The preset is `Fast` because only its decisions come out alike with and
/// without vector instructions, so that every machine writes the same bytes. No lookahead: one
/// access unit a picture, nothing buffered.
fn configuration(frame_rate: f64, key_distance: u32, width: usize, height: usize) -> EncoderConfig {
    let mut config = EncoderConfig::baseline(width, height);
    config.profile = Profile::Main;
    config.cabac = true;
    config.preset = Preset::Fast;
    config.qp = QUANTISER;
    config.gop_size = key_distance;
    config.min_keyint = key_distance;
    config.framerate = frame_rate as f32;
    config
}

fn encode_pictures(
    pictures: &[impl Borrow<Picture>],
    config: EncoderConfig,
    width: usize,
    height: usize,
) -> Result<CodedVideo, MediaError> {
    let failed = |error| MediaError::encode("H.264", error);
    let mut encoder = Encoder::new(config).map_err(failed)?;
    let (mut sequence_parameters, mut picture_parameters) = (None, None);
    let mut frames = Vec::with_capacity(pictures.len());
    let mut last: Option<(&Picture, YuvFrame)> = None;
    for picture in pictures {
        let picture = picture.borrow();
        // Clips stand still for a while: what is as before need not be converted again.
        let planes = match last {
            Some((before, planes)) if before == picture => planes,
            _ => yuv::to_planes(picture),
        };
        let stream = encoder.try_encode(&planes).map_err(failed)?;
        last = Some((picture, planes));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_that_would_fill_the_memory_is_refused_before_it_is_repeated() {
        let black = Picture::filled(16, 16, [0; 3]).unwrap();
        let one = encode_still(&black, 100, 25.0).unwrap();
        assert_eq!(one.frames.len(), 100);
        let refused = encode_still(&black, 1 << 40, 25.0).err();
        assert!(matches!(refused, Some(MediaError::TooLarge { .. })), "{refused:?}");
    }
}
