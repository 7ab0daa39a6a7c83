//! What a chat completion says: the one place that reads a server's answer.
//!
//! An error text never becomes an answer: whatever is not a completion with a message is a
//! failure, whatever its HTTP status.

use std::time::Duration;

use avibench_store::{AskOutcome, FinishReason};
use serde_json::Value;

use crate::failure::{Failure, excerpt};

/// A model's answer, unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The answer's text, untouched.
    pub text: String,
    /// The words in which the model declined.
    pub refusal: Option<String>,
    /// Why the model stopped: `stop`, `length`, `content_filter`, ...
    pub finish_reason: Option<String>,
    /// The model name that the server reports.
    pub model: Option<String>,
    /// Prompt tokens.
    pub tokens_in: Option<u64>,
    /// Of these, tokens of sound, where the server tells them apart.
    pub tokens_audio: Option<u64>,
    /// Completion tokens.
    pub tokens_out: Option<u64>,
}

impl Reply {
    /// Which outcome this is: answered, empty, cut off or refused.
    #[must_use]
    pub fn outcome(&self) -> AskOutcome {
        let declined = self.refusal.as_ref().is_some_and(|words| !words.trim().is_empty());
        let finish = self.finish_reason.as_deref().map(FinishReason::of);
        if declined || finish == Some(FinishReason::Filter) {
            AskOutcome::Refused
        } else if self.text.trim().is_empty() {
            AskOutcome::Empty
        } else if finish == Some(FinishReason::Length) {
            AskOutcome::CutOff
        } else {
            AskOutcome::Answered
        }
    }

    /// Reads the body of a whole (not streamed) completion.
    pub(crate) fn from_body(body: &str) -> Result<Self, Failure> {
        let malformed = |reason| Failure::Malformed { reason, excerpt: excerpt(body) };
        let root: Value =
            serde_json::from_str(body).map_err(|_| malformed("the body is no JSON"))?;
        if let Some(failure) = error_object(&root) {
            return Err(failure);
        }
        let choices = root.get("choices").and_then(Value::as_array);
        let choice = choices
            .ok_or_else(|| malformed("it holds no `choices`"))?
            .first()
            .ok_or_else(|| malformed("`choices` is empty"))?;
        if let Some(failure) = error_object(choice) {
            return Err(failure);
        }
        let message = choice
            .get("message")
            .and_then(Value::as_object)
            .ok_or_else(|| malformed("its choice holds no `message`"))?;
        if !is_content(message.get("content")) {
            return Err(malformed("its `content` is no text"));
        }
        let mut reply = Self {
            text: content_text(message.get("content")),
            refusal: text_of(message.get("refusal")),
            finish_reason: text_of(choice.get("finish_reason")),
            ..Self::default()
        };
        reply.take_envelope(&root);
        Ok(reply)
    }

    /// Adds one chunk of a streamed completion.
    pub(crate) fn add_chunk(&mut self, chunk: &Value) -> Result<(), Failure> {
        if let Some(failure) = error_object(chunk) {
            return Err(failure);
        }
        self.take_envelope(chunk);
        // A chunk without choices carries the token counts, or keeps the line open.
        let Some(choice) = chunk.get("choices").and_then(|choices| choices.get(0)) else {
            return Ok(());
        };
        if let Some(failure) = error_object(choice) {
            return Err(failure);
        }
        if let Some(delta) = choice.get("delta") {
            if !is_content(delta.get("content")) {
                let reason = "the `content` of an event is no text";
                return Err(Failure::Malformed { reason, excerpt: excerpt(&chunk.to_string()) });
            }
            self.text.push_str(&content_text(delta.get("content")));
            if let Some(words) = text_of(delta.get("refusal")) {
                self.refusal.get_or_insert_default().push_str(&words);
            }
        }
        if let Some(reason) = text_of(choice.get("finish_reason")) {
            self.finish_reason = Some(reason);
        }
        Ok(())
    }

    /// Model name and token counts.
    fn take_envelope(&mut self, root: &Value) {
        if let Some(model) = text_of(root.get("model")) {
            self.model = Some(model);
        }
        if let Some(usage) = root.get("usage") {
            let count = |key| usage.get(key).and_then(Value::as_u64);
            self.tokens_in = count("prompt_tokens").or(self.tokens_in);
            self.tokens_out = count("completion_tokens").or(self.tokens_out);
            let audio = usage.pointer("/prompt_tokens_details/audio_tokens");
            self.tokens_audio = audio.and_then(Value::as_u64).or(self.tokens_audio);
        }
    }
}

/// The failure that a response with an error status stands for.
pub(crate) fn failure_of_status(status: u16, body: &str, retry_after: Option<Duration>) -> Failure {
    let root: Option<Value> = serde_json::from_str(body).ok();
    // Some gateways wrap the object into an array of one.
    let error =
        root.as_ref().and_then(|root| root.get("error").or_else(|| root.get(0)?.get("error")));
    let message = error
        .and_then(error_message)
        .or_else(|| root.as_ref().and_then(error_message))
        .unwrap_or_else(|| excerpt(body));
    let message = if message.is_empty() { "(no explanation)".to_owned() } else { message };
    Failure::Status { status, message, code: error.and_then(error_code), retry_after }
}

