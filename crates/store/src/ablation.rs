//! Runs in which something is withheld from the model or exchanged, and how their labels are
//! called: `LABEL@KIND` beside the base `LABEL`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Label, LabelError};

/// Raised when media are rewritten otherwise than before: answers to media of another version are
/// not mixed under one label.
const VERSION: u32 = 2;

/// What is done to the media of every question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AblationKind {
    /// No sound.
    Mute,
    /// Black pictures.
    Blind,
    /// The sound of another question of the folder.
    SwapSound,
    /// The pictures of another question of the folder.
    SwapPicture,
    /// The sound moved against the pictures.
    Shift,
    /// No media at all.
    Text,
}

/// What a label's manifest says of its ablation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ablation {
    /// What is done to the media.
    pub kind: AblationKind,
    /// The label of the same run with the media as they are.
    pub base: Label,
    /// The seed of what is exchanged with what; none where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Version of how media are rewritten.
    pub version: u32,
    /// What becomes of pictures, sounds and videos, in words.
    pub media: Value,
}

/// A name that is no kind of ablation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no ablation `{name}`; there are {}",
    AblationKind::ALL.map(AblationKind::name).join(", ")
)]
pub struct UnknownAblation {
    name: String,
}

impl AblationKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Mute, Self::Blind, Self::SwapSound, Self::SwapPicture, Self::Shift, Self::Text];

    /// The name on the command line, in labels and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::Blind => "blind",
            Self::SwapSound => "swap-sound",
            Self::SwapPicture => "swap-picture",
            Self::Shift => "shift",
            Self::Text => "text",
        }
    }

    /// What a score under this ablation shows: "reachable ...".
    #[must_use]
    pub const fn reachable(self) -> &'static str {
        match self {
            Self::Mute => "without sound",
            Self::Blind => "without picture",
            Self::SwapSound => "with another sound",
            Self::SwapPicture => "with another picture",
            Self::Shift => "with the sound out of step",
            Self::Text => "without media",
        }
    }

    /// Whether clusters exchange media, which takes a seed.
    #[must_use]
    pub const fn exchanges(self) -> bool {
        matches!(self, Self::SwapSound | Self::SwapPicture)
    }

    /// What becomes of each kind of medium.
    fn media(self) -> Value {
        let (image, audio, video) = match self {
            Self::Mute => (
                "as it is",
                "silence of the same length",
                "the same pictures, written anew without a sound track",
            ),
            Self::Blind => (
                "black, of the same size",
                "as it is",
                "black pictures of the same number, size and length, the same sound track",
            ),
            Self::SwapSound => (
                "as it is",
                "another question's sound, cut or continued by silence to the same length",
                "the same pictures, another question's sound in mono, cut or continued by silence \
                 to their length",
            ),
            Self::SwapPicture => (
                "another question's picture",
                "as it is",
                "another question's pictures, the same sound in mono, cut or continued by silence \
                 to their length",
            ),
            Self::Shift => (
                "as it is",
                "as it is; beside a video, moved as that one's sound",
                "the same pictures, the sound in mono 0.8 s later (a third of its length, if that \
                 is less), its end first",
            ),
            Self::Text => ("withheld", "withheld", "withheld"),
        };
        json!({"image": image, "audio": audio, "video": video})
    }
}

impl Ablation {
    /// An ablation of what stands under the label `base`; `seed` decides what is exchanged.
    #[must_use]
    pub fn new(kind: AblationKind, base: Label, seed: u64) -> Self {
        let seed = kind.exchanges().then_some(seed);
        Self { kind, base, seed, version: VERSION, media: kind.media() }
    }

    /// The label of its run.
    ///
    /// # Errors
    ///
    /// If the base's name is too long to be added to.
    pub fn label(&self) -> Result<Label, LabelError> {
        self.base.ablated(self.kind)
    }
}

impl fmt::Display for Ablation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}, version {}", self.kind, self.base, self.version)?;
        self.seed.map_or(Ok(()), |seed| write!(f, ", seed {seed}"))
    }
}

impl Label {
    /// `LABEL@KIND`.
    ///
    /// # Errors
    ///
    /// If that is too long.
    pub fn ablated(&self, kind: AblationKind) -> Result<Self, LabelError> {
        Self::new(format!("{self}@{kind}"))
    }

    /// The base and the kind of a label that is called `LABEL@KIND`; `None` for any other.
    #[must_use]
    pub fn ablation(&self) -> Option<(Self, AblationKind)> {
        let (base, kind) = self.as_str().rsplit_once('@')?;
        Some((Self::new(base).ok()?, kind.parse().ok()?))
    }
}

impl fmt::Display for AblationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AblationKind {
    type Err = UnknownAblation;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| UnknownAblation { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_was_withheld() {
        let base = Label::new("m@1").unwrap();
        for kind in AblationKind::ALL {
            let ablation = Ablation::new(kind, base.clone(), 7);
            let label = ablation.label().unwrap();
            assert_eq!(label.ablation(), Some((base.clone(), kind)));
            assert_eq!(ablation.seed.is_some(), kind.name().starts_with("swap"));
            let written = serde_json::to_value(&ablation).unwrap();
            assert_eq!(written["kind"], kind.name());
            assert_eq!(serde_json::from_value::<Ablation>(written).unwrap(), ablation);
        }
        assert_eq!(base.ablation(), None);
        let message = "deaf".parse::<AblationKind>().unwrap_err().to_string();
        assert!(
            message.ends_with("mute, blind, swap-sound, swap-picture, shift, text"),
            "{message}"
        );
    }
}
