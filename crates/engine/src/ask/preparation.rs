//! Making of a medium what is sent: checking that it is whole, and taking videos apart or
//! converting sounds for endpoints that take nothing else.
//!
//! The built-in decoders come first; an installed `ffmpeg` reads what they do not, but never what
//! is damaged. Decoding takes far more memory than its result, so there are places for one medium a
//! core.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_media::{
    Container, Ffmpeg, FfmpegInput, MediaError, Picture, PictureOutline, Sound, TimedPicture,
    decode_audio, encode_png, encode_wav, frames_at, sound_track,
};
use tokio::sync::Semaphore;

use super::blob::PiecePool;
use super::media_file::{MediaFile, unusable};
use super::profile::SoundForm;
use crate::failure::Failure;

/// Room that is kept free for a frame that is still to be decoded, in bytes.
const FRAME_ROOM: u64 = 1 << 20;

/// Time that an installed `ffmpeg` has for a medium.
const FFMPEG_TIME: Duration = Duration::from_mins(3);

/// What is made of media.
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
    /// In which form separate sounds are sent.
    pub(crate) sounds: SoundForm,
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
            sounds: SoundForm::AsIs,
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
        if mime.starts_with("video/") {
            self.takes_videos_apart()
        } else {
            mime.starts_with("audio/") && !self.sounds.takes(mime)
        }
    }

    /// Room to reserve beside the file's own size.
    pub(crate) fn room(&self, is_video: bool) -> u64 {
        match self.frames {
            Some(frames) if is_video => frames as u64 * FRAME_ROOM,
            _ => 0,
        }
    }

    /// The medium as it is sent, if it is whole. Decoding takes far more memory than its result: `decoders`
    /// bounds how many do it at a time.
    pub(crate) async fn prepare(
        &self,
        file: MediaFile,
        decoders: &Arc<Semaphore>,
    ) -> Result<Content, Failure> {
        let broke = |reason: String| Failure::Medium(format!("decoding broke off: {reason}"));
        let place = Arc::clone(decoders).acquire_owned().await.map_err(|e| broke(e.to_string()))?;
        let preparation = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            preparation.take_apart(file)
        });
        task.await.map_err(|e| broke(e.to_string()))?
    }

    /// What is sent of a medium, if it is whole. Decodes it as far as needed.
    pub(crate) fn take_apart(&self, file: MediaFile) -> Result<Content, Failure> {
        let bytes = file.bytes.clone();
        let block = bytes.block();
        let file = file.checked_by(&block)?;
        if !self.applies_to(file.mime) {
            return Ok(Content::whole(file));
        }
        let container =
            Container::of(file.bytes.beginning()).map_err(|error| unusable(&file.path, &error))?;
        let (is_video, path) = (file.mime.starts_with("video/"), file.path.clone());
        let medium =
            FfmpegInput { bytes: &block, container, deadline: Instant::now() + FFMPEG_TIME };
        let pieces =
            if is_video { self.pieces_of(medium, &path) } else { self.converted(medium, &path) };
        let pieces = pieces.map_err(|error| unusable(&path, &error))?;
        let is_sent = is_video && self.whole;
        Ok(Content { file: pieces.file.or(is_sent.then_some(file)), ..pieces })
    }

    /// What is sent of a video, but for its file.
    fn pieces_of(&self, medium: FfmpegInput<'_>, path: &Path) -> Result<Content, MediaError> {
        let part = |mime, bytes: Vec<u8>| MediaFile::new(path.to_owned(), mime, bytes.into());
        // Taken apart by name, so that the compiler asks for whatever else is to be made of videos.
        let Self { whole: _, frames, sound, frame_size: _, sample_rate: _, sounds: _, ffmpeg: _ } =
            *self;
        let sound = if sound { self.sound_of(medium)? } else { None };
        let sound = sound.map(|wav| part("audio/wav", wav));
        let pictures = match frames {
            Some(count) => self.frames_of(medium, count)?,
            None => Vec::new(),
        };
        let frames = pictures
            .iter()
            .map(|timed| Ok(part("image/png", self.png_of(&timed.picture)?)))
            .collect::<Result<_, MediaError>>()?;
        Ok(Content { file: None, sound, frames })
    }

    /// A separate sound in a form that is taken.
    fn converted(&self, medium: FfmpegInput<'_>, path: &Path) -> Result<Content, MediaError> {
        let track =
            |ffmpeg: &Ffmpeg| ffmpeg.sound_track(medium)?.ok_or(MediaError::NoTrack("sound"));
        let sound = self.or_ffmpeg(decode_audio(medium.bytes), track)?;
        let wav = encode_wav(&sound)?;
        Ok(Content::whole(MediaFile::new(path.to_owned(), "audio/wav", wav.into())))
    }

    fn sound_of(&self, medium: FfmpegInput<'_>) -> Result<Option<Vec<u8>>, MediaError> {
        let built_in = Self::built_in(medium, sound_track);
        let sound = self.or_ffmpeg(built_in, |ffmpeg| ffmpeg.sound_track(medium))?;
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
        medium: FfmpegInput<'_>,
        count: usize,
    ) -> Result<Vec<TimedPicture>, MediaError> {
        let built_in = Self::built_in(medium, |bytes| frames_at(bytes, count));
        self.or_ffmpeg(built_in, |ffmpeg| ffmpeg.frames_at(medium, count))
    }

    /// What the built-in decoders make of a video, if they read its container.
    fn built_in<T>(
        medium: FfmpegInput<'_>,
        decode: impl FnOnce(&[u8]) -> Result<T, MediaError>,
    ) -> Result<T, MediaError> {
        match medium.container {
            Container::Mp4 | Container::QuickTime => decode(medium.bytes),
            other => Err(MediaError::Unsupported {
                what: format!("taking {} apart", other.name()),
                hint: "convert the file, for instance with `ffmpeg -i IN -c:v libx264 -pix_fmt \
                       yuv420p -c:a aac OUT.mp4`, or install ffmpeg"
                    .to_owned(),
            }),
        }
    }

    /// What is not built in is read by an installed `ffmpeg`; what is damaged by nobody.
    fn or_ffmpeg<T>(
        &self,
        built_in: Result<T, MediaError>,
        read: impl FnOnce(&Ffmpeg) -> Result<T, MediaError>,
    ) -> Result<T, MediaError> {
        match (built_in, &self.ffmpeg) {
            (Err(MediaError::Unsupported { .. }), Some(ffmpeg)) => read(ffmpeg),
            (result, _) => result,
        }
    }
}
