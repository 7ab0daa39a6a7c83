//! What a server says when something goes wrong, in the dialects that servers have for it: found
//! in a body with an error status, in a success, or among the events of a stream.
//!
//! Wherever it stands, the same error has the same class: a code 429 inside a stream is what the
//! status 429 would be. A filter that declined is no failure but a refusal.

use avibench_store::FinishReason;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::event_stream::EventParser;
use super::reply::Reply;
use crate::failure::{Failure, excerpt};
use crate::waits;

/// An error in a server's words.
#[derive(Debug)]
pub(crate) struct ServerError {
    /// What it says, shortened.
    words: String,
    /// Its first code in words, as the server writes it.
    code: Option<String>,
    /// The HTTP status that its codes stand for.
    status: Option<u16>,
    /// Whether a filter declined.
    is_filter: bool,
    /// All of it, for what it says about waiting.
    whole: String,
}

/// What an error comes to.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// A filter declined, in these words.
    Refused {
        /// The server's words.
        words: String,
        /// The code, if that is a finish reason too.
        reason: String,
    },
    /// There is no answer.
    Failed(Failure),
}

/// Fields that hold what an error says, the first that is there.
const WORDS: [&str; 11] = [
    "message",
    "msg",
    "detail",
    "error_msg",
    "error_message",
    "errorMessage",
    "status_msg",
    "faultstring",
    "Message",
    "error",
    "title",
];
/// Fields that hold codes.
const CODES: [&str; 9] = [
    "code",
    "type",
    "status",
    "status_code",
    "http_code",
    "error_code",
    "reason",
    "action",
    "errorCode",
];

/// Codes in letters and digits alone, by the status that they stand for.
const STATUSES: [(u16, &[&str]); 9] = [
    (
        400,
        &[
            "invalidrequesterror",
            "invalidrequest",
            "badrequest",
            "badrequesterror",
            "invalidargument",
            "invalidparameter",
            "contextlengthexceeded",
            "validationerror",
            "failedprecondition",
            "outofrange",
        ],
    ),
    (
        401,
        &[
            "invalidapikey",
            "authenticationerror",
            "unauthorized",
            "unauthenticated",
            "invalidauthentication",
            "autherror",
        ],
    ),
    (
        402,
        &[
            "insufficientbalance",
            "insufficientcredits",
            "paymentrequired",
            "arrearage",
            "billinghardlimitreached",
            "billingnotactive",
            "insufficientquota",
        ],
    ),
    (403, &["permissionerror", "permissiondenied", "forbidden", "accessdenied"]),
    (404, &["notfounderror", "modelnotfound", "notfound"]),
    (413, &["requesttoolarge", "payloadtoolarge"]),
    (
        429,
        &[
            "ratelimitexceeded",
            "ratelimiterror",
            "ratelimited",
            "ratelimit",
            "toomanyrequests",
            "resourceexhausted",
            "throttling",
            "throttlingexception",
            "ratelimitreached",
        ],
    ),
    (
        503,
        &[
            "overloadederror",
            "overloaded",
            "unavailable",
            "serviceunavailable",
            "serviceunavailableerror",
            "engineoverloaded",
            "engineoverloadederror",
            "modeloverloaded",
            "serveroverloaded",
            "serverbusy",
        ],
    ),
    (504, &["timeout", "timeouterror", "deadlineexceeded", "requesttimeout", "gatewaytimeout"]),
];
/// Codes that say that the server itself failed.
const SERVER_FAILURES: [&str; 7] = [
    "servererror",
    "internalerror",
    "internalservererror",
    "internal",
    "apierror",
    "enginecoreerror",
    "enginedeaderror",
];
/// What codes of filters hold, in letters and digits alone.
const FILTERS: [&str; 12] = [
    "contentfilter",
    "contentpolicy",
    "responsibleaipolicy",
    "datainspectionfailed",
    "sensitivewords",
    "sensitivecontent",
    "guardrail",
    "moderationblocked",
    "contentmoderation",
    "prohibitedcontent",
    "contentsafety",
    "unsafecontent",
];
/// Numbers by which filters are known: Zhipu's for unsafe content, MiniMax's for sensitive input and
/// output.
const FILTER_NUMBERS: [&str; 3] = ["1301", "1026", "1027"];
/// DeepSeek's filter gives the type of an ordinary bad request, and is known by its words alone.
const FILTER_WORDS: [&str; 1] = ["content exists risk"];

