//! What workers say beside their answers, in a file that all workers of a run share: a line that is
//! no JSON, and all of standard error.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use avibench_files::FileError;

/// Most bytes that a run adds to the file: a worker that never stops talking must not fill the disk.
const LIMIT: u64 = 256 << 20;

/// One file for all workers of a run; each line names its worker.
#[derive(Debug)]
pub(crate) struct WorkerLog {
    file: Mutex<(File, u64)>,
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
        Ok(Self { file: Mutex::new((file, 0)) })
    }

    /// Adds a line, until the log is full.
    pub(crate) fn write(&self, worker: usize, line: &str) {
        let mut log = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, written) = &mut *log;
        if *written > LIMIT {
            return;
        }
        let line = format!("[worker {worker}] {}\n", line.trim_end());
        *written += line.len() as u64;
        // A full disk ends the run by its journal; the log alone is no reason to.
        let _ = file.write_all(line.as_bytes());
        if *written > LIMIT {
            let _ = writeln!(file, "the log ends here: this run has added 256 MiB to it");
        }
    }
}
