//! Tensors by name, from either of the two formats models are published in.

mod element;
mod pickle;
mod pytorch;
mod safetensors;

use std::path::{Path, PathBuf};

use crate::error::FenseError;
use element::Element;
use pytorch::PyTorchFile;
use safetensors::SafetensorsFile;

/// The most numbers of one tensor or of the storage that it is a view of; the largest table of
/// BERT-large has 31 million.
const MOST_NUMBERS: usize = 1 << 27;

/// An open weights file. Tensors are read one at a time, and only those asked for.
#[derive(Debug)]
pub(crate) struct Weights {
    path: PathBuf,
    file: Format,
}

#[derive(Debug)]
enum Format {
    Safetensors(SafetensorsFile),
    PyTorch(PyTorchFile),
}

impl Weights {
    /// Opens `model.safetensors` of a folder, else its `pytorch_model.bin`.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, FenseError> {
        let path = weights_file(folder).ok_or_else(|| {
            FenseError::weights(folder, "holds neither model.safetensors nor pytorch_model.bin")
        })?;
        Self::open(&path)
    }

    /// Opens a file; `.safetensors` by its name, everything else as PyTorch's format.
    pub(crate) fn open(path: &Path) -> Result<Self, FenseError> {
        let file = if path.extension().is_some_and(|extension| extension == "safetensors") {
            Format::Safetensors(SafetensorsFile::open(path)?)
        } else {
            Format::PyTorch(PyTorchFile::open(path)?)
        };
        Ok(Self { path: path.to_owned(), file })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        match &self.file {
            Format::Safetensors(file) => file.shape(name).is_some(),
            Format::PyTorch(file) => file.shape(name).is_some(),
        }
    }

    /// A tensor in row-major order.
    ///
    /// # Errors
    ///
    /// [`FenseError::Tensor`] if it is missing, of another shape, or not of floats;
    /// [`FenseError::Weights`] or [`FenseError::Io`] if the file is damaged.
    pub(crate) fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, FenseError> {
        let found = match &self.file {
            Format::Safetensors(file) => file.shape(name),
            Format::PyTorch(file) => file.shape(name),
        };
        match found {
            None => return Err(FenseError::tensor(&self.path, name, "is missing")),
            Some(found) if found != shape => {
                let reason = format!("has shape {found:?}, the configuration says {shape:?}");
                return Err(FenseError::tensor(&self.path, name, reason));
            }
            Some(_) => {}
        }
        let numbers = shape.iter().try_fold(1_usize, |numbers, &size| numbers.checked_mul(size));
        if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
            let reason = format!("has shape {shape:?}, more than {MOST_NUMBERS} numbers");
            return Err(FenseError::tensor(&self.path, name, reason));
        }
        match &mut self.file {
            Format::Safetensors(file) => file.read(name),
            Format::PyTorch(file) => file.read(name),
        }
    }

    /// A text that lies beside the state dictionary of a PyTorch checkpoint.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match &self.file {
            Format::Safetensors(_) => None,
            Format::PyTorch(file) => file.text(key),
        }
    }

    /// An integer that lies beside the state dictionary of a PyTorch checkpoint.
    pub(crate) fn integer(&self, key: &str) -> Option<i128> {
        match &self.file {
            Format::Safetensors(_) => None,
            Format::PyTorch(file) => file.integer(key),
        }
    }
}

/// The weights of a model's folder, if there are any.
pub(crate) fn weights_file(folder: &Path) -> Option<PathBuf> {
    ["model.safetensors", "pytorch_model.bin"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}
