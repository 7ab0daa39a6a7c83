//! From the hidden states of a text's tokens to one vector: `1_Pooling/config.json`.
//!
//! The modes and their order in a concatenation are those of Sentence Transformers.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::FenseError;
use crate::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The first token's states.
    First,
    /// The largest of each component.
    Max,
    /// The mean.
    Mean,
    /// The sum over the square root of the number of tokens.
    MeanRootLength,
    /// The mean weighted by the token's position, counted from one.
    WeightedMean,
    /// The last token's states.
    Last,
}

/// The modes by the names of their switches, in the order of a concatenation.
const MODES: [(&str, &str, Mode); 6] = [
    ("pooling_mode_cls_token", "cls", Mode::First),
    ("pooling_mode_max_tokens", "max", Mode::Max),
    ("pooling_mode_mean_tokens", "mean", Mode::Mean),
    ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Mode::MeanRootLength),
    ("pooling_mode_weightedmean_tokens", "weightedmean", Mode::WeightedMean),
    ("pooling_mode_lasttoken", "lasttoken", Mode::Last),
];

/// What is wrong with the configuration of a pooling.
#[derive(Debug, thiserror::Error)]
enum PoolingProblem {
    #[error("word_embedding_dimension is {found}, the encoder has {hidden}")]
    Width { found: Value, hidden: usize },
    #[error("{field} is {found}, expected true or false")]
    NotBoolean { field: String, found: Value },
    #[error("the pooling mode {0} is not supported")]
    UnknownMode(String),
    #[error("no pooling mode is on")]
    NoMode,
}

/// One or more modes whose vectors are concatenated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pooling {
    modes: Vec<Mode>,
}

impl Pooling {
    /// Reads the configuration of a pooling over states of `hidden` components.
    pub(crate) fn read(path: &Path, hidden: usize) -> Result<Self, FenseError> {
        let fields = json::object(path)?;
        Self::from_fields(&fields, hidden).map_err(|reason| FenseError::config(path, reason))
    }

    fn from_fields(fields: &Map<String, Value>, hidden: usize) -> Result<Self, PoolingProblem> {
        if let Some(width) = fields.get("word_embedding_dimension")
            && width.as_u64() != Some(hidden as u64)
        {
            return Err(PoolingProblem::Width { found: width.clone(), hidden });
        }
        let mut wanted = Vec::new();
        for (field, value) in fields.iter().filter(|(field, _)| field.starts_with("pooling_mode")) {
            match value {
                Value::Bool(true) => wanted.push(field.as_str()),
                // Newer files name the mode, several joined by "+".
                Value::String(names) if field == "pooling_mode" => wanted.extend(names.split('+')),
                Value::Bool(false) => {}
                other => {
                    let (field, found) = (field.clone(), other.clone());
                    return Err(PoolingProblem::NotBoolean { field, found });
                }
            }
        }
        if let Some(unknown) = wanted
            .iter()
            .find(|name| !MODES.iter().any(|(field, short, _)| field == *name || short == *name))
        {
            return Err(PoolingProblem::UnknownMode((*unknown).to_owned()));
        }
        let modes: Vec<Mode> = MODES
            .iter()
            .filter(|(field, short, _)| wanted.contains(field) || wanted.contains(short))
            .map(|&(_, _, mode)| mode)
            .collect();
        if modes.is_empty() { Err(PoolingProblem::NoMode) } else { Ok(Self { modes }) }
    }

    /// Whether the first token's states are all that is needed.
    pub(crate) fn needs_only_first(&self) -> bool {
        self.modes == [Mode::First]
    }

    /// Components of the pooled vector.
    pub(crate) fn width(&self, hidden: usize) -> usize {
        hidden * self.modes.len()
    }

    /// The pooled vector of at least one row.
    pub(crate) fn pool(&self, rows: &[&[f32]]) -> Vec<f32> {
        let hidden = rows.first().map_or(0, |row| row.len());
        let mut pooled = Vec::with_capacity(self.width(hidden));
        for mode in &self.modes {
            let count = rows.len() as f32;
            match mode {
                Mode::First => pooled.extend(rows.first().copied().unwrap_or_default()),
                Mode::Last => pooled.extend(rows.last().copied().unwrap_or_default()),
                Mode::Max => {
                    let mut largest = vec![f32::NEG_INFINITY; hidden];
                    for row in rows {
                        largest.iter_mut().zip(*row).for_each(|(x, y)| *x = x.max(*y));
                    }
                    pooled.extend(largest);
                }
                Mode::Mean => pooled.extend(weighted_sum(rows, |_| 1.0, count)),
                Mode::MeanRootLength => pooled.extend(weighted_sum(rows, |_| 1.0, count.sqrt())),
                Mode::WeightedMean => {
                    let total = count * (count + 1.0) / 2.0;
                    pooled.extend(weighted_sum(rows, |position| position as f32, total));
                }
            }
        }
        pooled
    }
}

/// `sum_p weight(p) row_p / divisor` with positions from one.
fn weighted_sum(rows: &[&[f32]], weight: impl Fn(usize) -> f32, divisor: f32) -> Vec<f32> {
    let mut sum = vec![0.0; rows.first().map_or(0, |row| row.len())];
    for (row, position) in rows.iter().zip(1..) {
        let weight = weight(position);
        for (x, y) in sum.iter_mut().zip(*row) {
            *x += weight * y;
        }
    }
    for x in &mut sum {
        *x /= divisor;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooling(fields: &str) -> Result<Pooling, PoolingProblem> {
        let value: Value = serde_json::from_str(fields).unwrap();
        Pooling::from_fields(value.as_object().unwrap(), 2)
    }

    #[test]
    fn every_mode_pools_by_its_definition() {
        let rows: [&[f32]; 4] = [&[1.0, -2.0], &[3.0, 0.0], &[0.0, 6.0], &[4.0, 4.0]];
        for (field, expected) in [
            ("pooling_mode_cls_token", [1.0, -2.0]),
            ("pooling_mode_max_tokens", [4.0, 6.0]),
            ("pooling_mode_mean_tokens", [2.0, 2.0]),
            ("pooling_mode_mean_sqrt_len_tokens", [4.0, 4.0]),
            ("pooling_mode_weightedmean_tokens", [2.3, 3.2]),
            ("pooling_mode_lasttoken", [4.0, 4.0]),
        ] {
            let pooled = pooling(&format!("{{\"{field}\": true}}")).unwrap().pool(&rows);
            assert_eq!(pooled, expected, "{field}");
        }
    }

    #[test]
    fn modes_are_concatenated_in_a_fixed_order() {
        let both = pooling(r#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}"#);
        assert_eq!(both.unwrap().pool(&[&[1.0, 2.0], &[3.0, 4.0]]), [1.0, 2.0, 2.0, 3.0]);
        assert_eq!(
            pooling(r#"{"pooling_mode": "cls+mean"}"#).unwrap().modes,
            [Mode::First, Mode::Mean]
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (fields, part) in [
            (r#"{"pooling_mode_mean_tokens": false}"#, "no pooling mode"),
            (r#"{"pooling_mode_median": true}"#, "pooling_mode_median"),
            (r#"{"pooling_mode_cls_token": 1}"#, "expected true or false"),
            (r#"{"word_embedding_dimension": 3}"#, "word_embedding_dimension"),
        ] {
            let error = pooling(fields).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
