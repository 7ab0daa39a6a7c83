//! A profile with its settings: how media become parts of a message, down to the number of frames.
//!
//! All of it is derived from the profile's routes. Everything that a server can notice stands in
//! the description, and so in the hash.

use std::ops::RangeInclusive;

use avibench_media::Ffmpeg;
use avibench_protocol::SYSTEM_PROMPT;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::media_file::MediaFile;
use super::preparation::{Content, Preparation};
use super::profile::{AudiosBesideVideo, PartKind, Profile, Take, VideoPiece};

/// What becomes of videos, where a profile takes them apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VideoSettings {
    /// Evenly spaced frames that stand for a video, in [`Self::FRAMES`]; the profile's own number if
    /// `None`.
    pub frames: Option<u32>,
    /// Most pixels on a frame's longer side, in [`Self::FRAME_SIZES`]: larger frames are shrunk,
    /// smaller ones stay. `None` leaves all as they are.
    pub frame_size: Option<u32>,
    /// Rate of the sound track in Hz, in [`Self::SAMPLE_RATES`]; `None` keeps its own.
    pub sample_rate: Option<u32>,
}

impl VideoSettings {
    /// How many frames may stand for a video.
    pub const FRAMES: RangeInclusive<u32> = 1..=1024;
    /// Pixels on a frame's longer side.
    pub const FRAME_SIZES: RangeInclusive<u32> = 1..=8192;
    /// Rates of a sound track in Hz.
    pub const SAMPLE_RATES: RangeInclusive<u32> = 4_000..=192_000;
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
         whole; leave them out, or choose --profile {others}",
        others = one_of(Profile::with_frames())
    )]
    NoFrames(Profile),
    /// The profile sends no sound track.
    #[error(
        "--sample-rate has no effect with the profile `{0}`, which leaves the sound in the video; \
         leave it out, or choose --profile {others}",
        others = one_of(Profile::with_sound())
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

/// Names to choose from.
fn one_of(profiles: impl Iterator<Item = Profile>) -> String {
    profiles.map(Profile::name).collect::<Vec<_>>().join(" or ")
}

/// One part of the user's message; `M` is a medium in memory, or only its size or extent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part<M = MediaFile> {
    /// A medium and how it is carried.
    Medium(PartKind, M),
    /// `{"type": "text", "text": ...}`
    Text(String),
}

/// A question's media.
#[derive(Debug)]
pub(crate) struct LoadedMedia<M = MediaFile> {
    pub(crate) images: Vec<M>,
    pub(crate) audios: Vec<M>,
    pub(crate) video: Option<Content<M>>,
}

impl<M> Default for LoadedMedia<M> {
    fn default() -> Self {
        Self { images: Vec::new(), audios: Vec::new(), video: None }
    }
}

impl From<Profile> for Packing {
    fn from(profile: Profile) -> Self {
        Self { profile, video: VideoSettings::default() }
    }
}

