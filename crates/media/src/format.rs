//! What a medium is, by its bytes alone: names of files are often wrong.

use avibench_files::known_content;

use crate::{MediaError, mpeg_audio};

/// Bytes from the beginning that [`Container::of`] wants to see, if there are as many.
pub const RECOGNISED_BY: usize = 4096;

/// The format of a file that holds a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// PNG, animated or not.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF, animated or not.
    Gif,
    /// `WebP`.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// RIFF/WAVE.
    Wav,
    /// MPEG audio, layers I to III, with or without ID3 tags.
    Mp3,
    /// AAC in ADTS frames.
    Adts,
    /// FLAC.
    Flac,
    /// Ogg with any coding.
    Ogg,
    /// MP4 and its relatives.
    Mp4,
    /// `QuickTime`, the older form of MP4.
    QuickTime,
    /// `WebM`.
    WebM,
    /// Matroska.
    Matroska,
    /// AVI.
    Avi,
}

/// Which sense a medium is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediumKind {
    /// A still picture.
    Picture,
    /// Sound without pictures.
    Sound,
    /// Moving pictures, with or without sound.
    Video,
}

/// What a medium is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaFormat {
    /// The format of its file.
    pub container: Container,
    /// What is inside.
    pub kind: MediumKind,
}

/// Formats that are recognised but neither checked nor sent, with what to do.
const REFUSED: [(&[u8], &str, &str); 15] = [
    (b"RIFX", "WAV in big-endian byte order (RIFX)", TO_WAV),
    (b"RF64", "WAV of the 64-bit kind (RF64)", TO_WAV),
    (b"BW64", "WAV of the 64-bit kind (BW64)", TO_WAV),
    (b"FORM", "AIFF sound", TO_WAV),
    (b".snd", "Sun audio", TO_WAV),
    (b"caff", "Core Audio sound", TO_WAV),
    (b"#!AMR", "AMR sound", TO_WAV),
    (b"MThd", "MIDI", TO_WAV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (ASF)", TO_MP4),
    (b"FLV\x01", "Flash video", TO_MP4),
    (b"\0\0\x01\xba", "MPEG program stream", TO_MP4),
    (b"\0\0\x01\xb3", "MPEG video without a container", TO_MP4),
    (b"II*\0", "TIFF picture", TO_PNG),
    (b"MM\0*", "TIFF picture", TO_PNG),
    (b"\0\0\0\x0cJXL ", "JPEG XL picture", TO_PNG),
];
const EXPECTED: &str = "expected PNG, JPEG, GIF, WebP, BMP, WAV, MP3, AAC, FLAC, Ogg, MP4, \
     QuickTime, WebM, Matroska or AVI";
const TO_WAV: &str = "convert the file to WAV, for instance with `ffmpeg -i IN OUT.wav`";
const TO_MP4: &str = "convert the file to MP4, for instance with `ffmpeg -i IN OUT.mp4`";
const TO_PNG: &str = "convert the file to PNG or JPEG";

impl Container {
    /// Recognises a file by its first [`RECOGNISED_BY`] bytes.
    ///
    /// # Errors
    ///
    /// [`MediaError::Empty`] without bytes, [`MediaError::Unsupported`] for media that are
    /// recognised but not taken, [`MediaError::NotMedium`] for everything else.
    pub fn of(beginning: &[u8]) -> Result<Self, MediaError> {
        let at =
            |start: usize, magic: &[u8]| beginning.get(start..start + magic.len()) == Some(magic);
        if beginning.is_empty() {
            return Err(MediaError::Empty);
        }
        let found = match beginning {
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', ..] if at(8, b"WAVE") => Self::Wav,
            [b'R', b'I', b'F', b'F', ..] if at(8, b"WEBP") => Self::WebP,
            [b'R', b'I', b'F', b'F', ..] if at(8, b"AVI ") => Self::Avi,
            [b'f', b'L', b'a', b'C', ..] => Self::Flac,
            [b'O', b'g', b'g', b'S', ..] => Self::Ogg,
            [0x1a, 0x45, 0xdf, 0xa3, ..] => ebml_document(beginning),
            [b'B', b'M', ..] if beginning.len() >= 26 && at(6, &[0; 4]) => Self::Bmp,
            _ if at(4, b"ftyp") => return of_brand(beginning),
            _ if is_quicktime(beginning) => Self::QuickTime,
            _ => match mpeg_audio::recognise(beginning) {
                Some(found) => found,
                None => return Err(refused(beginning)),
            },
        };
        Ok(found)
    }

    /// The name that people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Wav => "WAV",
            Self::Mp3 => "MP3",
            Self::Adts => "AAC",
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg",
            Self::Mp4 => "MP4",
            Self::QuickTime => "QuickTime",
            Self::WebM => "WebM",
            Self::Matroska => "Matroska",
            Self::Avi => "AVI",
        }
    }

    /// What `ffmpeg` calls its reader, so that it never chooses another.
    pub(crate) const fn demuxer(self) -> &'static str {
        match self {
            Self::Png => "png_pipe",
            Self::Jpeg => "jpeg_pipe",
            Self::Gif => "gif",
            Self::WebP => "webp_pipe",
            Self::Bmp => "bmp_pipe",
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Adts => "aac",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Mp4 | Self::QuickTime => "mov",
            Self::WebM | Self::Matroska => "matroska",
            Self::Avi => "avi",
        }
    }

    /// What the file holds unless its tracks say otherwise.
    #[must_use]
    pub const fn usual_kind(self) -> MediumKind {
        match self {
            Self::Png | Self::Jpeg | Self::Gif | Self::WebP | Self::Bmp => MediumKind::Picture,
            Self::Wav | Self::Mp3 | Self::Adts | Self::Flac | Self::Ogg => MediumKind::Sound,
            Self::Mp4 | Self::QuickTime | Self::WebM | Self::Matroska | Self::Avi => {
                MediumKind::Video
            }
        }
    }

    /// What a file of this name would be; `None` for names that say nothing.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "png" | "apng" => Self::Png,
            "jpg" | "jpeg" | "jpe" | "jfif" => Self::Jpeg,
            "gif" => Self::Gif,
            "webp" => Self::WebP,
            "bmp" => Self::Bmp,
            "wav" | "wave" => Self::Wav,
            "mp3" | "mp2" | "mpga" => Self::Mp3,
            "aac" => Self::Adts,
            "flac" => Self::Flac,
            "ogg" | "oga" | "ogv" | "opus" => Self::Ogg,
            "mp4" | "m4v" | "m4a" | "3gp" => Self::Mp4,
            "mov" => Self::QuickTime,
            "webm" | "weba" => Self::WebM,
            "mkv" | "mka" => Self::Matroska,
            "avi" => Self::Avi,
            _ => return None,
        })
    }
}

