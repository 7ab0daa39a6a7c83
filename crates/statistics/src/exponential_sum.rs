//! Weighted sums of independent exponential variables: the distribution behind the intervals.
//!
//! With weights from a flat Dirichlet distribution on clusters, `mean <= c` holds exactly where a
//! sum of exponentials, each times its cluster's excess over `c`, is at most 0. If a single variable
//! stands against all others, the probability is a product; otherwise it has no simple form, but the
//! saddlepoint approximation is within about 3% of it, far into the tails, without random numbers.

use crate::normal::normal_upper_quantile;

/// Values that multiply exponential variables, equal ones together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// The factor.
    pub(crate) value: f64,
    /// How many variables have it.
    pub(crate) count: f64,
}

/// The standard normal quantile of P(sum <= 0), where each variable is exponential with mean 1: the
/// modified signed root r* = w + ln(u / w) / w of the saddlepoint approximation
/// (Barndorff-Nielsen 1986; Daniels 1987). Infinite if no term is positive (+) or none negative (-).
pub(crate) fn quantile_of_zero(terms: &[Term]) -> f64 {
    let (mut least, mut greatest) = (0.0_f64, 0.0_f64);
    for term in terms {
        least = least.min(term.value);
        greatest = greatest.max(term.value);
    }
    if greatest <= 0.0 {
        return f64::INFINITY;
    }
    if least >= 0.0 {
        return f64::NEG_INFINITY;
    }
    if let Some(quantile) = one_against_all(terms) {
        return quantile;
    }
    // Values by their greatest size, so that steps and tolerances do not depend on the unit.
    let unit = greatest.max(-least);
    let saddle = saddlepoint(terms, unit, unit / least, unit / greatest);
    // With ratios r = t a / (1 - t a) at the saddlepoint t, whose sum is 0 there, u^2 is the sum of
    // r^2 and w^2 that of 2 (r - ln(1 + r)). Their difference is summed as such, because near the
    // mean, where all ratios are small, both are nearly the same.
    let (mut second, mut third, mut difference) = (0.0, 0.0, 0.0);
    for term in terms {
        let value = term.value / unit;
        let factor = value / (1.0 - saddle * value);
        second += term.count * factor * factor;
        third += 2.0 * term.count * factor * factor * factor;
        difference += term.count * beyond_square(saddle * factor);
    }
    let square = saddle * saddle * second;
    let root = libm::sqrt((square + difference).max(0.0)) * saddle.signum();
    if square < f64::MIN_POSITIVE || root.abs() < f64::MIN_POSITIVE {
        // The limit at the mean itself.
        return third / (6.0 * second * libm::sqrt(second));
    }
    root - libm::log1p(difference / square) / (2.0 * root)
}

/// 2 (r - ln(1 + r)) - r^2 for r > -1, to full precision also for small r, where it is about
/// -2 r^3 / 3.
fn beyond_square(r: f64) -> f64 {
    if r.abs() >= 0.1 {
        return 2.0 * (r - libm::log1p(r)) - r * r;
    }
    // The series of the logarithm from the third power on; 16 terms leave less than 1e-16 of it.
    let series = (3..=18).rev().fold(0.0, |sum, power| 1.0 / f64::from(power) - r * sum);
    -2.0 * r * r * r * series
}

/// The exact quantile if only one variable has a factor of its sign: with factor -b against the
/// others' `a_i`, P(sum <= 0) is the product of `1 / (1 + a_i / b)`.
fn one_against_all(terms: &[Term]) -> Option<f64> {
    for sign in [-1.0, 1.0] {
        let mut same = terms.iter().filter(|term| term.value * sign > 0.0);
        let Some(single) = same.next().filter(|term| term.count <= 1.0) else { continue };
        if same.next().is_some() {
            continue;
        }
        let others = terms.iter().filter(|term| term.value * sign < 0.0);
        let log: f64 =
            others.map(|term| -term.count * libm::log1p(-term.value / single.value)).sum();
        // The quantile of P(sum <= 0) or, if the single factor is positive, of P(sum >= 0).
        return Some(sign * normal_upper_quantile(libm::exp(log)));
    }
    None
}

