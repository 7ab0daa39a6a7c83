//! Whom an export is for.

/// Whom an export is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// Whoever has the data set: questions, truths and answers are in it.
    Private,
    /// Everybody: no question, truth, answer or medium, and samples under shuffled numbers.
    Public,
}

impl ExportForm {
    /// Whether texts of questions, truths and answers may be in it.
    #[must_use]
    pub const fn has_texts(self) -> bool {
        matches!(self, Self::Private)
    }

    /// `private` or `public`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}
