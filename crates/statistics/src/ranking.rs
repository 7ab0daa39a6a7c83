//! Ranks that admit ties: models that no test tells apart from better ones share their place.

use thiserror::Error;

/// Why models cannot be ranked.
#[derive(Debug, Error, PartialEq)]
pub enum RankingError {
    /// A score that is not a number.
    #[error("score {0} is not a number; leave out models without a score before ranking")]
    Score(usize),
}

/// The rank of every model: 1 + the number of models that are significantly better, where model `j`
/// is significantly better than `i` if its score is higher and `differ(i, j)`.
///
/// `differ` is asked once for each pair with unequal scores, the lesser index first; it should hold
/// Holm-corrected significance over all pairs that are compared. Two models that do not differ from
/// anyone above them share a rank, and numbers are skipped after them, as in sport (1, 1, 3). "Not
/// different" is not transitive: a model measured less exactly can rank above one with a higher
/// score, because fewer models are shown to be better.
pub fn ranks(
    scores: &[f64],
    mut differ: impl FnMut(usize, usize) -> bool,
) -> Result<Vec<usize>, RankingError> {
    if let Some(model) = scores.iter().position(|score| score.is_nan()) {
        return Err(RankingError::Score(model));
    }
    let mut ranks = vec![1; scores.len()];
    // Every pair is a test of its own, so the square of the number of models is the work there is.
    for i in 0..scores.len() {
        for j in i + 1..scores.len() {
            if scores[i] > scores[j] && differ(i, j) {
                ranks[j] += 1;
            } else if scores[i] < scores[j] && differ(i, j) {
                ranks[i] += 1;
            }
        }
    }
    Ok(ranks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_do_not_differ_share_a_rank() {
        let scores: [f64; 4] = [0.50, 0.80, 0.79, 0.30];
        let far = |i: usize, j: usize| (scores[i] - scores[j]).abs() > 0.1;
        assert_eq!(ranks(&scores, far), Ok(vec![3, 1, 1, 4]));
        assert_eq!(ranks(&scores, |_, _| false), Ok(vec![1; 4]));
        assert_eq!(ranks(&scores, |_, _| true), Ok(vec![3, 1, 2, 4]));
    }

    #[test]
    fn equal_scores_are_never_asked_about_and_no_number_is_refused() {
        assert_eq!(ranks(&[0.5, 0.5], |_, _| true), Ok(vec![1, 1]));
        assert_eq!(ranks(&[], |_, _| true), Ok(vec![]));
        assert_eq!(ranks(&[0.5, f64::NAN], |_, _| true), Err(RankingError::Score(1)));
    }
}
