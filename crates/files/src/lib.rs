//! Files that are either whole or absent: the one atomic writer, and errors that name the file.

use std::io;
use std::path::{Path, PathBuf};

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

impl FileError {
    /// For `map_err`: names the file an I/O error belongs to.
    pub fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { action, path: path.to_owned(), source }
    }
}

/// The beginning and the end of the names that files have while they are being written.
const PARTIAL_PREFIX: &str = ".avibench-";
const PARTIAL_SUFFIX: &str = ".partial";

/// Removes unfinished files and folders, which killed writers leave behind. Call it only while
/// nobody else may write in `folder`. A folder that does not exist is no error.
pub fn remove_partial_files(folder: &Path) -> Result<(), FileError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(FileError::at("read", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(FileError::at("read", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(PARTIAL_PREFIX) && name.ends_with(PARTIAL_SUFFIX) {
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.map_err(FileError::at("remove", &path))?;
        }
    }
    Ok(())
}

/// Replaces `path` by what `fill` writes, atomically: a reader sees the old file or the whole new
/// one, also after a crash. Missing parent folders are made.
pub fn write_atomic(
    path: &Path,
    fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), FileError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PARTIAL_PREFIX).suffix(PARTIAL_SUFFIX);
    // Result files are for sharing: as readable as any file the user makes.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(parent).map_err(FileError::at("write", path))?;
    let mut writer = io::BufWriter::with_capacity(1 << 16, temporary);
    fill(&mut writer).map_err(FileError::at("write", path))?;
    let temporary =
        writer.into_inner().map_err(|e| FileError::at("write", path)(e.into_error()))?;
    temporary.as_file().sync_all().map_err(FileError::at("write", path))?;
    temporary.persist(path).map_err(|e| FileError::at("write", path)(e.error))?;
    // The new name itself must survive a power cut; not every file system lets a folder be synced.
    if let Ok(folder) = std::fs::File::open(parent) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_writer_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in [".avibench-x1.partial", "AVM.json", "a.partial", ".avibench-x1"] {
            std::fs::write(at(name), "{").unwrap();
        }
        remove_partial_files(dir.path()).unwrap();
        assert!(!at(".avibench-x1.partial").exists());
        assert!(["AVM.json", "a.partial", ".avibench-x1"].iter().all(|name| at(name).exists()));
        remove_partial_files(&at("absent")).unwrap();
    }

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
}
