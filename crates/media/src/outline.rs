//! What a file holds, by its headers alone: the size of a picture, the length of a sound, both of
//! a video. Nothing is decoded, so this costs a few reads even for long clips.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use image::ImageReader;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::contain::contained;
use crate::mp4_movie::{MovieOutline, is_mp4};
use crate::{MAX_PIXELS, MediaError};

/// The largest MP4 index that is read: an hour of video has less than a tenth of it.
const MAX_INDEX_BYTES: u64 = 64 << 20;
/// Boxes of a file that are looked at in search of its index.
const MAX_BOXES: usize = 100_000;
/// The highest sample rate that AAC has, in Hz.
const MAX_AAC_RATE: f64 = 96_000.0;

/// A picture's size in pixels, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureOutline {
    /// Pixels from left to right, at least 1.
    pub width: u32,
    /// Pixels from top to bottom, at least 1.
    pub height: u32,
}

/// A video's tracks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VideoOutline {
    /// The size of its pictures; rotated tracks are measured upright.
    pub picture: PictureOutline,
    /// Length of the picture track in seconds, above 0.
    pub seconds: f64,
    /// Length of the sound track in seconds; `None` without one.
    pub sound_seconds: Option<f64>,
}

/// How long a sound is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundOutline {
    /// Length in seconds.
    pub seconds: f64,
    /// Samples that decoding it gives at most.
    pub most_samples: u64,
}

impl PictureOutline {
    /// Reads the size in a PNG's or JPEG's header.
    ///
    /// # Errors
    ///
    /// [`MediaError::Malformed`] for an unreadable file or one of another format.
    pub fn read(path: &Path) -> Result<Self, MediaError> {
        let malformed = |error: String| MediaError::malformed("picture", error);
        let reader = ImageReader::open(path)
            .and_then(ImageReader::with_guessed_format)
            .map_err(|error| malformed(error.to_string()))?;
        let (width, height) =
            reader.into_dimensions().map_err(|error| malformed(error.to_string()))?;
        Self::new(width, height).ok_or_else(|| malformed(format!("it is {width}x{height}")))
    }

    /// `None` for sizes that no picture has.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let pixels = u64::from(width) * u64::from(height);
        (1..=MAX_PIXELS).contains(&pixels).then_some(Self { width, height })
    }

    /// The size after shrinking to at most `side` pixels on the longer side; smaller pictures
    /// stay as they are.
    #[must_use]
    pub fn shrunk_to(self, side: u32) -> Self {
        let longer = self.width.max(self.height);
        if longer <= side {
            return self;
        }
        let scale = f64::from(side) / f64::from(longer);
        let shrunk = |length| ((f64::from(length) * scale).round() as u32).max(1);
        Self { width: shrunk(self.width), height: shrunk(self.height) }
    }
}

impl VideoOutline {
    /// Reads the index (moov box) of an MP4.
    ///
    /// # Errors
    ///
    /// [`MediaError::Malformed`] for an unreadable, foreign or damaged file and for one that does
    /// not state its length, as fragmented files may; [`MediaError::NoTrack`] without a picture
    /// track.
    pub fn read(path: &Path) -> Result<Self, MediaError> {
        let unreadable = |error: std::io::Error| MediaError::malformed("MP4", error);
        let file = File::open(path).map_err(unreadable)?;
        let index = index_of(BufReader::new(file)).map_err(unreadable)?;
        let index = index.ok_or_else(|| {
            MediaError::malformed("MP4", "it has no index (moov box) where one belongs")
        })?;
        let outline = MovieOutline::read(&index)?;
        let (width, height, seconds) = outline.video.ok_or(MediaError::NoTrack("picture"))?;
        let picture =
            PictureOutline::new(width, height).filter(|_| seconds > 0.0).ok_or_else(|| {
                MediaError::malformed("MP4", "its index does not state size and length")
            })?;
        Ok(Self { picture, seconds, sound_seconds: outline.sound_seconds })
    }
}

impl SoundOutline {
    /// Reads the length that the header of a sound file states.
    ///
    /// # Errors
    ///
    /// [`MediaError::Malformed`] for an unreadable or foreign file and for one whose header does not
    /// say, as of some MP3 files; [`MediaError::NoTrack`] for a file without sound.
    pub fn read(path: &Path) -> Result<Self, MediaError> {
        read_sound(path)
    }

    /// A sound track of so many seconds in an MP4, whose index states them roughly and the rate not
    /// at all.
    #[must_use]
    pub fn of_track(seconds: f64) -> Self {
        let longest = seconds * 1.25 + 2.0;
        Self { seconds, most_samples: (longest * MAX_AAC_RATE).ceil() as u64 }
    }
}

