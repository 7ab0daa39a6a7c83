//! A difference of two models, as it is reported.

use avibench_statistics::{least_sign_flip_p, normal_upper_quantile};
use serde::{Deserialize, Serialize};

use super::limits::Limits;

/// The chance of a false finding that is accepted in a family of tests.
pub(super) const SIGNIFICANT: f64 = 0.05;
/// The probability with which the least detectable difference would be found.
pub(super) const POWER: f64 = 0.8;

/// A difference with its interval and test. Levels are in percent, everything else 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The first model's number on the samples that are judged for both.
    pub first: f64,
    /// The second model's.
    pub second: f64,
    /// First minus second.
    pub difference: f64,
    /// Lower end of the difference's 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-sided p-value of "no difference", not corrected.
    pub p: f64,
    /// The p-value with Holm's correction over its family: all tasks of all pairs, or all stages,
    /// Overall and levels of all pairs.
    pub p_holm: Option<f64>,
    /// The standard error of the difference.
    pub standard_error: f64,
    /// Ids on which the two can be compared.
    pub clusters: usize,
    /// Ids on which they differ; fewer than six cannot tell two models apart.
    pub informative: usize,
    /// The least true difference that the corrected test would find with probability 80%; null
    /// where there are too few ids to find any.
    pub minimum_detectable: Option<f64>,
}

impl Difference {
    /// Before the correction for several tests.
    pub(super) fn new(
        numbers: [f64; 2],
        limits: Limits,
        p: f64,
        standard_error: f64,
        [clusters, informative]: [usize; 2],
    ) -> Self {
        Self {
            first: numbers[0],
            second: numbers[1],
            difference: numbers[0] - numbers[1],
            low: limits.low,
            high: limits.high,
            p,
            p_holm: None,
            standard_error,
            clusters,
            informative,
            minimum_detectable: None,
        }
    }

    /// Fills in what depends on the family: the corrected p-value and, for a family of `tests`, the
    /// least difference that the strictest step of the correction would find.
    pub(super) fn correct(&mut self, p_holm: f64, tests: usize) {
        let level = SIGNIFICANT / tests.max(1) as f64;
        let findable = self.standard_error > 0.0 && least_sign_flip_p(self.clusters) < level;
        self.p_holm = Some(p_holm);
        self.minimum_detectable = findable.then(|| {
            let quantiles = normal_upper_quantile(level / 2.0) + normal_upper_quantile(1.0 - POWER);
            quantiles * self.standard_error
        });
    }

    /// Whether the corrected test tells the models apart.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.p_holm.is_some_and(|p| p < SIGNIFICANT)
    }
}
