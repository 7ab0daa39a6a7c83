//! What can go wrong between a folder of model files and a score.

use std::path::{Path, PathBuf};

/// Any failure of this crate. Every message names the file or address and says what was wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FenseError {
    /// The models are not on this machine; the text says in one line what to put where.
    #[error("{0}")]
    ModelsMissing(String),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A configuration file does not say what it should.
    #[error("{}: {reason}", path.display())]
    Config {
        /// The JSON or vocabulary file.
        path: PathBuf,
        /// The field and what is wrong with it.
        reason: String,
    },
    /// A weights file is damaged, cut short, or not of the expected kind.
    #[error("{}: {reason}", path.display())]
    Weights {
        /// The safetensors or PyTorch file.
        path: PathBuf,
        /// What is wrong, where known with the offset or entry.
        reason: String,
    },
    /// One tensor is missing or not as the configuration says.
    #[error("{}: tensor {tensor}: {reason}", path.display())]
    Tensor {
        /// The safetensors or PyTorch file.
        path: PathBuf,
        /// The tensor's name in the file.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The tokenizer could not be read or could not read a text.
    #[error("{}: {reason}", path.display())]
    Tokenizer {
        /// The tokenizer file or its folder.
        path: PathBuf,
        /// What the tokenizer said.
        reason: String,
    },
    /// The models break the program that reads them, in a way that no check foresaw.
    #[error(
        "the models {} and {} break what reads them; they are likely damaged: fetch them again \
         with `avibench fense fetch`",
        sentence.display(), checkpoint.display()
    )]
    Broken {
        /// The sentence encoder's folder.
        sentence: PathBuf,
        /// The detector's checkpoint.
        checkpoint: PathBuf,
    },
    /// A model gave a number that is not finite: its weights are damaged.
    #[error("{}: the model gives {value} for the text {text:?}; its weights are damaged", path.display())]
    NotFinite {
        /// The model's folder or checkpoint.
        path: PathBuf,
        /// The text, cut short if long.
        text: String,
        /// The offending number.
        value: f32,
    },
}

impl FenseError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn config(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Config { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn weights(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Weights { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn tensor(path: &Path, tensor: &str, reason: impl std::fmt::Display) -> Self {
        Self::Tensor {
            path: path.to_owned(),
            tensor: tensor.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn tokenizer(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Tokenizer { path: path.to_owned(), reason: reason.to_string() }
    }
}