/// The failure in a body that came with a success status, if it holds one.
fn error_object(root: &Value) -> Option<Failure> {
    let error = root.get("error").filter(|error| !error.is_null())?;
    let message = error_message(error).unwrap_or_else(|| excerpt(&error.to_string()));
    let code = error_code(error);
    let status = error.get("code").and_then(Value::as_u64).or_else(|| code.as_ref()?.parse().ok());
    Some(match status.and_then(|status| u16::try_from(status).ok()) {
        Some(status @ 400..=599) => Failure::Status { status, message, code, retry_after: None },
        _ if code.as_deref() == Some("insufficient_quota") => {
            Failure::Status { status: 429, message, code, retry_after: None }
        }
        _ => Failure::Malformed { reason: "it holds an error", excerpt: message },
    })
}

fn error_message(error: &Value) -> Option<String> {
    match error {
        Value::String(message) => Some(excerpt(message)),
        _ => ["message", "detail", "msg"]
            .into_iter()
            .find_map(|key| error.get(key).and_then(Value::as_str))
            .map(excerpt),
    }
}

fn error_code(error: &Value) -> Option<String> {
    ["code", "type"].into_iter().find_map(|key| text_of(error.get(key))).map(|code| excerpt(&code))
}

fn text_of(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

/// Whether this can be a message's content at all.
fn is_content(content: Option<&Value>) -> bool {
    matches!(content, None | Some(Value::Null | Value::String(_) | Value::Array(_)))
}

/// A message's content: a string, an array of parts, or nothing.
fn content_text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.as_str().or_else(|| part.get("text").and_then(Value::as_str)))
            .collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Consequence;

    fn read(body: &str) -> Result<Reply, Failure> {
        Reply::from_body(body)
    }

    #[test]
    fn an_answer_is_read_with_its_counts() {
        let reply = read(
            r#"{"model": "m-1", "choices": [{"message": {"content": " yes\n"},
                "finish_reason": "stop"}], "usage": {"prompt_tokens": 7, "completion_tokens": 2,
                "prompt_tokens_details": {"audio_tokens": 4}}}"#,
        )
        .unwrap();
        assert_eq!(reply.text, " yes\n");
        assert_eq!((reply.tokens_in, reply.tokens_out), (Some(7), Some(2)));
        assert_eq!(reply.tokens_audio, Some(4));
        assert_eq!(reply.model.as_deref(), Some("m-1"));
        assert_eq!(reply.outcome(), AskOutcome::Answered);
    }

    #[test]
    fn outcomes_are_told_apart() {
        let of = |message: &str, reason: &str| {
            let body = format!(
                r#"{{"choices": [{{"message": {message}, "finish_reason": "{reason}"}}]}}"#
            );
            read(&body).unwrap().outcome()
        };
        assert_eq!(
            of(r#"{"content": [{"type": "text", "text": "a"}]}"#, "stop"),
            AskOutcome::Answered
        );
        assert_eq!(of(r#"{"content": null}"#, "stop"), AskOutcome::Empty);
        assert_eq!(of(r#"{"content": " \n"}"#, "length"), AskOutcome::Empty);
        assert_eq!(of(r#"{"content": null, "refusal": "I cannot"}"#, "stop"), AskOutcome::Refused);
        assert_eq!(
            of(r#"{"content": "par", "refusal": null}"#, "content_filter"),
            AskOutcome::Refused
        );
        assert_eq!(of(r#"{"content": "par", "refusal": ""}"#, "stop"), AskOutcome::Answered);
    }

    #[test]
    fn lies_are_failures() {
        for (body, verdict) in [
            ("<html>busy</html>", Consequence::Retry),
            ("", Consequence::Retry),
            (r#"{"choices": []}"#, Consequence::Retry),
            (r#"{"choices": null}"#, Consequence::Retry),
            (r#"{"choices": [{}]}"#, Consequence::Retry),
            (r#"{"choices": [{"message": {"content": 42}}]}"#, Consequence::Retry),
            (r#"{"choices": [{"message": {"content": {"text": "a"}}}]}"#, Consequence::Retry),
            (r#"{"error": {"message": "upstream"}}"#, Consequence::Retry),
            (r#"{"error": "upstream"}"#, Consequence::Retry),
            (r#"{"error": {"message": "slow down", "code": 429}}"#, Consequence::Retry),
            (r#"{"error": {"message": "no", "code": "401"}}"#, Consequence::StopRun),
            (r#"{"error": {"message": "no", "code": "insufficient_quota"}}"#, Consequence::StopRun),
            (r#"{"error": {"message": "bad", "code": 400}}"#, Consequence::Reject),
            (r#"{"choices": [{"error": {"code": 502, "message": "x"}}]}"#, Consequence::Retry),
            ("[1, 2", Consequence::Retry),
            ("null", Consequence::Retry),
        ] {
            assert_eq!(read(body).unwrap_err().consequence(), verdict, "{body}");
        }
    }

    #[test]
    fn error_bodies_keep_the_servers_words() {
        let of = |body| match failure_of_status(400, body, None) {
            Failure::Status { message, .. } => message,
            other => panic!("{other}"),
        };
        assert_eq!(of(r#"{"error": {"message": "audio too long"}}"#), "audio too long");
        assert_eq!(of(r#"{"error": "audio too long"}"#), "audio too long");
        assert_eq!(of(r#"[{"error": {"message": "audio too long"}}]"#), "audio too long");
        assert_eq!(of(r#"{"detail": "audio too long"}"#), "audio too long");
        assert_eq!(of("audio\ntoo long"), "audio too long");
        assert_eq!(of(""), "(no explanation)");
    }
}
