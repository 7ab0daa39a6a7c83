//! The body of an answer while it arrives: one JSON document or a stream of events, by what its
//! first bytes are rather than by what was asked for or announced.

use serde_json::Value;

use super::draft::{Draft, Ending};
use super::event_stream::{Event, EventParser};
use super::reply::Reply;
use crate::failure::{Failure, excerpt};
use crate::secret::Secrets;

/// Longest answer that is read, in bytes, after the transport has decoded them: the sum of all that
/// comes, comments and empty events included.
const ANSWER_LIMIT: usize = 16 << 20;

/// Bytes of a body that are kept for messages.
const BEGINNING: usize = 2048;

/// What a body is put together to.
#[derive(Debug)]
pub(crate) struct ReplyBody<'a> {
    is_announced_as_events: bool,
    /// What must not be told. It is taken out before anything is read, because messages are cut, and
    /// once more of what was read, because JSON has many ways to write a character.
    secrets: &'a Secrets,
    taken: usize,
    beginning: Vec<u8>,
    shape: Shape,
    draft: Draft,
    /// Events were found in it.
    has_events: bool,
    is_done: bool,
}

#[derive(Debug)]
enum Shape {
    /// Too little has come to tell.
    Open(Vec<u8>),
    Whole(Document),
    Events(EventParser),
}

/// A body that is not in events.
#[derive(Debug, Default)]
struct Document {
    bytes: Vec<u8>,
    /// Its length without filler at its end.
    solid: usize,
}

impl Document {
    fn push(&mut self, piece: &[u8]) {
        if let Some(last) = piece.iter().rposition(|&byte| !is_filler(byte)) {
            self.solid = self.bytes.len() + last + 1;
        }
        self.bytes.extend_from_slice(piece);
    }

    /// Whether it may have come to its end, as far as can be seen without reading it.
    fn progress(&self) -> Progress {
        let is_closed = self.bytes[..self.solid].ends_with(b"}");
        if is_closed { Progress::Settled } else { Progress::Partial }
    }
}

/// How far a body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to come.
    Partial,
    /// The answer may be complete: what may still come are counts of tokens and the end of the stream.
    Settled,
    /// Nothing that follows matters.
    Over,
}

impl Progress {
    pub(crate) fn is_over(self) -> bool {
        self == Self::Over
    }
}

