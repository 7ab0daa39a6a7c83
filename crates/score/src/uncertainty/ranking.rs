//! Who comes first, with ties where nothing tells two models apart.

use avibench_statistics::ranks;
use serde::{Deserialize, Serialize};

use super::{Difference, Estimates, PairComparison};

/// The ranks of all models that have a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// The task, stage, `overall` or level.
    pub name: String,
    /// Label, value on the model's own full sample, and rank: 1 + the number of models that are
    /// significantly better, after the same correction as the p-values of the pairs. In the order
    /// of models.
    pub places: Vec<(String, f64, usize)>,
}

/// Ranks `models` by the number `name`; `None` if fewer than two have it.
pub(super) fn rank(
    name: &str,
    models: &[(&str, Estimates)],
    pairs: &[PairComparison],
) -> Option<Ranking> {
    let value = |estimates: &Estimates| {
        let task = estimates.tasks.iter().find(|t| t.task == name && t.key == name.to_lowercase());
        task.map_or_else(|| estimates.above_tasks(name), |task| Some(task.headline))?.value
    };
    let is_tested = |label: &str| {
        pairs.iter().any(|pair| {
            (pair.first == label || pair.second == label) && pair.difference(name).is_some()
        })
    };
    // Without a test there is no telling who comes first.
    let placed: Vec<(&str, f64)> = models
        .iter()
        .filter(|(label, _)| is_tested(label))
        .filter_map(|(label, found)| Some((*label, value(found)?)))
        .collect();
    let is_placed = |label: &str| placed.iter().any(|(known, _)| *known == label);
    // Numbers of different measures have no order, even if each has a partner of its own measure.
    let is_mixed = pairs.iter().any(|pair| {
        pair.captions_differ
            && pair.difference(name).is_none()
            && is_placed(&pair.first)
            && is_placed(&pair.second)
    });
    if placed.len() < 2 || is_mixed {
        return None;
    }
    let tested: Vec<(&PairComparison, Difference)> =
        pairs.iter().filter_map(|pair| Some((pair, pair.difference(name)?))).collect();
    let scores: Vec<f64> = placed.iter().map(|(_, value)| *value).collect();
    let differ = |i: usize, j: usize| {
        tested.iter().any(|(pair, found)| {
            // The pair was measured on the samples that are judged for both: it must point the same way.
            let agree = (found.difference > 0.0) == (scores[i] > scores[j]);
            (pair.first.as_str(), pair.second.as_str()) == (placed[i].0, placed[j].0)
                && agree
                && found.is_significant()
        })
    };
    let places = ranks(&scores, differ).ok()?;
    let place = |((label, value), rank): ((&str, f64), usize)| (label.to_owned(), value, rank);
    Some(Ranking {
        name: name.to_owned(),
        places: placed.iter().copied().zip(places).map(place).collect(),
    })
}
