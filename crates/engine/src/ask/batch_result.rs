//! A line of a batch's results: the answer to one request, or why there is none.
//!
//! What a server says in it goes through the same readers as what it says to a single request.

use serde_json::{Map, Value, json};

use super::batch_format::BatchFormat;
use super::draft::{Draft, Ending};
use super::reply::Reply;
use super::reply_body::documents;
use super::server_error::ServerError;
use crate::failure::{Failure, excerpt};
use crate::secret::Secrets;

/// What a batch has about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchResult {
    /// The form of the line.
    pub format: BatchFormat,
    /// The `custom_id` or `key` of the request.
    pub custom_id: String,
    /// The answer, or why there is none.
    pub answer: Result<Reply, Failure>,
}

/// A line that is no result of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResultLineError {
    /// It is not JSON.
    #[error("it is no JSON object: {0}")]
    NoJson(String),
    /// It names no request.
    #[error("it holds neither a `custom_id` nor a `key` that names its request")]
    Nameless,
    /// It is a request.
    #[error("it is a request of a batch, not a result; name the files that came back")]
    Request,
}

impl BatchResult {
    /// Reads a line, whichever form it has. `secrets` are taken out of everything it says.
    ///
    /// # Errors
    ///
    /// [`ResultLineError`] if the line is no result. What it says instead of an answer is no error of the
    /// line.
    pub fn read(line: &str, secrets: &Secrets) -> Result<Self, ResultLineError> {
        let no_json =
            || ResultLineError::NoJson(excerpt(&secrets.redact(beginning(line).to_owned())));
        let mut found = documents(line).ok_or_else(no_json)?;
        let (Some(Value::Object(document)), true) = (found.pop(), found.is_empty()) else {
            return Err(no_json());
        };
        let name = |field: &str| document.get(field).and_then(Value::as_str).map(str::to_owned);
        let (format, custom_id) = match (name("custom_id"), name("key")) {
            (Some(custom_id), _) => (BatchFormat::OpenAi, custom_id),
            (None, Some(key)) => (BatchFormat::Gemini, key),
            (None, None) => return Err(ResultLineError::Nameless),
        };
        let has = |field: &str| document.get(field).is_some_and(|value| !value.is_null());
        if !has("response") && !has("error") && (has("body") || has("request")) {
            return Err(ResultLineError::Request);
        }
        let answer = match format {
            BatchFormat::OpenAi => answer_of_openai(&document),
            BatchFormat::Gemini => answer_of_gemini(&document),
        };
        let clean = |text| secrets.redact(text);
        let answer =
            answer.map(|reply| reply.map_texts(clean)).map_err(|failure| failure.map_texts(clean));
        Ok(Self { format, custom_id, answer })
    }
}

/// The first characters of a line, for a message.
fn beginning(line: &str) -> &str {
    const SHOWN: usize = 200;
    line.char_indices().nth(SHOWN).map_or(line, |(end, _)| &line[..end])
}

fn answer_of_openai(line: &Map<String, Value>) -> Result<Reply, Failure> {
    let response = line.get("response").filter(|response| response.is_object());
    let error = line.get("error").filter(|error| !error.is_null());
    let Some(response) = response else {
        let nothing = Failure::Malformed {
            reason: "the line holds neither a response nor an error",
            excerpt: String::new(),
        };
        return Err(error.map_or(nothing, unprocessed));
    };
    let status = response.get("status_code").and_then(Value::as_u64).unwrap_or(200);
    let body = response.get("body").filter(|body| !body.is_null());
    match (status, body, error) {
        (200..=299, Some(body), _) => reply_of(body),
        (200..=299, None, Some(error)) => Err(unprocessed(error)),
        // vLLM leaves the body empty where it has an error.
        (_, body, error) => refused(status, body.or(error)),
    }
}

/// The answer that a complete document is.
fn reply_of(document: &Value) -> Result<Reply, Failure> {
    let mut draft = Draft::default();
    draft.take(document)?;
    draft.finish(Ending::Whole)
}