impl<'a> ReplyBody<'a> {
    pub(crate) fn new(is_announced_as_events: bool, secrets: &'a Secrets) -> Self {
        Self {
            is_announced_as_events,
            secrets,
            taken: 0,
            beginning: Vec::new(),
            shape: Shape::Open(Vec::new()),
            draft: Draft::default(),
            has_events: false,
            is_done: false,
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    ///
    /// If the server says that it failed, or the body is too long.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Progress, Failure> {
        self.take_piece(piece).map_err(|failure| self.clean(failure))
    }

    fn clean(&self, failure: Failure) -> Failure {
        failure.map_texts(|text| self.secrets.redact(text))
    }

    /// How much has come that belongs to the answer.
    pub(crate) fn length(&self) -> usize {
        match &self.shape {
            Shape::Open(bytes) => bytes.len(),
            Shape::Whole(document) => document.solid,
            Shape::Events(_) => self.draft.length(),
        }
    }

    /// Whether what has come so far is a complete answer.
    pub(crate) fn is_complete(&self) -> bool {
        match &self.shape {
            Shape::Open(_) => false,
            Shape::Events(_) => self.draft.is_finished(),
            Shape::Whole(document) => {
                let mut draft = Draft::default();
                let documents = documents(&String::from_utf8_lossy(trimmed(&document.bytes)));
                documents.is_some_and(|documents| {
                    let taken = documents.iter().try_for_each(|document| draft.take(document));
                    taken.is_err() || draft.is_finished()
                })
            }
        }
    }

    fn take_piece(&mut self, piece: &[u8]) -> Result<Progress, Failure> {
        self.taken += piece.len();
        let room = BEGINNING.saturating_sub(self.beginning.len()).min(piece.len());
        self.beginning.extend_from_slice(&piece[..room]);
        if self.taken > ANSWER_LIMIT {
            return Err(self.malformed("the body is longer than 16 MiB"));
        }
        match &mut self.shape {
            Shape::Open(bytes) => {
                bytes.extend_from_slice(piece);
                let (start, is_events) = shape_of(bytes, self.is_announced_as_events);
                let rest = bytes.split_off(start);
                match is_events {
                    None => {
                        self.shape = Shape::Open(rest);
                        Ok(Progress::Partial)
                    }
                    Some(true) => {
                        self.shape = Shape::Events(EventParser::default());
                        self.take_events(&rest)
                    }
                    Some(false) => {
                        let mut document = Document::default();
                        document.push(&rest);
                        let progress = document.progress();
                        self.shape = Shape::Whole(document);
                        Ok(progress)
                    }
                }
            }
            Shape::Whole(document) => {
                document.push(piece);
                Ok(document.progress())
            }
            Shape::Events(_) => self.take_events(piece),
        }
    }

    fn take_events(&mut self, bytes: &[u8]) -> Result<Progress, Failure> {
        let Shape::Events(parser) = &mut self.shape else { return Ok(Progress::Partial) };
        let mut events = Vec::new();
        parser.push(bytes, &mut events);
        for event in &events {
            self.take_event(event)?;
            if self.is_done {
                return Ok(Progress::Over);
            }
        }
        Ok(if self.draft.is_finished() { Progress::Settled } else { Progress::Partial })
    }

    fn take_event(&mut self, event: &Event) -> Result<(), Failure> {
        self.has_events = true;
        if event.name == "error" {
            return self.draft.take_error_event(&self.secrets.redact(event.data.clone()));
        }
        if event.is_done() {
            self.is_done = true;
            return Ok(());
        }
        if event.data.trim().is_empty() {
            return Ok(());
        }
        let data = self.secrets.redact(event.data.clone());
        let Some(documents) = documents(&data) else {
            let reason = "an event of the stream is no JSON";
            return Err(Failure::Malformed { reason, excerpt: excerpt(&data) });
        };
        documents.iter().try_for_each(|document| self.draft.take(document))
    }

    /// The answer, once nothing more comes: because the body ended, or because of `cut`.
    ///
    /// # Errors
    ///
    /// If it is no complete answer.
    pub(crate) fn end(self, cut: Option<Failure>) -> Result<Reply, Failure> {
        let secrets = self.secrets;
        let clean = |text| secrets.redact(text);
        let reply = self.reply(cut).map_err(|failure| failure.map_texts(clean))?;
        Ok(reply.map_texts(clean))
    }

    fn reply(mut self, cut: Option<Failure>) -> Result<Reply, Failure> {
        let ending = match std::mem::replace(&mut self.shape, Shape::Open(Vec::new())) {
            Shape::Whole(document) => {
                if let Err(failure) = self.take_whole(&document.bytes) {
                    // A document that breaks off says nothing of its own.
                    return Err(match (failure, cut) {
                        (Failure::Malformed { reason: NO_JSON, .. }, Some(cut)) => cut,
                        (failure, _) => failure,
                    });
                }
                cut.map_or(Ending::Whole, Ending::Cut)
            }
            Shape::Events(mut parser) if !self.is_done => {
                let mut events = Vec::new();
                parser.end(&mut events);
                for event in &events {
                    // What breaks off in the middle of an event is none.
                    if event.is_done() || event.name == "error" || documents(&event.data).is_some()
                    {
                        self.take_event(event)?;
                    }
                }
                match cut {
                    _ if self.is_done => Ending::Done,
                    Some(cut) => Ending::Cut(cut),
                    None if !self.has_events => {
                        return Err(self.malformed("the stream holds no events"));
                    }
                    None => Ending::Stream,
                }
            }
            Shape::Events(_) => Ending::Done,
            Shape::Open(bytes) => {
                let Some(cut) = cut else {
                    let is_empty = trimmed(&bytes).is_empty();
                    return Err(if is_empty {
                        Failure::Malformed { reason: "the body is empty", excerpt: String::new() }
                    } else {
                        self.malformed(NO_JSON)
                    });
                };
                Ending::Cut(cut)
            }
        };
        let beginning = self.beginning_in_words();
        self.draft.finish(ending).map_err(|failure| match failure {
            Failure::Malformed { reason, excerpt: said } if said.is_empty() => {
                Failure::Malformed { reason, excerpt: beginning }
            }
            other => other,
        })
    }

    /// Reads a body that is one document, or several without events around them.
    fn take_whole(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let text = self.secrets.redact(String::from_utf8_lossy(trimmed(bytes)).into_owned());
        if let Some(documents) = documents(&text) {
            return documents.iter().try_for_each(|document| self.draft.take(document));
        }
        // What follows a complete answer is of no concern.
        let mut documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        if let Some(Ok(document)) = documents.next() {
            self.draft.take(&document)?;
            if self.draft.is_finished() {
                return Ok(());
            }
        }
        Err(self.malformed(NO_JSON))
    }

    fn malformed(&self, reason: &'static str) -> Failure {
        Failure::Malformed { reason, excerpt: self.beginning_in_words() }
    }

    fn beginning_in_words(&self) -> String {
        excerpt(&self.secrets.redact(String::from_utf8_lossy(&self.beginning).into_owned()))
    }
}

const NO_JSON: &str = "the body is no JSON";

/// Where the body begins after white space and a byte order mark, and whether it is a stream of
/// events; `None` if more has to come to tell.
fn shape_of(bytes: &[u8], is_announced_as_events: bool) -> (usize, Option<bool>) {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    const FIELDS: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    let after_mark = match bytes.strip_prefix(MARK) {
        Some(rest) => rest,
        None if MARK.starts_with(bytes) => return (0, None),
        None => bytes,
    };
    let body = after_mark.trim_ascii_start();
    let is_events = match body.first() {
        None => None,
        Some(b'{' | b'[' | b'<') => Some(false),
        Some(_) if is_announced_as_events => Some(true),
        Some(_) if FIELDS.iter().any(|field| body.starts_with(field)) => Some(true),
        // It may still become the name of a field.
        Some(_) if FIELDS.iter().any(|field| field.starts_with(body)) => None,
        Some(_) => Some(false),
    };
    (bytes.len() - body.len(), is_events)
}

/// The JSON documents of a text, one after the other; servers that end events with a single line
/// break put several into one. `None` if it holds anything else.
pub(crate) fn documents(text: &str) -> Option<Vec<Value>> {
    if let Ok(document) = serde_json::from_str(text) {
        return Some(vec![document]);
    }
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    documents.collect::<Result<Vec<_>, _>>().ok().or_else(|| {
        // NaN among probabilities, and halves of surrogate pairs where a character was split
        // between events, are JSON as Python writes it.
        let value = avibench_python::json_borrowed(text).ok()?;
        Some(vec![strict(&value)])
    })
}

/// Python's JSON as JSON by the letter: numbers that are none are null.
fn strict(value: &avibench_python::Json<'_>) -> Value {
    use avibench_python::Json;
    match value {
        Json::Null => Value::Null,
        Json::Bool(bit) => Value::Bool(*bit),
        Json::Int(number) => (*number).into(),
        Json::BigInt(number) => number.to_string().parse::<f64>().map_or(Value::Null, Value::from),
        Json::Float(number) => Value::from(*number),
        Json::Str(text) => Value::String(text.clone().into_owned()),
        Json::Array(items) => items.iter().map(strict).collect(),
        Json::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone().into_owned(), strict(value))).collect()
        }
    }
}

/// White space and NUL bytes: some servers fill their buffers with them.
fn is_filler(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

/// Without filler at both ends.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&byte| !is_filler(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|&byte| !is_filler(byte)).map_or(start, |last| last + 1);
    &bytes[start..end]
}
