//! A profile with its settings: how media become parts of a message, down to the number of frames.
//!
//! Everything here that a server can notice stands in the description, and so in the hash.

use avibench_media::Ffmpeg;
use avibench_protocol::SYSTEM_PROMPT;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::media_file::MediaFile;
use super::preparation::{Content, Preparation};
use super::profile::Profile;

/// Frames that stand for a video unless told otherwise.
const FRAMES: u32 = 16;

/// What becomes of videos, where a profile takes them apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VideoSettings {
    /// Evenly spaced frames that stand for a video, in 1..=1024; 16 if `None`.
    pub frames: Option<u32>,
    /// Most pixels on a frame's longer side, in 1..=8192: larger frames are shrunk, smaller ones
    /// stay. `None` leaves all as they are.
    pub frame_size: Option<u32>,
    /// Rate of the sound track in Hz, in 4000..=192000; `None` keeps its own.
    pub sample_rate: Option<u32>,
}

/// A profile with settings that have an effect on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packing {
    profile: Profile,
    video: VideoSettings,
}

/// Settings that a profile has no use for, or that are out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackingError {
    /// The profile sends no frames.
    #[error(
        "--frames and --frame-size have no effect with the profile `{0}`, which sends videos \
         whole; leave them out, or choose --profile openai"
    )]
    NoFrames(Profile),
    /// The profile sends no sound track.
    #[error(
        "--sample-rate has no effect with the profile `{0}`, which leaves the sound in the video; \
         leave it out, or choose --profile vllm or openai"
    )]
    NoSound(Profile),
    /// A number that makes no sense.
    #[error("{flag} should lie in {least}..={most}, but is {found}")]
    OutOfRange {
        /// The setting, as the command line calls it.
        flag: &'static str,
        /// The lowest value.
        least: u32,
        /// The highest value.
        most: u32,
        /// The value given.
        found: u32,
    },
}

/// One part of the user's message.
#[derive(Debug)]
pub(crate) enum Part {
    /// `{"type": KIND, KIND: {"url": "data:..."}}`
    DataUri(&'static str, MediaFile),
    /// `{"type": "input_audio", "input_audio": {"data": ..., "format": ...}}`
    InputAudio(MediaFile),
    /// `{"type": "text", "text": ...}`
    Text(String),
}

/// A question's media in memory.
#[derive(Debug, Default)]
pub(crate) struct LoadedMedia {
    pub(crate) images: Vec<MediaFile>,
    pub(crate) audios: Vec<MediaFile>,
    pub(crate) video: Option<Content>,
}

impl From<Profile> for Packing {
    fn from(profile: Profile) -> Self {
        Self { profile, video: VideoSettings::default() }
    }
}

impl Packing {
    /// A profile with these settings.
    pub fn new(profile: Profile, video: VideoSettings) -> Result<Self, PackingError> {
        for (flag, least, most, value) in [
            ("--frames", 1, 1024, video.frames),
            ("--frame-size", 1, 8192, video.frame_size),
            ("--sample-rate", 4_000, 192_000, video.sample_rate),
        ] {
            if let Some(found) = value.filter(|value| !(least..=most).contains(value)) {
                return Err(PackingError::OutOfRange { flag, least, most, found });
            }
        }
        if profile != Profile::OpenAi && (video.frames.is_some() || video.frame_size.is_some()) {
            return Err(PackingError::NoFrames(profile));
        }
        if profile == Profile::Gateway && video.sample_rate.is_some() {
            return Err(PackingError::NoSound(profile));
        }
        Ok(Self { profile, video })
    }

    /// The profile.
    #[must_use]
    pub const fn profile(self) -> Profile {
        self.profile
    }

