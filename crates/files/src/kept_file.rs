//! A file that is appended to for hours, while anybody may do anything to it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::{FileError, SizeLimit};

/// A file that only this process writes, open for appending. Before each writing it looks whether
/// its path still leads to it and whether it is as long as it was left: what is written into a file
/// that somebody deleted, replaced or cut would be lost, or stand in the wrong place.
#[derive(Debug)]
pub struct KeptFile {
    path: PathBuf,
    file: File,
    length: u64,
    limit: SizeLimit,
}

impl KeptFile {
    /// Opens `path`, which is made if it is missing, and cuts what follows `whole` bytes. It is never
    /// made larger than `limit`, beyond which nobody would read it again.
    pub fn open(path: &Path, whole: u64, limit: SizeLimit) -> Result<Self, FileError> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
        }
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(FileError::at("open", path))?;
        let length = file.metadata().map_err(FileError::at("read", path))?.len();
        if length > whole {
            file.set_len(whole).map_err(FileError::at("cut", path))?;
        }
        Ok(Self { path: path.to_owned(), file, length: length.min(whole), limit })
    }

    /// Appends all of `bytes` or none.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.check()?;
        if self.length.saturating_add(bytes.len() as u64) > self.limit.bytes() {
            return Err(FileError::at("write", &self.path)(self.limit.exceeded()));
        }
        if let Err(error) = self.file.write_all(bytes) {
            // Part of a line may have been written.
            let _ = self.file.set_len(self.length);
            return Err(FileError::at("write", &self.path)(error));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Makes what was appended survive a power cut.
    pub fn sync(&self) -> Result<(), FileError> {
        self.file.sync_data().map_err(FileError::at("write", &self.path))
    }

    /// Looks whether the file is still the one that was opened, and as long as it was left.
    pub fn check(&self) -> Result<(), FileError> {
        let told = |what: &str| {
            let error = io::Error::other(format!("somebody {what} while it was being written"));
            Err(FileError::at("go on with", &self.path)(error))
        };
        let at = FileError::at;
        let here = match std::fs::metadata(&self.path) {
            Ok(here) => here,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return told("deleted it"),
            Err(error) => return Err(at("read", &self.path)(error)),
        };
        let ours = self.file.metadata().map_err(at("read", &self.path))?;
        if !is_same(&here, &ours) {
            return told("put another file in its place");
        }
        match ours.len() {
            length if length < self.length => told("cut it"),
            length if length > self.length => told("wrote into it"),
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn is_same(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    // An open file can neither be removed nor replaced there.
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: SizeLimit = SizeLimit::new(1 << 10, "begin another");

    #[test]
    fn what_others_do_to_a_file_is_noticed_before_the_next_writing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal/AVM.jsonl");
        let begin = || {
            let _ = std::fs::remove_file(&path);
            let mut file = KeptFile::open(&path, 0, LIMIT).unwrap();
            file.append(b"one\n").unwrap();
            file.append(b"two\n").unwrap();
            file
        };
        let complaint = |mut file: KeptFile| file.append(b"three\n").unwrap_err().to_string();
        let file = begin();
        std::fs::remove_file(&path).unwrap();
        assert!(complaint(file).contains("somebody deleted it"));
        let file = begin();
        std::fs::remove_dir_all(dir.path().join("journal")).unwrap();
        assert!(complaint(file).contains("somebody deleted it"));
        let file = begin();
        std::fs::copy(&path, dir.path().join("copy")).unwrap();
        std::fs::rename(dir.path().join("copy"), &path).unwrap();
        assert!(complaint(file).contains("another file in its place"));
        let file = begin();
        std::fs::write(&path, "one\n").unwrap();
        assert!(complaint(file).contains("somebody cut it"));
        let file = begin();
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert!(complaint(file).contains("somebody wrote into it"));
        let mut file = begin();
        file.append(b"three\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\nthree\n");
        assert_eq!(KeptFile::open(&path, 4, LIMIT).unwrap().length, 4, "the rest is cut");
    }

    #[test]
    fn a_file_does_not_outgrow_what_is_read_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.jsonl");
        let mut file = KeptFile::open(&path, 0, SizeLimit::new(8, "begin another")).unwrap();
        file.append(b"one\n").unwrap();
        let said = file.append(b"three\n").unwrap_err().to_string();
        assert!(said.contains("larger than 8 bytes") && said.ends_with("begin another"), "{said}");
        file.append(b"two\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\n");
    }
}
