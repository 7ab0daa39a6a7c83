//! The packing profiles: one table that says which parts each of them makes of a question's media,
//! in what order and with which conversion.
//!
//! Everything else follows from this table: what is sent, the description that is hashed, the dry
//! run's sizes and tokens, and which flags make sense. To add a profile, add an entry to
//! `profiles!`; the test of known hashes in [`packing`](super::packing) then asks for its hash.

use std::fmt;
use std::str::FromStr;

use avibench_media::{Container, MediaFormat, MediumKind};
use serde::{Deserialize, Serialize};

use PartKind::{ImageUrl, InputAudio, VideoUrl};
use Take::{Audios, Frames, Images, Sound, Video};

/// How a part of the message carries a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// `{"type": "image_url", "image_url": {"url": "data:..."}}`
    ImageUrl,
    /// `{"type": "video_url", "video_url": {"url": "data:..."}}`
    VideoUrl,
    /// `{"type": "input_audio", "input_audio": {"data": ..., "format": ...}}`
    InputAudio,
}

impl PartKind {
    /// The name in the request.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ImageUrl => "image_url",
            Self::VideoUrl => "video_url",
            Self::InputAudio => "input_audio",
        }
    }
}

/// What a route takes from a question's media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// The images, as their files are.
    Images,
    /// The separate audio clips.
    Audios(AudiosBesideVideo, SoundForm),
    /// The video, as its file is.
    Video,
    /// Evenly spaced frames of the video as PNG; `--frames` and `--frame-size` apply.
    Frames {
        /// Their number unless `--frames` sets another.
        usual: u32,
    },
    /// The video's sound track as 16-bit mono WAV, if it has one; `--sample-rate` applies.
    Sound,
}

/// What a thing that is taken asks of everything around sending it. What is made of videos, the
/// order that is described, the flags that apply and the estimates follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The word for it where the order of parts is described.
    pub(crate) word: &'static str,
    /// What has to be made of a video first; `None` if it comes from files other than videos.
    pub(crate) of_video: Option<VideoPiece>,
}

/// What is made of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VideoPiece {
    /// Nothing: its file as it is.
    File,
    /// Evenly spaced frames.
    Frames {
        /// Their number unless `--frames` sets another.
        usual: u32,
    },
    /// Its sound track.
    Sound,
}

impl VideoPiece {
    /// Whether it is what the model sees of the video.
    pub(crate) const fn is_seen(self) -> bool {
        match self {
            Self::File | Self::Frames { .. } => true,
            Self::Sound => false,
        }
    }
}

impl Take {
    /// What it asks of everything around sending it.
    pub(crate) const fn needs(self) -> Needs {
        let (word, of_video) = match self {
            Self::Images => ("images", None),
            Self::Audios(..) => ("audios", None),
            Self::Video => ("video", Some(VideoPiece::File)),
            Self::Frames { usual } => ("video", Some(VideoPiece::Frames { usual })),
            Self::Sound => ("sound of video", Some(VideoPiece::Sound)),
        };
        Needs { word, of_video }
    }
}

/// What becomes of separate audio clips when the question has a video, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AudiosBesideVideo {
    /// They are left out: the video brings its own sound.
    Dropped,
    /// They are left out, unless the video has no sound track.
    ForSilentVideo,
}

/// In which form a separate audio clip is sent. Only clips that an endpoint would not read are
/// touched, so this is no part of the description: what is described is sent as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SoundForm {
    /// As its file is.
    AsIs,
    /// WAV and MP3 as they are, everything else as 16-bit mono WAV.
    WavOrMp3,
}

impl SoundForm {
    /// Whether sounds in such files are sent as they are.
    pub(crate) fn takes_container(self, container: Container) -> bool {
        self.takes(MediaFormat { container, kind: MediumKind::Sound }.mime())
    }

    /// Whether a sound of this mime type is sent as it is.
    pub(crate) fn takes(self, mime: &str) -> bool {
        match self {
            Self::AsIs => true,
            Self::WavOrMp3 => matches!(mime, "audio/wav" | "audio/mpeg"),
        }
    }
}

/// One step of packing: what is taken and the part that carries it. Parts are sent in the order
/// of the routes, and the question's text follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) take: Take,
    pub(crate) into: PartKind,
}

const fn route(take: Take, into: PartKind) -> Route {
    Route { take, into }
}

/// Declares [`Profile`], its names, help lines and routes from one list.
macro_rules! profiles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $help:literal, $routes:expr;)+) => {
        /// A way of packing media, by name. Packing alone can move a model's score by many points;
        /// what exactly each profile does is described by [`Packing`](super::Packing).
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Profile {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Profile {
            /// All profiles.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name on the command line and in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, in a few words that continue its name.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)+ }
            }

            /// Which parts it makes, in order.
            pub(crate) const fn routes(self) -> &'static [Route] {
                match self { $(Self::$variant => const { &$routes },)+ }
            }
        }
    };
}

profiles! {
    /// Gemini and most OpenAI-compatible gateways: a video goes where images go, and then brings
    /// its own sound.
    #[default]
    Gateway = "gateway", "sends a video where images go", [
        route(Images, ImageUrl),
        route(Audios(AudiosBesideVideo::Dropped, SoundForm::AsIs), InputAudio),
        route(Video, ImageUrl),
    ];
    /// vLLM: a video has its own part, and its sound goes as an audio part before it.
    Vllm = "vllm", "as a video part with its sound as audio", [
        route(Images, ImageUrl),
        route(Audios(AudiosBesideVideo::ForSilentVideo, SoundForm::AsIs), InputAudio),
        route(Sound, InputAudio),
        route(Video, VideoUrl),
    ];
    /// Endpoints without video input: evenly spaced frames, and the sound before them.
    OpenAi = "openai", "as frames and sound", [
        route(Images, ImageUrl),
        route(Audios(AudiosBesideVideo::ForSilentVideo, SoundForm::WavOrMp3), InputAudio),
        route(Sound, InputAudio),
        route(Frames { usual: 16 }, ImageUrl),
    ];
}

/// A name that no profile has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile `{0}`; known: {known}", known = Profile::ALL.map(Profile::name).join(", "))]
pub struct UnknownProfile(String);

impl Profile {
    /// The profiles that send frames, for which `--frames` and `--frame-size` make sense.
    pub fn with_frames() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|profile| profile.usual_frames().is_some())
    }

    /// The profiles that send a video's sound by itself, for which `--sample-rate` makes sense.
    pub fn with_sound() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|profile| profile.sends_sound())
    }

    /// Frames that stand for a video unless told otherwise; `None` where no frames are sent.
    #[must_use]
    pub fn usual_frames(self) -> Option<u32> {
        self.video_pieces().find_map(|piece| match piece {
            VideoPiece::Frames { usual } => Some(usual),
            VideoPiece::File | VideoPiece::Sound => None,
        })
    }

    /// Whether a video's sound is sent by itself.
    pub(crate) fn sends_sound(self) -> bool {
        self.video_pieces().any(|piece| piece == VideoPiece::Sound)
    }

    /// In which form separate sounds are sent.
    pub(crate) fn sounds(self) -> SoundForm {
        let form = |route: &Route| match route.take {
            Audios(_, form) => Some(form),
            _ => None,
        };
        self.routes().iter().find_map(form).unwrap_or(SoundForm::AsIs)
    }

    /// What is made of a video, in the order of the routes.
    pub(crate) fn video_pieces(self) -> impl Iterator<Item = VideoPiece> {
        self.routes().iter().filter_map(|route| route.take.needs().of_video)
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