/// What an HTTP status and the words beside it come to.
fn refused(status: u64, said: Option<&Value>) -> Result<Reply, Failure> {
    let said = match said {
        Some(Value::String(words)) => words.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let status = u16::try_from(status).ok().filter(|status| (300..=599).contains(status));
    ServerError::of_body(&said).verdict(status).into_reply()
}

/// Why a request of a batch was not even sent to the model.
fn unprocessed(error: &Value) -> Failure {
    let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
    let words = error.get("message").and_then(Value::as_str).unwrap_or(code);
    if ["expired", "cancelled", "canceled"].iter().any(|end| code.contains(end)) {
        return Failure::Expired(excerpt(words));
    }
    match ServerError::of_body(&json!({ "error": error }).to_string()).verdict(None).into_reply() {
        Err(failure) => failure,
        // A filter that declines says so in a response.
        Ok(reply) => Failure::Malformed {
            reason: "the line holds an error",
            excerpt: reply.refusal.unwrap_or_default(),
        },
    }
}

fn answer_of_gemini(line: &Map<String, Value>) -> Result<Reply, Failure> {
    let has_content =
        |response: &&Value| response.as_object().is_some_and(|fields| !fields.is_empty());
    if let Some(response) = line.get("response").filter(has_content) {
        return reply_of(&chat_of(response));
    }
    // The documents speak of a status object; lines seen in the wild call it `error`.
    let error = ["error", "status"]
        .iter()
        .filter_map(|name| line.get(*name))
        .find(|error| !error.is_null() && error.as_str() != Some(""));
    let Some(error) = error else {
        let reason = "the line holds neither a response nor an error";
        return Err(Failure::Malformed { reason, excerpt: String::new() });
    };
    let code = error.get("code").and_then(Value::as_u64);
    let status = code.and_then(|code| if code < 100 { http_status(code) } else { Some(code) });
    match status {
        Some(status) => refused(status, Some(&json!({ "error": error }))),
        None => Err(unprocessed(error)),
    }
}

/// The HTTP status that goes with a code of Google's remote procedure calls.
const fn http_status(code: u64) -> Option<u64> {
    Some(match code {
        3 | 9 | 11 => 400,
        16 => 401,
        7 => 403,
        5 => 404,
        8 => 429,
        1 | 2 | 13 | 15 => 500,
        12 => 501,
        14 => 503,
        4 => 504,
        _ => return None,
    })
}

/// A Gemini answer in the form of a chat completion, which the one reader of answers knows. Its names
/// for counts, blocks and reasons to stop the reader knows already.
fn chat_of(response: &Value) -> Value {
    let empty = Vec::new();
    let candidates = response.get("candidates").and_then(Value::as_array).unwrap_or(&empty);
    let choice = |candidate: &Value| {
        let parts = candidate.pointer("/content/parts").cloned().unwrap_or(Value::Null);
        json!({
            "index": candidate.get("index").cloned().unwrap_or(json!(0)),
            "message": {"role": "assistant", "content": parts},
            "finish_reason": candidate.get("finishReason").or_else(|| candidate.get("finish_reason")),
        })
    };
    let mut chat = Map::new();
    chat.insert("choices".to_owned(), candidates.iter().map(choice).collect());
    let same = ["usageMetadata", "usage_metadata", "promptFeedback", "prompt_feedback"];
    let model = ["modelVersion", "model_version"].map(|name| ("model", name));
    for (to, from) in same.map(|name| (name, name)).into_iter().chain(model) {
        if let Some(value) = response.get(from) {
            chat.insert(to.to_owned(), value.clone());
        }
    }
    Value::Object(chat)
}

#[cfg(test)]
mod tests {
    use avibench_store::{AskOutcome, FailureKind};

    use super::*;
    use crate::Secret;

    fn read(line: &Value) -> Result<Reply, Failure> {
        BatchResult::read(&line.to_string(), &Secrets::default()).unwrap().answer
    }

    fn kind(line: &Value) -> FailureKind {
        read(line).unwrap_err().kind()
    }

    #[test]
    fn results_of_openai_are_read_as_single_answers_are() {
        let completion = json!({"object": "chat.completion", "model": "m-1", "choices": [{"index": 0,
            "message": {"role": "assistant", "content": "<think>hm</think>yes"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}});
        let line = |status: u64, body: &Value, error: &Value| {
            json!({"id": "batch_req_1", "custom_id": "a", "response":
                {"status_code": status, "request_id": "r", "body": body}, "error": error})
        };
        let reply = read(&line(200, &completion, &Value::Null)).unwrap();
        assert_eq!((reply.text.as_str(), reply.thinking.as_deref()), ("yes", Some("hm")));
        assert_eq!((reply.tokens_in, reply.tokens_out), (Some(7), Some(3)));
        assert_eq!(reply.model.as_deref(), Some("m-1"));
        let error = |code: &str| json!({"error": {"message": "no", "type": code, "code": code}});
        assert_eq!(
            kind(&line(400, &error("invalid_request_error"), &Value::Null)),
            FailureKind::Request
        );
        assert_eq!(
            kind(&line(429, &error("rate_limit_exceeded"), &Value::Null)),
            FailureKind::RateLimited
        );
        assert_eq!(kind(&line(500, &Value::Null, &Value::Null)), FailureKind::Server);
        let vllm = json!({"object": "error", "message": "too long", "type": "BadRequestError", "code": 400});
        assert_eq!(kind(&line(400, &Value::Null, &vllm)), FailureKind::Request);
        let filtered = read(&line(400, &error("content_filter"), &Value::Null)).unwrap();
        assert_eq!(filtered.outcome(), AskOutcome::Refused);
        let expired = json!({"custom_id": "a", "response": null, "error":
            {"code": "batch_expired", "message": "This request could not be executed in time."}});
        assert_eq!(kind(&expired), FailureKind::Timeout);
        assert!(read(&expired).unwrap_err().to_string().contains("could not be executed in time"));
        assert_eq!(
            kind(&json!({"custom_id": "a", "response": null, "error": null})),
            FailureKind::Malformed
        );
    }

    #[test]
    fn results_of_gemini_are_read_by_the_same_reader() {
        let line = |response: Value| json!({"key": "a", "response": response});
        let reply = read(&line(json!({
            "candidates": [{"content": {"role": "model", "parts": [
                {"text": "I listen.", "thought": true}, {"text": "B"}]},
                "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 400, "candidatesTokenCount": 5,
                "thoughtsTokenCount": 100, "totalTokenCount": 505},
            "modelVersion": "gemini-2.5-flash", "responseId": "x"})))
        .unwrap();
        assert_eq!((reply.text.as_str(), reply.thinking.as_deref()), ("B", Some("I listen.")));
        assert_eq!(
            (reply.tokens_in, reply.tokens_out, reply.tokens_reasoning),
            (Some(400), Some(105), Some(100))
        );
        assert_eq!(reply.model.as_deref(), Some("gemini-2.5-flash"));
        assert_eq!(reply.finish_reason.as_deref(), Some("STOP"));
        let of = |response| read(&line(response)).unwrap().outcome();
        assert_eq!(of(json!({"candidates": [{"finishReason": "SAFETY"}]})), AskOutcome::Refused);
        assert_eq!(of(json!({"promptFeedback": {"blockReason": "SAFETY"}})), AskOutcome::Refused);
        let cut = json!({"candidates": [{"content": {"parts": [{"text": "the"}]},
            "finishReason": "MAX_TOKENS"}]});
        assert_eq!(of(cut), AskOutcome::CutOff);
        for (error, wanted) in [
            (
                json!({"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}),
                FailureKind::Request,
            ),
            (json!({"code": 3, "message": "bad"}), FailureKind::Request),
            (json!({"code": 13, "message": "internal"}), FailureKind::Server),
            (json!({"message": "busy", "status": "UNAVAILABLE"}), FailureKind::Overloaded),
        ] {
            assert_eq!(kind(&json!({"key": "a", "error": error})), wanted, "{error}");
            assert_eq!(
                kind(&json!({"key": "a", "status": error, "response": {}})),
                wanted,
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_no_result_is_named() {
        let read = |line: &str| BatchResult::read(line, &Secrets::default()).unwrap_err();
        assert!(matches!(read("{\"custom_id\": \"a\", \"resp"), ResultLineError::NoJson(_)));
        assert!(matches!(read("[]"), ResultLineError::NoJson(_)));
        assert!(matches!(read("{} {}"), ResultLineError::NoJson(_)));
        assert_eq!(read("{\"response\": {}}"), ResultLineError::Nameless);
        let request = r#"{"custom_id": "a", "method": "POST", "url": "/v1", "body": {}}"#;
        assert_eq!(read(request), ResultLineError::Request);
        assert_eq!(read(r#"{"key": "a", "request": {"contents": []}}"#), ResultLineError::Request);
    }

    #[test]
    fn keys_are_taken_out() {
        let secrets: Secrets = [Secret::new("sk-0123456789")].into_iter().collect();
        let line = json!({"custom_id": "a", "response": {"status_code": 200, "body": {"choices": [
            {"message": {"content": "sk-0123456789"}, "finish_reason": "stop"}]}}});
        let result = BatchResult::read(&line.to_string(), &secrets).unwrap();
        assert_eq!(result.answer.unwrap().text, "[key]");
    }
}
