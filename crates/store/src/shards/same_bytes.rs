//! Whether a file already reads as what is being written.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use avibench_files::FileError;

/// Compares what is written with what a file holds.
pub(super) struct SameBytes {
    file: Option<BufReader<File>>,
    path: PathBuf,
    is_same: bool,
    /// Bytes that were compared.
    pub(super) written: u64,
    buffer: Vec<u8>,
}

impl SameBytes {
    /// With the file at `path`, which need not be there.
    pub(super) fn with(path: &Path) -> Result<Self, FileError> {
        let file = match File::open(path) {
            Ok(file) => Some(BufReader::with_capacity(1 << 18, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(FileError::at("read", path)(error)),
        };
        let is_same = file.is_some();
        Ok(Self { file, path: path.to_owned(), is_same, written: 0, buffer: Vec::new() })
    }

    /// Compares what was written next.
    pub(super) fn compare(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = self.file.as_mut().filter(|_| self.is_same) else { return Ok(()) };
        self.buffer.clear();
        file.by_ref().take(bytes.len() as u64).read_to_end(&mut self.buffer)?;
        self.is_same = self.buffer == bytes;
        Ok(())
    }

    /// Whether the file holds what was written, and no more.
    pub(super) fn holds_all(mut self) -> Result<bool, FileError> {
        let path = &self.path;
        let Some(file) = self.file.as_mut().filter(|_| self.is_same) else { return Ok(false) };
        Ok(file.fill_buf().map_err(FileError::at("read", path))?.is_empty())
    }
}
