//! Numbers with the limits of their 95% intervals, and how those of combinations follow.

use avibench_statistics::{ClusteredMean, Z_95};

/// A number and the ends of its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Limits {
    /// Of a mean over clusters.
    pub(crate) fn of_mean(mean: &ClusteredMean) -> Self {
        let (low, high) = (mean.lower_limit(Z_95), mean.upper_limit(Z_95));
        Self { value: mean.value(), low, high }.ordered()
    }

    /// How far the interval reaches below the number.
    pub(crate) fn below(self) -> f64 {
        self.value - self.low
    }

    /// How far it reaches above.
    pub(crate) fn above(self) -> f64 {
        self.high - self.value
    }

    /// Limits of `factor` times the number.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        let [value, one, other] = [self.value, self.low, self.high].map(|end| end * factor);
        Self { value, low: one.min(other), high: one.max(other) }
    }

    /// Limits of a decreasing function of the number.
    pub(crate) fn decreasing(self, function: impl Fn(f64) -> f64) -> Self {
        let [value, high, low] = [self.value, self.low, self.high].map(function);
        Self { value, low, high }
    }

    /// The sum of independent numbers: squared distances to the limits add up as variances do
    /// (method of variance estimates recovery; Zou and Donner 2008).
    pub(crate) fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        let (mut value, mut below, mut above) = (0.0, 0.0, 0.0);
        for term in terms {
            value += term.value;
            below += term.below() * term.below();
            above += term.above() * term.above();
        }
        Self { value, low: value - libm::sqrt(below), high: value + libm::sqrt(above) }
    }

    /// The sum of two numbers with this correlation.
    pub(crate) fn sum_of_correlated(self, other: Self, correlation: f64) -> Self {
        let distance =
            |a: f64, b: f64| libm::sqrt((a * a + b * b + 2.0 * correlation * a * b).max(0.0));
        let value = self.value + other.value;
        Self {
            value,
            low: value - distance(self.below(), other.below()),
            high: value + distance(self.above(), other.above()),
        }
    }

    /// The interval within `least..=greatest`, and around the number.
    pub(crate) fn within(self, least: f64, greatest: f64) -> Self {
        Self { low: self.low.max(least), high: self.high.min(greatest), ..self }.ordered()
    }

    /// Rounding must not put a limit on the wrong side of the number.
    fn ordered(self) -> Self {
        Self { low: self.low.min(self.value), high: self.high.max(self.value), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_add_up_as_variances_do() {
        let term = |low: f64, high: f64| Limits { value: 0.5, low, high };
        let sum = Limits::sum([term(0.2, 0.6), term(0.1, 0.5)]);
        assert!((sum.low - 0.5).abs() < 1e-12 && (sum.high - 1.1).abs() < 1e-12, "{sum:?}");
        let alike = term(0.2, 0.6).sum_of_correlated(term(0.2, 0.6), 1.0);
        assert!((alike.low - 0.4).abs() < 1e-12 && (alike.high - 1.2).abs() < 1e-12);
        let turned = term(0.2, 0.6).scaled(-1.0);
        assert!((turned.low + 0.6).abs() < 1e-15 && (turned.high + 0.2).abs() < 1e-15);
    }
}
