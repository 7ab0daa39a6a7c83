//! Pixels and samples: decoding and encoding of PNG, JPEG, WAV and MP4.
//!
//! Media files come from outside and are never trusted: every decoder here answers with a typed
//! error, never a panic, and allocates no more than the limits in its documentation. Encoders are
//! deterministic: the same input gives the same bytes on every machine and in every build profile.

mod aac_encoder;
mod clip;
mod contain;
mod error;
mod h264_encoder;
mod image_file;
mod mp4_writer;
mod nal;
mod picture;
mod resample;
mod sound;
mod sound_file;
mod wav;
mod yuv;

pub use clip::{Clip, TimedPicture};
pub use error::MediaError;
pub use image_file::{decode_image, decode_png, encode_png};
pub use mp4_writer::encode_mp4;
pub use picture::{MAX_PIXELS, Picture};
pub use sound::{MAX_SAMPLE_RATE, MAX_SAMPLES, Sound};
pub use sound_file::{decode_audio, decode_wav};
pub use wav::encode_wav;
