//! What a question's media become under an ablation: which files stay, and what is made of others.

use std::path::{Path, PathBuf};

use avibench_protocol::ResolvedMedia;
use avibench_store::AblationKind;

/// A question's media as the model gets them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownMedia {
    /// Images in the order of the question.
    pub images: Vec<Shown>,
    /// Audio clips in the order of the question.
    pub audios: Vec<Shown>,
    /// At most one video.
    pub video: Option<Shown>,
}

/// One medium as the model gets it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// A file of the data set.
    File(PathBuf),
    /// What is made of one.
    Rewritten(Rewriting),
}

/// What is made of a medium. It depends on what the file holds, not on where data.json names it: a
/// picture has no sound to lose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rewriting {
    /// A video loses its sound track, a sound becomes silence of the same length.
    Mute(PathBuf),
    /// A picture becomes black, and so do all of a video's.
    Blind(PathBuf),
    /// The sound is moved by [`shift_seconds`](Rewriting::shift_seconds), its end first.
    Shift(PathBuf),
    /// The medium at `own` with the sound of another, as long as its own.
    Dub {
        /// A video whose pictures stay, or a sound that only lends its length.
        own: PathBuf,
        /// A sound, or a video with one.
        sound: PathBuf,
    },
}

impl Rewriting {
    /// Seconds by which a sound of `seconds` is moved: 0.8, or a third of it if that is less.
    #[must_use]
    pub fn shift_seconds(seconds: f64) -> f64 {
        (seconds / 3.0).min(0.8)
    }

    /// The files that it is made of, the one that it stands for first.
    pub fn sources(&self) -> impl Iterator<Item = &Path> {
        let (own, other) = match self {
            Self::Mute(own) | Self::Blind(own) | Self::Shift(own) => (own, None),
            Self::Dub { own, sound } => (own, Some(sound)),
        };
        [own].into_iter().chain(other).map(PathBuf::as_path)
    }

    /// A name for its kind.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Mute(_) => "mute",
            Self::Blind(_) => "blind",
            Self::Shift(_) => "shift",
            Self::Dub { .. } => "dub",
        }
    }
}

impl From<&ResolvedMedia> for ShownMedia {
    /// Everything as it is.
    fn from(media: &ResolvedMedia) -> Self {
        let ResolvedMedia { images, audios, video } = media;
        let all = |paths: &[PathBuf]| paths.iter().cloned().map(Shown::File).collect();
        Self { images: all(images), audios: all(audios), video: video.clone().map(Shown::File) }
    }
}

impl ShownMedia {
    /// The media of a question under an ablation. `partner` has the media of the question that it
    /// exchanges with, for kinds that exchange; without one nothing is exchanged.
    #[must_use]
    pub fn new(kind: AblationKind, own: &ResolvedMedia, partner: Option<&ResolvedMedia>) -> Self {
        let as_it_is = Self::from(own);
        let rewritten =
            |path: &PathBuf, how: fn(PathBuf) -> Rewriting| Shown::Rewritten(how(path.clone()));
        let all = |paths: &[PathBuf], how| paths.iter().map(|path| rewritten(path, how)).collect();
        let video = |how| own.video.as_ref().map(|path| rewritten(path, how));
        match (kind, partner) {
            (AblationKind::Mute, _) => Self {
                audios: all(&own.audios, Rewriting::Mute),
                video: video(Rewriting::Mute),
                ..as_it_is
            },
            (AblationKind::Blind, _) => Self {
                images: all(&own.images, Rewriting::Blind),
                video: video(Rewriting::Blind),
                ..as_it_is
            },
            // A sound beside a video is that one's; without a video there is nothing to be out of
            // step with.
            (AblationKind::Shift, _) if own.video.is_some() => Self {
                audios: all(&own.audios, Rewriting::Shift),
                video: video(Rewriting::Shift),
                ..as_it_is
            },
            (AblationKind::SwapSound, Some(partner)) => Self::with_sounds_of(own, partner),
            (AblationKind::SwapPicture, Some(partner)) => Self::with_pictures_of(own, partner),
            (AblationKind::Text, _) => Self::default(),
            (AblationKind::Shift | AblationKind::SwapSound | AblationKind::SwapPicture, _) => {
                as_it_is
            }
        }
    }

