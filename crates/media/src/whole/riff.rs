//! RIFF files: chunks with their sizes, of WAV, AVI and `WebP`.

use super::cut_off;
use crate::{Container, MediaError, MediumKind};

/// Bytes of a chunk's name and size.
const HEADER: usize = 8;
/// Bytes that the file's stated size may be off: several writers count the first header in or leave
/// a padding byte out.
const SLACK: u64 = 9;
/// Chunks inside each other in AVI: file, movie, records.
const MAX_DEPTH: u32 = 4;

/// A chunk: its name and its payload, which is cut where the file ends.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    name: &'a [u8],
    claimed: u64,
    payload: &'a [u8],
}

impl Chunk<'_> {
    fn is_cut(&self) -> bool {
        self.claimed > self.payload.len() as u64
    }
}

/// The chunks one after the other, as long as there are headers.
fn chunks(mut bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let (name, size) = header.split_at(4);
        let claimed = u64::from(u32::from_le_bytes(size.try_into().ok()?));
        let length = usize::try_from(claimed).unwrap_or(usize::MAX).min(rest.len());
        let payload = &rest[..length];
        // Payloads of an odd length are padded.
        bytes = rest.get(length + (length & 1)..).unwrap_or_default();
        Some(Chunk { name, claimed, payload })
    })
}

/// Refuses a file that is shorter than its first header says.
pub(super) fn check_size(bytes: &[u8], container: Container) -> Result<(), MediaError> {
    let Some(file) = chunks(bytes).next() else {
        return Err(MediaError::malformed(container.name(), "it ends within its header"));
    };
    let found = file.payload.len() as u64;
    if file.claimed > found + SLACK {
        return Err(cut_off(container, "its header", file.claimed, found));
    }
    Ok(())
}

/// A WAV file: a format, and samples of which all are there.
pub(super) fn check_wav(bytes: &[u8]) -> Result<(), MediaError> {
    let malformed = |reason: &str| MediaError::malformed("WAV", reason);
    let mut format = None;
    let mut samples = None;
    for chunk in chunks(bytes.get(12..).unwrap_or_default()) {
        if chunk.name == b"data" && chunk.is_cut() {
            let found = chunk.payload.len() as u64;
            return Err(if chunk.claimed >= u64::from(u32::MAX) - 64 {
                malformed(
                    "its header leaves open how many samples there are, as programs do that write \
                     to a pipe; write it anew, for instance with `ffmpeg -i IN OUT.wav`",
                )
            } else {
                cut_off(Container::Wav, "its header", chunk.claimed, found)
            });
        }
        match chunk.name {
            b"fmt " => format = Some(chunk.payload),
            b"data" if samples.is_none() => samples = Some(chunk.payload),
            _ => {}
        }
    }
    // After the samples, so that a cut names them.
    check_size(bytes, Container::Wav)?;
    let number = |at: usize| {
        let bytes = format?.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_le_bytes(bytes))
    };
    let rate = format.and_then(|format| format.get(4..8)).is_some_and(|rate| rate != [0; 4]);
    match (number(2), number(12)) {
        (Some(channels), Some(frame_bytes)) if channels > 0 && frame_bytes > 0 && rate => {}
        _ => return Err(malformed("it does not say how its samples are stored (fmt chunk)")),
    }
    match samples {
        None => Err(malformed("it has no samples (data chunk); the file is likely cut off")),
        Some([]) => Err(malformed("it holds no sample")),
        Some(_) => Ok(()),
    }
}

/// An AVI file: lists of streams and of their data, all of it there.
pub(super) fn check_avi(bytes: &[u8]) -> Result<MediumKind, MediaError> {
    let malformed = |reason: &str| MediaError::malformed("AVI", reason);
    let mut found = Avi::default();
    // Files above 1 GB consist of several RIFF chunks.
    for file in chunks(bytes).filter(|chunk| chunk.name == b"RIFF") {
        if file.claimed > file.payload.len() as u64 + SLACK {
            let length = file.payload.len() as u64;
            return Err(cut_off(Container::Avi, "its header", file.claimed, length));
        }
        found.look(file.payload.get(4..).unwrap_or_default(), 0)?;
    }
    if found.data == 0 {
        return Err(malformed("it holds no picture and no sound; the file is likely cut off"));
    }
    match found {
        Avi { pictures: true, .. } => Ok(MediumKind::Video),
        Avi { sound: true, .. } => Ok(MediumKind::Sound),
        Avi { .. } => Err(malformed("it has neither a picture nor a sound track")),
    }
}

