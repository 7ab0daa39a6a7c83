//! Frames of MPEG audio (layers I to III) and of AAC in ADTS: every frame states its length, so a
//! file can be walked from its first frame to its end without decoding anything.

use crate::{Container, MediaError};

/// Bytes of an ID3 version 2 header, and of its footer.
const ID3_HEADER: usize = 10;
/// Bytes of an ID3 version 1 tag at the end of a file.
const ID3_TRAILER: usize = 128;

/// kbit a second by version (1, else 2 and 2.5), layer and index (ISO/IEC 11172-3, 2.4.2.3).
const RATES: [[[u32; 15]; 3]; 2] = [
    [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    ],
    [
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ],
];
const SAMPLE_RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    /// Bytes from its header to the next one.
    length: usize,
    /// What all frames of a file share: the format, and version and layer of MPEG audio.
    stream: (Container, u8),
}

impl Frame {
    /// `None` where no frame begins.
    fn read(bytes: &[u8]) -> Option<Self> {
        let [first, second, third, fourth, rest @ ..] = bytes else { return None };
        if *first != 0xff || second & 0xe0 != 0xe0 {
            return None;
        }
        if second & 0xf6 == 0xf0 {
            // ADTS (ISO/IEC 13818-7, 6.2): the layer is 0, the length has 13 bits.
            let [fifth, sixth, ..] = rest else { return None };
            let length =
                usize::from(fourth & 3) << 11 | usize::from(*fifth) << 3 | usize::from(sixth >> 5);
            let is_known_rate = third >> 2 & 15 < 13;
            return (is_known_rate && length >= 7)
                .then_some(Self { length, stream: (Container::Adts, 0) });
        }
        let version = second >> 3 & 3; // 0: 2.5, 2: 2, 3: 1
        let layer = 4 - (second >> 1 & 3); // 1 to 3; 4 is none
        let (rate, sampling) = (usize::from(third >> 4), usize::from(third >> 2 & 3));
        if version == 1 || layer == 4 || rate == 15 || sampling == 3 {
            return None;
        }
        let is_first = version == 3;
        let kbits = RATES[usize::from(!is_first)][usize::from(layer) - 1][rate];
        let halvings = [2, 0, 1, 0][usize::from(version)];
        let rate = SAMPLE_RATES[sampling] >> halvings;
        let padding = u32::from(third >> 1 & 1);
        let length = match (layer, is_first) {
            (1, _) => (12_000 * kbits / rate + padding) * 4,
            (3, false) => 72_000 * kbits / rate + padding,
            _ => 144_000 * kbits / rate + padding,
        };
        Some(Self { length: length as usize, stream: (Container::Mp3, version << 4 | layer) })
    }
}

/// The bytes that an ID3 version 2 tag at the beginning takes; 0 without one.
fn id3_bytes(bytes: &[u8]) -> usize {
    match bytes {
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] if (a | b | c | d) & 0x80 == 0 => {
            let size = [a, b, c, d].iter().fold(0, |size, byte| size << 7 | usize::from(**byte));
            let footer = if flags & 0x10 == 0 { 0 } else { ID3_HEADER };
            ID3_HEADER + size + footer
        }
        _ => 0,
    }
}

/// MP3 or ADTS, by the first frame and, where it can be seen, the one after it.
pub(crate) fn recognise(beginning: &[u8]) -> Option<Container> {
    let tag = id3_bytes(beginning);
    let Some(frames) = beginning.get(tag..).filter(|frames| frames.len() >= 4) else {
        // The tag is longer than what can be seen: AAC hardly ever has one.
        return (tag > 0).then_some(Container::Mp3);
    };
    let frames = skip_zeroes(frames);
    let Some(first) = Frame::read(frames) else {
        return (tag > 0).then_some(Container::Mp3);
    };
    let next = frames.get(first.length..).filter(|next| next.len() >= 7);
    let is_followed = next.is_none_or(|next| {
        first.length == 0
            || Frame::read(next).is_some_and(|next| next.stream == first.stream)
            || is_trailer(next)
    });
    (is_followed || tag > 0).then_some(first.stream.0)
}

/// Some taggers leave room behind the tag.
fn skip_zeroes(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    &bytes[start..]
}

