//! Taking a video apart for endpoints that do not: its sound track, its frames.
//!
//! The built-in decoders come first; an installed `ffmpeg` reads what they do not. Decoding takes
//! far more memory than its result, so there are places for one video a core.

use std::sync::Arc;

use avibench_media::{
    Ffmpeg, MediaError, Picture, PictureOutline, Sound, TimedPicture, encode_png, encode_wav,
    frames_at, sound_track,
};
use tokio::sync::Semaphore;

use super::blob::PiecePool;
use super::media_file::MediaFile;
use crate::failure::Failure;

/// Room that is kept free for a frame that is still to be decoded, in bytes.
const FRAME_ROOM: u64 = 1 << 20;

/// What is made of a video.
#[derive(Debug, Clone)]
pub(crate) struct Preparation {
    /// Whether the file itself is wanted.
    pub(crate) whole: bool,
    /// How many frames are taken out of it; `None` takes none.
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

impl Default for Preparation {
    /// Files as they are.
    fn default() -> Self {
        Self {
            whole: true,
            frames: None,
            frame_size: None,
            sound: false,
            sample_rate: None,
            ffmpeg: None,
        }
    }
}

/// A medium as it is sent; `M` is a file in memory, or only its size or extent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content<M = MediaFile> {
    /// The file itself; none for a video that its frames stand for.
    pub(crate) file: Option<M>,
    /// A video's sound track, if it is wanted and there is one.
    pub(crate) sound: Option<M>,
    /// A video's frames, if they are wanted.
    pub(crate) frames: Vec<M>,
}

impl<M> Default for Content<M> {
    fn default() -> Self {
        Self { file: None, sound: None, frames: Vec::new() }
    }
}

impl<M> Content<M> {
    /// A medium that is sent as its file is.
    pub(crate) fn whole(file: M) -> Self {
        Self { file: Some(file), ..Self::default() }
    }

    /// The same with something else for each medium.
    pub(crate) fn map<N>(self, of: impl Fn(M) -> N) -> Content<N> {
        Content {
            file: self.file.map(&of),
            sound: self.sound.map(&of),
            frames: self.frames.into_iter().map(of).collect(),
        }
    }
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
    pub(crate) fn takes_videos_apart(&self) -> bool {
        self.frames.is_some() || self.sound
    }

    /// Whether anything is made of a medium of this mime type.
    pub(crate) fn applies_to(&self, mime: &str) -> bool {
        self.takes_videos_apart() && mime.starts_with("video/")
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
        if !self.applies_to(file.mime) {
            return Ok(Content::whole(file));
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

    /// What is sent of a video. Decodes it.
    pub(crate) fn take_apart(&self, file: MediaFile) -> Result<Content, Failure> {
        let unusable = |error: MediaError| {
            Failure::Medium(format!("cannot decode medium {}: {error}", file.path.display()))
        };
        let part = |mime, bytes: Vec<u8>| MediaFile::new(file.path.clone(), mime, bytes.into());
        let block = file.bytes.to_block();
        // Taken apart by name, so that the compiler asks for whatever else is to be made of videos.
        let Self { whole, frames, sound, frame_size: _, sample_rate: _, ffmpeg: _ } = *self;
        let sound = if sound { self.sound_of(&file, &block).map_err(unusable)? } else { None };
        let sound = sound.map(|wav| part("audio/wav", wav));
        let pictures = match frames {
            Some(count) => self.frames_of(&file, &block, count).map_err(unusable)?,
            None => Vec::new(),
        };
        let frames = pictures
            .iter()
            .map(|timed| Ok(part("image/png", self.png_of(&timed.picture)?)))
            .collect::<Result<_, MediaError>>()
            .map_err(unusable)?;
        Ok(Content { file: whole.then_some(file), sound, frames })
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
        let size = PictureOutline::new(picture.width(), picture.height());
        match size.zip(self.frame_size).map(|(size, side)| (size, size.shrunk_to(side))) {
            Some((size, shrunk)) if shrunk != size => {
                encode_png(&picture.resized(shrunk.width, shrunk.height)?)
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
