//! The request log: which questions arrived when, and what was said to each. One JSON object a
//! line, in the order of events; a line is in the file before the first byte of the answer leaves,
//! so that a client cannot know more than the log.
//!
//! | `event` | Further fields |
//! |---|---|
//! | `asked` | `number`, `unix_ms`, `request`, `text`, `media`, `stream` |
//! | `answers` | `number`, `unix_ms`, `status`, `faults`, `answer` |
//! | `refused` | `number`, `unix_ms`, `request`, `status` |
//!
//! `number` joins a question and its answer; a question whose client left in between has none.
//! `request` is the SHA-256 of the body, `media` those of the decoded images, audio clips and
//! video in this order, `answer` the model's own words, whatever a fault made of them on the way.
//! Refused is what had the wrong key or came beyond a limit. Headers are never logged: they hold
//! keys.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::api_error::ApiError;
use crate::request::ChatRequest;

/// An open request log.
#[derive(Debug)]
pub(crate) struct RequestLog {
    writer: Mutex<Writer>,
}

#[derive(Debug)]
struct Writer {
    file: File,
    next: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    unix_ms: u64,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Asked { request: String, text: &'a str, media: Vec<String>, stream: bool },
    Answers { status: u16, faults: &'a [String], answer: Option<&'a str> },
    Refused { request: String, status: u16 },
}

impl RequestLog {
    /// Appends to the file at `path`, which is made if it is missing.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self { writer: Mutex::new(Writer { file, next: 0 }) })
    }

    /// Notes a question; gives its number. A body that could not be read has no text.
    pub(crate) fn asked(
        &self,
        body: &[u8],
        request: Option<&ChatRequest>,
    ) -> Result<u64, ApiError> {
        let conversation = request.map(|request| &request.conversation);
        let media = conversation.map_or_else(Vec::new, |conversation| {
            let images_and_audios = conversation.images.iter().chain(&conversation.audios);
            let all = images_and_audios.chain(&conversation.video);
            all.map(|medium| hash(&medium.bytes)).collect()
        });
        let text = conversation.map_or("", |conversation| &conversation.text);
        let stream = request.is_some_and(|request| request.stream);
        self.write(None, Event::Asked { request: hash(body), text, media, stream })
    }

    /// Notes what is about to be said to question `number`.
    pub(crate) fn answers(
        &self,
        number: u64,
        status: StatusCode,
        faults: &[String],
        answer: Option<&str>,
    ) -> Result<(), ApiError> {
        let event = Event::Answers { status: status.as_u16(), faults, answer };
        self.write(Some(number), event).map(drop)
    }

    /// Notes a request that was turned away before it was read.
    pub(crate) fn refused(&self, body: &[u8], status: StatusCode) -> Result<(), ApiError> {
        let event = Event::Refused { request: hash(body), status: status.as_u16() };
        self.write(None, event).map(drop)
    }

    /// Writes a line, under a new number if it has none yet. A log with holes would mislead, so
    /// what cannot be logged is not answered.
    fn write(&self, number: Option<u64>, event: Event<'_>) -> Result<u64, ApiError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let number = number.unwrap_or_else(|| {
            writer.next += 1;
            writer.next
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = Line { number, unix_ms: now.as_millis() as u64, event };
        let mut bytes = serde_json::to_vec(&line).expect("strings and numbers always serialise");
        bytes.push(b'\n');
        writer.file.write_all(&bytes).map_err(|error| {
            let message = format!("the request log cannot be written: {error}");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
        })?;
        Ok(number)
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
