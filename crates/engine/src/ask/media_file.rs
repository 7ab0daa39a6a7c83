//! One media file in memory, with the mime type that its content says and the hash of it.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use avibench_files::{FileError, is_out_of_files};
use avibench_media::{
    Allowance, Container, MediaError, MediaFormat, MediumKind, RECOGNISED_BY, VideoOutline,
    check_file_bytes, check_whole,
};
use sha2::{Digest as _, Sha256};

use super::blob::{Blob, PiecePool};
use crate::failure::Failure;

/// A file's content, or something made of it.
#[derive(Debug, Clone)]
pub(crate) struct MediaFile {
    /// The file, for messages.
    pub(crate) path: PathBuf,
    pub(crate) mime: &'static str,
    pub(crate) bytes: Blob,
    pub(crate) sha256: [u8; 32],
}

/// What a medium takes in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaSize {
    pub(crate) mime: &'static str,
    /// Before base64.
    pub(crate) bytes: u64,
}

impl From<&MediaFile> for MediaSize {
    fn from(file: &MediaFile) -> Self {
        Self { mime: file.mime, bytes: file.bytes.len() as u64 }
    }
}

impl MediaSize {
    /// The size of a file as it is, without reading more than its beginning and its index.
    pub(crate) fn of_file(path: &Path) -> Result<Self, Failure> {
        let (bytes, beginning) = look_into(path).map_err(|e| unreadable(path, &e))?;
        let format = check_file_bytes(bytes)
            .and_then(|()| format_by_header(path, &beginning))
            .map_err(|error| unusable(path, &error))?;
        Ok(Self { mime: format.mime(), bytes })
    }
}

impl MediaFile {
    /// Reads a whole file, and hashes it on the way. That it is whole remains to be seen: see
    /// [`MediaFile::checked_by`].
    pub(crate) fn read(path: PathBuf, pool: &PiecePool) -> Result<Self, Failure> {
        let file = File::open(&path).map_err(|e| unreadable(&path, &e))?;
        let length = file.metadata().map_err(|e| unreadable(&path, &e))?.len();
        check_file_bytes(length).map_err(|error| unusable(&path, &error))?;
        let mut hash = Sha256::new();
        let bytes = Blob::read(file, length, pool, |piece| hash.update(piece))
            .map_err(|e| unreadable(&path, &e))?;
        let mime = usual_mime(&path, &bytes)?;
        Ok(Self { path, mime, bytes, sha256: hash.finalize().into() })
    }

    /// What was made of the file at `path`, as if it had been read.
    pub(crate) fn made(path: PathBuf, bytes: Blob) -> Result<Self, Failure> {
        let mime = usual_mime(&path, &bytes)?;
        Ok(Self::new(path, mime, bytes))
    }

    /// The same, if its content, which is `block`, is whole, with what its tracks say it is.
    pub(crate) fn checked_by(
        self,
        block: &[u8],
        allowance: &Allowance,
    ) -> Result<Self, MediaError> {
        Ok(Self { mime: check_whole(block, allowance)?.mime(), ..self })
    }

    /// A medium that was made of the file at `path`.
    pub(crate) fn new(path: PathBuf, mime: &'static str, bytes: Blob) -> Self {
        let mut hash = Sha256::new();
        for piece in bytes.pieces() {
            hash.update(piece.bytes());
        }
        Self { path, mime, bytes, sha256: hash.finalize().into() }
    }
}

/// The mime type that a file's beginning tells, which its tracks may correct.
fn usual_mime(path: &Path, bytes: &Blob) -> Result<&'static str, Failure> {
    let container = Container::of(bytes.beginning()).map_err(|error| unusable(path, &error))?;
    Ok(MediaFormat { container, kind: container.usual_kind() }.mime())
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    // The medium cannot help it, and neither can any other.
    if is_out_of_files(error) {
        return Failure::Settings(FileError::at("read", path)(copy_of(error)).to_string());
    }
    Failure::Medium(format!("cannot read medium {}: {error}", path.display()))
}

