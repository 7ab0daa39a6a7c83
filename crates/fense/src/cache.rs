//! Vectors of texts on disk, so that a text that was seen before needs no encoder.
//!
//! One file a model, named by the hash of everything its vectors depend on:
//!
//! ```text
//! "AVIFENSE"  version u32  components u32  model sha256  count u64
//! count times: text sha256, components f32
//! sha256 of all of the above
//! ```
//!
//! All little-endian. A file that is not exactly that is ignored with a warning and written anew.
//! Files are replaced in one step and joined with what other processes wrote since, so readers
//! never see half a file; of two that write at the same moment one may lose its additions, which
//! are then computed again.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use avibench_files::{SizeLimit, write_atomic};
use sha2::{Digest as _, Sha256};

use crate::error::FenseError;

const MAGIC: &[u8; 8] = b"AVIFENSE";
/// Raised when the file's layout or the arithmetic behind the vectors changes.
const VERSION: u32 = 1;
/// How large a file may be: a million vectors of 384 components take 1.5 GiB.
const LIMIT: SizeLimit = SizeLimit::new(4 << 30, "remove it");
const HASH: usize = 32;
const HEADER: usize = MAGIC.len() + 4 + 4 + HASH + 8;

pub(crate) type Hash = [u8; HASH];

/// The known vectors of one model.
#[derive(Debug)]
pub(crate) struct VectorCache {
    path: PathBuf,
    model: Hash,
    width: usize,
    vectors: HashMap<Hash, Vec<f32>>,
    /// Whether something was added since the file was read.
    changed: bool,
}

impl VectorCache {
    /// Opens the file of a model in `folder`; a second value says why it was not used, if so.
    pub(crate) fn open(
        folder: &Path,
        kind: &str,
        model: Hash,
        width: usize,
    ) -> (Self, Option<String>) {
        let path = folder.join(format!("{kind}-v{VERSION}-{}.bin", hex::encode(&model[..8])));
        let (vectors, warning) = match read(&path, model, width) {
            Ok(vectors) => (vectors, None),
            Err(reason) => {
                let warning = format!(
                    "{}: {reason}; the cached vectors are not used and written anew",
                    path.display()
                );
                (HashMap::new(), Some(warning))
            }
        };
        (Self { path, model, width, vectors, changed: false }, warning)
    }

    pub(crate) fn get(&self, text: &str) -> Option<&[f32]> {
        self.vectors.get(&hash_text(text)).map(Vec::as_slice)
    }

    pub(crate) fn insert(&mut self, text: &str, vector: &[f32]) {
        if vector.len() == self.width {
            self.vectors.insert(hash_text(text), vector.to_vec());
            self.changed = true;
        }
    }

    /// Writes what was added, along with what others have added meanwhile.
    pub(crate) fn save(mut self) -> Result<(), FenseError> {
        if !self.changed {
            return Ok(());
        }
        for (text, vector) in read(&self.path, self.model, self.width).unwrap_or_default() {
            self.vectors.entry(text).or_insert(vector);
        }
        write_atomic(&self.path, |file| file.write_all(&self.encode()))
            .map_err(|error| FenseError::io(&error.path)(error.source))
    }

    fn encode(&self) -> Vec<u8> {
        let entry = HASH + 4 * self.width;
        let mut bytes = Vec::with_capacity(HEADER + self.vectors.len() * entry + HASH);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((self.width as u32).to_le_bytes());
        bytes.extend(self.model);
        bytes.extend((self.vectors.len() as u64).to_le_bytes());
        for (text, vector) in &self.vectors {
            bytes.extend(text);
            bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum);
        bytes
    }
}

/// Why a cache is not used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("is cut short")]
    CutShort,
    #[error("is damaged")]
    Damaged,
    #[error("belongs to another model")]
    OtherModel,
    #[error("has another length than it says")]
    Length,
}

