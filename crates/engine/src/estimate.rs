//! What a request will probably take in tokens, before it is sent.
//!
//! A question's media are packed as they will be, but with the extent of each medium (pixels,
//! seconds) in place of its bytes; extents come from the files' headers. The tokens of the parts
//! are those of the model's [`TokenRates`]. Text counts 4 characters a token. The dry run, the cap
//! on tokens a minute and the limit on money all use this estimate; where the server counts
//! tokens itself, its counts replace it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use avibench_ablation::{Rewriting, Shown};
use avibench_media::{PictureOutline, SoundOutline, VideoOutline};
use avibench_protocol::ResolvedMedia;

use crate::ask::{Content, LoadedMedia, Packing, Part, Preparation, RequestFormat, mime_of_file};
use crate::{Job, TokenRates};

const CHARACTERS_A_TOKEN: f64 = 4.0;
/// The system line and the message's frame.
const FRAME: f64 = 20.0;
/// An answer of ordinary length.
pub(crate) const ANSWER: u64 = 100;

/// What is taken for media whose headers do not say: a usual size, and usual bit rates.
const USUAL_PICTURE: PictureOutline = PictureOutline { width: 640, height: 360 };
/// 128 kbit/s.
const SOUND_BYTES_A_SECOND: f64 = 16_000.0;
/// 1 Mbit/s.
const VIDEO_BYTES_A_SECOND: f64 = 125_000.0;

/// Tokens of a text, roughly.
#[must_use]
pub fn text_tokens(text: &str) -> u64 {
    (text.chars().count() as f64 / CHARACTERS_A_TOKEN).ceil() as u64
}

/// Prompt tokens of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Estimate {
    /// Prompt tokens, roughly.
    pub(crate) tokens_in: u64,
    /// Of these, tokens of sound.
    pub(crate) tokens_audio: u64,
}

/// How much there is of a medium.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Extent {
    Picture(PictureOutline),
    Sound { seconds: f64 },
    Video(VideoOutline),
}

/// Estimates the requests of one run. Each file is looked into once.
#[derive(Debug)]
pub(crate) struct Estimator {
    packing: Packing,
    rates: TokenRates,
    extents: Mutex<HashMap<PathBuf, Extent>>,
}

impl Estimator {
    /// For requests to `model`. Where files are handed over as they are, they count as the default
    /// profile would send them.
    pub(crate) fn new(model: &str, request: Option<&RequestFormat>) -> Self {
        Self {
            packing: request.and_then(RequestFormat::packing).unwrap_or_default(),
            rates: TokenRates::of_model(model),
            extents: Mutex::default(),
        }
    }

    /// Estimates one request.
    pub(crate) fn estimate(&self, job: &Job) -> Estimate {
        let media = job.media.as_ref().map(|media| self.media(media, is_muted(job)));
        let media = media.unwrap_or_default();
        let (mut tokens, mut sound) = (FRAME, 0.0);
        for part in self.packing.pack(media, &job.text) {
            match part {
                Part::Text(text) => tokens += text_tokens(&text) as f64,
                Part::Medium(_, Extent::Picture(size)) => tokens += self.rates.picture(size),
                Part::Medium(_, Extent::Sound { seconds }) => sound += self.rates.sound(seconds),
                Part::Medium(_, Extent::Video(video)) => {
                    tokens += self.rates.video_pictures(video.picture, video.seconds);
                    sound += self.rates.video_sound(video.sound_seconds.unwrap_or(0.0));
                }
            }
        }
        Estimate { tokens_in: (tokens + sound).ceil() as u64, tokens_audio: sound as u64 }
    }

    /// The extents of a question's media. Under an ablation they are those of the question's own
    /// media, but for a video that has lost its sound: others become as much of something else.
    fn media(&self, media: &ResolvedMedia, is_muted: bool) -> LoadedMedia<Extent> {
        let all = |paths: &[PathBuf]| paths.iter().map(|path| self.extent(path)).collect();
        LoadedMedia {
            images: all(&media.images),
            audios: all(&media.audios),
            video: media.video.as_ref().map(|path| {
                let mut extent = self.extent(path);
                if let (Extent::Video(video), true) = (&mut extent, is_muted) {
                    video.sound_seconds = None;
                }
                self.content(extent)
            }),
        }
    }

    /// What is sent of a video.
    fn content(&self, extent: Extent) -> Content<Extent> {
        let Extent::Video(video) = extent else { return Content::whole(extent) };
        // Taken apart by name, so that the compiler asks for whatever else is to be made of videos.
        let Preparation { whole, frames, frame_size, sound, sample_rate: _, sounds: _, ffmpeg: _ } =
            self.packing.preparation(None);
        let frame = match frame_size {
            Some(side) => video.picture.shrunk_to(side),
            None => video.picture,
        };
        Content {
            file: whole.then_some(extent),
            sound: video.sound_seconds.filter(|_| sound).map(|seconds| Extent::Sound { seconds }),
            frames: vec![Extent::Picture(frame); frames.unwrap_or(0)],
        }
    }

