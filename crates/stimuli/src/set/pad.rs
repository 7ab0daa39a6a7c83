//! Padding: a file's size must not tell what is in it.
//!
//! A blurred picture compresses better than a sharp one, so the length of a PNG or an MP4 would
//! give answers away. Every such file is filled up to a whole number of blocks with data that
//! all readers skip: a private chunk in a PNG, a `free` box in an MP4. WAV files of one subtask
//! are of one length anyway.

/// Bytes that every PNG of a set fits into.
pub(super) const PNG_BLOCK: usize = 64 << 10;
/// Bytes that every MP4 of a set fits into.
pub(super) const MP4_BLOCK: usize = 64 << 10;
/// Where a PNG ends: the chunk without content.
const PNG_END: [u8; 12] = [0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82];
/// Small letters: optional, private, safe to copy.
const PNG_FILL: [u8; 4] = *b"paDd";

/// Fills a PNG up to a multiple of `block` bytes. Anything else is left alone.
pub(super) fn pad_png(mut png: Vec<u8>, block: usize) -> Vec<u8> {
    if !png.ends_with(&PNG_END) {
        return png;
    }
    let fill = missing(png.len(), block, 12);
    png.truncate(png.len() - PNG_END.len());
    let zeros = fill - 12;
    png.extend_from_slice(&(zeros as u32).to_be_bytes());
    let checked = png.len();
    png.extend_from_slice(&PNG_FILL);
    png.resize(png.len() + zeros, 0);
    let checksum = crc32(&png[checked..]);
    png.extend_from_slice(&checksum.to_be_bytes());
    png.extend_from_slice(&PNG_END);
    png
}

/// Fills an MP4 up to a multiple of `block` bytes.
pub(super) fn pad_mp4(mut mp4: Vec<u8>, block: usize) -> Vec<u8> {
    let fill = missing(mp4.len(), block, 8);
    mp4.extend_from_slice(&(fill as u32).to_be_bytes());
    mp4.extend_from_slice(b"free");
    mp4.resize(mp4.len() + fill - 8, 0);
    mp4
}

/// Bytes up to the next multiple of `block`, at least `least`.
fn missing(length: usize, block: usize, least: usize) -> usize {
    (length + least).div_ceil(block) * block - length
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut value = i as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[i] = value;
            i += 1;
        }
        table
    };
    !bytes
        .iter()
        .fold(!0, |crc: u32, byte| TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use avibench_media::{Clip, Picture, decode_png, encode_mp4, encode_png};

    use super::*;

    #[test]
    fn padded_pictures_read_as_before() {
        let picture = Picture::filled(9, 7, [10, 200, 30]).unwrap();
        let padded = pad_png(encode_png(&picture).unwrap(), 1_024);
        assert_eq!(padded.len(), 1_024);
        assert_eq!(decode_png(&padded).unwrap(), picture);
    }

    #[test]
    fn padding_always_fits() {
        assert_eq!(missing(100, 128, 12), 28);
        assert_eq!(missing(116, 128, 12), 12);
        assert_eq!(missing(117, 128, 12), 139);
        let clip =
            Clip::new(vec![Picture::filled(32, 32, [9, 9, 9]).unwrap()], 10.0, None).unwrap();
        let padded = pad_mp4(encode_mp4(&clip).unwrap(), 4_096);
        assert_eq!(padded.len() % 4_096, 0);
    }

    #[test]
    fn checksum_of_the_end_chunk() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
