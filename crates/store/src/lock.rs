//! The lock that lets only one process at a time write under a label.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use avibench_files::FileError;

/// The most characters that are read of the id of a process.
const LONGEST_ID: u64 = 20;

/// Held as long as a run writes. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: File,
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
                let _ = file.take(LONGEST_ID).read_to_string(&mut text);
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
        Ok(Self { path, file })
    }

    /// Looks whether the lock still stands where everybody looks for it. If its folder was deleted
    /// or moved, nothing that is written there any more belongs to this run.
    pub(crate) fn check(&self) -> Result<(), FileError> {
        let told = |what: &str| {
            let error =
                std::io::Error::other(format!("somebody {what} while it was being written to"));
            let folder = self.path.parent().unwrap_or(&self.path);
            Err(FileError::at("go on in", folder)(error))
        };
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                told("deleted the folder or its lock")
            }
            Err(error) => Err(FileError::at("read", &self.path)(error)),
            Ok(here) if !self.is_at(&here) => told("put another lock in the place of its own"),
            Ok(_) => Ok(()),
        }
    }

    #[cfg(unix)]
    fn is_at(&self, here: &std::fs::Metadata) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let ours = self.file.metadata();
        ours.is_ok_and(|ours| (ours.dev(), ours.ino()) == (here.dev(), here.ino()))
    }

    #[cfg(not(unix))]
    fn is_at(&self, _: &std::fs::Metadata) -> bool {
        // An open file can neither be removed nor replaced there.
        self.file.metadata().is_ok()
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
        assert!(first.check().is_ok());
        drop(first);
        let second = RunLock::acquire(&folder).unwrap();
        std::fs::remove_file(folder.join(".lock")).unwrap();
        assert!(second.check().unwrap_err().to_string().contains("deleted the folder or its lock"));
        let third = RunLock::acquire(&folder).unwrap();
        assert!(second.check().unwrap_err().to_string().contains("another lock"));
        assert!(third.check().is_ok());
    }
}
