//! Pictures: every chunk or block to the end of the file, and all pixels decoded.

use std::io::Cursor;

use image::{AnimationDecoder as _, ImageFormat};
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;

use super::{cut_off, riff};
use crate::image_file::decode_pixels;
use crate::picture::checked_pixels;
use crate::{Allowance, Container, MAX_PIXELS, MediaError, PictureOutline};

/// Frames of an animation that are decoded; the structure of all is checked.
const MAX_FRAMES: usize = 1;
/// Scans of the largest picture: progressive JPEGs have about ten, each of which goes over all pixels
/// again. Smaller pictures may have more in proportion.
const MAX_SCANS: u64 = 16;

fn malformed(container: Container, reason: impl ToString) -> MediaError {
    MediaError::malformed(container.name(), reason)
}

pub(super) fn check(
    bytes: &[u8],
    container: Container,
    allowance: &Allowance,
) -> Result<(), MediaError> {
    allowance.check_time()?;
    match container {
        Container::Png => {
            check_png(bytes)?;
            decode_pixels(bytes, ImageFormat::Png, "PNG", allowance)
        }
        Container::Jpeg => {
            let scans = check_jpeg(bytes)?;
            decode_jpeg(bytes, scans, allowance)
        }
        Container::Gif => {
            check_gif(bytes)?;
            decode_gif(bytes, allowance)
        }
        Container::WebP => {
            riff::check_size(bytes, container)?;
            decode_pixels(bytes, ImageFormat::WebP, "WebP", allowance)
        }
        _ => {
            check_bmp(bytes)?;
            decode_pixels(bytes, ImageFormat::Bmp, "BMP", allowance)
        }
    }
}

/// Chunks with their checksums, from IHDR to IEND (PNG, 5). What follows IEND is passed over, as
/// by all readers.
fn check_png(bytes: &[u8]) -> Result<(), MediaError> {
    let png = |reason: String| malformed(Container::Png, reason);
    let mut rest = bytes.get(8..).unwrap_or_default();
    let mut has_pixels = false;
    for number in 0.. {
        let Some((header, after)) = rest.split_at_checked(8) else {
            return Err(
                png("it ends before its last chunk (IEND); the file is cut off".to_owned()),
            );
        };
        let (length, kind) = header.split_at(4);
        let length = length.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        let name = String::from_utf8_lossy(kind);
        let needed = usize::try_from(length + 4).unwrap_or(usize::MAX);
        let Some((chunk, after)) = after.split_at_checked(needed) else {
            let found = after.len() as u64;
            return Err(cut_off(Container::Png, "a chunk of it", length + 4, found));
        };
        if (number == 0) != (kind == b"IHDR") {
            return Err(png(format!("its chunk {number} is {name}, where another belongs")));
        }
        let (data, sum) = chunk.split_at(chunk.len() - 4);
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(kind);
        checksum.update(data);
        if sum != checksum.finalize().to_be_bytes() {
            return Err(png(format!("its chunk {number} ({name}) is damaged")));
        }
        if kind == b"IHDR" {
            let side = |at: usize| {
                data.get(at..at + 4).map_or(0, |side| {
                    side.iter().fold(0, |side, byte| side << 8 | u32::from(*byte))
                })
            };
            checked_pixels(side(0), side(4))?;
        }
        has_pixels |= kind == b"IDAT";
        if kind == b"IEND" {
            return if has_pixels { Ok(()) } else { Err(png("it has no pixels".to_owned())) };
        }
        rest = after;
    }
    Ok(())
}

/// Segments and scans from SOI to EOI (ITU-T T.81, B.1.1); the number of scans.
fn check_jpeg(bytes: &[u8]) -> Result<u64, MediaError> {
    const FILL: u8 = 0xff;
    let jpeg = |reason: &str| malformed(Container::Jpeg, reason);
    let cut = || jpeg("it ends before its end mark; the file is cut off");
    let mut at = 2;
    let mut in_scan = false;
    let mut scans = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let skipped = rest.iter().position(|byte| *byte == FILL).ok_or_else(cut)?;
        if skipped > 0 && !in_scan {
            return Err(jpeg("a segment does not begin where it should"));
        }
        at += skipped + 1;
        match *bytes.get(at).ok_or_else(cut)? {
            // A stuffed byte, restarts, fill bytes.
            0 if in_scan => at += 1,
            0xd0..=0xd7 | 0x01 => at += 1,
            FILL => {}
            0xd9 if scans > 0 => return Ok(scans),
            0xd9 => return Err(jpeg("it has no pixels")),
            marker => {
                let length = bytes.get(at + 1..at + 3).ok_or_else(cut)?;
                let length = usize::from(length[0]) << 8 | usize::from(length[1]);
                at += 1 + length.max(2);
                in_scan = marker == 0xda;
                scans += u64::from(in_scan);
            }
        }
    }
}

