//! Making of a medium what is sent: checking that it is whole, and taking videos apart or
//! converting sounds for endpoints that take nothing else.
//!
//! The built-in decoders come first; an installed `ffmpeg` reads what they do not, but never what
//! is damaged. Decoding takes far more memory than its result, so what it will take is foreseen from
//! the medium's header and reserved beside the file, and no decoder goes beyond what it was given.

use std::path::Path;
use std::time::{Duration, Instant};

use avibench_media::{
    Allowance, Container, Ffmpeg, FfmpegInput, MediaError, MediumKind, Picture, PictureOutline,
    Sound, SoundOutline, VideoOutline, decode_audio_within, encode_png, encode_wav, frames_within,
    sound_track_within,
};

use super::blob::{Blob, BlockPool, PiecePool};
use super::media_file::{MediaFile, likely_format, unusable};
use super::profile::SoundForm;
use crate::failure::Failure;

/// Memory that a medium may take for itself and for decoding it, in bytes, however little may be held
/// in all: usual pictures and sounds are decoded under every bound, one at a time.
pub const LEAST_MEDIUM_BYTES: u64 = 1 << 30;

/// How far preparing one medium may go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes for the file and for decoding it, if its header lets expect that it needs so much.
    most: u64,
    /// Time for decoding a request's media.
    time: Duration,
    /// Of this, what others of them took.
    spent: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self::new(0, Duration::from_mins(3))
    }
}

impl Bounds {
    /// For media that together may take `bound` bytes, in requests that may take `time`.
    pub(crate) fn new(bound: u64, time: Duration) -> Self {
        Self { most: bound.max(LEAST_MEDIUM_BYTES), time, spent: Duration::ZERO }
    }

    /// The same once decoding other media of the request took so long.
    pub(crate) fn after(self, spent: Duration) -> Self {
        Self { spent, ..self }
    }

    /// Time that is left for decoding.
    pub(crate) fn left(self) -> Duration {
        self.time.saturating_sub(self.spent)
    }

    /// What decoding a medium may take from now on. `expected` bytes are what its header lets expect;
    /// `None` where that says nothing.
    fn allowance(self, file_bytes: u64, expected: Option<u64>) -> Allowance {
        Allowance {
            memory: self.memory(file_bytes, expected),
            deadline: Instant::now().checked_add(self.left()),
        }
    }

    /// Bytes that decoding a medium may take.
    fn memory(self, file_bytes: u64, expected: Option<u64>) -> u64 {
        let most = self.most.saturating_sub(file_bytes);
        expected.map_or(most, |expected| expected.min(most))
    }

    /// Why a medium is not sent, with the bound that it ran into.
    fn unusable(self, path: &Path, file_bytes: u64, error: &MediaError) -> Failure {
        let bound = match error {
            MediaError::OutOfMemory { limit } if *limit < self.memory(file_bytes, None) => {
                "more than its header lets expect; the file is likely damaged".to_owned()
            }
            MediaError::OutOfMemory { .. } => format!(
                "which is what is left for it of {} MiB, the larger one of {} MiB and \
                 --max-inflight-mib; shorten or shrink the file, or raise --max-inflight-mib",
                self.most >> 20,
                LEAST_MEDIUM_BYTES >> 20
            ),
            MediaError::OutOfTime => format!(
                "as decoding is part of the {} s for one request; shorten or shrink the file, or \
                 raise --timeout",
                self.time.as_secs_f64()
            ),
            _ => return unusable(path, error),
        };
        unusable(path, &format!("{error}, {bound}"))
    }

