//! Answers that arrive as server-sent events, in pieces of any size.
//!
//! What they say is put together into the same [`Reply`] that `reply` reads from an answer in one
//! piece.

use serde_json::Value;

use super::reply::Reply;
use crate::failure::{Failure, excerpt};

/// Longest single event, in bytes: beyond it the stream is not what it says it is.
const EVENT_LIMIT: usize = 4 << 20;

/// Puts a streamed completion together.
#[derive(Debug, Default)]
pub(crate) struct EventStream {
    /// Bytes of the line that is not complete yet.
    line: Vec<u8>,
    /// `data:` lines of the event that is not complete yet.
    data: String,
    reply: Reply,
    finished: bool,
}

impl Reply {
    /// Puts together a completion that was streamed as server-sent events, from pieces of any size.
    ///
    /// # Errors
    ///
    /// If the stream ends before the answer does, reports an error or holds what is no event.
    pub fn from_event_stream<'a>(
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Failure> {
        let mut stream = EventStream::default();
        for piece in pieces {
            stream.push(piece, |event| event)?;
        }
        stream.finish(|event| event)
    }
}

impl EventStream {
    /// Takes the next piece of the body. `clean` is applied to each event before it is read.
    pub(crate) fn push(
        &mut self,
        piece: &[u8],
        clean: impl Fn(String) -> String,
    ) -> Result<(), Failure> {
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() + self.data.len() > EVENT_LIMIT {
                return Err(malformed("an event of the stream never ends", &self.data));
            }
            if self.line.ends_with(b"\n") {
                // A line is decoded whole, so characters split between pieces stay whole too.
                let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
                self.line.clear();
                self.take_line(&line, &clean)?;
            }
        }
        Ok(())
    }

    /// The answer, once the body has ended. A stream that ends before the model did is broken.
    pub(crate) fn finish(mut self, clean: impl Fn(String) -> String) -> Result<Reply, Failure> {
        // The last event may lack its empty line.
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).trim_end().to_owned();
        if !line.is_empty() && !self.finished {
            self.take_line(&line, &clean)?;
        }
        self.take_line("", &clean)?;
        if self.finished || self.reply.finish_reason.is_some() {
            Ok(self.reply)
        } else {
            Err(Failure::Broken { reason: "the stream ended before the answer did".to_owned() })
        }
    }

    fn take_line(&mut self, line: &str, clean: impl Fn(String) -> String) -> Result<(), Failure> {
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            return Ok(());
        }
        // Comments and `event:`, `id:`, `retry:` lines say nothing about the answer.
        if !line.is_empty() || self.data.is_empty() {
            return Ok(());
        }
        let data = clean(std::mem::take(&mut self.data));
        if data.trim() == "[DONE]" {
            self.finished = true;
            return Ok(());
        }
        let chunk: Value = serde_json::from_str(&data)
            .map_err(|_| malformed("an event of the stream is no JSON", &data))?;
        self.reply.add_chunk(&chunk)
    }
}

fn malformed(reason: &'static str, data: &str) -> Failure {
    Failure::Malformed { reason, excerpt: excerpt(data) }
}

#[cfg(test)]
mod tests {
    use avibench_store::AskOutcome;

    use super::*;

    const STREAM: &str = concat!(
        ": keep-alive\r\n\r\n",
        "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n",
        "event: message\ndata: {\"choices\":[{\"delta\":{\"content\":\"zwei \"}}]}\n\n",
        "data:{\"choices\":[{\"delta\":{\"content\":\"Bären\"},\n",
        "data: \"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3}}\n\n",
        "data: [DONE]\n\n",
    );

    fn read(stream: &[u8], size: usize) -> Result<Reply, Failure> {
        let mut events = EventStream::default();
        for piece in stream.chunks(size) {
            events.push(piece, |text| text)?;
        }
        events.finish(|text| text)
    }

    #[test]
    fn pieces_of_any_size_give_the_same_answer() {
        let whole = read(STREAM.as_bytes(), usize::MAX).unwrap();
        assert_eq!(whole.text, "zwei Bären");
        assert_eq!(whole.tokens_out, Some(3));
        assert_eq!(whole.outcome(), AskOutcome::Answered);
        for size in 1..40 {
            assert_eq!(read(STREAM.as_bytes(), size).unwrap(), whole);
        }
    }

    #[test]
    fn a_stream_that_ends_early_is_broken() {
        let end = STREAM.find("data:{").unwrap();
        assert!(matches!(read(&STREAM.as_bytes()[..end], 7), Err(Failure::Broken { .. })));
        assert!(matches!(read(b"", 7), Err(Failure::Broken { .. })));
    }

    #[test]
    fn an_error_in_the_stream_is_no_answer() {
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n\
                      data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n";
        assert!(matches!(read(stream.as_bytes(), 9), Err(Failure::Status { status: 503, .. })));
        assert!(matches!(read(b"data: nope\n\n", 9), Err(Failure::Malformed { .. })));
    }

    #[test]
    fn an_endless_line_is_given_up() {
        let endless = vec![b'x'; EVENT_LIMIT + 1];
        assert!(matches!(read(&endless, 1 << 16), Err(Failure::Malformed { .. })));
    }
}