impl Packing {
    /// A profile with these settings.
    ///
    /// # Errors
    ///
    /// [`PackingError`] for a setting that is out of range or that the profile has no use for.
    pub fn new(profile: Profile, video: VideoSettings) -> Result<Self, PackingError> {
        let VideoSettings { frames, frame_size, sample_rate } = video;
        for (flag, range, value) in [
            ("--frames", VideoSettings::FRAMES, frames),
            ("--frame-size", VideoSettings::FRAME_SIZES, frame_size),
            ("--sample-rate", VideoSettings::SAMPLE_RATES, sample_rate),
        ] {
            if let Some(found) = value.filter(|value| !range.contains(value)) {
                let (least, most) = range.into_inner();
                return Err(PackingError::OutOfRange { flag, least, most, found });
            }
        }
        if profile.usual_frames().is_none() && (frames.is_some() || frame_size.is_some()) {
            return Err(PackingError::NoFrames(profile));
        }
        if !profile.sends_sound() && sample_rate.is_some() {
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
    ///
    /// The wording is version 1 of the description, which hashes of earlier runs rest on.
    #[must_use]
    pub fn description(self) -> Value {
        let rate = match self.video.sample_rate {
            None => "at its own rate".to_owned(),
            Some(rate) => format!("at {rate} Hz"),
        };
        let (mut image, mut audio, mut beside) = (None, None, AudiosBesideVideo::Dropped);
        let mut video = json!("nothing, the whole file");
        let mut sound = "in the video";
        for route in self.profile.routes() {
            let part = route.into.name();
            match route.take {
                Take::Images => image = Some(part),
                Take::Audios(kept, _) => (audio, beside) = (Some(part), kept),
                Take::Video => video = json!(format!("{part}, the whole file")),
                Take::Frames { usual } => video = self.described_frames(part, usual),
                Take::Sound => sound = part,
            }
        }
        json!({
            "version": 1,
            "system": SYSTEM_PROMPT,
            "order": self.order(),
            "image": image,
            "audio": audio,
            "video": video,
            "sound_of_video": {
                "part": sound,
                "format": format!("wav, 16 bit, mono, {rate}"),
            },
            "audios_beside_a_video": match beside {
                AudiosBesideVideo::Dropped => "dropped",
                AudiosBesideVideo::ForSilentVideo => "dropped, unless the video has no sound",
            },
        })
    }

    fn described_frames(self, part: &str, usual: u32) -> Value {
        json!({
            "part": part,
            "frames": self.frames_or(usual),
            "format": "png",
            "size": match self.video.frame_size {
                None => "as in the video".to_owned(),
                Some(side) => format!("at most {side} pixels on the longer side"),
            },
            "at": "the middle of each of equal parts of the video",
        })
    }

    /// The order of parts. The sound track goes without saying where it stands before its video.
    fn order(self) -> Vec<&'static str> {
        let needs: Vec<_> = self.profile.routes().iter().map(|route| route.take.needs()).collect();
        let mut order = Vec::new();
        for (index, this) in needs.iter().enumerate() {
            let next = needs.get(index + 1).and_then(|next| next.of_video);
            let is_sound = this.of_video == Some(VideoPiece::Sound);
            if !(is_sound && next.is_some_and(VideoPiece::is_seen)) {
                order.push(this.word);
            }
        }
        order.push("text");
        order
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

    /// Frames that stand for a video; `None` where no frames are sent.
    #[must_use]
    pub fn frames(self) -> Option<u32> {
        self.profile.usual_frames().map(|usual| self.frames_or(usual))
    }

    fn frames_or(self, usual: u32) -> u32 {
        self.video.frames.unwrap_or(usual)
    }

    /// What has to be made of a video before it can be packed.
    pub(crate) fn preparation(self, ffmpeg: Option<Ffmpeg>) -> Preparation {
        let mut preparation = Preparation {
            whole: false,
            frames: None,
            frame_size: self.video.frame_size,
            sound: false,
            sample_rate: self.video.sample_rate,
            sounds: self.profile.sounds(),
            ffmpeg,
        };
        for piece in self.profile.video_pieces() {
            match piece {
                VideoPiece::File => preparation.whole = true,
                VideoPiece::Frames { usual } => {
                    preparation.frames = Some(self.frames_or(usual) as usize);
                }
                VideoPiece::Sound => preparation.sound = true,
            }
        }
        preparation
    }

    /// The parts of the user's message in their order.
    pub(crate) fn pack<M>(self, media: LoadedMedia<M>, text: &str) -> Vec<Part<M>> {
        let LoadedMedia { images, audios, video } = media;
        let has_video = video.is_some();
        let Content { mut file, mut sound, mut frames } = video.unwrap_or_default();
        let has_sound = sound.is_some();
        let (mut images, mut audios) = (Some(images), Some(audios));
        let mut parts = Vec::new();
        for route in self.profile.routes() {
            let media = match route.take {
                Take::Images => images.take().unwrap_or_default(),
                Take::Audios(beside, _) => {
                    let wanted = match beside {
                        AudiosBesideVideo::Dropped => !has_video,
                        AudiosBesideVideo::ForSilentVideo => !has_sound,
                    };
                    audios.take().filter(|_| wanted).unwrap_or_default()
                }
                Take::Video => file.take().into_iter().collect(),
                Take::Sound => sound.take().into_iter().collect(),
                // A picture in a video's place, such as a GIF, is its own frame.
                Take::Frames { .. } if frames.is_empty() => file.take().into_iter().collect(),
                Take::Frames { .. } => std::mem::take(&mut frames),
            };
            parts.extend(media.into_iter().map(|medium| Part::Medium(route.into, medium)));
        }
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
        assert_eq!(with(Some(16), None, None), usual, "what it is anyway");
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

    #[test]
    fn labels_of_earlier_versions_keep_their_hashes() {
        // From run.json files of version 0.1; a change here would refuse to resume those labels.
        let known = |profile| match profile {
            Profile::Gateway => "051b1a843ecdc1e9",
            Profile::Vllm => "515c23bf459fd710",
            Profile::OpenAi => "a342cd88a8ac08e7",
        };
        for profile in Profile::ALL {
            assert_eq!(Packing::from(profile).hash(), known(profile), "{profile}");
        }
        let video =
            VideoSettings { frames: Some(8), frame_size: Some(512), sample_rate: Some(16_000) };
        assert_eq!(Packing::new(Profile::OpenAi, video).unwrap().hash(), "cceac94abcfe5ebb");
        let video = VideoSettings { sample_rate: Some(16_000), ..VideoSettings::default() };
        assert_eq!(Packing::new(Profile::Vllm, video).unwrap().hash(), "e8b922d02964cd76");
    }

    /// Every combination of media, as names of what is sent.
    fn cases() -> impl Iterator<Item = (Vec<&'static str>, bool, bool)> {
        [vec![], vec!["image"]].into_iter().flat_map(|images| {
            [(false, false), (true, false), (true, true)]
                .map(|(video, sound)| (images.clone(), video, sound))
        })
    }

    #[test]
    fn what_is_sent_is_what_is_described() {
        for profile in Profile::ALL {
            let packing = Packing::from(profile);
            let description = packing.description();
            let preparation = packing.preparation(None);
            for (images, with_video, with_sound) in cases() {
                let content = Content {
                    file: preparation.whole.then_some("video"),
                    sound: (preparation.sound && with_sound).then_some("sound"),
                    frames: vec!["frame"; preparation.frames.unwrap_or(0)],
                };
                let media = LoadedMedia {
                    images: images.clone(),
                    audios: vec!["audio", "audio"],
                    video: with_video.then_some(content),
                };
                let parts = packing.pack(media, "why?");
                let of = |what: &str| {
                    let is = |part: &&Part<&str>| matches!(part, Part::Medium(_, m) if *m == what);
                    let kinds = parts.iter().filter(is).map(|part| match part {
                        Part::Medium(kind, _) => kind.name(),
                        Part::Text(_) => "text",
                    });
                    kinds.collect::<Vec<_>>()
                };
                assert_eq!(parts.last(), Some(&Part::Text("why?".to_owned())), "{profile}");
                assert_eq!(of("image").len(), images.len(), "{profile}: every image is sent");
                assert!(of("image").iter().all(|kind| description["image"] == *kind));
                assert!(of("audio").iter().all(|kind| description["audio"] == *kind));
                let silent = description["audios_beside_a_video"] != "dropped" && !with_sound;
                let audios = if !with_video || silent { 2 } else { 0 };
                assert_eq!(of("audio").len(), audios, "{profile} {with_video} {with_sound}");
                let (whole, frames, sound) = (of("video"), of("frame"), of("sound"));
                if with_video {
                    assert_ne!(whole.is_empty(), frames.is_empty(), "{profile}: seen once");
                    let said = &description["video"];
                    assert!(whole.iter().all(|kind| *said == format!("{kind}, the whole file")));
                    assert!(frames.iter().all(|kind| said["part"] == *kind));
                    if !frames.is_empty() {
                        assert_eq!(said["frames"], frames.len());
                    }
                } else {
                    assert!(whole.is_empty() && frames.is_empty() && sound.is_empty());
                }
                assert!(sound.iter().all(|kind| description["sound_of_video"]["part"] == *kind));
            }
        }
    }

    #[test]
    fn flags_make_sense_exactly_where_the_table_says_so() {
        let video = |frames, sample_rate| VideoSettings { frames, frame_size: None, sample_rate };
        for profile in Profile::ALL {
            let takes_frames = Profile::with_frames().any(|with| with == profile);
            let takes_sound = Profile::with_sound().any(|with| with == profile);
            assert_eq!(Packing::new(profile, video(Some(8), None)).is_ok(), takes_frames);
            assert_eq!(Packing::new(profile, video(None, Some(8_000))).is_ok(), takes_sound);
        }
        let message = PackingError::NoSound(Profile::Gateway).to_string();
        assert!(message.ends_with("choose --profile vllm or openai"), "{message}");
    }
}
