//! The records of prediction files, interchangeable with the original's.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Position, Sample};

/// One slot's record. Fields that a file lacks read as null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The sample's `task`.
    #[serde(default)]
    pub task: Value,
    /// The sample's `subtask`.
    #[serde(default)]
    pub subtask: Value,
    /// The sample's id.
    #[serde(default)]
    pub id: Value,
    /// The answer; normally a string or null.
    #[serde(default)]
    pub predict: Value,
}

/// What a slot holds for scoring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prediction<'a> {
    /// No slot, a null slot, or a null answer.
    Missing,
    /// An answer, maybe empty.
    Text(&'a str),
    /// An answer that is no string: nothing can be read from it.
    Unusable(&'a Value),
}

impl Record {
    /// The record of an answered sample, as the original writes it.
    #[must_use]
    pub fn answered(sample: &Sample, predict: impl Into<String>) -> Self {
        let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::String);
        Self {
            task: Value::String(
                sample.task.clone().unwrap_or_else(|| sample.folder.name().to_owned()),
            ),
            subtask: text(&sample.subtask),
            id: Value::String(sample.id.clone()),
            predict: Value::String(predict.into()),
        }
    }

    /// Whether resuming leaves this slot alone: its answer is neither null nor "".
    #[must_use]
    pub fn is_done(&self) -> bool {
        !(self.predict.is_null() || self.predict == "")
    }

    /// The answer.
    #[must_use]
    pub fn prediction(&self) -> Prediction<'_> {
        match &self.predict {
            Value::Null => Prediction::Missing,
            Value::String(text) => Prediction::Text(text),
            other => Prediction::Unusable(other),
        }
    }
}

impl<'a> Prediction<'a> {
    /// The answer in the slot at `position`; a short array has no slot there.
    #[must_use]
    pub fn at(slots: &'a [Option<Record>], position: Position) -> Self {
        slots
            .get(position.0)
            .and_then(Option::as_ref)
            .map_or(Prediction::Missing, Record::prediction)
    }
}
