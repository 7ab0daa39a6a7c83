//! Whom a page is for.

/// Whom a page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageForm {
    /// Whoever has the data set: with questions, truths, answers and media.
    Private,
    /// Everybody: numbers of tasks, shares of outcomes, and what each sample scored under shuffled
    /// numbers. No question, truth or answer, no hash of one, no media, no path.
    Public,
}

impl PageForm {
    /// Whether texts and media may stand on the page.
    #[must_use]
    pub const fn has_texts(self) -> bool {
        matches!(self, Self::Private)
    }
}
