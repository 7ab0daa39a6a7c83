//! Where the numbers of published rows were read.

use avibench_protocol::published;

/// The benchmark version under which the public leaderboard lists what the paper published.
pub(crate) const PAPER_VERSION: &str = "paper-2606.07643";
/// The paper.
pub(crate) const PAPER_URL: &str = "https://arxiv.org/abs/2606.07643";

/// Where a number of a row was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellSource {
    /// The entry that the row shows; its source stands in the row.
    Entry,
    /// The paper's project page.
    ProjectPage,
    /// A public digest of the paper's tables.
    Digest,
}

impl CellSource {
    /// The letter behind the number, and what it stands for.
    pub(crate) const fn mark(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Entry => None,
            Self::ProjectPage => Some(("p", "the project page of the paper (arXiv 2606.07643)")),
            Self::Digest => Some(("d", "a public digest that quotes Tables 3 and 5 of the paper")),
        }
    }

    /// Of a published row.
    pub(crate) const fn of_row(is_from_digest: bool) -> Self {
        if is_from_digest { Self::Digest } else { Self::ProjectPage }
    }
}

/// What is known to be wrong or open about a published number.
pub(crate) fn remark(model: &str, field: &str) -> Option<&'static str> {
    published().note(model, field).map(|note| note.text.as_str())
}

/// Whether a published row is of people.
pub(crate) fn is_of_people(model: &str) -> bool {
    model == "Human" || model.starts_with("Human (")
}
