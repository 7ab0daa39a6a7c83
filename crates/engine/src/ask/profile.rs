//! How media are packed into a chat message.
//!
//! Packing alone can move a model's score by many points, so each way has a name and a hash over
//! everything that a server can notice: part types, their order, what becomes of a video.

use std::fmt;
use std::str::FromStr;

use avibench_protocol::SYSTEM_PROMPT;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::medium::MediaFile;

/// A way of packing media.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Gemini and most OpenAI-compatible gateways: a video goes where images go, and then brings
    /// its own sound.
    #[default]
    Gateway,
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
    pub(crate) video: Option<MediaFile>,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 1] = [Self::Gateway];

    /// The name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
        }
    }

    /// Everything about the packing that a server can notice.
    #[must_use]
    pub fn description(self) -> Value {
        let (audio, video, video_parts) = match self {
            Self::Gateway => ("input_audio", "image_url", json!({"audios": "dropped"})),
        };
        json!({
            "version": 1,
            "system": SYSTEM_PROMPT,
            "order": ["images", "audios", "video", "text"],
            "image": "image_url",
            "audio": audio,
            "video": video,
            "with_video": video_parts,
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

    /// The parts of the user's message in their order.
    pub(crate) fn pack(self, media: LoadedMedia, text: &str) -> Vec<Part> {
        let LoadedMedia { images, audios, video } = media;
        let mut parts: Vec<Part> =
            images.into_iter().map(|image| Part::DataUri("image_url", image)).collect();
        match self {
            Self::Gateway => {
                if video.is_none() {
                    parts.extend(audios.into_iter().map(Part::InputAudio));
                }
                parts.extend(video.map(|video| Part::DataUri("image_url", video)));
            }
        }
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
