//! The statistics of one record.

/// How good a caption is, as its rater found: the three numbers of FENSE.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaptionParts {
    /// Similarity to the references, -1 to 1.
    pub similarity: f64,
    /// Whether the fluency error detector fired.
    pub fluency_error: bool,
    /// Similarity after the penalty for fluency errors.
    pub fense: f64,
}
