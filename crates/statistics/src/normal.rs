//! The normal distribution.

use std::f64::consts::{PI, SQRT_2};

/// The 97.5% quantile: half the width of a 95% interval in standard errors.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// The probability that a standard normal value is at most `z`. The relative error stays small in
/// the far lower tail, where p-values live.
#[must_use]
pub fn normal_cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The value that a standard normal one exceeds with probability `tail`, for `tail` in 0..=1:
/// infinite at the ends, not a number outside.
#[must_use]
pub fn normal_upper_quantile(tail: f64) -> f64 {
    if !(0.0..=1.0).contains(&tail) {
        return f64::NAN;
    }
    if tail <= 0.0 {
        return f64::INFINITY;
    }
    if tail > 0.5 {
        return -normal_upper_quantile(1.0 - tail);
    }
    // Newton's method on the logarithm of the tail, which is concave and falls: from above it comes
    // down to the root and never passes it. Since the tail is at most exp(-z^2 / 2) / 2, the start
    // is above.
    let target = libm::log(tail);
    let mut z = libm::sqrt((-2.0 * (target + std::f64::consts::LN_2)).max(0.0));
    for _ in 0..60 {
        let upper = normal_cumulative(-z);
        let density = libm::exp(-z * z / 2.0) / libm::sqrt(2.0 * PI);
        let step = (libm::log(upper) - target) * upper / density;
        z += step;
        if step.abs() < 1e-14 * (1.0 + z.abs()) {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_invert_the_tail() {
        assert!((normal_upper_quantile(0.025) - Z_95).abs() < 1e-12);
        assert!((normal_upper_quantile(0.2) - 0.841_621_233_572_914_3).abs() < 1e-12);
        assert!(normal_upper_quantile(0.5).abs() < 1e-15);
        assert!((normal_upper_quantile(0.975) + Z_95).abs() < 1e-12);
        for exponent in 1..=15 {
            let tail = 0.3 * 10_f64.powi(-exponent);
            let back = normal_cumulative(-normal_upper_quantile(tail));
            assert!((back / tail - 1.0).abs() < 1e-9, "{tail}: {back}");
        }
        assert!(normal_upper_quantile(0.0).is_infinite() && normal_upper_quantile(1.1).is_nan());
    }
}
