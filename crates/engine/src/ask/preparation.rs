//! Taking a video apart for endpoints that do not: its sound track, its frames.

use std::sync::Arc;

use avibench_media::{
    Ffmpeg, MediaError, Picture, Sound, TimedPicture, encode_png, encode_wav, frames_at,
    sound_track,
};
use tokio::sync::Semaphore;

use super::blob::PiecePool;
use super::media_file::MediaFile;
use crate::failure::Failure;

/// Room that is kept free for a frame that is still to be decoded, in bytes.
const FRAME_ROOM: u64 = 1 << 20;

/// What is made of a video.
#[derive(Debug, Clone, Default)]
pub(crate) struct Preparation {
    /// How many frames stand for it; `None` leaves it whole.
    pub(crate) frames: Option<usize>,
    /// Most pixels on a frame's longer side.
    pub(crate) frame_size: Option<u32>,
    /// Whether its sound track is wanted by itself.
    pub(crate) sound: bool,
    /// The sound track's rate in Hz; `None` keeps its own.
    pub(crate) sample_rate: Option<u32>,
    /// Who reads what the built-in decoders do not.
    pub(crate) ffmpeg: Option<Ffmpeg>,
}

/// A medium as it is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// The file itself; none for a video that its frames stand for.
    pub(crate) file: Option<MediaFile>,
    /// A video's sound track, if it is wanted and there is one.
    pub(crate) sound: Option<MediaFile>,
    /// A video's frames, if they are wanted.
    pub(crate) frames: Vec<MediaFile>,
}

impl Content {
    /// Bytes in memory.
    pub(crate) fn size(&self) -> u64 {
        let files = self.file.iter().chain(&self.sound).chain(&self.frames);
        files.map(|file| file.bytes.room()).sum()
    }

    /// Gives the memory back.
    pub(crate) fn recycle(self, pool: &PiecePool) {
        for file in self.file.into_iter().chain(self.sound).chain(self.frames) {
            pool.recycle(file.bytes);
        }
    }
}

impl Preparation {
    /// Whether anything is made of videos.
    pub(crate) fn takes_apart(&self) -> bool {
        self.frames.is_some() || self.sound
    }

    /// Room to reserve beside the file's own size.
    pub(crate) fn room(&self, is_video: bool) -> u64 {
        match self.frames {
            Some(frames) if is_video => frames as u64 * FRAME_ROOM,
            _ => 0,
        }
    }

    /// The medium as it is sent. Decoding takes far more memory than its result: `decoders`
    /// bounds how many do it at a time.
    pub(crate) async fn prepare(
        &self,
        file: MediaFile,
        decoders: &Arc<Semaphore>,
    ) -> Result<Content, Failure> {
        if !file.mime.starts_with("video/") || !self.takes_apart() {
            return Ok(Content { file: Some(file), ..Content::default() });
        }
        let broke = |reason: String| Failure::Medium(format!("decoding broke off: {reason}"));
        let place = Arc::clone(decoders).acquire_owned().await.map_err(|e| broke(e.to_string()))?;
        let preparation = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            preparation.take_apart(file)
        });
        task.await.map_err(|e| broke(e.to_string()))?
    }

    fn take_apart(&self, file: MediaFile) -> Result<Content, Failure> {
        let unusable = |error: MediaError| {
            Failure::Medium(format!("cannot decode medium {}: {error}", file.path.display()))
        };
        let part = |mime, bytes: Vec<u8>| MediaFile::new(file.path.clone(), mime, bytes.into());
        let block = file.bytes.to_block();
        let sound = if self.sound { self.sound_of(&file, &block).map_err(unusable)? } else { None };
        let sound = sound.map(|wav| part("audio/wav", wav));
        let Some(count) = self.frames else {
            return Ok(Content { file: Some(file), sound, frames: Vec::new() });
        };
        let pictures = self.frames_of(&file, &block, count).map_err(unusable)?;
        let frames = pictures
            .iter()
            .map(|timed| Ok(part("image/png", self.png_of(&timed.picture)?)))
            .collect::<Result<_, MediaError>>()
            .map_err(unusable)?;
        Ok(Content { file: None, sound, frames })
    }

    fn sound_of(&self, file: &MediaFile, block: &[u8]) -> Result<Option<Vec<u8>>, MediaError> {
        let sound = match (sound_track(block), &self.ffmpeg) {
            (Err(MediaError::Unsupported { .. } | MediaError::Malformed { .. }), Some(ffmpeg)) => {
                ffmpeg.sound_track(&file.path)
            }
            (result, _) => result,
        }?;
        let resampled = |sound: Sound| match self.sample_rate {
            Some(rate) => sound.resampled(rate),
            None => Ok(sound),
        };
        sound.map(|sound| encode_wav(&resampled(sound)?)).transpose()
    }

    fn png_of(&self, picture: &Picture) -> Result<Vec<u8>, MediaError> {
        let (width, height) = (picture.width(), picture.height());
        match self.frame_size {
            Some(side) if width.max(height) > side => {
                let scale = f64::from(side) / f64::from(width.max(height));
                let shrunk = |length| ((f64::from(length) * scale).round() as u32).max(1);
                encode_png(&picture.resized(shrunk(width), shrunk(height))?)
            }
            _ => encode_png(picture),
        }
    }

    fn frames_of(
        &self,
        file: &MediaFile,
        block: &[u8],
        count: usize,
    ) -> Result<Vec<TimedPicture>, MediaError> {
        match (frames_at(block, count), &self.ffmpeg) {
            (Err(MediaError::Unsupported { .. } | MediaError::Malformed { .. }), Some(ffmpeg)) => {
                ffmpeg.frames_at(&file.path, count)
            }
            (result, _) => result,
        }
    }
}
