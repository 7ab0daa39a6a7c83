//! Still pictures in files: PNG out, PNG and JPEG in.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
};

use crate::picture::checked_pixels;
use crate::{Allowance, MediaError, Picture, PictureOutline};

/// Bytes a decoder may allocate beside the picture: enough for 16-bit RGBA of the largest one.
const MAX_DECODER_BYTES: u64 = 8 * crate::MAX_PIXELS;

/// Writes a PNG: RGB, 8 bits, no metadata.
///
/// # Errors
///
/// [`MediaError::Encode`] when the encoder refuses, which no valid picture makes it do.
pub fn encode_png(picture: &Picture) -> Result<Vec<u8>, MediaError> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(picture.rgb(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(|error| MediaError::encode("PNG", error))?;
    Ok(png)
}

/// Reads a PNG of any colour type; alpha is laid over black, 16 bits are rounded to 8.
///
/// # Errors
///
/// [`MediaError::Malformed`] for anything but a PNG, [`MediaError::TooLarge`] above
/// [`MAX_PIXELS`](crate::MAX_PIXELS).
pub fn decode_png(png: &[u8]) -> Result<Picture, MediaError> {
    decode_as(png, ImageFormat::Png, "PNG")
}

/// Reads a PNG or a JPEG, whichever the first bytes say; a JPEG's EXIF orientation is applied.
///
/// # Errors
///
/// [`MediaError::Unsupported`] for another known picture format, otherwise as [`decode_png`].
pub fn decode_image(bytes: &[u8]) -> Result<Picture, MediaError> {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => decode_as(bytes, ImageFormat::Png, "PNG"),
        Ok(ImageFormat::Jpeg) => decode_as(bytes, ImageFormat::Jpeg, "JPEG"),
        Ok(other) => Err(MediaError::Unsupported {
            what: format!("picture format {other:?}"),
            hint: "convert the file to PNG or JPEG".to_owned(),
        }),
        Err(_) => Err(MediaError::malformed("picture", "its first bytes name no known format")),
    }
}

/// Decodes a picture of a format that `image` reads.
pub(crate) fn decode_as(
    bytes: &[u8],
    format: ImageFormat,
    name: &'static str,
) -> Result<Picture, MediaError> {
    let malformed = |error| MediaError::malformed(name, error);
    let mut decoder = decoder_of(bytes, format, name)?;
    let orientation = decoder.orientation().map_err(malformed)?;
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(malformed)?;
    decoded.apply_orientation(orientation);
    let rgb = over_black(decoded);
    Picture::new(rgb.width(), rgb.height(), rgb.into_raw())
}

/// Decodes a picture of a format that `image` reads and lets go of it at once: it only shows that it
/// can be.
pub(crate) fn decode_pixels(
    bytes: &[u8],
    format: ImageFormat,
    name: &'static str,
    allowance: &Allowance,
) -> Result<(), MediaError> {
    let decoder = decoder_of(bytes, format, name)?;
    let (width, height) = decoder.dimensions();
    allowance.check_memory(Allowance::for_picture(PictureOutline { width, height }))?;
    // At most 8 bytes for each of a bounded number of pixels.
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(|error| MediaError::malformed(name, error))
}

/// A decoder that has read the header of a picture of an acceptable size.
fn decoder_of<'a>(
    bytes: &'a [u8],
    format: ImageFormat,
    name: &'static str,
) -> Result<impl ImageDecoder + 'a, MediaError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| MediaError::malformed(name, error))?;
    let (width, height) = decoder.dimensions();
    checked_pixels(width, height)?;
    Ok(decoder)
}

/// Drops alpha by laying the picture over black, as a player without a background does.
fn over_black(decoded: DynamicImage) -> image::RgbImage {
    if !decoded.color().has_alpha() {
        return decoded.into_rgb8();
    }
    let rgba = decoded.into_rgba8();
    image::RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [red, green, blue, alpha] = rgba.get_pixel(x, y).0;
        let shade = |channel| ((u16::from(channel) * u16::from(alpha) + 127) / 255) as u8;
        image::Rgb([shade(red), shade(green), shade(blue)])
    })
}