/// A medium that is not sent as it is: nothing better would come of asking.
pub(super) fn unusable(path: &Path, error: &impl Display) -> Failure {
    Failure::Medium(format!(
        "cannot use medium {}: {error} (`avibench doctor` checks all media of a data set)",
        path.display()
    ))
}

fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

/// A file's length and its first bytes.
fn look_into(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut beginning = Vec::new();
    file.take(RECOGNISED_BY as u64).read_to_end(&mut beginning)?;
    Ok((bytes, beginning))
}

/// What a file is and likely holds, by its first bytes alone.
pub(super) fn likely_format(path: &Path) -> Result<(Container, MediumKind), Failure> {
    let (_, beginning) = look_into(path).map_err(|e| unreadable(path, &e))?;
    let container = Container::of(&beginning).map_err(|error| unusable(path, &error))?;
    let is_theora = || beginning.windows(7).any(|found| found == b"\x80theora");
    let kind = match container {
        Container::Ogg if is_theora() => MediumKind::Video,
        other => other.usual_kind(),
    };
    Ok((container, kind))
}

/// What a file is, as far as its header tells.
fn format_by_header(path: &Path, beginning: &[u8]) -> Result<MediaFormat, MediaError> {
    let container = Container::of(beginning)?;
    let has_index = matches!(container, Container::Mp4 | Container::QuickTime);
    let kind = match VideoOutline::read(path) {
        Err(MediaError::NoTrack(_)) if has_index => MediumKind::Sound,
        _ => container.usual_kind(),
    };
    Ok(MediaFormat { container, kind })
}

/// The mime type of a file that can be read and is of a known kind, as far as its header tells.
pub(crate) fn mime_of_file(path: &Path) -> Option<&'static str> {
    let (_, beginning) = look_into(path).ok()?;
    Some(format_by_header(path, &beginning).ok()?.mime())
}

#[cfg(test)]
mod tests {
    use avibench_media::{Clip, Picture, Sound, encode_mp4, encode_png, encode_wav};

    use super::*;

    #[test]
    fn content_tells_the_kind_and_the_name_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let of = |name: &str, bytes: &[u8]| {
            let path = file(name, bytes);
            let header = MediaSize::of_file(&path).map(|size| size.mime);
            let read = MediaFile::read(path, &PiecePool::default());
            let checked = |file: MediaFile| {
                let (bytes, path) = (file.bytes.clone(), file.path.clone());
                let checked = file.checked_by(&bytes.block(), &Allowance::default());
                checked.map_err(|error| unusable(&path, &error))
            };
            let whole = read.and_then(checked).map(|file| file.mime);
            if let Ok(mime) = whole {
                assert_eq!(header, Ok(mime), "{name}");
            }
            whole.map_err(|failure| failure.to_string())
        };
        let picture = Picture::filled(20, 10, [1, 2, 3]).unwrap();
        assert_eq!(of("a.jpg", &encode_png(&picture).unwrap()), Ok("image/png"));
        let sound = Sound::new(8_000, vec![0.5; 800]).unwrap();
        assert_eq!(of("a.mp3", &encode_wav(&sound).unwrap()), Ok("audio/wav"));
        let clip = encode_mp4(&Clip::new(vec![picture; 3], 10.0, Some(sound)).unwrap()).unwrap();
        assert_eq!(of("a.wav", &clip), Ok("video/mp4"));
        for (name, bytes, reason) in [
            ("a.mp4", &b"<html>gone"[..], "an HTML page"),
            ("b.mp4", b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
            ("a.wav", b"", "empty (0 bytes)"),
            ("b.wav", b"RIFF....WAVEsound", "WAV"),
            ("c.mp4", &clip[..clip.len() - 1], "cut off"),
        ] {
            let message = of(name, bytes).unwrap_err();
            assert!(message.contains(name) && message.contains(reason), "{message}");
            assert!(message.contains("avibench doctor"), "{message}");
        }
    }

    #[test]
    fn a_file_that_no_server_takes_is_refused_before_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        File::create(&path).unwrap().set_len(6 << 30).unwrap();
        let failure = MediaFile::read(path, &PiecePool::default()).unwrap_err();
        assert!(failure.to_string().contains("6442450944"), "{failure}");
    }
}
