//! How media are packed into a chat message.
//!
//! Packing alone can move a model's score by many points, so each way has a name and a hash over
//! everything that a server can notice: part types, their order, what becomes of a video.

use std::fmt;
use std::str::FromStr;

use avibench_media::Ffmpeg;
use avibench_protocol::SYSTEM_PROMPT;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::media_file::MediaFile;
use super::preparation::{Content, Preparation};

/// Frames that stand for a video where it cannot be sent.
const FRAMES: usize = 16;

/// A way of packing media.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Gemini and most OpenAI-compatible gateways: a video goes where images go, and then brings
    /// its own sound.
    #[default]
    Gateway,
    /// vLLM: a video has its own part, and its sound goes as an audio part before it.
    Vllm,
    /// Endpoints without video input: 16 evenly spaced frames, and the sound before them.
    OpenAi,
}

/// A name that no profile has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile `{0}`; known: {known}", known = Profile::ALL.map(Profile::name).join(", "))]
pub struct UnknownProfile(String);

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

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 3] = [Self::Gateway, Self::Vllm, Self::OpenAi];

    /// The name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Vllm => "vllm",
            Self::OpenAi => "openai",
        }
    }

    /// Everything about the packing that a server can notice.
    #[must_use]
    pub fn description(self) -> Value {
        let (video, sound) = match self {
            Self::Gateway => (json!("image_url, the whole file"), "in the video"),
            Self::Vllm => (json!("video_url, the whole file"), "input_audio"),
            Self::OpenAi => (
                json!({"part": "image_url", "frames": FRAMES, "format": "png",
                    "size": "as in the video",
                    "at": "the middle of each of equal parts of the video"}),
                "input_audio",
            ),
        };
        json!({
            "version": 1,
            "system": SYSTEM_PROMPT,
            "order": ["images", "audios", "video", "text"],
            "image": "image_url",
            "audio": "input_audio",
            "video": video,
            "sound_of_video": {"part": sound, "format": "wav, 16 bit, mono, at its own rate"},
            "audios_beside_a_video": match self {
                Self::Gateway => "dropped",
                Self::Vllm | Self::OpenAi => "dropped, unless the video has no sound",
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
        format!("{}@{}", self.name(), self.hash())
    }

    /// What has to be made of a video before it can be packed.
    pub(crate) fn preparation(self, ffmpeg: Option<Ffmpeg>) -> Preparation {
        match self {
            Self::Gateway => Preparation::default(),
            Self::Vllm => Preparation { frames: None, sound: true, ffmpeg },
            Self::OpenAi => Preparation { frames: Some(FRAMES), sound: true, ffmpeg },
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
                if self != Self::Gateway && content.sound.is_none() {
                    parts.extend(audios.into_iter().map(Part::InputAudio));
                }
                content
            }
        };
        parts.extend(sound.map(Part::InputAudio));
        let kind = if self == Self::Vllm { "video_url" } else { "image_url" };
        parts.extend(file.map(|file| Part::DataUri(kind, file)));
        parts.extend(frames.into_iter().map(image));
        parts.push(Part::Text(text.to_owned()));
        parts
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}