    fn with_sounds_of(own: &ResolvedMedia, partner: &ResolvedMedia) -> Self {
        let dub = |own: &PathBuf, sound: &PathBuf| {
            Shown::Rewritten(Rewriting::Dub { own: own.clone(), sound: sound.clone() })
        };
        let audios = own.audios.iter().zip(partner.audios.iter().cycle());
        Self {
            audios: audios.map(|(own, sound)| dub(own, sound)).collect(),
            video: own.video.as_ref().zip(partner.video.as_ref()).map(|(own, of)| dub(own, of)),
            ..Self::from(own)
        }
    }

    fn with_pictures_of(own: &ResolvedMedia, partner: &ResolvedMedia) -> Self {
        let images = own.images.iter().zip(partner.images.iter().cycle());
        let video = own.video.as_ref().zip(partner.video.as_ref()).map(|(own, of)| {
            Shown::Rewritten(Rewriting::Dub { own: of.clone(), sound: own.clone() })
        });
        Self {
            images: images.map(|(_, picture)| Shown::File(picture.clone())).collect(),
            video,
            ..Self::from(own)
        }
    }

    /// All media: images, audios, video.
    pub fn iter(&self) -> impl Iterator<Item = &Shown> {
        self.images.iter().chain(&self.audios).chain(&self.video)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(images: &[&str], audios: &[&str], video: Option<&str>) -> ResolvedMedia {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect();
        ResolvedMedia {
            images: paths(images),
            audios: paths(audios),
            video: video.map(PathBuf::from),
        }
    }

    /// Each medium in short, such as `mute a.wav`.
    fn words(shown: &ShownMedia) -> Vec<String> {
        let word = |shown: &Shown| match shown {
            Shown::File(path) => path.display().to_string(),
            Shown::Rewritten(rewriting) => {
                let sources = rewriting.sources().map(|path| path.display().to_string());
                format!("{} {}", rewriting.name(), sources.collect::<Vec<_>>().join(" "))
            }
        };
        shown.iter().map(word).collect()
    }

    #[test]
    fn only_what_carries_the_sense_is_changed() {
        let clip = media(&[], &["a.wav"], Some("a.mp4"));
        let still = media(&["a.png", "b.png"], &["a.wav"], None);
        let of = |kind, own: &ResolvedMedia| words(&ShownMedia::new(kind, own, None));
        assert_eq!(of(AblationKind::Mute, &clip), ["mute a.wav", "mute a.mp4"]);
        assert_eq!(of(AblationKind::Mute, &still), ["a.png", "b.png", "mute a.wav"]);
        assert_eq!(of(AblationKind::Blind, &clip), ["a.wav", "blind a.mp4"]);
        assert_eq!(of(AblationKind::Blind, &still), ["blind a.png", "blind b.png", "a.wav"]);
        assert_eq!(of(AblationKind::Shift, &clip), ["shift a.wav", "shift a.mp4"]);
        assert_eq!(of(AblationKind::Shift, &still), ["a.png", "b.png", "a.wav"]);
        assert!(of(AblationKind::Text, &clip).is_empty());
    }

    #[test]
    fn exchanged_media_fill_as_many_places() {
        let own = media(&["a.png", "b.png"], &["a.wav", "b.wav"], None);
        let other = media(&["c.png"], &["c.wav", "d.wav", "e.wav"], None);
        let swapped = |kind, own, of| words(&ShownMedia::new(kind, own, Some(of)));
        assert_eq!(
            swapped(AblationKind::SwapSound, &own, &other),
            ["a.png", "b.png", "dub a.wav c.wav", "dub b.wav d.wav"]
        );
        assert_eq!(
            swapped(AblationKind::SwapPicture, &own, &other),
            ["c.png", "c.png", "a.wav", "b.wav"]
        );
        let (own, other) = (media(&[], &[], Some("a.mp4")), media(&[], &[], Some("b.mp4")));
        assert_eq!(swapped(AblationKind::SwapSound, &own, &other), ["dub a.mp4 b.mp4"]);
        assert_eq!(swapped(AblationKind::SwapPicture, &own, &other), ["dub b.mp4 a.mp4"]);
    }
}
