//! The safetensors format: a JSON header, then the tensors' bytes.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, Metadata};

use super::Element;
use crate::error::FenseError;

/// The longest header in bytes. The format allows 100 MB; that of a large encoder has some 50 kB.
const LONGEST_HEADER: u64 = 1 << 23;

/// An open file whose header was checked.
#[derive(Debug)]
pub(super) struct SafetensorsFile {
    path: PathBuf,
    file: File,
    header: Metadata,
    /// Where the tensors' bytes begin.
    data_start: u64,
}

impl SafetensorsFile {
    pub(super) fn open(path: &Path) -> Result<Self, FenseError> {
        let mut file = File::open(path).map_err(FenseError::io(path))?;
        let size = file.metadata().map_err(FenseError::io(path))?.len();
        let mut length = [0; 8];
        file.read_exact(&mut length)
            .map_err(|_| FenseError::weights(path, "too short for safetensors"))?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER.min(size.saturating_sub(8)) {
            return Err(FenseError::weights(
                path,
                format!("cut short or not safetensors: a header of {length} bytes"),
            ));
        }
        let mut header = Vec::new();
        file.by_ref().take(length).read_to_end(&mut header).map_err(FenseError::io(path))?;
        // Also checks that the tensors lie end to end and fit their shapes.
        let header: Metadata = serde_json::from_slice(&header)
            .map_err(|error| FenseError::weights(path, format!("bad header: {error}")))?;
        let data_start = 8 + length;
        let expected = data_start.checked_add(header.data_len() as u64);
        if expected != Some(size) {
            return Err(FenseError::weights(
                path,
                format!(
                    "is {size} bytes long, its header says {}; fetch it again",
                    expected.unwrap_or(u64::MAX)
                ),
            ));
        }
        Ok(Self { path: path.to_owned(), file, header, data_start })
    }

    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.header.info(name).map(|info| info.shape.as_slice())
    }

    pub(super) fn read(&mut self, name: &str) -> Result<Vec<f32>, FenseError> {
        let Some(info) = self.header.info(name) else {
            return Err(FenseError::tensor(&self.path, name, "is missing"));
        };
        let element = match info.dtype {
            Dtype::F32 => Element::F32,
            Dtype::F64 => Element::F64,
            Dtype::F16 => Element::F16,
            Dtype::BF16 => Element::Bf16,
            other => {
                let reason = format!("holds {other:?}, not floats");
                return Err(FenseError::tensor(&self.path, name, reason));
            }
        };
        let (start, end) = info.data_offsets;
        let length = end.saturating_sub(start);
        self.file
            .seek(SeekFrom::Start(self.data_start + start as u64))
            .map_err(FenseError::io(&self.path))?;
        let mut bytes = Vec::new();
        self.file
            .by_ref()
            .take(length as u64)
            .read_to_end(&mut bytes)
            .map_err(FenseError::io(&self.path))?;
        if bytes.len() != length {
            return Err(FenseError::tensor(&self.path, name, "is cut short"));
        }
        Ok(element.decode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Weights;
    use proptest::prelude::*;

    /// A file with a 2 x 3 tensor `a` of 0..6 in F32 and a vector `b` of two F16.
    fn bytes() -> Vec<u8> {
        let header = br#"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F16","shape":[2],"data_offsets":[24,28]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        bytes.extend((0_u8..6).flat_map(|i| f32::from(i).to_le_bytes()));
        bytes.extend([0x00, 0x3c, 0x00, 0x40]);
        bytes
    }

    fn open(bytes: &[u8]) -> Result<Weights, FenseError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        std::fs::write(&path, bytes).unwrap();
        Weights::open(&path)
    }

    #[test]
    fn tensors_are_read_by_name_and_shape() {
        let mut file = open(&bytes()).unwrap();
        assert_eq!(file.tensor("a", &[2, 3]).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(file.tensor("b", &[2]).unwrap(), [1.0, 2.0]);
        let message = file.tensor("a", &[3, 2]).unwrap_err().to_string();
        assert!(message.ends_with("tensor a: has shape [2, 3], the configuration says [3, 2]"));
        assert!(file.tensor("c", &[1]).unwrap_err().to_string().ends_with("tensor c: is missing"));
    }

    #[test]
    fn every_truncation_is_noticed() {
        let whole = bytes();
        for length in 0..whole.len() {
            assert!(open(&whole[..length]).is_err(), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0_usize..130, flip in 1_u8..) {
            let mut damaged = bytes();
            damaged[at] ^= flip;
            if let Ok(mut file) = open(&damaged) {
                let _ = file.tensor("a", &[2, 3]);
                let _ = file.tensor("b", &[2]);
            }
        }
    }
}
