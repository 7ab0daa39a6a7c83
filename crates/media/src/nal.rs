//! NAL units, the packets of H.264, in their two wrappings: start codes (Annex B) and lengths
//! (MP4).

/// `nal_unit_type` of a slice of an IDR picture, from which decoding can start.
pub(crate) const IDR_SLICE: u8 = 5;
/// `nal_unit_type` of a sequence parameter set.
pub(crate) const SEQUENCE_PARAMETERS: u8 = 7;
/// `nal_unit_type` of a picture parameter set.
pub(crate) const PICTURE_PARAMETERS: u8 = 8;

/// The type of a NAL unit: the low five bits of its first byte.
pub(crate) fn nal_type(nal: &[u8]) -> Option<u8> {
    nal.first().map(|byte| byte & 0x1f)
}

/// Splits a byte stream at its start codes (ITU-T H.264 Annex B); empty units are left out.
pub(crate) fn split_annex_b(stream: &[u8]) -> Vec<&[u8]> {
    let mut units = Vec::new();
    let mut start = None;
    let mut at = 0;
    while at + 3 <= stream.len() {
        if stream[at..at + 3] == [0, 0, 1] {
            if let Some(start) = start {
                units.push(trim_zeros(&stream[start..at]));
            }
            start = Some(at + 3);
            at += 3;
        } else {
            at += 1;
        }
    }
    if let Some(start) = start {
        units.push(trim_zeros(&stream[start..]));
    }
    units.retain(|unit| !unit.is_empty());
    units
}

/// Zero bytes after a unit belong to the next start code.
fn trim_zeros(unit: &[u8]) -> &[u8] {
    let end = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &unit[..end]
}

/// Splits an MP4 sample, whose units follow lengths of `length_bytes` bytes (1, 2, 3 or 4); `None` when
/// a length points outside.
pub(crate) fn split_lengths(sample: &[u8], length_bytes: usize) -> Option<Vec<&[u8]>> {
    let mut units = Vec::new();
    let mut rest = sample;
    while !rest.is_empty() {
        let (length, after) = rest.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let (unit, after) = after.split_at_checked(length)?;
        if !unit.is_empty() {
            units.push(unit);
        }
        rest = after;
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_of_three_and_four_bytes_separate_units() {
        let stream = [0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3, 0, 3];
        assert_eq!(split_annex_b(&stream), [&[0x67, 1][..], &[0x68, 2], &[0x65, 3, 0, 3]]);
        assert!(split_annex_b(&[1, 2, 3]).is_empty());
        assert!(split_annex_b(&[0, 0, 1]).is_empty());
    }

    #[test]
    fn lengths_separate_units_and_must_fit() {
        assert_eq!(split_lengths(&[0, 2, 9, 8, 0, 1, 7], 2).unwrap(), [&[9, 8][..], &[7]]);
        assert_eq!(split_lengths(&[0, 3, 9, 8], 2), None);
        assert_eq!(split_lengths(&[0], 2), None);
    }
}
