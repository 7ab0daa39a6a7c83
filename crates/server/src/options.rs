//! How a server behaves.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::faults::FaultPlan;

/// Settings of a server; the default accepts anyone, anything up to 1 GiB and any model name, and has no faults.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerOptions {
    /// The key that clients must send as `Authorization: Bearer ...`; none: no check.
    pub api_key: Option<ApiKey>,
    /// The largest request body in bytes; above it the answer is 413.
    pub max_body_bytes: usize,
    /// Requests that are parsed and answered at the same time; more wait.
    pub parallelism: NonZeroUsize,
    /// Refuse with 404 what is asked of any model but the served one.
    pub only_served_model: bool,
    /// How long requests in flight may go on once the server is told to stop.
    pub stop_grace: Duration,
    /// What goes wrong on purpose.
    pub faults: FaultPlan,
    /// File that every question and answer is noted in, a JSON line each (docs/faults.md).
    pub request_log: Option<PathBuf>,
    /// How batches are answered.
    pub batches: BatchServing,
}

/// How batches are answered: in their order and to the end, unless this says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchServing {
    /// Most bytes of files that clients upload and batches leave. They lie in a temporary folder.
    pub stored_bytes: u64,
    /// Answer the requests of a batch in an order that is drawn by this seed.
    pub shuffle: Option<u64>,
    /// Answer so many requests of a batch, and let it expire then.
    pub stop_after: Option<usize>,
}

impl Default for BatchServing {
    fn default() -> Self {
        Self { stored_bytes: 4 << 30, shuffle: None, stop_after: None }
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            api_key: None,
            max_body_bytes: 1 << 30,
            parallelism: available_parallelism().unwrap_or(NonZeroUsize::MIN),
            only_served_model: false,
            stop_grace: Duration::from_secs(10),
            faults: FaultPlan::default(),
            request_log: None,
            batches: BatchServing::default(),
        }
    }
}

/// A secret that no log, error or debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Wraps a key.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Whether an `Authorization` header carries this key as a bearer token.
    pub(crate) fn admits(&self, authorization: Option<&[u8]>) -> bool {
        authorization
            .and_then(|header| header.strip_prefix(b"Bearer "))
            .is_some_and(|token| token.trim_ascii() == self.0.as_bytes())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(hidden)")
    }
}
