//! The difference of two models over the same resamples.

use thiserror::Error;

use crate::interval::{Interval, IntervalError, percentile_interval};
use crate::normal::{Z_95, Z_POWER_80};

/// How much two models differ, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// First model minus second on the full sample.
    pub estimate: f64,
    /// 95% percentile interval of the difference.
    pub interval: Interval,
    /// Two-sided p-value of "no difference", not corrected; see [`bootstrap_p`].
    pub p: f64,
    /// The standard deviation of the resampled differences (n - 1 in the denominator).
    pub standard_error: f64,
    /// The least true difference that a comparison this exact would find with probability 80% at
    /// the two-sided 5% level: (z(0.975) + z(0.8)) standard errors, about 2.8.
    pub minimum_detectable: f64,
}

/// Why two models cannot be compared.
#[derive(Debug, Error, PartialEq)]
pub enum DifferenceError {
    /// The two were resampled differently.
    #[error(
        "{first} resamples of the first model and {second} of the second; both need the same ones"
    )]
    Lengths {
        /// Resamples of the first model.
        first: usize,
        /// Resamples of the second model.
        second: usize,
    },
    /// A full-sample score is missing.
    #[error("the difference on the full sample is not a number; compare only scores that exist")]
    Estimate,
    /// No interval of the differences.
    #[error(transparent)]
    Interval(#[from] IntervalError),
}

impl PairedDifference {
    /// Compares two full-sample scores and their values on the same resamples, in the same order. A
    /// resample on which either has no value has no difference; see
    /// [`percentile_interval`] and [`bootstrap_p`] for what that means.
    pub fn new(first: (f64, &[f64]), second: (f64, &[f64])) -> Result<Self, DifferenceError> {
        let estimate = first.0 - second.0;
        if !estimate.is_finite() {
            return Err(DifferenceError::Estimate);
        }
        if first.1.len() != second.1.len() {
            let (first, second) = (first.1.len(), second.1.len());
            return Err(DifferenceError::Lengths { first, second });
        }
        let differences: Vec<f64> = first.1.iter().zip(second.1).map(|(a, b)| a - b).collect();
        let interval = percentile_interval(&differences, 0.95)?;
        let standard_error = standard_deviation(&differences, interval.used);
        Ok(Self {
            estimate,
            interval,
            p: bootstrap_p(&differences),
            standard_error,
            minimum_detectable: (Z_95 + Z_POWER_80) * standard_error,
        })
    }
}

/// The two-sided p-value of resampled differences `d`:
/// `min(1, 2 min(#{d <= 0} + 1, #{d >= 0} + 1) / (B + 1))`.
///
/// A resample without a difference (not a number) speaks for neither model and counts on both
/// sides, which can only raise p. Of B resamples, the least possible p is `2 / (B + 1)`: with a
/// correction for m tests, m times that must stay below 0.05, so 14 tests need more than 560.
#[must_use]
pub fn bootstrap_p(differences: &[f64]) -> f64 {
    let not_above = differences.iter().filter(|&&d| d.is_nan() || d <= 0.0).count();
    let not_below = differences.iter().filter(|&&d| d.is_nan() || d >= 0.0).count();
    let extreme = not_above.min(not_below) + 1;
    (2.0 * extreme as f64 / (differences.len() + 1) as f64).min(1.0)
}

fn standard_deviation(values: &[f64], used: usize) -> f64 {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let mean = finite().sum::<f64>() / used as f64;
    // An interval rests on two values at least, so the denominator is positive.
    libm::sqrt(
        finite().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (used - 1) as f64,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p_counts_both_sides() {
        assert_eq!(bootstrap_p(&[1.0; 999]).to_bits(), f64::to_bits(0.002));
        assert_eq!(bootstrap_p(&[0.0; 999]).to_bits(), f64::to_bits(1.0));
        assert_eq!(bootstrap_p(&[]).to_bits(), f64::to_bits(1.0));
        // One of 19 at or below zero: 2 (1 + 1) / 20.
        let mut differences = [1.0; 19];
        differences[4] = -1.0;
        assert_eq!(bootstrap_p(&differences).to_bits(), f64::to_bits(0.2));
        differences[5] = f64::NAN;
        assert_eq!(bootstrap_p(&differences).to_bits(), f64::to_bits(0.3));
    }

    #[test]
    fn a_comparison_has_its_interval_error_and_least_difference() {
        let first: Vec<f64> = (0..=40).map(|i| 0.5 + f64::from(i) / 100.0).collect();
        let second = vec![0.25; 41];
        let found = PairedDifference::new((0.7, &first), (0.25, &second)).expect("finite");
        // numpy: quantile([0.025, 0.975]) and std(ddof=1) of 0.25, 0.26 ... 0.65
        assert!((found.estimate - 0.45).abs() < 1e-15);
        assert!((found.interval.low - 0.26).abs() < 1e-12);
        assert!((found.interval.high - 0.64).abs() < 1e-12);
        assert!((found.standard_error - 0.119_791_485_507_109_7).abs() < 1e-12);
        assert!(
            (found.minimum_detectable - 2.801_585_218_112_968 * found.standard_error).abs() < 1e-12
        );
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let short = PairedDifference::new((0.5, &[0.5; 3]), (0.5, &[0.5; 2]));
        assert_eq!(short, Err(DifferenceError::Lengths { first: 3, second: 2 }));
        let none = PairedDifference::new((f64::NAN, &[0.5; 3]), (0.5, &[0.5; 3]));
        assert_eq!(none, Err(DifferenceError::Estimate));
        let missing = PairedDifference::new((0.5, &[f64::NAN; 3]), (0.5, &[0.5; 3]));
        assert!(matches!(missing, Err(DifferenceError::Interval(IntervalError::Missing { .. }))));
    }

    proptest! {
        #[test]
        fn swapping_the_models_changes_the_sign_only(
            pairs in proptest::collection::vec((-3_i8..4, -3_i8..4), 2..100),
        ) {
            let first: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.0)).collect();
            let second: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1)).collect();
            let one = PairedDifference::new((0.5, &first), (0.25, &second)).expect("finite");
            let other = PairedDifference::new((0.25, &second), (0.5, &first)).expect("finite");
            prop_assert_eq!(one.p.to_bits(), other.p.to_bits());
            prop_assert!((one.standard_error - other.standard_error).abs() < 1e-12);
            prop_assert!((one.interval.low + other.interval.high).abs() < 1e-12);
            prop_assert_eq!(one.estimate.to_bits(), (-other.estimate).to_bits());
        }
    }
}
