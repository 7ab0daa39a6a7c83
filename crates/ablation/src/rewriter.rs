//! Making rewritten media: first what is built in, then an installed `ffmpeg` for codings that are
//! not.

use std::borrow::Cow;
use std::path::Path;
use std::time::{Duration, Instant};

use avibench_media::{
    Allowance, Container, Ffmpeg, FfmpegInput, MediaError, MediaFormat, MediumKind, Picture, Sound,
    VideoOutline, check_file_bytes, check_whole, decode_audio_within, decode_image, encode_png,
    encode_wav, presented_seconds, sound_track_within, with_black_pictures, with_sound,
    without_sound,
};

use crate::{RewriteError, Rewriting};

/// Time that rewriting a medium may take.
const TIME: Duration = Duration::from_mins(3);
/// A file, what is copied out of it, and what is put together of that.
const COPIES: usize = 3;

/// What a medium became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewritten {
    /// Nothing of it had to be changed: the file stands for itself.
    Unchanged,
    /// The whole content of a new file.
    Made(Vec<u8>),
}

/// Rewrites media.
#[derive(Debug, Clone)]
pub struct Rewriter {
    ffmpeg: Option<Ffmpeg>,
    /// Bytes that rewriting a medium may take.
    memory: u64,
}

impl Default for Rewriter {
    /// What is built in, without a limit on memory of its own.
    fn default() -> Self {
        Self { ffmpeg: None, memory: u64::MAX }
    }
}

/// A medium that was read and found to be whole.
pub(crate) struct Source<'a> {
    path: &'a Path,
    pub(crate) bytes: Vec<u8>,
    pub(crate) format: MediaFormat,
}

impl<'a> Source<'a> {
    fn read(path: &'a Path, allowance: &Allowance) -> Result<Self, RewriteError> {
        let unreadable = |source| RewriteError::Unreadable { path: path.to_owned(), source };
        let unusable = |reason| RewriteError::Medium { path: path.to_owned(), reason };
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        check_file_bytes(length).map_err(unusable)?;
        allowance.check_memory(COPIES as u64 * length).map_err(unusable)?;
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let format = check_whole(&bytes, allowance).map_err(unusable)?;
        Ok(Self { path, bytes, format })
    }

    fn is_mp4(&self) -> bool {
        matches!(self.format.container, Container::Mp4 | Container::QuickTime)
    }

    fn for_ffmpeg(&self, allowance: Allowance) -> FfmpegInput<'_> {
        FfmpegInput { bytes: &self.bytes, container: self.format.container, allowance }
    }
}

/// What the file of a rewritten medium is called behind the dot; `None` if the medium stays as it
/// is.
pub(crate) fn extension(rewriting: &Rewriting, kind: MediumKind) -> Option<&'static str> {
    match (rewriting, kind) {
        (Rewriting::Blind(_), MediumKind::Picture) => Some("png"),
        (Rewriting::Blind(_), MediumKind::Sound) | (_, MediumKind::Picture) => None,
        (_, MediumKind::Sound) => Some("wav"),
        (_, MediumKind::Video) => Some("mp4"),
    }
}

impl Rewriter {
    /// Lets the `ffmpeg` on the search path, if there is one, read what the built-in decoders do not.
    #[must_use]
    pub fn with_installed_ffmpeg() -> Self {
        Self { ffmpeg: Ffmpeg::new("ffmpeg").ok(), ..Self::default() }
    }

    /// The same with a limit on the bytes that rewriting a medium may take.
    #[must_use]
    pub fn within(self, memory: u64) -> Self {
        Self { memory, ..self }
    }

    fn allowance(&self) -> Allowance {
        Allowance { memory: self.memory, deadline: Some(Instant::now() + TIME) }
    }

