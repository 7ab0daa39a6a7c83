//! H.264 to pictures, one MP4 sample at a time.

use rusty_h264::{DecodeError, Decoder, YuvFrame};

use crate::contain::contained;
use crate::h264_parameters::SequenceParameters;
use crate::mp4_movie::VideoCoding;
use crate::nal::{self, IDR_SLICE, SEQUENCE_PARAMETERS};
use crate::yuv::{self, ColourCoding};
use crate::{MediaError, Picture};

const START_CODE: [u8; 4] = [0, 0, 0, 1];
/// What would make undecodable video readable.
const CONVERT: &str = "convert the file to 8-bit progressive 4:2:0, for instance with \
    `ffmpeg -i IN -vf yadif=deint=interlaced -c:v libx264 -pix_fmt yuv420p OUT.mp4`, or install \
    ffmpeg and use it";

/// A decoder at some place of a video track.
pub(crate) struct VideoDecoder<'a> {
    coding: &'a VideoCoding,
    decoder: Decoder,
    colour: ColourCoding,
    /// The parameter sets have not gone in yet.
    fresh: bool,
}

impl<'a> VideoDecoder<'a> {
    pub(crate) fn new(coding: &'a VideoCoding) -> Self {
        Self {
            coding,
            decoder: Decoder::new(),
            colour: coding.colour.unwrap_or(ColourCoding::DEFAULT),
            fresh: true,
        }
    }

    /// Decodes the next sample; every sample is one picture.
    pub(crate) fn decode(&mut self, sample: &[u8], number: usize) -> Result<YuvFrame, MediaError> {
        let mut stream = Vec::with_capacity(sample.len() + 64);
        if std::mem::take(&mut self.fresh) {
            for unit in &self.coding.parameters {
                self.append(unit, &mut stream)?;
            }
        }
        for unit in units(sample, self.coding)? {
            self.append(unit, &mut stream)?;
        }
        let decoder = &mut self.decoder;
        let decoded = contained("H.264", || {
            decoder.decode(&stream).map_err(|error| match error {
                DecodeError::Unsupported(tool) => MediaError::Unsupported {
                    what: format!("H.264 with {tool}"),
                    hint: CONVERT.to_owned(),
                },
                other => MediaError::malformed("H.264", format!("in picture {number}: {other}")),
            })
        })?;
        decoded.ok_or_else(|| {
            MediaError::malformed("H.264", format!("sample {number} holds no whole picture"))
        })
    }

    /// The colours of a decoded picture.
    pub(crate) fn picture(
        &self,
        frame: &YuvFrame,
        quarter_turns: u8,
    ) -> Result<Picture, MediaError> {
        Ok(yuv::to_picture(frame, self.colour)?.turned(quarter_turns))
    }

    fn append(&mut self, unit: &[u8], stream: &mut Vec<u8>) -> Result<(), MediaError> {
        if nal::nal_type(unit) == Some(SEQUENCE_PARAMETERS) {
            self.colour = SequenceParameters::read(unit)?.colour(self.coding.colour);
        }
        stream.extend_from_slice(&START_CODE);
        stream.extend_from_slice(unit);
        Ok(())
    }
}

/// Whether decoding can start at this sample.
pub(crate) fn is_entry(sample: &[u8], coding: &VideoCoding) -> bool {
    units(sample, coding)
        .is_ok_and(|units| units.iter().any(|unit| nal::nal_type(unit) == Some(IDR_SLICE)))
}

/// Whether no other picture is predicted from this sample's, so that it can be left out.
pub(crate) fn is_disposable(sample: &[u8], coding: &VideoCoding) -> bool {
    /// `nal_ref_idc`: 0 where nothing refers to the unit.
    const REFERENCE: u8 = 0x60;
    let is_parameter = |unit: &[u8]| matches!(nal::nal_type(unit), Some(7 | 8));
    units(sample, coding).is_ok_and(|units| {
        units.iter().all(|unit| {
            unit.first().is_some_and(|byte| byte & REFERENCE == 0) && !is_parameter(unit)
        })
    })
}

fn units<'a>(sample: &'a [u8], coding: &VideoCoding) -> Result<Vec<&'a [u8]>, MediaError> {
    nal::split_lengths(sample, coding.length_bytes)
        .ok_or_else(|| MediaError::malformed("H.264", "a NAL unit reaches beyond its sample"))
}
