//! Who formats.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefineMode {
    /// Rules read what leaves no doubt, the language model rewrites the rest.
    Hybrid,
    /// The language model rewrites every answer that needs a format, as in the original.
    Llm,
    /// Rules alone: what they do not read stays unformatted.
    Rules,
}

impl RefineMode {
    /// The name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Llm => "llm",
            Self::Rules => "rules",
        }
    }
}

impl fmt::Display for RefineMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
