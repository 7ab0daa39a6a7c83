//! How often a language model agrees with itself, and how much scores move with it.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Position};

/// Agreement of the repeats on a folder's sampled answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// The folder.
    pub folder: Folder,
    /// Answers that every repeat formatted.
    pub answers: usize,
    /// Of these, answers on which all repeats agree.
    pub unanimous: usize,
    /// Mean over the answers of the share of pairs of repeats that agree, 0 to 1.
    pub pairs: f64,
    /// Official mean score of the sampled records that count; `None` if none counts.
    pub official: Option<ScoreRange>,
    /// Strict mean score.
    pub strict: Option<ScoreRange>,
    /// Standard error that the language model alone adds to the strict mean score of one repeat, 0 to 1: the
    /// variance within answers, as `score` has it for epochs of a run; `None` if none counts.
    pub strict_error: Option<f64>,
    /// Records whose score moved between repeats, in the mode in which more did.
    pub moved: usize,
}

/// The lowest and the highest of the repeats' means, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreRange {
    /// The lowest mean.
    pub low: f64,
    /// The highest mean.
    pub high: f64,
}

/// Formatted texts or scores by position, one map a repeat.
pub(crate) type Repeats<T> = Vec<BTreeMap<Position, T>>;

impl Agreement {
    /// From the formatted texts of a folder and the scores of the records that count: official,
    /// strict.
    pub(crate) fn of(
        folder: Folder,
        texts: &Repeats<String>,
        [official, strict]: [&Repeats<f64>; 2],
    ) -> Self {
        let groups = transposed(texts);
        let answers = groups.len();
        let agreeing: f64 = groups.iter().map(|texts| pairwise_agreement(texts)).sum();
        Self {
            folder,
            answers,
            unanimous: groups.iter().filter(|texts| texts.windows(2).all(|w| w[0] == w[1])).count(),
            pairs: agreeing / answers.max(1) as f64,
            official: ScoreRange::of(official),
            strict: ScoreRange::of(strict),
            strict_error: error_within(strict),
            moved: moved(official).max(moved(strict)),
        }
    }
}

/// Records whose score is not the same in all repeats.
fn moved(scores: &Repeats<f64>) -> usize {
    let differs = |scores: &Vec<f64>| scores.windows(2).any(|w| w[0].total_cmp(&w[1]).is_ne());
    transposed(scores).iter().filter(|scores| differs(scores)).count()
}

/// The root of the variance within answers: that of each over the repeats, summed, over the square of their
/// number.
fn error_within(repeats: &Repeats<f64>) -> Option<f64> {
    let answers = transposed(repeats);
    if answers.is_empty() || repeats.len() < 2 {
        return None;
    }
    let variance = |scores: &Vec<f64>| {
        let count = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / count;
        scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / (count - 1.0)
    };
    Some(answers.iter().map(variance).sum::<f64>().sqrt() / answers.len() as f64)
}

/// For each position that every repeat has, what the repeats say.
fn transposed<T: Clone>(repeats: &Repeats<T>) -> Vec<Vec<T>> {
    let Some(first) = repeats.first() else { return Vec::new() };
    first
        .keys()
        .filter_map(|position| repeats.iter().map(|r| r.get(position).cloned()).collect())
        .collect()
}

/// Share of the pairs of repeats that agree, 0 to 1.
fn pairwise_agreement(texts: &[String]) -> f64 {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let pairs = |n: usize| (n * n.saturating_sub(1) / 2) as f64;
    counts.values().map(|&n| pairs(n)).sum::<f64>() / pairs(texts.len()).max(1.0)
}

impl ScoreRange {
    /// Of the records that every repeat scored.
    fn of(repeats: &Repeats<f64>) -> Option<Self> {
        let groups = transposed(repeats);
        let mean = |repeat: usize| {
            groups.iter().map(|scores| scores[repeat]).sum::<f64>() / groups.len() as f64
        };
        let means = (0..repeats.len()).map(mean);
        let range = means.fold(Self { low: f64::INFINITY, high: f64::NEG_INFINITY }, |range, m| {
            Self { low: range.low.min(m), high: range.high.max(m) }
        });
        (!groups.is_empty()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_counts_pairs() {
        let texts = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert!((pairwise_agreement(&texts(&["a", "a", "a"])) - 1.0).abs() < 1e-12);
        assert!((pairwise_agreement(&texts(&["a", "a", "b"])) - 1.0 / 3.0).abs() < 1e-12);
        assert!(pairwise_agreement(&texts(&["a", "b"])).abs() < 1e-12);
    }

    #[test]
    fn a_sample_that_one_repeat_lacks_is_left_out() {
        let repeat = |scores: &[(usize, f64)]| {
            scores.iter().map(|(at, score)| (Position(*at), *score)).collect()
        };
        let repeats = vec![repeat(&[(0, 1.0), (1, 0.0), (2, 1.0)]), repeat(&[(0, 1.0), (1, 1.0)])];
        assert_eq!(ScoreRange::of(&repeats), Some(ScoreRange { low: 0.5, high: 1.0 }));
        assert_eq!(moved(&repeats), 1);
        // One of two answers varies, with variance 1/2.
        let error = error_within(&repeats).unwrap();
        assert!((error - 0.5_f64.sqrt() / 2.0).abs() < 1e-12, "{error}");
        assert_eq!(error_within(&repeats[..1].to_vec()), None);
        assert_eq!(ScoreRange::of(&Vec::new()), None);
    }
}
