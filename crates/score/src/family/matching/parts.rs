//! The statistics of a record that is right or wrong.

use crate::divergence::Differences;

/// What the original makes of a null label where it compares text: Python's `str(None)`.
pub(crate) const NULL_LABEL: &str = "None";

/// Full match and set match, after double-confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchParts {
    /// Whether the record counts as right.
    pub correct: bool,
}

pub(crate) fn differences(official: MatchParts, strict: MatchParts) -> Differences {
    Differences::of_agreement(official.correct != strict.correct)
}
