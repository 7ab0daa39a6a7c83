//! An answer before it leaves: status, headers, the pieces of its body and how it ends.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::api_error::ApiError;
use crate::completion::Completion;
use crate::delivery::{Delivery, Finale, Held};
use crate::line::Scissors;
use crate::recorded::{AfterReply, RecordedReply};

/// What each event begins with.
const EVENT_HEAD: &[u8] = b"data: ";
/// What ends an event stream.
const DONE: &[u8] = b"data: [DONE]\n\n";

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The announced body is complete.
    Clean,
    /// The connection closes before the body is complete.
    Torn,
    /// The connection is reset before the body is complete.
    Reset,
    /// The connection is reset before a byte is sent.
    ResetAtOnce,
    /// The connection stays open, and nothing more comes.
    Hold,
}

/// An answer that has not been sent yet.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body; for an event stream one piece an event.
    pub(crate) pieces: Vec<Bytes>,
    /// Server-sent events instead of one JSON document.
    pub(crate) streamed: bool,
    /// A pause after each piece; zero sends pieces one by one without waiting.
    pub(crate) pace: Option<Duration>,
    pub(crate) ending: Ending,
}

impl Reply {
    /// A JSON document with status 200.
    pub(crate) fn json(document: &Value) -> Self {
        Self::document(StatusCode::OK, "application/json", document.to_string())
    }

    /// A body of known length.
    pub(crate) fn document(
        status: StatusCode,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self {
            status,
            headers,
            pieces: vec![body.into()],
            streamed: false,
            pace: None,
            ending: Ending::Clean,
        }
    }

    /// The answer as one JSON document.
    pub(crate) fn whole(completion: &Completion) -> Self {
        Self::document(StatusCode::OK, "application/json", completion.to_whole())
    }

    /// The answer as server-sent events.
    pub(crate) fn stream(completion: &Completion, include_usage: bool) -> Self {
        let chunks = completion.to_chunks(include_usage);
        let events = chunks.iter().map(|chunk| event(chunk));
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([
                (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            ]),
            pieces: events.chain([Bytes::from_static(DONE)]).collect(),
            streamed: true,
            pace: None,
            ending: Ending::Clean,
        }
    }

    /// Changes the JSON of the document, or of each event.
    pub(crate) fn edit_documents(&mut self, edit: impl Fn(&mut Value)) {
        for piece in &mut self.pieces {
            let json = piece.strip_prefix(EVENT_HEAD).unwrap_or(piece);
            // What is no JSON, such as the end of a stream, stays as it is.
            let Ok(mut document) = serde_json::from_slice(json) else { continue };
            edit(&mut document);
            let json = document.to_string();
            *piece = if self.streamed { event(json.as_bytes()) } else { json.into() };
        }
    }

    /// Keeps the share `at` of the body and ends there as `ending` says. Where the answer does not
    /// end cleanly, its announced length stays what it was.
    pub(crate) fn cut(&mut self, at: f64, ending: Ending) {
        let length: usize = self.pieces.iter().map(Bytes::len).sum();
        if ending != Ending::Clean && !self.streamed {
            self.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        let mut keep = (length as f64 * at) as usize;
        for piece in &mut self.pieces {
            piece.truncate(keep);
            keep -= piece.len();
        }
        self.ending = ending;
    }

    /// The response. What is `held` is freed when its body has left; `scissors` cut the
    /// connection where the ending says so.
    pub(crate) fn send(self, held: Option<Held>, scissors: Scissors) -> Response {
        if self.ending == Ending::ResetAtOnce {
            scissors.cut();
        }
        let length_known = !self.streamed && self.ending == Ending::Clean;
        let finale = match self.ending {
            Ending::Clean => Finale::End,
            Ending::Torn => Finale::Close,
            Ending::Hold => Finale::Hold,
            Ending::Reset | Ending::ResetAtOnce => Finale::Reset(scissors),
        };
        let delivery = Delivery::new(self.pieces, length_known, self.pace, finale, held);
        let mut response = Response::new(Body::new(delivery));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

impl From<&RecordedReply> for Reply {
    fn from(recorded: &RecordedReply) -> Self {
        let status = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::OK);
        let mut reply = Self::document(status, "", recorded.body.clone());
        reply.headers.clear();
        let content_type = (header::CONTENT_TYPE.as_str(), recorded.content_type.as_str());
        let further = recorded.headers.iter().map(|(name, value)| (&**name, &**value));
        for (name, value) in std::iter::once(content_type).chain(further) {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value), false) =
                (name, HeaderValue::from_str(value), value.is_empty())
            {
                reply.headers.append(name, value);
            }
        }
        reply.streamed = recorded.content_type == "text/event-stream";
        reply.ending = match recorded.then {
            AfterReply::End => Ending::Clean,
            AfterReply::Hold => Ending::Hold,
            AfterReply::Reset => Ending::Reset,
            AfterReply::Torn => {
                let announced = recorded.body.len() * 2 + 1;
                reply.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(announced));
                Ending::Torn
            }
        };
        reply
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self::document(error.status, "application/json", error.to_json())
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.send(None, Scissors::default())
    }
}

/// One server-sent event around a JSON document.
pub(crate) fn event(document: &[u8]) -> Bytes {
    [EVENT_HEAD, document, b"\n\n"].concat().into()
}
