//! Why an attempt brought no answer, and whether asking again can help.

use std::time::Duration;

use avibench_store::{EntryError, FailureKind};

/// Longest server text that an error keeps, in characters.
const MESSAGE_LIMIT: usize = 500;

/// One attempt without an answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// No connection: refused, no such host, TLS.
    #[error(
        "cannot connect to {host}: {reason}{}",
        mend.as_ref().map(|mend| format!("; {mend}")).unwrap_or_default()
    )]
    Connect {
        /// Host and port.
        host: String,
        /// What the system said.
        reason: String,
        /// The next step, where it is known.
        mend: Option<String>,
    },
    /// No complete answer in time.
    #[error("no answer within {} s", after.as_secs_f64())]
    Timeout {
        /// The time it had.
        after: Duration,
    },
    /// The connection broke off in the middle.
    #[error("the connection broke off: {reason}")]
    Broken {
        /// What the system said.
        reason: String,
    },
    /// The server answered with an error, as a status or as an error object.
    #[error("HTTP {status}: {message}")]
    Status {
        /// HTTP status.
        status: u16,
        /// The server's own words, shortened.
        message: String,
        /// The error object's `code` or `type`, if it has one.
        code: Option<String>,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// A quota is used up: asking again helps tomorrow, or with money.
    #[error("HTTP {status}: {message}")]
    Quota {
        /// HTTP status.
        status: u16,
        /// The server's own words, shortened.
        message: String,
        /// How long the server says that it lasts.
        wait: Option<Duration>,
    },
    /// A success that is no chat completion.
    #[error("the server reported success, but {reason}{}", said(excerpt))]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
        /// The body's beginning.
        excerpt: String,
    },
    /// A batch ended before this request was its turn.
    #[error("the batch ended before this request was answered: {0}")]
    Expired(String),
    /// A medium cannot be read or sent.
    #[error("{0}")]
    Medium(String),
    /// A local model or worker program failed.
    #[error("{0}")]
    Worker(String),
    /// A worker is well, but has no answer to this question.
    #[error("the worker has no answer: {0}")]
    Answerless(String),
    /// The request cannot even be built.
    #[error("{0}")]
    Settings(String),
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Ask again, within the budget.
    Retry,
    /// This sample is rejected: the same request will fare no better.
    Reject,
    /// Nothing else can work either: stop the run.
    StopRun,
}

impl Failure {
    /// Its class.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Connect { .. } => FailureKind::Connect,
            Self::Broken { .. } => FailureKind::Broken,
            Self::Malformed { .. } => FailureKind::Malformed,
            Self::Medium(_) => FailureKind::Medium,
            Self::Worker(_) | Self::Answerless(_) => FailureKind::Worker,
            Self::Settings(_) => FailureKind::Settings,
            Self::Status { status: 401 | 403, .. } => FailureKind::Unauthorized,
            Self::Quota { .. } | Self::Status { status: 402, .. } => FailureKind::Quota,
            // The one field in which servers say "no money" rather than "not so fast".
            Self::Status { code: Some(code), .. }
                if matches!(
                    code.as_str(),
                    "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active"
                ) =>
            {
                FailureKind::Quota
            }
            Self::Timeout { .. } | Self::Expired(_) | Self::Status { status: 408, .. } => {
                FailureKind::Timeout
            }
            Self::Status { status: 429, .. } => FailureKind::RateLimited,
            Self::Status { status: 503 | 529, .. } => FailureKind::Overloaded,
            // 501 and 505 say that the server never will.
            Self::Status { status: 501 | 505, .. } => FailureKind::Request,
            Self::Status { status: 500.., .. } => FailureKind::Server,
            Self::Status { .. } => FailureKind::Request,
        }
    }

    /// Whether asking again can help: decided here and nowhere else, from the kind alone.
    #[must_use]
    pub fn consequence(&self) -> Consequence {
        match self.kind() {
            FailureKind::Connect
            | FailureKind::Timeout
            | FailureKind::Broken
            | FailureKind::RateLimited
            | FailureKind::Overloaded
            | FailureKind::Server
            | FailureKind::Malformed
            | FailureKind::Worker => Consequence::Retry,
            FailureKind::Request | FailureKind::Medium => Consequence::Reject,
            FailureKind::Unauthorized | FailureKind::Quota | FailureKind::Settings => {
                Consequence::StopRun
            }
        }
    }

    /// The same with every text from outside changed, such as to take a key out.
    #[must_use]
    pub(crate) fn map_texts(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Self::Connect { host, reason, mend } => {
                Self::Connect { host, reason: change(reason), mend: mend.map(change) }
            }
            Self::Quota { status, message, wait } => {
                Self::Quota { status, message: change(message), wait }
            }
            Self::Timeout { after } => Self::Timeout { after },
            Self::Broken { reason } => Self::Broken { reason: change(reason) },
            Self::Status { status, message, code, retry_after } => {
                let (message, code) = (change(message), code.map(change));
                Self::Status { status, message, code, retry_after }
            }
            Self::Malformed { reason, excerpt } => {
                Self::Malformed { reason, excerpt: change(excerpt) }
            }
            Self::Expired(message) => Self::Expired(change(message)),
            Self::Medium(message) => Self::Medium(change(message)),
            Self::Worker(message) => Self::Worker(change(message)),
            Self::Answerless(message) => Self::Answerless(change(message)),
            Self::Settings(message) => Self::Settings(change(message)),
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after: wait, .. } | Self::Quota { wait, .. } => *wait,
            _ => None,
        }
    }
}