#[derive(Default)]
struct Avi {
    pictures: bool,
    sound: bool,
    /// Chunks of a stream's data.
    data: usize,
}

impl Avi {
    fn look(&mut self, bytes: &[u8], depth: u32) -> Result<(), MediaError> {
        for chunk in chunks(bytes) {
            if chunk.is_cut() {
                let (claimed, found) = (chunk.claimed, chunk.payload.len() as u64);
                return Err(cut_off(Container::Avi, "a part of it", claimed, found));
            }
            match chunk.name {
                b"LIST" if depth < MAX_DEPTH => {
                    self.look(chunk.payload.get(4..).unwrap_or_default(), depth + 1)?;
                }
                b"strh" => {
                    self.pictures |= chunk.payload.starts_with(b"vids");
                    self.sound |= chunk.payload.starts_with(b"auds");
                }
                [b'0'..=b'9', b'0'..=b'9', b'd' | b'w', b'b' | b'c'] => self.data += 1,
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sound, encode_wav};

    fn wav() -> Vec<u8> {
        encode_wav(&Sound::new(8_000, vec![0.25; 100]).unwrap()).unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        check_wav(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_wav_is_whole_only_with_all_its_samples() {
        let whole = wav();
        check_wav(&whole).unwrap();
        for length in 12..whole.len() {
            assert!(check_wav(&whole[..length]).is_err(), "{length}");
        }
        assert!(refusal(&whole[..whole.len() - 2]).contains("claims 200 bytes, but 198 follow"));
        // Tags behind the samples, and a padding byte that is missing.
        check_wav(&[&whole[..], b"LIST\x04\0\0\0INFO"].concat()).unwrap();
        let mut cut_tags = [&whole[..], b"LIST\x40\0\0\0INFO"].concat();
        cut_tags[4..8].copy_from_slice(&(36_u32 + 200 + 8 + 64).to_le_bytes());
        assert!(refusal(&cut_tags).contains("cut off"));
    }

    #[test]
    fn headers_without_sense_are_refused() {
        let with = |at: usize, bytes: &[u8]| {
            let mut wav = wav();
            wav[at..at + bytes.len()].copy_from_slice(bytes);
            wav
        };
        assert!(refusal(&with(40, &[0xff; 4])).contains("leaves open"));
        assert!(refusal(&with(40, &[0; 4])).contains("no sample"));
        assert!(refusal(&with(22, &[0; 2])).contains("fmt"));
        assert!(refusal(&with(24, &[0; 4])).contains("fmt"));
        assert!(refusal(&with(36, b"junk")).contains("no samples"));
    }

    fn chunk(name: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut bytes = name.to_vec();
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes
    }

    #[test]
    fn an_avi_is_whole_only_with_all_its_parts() {
        let streams = chunk(b"LIST", &[b"strl", &chunk(b"strh", b"vidsH264")[..]].concat());
        let header = chunk(b"LIST", &[b"hdrl", &streams[..]].concat());
        let movie = chunk(b"LIST", &[b"movi", &chunk(b"00dc", &[7; 33])[..]].concat());
        let avi = chunk(b"RIFF", &[b"AVI ", &header[..], &movie[..]].concat());
        assert_eq!(check_avi(&avi).unwrap(), MediumKind::Video);
        for length in 12..avi.len() - 1 {
            assert!(check_avi(&avi[..length]).is_err(), "{length}");
        }
        let empty = chunk(b"RIFF", &[b"AVI ", &header[..]].concat());
        assert!(check_avi(&empty).is_err());
    }
}
