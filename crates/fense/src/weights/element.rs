//! The number formats of stored tensors.

/// How one number of a tensor is stored; always little-endian here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
    /// IEEE half precision.
    F16,
    /// The upper half of an IEEE single.
    Bf16,
}

impl Element {
    /// Bytes of one number.
    pub(super) fn width(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// Converts a run of stored numbers; bytes beyond the last whole number are ignored.
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F32 => words(bytes).map(f32::from_le_bytes).collect(),
            Self::F64 => words(bytes).map(|word| f64::from_le_bytes(word) as f32).collect(),
            Self::F16 => words(bytes).map(|word| half::f16::from_le_bytes(word).to_f32()).collect(),
            Self::Bf16 => {
                words(bytes).map(|word| half::bf16::from_le_bytes(word).to_f32()).collect()
            }
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_decodes_one_and_a_half() {
        assert_eq!(Element::F32.decode(&1.5_f32.to_le_bytes()), [1.5]);
        assert_eq!(Element::F64.decode(&1.5_f64.to_le_bytes()), [1.5]);
        assert_eq!(Element::F16.decode(&[0x00, 0x3e]), [1.5]);
        assert_eq!(Element::Bf16.decode(&[0xc0, 0x3f]), [1.5]);
    }
}