/// Where the derivative of the cumulant generating function `-sum(count ln(1 - t value / unit))`
/// is 0, between the poles `from` and `to`: Newton's method, halving whenever it would leave the
/// interval in which the root is known to lie.
fn saddlepoint(terms: &[Term], unit: f64, from: f64, to: f64) -> f64 {
    let (mut from, mut to) = (from, to);
    let width = to - from;
    let mut at = 0.0;
    for _ in 0..100 {
        let (mut slope, mut curvature) = (0.0, 0.0);
        for term in terms {
            let value = term.value / unit;
            let ratio = value / (1.0 - at * value);
            slope += term.count * ratio;
            curvature += term.count * ratio * ratio;
        }
        if slope > 0.0 {
            to = at;
        } else {
            from = at;
        }
        let step = slope / curvature;
        // At the root itself the step may be too small to leave the end of the interval.
        if step.abs() < 1e-14 * width {
            break;
        }
        let mut next = at - step;
        if !(next > from && next < to) {
            next = f64::midpoint(from, to);
        }
        let moved = (next - at).abs();
        at = next;
        if moved < 1e-10 * width {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::normal_cumulative;

    fn probability(terms: &[(f64, f64)]) -> f64 {
        let terms: Vec<Term> = terms.iter().map(|&(value, count)| Term { value, count }).collect();
        normal_cumulative(quantile_of_zero(&terms))
    }

    #[test]
    fn one_variable_against_all_is_exact() {
        // P(a1 E1 + ... + ak Ek <= E0) is the product of 1 / (1 + ai).
        let cases: [(&[(f64, f64)], f64); 5] = [
            (&[(1.0, 1.0), (-1.0, 1.0)], 0.5),
            (&[(1.0, 5.0), (-1.0, 1.0)], 1.0 / 32.0),
            (&[(1.0, 12.0), (-1.0, 1.0)], 1.0 / 4096.0),
            (&[(2.0, 2.0), (1.0, 1.0), (-1.0, 1.0)], 1.0 / 18.0),
            (&[(0.01, 200.0), (-1.0, 1.0)], 1.01_f64.powi(-200)),
        ];
        for (terms, exact) in cases {
            let found = probability(terms);
            assert!((found / exact - 1.0).abs() < 1e-9, "{terms:?}: {found} for {exact}");
        }
    }

    #[test]
    fn equal_values_give_the_binomial_tail() {
        // P(Gamma(8) <= Gamma(3)) = P(at least 8 of 10 fair throws) = 56 / 1024.
        let found = probability(&[(1.0, 8.0), (-1.0, 3.0)]);
        assert!((found / (56.0 / 1024.0) - 1.0).abs() < 0.01, "{found}");
        let other = probability(&[(1.0, 3.0), (-1.0, 8.0)]);
        assert!((found + other - 1.0).abs() < 1e-9);
        assert!((probability(&[(0.3, 40.0), (-0.3, 40.0)]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn quantiles_are_smooth_where_they_are_zero() {
        // The quantile of a sum and that of its negative are each other's negative, however small.
        let terms = |shift: f64| -> Vec<Term> {
            let values = [-3.0, -2.0, -1.0, 1.0, 2.0, 4.0];
            let term = |value: f64| Term { value: value + shift, count: 7.0 };
            values.into_iter().map(term).collect()
        };
        let mirrored = |term: &Term| Term { value: -term.value, count: term.count };
        for shift in [-1e-1, -1e-3, -1e-5, -1e-7, -1e-9, 0.0, 1e-12, 1e-8, 1e-6, 1e-4, 1e-2] {
            let at = |shift: f64| quantile_of_zero(&terms(-1.0 / 6.0 + shift));
            let found = at(shift);
            let other: Vec<Term> = terms(-1.0 / 6.0 + shift).iter().map(mirrored).collect();
            assert!((found + quantile_of_zero(&other)).abs() < 1e-10, "{shift}: {found}");
            // The slope is that in steps a thousand times as wide, which no jump is.
            let slopes = [1e-6, 1e-3].map(|step| (at(shift + step) - at(shift - step)) / step);
            assert!((slopes[0] / slopes[1] - 1.0).abs() < 1e-3, "{shift}: {slopes:?}");
        }
        for (r, wanted) in [
            (1e-8, -2.0 / 3.0 * 1e-24),
            (-0.0999, 7.188_114_381_95e-4),
            (0.0999, -6.185_431_618_68e-4),
        ] {
            let found = beyond_square(r);
            assert!((found / wanted - 1.0).abs() < 2e-8, "{r}: {found}");
        }
        let both = [0.1 - 1e-12, 0.1 + 1e-12].map(beyond_square);
        assert!((both[0] / both[1] - 1.0).abs() < 1e-9, "{both:?}");
    }

    #[test]
    fn one_sided_sums_are_certain() {
        assert!(quantile_of_zero(&[]).is_infinite());
        let terms = [Term { value: 1.0, count: 2.0 }, Term { value: 0.0, count: 1.0 }];
        assert!(quantile_of_zero(&terms) < 0.0 && quantile_of_zero(&terms).is_infinite());
    }
}