    /// A medium whose decoder does not stop.
    pub(crate) fn out_of_time(self, path: &Path) -> Failure {
        self.unusable(path, 0, &MediaError::OutOfTime)
    }
}

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

    /// Memory to reserve for preparing the medium at `path` beside its own `file_bytes`, in bytes.
    pub(crate) fn memory_for(&self, path: &Path, file_bytes: u64, bounds: Bounds) -> u64 {
        bounds.memory(file_bytes, self.expected_memory(path)) + Blob::block_room_for(file_bytes)
    }

    /// Memory that decoding the medium at `path` takes as far as its header tells, with what is made
    /// of it, in bytes; `None` where that tells nothing.
    fn expected_memory(&self, path: &Path) -> Option<u64> {
        // What is no medium is refused without being decoded.
        let Ok((container, kind)) = likely_format(path) else { return Some(0) };
        let converted = |sound: SoundOutline| Allowance::for_sound(sound.most_samples);
        match kind {
            MediumKind::Picture => PictureOutline::read(path).ok().map(Allowance::for_picture),
            MediumKind::Sound if self.sounds.takes_container(container) => Some(0),
            MediumKind::Sound => SoundOutline::read(path).ok().map(converted),
            MediumKind::Video if self.takes_videos_apart() => match VideoOutline::read(path) {
                Ok(video) => {
                    let pixels = u64::from(video.picture.width) * u64::from(video.picture.height);
                    let frames = self.frames.map_or(0, |frames| {
                        // A PNG takes no more than its pixels, but for a little.
                        Allowance::for_video(video.picture) + frames as u64 * (3 * pixels + 4096)
                    });
                    let sound = video.sound_seconds.filter(|_| self.sound);
                    let sound = sound.map(SoundOutline::of_track).map_or(0, converted);
                    // Tracks are foreseen at 96 kHz.
                    let rates = self.sample_rate.map_or(1, |rate| rate.div_ceil(96_000));
                    Some(frames + sound * u64::from(rates))
                }
                // Sound alone.
                Err(MediaError::NoTrack(_)) => SoundOutline::read(path).ok().map(converted),
                Err(_) => None,
            },
            MediumKind::Video => Some(0),
        }
    }

    /// What is sent of a medium, if it is whole. Decodes it as far as needed, within the bounds.
    pub(crate) fn take_apart(
        &self,
        file: MediaFile,
        bounds: Bounds,
        blocks: &BlockPool,
    ) -> Result<Content, Failure> {
        let (path, file_bytes) = (file.path.clone(), file.bytes.len() as u64);
        let allowance = bounds.allowance(file_bytes, self.expected_memory(&path));
        let content = self.taken_apart(file, allowance, blocks);
        content.map_err(|error| bounds.unusable(&path, file_bytes, &error))
    }

    fn taken_apart(
        &self,
        file: MediaFile,
        allowance: Allowance,
        blocks: &BlockPool,
    ) -> Result<Content, MediaError> {
        let bytes = file.bytes.clone();
        let block = bytes.block_in(blocks);
        let file = file.checked_by(&block, &allowance)?;
        if !self.applies_to(file.mime) {
            return Ok(Content::whole(file));
        }
        let container = Container::of(file.bytes.beginning())?;
        let (is_video, path) = (file.mime.starts_with("video/"), file.path.clone());
        let medium = FfmpegInput { bytes: &block, container, allowance };
        let pieces =
            if is_video { self.pieces_of(medium, &path)? } else { self.converted(medium, &path)? };
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
        let frames = match frames {
            Some(count) => self.frames_of(medium, count, |png| part("image/png", png))?,
            None => Vec::new(),
        };
        Ok(Content { file: None, sound, frames })
    }

    /// A separate sound in a form that is taken.
    fn converted(&self, medium: FfmpegInput<'_>, path: &Path) -> Result<Content, MediaError> {
        let track =
            |ffmpeg: &Ffmpeg| ffmpeg.sound_track(medium)?.ok_or(MediaError::NoTrack("sound"));
        let built_in = decode_audio_within(medium.bytes, &medium.allowance);
        let sound = self.or_ffmpeg(built_in, track)?;
        let wav = encode_wav(&sound)?;
        Ok(Content::whole(MediaFile::new(path.to_owned(), "audio/wav", wav.into())))
    }

    fn sound_of(&self, medium: FfmpegInput<'_>) -> Result<Option<Vec<u8>>, MediaError> {
        let built_in = Self::built_in(medium, |bytes| sound_track_within(bytes, &medium.allowance));
        let sound = self.or_ffmpeg(built_in, |ffmpeg| ffmpeg.sound_track(medium))?;
        let resampled = |sound: Sound| {
            let Some(rate) = self.sample_rate else { return Ok(sound) };
            let samples = (sound.duration() * f64::from(rate)) as u64;
            medium.allowance.check_memory(Allowance::for_sound(samples))?;
            sound.resampled(rate)
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

    /// Frames as PNG, each encoded as soon as it is decoded.
    fn frames_of<T: Clone>(
        &self,
        medium: FfmpegInput<'_>,
        count: usize,
        part: impl Fn(Vec<u8>) -> T,
    ) -> Result<Vec<T>, MediaError> {
        let png = |picture: Picture| {
            let png = self.png_of(&picture)?;
            let bytes = png.len() as u64;
            Ok((part(png), bytes))
        };
        let built_in =
            Self::built_in(medium, |bytes| frames_within(bytes, count, &medium.allowance, png));
        self.or_ffmpeg(built_in, |ffmpeg| ffmpeg.frames_within(medium, count, png))
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
