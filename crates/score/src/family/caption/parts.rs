//! The statistics of one record.

use super::CaptionMeasure;

/// How good a caption is, as its rater found: the three numbers of FENSE, or of what stands in for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaptionParts {
    /// What rated it.
    pub measure: CaptionMeasure,
    /// Similarity to the references, -1 to 1.
    pub similarity: f64,
    /// Whether an error of fluency was found.
    pub fluency_error: bool,
    /// Similarity after the penalty for errors of fluency.
    pub rating: f64,
}
