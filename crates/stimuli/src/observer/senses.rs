//! What is given to look at and to listen to, decoded when it is looked at or listened to.

use std::cell::OnceCell;
use std::ops::ControlFlow;

use avibench_media::{
    Picture, Sound, TimedPicture, decode_audio, decode_image, sound_track, visit_frames,
};
use avibench_protocol::Conversation;

/// Pictures in time order from this number on are taken for the frames of a clip.
pub(super) const FRAMES_AT_LEAST: usize = 8;
/// Bytes of pixels of a clip that are watched at most.
const WATCHED_BYTES: usize = 1 << 28;
/// Seconds that a clip given as bare frames is taken to last if there is no sound to tell.
const USUAL_LENGTH: f64 = 2.0;

/// The media of a conversation. What cannot be decoded is missing: the observer then does not
/// know.
pub(super) struct Senses<'a> {
    conversation: &'a Conversation,
    images: OnceCell<Vec<Picture>>,
    sounds: OnceCell<Vec<Sound>>,
    film: OnceCell<Vec<TimedPicture>>,
}

impl<'a> Senses<'a> {
    /// The media of a conversation.
    pub(super) fn of(conversation: &'a Conversation) -> Self {
        Self {
            conversation,
            images: OnceCell::new(),
            sounds: OnceCell::new(),
            film: OnceCell::new(),
        }
    }

    /// Whether there is something to listen to: recordings, or a clip, which may be silent.
    pub(super) fn has_ears(&self) -> bool {
        self.conversation.video.is_some() || !self.sounds().is_empty()
    }

    /// Whether pictures were sent in place of a clip.
    fn is_film_of_images(&self) -> bool {
        self.conversation.video.is_none() && self.conversation.images.len() >= FRAMES_AT_LEAST
    }

    fn decoded_images(&self) -> impl Iterator<Item = Picture> {
        self.conversation.images.iter().filter_map(|medium| decode_image(&medium.bytes).ok())
    }

    /// Still pictures.
    pub(super) fn images(&self) -> &[Picture] {
        self.images.get_or_init(|| {
            if self.is_film_of_images() { Vec::new() } else { self.decoded_images().collect() }
        })
    }

    /// Recordings, or the sound track of the clip if there are none.
    pub(super) fn sounds(&self) -> &[Sound] {
        self.sounds.get_or_init(|| {
            let mut sounds: Vec<Sound> = self
                .conversation
                .audios
                .iter()
                .filter_map(|medium| decode_audio(&medium.bytes).ok())
                .collect();
            if sounds.is_empty() {
                let video = self.conversation.video.as_ref();
                sounds.extend(video.and_then(|video| sound_track(&video.bytes).ok()).flatten());
            }
            sounds
        })
    }

    /// Frames of the clip, or of the pictures that were sent in its place.
    pub(super) fn film(&self) -> &[TimedPicture] {
        self.film.get_or_init(|| {
            if let Some(video) = &self.conversation.video {
                let mut film = Vec::new();
                let mut held = 0;
                let watched = visit_frames(&video.bytes, |frame| {
                    held += frame.picture.rgb().len();
                    film.push(frame);
                    if held < WATCHED_BYTES {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                });
                return if watched.is_ok() { film } else { Vec::new() };
            }
            if !self.is_film_of_images() {
                return Vec::new();
            }
            let length = self.sound().map_or(USUAL_LENGTH, Sound::duration);
            let count = self.conversation.images.len() as f64;
            self.decoded_images()
                .enumerate()
                .map(|(i, picture)| TimedPicture {
                    seconds: (i as f64 + 0.5) / count * length,
                    picture,
                })
                .collect()
        })
    }

    /// The first recording.
    pub(super) fn sound(&self) -> Option<&Sound> {
        self.sounds().first()
    }

    /// The first still picture, or the first frame of the clip.
    pub(super) fn picture(&self) -> Option<&Picture> {
        self.images().first().or_else(|| self.film().first().map(|frame| &frame.picture))
    }

    /// Frames without their times, or nothing if there are fewer than two.
    pub(super) fn frames(&self) -> Option<Vec<&Picture>> {
        let film = self.film();
        (film.len() >= 2).then(|| film.iter().map(|frame| &frame.picture).collect())
    }
}
