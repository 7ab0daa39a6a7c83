//! The lock that lets only one process at a time write under a label.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_files::FileError;

use crate::machine::machine_name;

/// The most bytes that are read of what a holder says of itself.
const LONGEST_HOLDER: u64 = 1_100;

/// How often, and how long after each other, a lock is tried: who only looks whether it is held holds it
/// for a moment.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Whether the file system's locks keep other writers away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Locking {
    /// They do.
    #[default]
    System,
    /// There are none, and whoever asked for that sees to it that nobody else writes (`--no-lock`).
    Without,
}

/// Held as long as a run writes. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: File,
}

/// The process that holds a lock, as far as it said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The id of the process on its machine.
    pub process: u32,
    /// The name of the machine; locks of earlier versions do not tell.
    pub machine: Option<String>,
}

/// The lock cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else writes under this label.
    #[error(
        "another run is writing to {}{}; wait for it, stop it, or choose another --model-label",
        folder.display(),
        in_brackets(holder.as_ref())
    )]
    Held {
        /// The label's folder.
        folder: PathBuf,
        /// The other process, if it left its id.
        holder: Option<LockHolder>,
    },
    /// The file system has no locks.
    #[error(
        "the file system of {} knows no locks ({source}), so that another process could write there \
         unnoticed; see to it that none does, and add --no-lock",
        folder.display()
    )]
    Unknown {
        /// The label's folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The lock file cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Who holds a lock, for the end of a clause; nothing if that is not known.
pub(crate) fn in_brackets(holder: Option<&LockHolder>) -> String {
    holder.map(|holder| format!(" ({holder})")).unwrap_or_default()
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.process)?;
        self.machine.as_ref().map_or(Ok(()), |machine| write!(f, " on {machine}"))
    }
}

impl LockHolder {
    /// This process.
    fn this() -> Self {
        Self { process: std::process::id(), machine: machine_name() }
    }

    /// What a holder left in its lock file. Some systems let nobody read a locked file; nobody is named
    /// then.
    fn read(file: impl io::Read) -> Option<Self> {
        let mut text = String::new();
        let _ = file.take(LONGEST_HOLDER).read_to_string(&mut text);
        let mut words = text.split_whitespace();
        let process = words.next()?.parse().ok()?;
        Some(Self { process, machine: words.next().map(str::to_owned) })
    }
}

impl RunLock {
    /// Locks a label's folder, which is made if it is missing.
    pub fn acquire(folder: &Path, locking: Locking) -> Result<Self, LockError> {
        std::fs::create_dir_all(folder).map_err(FileError::at("create", folder))?;
        let path = folder.join(".lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(FileError::at("create", &path))?;
        if locking == Locking::System {
            lock(&file, folder, &path)?;
        }
        let LockHolder { process, machine } = LockHolder::this();
        let holder = format!("{process} {}", machine.unwrap_or_default());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.trim_end().as_bytes()))
            .map_err(FileError::at("write", &path))?;
        Ok(Self { path, file })
    }

    /// Whether somebody holds the lock of a label's folder, and who. `None` if nobody does, or if that
    /// cannot be known.
    #[must_use]
    pub fn holder(folder: &Path) -> Option<Option<LockHolder>> {
        let file = File::open(folder.join(".lock")).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(LockHolder::read(&file)),
            // Closing the file frees it.
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    /// Looks whether the lock still stands where everybody looks for it. If its folder was deleted
    /// or moved, nothing that is written there any more belongs to this run.
    pub(crate) fn check(&self) -> Result<(), FileError> {
        let told = |what: &str| {
            let error = io::Error::other(format!("somebody {what} while it was being written to"));
            let folder = self.path.parent().unwrap_or(&self.path);
            Err(FileError::at("go on in", folder)(error))
        };
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
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

/// Takes the system's lock on a file.
fn lock(file: &File, folder: &Path, path: &Path) -> Result<(), LockError> {
    for look in 1.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if look < LOOKS => std::thread::sleep(BETWEEN_LOOKS),
            Err(TryLockError::WouldBlock) => {
                let (folder, holder) = (folder.to_owned(), LockHolder::read(file));
                return Err(LockError::Held { folder, holder });
            }
            Err(TryLockError::Error(source)) if knows_no_locks(&source) => {
                return Err(LockError::Unknown { folder: folder.to_owned(), source });
            }
            Err(TryLockError::Error(error)) => {
                return Err(FileError::at("lock", path)(error).into());
            }
        }
    }
    Ok(())
}

/// Whether an error says that a file system has no locks, or that the service which keeps them for all its
/// machines does not answer.
fn knows_no_locks(error: &io::Error) -> bool {
    // ENOLCK on Linux, and on the BSDs and macOS.
    let no_lock = if cfg!(target_os = "linux") { 37 } else { 77 };
    error.kind() == ErrorKind::Unsupported || cfg!(unix) && error.raw_os_error() == Some(no_lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("user_outputs/m");
        assert_eq!(RunLock::holder(&folder), None);
        let first = RunLock::acquire(&folder, Locking::System).unwrap();
        let message = RunLock::acquire(&folder, Locking::System).unwrap_err().to_string();
        let named = format!("(process {} on {})", std::process::id(), machine_name().unwrap());
        assert!(message.contains(&named), "{message}");
        assert_eq!(RunLock::holder(&folder), Some(Some(LockHolder::this())));
        assert!(first.check().is_ok());
        drop(first);
        assert_eq!(RunLock::holder(&folder), None, "what a holder left says nothing without it");
        let second = RunLock::acquire(&folder, Locking::System).unwrap();
        std::fs::remove_file(folder.join(".lock")).unwrap();
        assert!(second.check().unwrap_err().to_string().contains("deleted the folder or its lock"));
        let third = RunLock::acquire(&folder, Locking::System).unwrap();
        assert!(second.check().unwrap_err().to_string().contains("another lock"));
        assert!(third.check().is_ok());
    }

    #[test]
    fn locks_of_earlier_versions_name_a_process_and_no_machine() {
        let read = |text: &str| LockHolder::read(text.as_bytes());
        assert_eq!(read("17").unwrap().to_string(), "process 17");
        assert_eq!(read("17 node3\n").unwrap().to_string(), "process 17 on node3");
        assert_eq!((read(""), read("node3")), (None, None));
    }

    #[test]
    fn where_there_are_no_locks_nobody_is_kept_away() {
        let dir = tempfile::tempdir().unwrap();
        let _first = RunLock::acquire(dir.path(), Locking::System).unwrap();
        assert!(RunLock::acquire(dir.path(), Locking::Without).is_ok());
        let error = |number: i32| io::Error::from_raw_os_error(number);
        if cfg!(target_os = "linux") {
            // ENOLCK, ENOSYS and EOPNOTSUPP; EACCES and EIO are troubles of other kinds.
            assert!([37, 38, 95].into_iter().all(|number| knows_no_locks(&error(number))));
            assert!([13, 5].into_iter().all(|number| !knows_no_locks(&error(number))));
        }
    }
}
