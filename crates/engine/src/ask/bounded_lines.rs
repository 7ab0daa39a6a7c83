//! Lines of a stream that may be anything, with a bound on their length.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// Takes a stream apart at its line feeds. Dropping a call half-way loses nothing.
#[derive(Debug)]
pub(crate) struct BoundedLines<R> {
    stream: R,
    limit: usize,
    /// The line that is not complete yet.
    line: Vec<u8>,
}

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// The stream cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The line has more bytes than this.
    #[error("a line of more than {} MiB", .0 >> 20)]
    TooLong(usize),
}

impl<R: AsyncBufRead + Unpin> BoundedLines<R> {
    /// Lines of at most `limit` bytes.
    pub(crate) fn new(stream: R, limit: usize) -> Self {
        Self { stream, limit, line: Vec::new() }
    }

    /// The next line without its line feed; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, LineError> {
        loop {
            let bytes = self.stream.fill_buf().await?;
            if bytes.is_empty() {
                let rest = std::mem::take(&mut self.line);
                return Ok((!rest.is_empty()).then_some(rest));
            }
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let length = end.unwrap_or(bytes.len());
            if self.line.len() + length > self.limit {
                return Err(LineError::TooLong(self.limit));
            }
            self.line.extend_from_slice(&bytes[..length]);
            self.stream.consume(end.map_or(length, |end| end + 1));
            if end.is_some() {
                return Ok(Some(std::mem::take(&mut self.line)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_have_a_bound() {
        let limit = 1 << 20;
        let mut text = b"a\n\nb".to_vec();
        let mut lines = BoundedLines::new(text.as_slice(), limit);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line);
        }
        assert_eq!(found, [b"a".to_vec(), Vec::new(), b"b".to_vec()]);
        text.resize(limit + 4, b'x');
        let mut lines = BoundedLines::new(&text[3..], limit);
        let error = lines.next().await.unwrap_err().to_string();
        assert_eq!(error, "a line of more than 1 MiB");
    }
}
