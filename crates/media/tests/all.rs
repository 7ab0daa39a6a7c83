//! Codecs and containers: clips of other programs, round trips, damaged and hostile files. One program, because each links everything that is tested.

mod clips;
mod ffmpeg;
mod hostile;
mod remux;
mod round_trip;