impl ServerError {
    /// The error that a document holds: a body with a success status, or an event of a stream.
    pub(crate) fn in_document(document: &Value) -> Option<Self> {
        let field = |name| document.get(name).filter(|value| says_something(value));
        if let Some(error) = field("error") {
            return Some(Self::read(error, document));
        }
        let is = |name, wanted| document.get(name).and_then(Value::as_str) == Some(wanted);
        if is("object", "error") || is("type", "error") || is("status", "error") {
            return Some(Self::read(document, document));
        }
        if let Some(error) = field("base_resp").filter(|base| {
            base.get("status_code").and_then(Value::as_i64).is_some_and(|status| status != 0)
        }) {
            return Some(Self::read(error, document));
        }
        if field("choices").is_some() || is("type", "ping") {
            return None;
        }
        if let Some(error) = field("errors").and_then(|errors| errors.get(0)) {
            return Some(Self::read(error, document));
        }
        // A document without choices that says something in words is no completion.
        let in_words = |name| field(name).is_some_and(Value::is_string);
        let is_error = ["message", "msg", "error_msg", "errorMessage", "Message"].map(in_words);
        (field("detail").is_some() || is_error.contains(&true))
            .then(|| Self::read(document, document))
    }

    /// The error inside a choice.
    pub(crate) fn in_choice(choice: &Value) -> Option<Self> {
        let inside = ["/error", "/delta/error", "/message/error"];
        let error = inside.iter().find_map(|place| choice.pointer(place))?;
        says_something(error).then(|| Self::read(error, choice))
    }

    /// What an event named `error` says, whatever it holds.
    pub(crate) fn of_event(data: &str) -> Self {
        let document = serde_json::from_str::<Value>(data).ok();
        let of_document = document.map(|document| {
            Self::in_document(&document).unwrap_or_else(|| Self::read(&document, &document))
        });
        of_document.unwrap_or_else(|| Self::in_words(data))
    }

    /// The body of an answer with an error status.
    pub(crate) fn of_body(body: &str) -> Self {
        let Ok(root) = serde_json::from_str::<Value>(body.trim()) else {
            let mut events = Vec::new();
            let mut parser = EventParser::default();
            parser.push(body.as_bytes(), &mut events);
            parser.end(&mut events);
            let told =
                events.iter().find(|event| !event.data.trim().is_empty() && !event.is_done());
            return told.map_or_else(|| Self::in_words(body), |event| Self::of_event(&event.data));
        };
        // Some gateways wrap the object into an array of one.
        let root = root.get(0).unwrap_or(&root);
        Self::in_document(root).unwrap_or_else(|| Self::read(root, root))
    }

    fn in_words(words: &str) -> Self {
        let is_filter = is_filter_in_words(words);
        let whole = words.to_owned();
        Self { words: excerpt(words), code: None, status: None, is_filter, whole }
    }

    fn read(error: &Value, document: &Value) -> Self {
        // `"error": true` leaves the words to its neighbours.
        let said = if error.is_boolean() { document } else { error };
        let mut words = words_of(said).unwrap_or_else(|| said.to_string());
        // Gateways put the words of the server behind them beside their own.
        if let Some(raw) = error.pointer("/metadata/raw").and_then(Value::as_str) {
            words = format!("{words}: {raw}");
        }
        let mut codes = Vec::new();
        collect_codes(error, 0, &mut codes);
        if !std::ptr::eq(error, document) {
            codes.extend(CODES.iter().filter_map(|name| code_in(document, name)));
        }
        codes.retain(|code| code != "error");
        let is_flagged = ["/metadata/flagged_input", "/metadata/reasons"];
        let is_filter = codes.iter().any(|code| is_filter_code(code))
            || is_flagged.iter().any(|place| error.pointer(place).is_some_and(says_something))
            || is_filter_in_words(&words);
        let status = codes.iter().find_map(|code| number_of(code));
        let status = status.or_else(|| codes.iter().find_map(|code| status_of(code)));
        let code = codes.into_iter().find(|code| code.parse::<f64>().is_err());
        let whole = document.to_string();
        Self { words: excerpt(&words), code, status, is_filter, whole }
    }

