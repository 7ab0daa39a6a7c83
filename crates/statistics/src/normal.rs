//! Quantiles of the normal distribution.

/// The 97.5% quantile: half the width of a 95% interval in standard errors.
pub(crate) const Z_95: f64 = 1.959_963_984_540_054;
/// The 80% quantile: what a power of 80% adds.
pub(crate) const Z_POWER_80: f64 = 0.841_621_233_572_914_3;