impl MediumKind {
    /// With its article, for messages.
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Picture => "a picture",
            Self::Sound => "a sound",
            Self::Video => "a video",
        }
    }
}

impl MediaFormat {
    /// The media type (IANA, or what is in use where there is none).
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match (self.container, self.kind) {
            (Container::Png, _) => "image/png",
            (Container::Jpeg, _) => "image/jpeg",
            (Container::Gif, _) => "image/gif",
            (Container::WebP, _) => "image/webp",
            (Container::Bmp, _) => "image/bmp",
            (Container::Wav, _) => "audio/wav",
            (Container::Mp3, _) => "audio/mpeg",
            (Container::Adts, _) => "audio/aac",
            (Container::Flac, _) => "audio/flac",
            (Container::Ogg, MediumKind::Video) => "video/ogg",
            (Container::Ogg, _) => "audio/ogg",
            (Container::Mp4 | Container::QuickTime, MediumKind::Sound) => "audio/mp4",
            (Container::Mp4, _) => "video/mp4",
            (Container::QuickTime, _) => "video/quicktime",
            (Container::WebM, MediumKind::Sound) => "audio/webm",
            (Container::WebM, _) => "video/webm",
            (Container::Matroska, MediumKind::Sound) => "audio/x-matroska",
            (Container::Matroska, _) => "video/x-matroska",
            (Container::Avi, _) => "video/x-msvideo",
        }
    }
}