    /// Reads a medium and looks whether it is whole.
    pub(crate) fn read<'a>(&self, path: &'a Path) -> Result<Source<'a>, RewriteError> {
        Source::read(path, &self.allowance())
    }

    /// Makes a rewritten medium.
    ///
    /// # Errors
    ///
    /// [`RewriteError::Unreadable`] or [`RewriteError::Medium`] for a file that cannot be read, is
    /// damaged, or is of a coding that neither this program nor an installed `ffmpeg` reads.
    pub fn rewrite(&self, rewriting: &Rewriting) -> Result<Rewritten, RewriteError> {
        let sources =
            rewriting.sources().map(|path| self.read(path)).collect::<Result<Vec<_>, _>>()?;
        self.rewrite_read(rewriting, &sources)
    }

    /// The same of files that have been read.
    pub(crate) fn rewrite_read(
        &self,
        rewriting: &Rewriting,
        sources: &[Source<'_>],
    ) -> Result<Rewritten, RewriteError> {
        let Some(own) = sources.first() else { return Ok(Rewritten::Unchanged) };
        if extension(rewriting, own.format.kind).is_none() {
            return Ok(Rewritten::Unchanged);
        }
        let in_own = |reason| RewriteError::Medium { path: own.path.to_owned(), reason };
        let bytes = match rewriting {
            Rewriting::Mute(_) => self.muted(own),
            Rewriting::Blind(_) => self.blinded(own),
            Rewriting::Shift(_) => self.shifted(own),
            Rewriting::Dub { .. } => {
                let other = sources.last().unwrap_or(own);
                let sound = self.sound_of(other).map_err(|reason| RewriteError::Medium {
                    path: other.path.to_owned(),
                    reason,
                })?;
                self.dubbed(own, sound)
            }
        };
        bytes.map(Rewritten::Made).map_err(in_own)
    }

    fn muted(&self, own: &Source<'_>) -> Result<Vec<u8>, MediaError> {
        if own.format.kind == MediumKind::Video {
            return without_sound(&self.pictures_of(own)?);
        }
        let sound = self.sound_of(own)?.ok_or(MediaError::NoTrack("sound"))?;
        encode_wav(&Sound::new(sound.sample_rate(), vec![0.0; sound.samples().len()])?)
    }

    fn blinded(&self, own: &Source<'_>) -> Result<Vec<u8>, MediaError> {
        if own.format.kind == MediumKind::Video {
            if let Ok(outline) = VideoOutline::read(own.path) {
                self.allowance().check_memory(Allowance::for_video(outline.picture))?;
            }
            return with_black_pictures(&self.mp4_of(own)?);
        }
        let picture = decode_image(&own.bytes)?;
        encode_png(&Picture::filled(picture.width(), picture.height(), [0; 3])?)
    }

    fn shifted(&self, own: &Source<'_>) -> Result<Vec<u8>, MediaError> {
        if own.format.kind != MediumKind::Video {
            let sound = self.sound_of(own)?.ok_or(MediaError::NoTrack("sound"))?;
            return encode_wav(&moved(sound)?);
        }
        let mp4 = self.mp4_of(own)?;
        // What was written anew begins later than the file: only its own sound is in step with it.
        let sound = if own.is_mp4() {
            self.sound_of(own)?
        } else {
            sound_track_within(&mp4, &self.allowance())?
        };
        match sound.map(moved).transpose()? {
            Some(sound) => with_sound(&mp4, &sound),
            None => without_sound(&mp4),
        }
    }

    fn dubbed(&self, own: &Source<'_>, sound: Option<Sound>) -> Result<Vec<u8>, MediaError> {
        if own.format.kind == MediumKind::Video {
            let mp4 = self.pictures_of(own)?;
            return match sound {
                Some(sound) => with_sound(&mp4, &self.fitted(sound, presented_seconds(&mp4)?)?),
                None => without_sound(&mp4),
            };
        }
        let seconds = self.sound_of(own)?.ok_or(MediaError::NoTrack("sound"))?.duration();
        // A video without a sound track has silence to give.
        let sound = sound.map_or_else(|| Sound::new(16_000, Vec::new()), Ok)?;
        encode_wav(&self.fitted(sound, seconds)?)
    }

    /// The sound cut, or continued by silence, to so many seconds, and to one sample at least.
    fn fitted(&self, sound: Sound, seconds: f64) -> Result<Sound, MediaError> {
        let rate = sound.sample_rate();
        let length = (seconds * f64::from(rate)).round().max(1.0);
        if length > avibench_media::MAX_SAMPLES as f64 {
            return Err(MediaError::TooLarge {
                what: "the sound's number of samples",
                found: length as u64,
                limit: avibench_media::MAX_SAMPLES,
            });
        }
        // What a file of a few bytes states may be hours.
        self.allowance().check_memory(Allowance::for_sound(length as u64))?;
        let mut samples = sound.into_samples();
        samples.resize(length as usize, 0.0);
        Sound::new(rate, samples)
    }

    /// The video as MP4, written anew by `ffmpeg` if it is none.
    fn mp4_of<'a>(&self, own: &'a Source<'_>) -> Result<Cow<'a, [u8]>, MediaError> {
        self.converted(own, Ffmpeg::to_mp4)
    }

    /// The same where nothing of its own sound is kept.
    fn pictures_of<'a>(&self, own: &'a Source<'_>) -> Result<Cow<'a, [u8]>, MediaError> {
        self.converted(own, Ffmpeg::to_silent_mp4)
    }

    fn converted<'a>(
        &self,
        own: &'a Source<'_>,
        convert: fn(&Ffmpeg, FfmpegInput<'_>) -> Result<Vec<u8>, MediaError>,
    ) -> Result<Cow<'a, [u8]>, MediaError> {
        if own.is_mp4() {
            return Ok(Cow::Borrowed(&own.bytes));
        }
        match &self.ffmpeg {
            Some(ffmpeg) => {
                let allowance = self.allowance();
                let mp4 = convert(ffmpeg, own.for_ffmpeg(allowance))?;
                allowance.check_memory((own.bytes.len() + COPIES * mp4.len()) as u64)?;
                Ok(Cow::Owned(mp4))
            }
            None => Err(MediaError::Unsupported {
                what: format!("rewriting {}", own.format.container.name()),
                hint: "convert the file to MP4, or install ffmpeg".to_owned(),
            }),
        }
    }

    fn sound_of(&self, own: &Source<'_>) -> Result<Option<Sound>, MediaError> {
        let built_in = match own.format.kind {
            MediumKind::Video if own.is_mp4() => sound_track_within(&own.bytes, &self.allowance()),
            MediumKind::Video => Err(MediaError::Unsupported {
                what: format!("the sound of {}", own.format.container.name()),
                hint: "convert the file to MP4, or install ffmpeg".to_owned(),
            }),
            _ => decode_audio_within(&own.bytes, &self.allowance()).map(Some),
        };
        match (built_in, &self.ffmpeg) {
            (Err(MediaError::Unsupported { .. }), Some(ffmpeg)) => {
                ffmpeg.sound_track(own.for_ffmpeg(self.allowance()))
            }
            (built_in, _) => built_in,
        }
    }
}

/// The sound moved to later; what leaves at its end comes in at its beginning, so that nothing of
/// it is lost.
fn moved(sound: Sound) -> Result<Sound, MediaError> {
    let rate = sound.sample_rate();
    let by = Rewriting::shift_seconds(sound.duration()) * f64::from(rate);
    let mut samples = sound.into_samples();
    samples.rotate_right(by.round() as usize);
    Sound::new(rate, samples)
}