    fn extent(&self, path: &Path) -> Extent {
        // The map is whole between calls; a panic elsewhere does not spoil it.
        let known = || self.extents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(extent) = known().get(path) {
            return *extent;
        }
        let extent = extent_of(path);
        known().insert(path.to_owned(), extent);
        extent
    }
}

/// Whether the question's video is sent without its sound.
fn is_muted(job: &Job) -> bool {
    let video = job.shown.as_ref().and_then(|shown| shown.video.as_ref());
    matches!(video, Some(Shown::Rewritten(Rewriting::Mute(_))))
}

/// By the file's header; by its size where that does not say. A file that is gone costs nothing:
/// its sample will be rejected.
fn extent_of(path: &Path) -> Extent {
    let bytes = || std::fs::metadata(path).map_or(0.0, |metadata| metadata.len() as f64);
    match mime_of_file(path) {
        Some(mime) if mime.starts_with("image/") => {
            Extent::Picture(PictureOutline::read(path).unwrap_or(USUAL_PICTURE))
        }
        Some(mime) if mime.starts_with("video/") => {
            Extent::Video(VideoOutline::read(path).unwrap_or_else(|_| {
                let seconds = bytes() / VIDEO_BYTES_A_SECOND;
                VideoOutline { picture: USUAL_PICTURE, seconds, sound_seconds: Some(seconds) }
            }))
        }
        Some(_) => Extent::Sound {
            seconds: SoundOutline::read(path)
                .map_or_else(|_| bytes() / SOUND_BYTES_A_SECOND, |sound| sound.seconds),
        },
        None => Extent::Sound { seconds: 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use avibench_media::{Clip, Picture, Sound, encode_mp4, encode_png, encode_wav};
    use avibench_protocol::{Folder, FolderData};
    use serde_json::{Map, json};

    use super::*;
    use crate::{Profile, VideoSettings};

    /// A question about an image and a clip of 2 seconds, 800 x 400, with sound.
    fn job(dir: &Path) -> Job {
        let picture = Picture::filled(800, 400, [9, 99, 9]).unwrap();
        std::fs::write(dir.join("a.png"), encode_png(&picture).unwrap()).unwrap();
        let sound = Sound::new(16_000, vec![0.25; 32_000]).unwrap();
        std::fs::write(dir.join("a.wav"), encode_wav(&sound).unwrap()).unwrap();
        let clip = Clip::new(vec![picture; 4], 2.0, Some(sound)).unwrap();
        std::fs::write(dir.join("a.mp4"), encode_mp4(&clip).unwrap()).unwrap();
        let record = json!([{"id": "0", "task": "AVQA", "input": {"question": {"text": "what?"},
            "video": "./a.mp4", "audio_list": ["./a.wav"], "image_list": ["./a.png"]}, "output": {}}]);
        std::fs::write(dir.join("data.json"), record.to_string()).unwrap();
        let data = FolderData::read(Folder::Avqa, dir).unwrap();
        Job::new(Arc::new(data.samples[0].clone()), "what?".to_owned(), dir)
    }

    fn estimate(job: &Job, model: &str, packing: Packing) -> Estimate {
        let request = RequestFormat::new(model, &Map::new(), false, Some(packing)).unwrap();
        Estimator::new(model, Some(&request)).estimate(job)
    }

    #[test]
    fn each_part_that_is_sent_counts_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let job = job(dir.path());
        // 20 for the frame of the request, 2 for `what?`; the image takes two tiles.
        let base = 22 + 2 * 258;
        let gemini = "gemini-2.5-flash";
        let gateway = estimate(&job, gemini, Profile::Gateway.into());
        let sound = gateway.tokens_audio;
        assert!((64..=68).contains(&sound), "two seconds and some AAC padding: {sound}");
        assert!(gateway.tokens_in.abs_diff(base + 2 * 258 + sound) <= 1, "{gateway:?}");
        let frames = |frames, frame_size| {
            let video = VideoSettings { frames, frame_size, sample_rate: None };
            estimate(&job, gemini, Packing::new(Profile::OpenAi, video).unwrap()).tokens_in
        };
        assert!(frames(None, None).abs_diff(base + 16 * 2 * 258 + sound) <= 1);
        assert!(frames(Some(4), None).abs_diff(base + 4 * 2 * 258 + sound) <= 1);
        assert!(frames(Some(4), Some(384)).abs_diff(base + 4 * 258 + sound) <= 1);
        let vllm = estimate(&job, "qwen2.5-omni-7b", Profile::Vllm.into());
        assert!(vllm.tokens_audio.abs_diff(50) <= 4, "sound beside the video only: {vllm:?}");
    }
}
