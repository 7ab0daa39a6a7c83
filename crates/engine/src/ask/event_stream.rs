//! The format of server-sent events, as the HTML standard interprets an event stream: bytes in,
//! events out. What an event means is the business of [`draft`](super::draft).
//!
//! Two things differ from the standard, because servers need them: an event that lacks its empty
//! line at the end of the stream is given out all the same, and `data: [DONE]` is given out as soon
//! as its line has ended, since nothing has to follow it.

/// What ends a stream of completions.
const DONE: &str = "[DONE]";

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// What its `event:` line says; empty if it has none.
    pub(crate) name: String,
    /// Its `data:` lines, joined by line feeds.
    pub(crate) data: String,
}

/// Takes a stream apart, in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct EventParser {
    /// Bytes of the line that is not complete yet.
    line: Vec<u8>,
    /// Whether the last byte was a carriage return, so that a line feed after it ends no line.
    after_return: bool,
    event: Event,
    /// Whether the event that is not complete yet has a `data:` line, be it an empty one.
    has_data: bool,
}

impl Event {
    /// Whether this is the end of a stream of completions.
    pub(crate) fn is_done(&self) -> bool {
        self.data.trim() == DONE
    }
}

impl EventParser {
    /// Takes the next bytes and gives out the events that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) {
        let mut rest = bytes;
        if std::mem::take(&mut self.after_return) && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&rest[..end]);
            self.end_line(out);
            let is_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if is_return {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_return = true,
                }
            }
        }
        self.line.extend_from_slice(rest);
    }

    /// Gives out what stands at the end of the stream without its empty line.
    pub(crate) fn end(&mut self, out: &mut Vec<Event>) {
        self.end_line(out);
        self.dispatch(out);
    }

    fn end_line(&mut self, out: &mut Vec<Event>) {
        if self.line.is_empty() {
            return self.dispatch(out);
        }
        // A line is decoded whole, so characters that were split between pieces stay whole too.
        let line = String::from_utf8_lossy(&self.line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let mut ends_event = false;
        match field {
            "data" if value.trim() == DONE => {
                // Servers that end events with a single line break leave one unfinished here.
                if self.has_data {
                    out.push(std::mem::take(&mut self.event));
                }
                DONE.clone_into(&mut self.event.data);
                self.has_data = true;
                ends_event = true;
            }
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.name),
            // Comments, `id`, `retry` and unknown fields say nothing about the answer.
            _ => {}
        }
        self.line.clear();
        if ends_event {
            self.dispatch(out);
        }
    }

    fn dispatch(&mut self, out: &mut Vec<Event>) {
        let event = std::mem::take(&mut self.event);
        // By the standard an event without data is none. Where its name says that something went
        // wrong, that is worth knowing all the same.
        if std::mem::take(&mut self.has_data) || event.name == "error" {
            out.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(stream: &[u8], size: usize) -> Vec<(String, String)> {
        let mut parser = EventParser::default();
        let mut out = Vec::new();
        for piece in stream.chunks(size) {
            parser.push(piece, &mut out);
        }
        parser.end(&mut out);
        out.into_iter().map(|event| (event.name, event.data)).collect()
    }

    #[test]
    fn lines_end_in_three_ways_wherever_the_pieces_are_cut() {
        let stream = "data: a\r\n\r\ndata:  b\rdata\rdata:c\r\revent: x\n: comment\ndata:d\n\n\n\
                      id: 1\n\nevent: y\n\ndata: e";
        let wanted = [("", "a"), ("", " b\n\nc"), ("x", "d"), ("", "e")];
        let wanted: Vec<_> = wanted.map(|(n, d)| (n.to_owned(), d.to_owned())).into();
        for size in 1..=stream.len() {
            assert_eq!(events(stream.as_bytes(), size), wanted, "pieces of {size}");
        }
    }

    #[test]
    fn the_end_of_a_stream_needs_no_empty_line() {
        let mut parser = EventParser::default();
        let mut out = Vec::new();
        parser.push(b"data: {}\ndata: [DONE]\n", &mut out);
        assert_eq!(out.len(), 2);
        assert!(out[1].is_done());
        assert_eq!(events(b"event: error\n\n", 3), [("error".to_owned(), String::new())]);
    }
}
