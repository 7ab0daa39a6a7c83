//! `WebM` and Matroska: elements with their sizes inside each other (RFC 8794, RFC 9559).

use super::cut_off;
use crate::{Container, MediaError, MediumKind};

/// What is looked into: the segment, its tracks, a track, a cluster, a group of blocks.
const SEGMENT: u64 = 0x1853_8067;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK: u64 = 0xae;
const CLUSTER: u64 = 0x1f43_b675;
const BLOCK_GROUP: u64 = 0xa0;
const TRACK_TYPE: u64 = 0x83;
const SIMPLE_BLOCK: u64 = 0xa3;
const BLOCK: u64 = 0xa1;
/// Siblings of a cluster: what ends one of unknown size.
const TOP_LEVEL: [u64; 9] = [
    SEGMENT,
    TRACKS,
    CLUSTER,
    0x114d_9b74,
    0x1549_a966,
    0x1c53_bb6b,
    0x1941_a469,
    0x1043_a770,
    0x1254_c367,
];

struct Walk<'a> {
    bytes: &'a [u8],
    container: Container,
    has_pictures: bool,
    has_sound: bool,
    blocks: usize,
}

/// Walks over all elements to the end of the file.
pub(super) fn check(bytes: &[u8], container: Container) -> Result<MediumKind, MediaError> {
    let mut walk = Walk { bytes, container, has_pictures: false, has_sound: false, blocks: 0 };
    walk.elements(0, bytes.len(), 0)?;
    let malformed = |reason: &str| MediaError::malformed(container.name(), reason);
    if walk.blocks == 0 {
        return Err(malformed("it holds no picture and no sound; the file is likely cut off"));
    }
    match walk {
        Walk { has_pictures: true, .. } => Ok(MediumKind::Video),
        Walk { has_sound: true, .. } => Ok(MediumKind::Sound),
        Walk { .. } => Err(malformed("it has neither a picture nor a sound track")),
    }
}

