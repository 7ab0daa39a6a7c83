//! PyTorch's `torch.save` files: an uncompressed ZIP archive since version 1.6, before that a
//! row of pickles followed by the bytes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::pickle::{Index, Pickle, PickleError, Value};
use super::{Element, MOST_NUMBERS};
use crate::error::FenseError;

/// The number that opens a file of before version 1.6.
const OLD_MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
/// The most bytes of an archive that are read to learn what is in it; the directory of a large
/// encoder has some 50 kB.
const LONGEST_DIRECTORY: u64 = 1 << 23;
/// The most entries of a dictionary in which tensors or plain values lie.
const MOST_ENTRIES: usize = 1 << 14;
/// The longest name or plain text that is kept of a dictionary or storage, in bytes.
const LONGEST_NAME: usize = 1024;
/// The most dimensions of a tensor.
const MOST_DIMENSIONS: usize = 8;
/// The most bytes that all tensors together are read from: twice those of the largest encoder with
/// eight bytes a weight. Many small views of a large storage would take for ever.
const MOST_BYTES: u64 = 1 << 33;

/// An open checkpoint whose tensors are known by name.
#[derive(Debug)]
pub(super) struct PyTorchFile {
    path: PathBuf,
    tensors: HashMap<String, Tensor>,
    texts: HashMap<String, String>,
    integers: HashMap<String, i128>,
    storages: Storages,
    /// Bytes that may still be read.
    left: u64,
}

/// What is wrong with a tensor's description or its bytes.
#[derive(Debug, thiserror::Error)]
enum TensorProblem {
    #[error("a call without arguments")]
    NoArguments,
    #[error("a parameter without a tensor")]
    NoTensor,
    #[error("a tensor without a storage")]
    NoStorage,
    #[error("a tensor whose shape is malformed")]
    Shape,
    #[error("lies in a storage of {0} numbers, more than {MOST_NUMBERS}")]
    LargeStorage(usize),
    #[error("the tensors before it take {MOST_BYTES} bytes; no encoder is so large")]
    TooManyBytes,
    #[error("a malformed reference to a storage")]
    Reference,
    #[error("holds {0}, not floats")]
    NotFloats(String),
    #[error("has more elements than its storage")]
    MoreThanStorage,
    #[error("reaches beyond its storage")]
    BeyondStorage,
    #[error("archive entry {name}: {reason}; the file is damaged, fetch it again")]
    Entry { name: String, reason: String },
    #[error("archive entry {name} has {size} bytes, expected {expected}")]
    EntrySize { name: String, size: u64, expected: u64 },
    #[error("storage {0} is missing")]
    MissingStorage(String),
    #[error("storage {key} has {size} bytes, expected {expected}")]
    StorageSize { key: String, size: u64, expected: u64 },
    #[error("storage {0} is cut short; fetch the file again")]
    CutShort(String),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Where the tensors' bytes are.
#[derive(Debug)]
enum Storages {
    /// Entries `{prefix}data/{key}` of an archive.
    Zip { archive: ZipArchive<BufReader<File>>, prefix: String },
    /// Byte ranges of a file, by key.
    Old { file: BufReader<File>, ranges: HashMap<String, (u64, u64)> },
}

/// A tensor as a view of a storage, all counts in numbers, not bytes.
#[derive(Debug, Clone)]
struct Tensor {
    storage: Storage,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Storage {
    key: String,
    /// `None` for integers and the like, which no model's weights are made of.
    element: Option<Element>,
    /// The storage's class as written, for messages.
    kind: String,
    length: usize,
}

impl PyTorchFile {
    pub(super) fn open(path: &Path) -> Result<Self, FenseError> {
        let mut file = BufReader::new(File::open(path).map_err(FenseError::io(path))?);
        let start = file.fill_buf().map_err(FenseError::io(path))?;
        let (pickle, storages) = if start.starts_with(b"PK") {
            open_zip(path, file)?
        } else if start.starts_with(b"\x80") {
            open_old(path, file)?
        } else {
            return Err(FenseError::weights(path, "cut short or not a PyTorch file"));
        };
        let mut this = Self {
            path: path.to_owned(),
            tensors: HashMap::new(),
            texts: HashMap::new(),
            integers: HashMap::new(),
            storages,
            left: MOST_BYTES,
        };
        this.collect(&pickle)?;
        Ok(this)
    }

