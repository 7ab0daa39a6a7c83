//! Files that are read whole, up to a size that none of their kind has.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::FileError;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// How large a file of some kind may be, and what to do about one that is larger.
///
/// What stands under a name may be anything: a download that never ends, a pipe without a writer, a
/// device, a sparse file of the wrong kind. Reading such a file would take all memory or wait for
/// ever, so its size and kind are looked at first, and no more than the limit is ever read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit {
    bytes: u64,
    mend: &'static str,
}

impl SizeLimit {
    /// A key, a password or another short text: 64 KiB.
    pub const SECRET: Self =
        Self::new(64 * KIB, "name a file that holds nothing but the value itself");
    /// What people write by hand, such as prices and faults: 16 MiB.
    pub const SETTINGS: Self = Self::new(16 * MIB, "look whether it is the right file");

    /// At most so many bytes; `mend` says in the imperative what to do about a larger file.
    #[must_use]
    pub const fn new(bytes: u64, mend: &'static str) -> Self {
        Self { bytes, mend }
    }

    /// The most bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.bytes
    }

    /// Reads a whole file.
    ///
    /// A pipe is only read where this process was given it open, as `<(command)` and `/dev/stdin` are;
    /// a device is not, but for `/dev/null`, which is empty.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is larger, is no file, or finds no room in memory.
    pub fn read(self, path: &Path) -> Result<Vec<u8>, FileError> {
        let (file, length) = self.open_measured(path)?;
        let mut bytes = Vec::new();
        // A file may grow while it is read, and those of `/proc` have a length of 0.
        bytes
            .try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))
            .map_err(|_| FileError::at("read", path)(ErrorKind::OutOfMemory.into()))?;
        self.read_from(file, &mut bytes).map_err(FileError::at("read", path))?;
        Ok(bytes)
    }

    /// As [`Self::read`], for a file that need not be there: none if it is not.
    ///
    /// # Errors
    ///
    /// As [`Self::read`], but for a file that does not exist.
    pub fn read_if_any(self, path: &Path) -> Result<Option<Vec<u8>>, FileError> {
        match self.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.source.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// As [`Self::read`], for a text.
    ///
    /// # Errors
    ///
    /// As [`Self::read`], or if the file is not UTF-8.
    pub fn read_text(self, path: &Path) -> Result<String, FileError> {
        String::from_utf8(self.read(path)?).map_err(|error| {
            let byte = error.utf8_error().valid_up_to();
            let words = format!("it is not UTF-8 from byte {byte} on; save it as UTF-8");
            FileError::at("read", path)(io::Error::new(ErrorKind::InvalidData, words))
        })
    }

    /// Opens a file of at most this size for reading it piece by piece. Should it grow meanwhile, no
    /// more than the limit is read of it.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, is larger, or is no file.
    pub fn open(self, path: &Path) -> Result<impl Read + use<>, FileError> {
        Ok(self.open_measured(path)?.0.take(self.bytes))
    }

    /// Reads what comes to its end into `bytes`, which may be at most as many as the limit.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or more comes.
    pub fn read_from(self, from: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
        let begin = bytes.len();
        from.take(self.bytes + 1).read_to_end(bytes)?;
        if (bytes.len() - begin) as u64 > self.bytes { Err(self.exceeded()) } else { Ok(()) }
    }

    /// Opens a file that is one; its length in bytes.
    fn open_measured(self, path: &Path) -> Result<(File, u64), FileError> {
        let at = || FileError::at("read", path);
        // A pipe without a writer would already wait while it is opened.
        let found = std::fs::metadata(path).map_err(at())?;
        if let Some(other) = kind_besides_files(&found)
            && !is_handed_over(path)
        {
            return Err(at()(io::Error::other(format!(
                "it is {other}, not a file; {}",
                self.mend
            ))));
        }
        let file = File::open(path).map_err(at())?;
        let opened = file.metadata().map_err(at())?;
        let length = if opened.is_file() { opened.len() } else { 0 };
        if length > self.bytes {
            return Err(at()(self.exceeded()));
        }
        Ok((file, length))
    }

    /// The error about a file that is larger.
    #[must_use]
    pub fn exceeded(self) -> io::Error {
        io::Error::other(format!(
            "it is larger than {}, the most that is read of such a file; {}",
            in_units(self.bytes),
            self.mend
        ))
    }
}

