//! Ranks by a score. They order numbers; whether a difference is more than noise needs the samples
//! behind it, which a document does not hold.

/// A score as it is shown and compared: two numbers that look the same are the same.
pub(crate) fn shown(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// The place of a score among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank {
    /// From 1, which is the highest.
    pub(crate) place: usize,
    /// Whether an equal score shares it.
    pub(crate) is_shared: bool,
}

/// The rank of each score; what has no score has none.
pub(crate) fn ranks(scores: &[Option<f64>]) -> Vec<Option<Rank>> {
    let mut order: Vec<f64> = scores.iter().flatten().map(|score| shown(*score)).collect();
    order.sort_by(|a, b| b.total_cmp(a));
    let rank = |score: f64| {
        let higher = order.partition_point(|other| *other > score);
        let is_shared = order.get(higher + 1).is_some_and(|next| *next >= score);
        Rank { place: higher + 1, is_shared }
    };
    scores.iter().map(|score| score.map(|score| rank(shown(score)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_a_rank_and_none_has_none() {
        let scores = [Some(50.0), None, Some(60.004), Some(60.001), Some(10.0)];
        let rank = |place, is_shared| Some(Rank { place, is_shared });
        let expected = [rank(3, false), None, rank(1, true), rank(1, true), rank(4, false)];
        assert_eq!(ranks(&scores), expected);
    }
}
