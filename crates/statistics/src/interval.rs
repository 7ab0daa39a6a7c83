//! Percentile intervals of resampled values.

use thiserror::Error;

/// The interval that holds a share of the resampled values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end, in the unit of the values.
    pub low: f64,
    /// The upper end, not below `low`.
    pub high: f64,
    /// How many resampled values the interval rests on.
    pub used: usize,
    /// How many resamples had no value and were left out.
    pub missing: usize,
}

/// Why there is no interval.
#[derive(Debug, Error, PartialEq)]
pub enum IntervalError {
    /// A level such as 95, or not a number.
    #[error("level {0} is not between 0 and 1; 0.95 asks for a 95% interval")]
    Level(f64),
    /// Too many resamples without a value: what is left would be a chosen sample.
    #[error("{missing} of {resamples} resamples have no value; an interval needs 95% of them")]
    Missing {
        /// Resamples without a value.
        missing: usize,
        /// All resamples.
        resamples: usize,
    },
    /// Nothing was resampled.
    #[error("no resamples; an interval needs at least two")]
    Empty,
}

/// The equal-tailed percentile interval at `level` (such as 0.95): the quantiles
/// `(1 - level) / 2` and `(1 + level) / 2`, by linear interpolation.
///
/// A resample on which the score is undefined (it drew no formal record, say) is not a number. Such
/// values are left out and counted in [`Interval::missing`]; if they are more than one in twenty,
/// there is no interval. Infinite values count as missing too.
pub fn percentile_interval(values: &[f64], level: f64) -> Result<Interval, IntervalError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(IntervalError::Level(level));
    }
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let missing = values.len() - sorted.len();
    if missing * 20 > values.len() {
        return Err(IntervalError::Missing { missing, resamples: values.len() });
    }
    if sorted.len() < 2 {
        return Err(IntervalError::Empty);
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let low = interpolate(&sorted, (1.0 - level) / 2.0);
    let high = interpolate(&sorted, f64::midpoint(1.0, level));
    Ok(Interval { low, high, used: sorted.len(), missing })
}

/// The quantile `share` (0..=1, clamped) of finite values in ascending order, by linear
/// interpolation between neighbours: position `share * (n - 1)`. The default method of `numpy`,
/// to the last bit. `None` if there are no values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    (!sorted.is_empty()).then(|| interpolate(sorted, share))
}

fn interpolate(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    let (left, right) = (sorted[below], sorted[(below + 1).min(last)]);
    let part = place - below as f64;
    // Each end is reached exactly if the part is counted from the nearer one.
    let value = if part < 0.5 {
        left + (right - left) * part
    } else {
        right - (right - left) * (1.0 - part)
    };
    value.clamp(left, right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        let sorted = [0.1, 0.15, 0.4, 0.7, 0.95, 1.3, 2.0];
        // numpy.quantile(sorted, [0.025, 0.25, 0.5, 0.6, 0.975])
        let expected = [
            0.107_500_000_000_000_01,
            0.275,
            0.7,
            0.849_999_999_999_999_9,
            1.894_999_999_999_999_8,
        ];
        for (share, expected) in [0.025, 0.25, 0.5, 0.6, 0.975].into_iter().zip(expected) {
            assert_eq!(quantile(&sorted, share).map(f64::to_bits), Some(f64::to_bits(expected)));
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.975), Some(3.0));
    }

    #[test]
    fn missing_values_are_counted_and_too_many_are_refused() {
        let mut values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        values.extend([f64::NAN, f64::INFINITY]);
        let interval = percentile_interval(&values, 0.95).expect("two of 103 missing");
        assert!((interval.low - 2.5).abs() < 1e-12 && (interval.high - 97.5).abs() < 1e-12);
        assert_eq!((interval.used, interval.missing), (101, 2));
        values.extend([f64::NAN; 4]);
        let refused = percentile_interval(&values, 0.95);
        assert_eq!(refused, Err(IntervalError::Missing { missing: 6, resamples: 107 }));
        assert_eq!(percentile_interval(&[], 0.95), Err(IntervalError::Empty));
        assert_eq!(percentile_interval(&values, 95.0), Err(IntervalError::Level(95.0)));
        assert!(percentile_interval(&values, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn an_interval_lies_within_its_values(
            values in proptest::collection::vec(-1e6_f64..1e6, 2..200),
            level in 0.01_f64..0.99,
        ) {
            let interval = percentile_interval(&values, level).expect("finite values");
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low <= interval.low && interval.low <= interval.high);
            prop_assert!(interval.high <= high);
        }
    }
}
