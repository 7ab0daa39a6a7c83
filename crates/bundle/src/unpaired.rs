//! Ranks of models of which only public bundles are at hand.
//!
//! Samples of two bundles cannot be paired, because each has an order of its own. What is left is a comparison
//! of two numbers with their intervals, as of two independent sets of samples. Models that answer the
//! same questions find the same ones hard, which makes the difference of two numbers less uncertain than
//! that; so this test finds fewer differences than the paired one of `avibench compare`, and those
//! that it finds would as a rule be found there, too.

use avibench_protocol::{Stage, Task};
use avibench_score::Estimates;
use avibench_statistics::{Z_95, holm, normal_cumulative, ranks};
use serde::{Deserialize, Serialize};

/// The chance of a false finding that is accepted in a family of tests.
const SIGNIFICANT: f64 = 0.05;

/// The ranks of all models that have a number with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnpairedRanking {
    /// The task, stage, `overall` or level.
    pub name: String,
    /// Label, value, and rank: 1 + the number of models that are significantly better. In the order of
    /// models.
    pub places: Vec<(String, f64, usize)>,
}

/// A model's number with its interval.
#[derive(Debug, Clone, Copy)]
struct Known {
    model: usize,
    value: f64,
    low: f64,
    high: f64,
}

/// Ranks models by every number that two or more have with its interval, all in the same mode and scored
/// against the same data. P-values are corrected by Holm's method over all pairs of models and all tasks,
/// and over all pairs and all stages, Overall and levels.
#[must_use]
pub fn unpaired_rankings(models: &[(&str, &Estimates)]) -> Vec<UnpairedRanking> {
    let tasks = Task::ALL.map(Task::name);
    let above = Stage::ALL.map(Stage::name).into_iter().chain(["overall", "l1", "l2", "l3", "l4"]);
    let above: Vec<&str> = above.collect();
    let mut rankings = family(models, &tasks);
    rankings.extend(family(models, &above));
    rankings
}

/// The rankings of a family of tests.
fn family(models: &[(&str, &Estimates)], names: &[&str]) -> Vec<UnpairedRanking> {
    let known: Vec<(&str, Vec<Known>)> = names
        .iter()
        .map(|name| (*name, known(models, name)))
        .filter(|(_, known)| known.len() > 1)
        .collect();
    let pairs = |known: &[Known]| -> Vec<(usize, usize)> {
        let each = |i: usize| (i + 1..known.len()).map(move |j| (i, j));
        (0..known.len()).flat_map(each).collect()
    };
    let tests = known.iter().flat_map(|(_, known)| {
        pairs(known).into_iter().map(|(i, j)| p_value(known[i], known[j])).collect::<Vec<f64>>()
    });
    let mut corrected = holm(&tests.collect::<Vec<f64>>()).into_iter();
    let ranking = |(name, known): (&str, Vec<Known>)| {
        let tested: Vec<((usize, usize), f64)> =
            pairs(&known).into_iter().zip(corrected.by_ref()).collect();
        let scores: Vec<f64> = known.iter().map(|of| of.value).collect();
        let differ =
            |i: usize, j: usize| tested.iter().any(|(pair, p)| *pair == (i, j) && *p < SIGNIFICANT);
        let ranks = ranks(&scores, differ).ok()?;
        let place = |(of, rank): (&Known, usize)| (models[of.model].0.to_owned(), of.value, rank);
        Some(UnpairedRanking {
            name: name.to_owned(),
            places: known.iter().zip(ranks).map(place).collect(),
        })
    };
    known.into_iter().filter_map(ranking).collect()
}

/// The models that have a number with its interval.
fn known(models: &[(&str, &Estimates)], name: &str) -> Vec<Known> {
    // Captions by FENSE and by its stand-in have no order.
    let by_stand_in = models.iter().filter(|(_, of)| of.is_by_stand_in(name)).count();
    if by_stand_in > 0 && by_stand_in < models.len() {
        return Vec::new();
    }
    let of = |(model, (_, estimates)): (usize, &(&str, &Estimates))| {
        let task =
            estimates.tasks.iter().find(|of| of.task == name && of.key == name.to_lowercase());
        let found = match task {
            Some(task) => task.headline,
            None => estimates.above_tasks(name)?,
        };
        let (value, low, high) = (found.value?, found.low?, found.high?);
        (value.is_finite() && low <= value && value <= high).then_some(Known {
            model,
            value,
            low,
            high,
        })
    };
    models.iter().enumerate().filter_map(of).collect()
}

/// The two-sided p-value of "no difference" between two independent numbers: the distances to the ends of
/// their intervals that face each other add up as variances do (method of variance estimates recovery; Zou
/// and Donner 2008).
fn p_value(one: Known, other: Known) -> f64 {
    let (upper, lower) = if one.value >= other.value { (one, other) } else { (other, one) };
    let (below, above) = (upper.value - upper.low, lower.high - lower.value);
    let distance = (below * below + above * above).sqrt();
    let difference = upper.value - lower.value;
    if difference <= 0.0 {
        return 1.0;
    }
    if distance <= 0.0 {
        return 0.0;
    }
    (2.0 * normal_cumulative(-Z_95 * difference / distance)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_score::{Estimate, NamedEstimate, TaskEstimate};

    fn estimate(value: f64, half: f64) -> Estimate {
        Estimate { value: Some(value), low: Some(value - half), high: Some(value + half) }
    }

    fn model(avm: Estimate, overall: Estimate) -> Estimates {
        let task = TaskEstimate {
            key: "avm".to_owned(),
            task: "AVM".to_owned(),
            stage: "perception".to_owned(),
            headline: avm,
            parts: Vec::new(),
        };
        let level = NamedEstimate { name: "l1".to_owned(), estimate: overall };
        Estimates { tasks: vec![task], stages: Vec::new(), overall, levels: vec![level] }
    }

    #[test]
    fn models_whose_intervals_touch_share_a_rank() {
        let good = model(estimate(0.8, 0.02), estimate(0.7, 0.02));
        let near = model(estimate(0.79, 0.02), estimate(0.5, 0.02));
        let unsure = Estimate { value: Some(0.1), low: None, high: None };
        let poor = model(estimate(0.3, 0.02), unsure);
        let rankings = unpaired_rankings(&[("a", &good), ("b", &near), ("c", &poor)]);
        let ranks = |name: &str| -> Vec<(String, usize)> {
            let found = rankings.iter().find(|ranking| ranking.name == name).unwrap();
            found.places.iter().map(|(label, _, rank)| (label.clone(), *rank)).collect()
        };
        let expected = |places: &[(&str, usize)]| -> Vec<(String, usize)> {
            places.iter().map(|(label, rank)| ((*label).to_owned(), *rank)).collect()
        };
        assert_eq!(ranks("AVM"), expected(&[("a", 1), ("b", 1), ("c", 3)]));
        assert_eq!(ranks("overall"), expected(&[("a", 1), ("b", 2)]), "no interval, no rank");
        assert_eq!(rankings.len(), 3);
        assert!(unpaired_rankings(&[("a", &good)]).is_empty());
    }

    #[test]
    fn a_difference_at_the_edge_has_p_of_five_hundredths() {
        let known = |value: f64| Known { model: 0, value, low: value - 0.03, high: value + 0.03 };
        let edge = 0.03 * 2.0_f64.sqrt();
        assert!((p_value(known(0.5), known(0.5 + edge)) - 0.05).abs() < 1e-3);
        assert!((p_value(known(0.5), known(0.5)) - 1.0).abs() < 1e-12);
    }
}
