//! Classes of failure, as journals and summaries count them.

use serde::{Deserialize, Serialize};

/// Classes of failure: the keys under which errors are counted and budgets kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection.
    Connect,
    /// No answer in time, or HTTP 408.
    Timeout,
    /// The connection broke off.
    Broken,
    /// HTTP 429.
    RateLimited,
    /// HTTP 503.
    Overloaded,
    /// Any other 5xx.
    Server,
    /// HTTP 200 with something that is no chat completion.
    Malformed,
    /// HTTP 400, 404, 413, 422 and other statuses that say the request itself is wrong.
    Request,
    /// HTTP 401 and 403.
    Unauthorized,
    /// The account has no money left.
    Quota,
    /// A medium cannot be read or sent.
    Medium,
    /// A local model or worker program failed.
    Worker,
    /// The request cannot be built from the settings.
    Settings,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Connect,
        Self::Timeout,
        Self::Broken,
        Self::RateLimited,
        Self::Overloaded,
        Self::Server,
        Self::Malformed,
        Self::Request,
        Self::Unauthorized,
        Self::Quota,
        Self::Medium,
        Self::Worker,
        Self::Settings,
    ];

    /// In words, for tables.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Connect => "no connection",
            Self::Timeout => "timed out",
            Self::Broken => "broken off",
            Self::RateLimited => "rate limited (429)",
            Self::Overloaded => "overloaded (503)",
            Self::Server => "server error (5xx)",
            Self::Malformed => "no valid answer",
            Self::Request => "request refused",
            Self::Unauthorized => "not authorised (401, 403)",
            Self::Quota => "quota exhausted",
            Self::Medium => "unusable medium",
            Self::Worker => "worker failed",
            Self::Settings => "unusable settings",
        }
    }

    /// Whether the server asks for fewer requests at a time.
    #[must_use]
    pub const fn is_congestion(self) -> bool {
        matches!(self, Self::RateLimited | Self::Overloaded)
    }
}