    /// Notes the tensors of the root or of its `state_dict`, and the root's plain values.
    fn collect(&mut self, pickle: &Pickle) -> Result<(), FenseError> {
        let Value::Dict(root) = pickle.root() else {
            return Err(FenseError::weights(&self.path, "holds no dictionary of tensors"));
        };
        let mut state = root;
        for (key, value) in self.entries(root)? {
            let Some(key) = name(pickle, *key) else { continue };
            match pickle.get(*value) {
                Value::Text(text) if text.len() <= LONGEST_NAME => {
                    self.texts.insert(key.to_owned(), text.clone());
                }
                Value::Int(integer) => drop(self.integers.insert(key.to_owned(), *integer)),
                Value::Dict(inner) if key == "state_dict" => state = inner,
                _ => {}
            }
        }
        for (key, value) in self.entries(state)? {
            let (Some(key), Value::Call { callable, arguments }) =
                (name(pickle, *key), pickle.get(*value))
            else {
                continue;
            };
            let tensor = tensor(pickle, callable, *arguments)
                .map_err(|reason| FenseError::tensor(&self.path, key, reason))?;
            if let Some(tensor) = tensor {
                self.tensors.insert(key.to_owned(), tensor);
            }
        }
        Ok(())
    }

    /// The entries of a dictionary that has no more than a model's.
    fn entries<'a>(&self, dict: &'a [(Index, Index)]) -> Result<&'a [(Index, Index)], FenseError> {
        if dict.len() > MOST_ENTRIES {
            let reason = format!("a dictionary of {} entries: no model's weights", dict.len());
            return Err(FenseError::weights(&self.path, reason));
        }
        Ok(dict)
    }

    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|tensor| tensor.shape.as_slice())
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    pub(super) fn integer(&self, key: &str) -> Option<i128> {
        self.integers.get(key).copied()
    }

    pub(super) fn read(&mut self, name: &str) -> Result<Vec<f32>, FenseError> {
        let Some(tensor) = self.tensors.get(name) else {
            return Err(FenseError::tensor(&self.path, name, "is missing"));
        };
        let Some(element) = tensor.storage.element else {
            let problem = TensorProblem::NotFloats(tensor.storage.kind.clone());
            return Err(FenseError::tensor(&self.path, name, problem));
        };
        tensor.check().map_err(|reason| FenseError::tensor(&self.path, name, reason))?;
        let length = tensor.storage.length as u64 * element.width() as u64;
        let bytes = match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                self.storages.read(&tensor.storage.key, length)
            }
            None => Err(TensorProblem::TooManyBytes),
        };
        let bytes = bytes.map_err(|reason| FenseError::tensor(&self.path, name, reason))?;
        Ok(tensor.gather(element.decode(&bytes)))
    }
}

impl Tensor {
    /// Whether every element lies within the storage and the shape claims no more than it holds.
    fn check(&self) -> Result<(), TensorProblem> {
        if self.storage.length > MOST_NUMBERS {
            return Err(TensorProblem::LargeStorage(self.storage.length));
        }
        let count = self.shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
        if count.is_none_or(|count| count > self.storage.length) {
            return Err(TensorProblem::MoreThanStorage);
        }
        if count == Some(0) {
            return Ok(());
        }
        let last =
            self.shape.iter().zip(&self.strides).try_fold(self.offset, |last, (size, stride)| {
                last.checked_add((size - 1).checked_mul(*stride)?)
            });
        match last {
            Some(last) if last < self.storage.length => Ok(()),
            _ => Err(TensorProblem::BeyondStorage),
        }
    }

    /// The elements in row-major order; [`Tensor::check`] must have passed.
    fn gather(&self, storage: Vec<f32>) -> Vec<f32> {
        let count: usize = self.shape.iter().product();
        let mut expected = 1;
        let dense = self.shape.iter().zip(&self.strides).rev().all(|(size, stride)| {
            let fits = *size == 1 || *stride == expected;
            expected *= size;
            fits
        });
        if dense && self.offset == 0 && count == storage.len() {
            return storage;
        }
        let mut position = vec![0; self.shape.len()];
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            let at: usize = position.iter().zip(&self.strides).map(|(p, stride)| p * stride).sum();
            elements.push(storage[self.offset + at]);
            for (p, size) in position.iter_mut().zip(&self.shape).rev() {
                *p += 1;
                if *p < *size {
                    break;
                }
                *p = 0;
            }
        }
        elements
    }
}

