//! Files and folders that are being filled, and what becomes of them when their writer ends early.
//!
//! Each has a name by which everybody knows it for unfinished, and a lock that the system frees
//! when its writer ends, however it ends. So whoever starts next can tell what was left behind from
//! what somebody else is still filling.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::FileError;

/// The beginning and the end of the names that files have while they are being written.
const PREFIX: &str = ".avibench-";
const SUFFIX: &str = ".partial";

/// What this process is filling at the moment.
static FILLING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Held for reading by steps that belong together, for writing by who ends the process.
static STEPS: RwLock<()> = RwLock::new(());

/// Removes unfinished files and folders in `folder` that writers left behind which were killed. What
/// another process is filling stays. A folder that does not exist is no error.
pub fn remove_partial_files(folder: &Path) -> Result<(), FileError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(FileError::at("read", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(FileError::at("read", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !(name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            continue;
        }
        // Removed while it is locked, so that nobody begins to fill it at the same time.
        let lock = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(FileError::at("open", &path)(error)),
        };
        if lock.try_lock().is_err() {
            continue;
        }
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            // Its writer gave it its name between our opening it and our locking it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.map_err(FileError::at("remove", &path))?,
        }
    }
    Ok(())
}

/// Removes what this process is filling, and keeps it from filling anything more: for who ends the
/// process at once afterwards. Steps that belong together are let finish.
pub fn abandon() {
    let steps = STEPS.write().unwrap_or_else(PoisonError::into_inner);
    let filling = filling();
    for path in filling.iter() {
        // Other threads may be about to write a last file into a folder.
        for _ in 0..50 {
            let _ = if path.is_dir() {
                std::fs::remove_dir_all(path)
            } else {
                std::fs::remove_file(path)
            };
            if !path.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    // Whoever wants to begin or finish a file waits for ever, that is, until the process ends.
    std::mem::forget(filling);
    std::mem::forget(steps);
}

/// Does several steps of which an interrupted process has done either all or none.
pub fn uninterrupted<T>(steps: impl FnOnce() -> T) -> T {
    let _steps = STEPS.read().unwrap_or_else(PoisonError::into_inner);
    steps()
}

fn filling() -> MutexGuard<'static, Vec<PathBuf>> {
    // The list is whole between calls.
    FILLING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is being filled. Dropped, it leaves nothing.
#[derive(Debug)]
pub(crate) struct PartialFile(Option<tempfile::NamedTempFile>);

impl PartialFile {
    /// Begins one in `folder`.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        loop {
            let mut list = filling();
            let mut builder = tempfile::Builder::new();
            builder.prefix(PREFIX).suffix(SUFFIX);
            // Result files are for sharing: as readable as any file the user makes.
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                builder.permissions(std::fs::Permissions::from_mode(0o666));
            }
            let file = builder.tempfile_in(folder)?;
            if is_ours(file.as_file()) {
                list.push(file.path().to_owned());
                return Ok(Self(Some(file)));
            }
        }
    }

    fn file(&self) -> io::Result<&File> {
        let gone = || io::Error::other("the file is closed already");
        self.0.as_ref().map(tempfile::NamedTempFile::as_file).ok_or_else(gone)
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file()?.sync_all()
    }

    /// Gives it the name `path`.
    pub(crate) fn persist(mut self, path: &Path) -> io::Result<()> {
        let Some(file) = self.0.take() else { return Ok(()) };
        let mut list = filling();
        list.retain(|kept| kept != file.path());
        file.persist(path).map(drop).map_err(|error| error.error)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            let mut list = filling();
            list.retain(|kept| kept != file.path());
            drop(file);
        }
    }
}

impl io::Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

/// A folder that is being filled. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct PartialFolder {
    folder: Option<tempfile::TempDir>,
    /// Locked as long as it is being filled.
    _lock: File,
}

impl PartialFolder {
    /// Begins one in `parent`.
    pub fn new(parent: &Path) -> Result<Self, FileError> {
        loop {
            let mut list = filling();
            let folder = tempfile::Builder::new()
                .prefix(PREFIX)
                .suffix(SUFFIX)
                .tempdir_in(parent)
                .map_err(FileError::at("create", parent))?;
            let lock = match File::open(folder.path()) {
                Ok(lock) => lock,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(FileError::at("open", folder.path())(error)),
            };
            if is_ours(&lock) {
                list.push(folder.path().to_owned());
                return Ok(Self { folder: Some(folder), _lock: lock });
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new(""), tempfile::TempDir::path)
    }

    /// Writes a file in it, its folders included.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        // Waits for ever once the process is about to end.
        drop(filling());
        let place = self.path().join(name);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
        }
        std::fs::write(&place, bytes).map_err(FileError::at("write", &place))
    }
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            let mut list = filling();
            list.retain(|kept| kept != folder.path());
            drop(folder);
        }
    }
}

/// Locks what was just made. False if somebody took it for left behind in the moment before.
fn is_ours(file: &File) -> bool {
    match file.try_lock() {
        // Where there are no locks, nobody takes anything for left behind.
        Ok(()) | Err(TryLockError::Error(_)) => is_linked(file),
        Err(TryLockError::WouldBlock) => false,
    }
}

#[cfg(unix)]
fn is_linked(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
}

#[cfg(not(unix))]
fn is_linked(_: &File) -> bool {
    // An open file cannot be removed there.
    true
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_a_killed_writer_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in [".avibench-x1.partial", "AVM.json", "a.partial", ".avibench-x1"] {
            std::fs::write(at(name), "{").unwrap();
        }
        std::fs::create_dir_all(at(".avibench-x2.partial/levels")).unwrap();
        let mut file = PartialFile::new(dir.path()).unwrap();
        file.write_all(b"[]").unwrap();
        let folder = PartialFolder::new(dir.path()).unwrap();
        folder.write("levels/a.txt", b"a").unwrap();
        remove_partial_files(dir.path()).unwrap();
        assert!(!at(".avibench-x1.partial").exists() && !at(".avibench-x2.partial").exists());
        assert!(["AVM.json", "a.partial", ".avibench-x1"].iter().all(|name| at(name).exists()));
        assert!(folder.path().join("levels/a.txt").exists(), "somebody fills it");
        file.persist(&at("AVL.json")).unwrap();
        assert_eq!(std::fs::read(at("AVL.json")).unwrap(), b"[]");
        drop(folder);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 4);
        remove_partial_files(&at("absent")).unwrap();
    }

    #[test]
    fn writers_that_finish_meanwhile_are_no_error_and_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("until.json");
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let removing = scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    remove_partial_files(dir.path())?;
                }
                Ok::<(), FileError>(())
            });
            for i in 0..500_u16 {
                crate::write_atomic(&path, |out| out.write_all(&i.to_le_bytes())).unwrap();
                assert_eq!(std::fs::read(&path).unwrap(), i.to_le_bytes());
            }
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            removing.join().unwrap().unwrap();
        });
    }
}
