//! A journal while another program appends to it: only what is new is read, and never half a line.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use avibench_files::FileError;

use crate::JournalText;

/// The most that is read at once; a line may take 16 MiB and more.
const PIECE: u64 = 64 << 20;

/// How far a journal was read.
#[derive(Debug)]
pub struct JournalTail {
    path: PathBuf,
    /// Bytes that were read: the beginning of a line.
    read: u64,
    /// Which file it was, where the system tells; 0 elsewhere.
    file: u64,
}

/// What was appended.
#[derive(Debug)]
pub struct Appended {
    /// Whole lines.
    pub text: JournalText,
    /// Whether this is the beginning of the file, because another one stands in its place.
    pub is_anew: bool,
}

impl JournalTail {
    /// A journal of which nothing was read; it need not exist yet.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, read: 0, file: 0 }
    }

    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole lines that were appended since the last time, up to 64 MiB of them; `None` if there are
    /// none. A line without its line feed is left for the next time. Takes no lock and changes nothing.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn read(&mut self) -> Result<Option<Appended>, FileError> {
        let opened = std::fs::metadata(&self.path).and_then(|found| {
            // A pipe would already be waited for while it is opened.
            if !found.is_file() {
                return Err(std::io::Error::other("it is not a file; look what it is"));
            }
            if found.len() == self.read && number_of(&found) == self.file {
                return Ok(None);
            }
            let file = File::open(&self.path)?;
            let found = file.metadata()?;
            Ok(Some((file, found)))
        });
        let (mut file, found) = match opened {
            Ok(Some(opened)) => opened,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::at("read", &self.path)(error)),
        };
        let number = number_of(&found);
        let is_anew = self.read > 0 && (found.len() < self.read || number != self.file);
        if is_anew {
            self.read = 0;
        }
        self.file = number;
        let wanted = (found.len() - self.read).min(PIECE);
        if wanted == 0 {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(wanted as usize);
        let read = file
            .seek(SeekFrom::Start(self.read))
            .and_then(|_| file.take(wanted).read_to_end(&mut bytes));
        if let Err(error) = read {
            return Err(FileError::at("read", &self.path)(error));
        }
        let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n') else {
            // A line that no program of ours writes is passed over.
            if bytes.len() as u64 == PIECE {
                self.read += PIECE;
            }
            return Ok(None);
        };
        bytes.truncate(end + 1);
        self.read += bytes.len() as u64;
        Ok(Some(Appended { text: JournalText::of(self.path.clone(), bytes), is_anew }))
    }
}

#[cfg(unix)]
fn number_of(file: &std::fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    file.ino()
}

#[cfg(not(unix))]
fn number_of(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use avibench_protocol::Position;
    use serde::de::IgnoredAny;

    use super::*;
    use crate::{AskOutcome, Entry};

    fn line(at: usize) -> String {
        let entry = Entry::new(Position(at), format!("id {at}"), AskOutcome::Refused);
        format!("{}\n", serde_json::to_string(&entry).unwrap())
    }

    fn positions(tail: &mut JournalTail) -> (Vec<usize>, bool) {
        let Some(found) = tail.read().unwrap() else { return (Vec::new(), false) };
        let lines = found.text.lines::<IgnoredAny>().unwrap().lines;
        (lines.iter().map(|line| line.position.0).collect(), found.is_anew)
    }

    #[test]
    fn lines_come_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("AVM.jsonl");
        let mut tail = JournalTail::new(path.clone());
        assert_eq!(positions(&mut tail), (vec![], false), "there is no journal yet");
        let mut file = File::create(&path).unwrap();
        let third = line(2);
        let (half, rest) = third.split_at(third.len() / 2);
        write!(file, "{}{}{half}", line(0), line(1)).unwrap();
        assert_eq!(positions(&mut tail), (vec![0, 1], false));
        assert_eq!(positions(&mut tail), (vec![], false), "half a line is left alone");
        write!(file, "{rest}").unwrap();
        assert_eq!(positions(&mut tail), (vec![2], false));
        // Another journal in its place is read from its beginning.
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, [line(7), line(8), line(9), line(10)].concat()).unwrap();
        let (found, is_anew) = positions(&mut tail);
        assert_eq!(found, [7, 8, 9, 10]);
        assert!(is_anew);
        std::fs::write(&path, line(5)).unwrap();
        assert_eq!(positions(&mut tail), (vec![5], true), "a shorter one, too");
    }

    /// However the bytes arrive, all lines come, once and in order.
    #[test]
    fn pieces_of_any_length_give_the_same_lines() {
        let folder = tempfile::tempdir().unwrap();
        let content: String = (0..40).map(line).collect();
        for step in [1, 7, 100, 333] {
            let path = folder.path().join(format!("{step}.jsonl"));
            let mut file = File::create(&path).unwrap();
            let mut tail = JournalTail::new(path);
            let mut found = Vec::new();
            for piece in content.as_bytes().chunks(step) {
                file.write_all(piece).unwrap();
                found.extend(positions(&mut tail).0);
            }
            assert_eq!(found, (0..40).collect::<Vec<_>>(), "{step} bytes at a time");
        }
    }
}