impl Storages {
    /// The bytes of a storage, which must be exactly `length`.
    fn read(&mut self, key: &str, length: u64) -> Result<Vec<u8>, TensorProblem> {
        let mut bytes = Vec::new();
        match self {
            Self::Zip { archive, prefix } => {
                let name = format!("{prefix}data/{key}");
                let damaged = |reason: String| TensorProblem::Entry { name: name.clone(), reason };
                let mut entry =
                    archive.by_name(&name).map_err(|error| damaged(error.to_string()))?;
                let size = entry.size();
                if size != length {
                    return Err(TensorProblem::EntrySize { name, size, expected: length });
                }
                // Reading to the end also compares the entry's checksum.
                entry.read_to_end(&mut bytes).map_err(|error| damaged(error.to_string()))?;
            }
            Self::Old { file, ranges } => {
                let Some(&(start, size)) = ranges.get(key) else {
                    return Err(TensorProblem::MissingStorage(key.to_owned()));
                };
                if size != length {
                    let key = key.to_owned();
                    return Err(TensorProblem::StorageSize { key, size, expected: length });
                }
                file.seek(SeekFrom::Start(start))?;
                file.take(length).read_to_end(&mut bytes)?;
            }
        }
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(TensorProblem::CutShort(key.to_owned()))
        }
    }
}

fn open_zip(path: &Path, file: BufReader<File>) -> Result<(Pickle, Storages), FenseError> {
    let bad = |reason: String| FenseError::weights(path, reason);
    let damaged = |error: ZipError| bad(format!("{error}; the file is cut short or damaged"));
    // The library keeps the whole directory, of however many entries.
    let same = File::open(path).map_err(FenseError::io(path))?;
    ZipArchive::new(Bounded { inner: BufReader::new(same), left: LONGEST_DIRECTORY })
        .map_err(damaged)?;
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    let main = archive
        .file_names()
        .find(|name| *name == "data.pkl" || name.ends_with("/data.pkl"))
        .map(str::to_owned)
        .ok_or_else(|| bad("a ZIP archive without data.pkl, so not from PyTorch".into()))?;
    let prefix = main.trim_end_matches("data.pkl").to_owned();
    let entry_name = format!("{prefix}byteorder");
    if let Ok(mut entry) = archive.by_name(&entry_name) {
        let mut order = String::new();
        entry
            .by_ref()
            .take(16)
            .read_to_string(&mut order)
            .map_err(|error| bad(format!("archive entry {entry_name}: {error}")))?;
        if order.trim() != "little" {
            return Err(bad(format!("its byte order is {order:?}, only little is read")));
        }
    }
    let mut bytes = Vec::new();
    let entry = archive.by_name(&main).map_err(|error| bad(format!("{main}: {error}")))?;
    // What is longer fails as a pickle.
    entry
        .take(Pickle::LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| bad(format!("archive entry {main}: {error}; the file is damaged")))?;
    let pickle = Pickle::read(&mut bytes.as_slice()).map_err(unread(path))?;
    Ok((pickle, Storages::Zip { archive, prefix }))
}

/// A reader that stops with an error after so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            std::io::Error::other(format!(
                "more than {LONGEST_DIRECTORY} bytes before its directory is known"
            ))
        })?;
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A text that is short enough to be a name.
fn name(pickle: &Pickle, index: Index) -> Option<&str> {
    pickle.text(index).filter(|name| name.len() <= LONGEST_NAME)
}

fn unread(path: &Path) -> impl Fn(PickleError) -> FenseError {
    move |error| FenseError::weights(path, error)
}

