//! The method behind the intervals, and what an earlier one asked for.

use serde::{Deserialize, Serialize};

/// Version of the method behind intervals and p-values; it changes with any of them. Version 1 was
/// a percentile bootstrap.
pub const UNCERTAINTY_VERSION: u32 = 2;

/// Seed and size of the bootstrap of version 1. Version 2 draws no resamples: the settings are still
/// taken and written down, so that scripts and readers of reports go on working, and change no
/// number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resampling {
    /// Named the random streams.
    pub seed: u64,
    /// Number of resamples.
    pub resamples: u32,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { seed: 0, resamples: 1000 }
    }
}
