//! What is probed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ChoiceCount;

/// Declares [`Ability`] with the names, the number of choices and the words of each from one list.
macro_rules! abilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $choices:ident, $does:literal, $lacks:literal;)+) => {
        /// Something that an endpoint has to do with media before it can answer questions about them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Ability {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Ability {
            /// All of them in the order of every table.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name on the command line and in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Among how many answers somebody chooses who guesses.
            #[must_use]
            pub const fn choices(self) -> ChoiceCount {
                match self { $(Self::$variant => ChoiceCount::$choices,)+ }
            }

            /// What an endpoint does that has it, to follow a subject.
            #[must_use]
            pub const fn does(self) -> &'static str {
                match self { $(Self::$variant => $does,)+ }
            }

            /// What an endpoint does that lacks it, to follow a subject.
            #[must_use]
            pub const fn lacks(self) -> &'static str {
                match self { $(Self::$variant => $lacks,)+ }
            }
        }
    };
}

abilities! {
    /// Recordings are heard: how many beeps, how high.
    Hear = "hear", Four, "hears recordings", "does not hear recordings";
    /// Pictures are seen: colour, shape, number.
    See = "see", Four, "sees pictures", "does not see pictures";
    /// Two recordings keep their order.
    SoundOrder = "sound-order", Two,
        "keeps two recordings in their order", "does not keep two recordings in their order";
    /// Two pictures keep their order.
    ImageOrder = "image-order", Two,
        "keeps two pictures in their order", "does not keep two pictures in their order";
    /// The sound of a video is heard.
    VideoSound = "video-sound", Four,
        "hears the sound of videos", "does not hear the sound of videos";
    /// The first fifth of a video is seen.
    VideoStart = "video-start", Four,
        "sees the first fifth of videos", "does not see the first fifth of videos";
    /// The middle fifth of a video is seen.
    VideoMiddle = "video-middle", Four,
        "sees the middle of videos", "does not see the middle of videos";
    /// The last fifth of a video is seen.
    VideoEnd = "video-end", Four,
        "sees the last fifth of videos", "does not see the last fifth of videos";
    /// Picture and sound of a video are in time: which flash a click belongs to.
    Sync = "sync", Four,
        "gets picture and sound of videos in time",
        "does not get picture and sound of videos in time";
    /// Boxes are given, in one convention.
    Boxes = "boxes", Four,
        "gives boxes in one convention", "does not give boxes that fit the picture";
}

impl Ability {
    /// What it rests on: whoever lacks that lacks this, too, and for no reason of its own.
    #[must_use]
    pub const fn rests_on(self) -> &'static [Self] {
        match self {
            Self::SoundOrder => &[Self::Hear],
            Self::ImageOrder | Self::Boxes => &[Self::See],
            Self::Sync => &[Self::VideoSound, Self::VideoStart, Self::VideoMiddle, Self::VideoEnd],
            Self::Hear
            | Self::See
            | Self::VideoSound
            | Self::VideoStart
            | Self::VideoMiddle
            | Self::VideoEnd => &[],
        }
    }

    /// Where the fault may lie if it is lacking, and what to try.
    #[must_use]
    pub const fn mend(self) -> &'static str {
        match self {
            Self::Hear => {
                "a gateway or server may drop sounds, or the model takes none; try another \
                 --profile, or an endpoint that serves the model with sound"
            }
            Self::See => {
                "a gateway or server may drop pictures, or the model takes none; try another \
                 --profile, or an endpoint that serves the model with pictures"
            }
            Self::SoundOrder | Self::ImageOrder => {
                "a gateway or server may reorder or merge the parts of a message; ask the endpoint \
                 without it"
            }
            Self::VideoSound => {
                "the server may read only the frames of a video; --profile vllm or openai sends the \
                 sound beside it"
            }
            Self::VideoStart | Self::VideoMiddle | Self::VideoEnd => {
                "the server may take too few frames of a video; --profile openai sends the frames \
                 themselves, and --frames says how many"
            }
            Self::Sync => {
                "the server may take too few frames of a video, or lose when they are shown; \
                 --profile openai with more --frames may help"
            }
            Self::Boxes => "the model may not be trained to give boxes",
        }
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No ability has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {}", Ability::ALL.map(Ability::name).join(", "))]
pub struct UnknownAbility;

impl FromStr for Ability {
    type Err = UnknownAbility;

    fn from_str(name: &str) -> Result<Self, UnknownAbility> {
        Self::ALL.into_iter().find(|ability| ability.name() == name).ok_or(UnknownAbility)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for ability in Ability::ALL {
            assert_eq!(ability.name().parse(), Ok(ability));
            assert_eq!(serde_json::to_value(ability).unwrap(), ability.name());
        }
        let message = "smell".parse::<Ability>().unwrap_err().to_string();
        assert!(message.starts_with("expected one of hear, see, "), "{message}");
    }
}
