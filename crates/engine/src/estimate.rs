//! What a request will cost, before it is sent: rough, and said to be so.
//!
//! Tokens of text by characters, of media by kind and size. The rates are those of the Gemini
//! models for pictures (258 a tile), sound (32 a second) and video (263 a second with its sound);
//! seconds are taken from the file's size at usual bit rates, so an estimate may well be off by a
//! factor of two. It is used only until the server's own counts are there.

use std::path::Path;

use crate::Job;

const CHARACTERS_A_TOKEN: f64 = 4.0;
const IMAGE: f64 = 258.0;
const AUDIO_A_SECOND: f64 = 32.0;
const VIDEO_A_SECOND: f64 = 263.0;
/// 16 kHz, 16 bit, mono.
const WAV_BYTES_A_SECOND: f64 = 32_000.0;
/// 128 kbit/s.
const PACKED_AUDIO_BYTES_A_SECOND: f64 = 16_000.0;
/// 1 Mbit/s.
const VIDEO_BYTES_A_SECOND: f64 = 125_000.0;
/// The system line and the message's frame.
const FRAME: f64 = 20.0;
/// An answer of ordinary length.
pub(crate) const ANSWER: u64 = 100;

/// Tokens of a text, roughly.
#[must_use]
pub fn text_tokens(text: &str) -> u64 {
    (text.chars().count() as f64 / CHARACTERS_A_TOKEN).ceil() as u64
}

/// Bytes of media and prompt tokens of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Estimate {
    /// Bytes of its media files.
    pub(crate) media_bytes: u64,
    /// Bytes of its text.
    pub(crate) text_bytes: u64,
    /// Prompt tokens, roughly.
    pub(crate) tokens_in: u64,
    /// Of these, tokens of sound.
    pub(crate) tokens_audio: u64,
}

impl Estimate {
    /// Looks at the files' sizes, not into them. With the `gateway` profile, audio clips beside a
    /// video are not sent; the other profiles send about the same amount of sound, taken from the
    /// video.
    pub(crate) fn of(job: &Job) -> Self {
        let mut tokens = FRAME + text_tokens(&job.text) as f64;
        let mut sound = 0.0;
        let mut media_bytes = 0;
        if let Ok(media) = &job.media {
            tokens += media.images.len() as f64 * IMAGE;
            for path in &media.images {
                media_bytes += size(path);
            }
            let audios = if media.video.is_some() { &[][..] } else { &media.audios[..] };
            for path in audios {
                let bytes = size(path);
                media_bytes += bytes;
                let is_wav = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav"));
                let rate = if is_wav { WAV_BYTES_A_SECOND } else { PACKED_AUDIO_BYTES_A_SECOND };
                sound += bytes as f64 / rate * AUDIO_A_SECOND;
            }
            if let Some(path) = &media.video {
                let bytes = size(path);
                media_bytes += bytes;
                let seconds = bytes as f64 / VIDEO_BYTES_A_SECOND;
                sound += seconds * AUDIO_A_SECOND;
                tokens += seconds * (VIDEO_A_SECOND - AUDIO_A_SECOND);
            }
        }
        Self {
            media_bytes,
            text_bytes: job.text.len() as u64,
            tokens_in: (tokens + sound).ceil() as u64,
            tokens_audio: sound as u64,
        }
    }
}

/// A file that is gone costs nothing: it will be rejected.
fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
