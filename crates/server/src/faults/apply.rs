//! How a fault changes an answer.

use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::completion::{Completion, FinishReason};
use crate::faults::draw::Draw;
use crate::faults::fault::Fault;
use crate::faults::schedule::{Hits, SIZE};
use crate::recorded::recorded_reply;
use crate::reply::{Ending, Reply};

/// What a refusing model says.
const REFUSAL: &str = "I'm sorry, but I can't help with that.";

/// The reply of a fault that comes in place of an answer; none if the fault leaves one.
pub(crate) fn replacement(fault: &Fault, now: SystemTime) -> Option<Reply> {
    match fault {
        Fault::Status { status, retry_after, message } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let message = message.clone().unwrap_or_else(|| usual_message(status).to_owned());
            let mut reply = Reply::from(ApiError::new(status, message));
            if let Some(value) = retry_after.as_ref().and_then(|retry| retry.header(now)) {
                reply.headers.insert(header::RETRY_AFTER, value);
            }
            Some(reply)
        }
        Fault::Quota {} => {
            let message = "You exceeded your current quota, please check your plan and billing.";
            let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, message)
                .with_code("insufficient_quota");
            error.kind = "insufficient_quota";
            Some(error.into())
        }
        Fault::ResetBefore {} => {
            let mut reply = Reply::document(StatusCode::OK, "application/json", Bytes::new());
            reply.ending = Ending::ResetAtOnce;
            Some(reply)
        }
        Fault::Html {} => Some(Reply::document(
            StatusCode::OK,
            "text/html",
            "<!doctype html><title>Welcome</title><p>Please sign in to continue.</p>",
        )),
        Fault::ErrorObject {} => {
            let message = "The engine is currently overloaded.";
            let mut reply = Reply::from(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message));
            reply.status = StatusCode::OK;
            Some(reply)
        }
        Fault::Reply { name } => recorded_reply(name).map(Reply::from),
        _ => None,
    }
}

fn usual_message(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The request was rejected as invalid.",
        401 => "Incorrect API key provided.",
        403 => "This key may not use this model.",
        404 => "The model does not exist or this key has no access to it.",
        408 => "The request timed out.",
        413 => "The request is too large.",
        422 => "The request cannot be processed.",
        429 => "Rate limit reached; please slow down.",
        503 => "The engine is currently overloaded.",
        500.. => "The server had an error while processing the request.",
        _ => "The request was refused.",
    }
}

/// Changes what the model said, for faults of content.
pub(crate) fn alter(completion: &mut Completion, fault: &Fault) {
    match fault {
        Fault::NullContent {} => completion.text = None,
        Fault::EmptyContent {} => completion.text = Some(String::new()),
        Fault::Refusal {} => {
            completion.text = None;
            completion.refusal = Some(REFUSAL.to_owned());
        }
        Fault::ContentFilter {} => {
            completion.text = None;
            completion.finish_reason = FinishReason::ContentFilter;
        }
        _ => {}
    }
}

/// Changes the reply: its documents first, then the text around them, then where it ends, then
/// the pieces it leaves in.
pub(crate) fn apply(reply: &mut Reply, hits: &Hits) {
    if let Some(fault) = hits.harm() {
        break_documents(reply, fault);
    }
    for (fault, _) in &hits.faults {
        match fault {
            Fault::SseComments {} if reply.streamed => {
                let comment = Bytes::from_static(b": still here\n\n");
                let events = std::mem::take(&mut reply.pieces).into_iter();
                reply.pieces = events.flat_map(|event| [comment.clone(), event]).collect();
            }
            Fault::SseCrlf {} if reply.streamed => {
                // JSON escapes its line breaks, so these are the ends of lines.
                reply.pieces.iter_mut().for_each(|event| *event = with_crlf(event));
            }
            _ => {}
        }
    }
    match hits.harm() {
        Some(&Fault::ResetWithin { at }) => reply.cut(at, Ending::Reset),
        Some(&Fault::Torn { at }) => reply.cut(at, Ending::Torn),
        Some(&Fault::TruncatedJson { at }) => reply.cut(at, Ending::Clean),
        _ => {}
    }
    for (fault, draw) in &hits.faults {
        match *fault {
            Fault::SsePieces { bytes } if reply.streamed => {
                reply.pieces = slices(&reply.pieces.concat().into(), odd_lengths(*draw, bytes));
                reply.pace = Some(reply.pace.unwrap_or(Duration::ZERO));
            }
            Fault::SlowBody { bytes, ms } => {
                reply.pieces = slices(&reply.pieces.concat().into(), std::iter::repeat(bytes));
                reply.pace = Some(Duration::from_millis(ms));
            }
            _ => {}
        }
    }
}

/// Faults inside the JSON, and events that are missing or come unasked.
fn break_documents(reply: &mut Reply, fault: &Fault) {
    match fault {
        Fault::EmptyChoices {} => reply.edit_documents(|document| document["choices"] = json!([])),
        Fault::WrongTypes {} => reply.edit_documents(|document| {
            for part in ["message", "delta"] {
                if let Some(content) = document.pointer_mut(&format!("/choices/0/{part}/content")) {
                    *content = json!(42);
                }
            }
            if let Some(usage) = document.get_mut("usage") {
                *usage = Value::from("plenty");
            }
        }),
        Fault::SseNoDone {} if reply.streamed => {
            reply.pieces.pop();
        }
        Fault::SseError {} if reply.streamed => {
            reply.pieces.truncate(reply.pieces.len() / 2);
            let error = ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The engine failed while it was answering.",
            );
            reply.pieces.push(crate::reply::event(&error.to_json()));
        }
        _ => {}
    }
}

fn with_crlf(event: &Bytes) -> Bytes {
    let lines: Vec<&[u8]> = event.split(|&byte| byte == b'\n').collect();
    lines.join(b"\r\n".as_slice()).into()
}

/// Lengths of 1 to `longest`.
fn odd_lengths(draw: Draw, longest: usize) -> impl Iterator<Item = usize> {
    (SIZE..).map(move |purpose| 1 + (draw.bits(purpose) % longest as u64) as usize)
}

/// Cuts `body` into slices of `lengths`, the last one shorter where it ends.
fn slices(body: &Bytes, lengths: impl IntoIterator<Item = usize>) -> Vec<Bytes> {
    let mut start = 0;
    let mut lengths = lengths.into_iter();
    std::iter::from_fn(|| {
        let end = body.len().min(start + lengths.next()?);
        let slice = body.slice(start..end);
        start = end;
        (!slice.is_empty()).then_some(slice)
    })
    .collect()
}
