//! Simple predictors: do answers go along with something that should not tell them?

use std::collections::BTreeMap;

use avibench_protocol::Folder;

use super::report::Leak;

/// Neighbours that vote.
const VOTES: usize = 3;

/// Guesses each answer by the answers of the records nearest in `feature`, its own left out.
pub(super) fn by_neighbours(
    folder: Folder,
    subtask: &str,
    by: &'static str,
    feature: &[f64],
    truths: &[&str],
) -> Option<Leak> {
    let mut order: Vec<usize> = (0..feature.len()).collect();
    order.sort_by(|&a, &b| feature[a].total_cmp(&feature[b]).then(a.cmp(&b)));
    if feature.len() < 2 * VOTES || feature[order[0]] >= feature[*order.last()?] {
        return None; // the same everywhere: nothing to go by
    }
    let mut right = 0;
    for (rank, &this) in order.iter().enumerate() {
        let low = rank.saturating_sub(VOTES);
        let high = (rank + VOTES + 1).min(order.len());
        let mut near: Vec<usize> =
            order[low..high].iter().copied().filter(|&other| other != this).collect();
        let away = |other: usize| (feature[other] - feature[this]).abs();
        near.sort_by(|&a, &b| away(a).total_cmp(&away(b)));
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for &other in near.iter().take(VOTES) {
            *votes.entry(truths[other]).or_default() += 1;
        }
        let guess = votes.into_iter().max_by_key(|&(_, count)| count).map(|(word, _)| word);
        right += usize::from(guess == Some(truths[this]));
    }
    Some(judge(folder, subtask, by, right, truths, 0.0))
}

/// Guesses each answer by the most frequent one among the records that are alike in `feature`, its
/// own left out.
pub(super) fn by_likeness(
    folder: Folder,
    subtask: &str,
    by: &'static str,
    feature: &[&str],
    truths: &[&str],
) -> Option<Leak> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (value, truth) in feature.iter().zip(truths) {
        *counts.entry(value).or_default().entry(truth).or_default() += 1;
    }
    if counts.len() < 2 {
        return None; // the same everywhere: nothing to go by
    }
    let is_right = |(value, truth): &(&&str, &&str)| {
        let others = counts[**value]
            .iter()
            .map(|(word, count)| (count - usize::from(word == *truth), *word));
        others.max().is_some_and(|(count, word)| count > 0 && word == **truth)
    };
    let right = feature.iter().zip(truths).filter(is_right).count();
    Some(judge(folder, subtask, by, right, truths, 0.0))
}

/// Compares a number of right guesses with what blind guessing would get: the most frequent answer,
/// or `floor` if that is more.
pub(super) fn judge(
    folder: Folder,
    subtask: &str,
    by: &'static str,
    right: usize,
    truths: &[&str],
    floor: f64,
) -> Leak {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for truth in truths {
        *counts.entry(truth).or_default() += 1;
    }
    let total = truths.len().max(1);
    let most = counts.values().max().copied().unwrap_or(0);
    let chance = floor.max(most as f64 / total as f64);
    Leak {
        folder,
        subtask: subtask.to_owned(),
        by,
        accuracy: right as f64 / total as f64,
        chance,
        p: at_least(right, truths.len(), chance),
    }
}

/// Probability of at least `right` successes in `total` trials of probability `chance`.
fn at_least(right: usize, total: usize, chance: f64) -> f64 {
    if right == 0 || chance >= 1.0 {
        return 1.0;
    }
    let log = |k: usize| {
        let (n, k) = (total as f64, k as f64);
        libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
            + k * libm::log(chance)
            + (n - k) * libm::log1p(-chance)
    };
    (right..=total).map(|k| libm::exp(log(k))).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_tail() {
        assert!((at_least(8, 10, 0.5) - 56.0 / 1_024.0).abs() < 1e-12);
        assert!((at_least(0, 10, 0.5) - 1.0).abs() < 1e-12);
        assert!((at_least(10, 10, 0.1) - 1e-10).abs() < 1e-16);
    }

    #[test]
    fn a_telling_feature_is_found_and_a_constant_one_is_not() {
        let truths: Vec<&str> = (0..60).map(|i| if i % 2 == 0 { "yes" } else { "no" }).collect();
        let telling: Vec<f64> = (0..60).map(|i| f64::from(i % 2) * 100.0 + f64::from(i)).collect();
        let leak = by_neighbours(Folder::Asqa, "x", "file size", &telling, &truths).unwrap();
        assert!(leak.accuracy > 0.9 && leak.is_real());
        assert!(by_neighbours(Folder::Asqa, "x", "file size", &[3.0; 60], &truths).is_none());
        let wording: Vec<&str> =
            truths.iter().map(|t| if *t == "no" { "a?" } else { "b?" }).collect();
        let leak = by_likeness(Folder::Asqa, "x", "wording", &wording, &truths).unwrap();
        assert!(leak.accuracy > 0.9 && leak.is_real());
        assert!(by_likeness(Folder::Asqa, "x", "wording", &["?"; 60], &truths).is_none());
        let idle: Vec<&str> = (0..60).map(|i| if i % 3 == 0 { "a?" } else { "b?" }).collect();
        let leak = by_likeness(Folder::Asqa, "x", "wording", &idle, &truths).unwrap();
        assert!(!leak.is_real(), "{leak:?}");
    }
}
