//! Whose words the questions of a run are put in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose words questions are put in. Published scores come from questions in the benchmark's words,
/// so only scores of such runs compare with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordingSource {
    /// The prompt pack embedded in this program.
    Embedded,
    /// The benchmark's own definitions file.
    Benchmark,
    /// A prompt pack of the user's.
    Custom,
}

impl WordingSource {
    /// Whether scores compare with published ones, as far as the questions go.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(self, Self::Benchmark)
    }
}

impl fmt::Display for WordingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "avibench's own words",
            Self::Benchmark => "the benchmark's words",
            Self::Custom => "words of a pack of your own",
        })
    }
}
