//! Prompt packs that cannot be used.

use std::path::PathBuf;

use avibench_files::FileError;

/// A prompt pack that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptPackError {
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no TOML.
    #[error("{}, line {line}, column {column}: {reason}", path.display())]
    Syntax {
        /// The pack.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// A key or value that no pack can hold.
    #[error("{}, line {line}, `{key}`: {reason}", path.display())]
    Content {
        /// The pack.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key with its section, such as `AVL.prompts.prompt_avl`.
        key: String,
        /// What is wrong, with a hint.
        reason: String,
    },
    /// A Python definitions file with data that cannot be read without executing it.
    #[error("{}, line {line}: {reason}", path.display())]
    Definitions {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong, with a hint.
        reason: String,
    },
}
