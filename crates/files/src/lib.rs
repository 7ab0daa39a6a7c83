//! Files that are either whole or absent: the one atomic writer, reading up to a limit, errors that
//! name the file, and what a file is that should be another.

mod content;
mod kept_file;
mod partial;
mod size_limit;

use std::io;
use std::path::{Path, PathBuf};

pub use content::{KnownContent, known_content};
pub use kept_file::KeptFile;
pub use partial::{PartialFolder, abandon, remove_partial_files, uninterrupted};
pub use size_limit::SizeLimit;

use partial::PartialFile;

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}{}", path.display(), hint(source))]
pub struct FileError {
    /// `read`, `write`, `create`, ...
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    if is_out_of_files(error) {
        return "; raise the limit of open files (ulimit -n), or ask fewer at a time (--concurrency)";
    }
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "; free some space and run the same command again"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to"
        }
        _ => "",
    }
}

/// Whether this process, or the whole system, may open no more files: nothing is wrong with the
/// file that was to be opened.
#[must_use]
pub fn is_out_of_files(error: &io::Error) -> bool {
    // EMFILE and ENFILE, which have the same numbers on all Unix systems.
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

impl FileError {
    /// For `map_err`: names the file an I/O error belongs to.
    pub fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { action, path: path.to_owned(), source }
    }
}

/// Removes a file, if it is there.
///
/// # Errors
///
/// If it is there and cannot be removed.
pub fn remove_if_any(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::at("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Replaces `path` by what `fill` writes, atomically: a reader sees the old file or the whole new
/// one, also after a crash. Missing parent folders are made.
pub fn write_atomic(
    path: &Path,
    fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), FileError> {
    FilledFile::new(path, fill)?.replace()
}

/// A file that is filled and does not stand in its place yet. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct FilledFile {
    path: PathBuf,
    temporary: PartialFile,
}

impl FilledFile {
    /// Fills a file that is to replace `path`. Missing parent folders are made.
    pub fn new(
        path: &Path,
        fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<Self, FileError> {
        let parent = parent(path);
        std::fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
        let temporary = PartialFile::new(parent).map_err(FileError::at("write", path))?;
        let mut writer = io::BufWriter::with_capacity(1 << 16, temporary);
        fill(&mut writer).map_err(FileError::at("write", path))?;
        let temporary =
            writer.into_inner().map_err(|e| FileError::at("write", path)(e.into_error()))?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Puts the file into its place, as [`write_atomic`] does.
    pub fn replace(self) -> Result<(), FileError> {
        self.sync()?;
        let path = self.put()?;
        sync_folder(parent(&path));
        Ok(())
    }

    /// Puts files that belong together into their places, one after the other in the given order.
    /// All of them are on the disk before the first one is: as long as the disk is slow or full, the
    /// old ones stay.
    pub fn replace_all(files: Vec<Self>) -> Result<(), FileError> {
        // The system writes them at the same time, so that they take about as long as one.
        let synced: Result<Vec<()>, FileError> = std::thread::scope(|scope| {
            let syncing: Vec<_> = files.iter().map(|file| scope.spawn(|| file.sync())).collect();
            let synced = syncing.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            synced.collect()
        });
        synced?;
        let mut folders = std::collections::BTreeSet::new();
        uninterrupted(|| {
            for file in files {
                folders.insert(parent(&file.put()?).to_owned());
            }
            Ok(())
        })?;
        for folder in &folders {
            sync_folder(folder);
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), FileError> {
        self.temporary.sync().map_err(FileError::at("write", &self.path))
    }

    /// Gives the file its name.
    fn put(self) -> Result<PathBuf, FileError> {
        let Self { path, temporary } = self;
        temporary.persist(&path).map_err(FileError::at("write", &path))?;
        Ok(path)
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A new name itself must survive a power cut; not every file system lets a folder be synced.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_filled_leaves_the_old_one_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.json");
        write_atomic(&path, |file| file.write_all(b"old")).unwrap();
        let full = |file: &mut dyn io::Write| {
            file.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        let error = write_atomic(&path, full).unwrap_err().to_string();
        assert!(error.contains("AVM.json") && error.contains("free some space"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_that_belong_together_come_together() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        write_atomic(&at("a"), |file| file.write_all(b"old")).unwrap();
        let fill = |name: &str| FilledFile::new(&at(name), |file| file.write_all(b"new")).unwrap();
        let files = vec![fill("a"), fill("folder/b")];
        assert_eq!(std::fs::read(at("a")).unwrap(), b"old", "nothing is in its place yet");
        FilledFile::replace_all(files).unwrap();
        for name in ["a", "folder/b"] {
            assert_eq!(std::fs::read(at(name)).unwrap(), b"new", "{name}");
        }
        drop(fill("c"));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "`a` and `folder`");
    }
}
