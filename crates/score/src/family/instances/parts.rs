//! The statistics of one record.

/// Categories with counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstancesParts {
    /// Agreement of the categories, 0 to 1.
    pub semantic: f64,
    /// Mean count error, 0 to 20; `None` if the record has no part in the counts.
    pub error: Option<f64>,
}
