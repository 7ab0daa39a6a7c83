//! How much providers take in one file.

use avibench_engine::BatchFormat;
use serde::{Deserialize, Serialize};

/// Limits of one file of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportLimits {
    /// Most requests.
    pub requests: u64,
    /// Most bytes.
    pub bytes: u64,
}

impl ExportLimits {
    /// What the provider of a format takes: OpenAI 50,000 requests and 200 MB, and Gemini 2 GB.
    #[must_use]
    pub const fn of(format: BatchFormat) -> Self {
        let bytes = match format {
            BatchFormat::OpenAi => 200_000_000,
            BatchFormat::Gemini => 2_000_000_000,
        };
        Self { requests: 50_000, bytes }
    }

    /// Whether a line of `bytes` bytes still goes into a file that holds so much.
    #[must_use]
    pub const fn admits(self, held: Self, bytes: u64) -> bool {
        held.requests < self.requests && held.bytes.saturating_add(bytes) <= self.bytes
    }
}