/// Whether a failure speaks against the replica rather than the request.
pub(crate) const fn blames_replica(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Connect | FailureKind::Timeout | FailureKind::Broken | FailureKind::Server
    )
}

impl From<&Failure> for EntryError {
    fn from(failure: &Failure) -> Self {
        Self { kind: failure.kind(), message: failure.to_string() }
    }
}

/// What the server said, where it said anything.
fn said(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") }
}

/// The words of an HTML page, which servers, and what stands before them, answer with where nothing
/// else is to be said: `an HTML page: 502 Bad Gateway nginx`. `None` if the text is no page.
fn html_page(text: &str) -> Option<String> {
    let begins = |text: &str, start: &str| {
        text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    let page = text.trim_start();
    if !begins(page, "<!doctype html") && !begins(page, "<html") {
        return None;
    }
    let mut words = String::new();
    let mut is_shown = true;
    for piece in page.split('<').skip(1) {
        // Scripts and styles are no words.
        if ["script", "style"].iter().any(|tag| begins(piece, tag)) {
            is_shown = false;
        } else if ["/script", "/style"].iter().any(|tag| begins(piece, tag)) {
            is_shown = true;
        }
        if let Some((_, said)) = piece.split_once('>').filter(|_| is_shown) {
            words.push(' ');
            words.push_str(said);
        }
    }
    Some(format!("an HTML page{}", said(&on_one_line(&words))))
}

/// Text from outside, fit to stand in an error: one line, no control characters, not too long, and of
/// an HTML page its words alone.
pub(crate) fn excerpt(text: &str) -> String {
    html_page(text).unwrap_or_else(|| on_one_line(text))
}

fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    let mut characters = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
            characters += 1;
        }
        for c in word.chars() {
            if characters >= MESSAGE_LIMIT {
                line.push('…');
                return line;
            }
            line.push(c);
            characters += 1;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, code: Option<&str>) -> Failure {
        Failure::Status {
            status,
            message: String::new(),
            code: code.map(str::to_owned),
            retry_after: None,
        }
    }

    #[test]
    fn statuses_fall_into_their_classes() {
        for (code, verdict) in [
            (408, Consequence::Retry),
            (429, Consequence::Retry),
            (500, Consequence::Retry),
            (502, Consequence::Retry),
            (503, Consequence::Retry),
            (504, Consequence::Retry),
            (400, Consequence::Reject),
            (404, Consequence::Reject),
            (413, Consequence::Reject),
            (422, Consequence::Reject),
            (307, Consequence::Reject),
            (401, Consequence::StopRun),
            (402, Consequence::StopRun),
            (403, Consequence::StopRun),
        ] {
            assert_eq!(status(code, None).consequence(), verdict, "{code}");
        }
        assert_eq!(status(429, Some("insufficient_quota")).consequence(), Consequence::StopRun);
        assert_eq!(status(429, Some("rate_limit_exceeded")).consequence(), Consequence::Retry);
    }

    #[test]
    fn server_text_is_cut_and_cleaned() {
        for (text, wanted) in [
            (
                "<!DOCTYPE HTML>\n<html><head><TITLE>502 Bad\nGateway</TITLE><STYLE>a{}</STYLE><p>nginx",
                "an HTML page: 502 Bad Gateway nginx",
            ),
            ("\n<html><body class=\"a\">gone</body></html>", "an HTML page: gone"),
            ("<html><title></title>", "an HTML page"),
            ("<html><script>if (a < b) {}", "an HTML page"),
            ("<http> is no page", "<http> is no page"),
        ] {
            assert_eq!(excerpt(text), wanted);
        }
        assert_eq!(excerpt("a\n\t b\u{1b}[31mred\u{0}"), "a b [31mred");
        let long = excerpt(&"é".repeat(10_000));
        assert_eq!(long.chars().count(), MESSAGE_LIMIT + 1);
        assert!(long.ends_with('…'));
        assert_eq!(excerpt(&"x".repeat(MESSAGE_LIMIT)).len(), MESSAGE_LIMIT);
        for word in 1..50 {
            let words = excerpt(&("x".repeat(word) + " ").repeat(MESSAGE_LIMIT));
            assert!(words.chars().count() <= MESSAGE_LIMIT + 2, "words of {word}");
        }
    }
}
