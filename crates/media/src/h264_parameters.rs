//! What a sequence parameter set says about size, memory and colour (ITU-T H.264, 7.3.2.1.1 and
//! E.1.1).
//!
//! Read before the decoder is, to bound its memory and because it does not tell the colour coding.

use crate::MediaError;
use crate::yuv::{ColourCoding, Matrix};

/// Macroblocks (16x16 pixels) in a picture and in all reference pictures: level 5.2 (table A-1),
/// which is 4096x2304.
pub(crate) const MAX_MACROBLOCKS: u64 = 36_864;
const MAX_REFERENCE_MACROBLOCKS: u64 = 184_320;
/// Profiles whose parameter sets state the chroma format and scaling lists.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// The parts of a sequence parameter set that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SequenceParameters {
    macroblocks: u64,
    reference_pictures: u64,
    /// Matrix coefficients, if stated.
    matrix: Option<Matrix>,
    /// Luma range, if stated.
    full_range: Option<bool>,
}

impl SequenceParameters {
    /// Reads a NAL unit of type 7.
    ///
    /// # Errors
    ///
    /// [`MediaError::Malformed`] when it ends early, [`MediaError::TooLarge`] beyond level 5.2.
    pub(crate) fn read(nal: &[u8]) -> Result<Self, MediaError> {
        let payload = without_emulation_prevention(nal.get(1..).unwrap_or_default());
        let read = parse(&mut Bits { bytes: &payload, at: 0 })
            .ok_or_else(|| MediaError::malformed("H.264", "its sequence parameters end early"))?;
        limit("macroblocks in a video picture", read.macroblocks, MAX_MACROBLOCKS)?;
        limit(
            "macroblocks in a video's reference pictures",
            read.macroblocks.saturating_mul(read.reference_pictures),
            MAX_REFERENCE_MACROBLOCKS,
        )?;
        Ok(read)
    }

    /// The colour coding, where this says nothing taken from the container or the usual one.
    pub(crate) fn colour(&self, container: Option<ColourCoding>) -> ColourCoding {
        let otherwise = container.unwrap_or(ColourCoding::DEFAULT);
        ColourCoding {
            matrix: self.matrix.unwrap_or(otherwise.matrix),
            full_range: self.full_range.unwrap_or(otherwise.full_range),
        }
    }
}

fn limit(what: &'static str, found: u64, limit: u64) -> Result<(), MediaError> {
    if found > limit { Err(MediaError::TooLarge { what, found, limit }) } else { Ok(()) }
}

fn parse(bits: &mut Bits<'_>) -> Option<SequenceParameters> {
    let profile = bits.fixed(8)?;
    bits.fixed(16)?; // constraints and level
    bits.unsigned()?; // its number
    if HIGH_PROFILES.contains(&profile) {
        if bits.unsigned()? == 3 {
            bits.flag()?;
        }
        bits.unsigned()?; // luma depth
        bits.unsigned()?; // chroma depth
        bits.flag()?;
        if bits.flag()? {
            // Of the lists that are there, 4:2:0 video has six small and two large ones.
            for list in 0..8 {
                if bits.flag()? {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.unsigned()?; // bits of the frame number
    match bits.unsigned()? {
        0 => {
            bits.unsigned()?;
        }
        1 => {
            bits.flag()?;
            bits.unsigned()?;
            bits.unsigned()?;
            for _ in 0..bits.unsigned()? {
                bits.unsigned()?;
            }
        }
        _ => {}
    }
    let reference_pictures = u64::from(bits.unsigned()?);
    bits.flag()?;
    let columns = u64::from(bits.unsigned()?) + 1;
    let rows = u64::from(bits.unsigned()?) + 1;
    let frames_only = bits.flag()?;
    if !frames_only {
        bits.flag()?;
    }
    bits.flag()?;
    if bits.flag()? {
        for _ in 0..4 {
            bits.unsigned()?; // cropping, which the decoder does
        }
    }
    let (matrix, full_range) = if bits.flag()? { colour_description(bits)? } else { (None, None) };
    let macroblocks = columns * rows * if frames_only { 1 } else { 2 };
    Some(SequenceParameters { macroblocks, reference_pictures, matrix, full_range })
}

/// The beginning of the video usability information.
fn colour_description(bits: &mut Bits<'_>) -> Option<(Option<Matrix>, Option<bool>)> {
    const EXTENDED_ASPECT_RATIO: u32 = 255;
    if bits.flag()? && bits.fixed(8)? == EXTENDED_ASPECT_RATIO {
        bits.fixed(32)?;
    }
    if bits.flag()? {
        bits.flag()?; // overscan
    }
    if !bits.flag()? {
        return Some((None, None));
    }
    bits.fixed(3)?; // kind of video
    let full_range = bits.flag()?;
    let matrix = if bits.flag()? {
        bits.fixed(16)?; // primaries and transfer
        Some(Matrix::from_code(bits.fixed(8)?))
    } else {
        None
    };
    Some((matrix, Some(full_range)))
}

fn skip_scaling_list(bits: &mut Bits<'_>, entries: usize) -> Option<()> {
    let (mut last, mut next) = (8_i64, 8_i64);
    for _ in 0..entries {
        if next != 0 {
            next = (last + bits.signed()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Drops the 3 of each 0 0 3, which keeps start codes out of payloads (7.4.1.1).
fn without_emulation_prevention(bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        payload.push(byte);
    }
    payload
}

/// Reads bits from the highest down.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// At most 32 bits.
    fn fixed(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0_u32, |sum, _| Some(sum << 1 | u32::from(self.flag()?)))
    }

    /// An Exp-Golomb code (9.1).
    fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.fixed(zeros)?)
    }

    /// A signed Exp-Golomb code (9.1.1).
    fn signed(&mut self) -> Option<i64> {
        let code = i64::from(self.unsigned()?);
        Some(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1280x720, High, BT.709 and full range, written by x264.
    const FULL_RANGE_709: &[u8] = &[
        0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x6e, 0x02, 0x02, 0x02,
        0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb,
    ];

    #[test]
    fn exp_golomb_codes_are_those_of_the_standard() {
        // 1, 010, 011, 00100, 00101
        let mut bits = Bits { bytes: &[0b1010_0110, 0b0100_0010, 0b1000_0000], at: 0 };
        let read: Vec<_> = (0..5).map(|_| bits.unsigned().unwrap()).collect();
        assert_eq!(read, [0, 1, 2, 3, 4]);
        let mut bits = Bits { bytes: &[0b1010_0110, 0b0100_0010, 0b1000_0000], at: 0 };
        let read: Vec<_> = (0..5).map(|_| bits.signed().unwrap()).collect();
        assert_eq!(read, [0, 1, -1, 2, -2]);
        assert_eq!(Bits { bytes: &[0; 8], at: 0 }.unsigned(), None);
    }

    #[test]
    fn sizes_and_colours_are_read() {
        let read = SequenceParameters::read(FULL_RANGE_709).unwrap();
        assert_eq!(read.macroblocks, 80 * 45);
        assert_eq!(read.matrix, Some(Matrix::Bt709));
        assert_eq!(read.full_range, Some(true));
    }

    #[test]
    fn every_truncation_is_an_error_or_reads_less() {
        for length in 0..12 {
            assert!(SequenceParameters::read(&FULL_RANGE_709[..length]).is_err(), "{length}");
        }
    }
}