/// Whether tags or padding begin here, and no frame comes any more.
fn is_trailer(rest: &[u8]) -> bool {
    (rest.len() == ID3_TRAILER && rest.starts_with(b"TAG"))
        || [&b"APETAGEX"[..], b"LYRICSBEGIN", b"3DI", b"TAG+", b"ID3"]
            .iter()
            .any(|tag| rest.starts_with(tag))
        || rest.iter().all(|byte| *byte == 0)
        || (rest.len() > ID3_TRAILER && rest.starts_with(b"TAG"))
}

/// Walks over all frames to the end of the file.
pub(crate) fn check(bytes: &[u8], container: Container) -> Result<(), MediaError> {
    let damaged = |reason: String| MediaError::malformed(container.name(), reason);
    let tag = id3_bytes(bytes);
    let frames = bytes
        .get(tag..)
        .ok_or_else(|| damaged("it ends within its ID3 tag; the file is cut off".to_owned()))?;
    let frames = skip_zeroes(frames);
    let mut at = 0;
    let mut count = 0_u32;
    let mut stream = None;
    let mut promised = None;
    while at < frames.len() {
        let rest = &frames[at..];
        if count > 0 && is_trailer(rest) {
            break;
        }
        if rest.len() < 7 && rest[0] == 0xff {
            return Err(damaged("it ends within a frame; the file is cut off".to_owned()));
        }
        let offset = bytes.len() - rest.len();
        let frame = Frame::read(rest)
            .filter(|frame| *stream.get_or_insert(frame.stream) == frame.stream)
            .ok_or_else(|| damaged(format!("no frame begins at byte {offset} where one should")))?;
        if frame.length == 0 {
            return Err(MediaError::Unsupported {
                what: "MP3 of free bit rate".to_owned(),
                hint: "convert the file to WAV, or to MP3 of a constant bit rate".to_owned(),
            });
        }
        if frame.length > rest.len() {
            return Err(damaged(format!(
                "its frame at byte {offset} needs {} bytes, but {} follow; the file is cut off",
                frame.length,
                rest.len()
            )));
        }
        if count == 0 && container == Container::Mp3 {
            promised = promised_frames(&rest[..frame.length]);
        }
        count += 1;
        at += frame.length;
    }
    // The frame that promises is not counted by all encoders.
    match promised {
        _ if count == 0 => Err(damaged("it holds no frame".to_owned())),
        Some(promised) if count < promised => Err(damaged(format!(
            "it should hold {promised} frames, but holds {count}; the file is cut off"
        ))),
        _ => Ok(()),
    }
}

/// The number of frames that a Xing or Info header in the first frame states.
fn promised_frames(frame: &[u8]) -> Option<u32> {
    // Behind the side information, whose length depends on version and channels.
    let at = [36, 21, 13].into_iter().find(|at| {
        frame.get(*at..at + 4).is_some_and(|found| matches!(found, b"Xing" | b"Info"))
    })?;
    let flags = frame.get(at + 7)?;
    let frames: [u8; 4] = frame.get(at + 8..at + 12)?.try_into().ok()?;
    (flags & 1 != 0).then(|| u32::from_be_bytes(frames))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MP3: &[u8] = include_bytes!("../tests/clips/burst.mp3");
    const AAC: &[u8] = include_bytes!("../tests/clips/burst.aac");

    #[test]
    fn files_are_walked_to_their_end() {
        check(MP3, Container::Mp3).unwrap();
        check(AAC, Container::Adts).unwrap();
        let tag = b"ID3\x04\0\0\0\0\0\x05hello";
        check(&[tag, MP3].concat(), Container::Mp3).unwrap();
        check(&[MP3, b"TAG", &[0; 125]].concat(), Container::Mp3).unwrap();
        assert_eq!(recognise(&[tag, AAC].concat()), Some(Container::Adts));
        assert_eq!(recognise(b"ID3\x04\0\0\0\0\x40\x05hello"), Some(Container::Mp3));
    }

    #[test]
    fn a_cut_is_noticed_at_every_byte() {
        for (file, container) in [(MP3, Container::Mp3), (AAC, Container::Adts)] {
            let mut whole_without_end = 0;
            for length in 1..file.len() {
                whole_without_end += u32::from(check(&file[..length], container).is_ok());
            }
            // ADTS states no number of frames, so that a cut between two frames shows nothing. LAME
            // does not count the frame that states the number, so that one may be missing.
            let frames = if container == Container::Adts { 64 } else { 1 };
            assert!(whole_without_end <= frames, "{container:?}: {whole_without_end}");
        }
        assert!(check(b"ID3\x04\0\0\0\0\x40\x05hello", Container::Mp3).is_err());
    }
}
