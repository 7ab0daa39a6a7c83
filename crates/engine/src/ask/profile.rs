//! Ways of packing media into a chat message, by name. Packing alone can move a model's score by
//! many points; what exactly each does is described by [`Packing`](super::Packing).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
    /// Endpoints without video input: evenly spaced frames, and the sound before them.
    OpenAi,
}

/// A name that no profile has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile `{0}`; known: {known}", known = Profile::ALL.map(Profile::name).join(", "))]
pub struct UnknownProfile(String);

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
