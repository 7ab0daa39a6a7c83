//! The statistics of one record: those of the two modes differ.

use avibench_python::BigInt;

/// Indices of candidates (official).
#[derive(Debug, Clone, PartialEq)]
pub struct RetrievalParts {
    /// Whether the first index is right.
    pub hit_at_1: bool,
    /// Whether one of the first three is.
    pub hit_at_3: bool,
    /// F1 of the index sets, 0 to 1.
    pub f1: f64,
    /// 0.3 if too many indices were named, else 1.
    pub discount: f64,
    /// The indices in the order in which they were counted.
    pub indices: Vec<BigInt>,
}

/// Ranked indices of candidates, with the discount for too many in each value (strict).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankingParts {
    /// 1 if the first index is right, less if it is discounted.
    pub hit_at_1: f64,
    /// 1 if one of the first three is right, less if it is discounted.
    pub hit_at_3: f64,
    /// F1 of the index sets, 0 to 1, maybe discounted.
    pub f1: f64,
}
