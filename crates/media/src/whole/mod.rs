//! Whether a medium is whole: of a known format, not cut off, and consistent with what its own
//! headers promise.
//!
//! Each format is checked as far as one pass over its bytes goes. Pictures are decoded, since
//! nothing else tells that they can be; sounds and videos are walked by their frames, pages, boxes
//! or chunks, with the checksums that are there, and FLAC, whose frames do not state their length,
//! is decoded. Decoding everything is for whoever has the time: [`decode_medium`].

mod ebml;
mod mp4;
mod ogg;
mod picture;
mod riff;

pub use decoded::{DecodedMedium, decode_medium};
pub(crate) use mp4::check as check_mp4;

mod decoded;

use crate::contain::contained;
use crate::{Allowance, Container, MediaError, MediaFormat, MediumKind, mpeg_audio, sound_file};

/// The largest file that is taken: what is larger no server takes in a request either.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// Refuses a file by its size, before it is read.
///
/// # Errors
///
/// [`MediaError::Empty`] without bytes, [`MediaError::TooLarge`] above [`MAX_FILE_BYTES`].
pub fn check_file_bytes(bytes: u64) -> Result<(), MediaError> {
    match bytes {
        0 => Err(MediaError::Empty),
        1..=MAX_FILE_BYTES => Ok(()),
        _ => Err(MediaError::TooLarge {
            what: "the file's number of bytes",
            found: bytes,
            limit: MAX_FILE_BYTES,
        }),
    }
}

/// What a whole file holds.
///
/// # Errors
///
/// [`MediaError::Empty`], [`MediaError::NotMedium`] or [`MediaError::Unsupported`] for what is no
/// medium that is taken; [`MediaError::Malformed`] for a file that is cut off or damaged;
/// [`MediaError::TooLarge`] above [`MAX_FILE_BYTES`] or [`MAX_PIXELS`](crate::MAX_PIXELS);
/// [`MediaError::OutOfMemory`] and [`MediaError::OutOfTime`] beyond the allowance.
pub fn check_whole(bytes: &[u8], allowance: &Allowance) -> Result<MediaFormat, MediaError> {
    check_file_bytes(bytes.len() as u64)?;
    let container = Container::of(bytes)?;
    let kind = match container {
        Container::Png | Container::Jpeg | Container::Gif | Container::WebP | Container::Bmp => {
            contained(container.name(), || picture::check(bytes, container, allowance))?;
            MediumKind::Picture
        }
        Container::Wav => {
            riff::check_wav(bytes)?;
            MediumKind::Sound
        }
        Container::Mp3 | Container::Adts => {
            mpeg_audio::check(bytes, container)?;
            MediumKind::Sound
        }
        Container::Flac => {
            sound_file::visit_sound(bytes, &mut |_| allowance.check_time())?;
            MediumKind::Sound
        }
        Container::Ogg => ogg::check(bytes)?,
        Container::Mp4 | Container::QuickTime => mp4::check(bytes)?,
        Container::WebM | Container::Matroska => ebml::check(bytes, container)?,
        Container::Avi => riff::check_avi(bytes)?,
    };
    Ok(MediaFormat { container, kind })
}

/// A file that ends before its own headers say it does.
fn cut_off(container: Container, what: &str, claimed: u64, found: u64) -> MediaError {
    MediaError::malformed(
        container.name(),
        format!("{what} claims {claimed} bytes, but {found} follow; the file is cut off"),
    )
}
