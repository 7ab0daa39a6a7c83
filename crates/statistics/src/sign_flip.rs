//! The exact paired test for few clusters.

/// The most clusters whose sign patterns are all tried: 2^14 of them.
pub const SIGN_FLIP_LIMIT: usize = 14;

/// The exact two-sided p-value of "the two models are alike": the share of all ways to swap the
/// models within clusters whose sum of differences is at least as far from 0 as the one observed.
///
/// Clusters without a difference change nothing and are left out. With k that differ, p is never
/// below 2 / 2^k, so that fewer than six can find nothing at 5%. `None` if there are more than
/// [`SIGN_FLIP_LIMIT`].
#[must_use]
pub fn sign_flip_p(differences: &[f64]) -> Option<f64> {
    let sizes: Vec<f64> =
        differences.iter().map(|difference| difference.abs()).filter(|&size| size > 0.0).collect();
    if sizes.len() > SIGN_FLIP_LIMIT {
        return None;
    }
    // Sums that differ by rounding only count as equal.
    let total: f64 = sizes.iter().sum();
    let observed = differences.iter().sum::<f64>().abs() - 1e-9 * total;
    let patterns = 1_u32 << sizes.len();
    let sum = |pattern: u32| -> f64 {
        let signed =
            |(bit, size): (usize, &f64)| if pattern >> bit & 1 == 0 { *size } else { -size };
        sizes.iter().enumerate().map(signed).sum()
    };
    let extreme = (0..patterns).filter(|&pattern| sum(pattern).abs() >= observed).count();
    Some(extreme as f64 / f64::from(patterns))
}

/// The least p-value that a sign-flip test on `clusters` clusters can have.
#[must_use]
pub fn least_sign_flip_p(clusters: usize) -> f64 {
    libm::exp2(1.0 - clusters as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_are_counted() {
        let p = |differences: &[f64]| sign_flip_p(differences).expect("few clusters");
        assert!((p(&[1.0, 1.0, 1.0, 0.0, 0.0]) - 0.25).abs() < 1e-15);
        assert!((p(&[]) - 1.0).abs() < 1e-15);
        // 3 + 2 - 1 = 4: of eight patterns, +-6 and +-4 are as far out.
        assert!((p(&[3.0, 2.0, -1.0]) - 0.5).abs() < 1e-15);
        assert!((p(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) - least_sign_flip_p(6)).abs() < 1e-15);
        assert_eq!(sign_flip_p(&[1.0; 15]), None);
        assert!((least_sign_flip_p(0) - 1.0).abs() < 1e-15);
    }
}
