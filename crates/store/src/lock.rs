//! The lock that lets only one process at a time write under a label.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use avibench_files::FileError;

/// Held as long as a run writes. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The lock cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else writes under this label.
    #[error(
        "another run is writing to {}{}; wait for it, stop it, or choose another --model-label",
        folder.display(),
        holder.as_ref().map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    Held {
        /// The label's folder.
        folder: PathBuf,
        /// The other process, if it left its id.
        holder: Option<u32>,
    },
    /// The lock file cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

impl RunLock {
    /// Locks a label's folder, which is made if it is missing.
    pub fn acquire(folder: &Path) -> Result<Self, LockError> {
        std::fs::create_dir_all(folder).map_err(FileError::at("create", folder))?;
        let path = folder.join(".lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(FileError::at("create", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Some systems let nobody read a locked file; the message then names no process.
                let _ = file.read_to_string(&mut text);
                let holder = text.trim().parse().ok();
                return Err(LockError::Held { folder: folder.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => {
                return Err(FileError::at("lock", &path)(error).into());
            }
        }
        let id = std::process::id().to_string();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(id.as_bytes()))
            .map_err(FileError::at("write", &path))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("user_outputs/m");
        let first = RunLock::acquire(&folder).unwrap();
        let message = RunLock::acquire(&folder).unwrap_err().to_string();
        assert!(message.contains(&format!("(process {})", std::process::id())), "{message}");
        drop(first);
        RunLock::acquire(&folder).unwrap();
    }
}