/// Decodes strictly: what is missing is an error, where viewers show grey.
fn decode_jpeg(bytes: &[u8], scans: u64, allowance: &Allowance) -> Result<(), MediaError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| malformed(Container::Jpeg, error))?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let pixels = check_size(width as u32, height as u32, allowance)?;
    if scans * pixels > MAX_SCANS * MAX_PIXELS {
        return Err(MediaError::TooLarge {
            what: "the picture's number of pixels in all its scans",
            found: scans * pixels,
            limit: MAX_SCANS * MAX_PIXELS,
        });
    }
    decoder.decode().map(drop).map_err(|error| malformed(Container::Jpeg, error))
}

/// Blocks to the trailer (sections 12 to 27 of the format).
fn check_gif(bytes: &[u8]) -> Result<(), MediaError> {
    let gif = |reason: &str| malformed(Container::Gif, reason);
    let cut = || gif("it ends before its trailer; the file is cut off");
    let byte = |at: usize| bytes.get(at).copied().ok_or_else(cut);
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 6_usize << (flags & 7) };
    let mut at = 13 + colours(byte(10)?);
    let mut has_pixels = false;
    loop {
        match byte(at)? {
            b'!' => at += 2,
            b',' => {
                has_pixels = true;
                at += 11 + colours(byte(at + 9)?);
            }
            b';' if has_pixels => return Ok(()),
            b';' => return Err(gif("it has no pixels")),
            _ => return Err(gif("a block does not begin where it should")),
        }
        loop {
            let length = usize::from(byte(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}

fn decode_gif(bytes: &[u8], allowance: &Allowance) -> Result<(), MediaError> {
    let gif = |error| malformed(Container::Gif, error);
    // The size in the header bounds all frames.
    let side = |at: usize| {
        bytes.get(at..at + 2).map_or(0, |side| u32::from(side[0]) | u32::from(side[1]) << 8)
    };
    check_size(side(6), side(8), allowance)?;
    let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(bytes)).map_err(gif)?;
    for frame in decoder.into_frames().take(MAX_FRAMES) {
        frame.map_err(gif)?;
    }
    Ok(())
}

/// Refuses sizes that no picture has, and those for which there is no memory; the number of pixels.
fn check_size(width: u32, height: u32, allowance: &Allowance) -> Result<u64, MediaError> {
    let pixels = checked_pixels(width, height)?;
    allowance.check_memory(Allowance::for_picture(PictureOutline { width, height }))?;
    Ok(pixels)
}

fn check_bmp(bytes: &[u8]) -> Result<(), MediaError> {
    let Some(claimed) = bytes.get(2..6) else {
        return Err(malformed(Container::Bmp, "it ends within its header"));
    };
    let claimed = claimed.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte));
    let found = bytes.len() as u64;
    // Some writers leave the size out.
    if claimed > found {
        return Err(cut_off(Container::Bmp, "its header", claimed, found));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Picture, encode_png};

    const JPEG: &[u8] = include_bytes!("../../tests/clips/halves.jpg");

    fn check(bytes: &[u8], container: Container) -> Result<(), MediaError> {
        super::check(bytes, container, &Allowance::default())
    }

    fn png() -> Vec<u8> {
        let rgb = (0..40 * 30 * 3).map(|at| (at * 7 % 251) as u8).collect();
        encode_png(&Picture::new(40, 30, rgb).unwrap()).unwrap()
    }

    #[test]
    fn a_png_is_whole_to_its_last_byte() {
        let whole = png();
        check(&whole, Container::Png).unwrap();
        check(&[&whole[..], b"tail"].concat(), Container::Png).unwrap();
        for length in 8..whole.len() {
            assert!(check(&whole[..length], Container::Png).is_err(), "{length}");
        }
        for at in (8..whole.len()).step_by(5) {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            assert!(check(&damaged, Container::Png).is_err(), "{at}");
        }
    }

    #[test]
    fn a_png_that_claims_to_be_huge_is_refused_by_its_header() {
        let mut header = b"IHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0".to_vec();
        let sum = crc32fast::hash(&header);
        header.extend_from_slice(&sum.to_be_bytes());
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\x0d", &header[..]].concat();
        assert!(matches!(check(&png, Container::Png), Err(MediaError::TooLarge { .. })));
    }

    #[test]
    fn a_jpeg_is_whole_to_its_end_mark() {
        check(JPEG, Container::Jpeg).unwrap();
        for length in 2..JPEG.len() {
            assert!(check(&JPEG[..length], Container::Jpeg).is_err(), "{length}");
        }
        // What precedes the pixels is gone.
        let scan = JPEG.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
        assert!(check(&[&JPEG[..20], &JPEG[scan..]].concat(), Container::Jpeg).is_err());
    }

    #[test]
    fn a_jpeg_of_many_scans_over_many_pixels_is_refused_before_it_is_decoded() {
        let scan = JPEG.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
        let size = JPEG.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap() + 5;
        let of = |side: u16, scans: usize| {
            let mut head = JPEG[..scan].to_vec();
            head[size..size + 2].copy_from_slice(&side.to_be_bytes());
            head[size + 2..size + 4].copy_from_slice(&side.to_be_bytes());
            let scans = JPEG[scan..JPEG.len() - 2].repeat(scans);
            check(&[&head[..], &scans, &[0xff, 0xd9]].concat(), Container::Jpeg)
        };
        let refused = of(8_000, 17).unwrap_err().to_string();
        assert!(refused.contains("pixels in all its scans is 1088000000"), "{refused}");
        assert!(matches!(of(16, 2), Err(MediaError::Malformed { .. }) | Ok(())));
    }

    #[test]
    fn a_picture_that_needs_more_than_its_allowance_is_refused_before_it_is_decoded() {
        let rgb = image::RgbaImage::new(9, 7);
        let mut gif = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
        encoder.encode_frame(image::Frame::new(rgb)).unwrap();
        drop(encoder);
        for (bytes, container, pixels) in [
            (png(), Container::Png, 40 * 30),
            (JPEG.to_vec(), Container::Jpeg, 32 * 32),
            (gif, Container::Gif, 9 * 7),
        ] {
            let within = |memory| {
                let allowance = Allowance { memory, ..Allowance::default() };
                super::check(&bytes, container, &allowance)
            };
            within(12 * pixels).unwrap();
            let error = within(12 * pixels - 1).unwrap_err();
            assert!(matches!(error, MediaError::OutOfMemory { .. }), "{container:?}: {error}");
        }
        let deadline = Some(std::time::Instant::now());
        let late =
            super::check(&png(), Container::Png, &Allowance { deadline, ..Allowance::default() });
        assert_eq!(late, Err(MediaError::OutOfTime));
    }

    #[test]
    fn gif_and_bmp_are_whole_to_their_end() {
        let rgb =
            image::RgbaImage::from_fn(9, 7, |x, y| image::Rgba([x as u8 * 20, y as u8, 0, 255]));
        let mut gif = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
        encoder.encode_frame(image::Frame::new(rgb.clone())).unwrap();
        encoder.encode_frame(image::Frame::new(rgb)).unwrap();
        drop(encoder);
        check(&gif, Container::Gif).unwrap();
        for length in 6..gif.len() {
            assert!(check(&gif[..length], Container::Gif).is_err(), "{length}");
        }
        let mut bmp = Vec::new();
        image::codecs::bmp::BmpEncoder::new(&mut bmp)
            .encode(&[100; 60], 5, 4, image::ExtendedColorType::Rgb8)
            .unwrap();
        check(&bmp, Container::Bmp).unwrap();
        for length in 6..bmp.len() {
            assert!(check(&bmp[..length], Container::Bmp).is_err(), "{length}");
        }
    }
}
