//! Sounds made from nothing: tones, noise, beats, and the track they stand on.

mod filter;
mod track;
mod voice;

pub(crate) use filter::low_pass;
pub(crate) use track::{SAMPLE_RATE, Track};
pub(crate) use voice::{Timbre, beat, melody, noise, note, rms, tone};
