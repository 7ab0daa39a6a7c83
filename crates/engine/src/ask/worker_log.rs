//! What workers say beside their answers, in a file that all workers of a run share: a line that is
//! no JSON, and all of standard error.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use avibench_files::FileError;

/// One file for all workers of a run; each line names its worker.
#[derive(Debug)]
pub(crate) struct WorkerLog {
    file: Mutex<File>,
}

impl WorkerLog {
    /// Appends to `path`, which is made with its folder if it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
        }
        let file = File::options()
            .append(true)
            .create(true)
            .open(path)
            .map_err(FileError::at("open", path))?;
        Ok(Self { file: Mutex::new(file) })
    }

    pub(crate) fn write(&self, worker: usize, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk ends the run by its journal; the log alone is no reason to.
        let _ = writeln!(file, "[worker {worker}] {}", line.trim_end());
    }
}
