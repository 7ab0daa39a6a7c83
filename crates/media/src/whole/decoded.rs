//! Everything that a medium holds, decoded once from beginning to end and summed up.

use std::io::Cursor;
use std::ops::ControlFlow;

use image::ImageReader;

use super::check_whole;
use crate::sound_file::visit_sound;
use crate::{Allowance, Container, MediaError, MediaFormat, MediumKind, Sound, mp4_file};

/// Of a medium that was decoded from beginning to end.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedMedium {
    /// What it is.
    pub format: MediaFormat,
    /// Width and height in pixels of a picture or a video; `None` for a sound, and for a video of
    /// which no picture was decoded.
    pub size: Option<(u32, u32)>,
    /// Pictures of a video that were decoded.
    pub frames: u64,
    /// From the first to the last picture of a video, in seconds.
    pub video_seconds: Option<f64>,
    /// Its sound; `None` without a sound track, and where it was not decoded.
    pub sound: Option<DecodedSound>,
    /// Why not all of it could be decoded, although it is whole as far as its structure tells:
    /// its coding is not built in.
    pub undecoded: Option<MediaError>,
}

/// Of a sound that was decoded from beginning to end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecodedSound {
    /// In seconds.
    pub seconds: f64,
    /// In Hz.
    pub sample_rate: u32,
    /// Whether every sample is 0.
    pub is_silent: bool,
}

/// Decodes all of a medium: the pixels of a picture, all of a sound, all frames of a video. What is
/// decoded is let go at once.
///
/// # Errors
///
/// As [`check_whole`], and [`MediaError::Malformed`] where decoding shows damage.
pub fn decode_medium(bytes: &[u8]) -> Result<DecodedMedium, MediaError> {
    let format = check_whole(bytes, &Allowance::default())?;
    let mut found = DecodedMedium {
        format,
        size: None,
        frames: 0,
        video_seconds: None,
        sound: None,
        undecoded: None,
    };
    match (format.container, format.kind) {
        // Its pixels have been decoded by the check.
        (_, MediumKind::Picture) => found.size = picture_size(bytes),
        (Container::Mp4 | Container::QuickTime, kind) => {
            if kind == MediumKind::Video {
                found.take_frames(bytes)?;
            }
            let sound = mp4_file::sound_track(bytes);
            found.take_sound(sound.map(|sound| sound.as_ref().map(DecodedSound::of)))?;
        }
        (Container::Adts, _) => {
            let sound = crate::decode_audio(bytes);
            found.take_sound(sound.map(|sound| Some(DecodedSound::of(&sound))))?;
        }
        (_, MediumKind::Sound)
            if !matches!(format.container, Container::WebM | Container::Matroska) =>
        {
            found.take_sound(DecodedSound::visit(bytes).map(Some))?;
        }
        (container, _) => {
            found.undecoded = Some(MediaError::Unsupported {
                what: format!("decoding {}", container.name()),
                hint: "its structure is whole".to_owned(),
            });
        }
    }
    Ok(found)
}

/// Width and height; the decoder has read them before.
fn picture_size(bytes: &[u8]) -> Option<(u32, u32)> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.into_dimensions().ok()
}

impl DecodedMedium {
    fn take_frames(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        let mut first = None;
        let visited = mp4_file::visit_frames(bytes, |frame| {
            let picture = &frame.picture;
            self.size = Some((picture.width(), picture.height()));
            self.frames += 1;
            let first = *first.get_or_insert(frame.seconds);
            self.video_seconds = Some(frame.seconds - first);
            ControlFlow::Continue(())
        });
        self.or_undecoded(visited).map(drop)
    }

    fn take_sound(
        &mut self,
        sound: Result<Option<DecodedSound>, MediaError>,
    ) -> Result<(), MediaError> {
        self.sound = self.or_undecoded(sound)?.flatten();
        Ok(())
    }

    /// Notes what is not built in; damage is an error.
    fn or_undecoded<T>(&mut self, found: Result<T, MediaError>) -> Result<Option<T>, MediaError> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error @ MediaError::Unsupported { .. }) => {
                self.undecoded.get_or_insert(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl DecodedSound {
    fn of(sound: &Sound) -> Self {
        Self {
            seconds: sound.duration(),
            sample_rate: sound.sample_rate(),
            is_silent: sound.samples().iter().all(|sample| *sample == 0.0),
        }
    }

    fn visit(bytes: &[u8]) -> Result<Self, MediaError> {
        let (mut samples, mut sample_rate, mut is_silent) = (0_u64, 0, true);
        visit_sound(bytes, &mut |stretch| {
            samples += stretch.samples.len() as u64;
            sample_rate = stretch.sample_rate;
            is_silent &= stretch.samples.iter().all(|sample| *sample == 0.0);
            if stretch.samples.iter().all(|sample| sample.is_finite()) {
                Ok(())
            } else {
                Err(MediaError::malformed("audio", "a sample of it is not a finite number"))
            }
        })?;
        Ok(Self { seconds: samples as f64 / f64::from(sample_rate.max(1)), sample_rate, is_silent })
    }
}
