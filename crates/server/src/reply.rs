//! An answer before it leaves: status, headers and the pieces of its body.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::api_error::ApiError;
use crate::completion::Completion;
use crate::counters::InFlight;
use crate::delivery::Delivery;

/// What ends an event stream.
const DONE: &[u8] = b"data: [DONE]\n\n";

/// A complete answer that has not been sent yet.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body; for an event stream one piece an event.
    pub(crate) pieces: Vec<Bytes>,
    /// Server-sent events instead of one JSON document.
    pub(crate) streamed: bool,
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
        Self { status, headers, pieces: vec![body.into()], streamed: false }
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
        }
    }

    /// The response; the request stays in flight until its body has left.
    pub(crate) fn send(self, in_flight: Option<InFlight>) -> Response {
        let mut response =
            Response::new(Body::new(Delivery::new(self.pieces, !self.streamed, in_flight)));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self::document(error.status, "application/json", error.to_json())
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.send(None)
    }
}

/// One server-sent event around a JSON document.
fn event(document: &[u8]) -> Bytes {
    [b"data: ", document, b"\n\n"].concat().into()
}
