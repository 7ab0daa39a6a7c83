//! Ogg: pages with checksums, numbered through, the last one marked (RFC 3533, 6).

use std::collections::BTreeMap;

use crate::{MediaError, MediumKind};

/// Bytes of a page before its table of segments.
const HEADER: usize = 27;
const BEGINS: u8 = 2;
const ENDS: u8 = 4;

/// The checksum of all one-byte messages: polynomial 0x04c11db7, most significant bit first.
const CHECKSUMS: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum << 1) ^ ((sum >> 31) * 0x04c1_1db7);
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

fn checksum(sum: u32, bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(sum, |sum, byte| (sum << 8) ^ CHECKSUMS[(sum >> 24) as usize ^ usize::from(*byte)])
}

/// A stream as far as it has been walked.
struct Stream {
    next_page: u32,
    has_ended: bool,
    kind: Option<MediumKind>,
}

/// Walks over all pages to the end of the file.
pub(super) fn check(bytes: &[u8]) -> Result<MediumKind, MediaError> {
    let damaged = |reason: String| MediaError::malformed("Ogg", reason);
    let cut_off = || damaged("it ends within a page; the file is cut off".to_owned());
    let mut streams: BTreeMap<[u8; 4], Stream> = BTreeMap::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if !rest.starts_with(&b"OggS"[..rest.len().min(4)]) {
            return Err(damaged(format!("no page begins at byte {at} where one should")));
        }
        let header = rest.get(..HEADER).ok_or_else(cut_off)?;
        let segments = rest.get(HEADER..HEADER + usize::from(header[26])).ok_or_else(cut_off)?;
        let payload: usize = segments.iter().map(|length| usize::from(*length)).sum();
        let body = HEADER + segments.len();
        let page = rest.get(..body + payload).ok_or_else(cut_off)?;
        let sum = checksum(checksum(checksum(0, &page[..22]), &[0; 4]), &page[26..]);
        if page[22..26] != sum.to_le_bytes() {
            return Err(damaged(format!("the page at byte {at} is damaged")));
        }
        let number = |at: usize| [page[at], page[at + 1], page[at + 2], page[at + 3]];
        let count = u32::from_le_bytes(number(18));
        let stream = streams.entry(number(14)).or_insert_with(|| Stream {
            next_page: count,
            has_ended: false,
            kind: None,
        });
        if count != stream.next_page {
            return Err(damaged(format!("a page is missing before byte {at}")));
        }
        if page[5] & BEGINS != 0 {
            stream.kind = kind_of(&page[body..]);
        }
        stream.next_page = count.wrapping_add(1);
        stream.has_ended |= page[5] & ENDS != 0;
        at += page.len();
    }
    if streams.values().any(|stream| !stream.has_ended) {
        return Err(damaged("its last page is missing; the file is cut off".to_owned()));
    }
    let has = |kind| streams.values().any(|stream| stream.kind == Some(kind));
    if has(MediumKind::Video) {
        Ok(MediumKind::Video)
    } else if has(MediumKind::Sound) {
        Ok(MediumKind::Sound)
    } else {
        Err(MediaError::Unsupported {
            what: "Ogg without Vorbis, Opus, FLAC, Speex or Theora".to_owned(),
            hint: "convert the file to WAV or MP4".to_owned(),
        })
    }
}

/// By the first packet of a stream.
fn kind_of(packet: &[u8]) -> Option<MediumKind> {
    let sound: [&[u8]; 4] = [b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   "];
    if sound.iter().any(|magic| packet.starts_with(magic)) {
        Some(MediumKind::Sound)
    } else {
        packet.starts_with(b"\x80theora").then_some(MediumKind::Video)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OGG: &[u8] = include_bytes!("../../tests/clips/burst.ogg");

    #[test]
    fn a_cut_is_noticed_at_every_byte_and_damage_too() {
        assert_eq!(check(OGG).unwrap(), MediumKind::Sound);
        for length in 1..OGG.len() {
            assert!(check(&OGG[..length]).is_err(), "{length}");
        }
        for at in (0..OGG.len()).step_by(11) {
            let mut damaged = OGG.to_vec();
            damaged[at] ^= 0x10;
            assert!(check(&damaged).is_err(), "{at}");
        }
    }
}