/// The vectors of a file; none if there is no file.
fn read(path: &Path, model: Hash, width: usize) -> Result<HashMap<Hash, Vec<f32>>, Unusable> {
    let Some(bytes) = LIMIT.read_if_any(path).map_err(|error| error.source)? else {
        return Ok(HashMap::new());
    };
    let Some((content, checksum)) = bytes.split_last_chunk::<HASH>() else {
        return Err(Unusable::CutShort);
    };
    if Sha256::digest(content)[..] != checksum[..] {
        return Err(Unusable::Damaged);
    }
    let mut expected = MAGIC.to_vec();
    expected.extend(VERSION.to_le_bytes());
    expected.extend((width as u32).to_le_bytes());
    expected.extend(model);
    let rest = content.strip_prefix(expected.as_slice()).ok_or(Unusable::OtherModel)?;
    let (count, entries) = rest.split_first_chunk::<8>().ok_or(Unusable::CutShort)?;
    let size = HASH + 4 * width;
    if (entries.len() / size) as u64 != u64::from_le_bytes(*count)
        || !entries.len().is_multiple_of(size)
    {
        return Err(Unusable::Length);
    }
    let vectors = entries.chunks_exact(size).filter_map(|entry| {
        let (text, values) = entry.split_first_chunk::<HASH>()?;
        let vector: Vec<f32> =
            values.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect();
        Some((*text, vector))
    });
    Ok(vectors.collect())
}

fn hash_text(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// The hash of a model: of the names, lengths and contents of its files.
pub(crate) fn hash_files(paths: &[PathBuf]) -> Result<Hash, FenseError> {
    let mut hasher = Sha256::new();
    for path in paths {
        let file = File::open(path).map_err(FenseError::io(path))?;
        let length = file.metadata().map_err(FenseError::io(path))?.len();
        hasher.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.update([0]);
        hasher.update(length.to_le_bytes());
        let mut reader = BufReader::new(file);
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read = reader.read(&mut buffer).map_err(FenseError::io(path))?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
    }
    Ok(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Hash = [7; HASH];

    fn filled(folder: &Path) -> PathBuf {
        let (mut cache, warning) = VectorCache::open(folder, "test", MODEL, 2);
        assert_eq!(warning, None);
        cache.insert("a", &[1.0, 2.0]);
        cache.insert("b", &[3.0, 4.0]);
        let path = cache.path.clone();
        cache.save().unwrap();
        path
    }

    #[test]
    fn vectors_come_back() {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let (cache, warning) = VectorCache::open(folder.path(), "test", MODEL, 2);
        assert_eq!(warning, None);
        assert_eq!(cache.get("a"), Some([1.0, 2.0].as_slice()));
        assert_eq!(cache.get("c"), None);
    }

    #[test]
    fn any_damage_is_noticed_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let whole = std::fs::read(&path).unwrap();
        let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|n| whole[..n].to_vec()).collect();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            damaged.push(flipped);
        }
        damaged.push([whole.as_slice(), &[0]].concat());
        for bytes in damaged {
            std::fs::write(&path, &bytes).unwrap();
            let (cache, warning) = VectorCache::open(folder.path(), "test", MODEL, 2);
            assert!(warning.unwrap().contains("written anew"));
            assert_eq!(cache.get("a"), None);
        }
        filled_after_damage(folder.path());
    }

    fn filled_after_damage(folder: &Path) {
        let (mut cache, _) = VectorCache::open(folder, "test", MODEL, 2);
        cache.insert("a", &[1.0, 2.0]);
        cache.save().unwrap();
        let (cache, warning) = VectorCache::open(folder, "test", MODEL, 2);
        assert_eq!((warning, cache.get("a")), (None, Some([1.0, 2.0].as_slice())));
    }

    #[test]
    fn what_others_wrote_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (mut first, _) = VectorCache::open(folder.path(), "test", MODEL, 1);
        let (mut second, _) = VectorCache::open(folder.path(), "test", MODEL, 1);
        first.insert("first", &[1.0]);
        second.insert("second", &[2.0]);
        first.save().unwrap();
        second.save().unwrap();
        let (cache, _) = VectorCache::open(folder.path(), "test", MODEL, 1);
        assert!(cache.get("first").is_some() && cache.get("second").is_some());
    }

    #[test]
    fn writers_side_by_side_never_tear_a_file() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let folder = folder.path();
                scope.spawn(move || {
                    for round in 0..10 {
                        let (mut cache, warning) = VectorCache::open(folder, "test", MODEL, 64);
                        assert_eq!(warning, None);
                        cache.insert(&format!("{thread} {round}"), &[1.0; 64]);
                        cache.save().unwrap();
                    }
                });
            }
        });
        assert_eq!(VectorCache::open(folder.path(), "test", MODEL, 64).1, None);
    }

    #[test]
    fn another_model_has_another_file() {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let (cache, warning) = VectorCache::open(folder.path(), "test", [8; HASH], 2);
        assert_eq!((warning, cache.get("a")), (None, None));
    }
}
