//! Pixels and samples: decoding and encoding of PNG, JPEG, WAV and MP4.
//!
//! Media files come from outside and are never trusted: every decoder here answers with a typed
//! error, never a panic, and allocates no more than the limits in its documentation. Encoders are
//! deterministic: the same input gives the same bytes on every machine and in every build profile.

mod aac_decoder;
mod aac_encoder;
mod allowance;
mod clip;
mod contain;
mod error;
mod ffmpeg;
mod format;
mod h264_decoder;
mod h264_encoder;
mod h264_parameters;
mod image_file;
mod mp4_boxes;
mod mp4_file;
mod mp4_movie;
mod mp4_samples;
mod mp4_timeline;
mod mp4_writer;
mod mpeg_audio;
mod nal;
mod outline;
mod picture;
mod remux;
mod resample;
mod sound;
mod sound_file;
mod wav;
mod whole;
mod yuv;

pub use allowance::Allowance;
pub use clip::{Clip, TimedPicture};
pub use error::MediaError;
pub use ffmpeg::{Ffmpeg, FfmpegInput};
pub use format::{Container, MediaFormat, MediumKind, RECOGNISED_BY};
pub use image_file::{decode_image, decode_png, encode_png};
pub use mp4_file::{
    Decoded, decode_mp4, frames_at, frames_within, sound_track, sound_track_within, visit_frames,
};
pub use mp4_writer::encode_mp4;
pub use outline::{PictureOutline, SoundOutline, VideoOutline};
pub use picture::{MAX_PIXELS, Picture};
pub use remux::{presented_seconds, with_black_pictures, with_sound, without_sound};
pub use sound::{MAX_SAMPLE_RATE, MAX_SAMPLES, Sound};
pub use sound_file::{decode_audio, decode_audio_within, decode_wav};
pub use wav::encode_wav;
pub use whole::{DecodedMedium, MAX_FILE_BYTES, check_file_bytes, check_whole, decode_medium};