    /// What it comes to; `status` is that of HTTP, where that is the status of an error.
    pub(crate) fn verdict(self, status: Option<u16>) -> Verdict {
        let Self { words, code, status: coded, is_filter, whole } = self;
        let words = if words.is_empty() { "(no explanation)".to_owned() } else { words };
        if is_filter && !matches!(status, Some(401 | 402 | 408 | 429)) {
            let reason = code.filter(|code| FinishReason::of(code) == FinishReason::Filter);
            let reason = reason.unwrap_or_else(|| "content_filter".to_owned());
            return Verdict::Refused { words, reason };
        }
        Verdict::Failed(match status.or(coded) {
            Some(status) => {
                let code = code.map(|code| excerpt(&code));
                let status = Failure::Status { status, message: words, code, retry_after: None };
                waits::completed(status, &HeaderMap::new(), &whole)
            }
            None => Failure::Malformed { reason: "it holds an error", excerpt: words },
        })
    }
}

impl Verdict {
    /// The refusal as a reply, where nothing else is known.
    pub(crate) fn into_reply(self) -> Result<Reply, Failure> {
        match self {
            Self::Failed(failure) => Err(failure),
            Self::Refused { words, reason } => {
                Ok(Reply { refusal: Some(words), finish_reason: Some(reason), ..Reply::default() })
            }
        }
    }
}

/// Whether a field says anything: `null`, `false`, `""`, `0` and what is empty do not.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) => true,
    }
}

/// What an error says in words.
fn words_of(error: &Value) -> Option<String> {
    match error {
        Value::String(words) => Some(words.clone()),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().filter_map(words_of).collect();
            (!words.is_empty()).then(|| words.join("; "))
        }
        Value::Object(_) => {
            let said = WORDS.iter().filter_map(|name| error.get(name)).find(|v| says_something(v));
            let words = words_of(said?)?;
            // Where FastAPI found the request wanting.
            let place = error.get("loc").and_then(Value::as_array).map(|steps| {
                let step =
                    |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
                steps.iter().map(step).collect::<Vec<_>>().join(".")
            });
            Some(place.map_or_else(|| words.clone(), |place| format!("{place}: {words}")))
        }
        _ => None,
    }
}

/// The codes of an error and of those that it wraps, its own first.
fn collect_codes(error: &Value, depth: usize, codes: &mut Vec<String>) {
    const DEEPEST: usize = 4;
    codes.extend(CODES.iter().filter_map(|name| code_in(error, name)));
    if depth == DEEPEST {
        return;
    }
    let inner: Vec<&Value> = match error {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().take(8).collect(),
        _ => Vec::new(),
    };
    for value in inner.into_iter().filter(|value| value.is_object() || value.is_array()) {
        collect_codes(value, depth + 1, codes);
    }
}

fn code_in(error: &Value, name: &str) -> Option<String> {
    match error.get(name)? {
        Value::String(code) => Some(code.trim().to_owned()).filter(|code| !code.is_empty()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    }
}

/// Letters and digits alone, in lower case: `InternalServerError` and `internal_server_error` are one.
fn normal(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A code that is an HTTP status itself.
fn number_of(code: &str) -> Option<u16> {
    code.parse().ok().filter(|status| (400..=599).contains(status))
}

fn status_of(code: &str) -> Option<u16> {
    let code = normal(code);
    let listed = STATUSES.iter().find(|(_, codes)| codes.contains(&code.as_str()));
    listed
        .map(|(status, _)| *status)
        .or_else(|| SERVER_FAILURES.contains(&code.as_str()).then_some(500))
}

fn is_filter_code(code: &str) -> bool {
    let letters = normal(code);
    FILTER_NUMBERS.contains(&code)
        || FinishReason::of(code) == FinishReason::Filter
        || FILTERS.iter().any(|filter| letters.contains(filter))
}

fn is_filter_in_words(words: &str) -> bool {
    let lower = words.to_lowercase();
    FILTER_WORDS.iter().any(|filter| lower.contains(filter))
        || normal(words).contains("datainspectionfailed")
}
