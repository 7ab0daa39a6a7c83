//! The table of `refine --judge-repeat`: agreement of a language model with itself.

use std::collections::BTreeMap;
use std::fmt;

use avibench_protocol::{Folder, Position};

use super::{align, new_table};

/// What repeating gave for a folder; one entry a repeat.
pub(crate) struct RepeatedFolder {
    /// Formatted texts.
    pub(crate) texts: Vec<BTreeMap<Position, String>>,
    /// Scores of the records that count, 0 to 1: official, strict.
    pub(crate) scores: [Vec<BTreeMap<Position, f64>>; 2],
}

/// A line a folder.
pub(crate) struct RepeatTable {
    repeats: u32,
    rows: Vec<[String; 7]>,
}

impl RepeatTable {
    /// A table without rows.
    pub(crate) fn new(repeats: u32) -> Self {
        Self { repeats, rows: Vec::new() }
    }

    /// Adds a folder.
    pub(crate) fn add(&mut self, folder: Folder, repeated: &RepeatedFolder) {
        let groups = transposed(&repeated.texts);
        let count = groups.len();
        let share = |sum: f64| format!("{:.1}%", 100.0 * sum / count.max(1) as f64);
        let unanimous = groups.iter().filter(|texts| texts.windows(2).all(|w| w[0] == w[1]));
        let [official, strict] = repeated.scores.each_ref().map(|scores| score_range(scores));
        let moved = repeated.scores.iter().map(|scores| {
            let groups = transposed(scores);
            groups.iter().filter(|s| s.windows(2).any(|w| w[0].total_cmp(&w[1]).is_ne())).count()
        });
        self.rows.push([
            folder.name().to_owned(),
            count.to_string(),
            share(unanimous.count() as f64),
            share(groups.iter().map(|texts| pairwise_agreement(texts)).sum()),
            official,
            strict,
            moved.max().unwrap_or(0).to_string(),
        ]);
    }
}

/// For each position that every repeat has, what the repeats say.
fn transposed<T: Clone>(repeats: &[BTreeMap<Position, T>]) -> Vec<Vec<T>> {
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

/// Mean score of the sample in percent: lowest to highest of the repeats.
fn score_range(repeats: &[BTreeMap<Position, f64>]) -> String {
    let groups = transposed(repeats);
    if groups.is_empty() {
        return "-".to_owned();
    }
    let means = (0..repeats.len()).map(|repeat| {
        100.0 * groups.iter().map(|scores| scores[repeat]).sum::<f64>() / groups.len() as f64
    });
    let (low, high) =
        means.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), m| (low.min(m), high.max(m)));
    format!("{low:.2} to {high:.2}")
}

impl fmt::Display for RepeatTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = new_table();
        table.set_header([
            "Folder",
            "Answers",
            "Always the same",
            "Pairs that agree",
            "Official score",
            "Strict score",
            "Scores that moved",
        ]);
        for row in &self.rows {
            table.add_row(row.clone());
        }
        align(&mut table, 1);
        write!(
            f,
            "{table}\nScores are means over the sampled answers that count, lowest to highest of \
             {} repeats.",
            self.repeats
        )
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
        let repeats = [repeat(&[(0, 1.0), (1, 0.0), (2, 1.0)]), repeat(&[(0, 1.0), (1, 1.0)])];
        assert_eq!(score_range(&repeats), "50.00 to 100.00");
        assert_eq!(score_range(&[]), "-");
    }
}