impl Walk<'_> {
    /// Walks over the elements in `at..end` and gives back where they end, which for a parent of
    /// unknown size is where an element begins that cannot be inside it.
    fn elements(&mut self, mut at: usize, end: usize, parent: u64) -> Result<usize, MediaError> {
        let malformed =
            |container: Container, reason: String| MediaError::malformed(container.name(), reason);
        while at < end {
            let cut = || {
                malformed(self.container, "it ends within an element; the file is cut off".into())
            };
            let (id, id_bytes) = self.number(at, end, true)?.ok_or_else(cut)?;
            if parent == CLUSTER && TOP_LEVEL.contains(&id) {
                return Ok(at);
            }
            let (size, size_bytes) = self.number(at + id_bytes, end, false)?.ok_or_else(cut)?;
            let start = at + id_bytes + size_bytes;
            let is_unknown = size == (1 << (7 * size_bytes)) - 1;
            let left = (end - start) as u64;
            if is_unknown {
                // Nowhere else, so that nothing nests deeply.
                if !matches!((parent, id), (0, SEGMENT) | (SEGMENT, CLUSTER)) {
                    let reason = format!("its element at byte {at} does not say where it ends");
                    return Err(malformed(self.container, reason));
                }
                at = self.elements(start, end, id)?;
                continue;
            }
            if size > left {
                return Err(cut_off(self.container, "a part of it", size, left));
            }
            let inner_end = start + size as usize;
            match id {
                SEGMENT | TRACKS | TRACK | CLUSTER | BLOCK_GROUP => {
                    // Only the right child is looked into, so that nothing nests deeply.
                    let is_child = match id {
                        SEGMENT => parent == 0,
                        TRACKS | CLUSTER => parent == SEGMENT,
                        TRACK => parent == TRACKS,
                        _ => parent == CLUSTER,
                    };
                    if is_child {
                        // A cluster of known size cannot end early.
                        let reached = self.elements(start, inner_end, id)?;
                        if reached < inner_end {
                            let reason = format!("its cluster at byte {at} is damaged");
                            return Err(malformed(self.container, reason));
                        }
                    }
                }
                TRACK_TYPE if parent == TRACK => {
                    let kind = self.bytes[start..inner_end].last();
                    self.has_pictures |= kind == Some(&1);
                    self.has_sound |= kind == Some(&2);
                }
                SIMPLE_BLOCK | BLOCK => self.blocks += 1,
                _ => {}
            }
            at = inner_end;
        }
        Ok(at)
    }

    /// A number of variable length and its bytes, with its length marker if it is an id; `None`
    /// where the file ends within it.
    fn number(
        &self,
        at: usize,
        end: usize,
        is_id: bool,
    ) -> Result<Option<(u64, usize)>, MediaError> {
        let Some(first) = self.bytes[..end].get(at) else { return Ok(None) };
        let length = first.leading_zeros() as usize + 1;
        if length > if is_id { 4 } else { 8 } {
            let reason = format!("no element begins at byte {at} where one should");
            return Err(MediaError::malformed(self.container.name(), reason));
        }
        let Some(bytes) = self.bytes[..end].get(at..at + length) else { return Ok(None) };
        let number = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let marker = 1 << (7 * length);
        Ok(Some((if is_id { number } else { number & (marker - 1) }, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(id: &[u8], payload: &[u8]) -> Vec<u8> {
        let size = (payload.len() as u32 | 0x1000_0000).to_be_bytes();
        [id, &size, payload].concat()
    }

    fn file(tracks: &[u8], unknown_sizes: bool) -> Vec<u8> {
        let header = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], b"webm"));
        let tracks: Vec<u8> =
            tracks.iter().flat_map(|kind| element(&[0xae], &element(&[0x83], &[*kind]))).collect();
        let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &tracks);
        let blocks = [element(&[0xa3], &[0; 20]), element(&[0xa0], &element(&[0xa1], &[0; 9]))];
        let cluster_id = [0x1f, 0x43, 0xb6, 0x75];
        let (cluster, segment_size);
        if unknown_sizes {
            cluster = [&cluster_id[..], &[0xff], &blocks.concat()].concat();
            segment_size = vec![0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        } else {
            cluster = element(&cluster_id, &blocks.concat());
            let size = tracks.len() + 2 * cluster.len();
            segment_size = (size as u32 | 0x1000_0000).to_be_bytes().to_vec();
        }
        [&header[..], &[0x18, 0x53, 0x80, 0x67], &segment_size, &tracks, &cluster, &cluster]
            .concat()
    }

    #[test]
    fn tracks_say_what_the_file_holds() {
        for unknown in [false, true] {
            let of = |tracks: &[u8]| check(&file(tracks, unknown), Container::WebM);
            assert_eq!(of(&[2, 1]).unwrap(), MediumKind::Video);
            assert_eq!(of(&[2]).unwrap(), MediumKind::Sound);
            assert!(of(&[17]).is_err());
        }
    }

    #[test]
    fn a_cut_is_noticed() {
        let whole = file(&[1, 2], false);
        for length in 5..whole.len() {
            assert!(check(&whole[..length], Container::WebM).is_err(), "{length}");
        }
        // Without sizes, a file may end between two blocks.
        let live = file(&[1, 2], true);
        let whole =
            (5..live.len()).filter(|length| check(&live[..*length], Container::WebM).is_ok());
        assert!(whole.count() <= 4);
    }

    #[test]
    fn hostile_elements_end_in_errors() {
        let nested: Vec<u8> = [0x1f, 0x43, 0xb6, 0x75, 0xff].repeat(100_000);
        let header = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], b"webm"));
        let segment = [0x18, 0x53, 0x80, 0x67, 0xff];
        assert!(check(&[&header[..], &segment, &nested].concat(), Container::WebM).is_err());
        let segments = [&header[..], &segment.repeat(100_000)].concat();
        assert!(check(&segments, Container::WebM).is_err());
    }
}
