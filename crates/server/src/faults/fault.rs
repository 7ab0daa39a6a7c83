//! The kinds of faults and their settings.

use serde::Deserialize;

use crate::faults::retry_after::RetryAfter;
use crate::recorded::recorded_reply;

/// One thing that goes wrong. The variant's name in `snake_case` is its `kind` in a plan.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Fault {
    // Delays add up and the answer arrives unharmed.
    /// Waits a fixed time.
    Latency { ms: u64 },
    /// Waits an even draw between two times.
    Jitter { min_ms: u64, max_ms: u64 },
    /// Waits a Pareto draw: mostly about the median, now and then very long.
    HeavyTail {
        median_ms: u64,
        #[serde(default = "default_alpha")]
        alpha: f64,
        #[serde(default = "default_longest")]
        max_ms: u64,
    },

    // Unusual shapes of an unharmed answer; they combine.
    /// The body trickles: so many bytes, then a pause.
    SlowBody {
        #[serde(default = "default_slice")]
        bytes: usize,
        #[serde(default = "default_pause")]
        ms: u64,
    },
    /// Events in network pieces of 1 to `bytes` bytes, split inside lines and characters.
    SsePieces {
        #[serde(default = "default_slice")]
        bytes: usize,
    },
    /// Comment lines between events.
    SseComments {},
    /// Lines of events end with CR LF.
    SseCrlf {},

    // Refusals instead of an answer; the first one that strikes ends the search.
    /// An HTTP error with an OpenAI-style error object.
    Status { status: u16, retry_after: Option<RetryAfter>, message: Option<String> },
    /// 429 with the code `insufficient_quota`.
    Quota {},
    /// The connection is reset before a byte of the answer.
    ResetBefore {},

    // Broken answers; the first one that strikes ends the search.
    /// The connection is reset after a share of the body.
    ResetWithin {
        #[serde(default = "default_share")]
        at: f64,
    },
    /// The connection closes after a share of the announced body.
    Torn {
        #[serde(default = "default_share")]
        at: f64,
    },
    /// 200 with an HTML page.
    Html {},
    /// 200 with an error object.
    ErrorObject {},
    /// 200 whose JSON stops at a share of its length, the length announced to match.
    TruncatedJson {
        #[serde(default = "default_share")]
        at: f64,
    },
    /// 200 with JSON whose fields have the wrong types.
    WrongTypes {},
    /// 200 without any choice.
    EmptyChoices {},
    /// 200 with the content null.
    NullContent {},
    /// 200 with the content "".
    EmptyContent {},
    /// 200 with the field `refusal` in place of content.
    Refusal {},
    /// 200, no content, finish reason `content_filter`.
    ContentFilter {},
    /// An event stream that ends without `[DONE]`.
    SseNoDone {},
    /// An error event in the middle of a stream, and then its end.
    SseError {},
    /// A recorded reply in place of the model's.
    Reply { name: String },
}

fn default_alpha() -> f64 {
    1.5
}

fn default_longest() -> u64 {
    60_000
}

fn default_slice() -> usize {
    16
}

fn default_pause() -> u64 {
    10
}

fn default_share() -> f64 {
    0.5
}

impl Fault {
    /// The name under which the fault is counted: its `kind`, and the status where it has one.
    pub(crate) fn name(&self) -> String {
        let kind = match self {
            Self::Latency { .. } => "latency",
            Self::Jitter { .. } => "jitter",
            Self::HeavyTail { .. } => "heavy_tail",
            Self::SlowBody { .. } => "slow_body",
            Self::SsePieces { .. } => "sse_pieces",
            Self::SseComments {} => "sse_comments",
            Self::SseCrlf {} => "sse_crlf",
            Self::Status { status, .. } => return format!("status_{status}"),
            Self::Reply { name } => return format!("reply {name}"),
            Self::Quota {} => "quota",
            Self::ResetBefore {} => "reset_before",
            Self::ResetWithin { .. } => "reset_within",
            Self::Torn { .. } => "torn",
            Self::Html {} => "html",
            Self::ErrorObject {} => "error_object",
            Self::TruncatedJson { .. } => "truncated_json",
            Self::WrongTypes {} => "wrong_types",
            Self::EmptyChoices {} => "empty_choices",
            Self::NullContent {} => "null_content",
            Self::EmptyContent {} => "empty_content",
            Self::Refusal {} => "refusal",
            Self::ContentFilter {} => "content_filter",
            Self::SseNoDone {} => "sse_no_done",
            Self::SseError {} => "sse_error",
        };
        kind.to_owned()
    }

    /// Delays and shapes leave the answer whole and combine with what comes after.
    pub(crate) fn is_harmless(&self) -> bool {
        matches!(
            self,
            Self::Latency { .. }
                | Self::Jitter { .. }
                | Self::HeavyTail { .. }
                | Self::SlowBody { .. }
                | Self::SsePieces { .. }
                | Self::SseComments {}
                | Self::SseCrlf {}
        )
    }

    /// Faults of event streams never strike whole answers.
    pub(crate) fn is_for_streams(&self) -> bool {
        matches!(
            self,
            Self::SsePieces { .. }
                | Self::SseComments {}
                | Self::SseCrlf {}
                | Self::SseNoDone {}
                | Self::SseError {}
        )
    }

    /// What is wrong with the settings, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if let Self::Reply { name } = self {
            let is_known = recorded_reply(name).is_some();
            return (!is_known)
                .then_some("no recorded reply has this name; docs/faults.md lists them");
        }
        match *self {
            Self::Status { status, .. } if !(400..=599).contains(&status) => {
                Some("status must lie in 400..=599")
            }
            Self::Jitter { min_ms, max_ms } if min_ms > max_ms => {
                Some("min_ms must not be above max_ms")
            }
            // Not `alpha <= 0.0`, which lets NaN through.
            Self::HeavyTail { alpha, .. } if !(alpha > 0.0 && alpha.is_finite()) => {
                Some("alpha must be above 0")
            }
            Self::SlowBody { bytes: 0, .. } | Self::SsePieces { bytes: 0 } => {
                Some("bytes must be 1 or more")
            }
            Self::ResetWithin { at } | Self::Torn { at } | Self::TruncatedJson { at }
                if !(0.0..1.0).contains(&at) =>
            {
                Some("at must lie in 0..1")
            }
            _ => None,
        }
    }
}
