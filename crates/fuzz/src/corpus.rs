//! The seeds of each target.

use std::path::{Path, PathBuf};

use crate::Target;

/// A corpus that cannot be used.
#[derive(Debug)]
pub enum CorpusError {
    /// A file or folder cannot be read.
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A target without a single seed would only ever see random bytes.
    Empty {
        /// The folder that should hold some.
        folder: PathBuf,
    },
}

impl std::fmt::Display for CorpusError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::Empty { folder } => {
                write!(f, "{} holds no seed; put a small valid file there", folder.display())
            }
        }
    }
}

impl std::error::Error for CorpusError {}

/// The seeds of a target in the order of their names: `corpus/<target>/*`,
/// or those of the target that takes the same.
///
/// # Errors
///
/// [`CorpusError`] if the folder cannot be read or is empty.
pub fn seeds(target: Target) -> Result<Vec<Vec<u8>>, CorpusError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.corpus());
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| CorpusError::Io { path, source }
    };
    let entries = std::fs::read_dir(&folder).map_err(at(&folder))?;
    let entries = entries.map(|entry| Ok(entry.map_err(at(&folder))?.path()));
    let mut paths = entries.collect::<Result<Vec<_>, CorpusError>>()?;
    paths.sort();
    if paths.is_empty() {
        return Err(CorpusError::Empty { folder });
    }
    paths.iter().map(|path| std::fs::read(path).map_err(at(path))).collect()
}