/// Magic number, protocol, system, object, the storages' keys, then each storage's length (in
/// numbers) and bytes in the order of the keys.
fn open_old(path: &Path, mut file: BufReader<File>) -> Result<(Pickle, Storages), FenseError> {
    let bad = |reason: &str| FenseError::weights(path, reason);
    let magic = Pickle::read(&mut file).map_err(unread(path))?;
    if magic.root() != &Value::Int(OLD_MAGIC) {
        return Err(bad("a pickle, but not one of PyTorch's"));
    }
    let _protocol = Pickle::read(&mut file).map_err(unread(path))?;
    let system = Pickle::read(&mut file).map_err(unread(path))?;
    if let Value::Dict(entries) = system.root() {
        let big = entries.iter().any(|(key, value)| {
            system.text(*key) == Some("little_endian") && system.get(*value) == &Value::Bool(false)
        });
        if big {
            return Err(bad("its byte order is big, only little is read"));
        }
    }
    let object = Pickle::read(&mut file).map_err(unread(path))?;
    let keys = Pickle::read(&mut file).map_err(unread(path))?;
    let Value::Sequence(keys_in_order) = keys.root() else {
        return Err(bad("the list of storages is missing"));
    };
    let widths = storage_widths(&object);
    let mut at = file.stream_position().map_err(FenseError::io(path))?;
    let size = file.get_ref().metadata().map_err(FenseError::io(path))?.len();
    let mut ranges = HashMap::new();
    for key in keys_in_order {
        let key = keys.text(*key).ok_or_else(|| bad("a storage key is no text"))?;
        let width = widths.get(key).copied().unwrap_or(0);
        if width == 0 {
            return Err(bad(&format!("storage {key} is of an unknown kind")));
        }
        file.seek(SeekFrom::Start(at)).map_err(FenseError::io(path))?;
        let mut count = [0; 8];
        file.read_exact(&mut count)
            .map_err(|_| bad(&format!("cut short before storage {key}; fetch it again")))?;
        let length = u64::from_le_bytes(count).checked_mul(width);
        let end = length.and_then(|length| (at + 8).checked_add(length));
        match (length, end) {
            (Some(length), Some(end)) if end <= size => {
                ranges.insert(key.to_owned(), (at + 8, length));
                at = end;
            }
            _ => return Err(bad(&format!("cut short within storage {key}; fetch it again"))),
        }
    }
    Ok((object, Storages::Old { file, ranges }))
}

/// Bytes per number of every storage a pickle refers to.
fn storage_widths(pickle: &Pickle) -> HashMap<String, u64> {
    let references = pickle.values().filter_map(|value| match value {
        Value::Persistent(reference) => storage(pickle, *reference).ok(),
        _ => None,
    });
    references
        .map(|storage| {
            let width = match (storage.element, storage.kind.as_str()) {
                (Some(element), _) => element.width(),
                (None, "torch.LongStorage") => 8,
                (None, "torch.IntStorage") => 4,
                (None, "torch.ShortStorage") => 2,
                (None, "torch.ByteStorage" | "torch.CharStorage" | "torch.BoolStorage") => 1,
                (None, _) => 0,
            };
            (storage.key, width as u64)
        })
        .collect()
}

/// The tensor that a noted call would build, or `None` for a call that builds something else.
fn tensor(
    pickle: &Pickle,
    callable: &str,
    arguments: Index,
) -> Result<Option<Tensor>, TensorProblem> {
    let arguments = pickle.items(arguments).ok_or(TensorProblem::NoArguments)?;
    match (callable, arguments) {
        // A parameter wraps a tensor.
        ("torch._utils._rebuild_parameter", [inner, ..]) => match pickle.get(*inner) {
            Value::Call { callable, arguments }
                if callable != "torch._utils._rebuild_parameter" =>
            {
                tensor(pickle, callable, *arguments)
            }
            _ => Err(TensorProblem::NoTensor),
        },
        (
            "torch._utils._rebuild_tensor_v2" | "torch._utils._rebuild_tensor",
            [reference, offset, shape, strides, ..],
        ) => {
            let Value::Persistent(reference) = pickle.get(*reference) else {
                return Err(TensorProblem::NoStorage);
            };
            let sizes = |index: Index| -> Option<Vec<usize>> {
                let items = pickle.items(index).filter(|items| items.len() <= MOST_DIMENSIONS)?;
                items.iter().map(|&size| pickle.size(size)).collect()
            };
            let shape = sizes(*shape).ok_or(TensorProblem::Shape)?;
            let strides = sizes(*strides).ok_or(TensorProblem::Shape)?;
            if shape.len() != strides.len() {
                return Err(TensorProblem::Shape);
            }
            Ok(Some(Tensor {
                storage: storage(pickle, *reference)?,
                offset: pickle.size(*offset).ok_or(TensorProblem::Shape)?,
                shape,
                strides,
            }))
        }
        _ => Ok(None),
    }
}