fn read_sound(path: &Path) -> Result<SoundOutline, MediaError> {
    let malformed = |error: String| MediaError::malformed("audio", error);
    let mut file = File::open(path).map_err(|error| malformed(error.to_string()))?;
    let mut beginning = [0; 8];
    let is_movie = file.read_exact(&mut beginning).is_ok() && is_mp4(&beginning);
    file.rewind().map_err(|error| malformed(error.to_string()))?;
    if is_movie {
        let index = index_of(BufReader::new(file)).map_err(|error| malformed(error.to_string()))?;
        let index = index.ok_or_else(|| malformed("it has no index (moov box)".to_owned()))?;
        let seconds = MovieOutline::read(&index)?.sound_seconds;
        return seconds.map(SoundOutline::of_track).ok_or(MediaError::NoTrack("sound"));
    }
    contained("audio", move || {
        let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| malformed(error.to_string()))?;
        let track = format.default_track(TrackType::Audio).ok_or(MediaError::NoTrack("sound"))?;
        let rate = match &track.codec_params {
            Some(CodecParameters::Audio(parameters)) => parameters.sample_rate,
            _ => None,
        };
        match (track.num_frames, rate) {
            (Some(frames), Some(rate)) if rate > 0 => {
                Ok(SoundOutline { seconds: frames as f64 / f64::from(rate), most_samples: frames })
            }
            _ => Err(malformed("its header does not state how long it is".to_owned())),
        }
    })
}

/// The payload of a file's moov box; `None` if it has none.
fn index_of(mut file: impl Read + Seek) -> std::io::Result<Option<Vec<u8>>> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        if at + 8 > length {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let [a, b, c, d, kind @ ..] = header;
        let (size, header_bytes) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (length - at, 8),
            1 => {
                let mut size = [0; 8];
                file.read_exact(&mut size)?;
                (u64::from_be_bytes(size), 16)
            }
            size => (u64::from(size), 8),
        };
        if size < header_bytes {
            return Ok(None);
        }
        if kind == *b"moov" {
            let payload = size - header_bytes;
            if payload > MAX_INDEX_BYTES || at + size > length {
                return Ok(None);
            }
            let mut index = vec![0; payload as usize];
            file.read_exact(&mut index)?;
            return Ok(Some(index));
        }
        at = at.saturating_add(size);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clip, Picture, Sound, encode_mp4, encode_png, encode_wav};

    fn file(name: &str, bytes: &[u8]) -> (std::path::PathBuf, impl Drop + use<>) {
        struct Removed(std::path::PathBuf);
        impl Drop for Removed {
            fn drop(&mut self) {
                let _ = std::fs::remove_file(&self.0);
            }
        }
        let path = std::env::temp_dir().join(format!("avibench-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        (path.clone(), Removed(path))
    }

    fn tone(seconds: f64) -> Sound {
        let samples = (0..(16_000.0 * seconds) as u32).map(|i| (i as f32 * 0.1).sin()).collect();
        Sound::new(16_000, samples).unwrap()
    }

    #[test]
    fn a_clip_says_how_large_and_long_it_is() {
        let pictures = || vec![Picture::filled(64, 48, [9, 9, 9]).unwrap(); 15];
        let outline = |sound, name| {
            let clip = Clip::new(pictures(), 10.0, sound).unwrap();
            let (path, _guard) = file(name, &encode_mp4(&clip).unwrap());
            VideoOutline::read(&path).unwrap()
        };
        let silent = outline(None, "silent.mp4");
        assert_eq!(silent.picture, PictureOutline { width: 64, height: 48 });
        assert!((silent.seconds - 1.5).abs() < 0.01, "{silent:?}");
        assert_eq!(silent.sound_seconds, None);
        let heard = outline(Some(tone(1.5)), "heard.mp4").sound_seconds.unwrap();
        assert!((heard - 1.5).abs() < 0.15, "{heard}");
    }

    #[test]
    fn sounds_and_pictures_say_it_too() {
        let (wav, _guard) = file("a.wav", &encode_wav(&tone(0.75)).unwrap());
        assert!((SoundOutline::read(&wav).unwrap().seconds - 0.75).abs() < 1e-6);
        let picture = Picture::filled(31, 17, [1, 2, 3]).unwrap();
        let (png, _guard) = file("a.png", &encode_png(&picture).unwrap());
        let outline = PictureOutline::read(&png).unwrap();
        assert_eq!(outline, PictureOutline { width: 31, height: 17 });
        assert_eq!(outline.shrunk_to(31), outline);
        assert_eq!(outline.shrunk_to(10), PictureOutline { width: 10, height: 5 });
    }

    #[test]
    fn damage_is_an_error() {
        let clip = Clip::new(vec![Picture::filled(16, 16, [0; 3]).unwrap(); 3], 5.0, None).unwrap();
        let mp4 = encode_mp4(&clip).unwrap();
        for length in (0..mp4.len()).step_by(13) {
            let (path, _guard) = file("cut.mp4", &mp4[..length]);
            let _ = VideoOutline::read(&path);
            let _ = SoundOutline::read(&path);
        }
        let (path, _guard) = file("foreign.mp4", b"\0\0\0\x20ftypisom, and then nothing");
        assert!(matches!(VideoOutline::read(&path), Err(MediaError::Malformed { .. })));
        assert!(PictureOutline::read(&path).is_err());
        assert!(SoundOutline::read(&path).is_err());
    }
}
