//! Several tests at once.

/// Holm's step-down adjusted p-values, in the order given: compare each with 0.05 and the chance of
/// even one false finding among all tests stays at or below 5%, however the tests depend on each
/// other (Holm 1979).
///
/// Sorted ascending, the i-th of m values (from 0) becomes the largest of `(m - j) p_j` for
/// `j <= i`, at most 1. The result is never below the raw value and keeps its order. Values outside
/// 0..=1 are clamped; what is not a number counts as 1, a test that found nothing but was made.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let raw: Vec<f64> =
        p_values.iter().map(|p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }).collect();
    let mut order: Vec<usize> = (0..raw.len()).collect();
    order.sort_by(|&a, &b| raw[a].total_cmp(&raw[b]));
    let mut adjusted = raw.clone();
    let mut floor = 0.0_f64;
    for (place, &test) in order.iter().enumerate() {
        floor = floor.max((raw.len() - place) as f64 * raw[test]).min(1.0);
        adjusted[test] = floor;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn adjusted_values_are_those_of_statsmodels() {
        // statsmodels.stats.multitest.multipletests(p, method="holm")[1]
        let raw = [0.01, 0.04, 0.03, 0.005, 0.55, 0.03];
        let expected = [0.05, 0.12, 0.12, 0.03, 0.55, 0.12];
        for (adjusted, expected) in holm(&raw).into_iter().zip(expected) {
            assert!((adjusted - expected).abs() < 1e-15, "{adjusted} {expected}");
        }
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[f64::NAN, 0.01, 3.0]), [1.0, 0.03, 1.0]);
    }

    proptest! {
        #[test]
        fn adjusting_never_lowers_and_keeps_the_order(
            raw in proptest::collection::vec(0.0_f64..=1.0, 1..20),
        ) {
            let adjusted = holm(&raw);
            for i in 0..raw.len() {
                prop_assert!(adjusted[i] >= raw[i] && adjusted[i] <= 1.0);
                for j in 0..raw.len() {
                    prop_assert!(raw[i] > raw[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
