//! A share of successes with its interval.

use thiserror::Error;

use crate::normal::Z_95;

/// How many of some trials succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

/// Why two counts make no proportion.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ProportionError {
    /// Nothing was tried, or more succeeded than were tried.
    #[error("{successes} successes of {trials} trials are no proportion")]
    Counts {
        /// What succeeded.
        successes: u64,
        /// What was tried.
        trials: u64,
    },
}

impl Proportion {
    /// `successes` of at least one of `trials`.
    pub fn new(successes: u64, trials: u64) -> Result<Self, ProportionError> {
        if trials == 0 || successes > trials {
            return Err(ProportionError::Counts { successes, trials });
        }
        Ok(Self { successes, trials })
    }

    /// How many succeeded.
    #[must_use]
    pub fn successes(self) -> u64 {
        self.successes
    }

    /// How many there were.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// The share of successes, 0..=1.
    #[must_use]
    pub fn share(self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// Wilson's 95% score interval (1927), for independent trials; within 0..=1 and of sensible
    /// width even if all or none succeeded.
    #[must_use]
    pub fn wilson(self) -> (f64, f64) {
        let (n, p, z) = (self.trials as f64, self.share(), Z_95);
        let centre = p + z * z / (2.0 * n);
        let half = z * libm::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
        let scale = 1.0 + z * z / n;
        let low = if self.successes == 0 { 0.0 } else { (centre - half) / scale };
        let high = if self.successes == self.trials { 1.0 } else { (centre + half) / scale };
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_statsmodels() {
        // statsmodels.stats.proportion.proportion_confint(k, n, method="wilson")
        let cases = [
            (0, 10, 0.0, 0.277_532_799_862_889_26),
            (10, 10, 0.722_467_200_137_110_6, 1.0),
            (7, 10, 0.396_778_147_461_145_37, 0.892_208_732_593_698_9),
            (1, 250, 0.000_706_447_534_065_096_6, 0.022_305_785_565_415_927),
            (387, 500, 0.735_331_642_292_623_5, 0.808_490_219_134_446_1),
        ];
        for (successes, trials, low, high) in cases {
            let (a, b) = Proportion::new(successes, trials).expect("a proportion").wilson();
            assert!((a - low).abs() < 1e-12 && (b - high).abs() < 1e-12, "{successes}/{trials}");
        }
    }

    #[test]
    fn impossible_counts_are_refused() {
        assert!(Proportion::new(0, 0).is_err());
        assert!(Proportion::new(3, 2).is_err());
    }
}
