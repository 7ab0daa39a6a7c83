//! The lines of a journal one by one, so that a journal of any length takes the memory of its longest line.

use std::io::{BufRead as _, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use avibench_files::FileError;
use serde::Deserialize;

use crate::journal::JOURNAL_LIMIT;
use crate::journal_scan::{BYTE_ORDER_MARK, JournalRecord, other_encoding, record_in};
use crate::{DamagedLine, JournalError};

/// The most bytes of a line that are read. The longest that this program writes has an answer and thoughts of
/// 16 MiB in all, which escapes can make six times as long.
const LONGEST: u64 = 128 << 20;

/// Reads a journal line by line.
pub(crate) struct LineReader {
    path: PathBuf,
    reader: BufReader<Box<dyn Read>>,
    buffer: Vec<u8>,
    /// The number of the last line, from 1.
    line: usize,
    /// Where the last line begins, and where the next one does.
    begin: usize,
    end: usize,
    /// Lines that are not blank.
    lines: usize,
    unread: Unread,
}

/// What of a journal could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Lines that cannot be read although they are whole.
    pub(crate) damaged: Vec<DamagedLine>,
    /// Bytes of a last line that is not whole.
    pub(crate) torn: usize,
}

impl LineReader {
    /// Opens a journal; `None` if there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, JournalError> {
        let opened = match JOURNAL_LIMIT.open(path) {
            Ok(opened) => opened,
            Err(error) if error.source.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(Self {
            path: path.to_owned(),
            reader: BufReader::with_capacity(1 << 18, Box::new(opened)),
            buffer: Vec::new(),
            line: 0,
            begin: 0,
            end: 0,
            lines: 0,
            unread: Unread::default(),
        }))
    }

    /// Goes to the next line that is not blank. False at the end.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is in another encoding.
    pub(crate) fn advance(&mut self) -> Result<bool, JournalError> {
        loop {
            self.buffer.clear();
            let read = self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut self.buffer);
            let read = read.map_err(FileError::at("read", &self.path))?;
            if read == 0 {
                return Ok(false);
            }
            if self.line == 0
                && let Some(encoding) = other_encoding(&self.buffer)
            {
                return Err(JournalError::Encoding { path: self.path.clone(), encoding });
            }
            self.line += 1;
            self.begin = self.end;
            self.end += read;
            if !self.text().is_empty() {
                self.lines += 1;
                return Ok(true);
            }
        }
    }

    /// The line without its end, and without an editor's mark before it.
    pub(crate) fn text(&self) -> &[u8] {
        let marked = if self.begin == 0 { self.buffer.strip_prefix(BYTE_ORDER_MARK) } else { None };
        marked.unwrap_or(&self.buffer).trim_ascii()
    }

    /// What the line says; `None` if it cannot be read, which [`Self::note_unread`] is to be told.
    ///
    /// # Errors
    ///
    /// If a newer program wrote the line, or if it is of another folder.
    pub(crate) fn record<'a, T: JournalRecord + Deserialize<'a>>(
        &'a self,
    ) -> Result<Option<T>, JournalError> {
        record_in(self.text(), &self.path, self.line)
    }

    /// Notes that the line cannot be read.
    pub(crate) fn note_unread(&mut self) {
        if self.buffer.ends_with(b"\n") || self.buffer.len() as u64 == LONGEST {
            let (line, byte, length) = (self.line, self.begin, self.buffer.len());
            self.unread.damaged.push(DamagedLine { line, byte, length });
        } else {
            self.unread.torn = self.buffer.len();
        }
    }

    /// What could not be read, once all lines are passed.
    ///
    /// # Errors
    ///
    /// If that is everything.
    pub(crate) fn finish(self) -> Result<Unread, JournalError> {
        let Unread { damaged, torn } = &self.unread;
        match damaged.first() {
            Some(first) if damaged.len() + usize::from(*torn > 0) == self.lines => {
                let (line, byte) = (first.line, first.byte);
                Err(JournalError::NoJournal { path: self.path, line, byte })
            }
            _ => Ok(self.unread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, read_journal};

    /// Ids of records, and what was not read.
    fn streamed(path: &Path) -> Result<(Vec<String>, Unread), JournalError> {
        let mut reader = LineReader::open(path)?.unwrap();
        let mut ids = Vec::new();
        while reader.advance()? {
            let Some(entry) = reader.record::<Entry>()? else {
                reader.note_unread();
                continue;
            };
            ids.push(entry.id);
        }
        Ok((ids, reader.finish()?))
    }

    #[test]
    fn line_by_line_or_as_a_whole_a_journal_says_the_same() {
        let line = |id: &str| {
            format!(
                "{{\"v\":1,\"position\":0,\"id\":\"{id}\",\"outcome\":\"empty\",\
                 \"time\":\"2026-01-01T00:00:00Z\"}}\n"
            )
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.jsonl");
        for content in [
            String::new(),
            line("a") + &line("b"),
            line("a") + "\0\0\n\n \r\n" + &line("b") + "{\"v\":1",
            "\u{feff}".to_owned() + &line("a") + &line("b").replace('\n', ""),
            line("a") + "x\n" + &line("b").replace('\n', "\r\n"),
            "x\n".to_owned(),
            "x\ny".to_owned(),
            "{\"v\"".to_owned(),
            line("a") + &line("b").replace("\"v\":1", "\"v\":9"),
            line("a").replace("\"time\"", "\"folder\":\"AVL\",\"time\""),
            "{\0\"\0".to_owned(),
        ] {
            std::fs::write(&path, &content).unwrap();
            let whole = read_journal(&path).map_err(|error| error.to_string()).map(|journal| {
                let ids: Vec<String> = journal.entries.into_iter().map(|e| e.id).collect();
                (ids, Unread { damaged: journal.damaged, torn: journal.torn as usize })
            });
            let streamed = streamed(&path).map_err(|error| error.to_string());
            assert_eq!(streamed, whole, "{content:?}");
        }
        assert!(LineReader::open(&dir.path().join("none.jsonl")).unwrap().is_none());
    }
}