/// Reads `("storage", class, key, device, length, ...)`.
fn storage(pickle: &Pickle, reference: Index) -> Result<Storage, TensorProblem> {
    let Some([_, class, key, _, length, ..]) = pickle.items(reference) else {
        return Err(TensorProblem::Reference);
    };
    let Value::Global(kind) = pickle.get(*class) else { return Err(TensorProblem::Reference) };
    let element = match kind.as_str() {
        "torch.FloatStorage" => Some(Element::F32),
        "torch.DoubleStorage" => Some(Element::F64),
        "torch.HalfStorage" => Some(Element::F16),
        "torch.BFloat16Storage" => Some(Element::Bf16),
        _ => None,
    };
    Ok(Storage {
        key: name(pickle, *key).ok_or(TensorProblem::Reference)?.to_owned(),
        element,
        kind: kind.clone(),
        length: pickle.size(*length).ok_or(TensorProblem::Reference)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Weights;

    /// The same checkpoint in both formats, written by PyTorch 2.6: views of a 3 x 4 tensor of
    /// 0..12, every kind of number, a parameter, and plain values beside the state dictionary.
    fn both() -> [Weights; 2] {
        ["tensors.ckpt", "tensors-old.ckpt"].map(|name| Weights::open(&path(name)).unwrap())
    }

    fn path(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("data").join(name)
    }

    #[test]
    fn tensors_of_every_kind_are_read_from_both_formats() {
        let counted: Vec<f32> = (0_u8..12).map(f32::from).collect();
        for mut file in both() {
            assert_eq!(file.tensor("plain", &[3, 4]).unwrap(), counted);
            assert_eq!(
                file.tensor("transposed", &[4, 3]).unwrap(),
                [0.0, 4.0, 8.0, 1.0, 5.0, 9.0, 2.0, 6.0, 10.0, 3.0, 7.0, 11.0]
            );
            assert_eq!(file.tensor("slice", &[2]).unwrap(), [6.0, 10.0]);
            assert_eq!(file.tensor("half", &[2]).unwrap(), [1.5, -2.0]);
            assert_eq!(file.tensor("brain", &[2]).unwrap(), [1.5, -2.0]);
            assert_eq!(file.tensor("double", &[1]).unwrap(), [0.1]);
            assert_eq!(file.tensor("parameter", &[1, 1]).unwrap(), [7.0]);
            assert_eq!(file.tensor("scalar", &[]).unwrap(), [5.0]);
            assert!(file.tensor("empty", &[0, 2]).unwrap().is_empty());
            assert_eq!(file.text("model_type"), Some("bert-tiny"));
            assert_eq!(file.integer("num_classes"), Some(6));
        }
    }

    #[test]
    fn what_is_no_tensor_of_floats_is_named() {
        for mut file in both() {
            let error = file.tensor("integers", &[3]).unwrap_err().to_string();
            assert!(error.ends_with("tensor integers: holds torch.LongStorage, not floats"));
            let error = file.tensor("expanded", &[1000]).unwrap_err().to_string();
            assert!(error.ends_with("has more elements than its storage"), "{error}");
            let error = file.tensor("plain", &[4, 3]).unwrap_err().to_string();
            assert!(error.contains("has shape [3, 4]"), "{error}");
        }
    }

    #[test]
    fn every_truncation_of_the_old_format_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let cut = folder.path().join("cut.ckpt");
        let whole = std::fs::read(path("tensors-old.ckpt")).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&cut, &whole[..length]).unwrap();
            assert!(Weights::open(&cut).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn no_damage_to_the_old_format_makes_it_panic() {
        let folder = tempfile::tempdir().unwrap();
        let damaged = folder.path().join("damaged.ckpt");
        let whole = std::fs::read(path("tensors-old.ckpt")).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&damaged, &bytes).unwrap();
            if let Ok(mut file) = Weights::open(&damaged) {
                for (name, shape) in
                    [("plain", [3, 4].as_slice()), ("transposed", &[4, 3]), ("slice", &[2])]
                {
                    let _ = file.tensor(name, shape);
                }
            }
        }
    }
}