    /// Everything about the packing that a server can notice.
    #[must_use]
    pub fn description(self) -> Value {
        let (video, sound) = match self.profile {
            Profile::Gateway => (json!("image_url, the whole file"), "in the video"),
            Profile::Vllm => (json!("video_url, the whole file"), "input_audio"),
            Profile::OpenAi => (
                json!({"part": "image_url", "frames": self.frames(), "format": "png",
                    "size": match self.video.frame_size {
                        None => "as in the video".to_owned(),
                        Some(side) => format!("at most {side} pixels on the longer side"),
                    },
                    "at": "the middle of each of equal parts of the video"}),
                "input_audio",
            ),
        };
        let rate = match self.video.sample_rate {
            None => "at its own rate".to_owned(),
            Some(rate) => format!("at {rate} Hz"),
        };
        json!({
            "version": 1,
            "system": SYSTEM_PROMPT,
            "order": ["images", "audios", "video", "text"],
            "image": "image_url",
            "audio": "input_audio",
            "video": video,
            "sound_of_video": {"part": sound, "format": format!("wav, 16 bit, mono, {rate}")},
            "audios_beside_a_video": match self.profile {
                Profile::Gateway => "dropped",
                Profile::Vllm | Profile::OpenAi => "dropped, unless the video has no sound",
            },
        })
    }

    /// The first 16 hex digits of the sha256 of the description.
    #[must_use]
    pub fn hash(self) -> String {
        let digest = Sha256::digest(self.description().to_string());
        hex::encode(&digest[..8])
    }

    /// `name@hash`, as it stands in journals and reports.
    #[must_use]
    pub fn identity(self) -> String {
        format!("{}@{}", self.profile.name(), self.hash())
    }

    fn frames(self) -> u32 {
        self.video.frames.unwrap_or(FRAMES)
    }

    /// What has to be made of a video before it can be packed.
    pub(crate) fn preparation(self, ffmpeg: Option<Ffmpeg>) -> Preparation {
        let frames = (self.profile == Profile::OpenAi).then(|| self.frames() as usize);
        Preparation {
            frames,
            frame_size: self.video.frame_size,
            sound: self.profile != Profile::Gateway,
            sample_rate: self.video.sample_rate,
            ffmpeg,
        }
    }

    /// The parts of the user's message in their order.
    pub(crate) fn pack(self, media: LoadedMedia, text: &str) -> Vec<Part> {
        let LoadedMedia { images, audios, video } = media;
        let image = |file| Part::DataUri("image_url", file);
        let mut parts: Vec<Part> = images.into_iter().map(image).collect();
        let Content { file, sound, frames } = match video {
            None => {
                parts.extend(audios.into_iter().map(Part::InputAudio));
                Content::default()
            }
            Some(content) => {
                if self.profile != Profile::Gateway && content.sound.is_none() {
                    parts.extend(audios.into_iter().map(Part::InputAudio));
                }
                content
            }
        };
        parts.extend(sound.map(Part::InputAudio));
        let kind = if self.profile == Profile::Vllm { "video_url" } else { "image_url" };
        parts.extend(file.map(|file| Part::DataUri(kind, file)));
        parts.extend(frames.into_iter().map(image));
        parts.push(Part::Text(text.to_owned()));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_moves_the_hash_and_none_leaves_it() {
        let with = |frames, frame_size, sample_rate| {
            let video = VideoSettings { frames, frame_size, sample_rate };
            Packing::new(Profile::OpenAi, video).unwrap().hash()
        };
        let usual = Packing::from(Profile::OpenAi).hash();
        assert_eq!(with(None, None, None), usual);
        assert_eq!(with(Some(FRAMES), None, None), usual, "what it is anyway");
        let others = [
            with(Some(8), None, None),
            with(None, Some(512), None),
            with(None, None, Some(16_000)),
            Packing::from(Profile::Vllm).hash(),
            Packing::from(Profile::Gateway).hash(),
            usual,
        ];
        for (index, hash) in others.iter().enumerate() {
            assert!(!others[..index].contains(hash));
        }
    }

    #[test]
    fn settings_without_effect_or_sense_are_refused() {
        let new = |profile, frames, frame_size, sample_rate| {
            Packing::new(profile, VideoSettings { frames, frame_size, sample_rate })
        };
        let message = new(Profile::Gateway, Some(8), None, None).unwrap_err().to_string();
        assert!(message.contains("no effect with the profile `gateway`"), "{message}");
        assert!(new(Profile::Vllm, None, Some(512), None).is_err());
        assert!(new(Profile::Gateway, None, None, Some(16_000)).is_err());
        assert!(new(Profile::Vllm, None, None, Some(16_000)).is_ok());
        let message = new(Profile::OpenAi, Some(0), None, None).unwrap_err().to_string();
        assert_eq!(message, "--frames should lie in 1..=1024, but is 0");
    }
}
