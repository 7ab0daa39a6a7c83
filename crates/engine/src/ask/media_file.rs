//! One media file in memory, with the mime type that its name says and the hash of its content.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

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
    /// The size of a file as it is, without reading more than its beginning.
    pub(crate) fn of_file(path: &Path) -> Result<Self, Failure> {
        let (bytes, beginning) = look_into(path).map_err(|e| unreadable(path, &e))?;
        let mime = mime_of(path, &beginning).ok_or_else(|| unknown_kind(path))?;
        Ok(Self { mime, bytes })
    }
}

impl MediaFile {
    /// Reads a whole file, and hashes it on the way.
    pub(crate) fn read(path: PathBuf, pool: &PiecePool) -> Result<Self, Failure> {
        let mut hash = Sha256::new();
        let mut open = || {
            let file = File::open(&path)?;
            let length = file.metadata()?.len();
            Blob::read(file, length, pool, |piece| hash.update(piece))
        };
        let bytes = open().map_err(|e| unreadable(&path, &e))?;
        let mime = mime_of(&path, bytes.beginning()).ok_or_else(|| unknown_kind(&path))?;
        Ok(Self { path, mime, bytes, sha256: hash.finalize().into() })
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

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Medium(format!("cannot read medium {}: {error}", path.display()))
}

/// A file's length and its first bytes.
fn look_into(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut beginning = Vec::new();
    file.take(16).read_to_end(&mut beginning)?;
    Ok((bytes, beginning))
}

/// The mime type of a file that can be read and is of a known kind.
pub(crate) fn mime_of_file(path: &Path) -> Option<&'static str> {
    let (_, beginning) = look_into(path).ok()?;
    mime_of(path, &beginning)
}

fn unknown_kind(path: &Path) -> Failure {
    Failure::Medium(format!(
        "medium {} is of no known kind: expected PNG, JPEG, WebP, GIF, WAV, MP3, FLAC, Ogg, MP4, \
         WebM, MOV, MKV or AVI",
        path.display()
    ))
}

/// The mime type, by content where that tells, else by the file's name.
pub(crate) fn mime_of(path: &Path, bytes: &[u8]) -> Option<&'static str> {
    let at = |start: usize, magic: &[u8]| bytes.get(start..start + magic.len()) == Some(magic);
    if at(0, b"\x89PNG") {
        return Some("image/png");
    }
    if at(0, b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if at(0, b"GIF8") {
        return Some("image/gif");
    }
    if at(0, b"RIFF") {
        return match bytes.get(8..12) {
            Some(b"WEBP") => Some("image/webp"),
            Some(b"AVI ") => Some("video/x-msvideo"),
            _ => Some("audio/wav"),
        };
    }
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "flac" => "audio/flac",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "m4a" => "audio/mp4",
        "aac" => "audio/aac",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "mkv" => "video/x-matroska",
        "avi" => "video/x-msvideo",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_kind_before_the_name_does() {
        let of = |name: &str, bytes: &[u8]| mime_of(Path::new(name), bytes);
        assert_eq!(of("a.png", b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(of("a", b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(of("a.WAV", b""), Some("audio/wav"));
        assert_eq!(of("a.mp4", b"\0\0\0\x20ftyp"), Some("video/mp4"));
        assert_eq!(of("a.txt", b"text"), None);
        assert_eq!(of("png", b""), None);
    }
}
