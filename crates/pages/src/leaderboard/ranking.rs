//! Ranks by a score. They order numbers; whether a difference is more than noise needs the samples
//! behind it, which a document does not hold.

/// A score as it is shown and compared: two numbers that look the same are the same.
pub(crate) fn shown(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// The rank of each score, the highest first; equal ones share a rank, and what has no score has none.
pub(crate) fn ranks(scores: &[Option<f64>]) -> Vec<Option<usize>> {
    let mut order: Vec<f64> = scores.iter().flatten().map(|score| shown(*score)).collect();
    order.sort_by(|a, b| b.total_cmp(a));
    let rank = |score: f64| order.iter().take_while(|other| **other > score).count() + 1;
    scores.iter().map(|score| score.map(|score| rank(shown(score)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_a_rank_and_none_has_none() {
        let scores = [Some(50.0), None, Some(60.004), Some(60.001), Some(10.0)];
        assert_eq!(ranks(&scores), [Some(3), None, Some(1), Some(1), Some(4)]);
    }
}
