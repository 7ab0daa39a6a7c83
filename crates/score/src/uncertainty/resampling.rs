//! How a bootstrap is run.

use serde::{Deserialize, Serialize};

/// Seed and size of a bootstrap: with the same verdicts they give the same intervals on every
/// machine and any number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resampling {
    /// Names the random streams.
    pub seed: u64,
    /// Number of resamples; fewer than 2 give no interval.
    pub resamples: u32,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { seed: 0, resamples: 1000 }
    }
}