/// A number of bytes in the largest unit that leaves no rest.
fn in_units(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(power, _)| bytes > 0 && bytes.trailing_zeros() >= *power);
    match unit {
        Some((power, unit)) => format!("{} {unit}", bytes >> power),
        None => format!("{bytes} bytes"),
    }
}

/// Whether a path leads to what this process, or the shell before it, has opened already, or to
/// nothing: there is no harm in reading that as far as the limit.
fn is_handed_over(path: &Path) -> bool {
    path.starts_with("/dev/fd")
        || path.starts_with("/proc/self/fd")
        || ["/dev/stdin", "/dev/null"].iter().any(|name| path == Path::new(name))
}

/// What stands under a name in place of a file; none for a folder, for which the system has words of
/// its own.
#[cfg(unix)]
fn kind_besides_files(found: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = found.file_type();
    if kind.is_file() || kind.is_dir() {
        None
    } else if kind.is_fifo() {
        Some("a pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

#[cfg(not(unix))]
fn kind_besides_files(_: &Metadata) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: SizeLimit = SizeLimit::new(8, "take another one");

    fn complaint<T: std::fmt::Debug>(read: Result<T, FileError>) -> String {
        read.unwrap_err().to_string()
    }

    #[test]
    fn a_file_may_have_as_many_bytes_as_the_limit_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("prices.toml");
        std::fs::write(&path, "12345678").unwrap();
        assert_eq!(LIMIT.read(&path).unwrap(), b"12345678");
        assert_eq!(LIMIT.read_text(&path).unwrap(), "12345678");
        assert_eq!(LIMIT.read_if_any(&path).unwrap().unwrap(), b"12345678");
        std::fs::write(&path, "123456789").unwrap();
        let said = format!(
            "cannot read {}: it is larger than 8 bytes, the most that is read of such a file; take \
             another one",
            path.display()
        );
        assert_eq!(complaint(LIMIT.read(&path)), said);
        assert_eq!(complaint(LIMIT.read_text(&path)), said);
        assert_eq!(complaint(LIMIT.read_if_any(&path)), said);
        assert_eq!(complaint(LIMIT.open(&path).map(drop)), said);
        std::fs::write(&path, b"\xc3\xa4\xff").unwrap();
        assert!(complaint(LIMIT.read_text(&path)).contains("not UTF-8 from byte 2 on"));
        let absent = dir.path().join("absent");
        assert!(LIMIT.read_if_any(&absent).unwrap().is_none());
        assert!(LIMIT.read(&absent).is_err());
    }

    #[test]
    fn what_grows_while_it_is_read_is_read_as_far_as_the_limit() {
        let mut bytes = Vec::new();
        assert!(LIMIT.read_from(io::repeat(7), &mut bytes).is_err());
        assert_eq!(bytes.len(), 9);
        LIMIT.read_from(&[1, 2][..], &mut bytes).unwrap();
        assert_eq!(bytes.len(), 11);
    }

    #[test]
    fn limits_have_round_names() {
        for (bytes, name) in [
            (3, "3 bytes"),
            (1 << 10, "1 KiB"),
            (65_536, "64 KiB"),
            (16 << 20, "16 MiB"),
            (2 << 30, "2 GiB"),
            ((1 << 30) + 1, "1073741825 bytes"),
        ] {
            assert_eq!(in_units(bytes), name);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_file_is_not_opened_unless_it_was_handed_over() {
        use std::io::Write as _;
        use std::os::fd::AsRawFd as _;

        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link] {
            assert!(complaint(LIMIT.read(path)).contains("it is a pipe, not a file; take another"));
        }
        assert!(complaint(LIMIT.read(Path::new("/dev/zero"))).contains("it is a device"));
        assert!(complaint(LIMIT.read(dir.path())).contains("directory"));
        assert_eq!(LIMIT.read(Path::new("/dev/null")).unwrap(), b"");
        let socket = dir.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(complaint(LIMIT.read(&socket)).contains("it is a socket"));
        let (read, mut write) = io::pipe().unwrap();
        write.write_all(b"1234").unwrap();
        drop(write);
        let path = format!("/dev/fd/{}", read.as_raw_fd());
        assert_eq!(LIMIT.read(Path::new(&path)).unwrap(), b"1234");
    }

    #[test]
    fn a_sparse_file_is_refused_by_its_length() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sparse");
        File::create(&path).unwrap().set_len(6 << 30).unwrap();
        assert!(complaint(SizeLimit::SETTINGS.read(&path)).contains("larger than 16 MiB"));
    }
}
