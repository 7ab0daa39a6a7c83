//! A chat completions request, parsed into the conversation that a local model understands.

use std::time::{SystemTime, UNIX_EPOCH};

use avibench_protocol::Conversation;
use serde_json_borrow::Value;

use crate::api_error::ApiError;
use crate::data_uri::excerpt;
use crate::part::{check_text_only, read_content};

/// What a request asks for. Sampling parameters (`temperature`, `seed`, ...) are accepted and have
/// no effect: local models are deterministic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChatRequest {
    /// The model's name as the client wrote it.
    pub(crate) model: String,
    pub(crate) conversation: Conversation,
    /// Answer in server-sent events.
    pub(crate) stream: bool,
    /// End the stream with a chunk that holds the token counts.
    pub(crate) include_usage: bool,
    /// Cut the answer after so many tokens.
    pub(crate) max_tokens: Option<usize>,
}

impl ChatRequest {
    /// Reads the JSON in `body`. Media are decoded straight out of it.
    ///
    /// # Errors
    ///
    /// A 400 that names the field and says what was expected there.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let text = std::str::from_utf8(body).map_err(|error| {
            ApiError::new(
                axum::http::StatusCode::BAD_REQUEST,
                format!("the body is not UTF-8: {error}"),
            )
        })?;
        let root: Value<'_> = serde_json::from_str(text).map_err(|error| {
            ApiError::new(
                axum::http::StatusCode::BAD_REQUEST,
                format!("the body is not valid JSON: {error}"),
            )
        })?;
        if !root.is_object() {
            return Err(ApiError::new(
                axum::http::StatusCode::BAD_REQUEST,
                "the body must be a JSON object with model and messages",
            ));
        }
        let model = root
            .get("model")
            .as_str()
            .ok_or_else(|| ApiError::invalid("model", "model must be a string"))?
            .to_owned();
        let max_tokens = match count(&root, "max_completion_tokens")? {
            Some(limit) => Some(limit),
            None => count(&root, "max_tokens")?,
        };
        if count(&root, "n")?.is_some_and(|choices| choices != 1) {
            return Err(ApiError::invalid("n", "n must be 1: local models have one answer"));
        }
        Ok(Self {
            model,
            conversation: read_messages(root.get("messages"))?,
            stream: flag(root.get("stream"), "stream")?,
            include_usage: flag(
                root.get("stream_options").get("include_usage"),
                "stream_options.include_usage",
            )?,
            max_tokens,
        })
    }
}

/// Joins the user messages to one question. The system line is fixed for local models, so system
/// messages are checked and dropped.
fn read_messages(messages: &Value<'_>) -> Result<Conversation, ApiError> {
    let messages = messages
        .as_array()
        .ok_or_else(|| ApiError::invalid("messages", "messages must be an array"))?;
    let mut conversation = Conversation::default();
    let mut asked = false;
    for (index, message) in messages.iter().enumerate() {
        let path = format!("messages[{index}]");
        let content = message.get("content");
        let content_path = format!("{path}.content");
        match message.get("role").as_str() {
            Some("user") => {
                asked = true;
                read_content(content, &content_path, &mut conversation)?;
            }
            Some("system" | "developer") => check_text_only(content, &content_path)?,
            Some(role) => {
                return Err(ApiError::invalid(
                    format!("{path}.role"),
                    format!(
                        "{path}.role: {} is not supported; local models answer single questions \
                         (roles system, developer and user)",
                        excerpt(role)
                    ),
                ));
            }
            None => {
                return Err(ApiError::invalid(
                    format!("{path}.role"),
                    format!("{path}.role must be a string"),
                ));
            }
        }
    }
    if asked {
        Ok(conversation)
    } else {
        Err(ApiError::invalid("messages", "messages must hold a message of the role user"))
    }
}

/// A field that is true, false, null or absent.
fn flag(value: &Value<'_>, path: &str) -> Result<bool, ApiError> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(set) => Ok(*set),
        _ => Err(ApiError::invalid(path, format!("{path} must be true or false"))),
    }
}

/// A field that is a positive whole number, null or absent.
fn count(root: &Value<'_>, name: &str) -> Result<Option<usize>, ApiError> {
    let value = root.get(name);
    if value.is_null() {
        return Ok(None);
    }
    value
        .as_u64()
        .filter(|&number| number > 0)
        .map(|number| Some(usize::try_from(number).unwrap_or(usize::MAX)))
        .ok_or_else(|| ApiError::invalid(name, format!("{name} must be a positive whole number")))
}

/// Seconds since 1970, for `created`.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
