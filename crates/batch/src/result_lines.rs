//! The lines of a file of results, which may be anything, with a bound on their length.

use std::io::{self, BufRead, Read as _};

/// Most bytes of a line: as much as is read of a single answer. Longer lines are passed over.
const LINE_LIMIT: u64 = 16 << 20;

/// Takes a file of results apart.
#[derive(Debug)]
pub struct ResultLines<R> {
    reader: R,
    number: usize,
}

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawResult {
    /// Its number, from 1.
    pub number: usize,
    /// What it says, without white space around it; none where it is longer than 16 MiB.
    pub text: Option<String>,
    /// Whether the file ends before the line does, as a download does that broke off.
    pub is_torn: bool,
}

impl<R: BufRead> ResultLines<R> {
    /// The lines of what `reader` reads.
    pub const fn new(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    /// The next line that is not empty; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn next_line(&mut self) -> io::Result<Option<RawResult>> {
        loop {
            let mut bytes = Vec::new();
            if self.reader.by_ref().take(LINE_LIMIT + 1).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let number = self.number;
            if bytes.len() as u64 > LINE_LIMIT && bytes.last() != Some(&b'\n') {
                self.skip()?;
                return Ok(Some(RawResult { number, text: None, is_torn: false }));
            }
            let is_torn = bytes.last() != Some(&b'\n');
            let text = String::from_utf8_lossy(&bytes);
            let text =
                text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\0'));
            if !text.is_empty() {
                return Ok(Some(RawResult { number, text: Some(text.to_owned()), is_torn }));
            }
        }
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.reader.fill_buf()?;
            let (length, end) = match bytes.iter().position(|&byte| byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (bytes.len(), bytes.is_empty()),
            };
            self.reader.consume(length);
            if end {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_bounded_and_known_to_be_torn() {
        let mut file = b"\xef\xbb\xbf{}\r\n\n \n".to_vec();
        file.extend(vec![b'x'; LINE_LIMIT as usize + 5]);
        file.extend(b"\n{\"a\": 1}\n{\"b\"");
        let mut lines = ResultLines::new(file.as_slice());
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push((line.number, line.text, line.is_torn));
        }
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                (1, text("{}"), false),
                (4, None, false),
                (5, text("{\"a\": 1}"), false),
                (6, text("{\"b\""), true)
            ]
        );
    }
}
