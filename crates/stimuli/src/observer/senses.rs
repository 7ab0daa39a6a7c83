//! What is given to look at and to listen to, decoded.

use avibench_media::{Picture, Sound, TimedPicture, decode_audio, decode_image, decode_mp4};
use avibench_protocol::Conversation;

/// Pictures in time order from this number on are taken for the frames of a clip.
const FRAMES_AT_LEAST: usize = 8;
/// Seconds that a clip given as bare frames is taken to last if there is no sound to tell.
const USUAL_LENGTH: f64 = 2.0;

/// Decoded media. What cannot be decoded is missing: the observer then does not know.
pub(super) struct Senses {
    /// Still pictures.
    pub(super) images: Vec<Picture>,
    /// Recordings.
    pub(super) sounds: Vec<Sound>,
    /// Frames of a clip, or of pictures that were sent in its place.
    pub(super) film: Vec<TimedPicture>,
}

impl Senses {
    /// Decodes all media of a conversation.
    pub(super) fn of(conversation: &Conversation) -> Self {
        let mut images: Vec<Picture> = conversation
            .images
            .iter()
            .filter_map(|medium| decode_image(&medium.bytes).ok())
            .collect();
        let mut sounds: Vec<Sound> = conversation
            .audios
            .iter()
            .filter_map(|medium| decode_audio(&medium.bytes).ok())
            .collect();
        let clip = conversation.video.as_ref().and_then(|video| decode_mp4(&video.bytes).ok());
        let mut film = Vec::new();
        if let Some(clip) = clip {
            film = clip.frames;
            if sounds.is_empty() {
                sounds.extend(clip.sound);
            }
        } else if images.len() >= FRAMES_AT_LEAST {
            let length = sounds.first().map_or(USUAL_LENGTH, Sound::duration);
            let count = images.len() as f64;
            film = images
                .drain(..)
                .enumerate()
                .map(|(i, picture)| TimedPicture {
                    seconds: (i as f64 + 0.5) / count * length,
                    picture,
                })
                .collect();
        }
        Self { images, sounds, film }
    }

    /// The first recording.
    pub(super) fn sound(&self) -> Option<&Sound> {
        self.sounds.first()
    }

    /// The first still picture, or the first frame of the clip.
    pub(super) fn picture(&self) -> Option<&Picture> {
        self.images.first().or_else(|| self.film.first().map(|frame| &frame.picture))
    }

    /// Frames without their times, or nothing if there are fewer than two.
    pub(super) fn frames(&self) -> Option<Vec<&Picture>> {
        (self.film.len() >= 2).then(|| self.film.iter().map(|frame| &frame.picture).collect())
    }
}
