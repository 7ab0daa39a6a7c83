//! Critical radii for functions with kinks.
//!
//! A level such as `x + y - |x - y|` has a kink where x = y. Its greatest value over a region around
//! the estimate misses the truth whenever the estimate strays in any direction that lowers one of
//! the pieces that meet there, so that one direction's quantile is too small a radius. With k
//! kinks at the truth, half of the chance falls on each side of each of them, and the squared
//! distance that has to be bridged is a mixture of chi-squares with 1 to 1 + k degrees of freedom
//! and binomial weights (the chi-bar-squared distribution of order-restricted inference, for
//! kinks at right angles to each other).

use std::f64::consts::PI;

/// The two-sided probability that an estimate is farther than `radius` standard errors from where a
/// function with `kinks` kinks in reach would have its value; between whole numbers of kinks
/// interpolated. Without kinks that of a normal value.
#[must_use]
pub fn kinked_tail(kinks: f64, radius: f64) -> f64 {
    let kinks = kinks.max(0.0);
    let (whole, part) = (kinks.floor(), kinks - kinks.floor());
    let square = radius * radius;
    let below = mixture(whole as u32, square);
    if part > 0.0 { below * (1.0 - part) + mixture(whole as u32 + 1, square) * part } else { below }
}

/// The radius whose [`kinked_tail`] is `tail`, such as 0.05: 1.96 without kinks.
#[must_use]
pub fn kinked_radius(kinks: f64, tail: f64) -> f64 {
    let (mut from, mut to) = (0.0, 40.0);
    for _ in 0..60 {
        let middle = f64::midpoint(from, to);
        if kinked_tail(kinks, middle) > tail {
            from = middle;
        } else {
            to = middle;
        }
    }
    f64::midpoint(from, to)
}

/// The upper tail of the mixture of chi-squares at `square`.
fn mixture(kinks: u32, square: f64) -> f64 {
    let mut ways = 1.0;
    let mut sum = 0.0;
    for extra in 0..=kinks {
        sum += ways * chi_square_tail(1 + extra, square);
        ways *= f64::from(kinks - extra) / f64::from(extra + 1);
    }
    sum * libm::exp2(-f64::from(kinks))
}

/// The upper tail of the chi-square distribution, by recurrence from one or two degrees of freedom.
fn chi_square_tail(degrees: u32, square: f64) -> f64 {
    let half = square / 2.0;
    let (mut tail, mut term, mut reached) = if degrees % 2 == 1 {
        let density = libm::sqrt(2.0 * square / PI) * libm::exp(-half);
        (libm::erfc(libm::sqrt(half)), density, 1)
    } else {
        (libm::exp(-half), half * libm::exp(-half), 2)
    };
    while reached < degrees {
        tail += term;
        reached += 2;
        term *= square / f64::from(reached);
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_chi_square() {
        // 95% quantiles from tables.
        for (degrees, quantile) in [(1, 3.841_459), (2, 5.991_465), (3, 7.814_728), (6, 12.591_587)]
        {
            assert!((chi_square_tail(degrees, quantile) - 0.05).abs() < 1e-7);
        }
        assert!((kinked_radius(0.0, 0.05) - 1.959_964).abs() < 1e-6);
    }

    #[test]
    fn radii_grow_with_kinks_without_jumps() {
        let mut last = kinked_radius(0.0, 0.05);
        for step in 1..=40 {
            let radius = kinked_radius(f64::from(step) / 10.0, 0.05);
            assert!(radius > last && radius - last < 0.06, "{step}: {radius}");
            assert!((kinked_tail(f64::from(step) / 10.0, radius) - 0.05).abs() < 1e-9);
            last = radius;
        }
        // Quarter, half and quarter of one, two and three degrees of freedom.
        let radius = kinked_radius(2.0, 0.05);
        assert!((radius - 2.500_7).abs() < 1e-4, "{radius}");
    }
}