/// By the first brand of an ISO file (ISO/IEC 14496-12, 4.3).
fn of_brand(beginning: &[u8]) -> Result<Container, MediaError> {
    let picture = match beginning.get(8..12).unwrap_or_default() {
        b"qt  " => return Ok(Container::QuickTime),
        b"avif" | b"avis" => "AVIF picture",
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => {
            "HEIF picture (HEIC)"
        }
        b"crx " => "Canon raw picture",
        _ => return Ok(Container::Mp4),
    };
    Err(MediaError::Unsupported { what: picture.to_owned(), hint: TO_PNG.to_owned() })
}

/// `QuickTime` files from before there were brands begin with any box.
fn is_quicktime(beginning: &[u8]) -> bool {
    let kinds = [b"moov", b"moof", b"styp", b"mdat", b"wide", b"free", b"skip", b"pnot"];
    beginning.get(4..8).is_some_and(|found| kinds.iter().any(|kind| found == *kind))
}

/// By the document type in the EBML header (RFC 8794, 11.2.4), which is its element 0x4282.
fn ebml_document(beginning: &[u8]) -> Container {
    let header = &beginning[..beginning.len().min(64)];
    let is_webm = header.windows(7).any(|found| found == b"\x42\x82\x84webm");
    if is_webm { Container::WebM } else { Container::Matroska }
}

/// Why a file that is no medium of ours is not taken.
fn refused(beginning: &[u8]) -> MediaError {
    if let Some((_, what, hint)) = REFUSED.iter().find(|(magic, ..)| beginning.starts_with(magic)) {
        return MediaError::Unsupported { what: (*what).to_owned(), hint: (*hint).to_owned() };
    }
    let is_sync = |at: usize| beginning.get(at).is_some_and(|byte| *byte == 0x47);
    if [0, 188, 376].into_iter().all(is_sync) {
        let (what, hint) = ("MPEG transport stream".to_owned(), TO_MP4.to_owned());
        return MediaError::Unsupported { what, hint };
    }
    let (what, mend) = match known_content(beginning) {
        Some(known) => (known.what, known.mend),
        None if is_text(beginning) => ("text", ""),
        None => ("of no known kind", EXPECTED),
    };
    MediaError::NotMedium { what, mend }
}

fn is_text(beginning: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&beginning[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.bytes().any(|byte| is_control(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_the_format() {
        for (bytes, container) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Container::Png),
            (b"\xff\xd8\xff\xe0", Container::Jpeg),
            (b"GIF89a", Container::Gif),
            (b"RIFF\0\0\0\0WEBPVP8 ", Container::WebP),
            (b"RIFF\0\0\0\0WAVEfmt ", Container::Wav),
            (b"RIFF\0\0\0\0AVI LIST", Container::Avi),
            (b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x64", Container::Mp3),
            (b"ID3\x04\0\0\0\0\0\0\xff\xf1\x50\x80\x02\x1f\xfc", Container::Adts),
            (b"fLaC\0\0\0\x22", Container::Flac),
            (b"OggS\0\x02", Container::Ogg),
            (b"\0\0\0\x20ftypisom", Container::Mp4),
            (b"\0\0\0\x14ftypqt  ", Container::QuickTime),
            (b"\0\0\0\x08wide\0\0\0\0mdat", Container::QuickTime),
            (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webmB\x87", Container::WebM),
            (b"\x1a\x45\xdf\xa3\x9fB\x82\x88matroska", Container::Matroska),
        ] {
            assert_eq!(Container::of(bytes).unwrap(), container, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_taken_is_called_by_its_name() {
        for (bytes, name) in [
            (&b""[..], "empty"),
            (b"RIFX\0\0\0\x10WAVE", "RIFX"),
            (b"RF64\xff\xff\xff\xffWAVE", "RF64"),
            (b"\0\0\0\x1cftypavif", "AVIF"),
            (b"\0\0\0\x18ftypheic", "HEIC"),
            (b"<!doctype html>", "HTML"),
            (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
            (b"#EXTM3U\n#EXT-X-VERSION:3\n", "HLS"),
            (b"ffconcat version 1.0\nfile a", "ffconcat"),
            (b"hello, I am a note", "is text"),
            (b"\x01\x02\x03\x04\x05\x06", "of no known kind"),
        ] {
            let error = Container::of(bytes).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
