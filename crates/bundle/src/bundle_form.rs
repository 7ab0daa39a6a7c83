//! Whom a bundle is for.

use serde::{Deserialize, Serialize};

/// Whom a bundle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleForm {
    /// Everybody: numbers, and what each sample scored under shuffled numbers.
    Public,
    /// Whoever has the data set: report, rows, journals and formatted answers.
    Private,
}

impl BundleForm {
    /// `public` or `private`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}
