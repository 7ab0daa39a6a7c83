//! Stages and Overall: means of task scores, and what is missing in them.

use avibench_protocol::{Stage, Task};
use serde::Serialize;

use crate::{GuessBaselines, Levels};

/// The headline of each reported task, 0 to 1; `None` where there is no score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Headlines([Option<f64>; 14]);

/// A mean that is whole or says what it lacks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mean {
    /// The mean, 0 to 1; null unless everything is there.
    pub value: Option<f64>,
    /// The mean of what is there, if anything is; only beside a null value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<f64>,
    /// Names of what is not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<&'static str>,
}

/// Everything above single tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Perception, over its reported tasks.
    pub perception: Mean,
    /// Understanding, over its reported tasks.
    pub understand: Mean,
    /// Reasoning, over its reported tasks.
    pub reasoning: Mean,
    /// Primitive sensation, over its reported tasks.
    pub sensation: Mean,
    /// Mean of the four stages; `partial` is that of the complete ones.
    pub overall: Mean,
    /// Taxonomy levels.
    #[serde(flatten)]
    pub levels: Levels,
}

impl Headlines {
    /// Asks for each task in table order.
    pub fn from_fn(headline: impl FnMut(Task) -> Option<f64>) -> Self {
        Self(Task::ALL.map(headline))
    }

    /// A task's headline.
    #[must_use]
    pub fn get(&self, task: Task) -> Option<f64> {
        // Tasks are numbered in table order.
        self.0[task as usize]
    }

    /// Mean over the stage's reported tasks; `None` unless all are there.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<f64> {
        self.stage_mean(stage).value
    }

    /// Mean of the four stages; `None` unless all are complete.
    #[must_use]
    pub fn overall(&self) -> Option<f64> {
        self.overall_mean().value
    }

    /// Stages, Overall and levels.
    #[must_use]
    pub fn summary(&self, baselines: &GuessBaselines) -> Summary {
        Summary {
            perception: self.stage_mean(Stage::Perception),
            understand: self.stage_mean(Stage::Understand),
            reasoning: self.stage_mean(Stage::Reasoning),
            sensation: self.stage_mean(Stage::Sensation),
            overall: self.overall_mean(),
            levels: Levels::of(self, baselines),
        }
    }

    fn stage_mean(&self, stage: Stage) -> Mean {
        Mean::of(stage.tasks().map(|task| (task.name(), self.get(task))))
    }

    fn overall_mean(&self) -> Mean {
        Mean::of(Stage::ALL.map(|stage| (stage.name(), self.stage(stage))))
    }
}

impl Summary {
    /// A stage's mean.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> &Mean {
        match stage {
            Stage::Perception => &self.perception,
            Stage::Understand => &self.understand,
            Stage::Reasoning => &self.reasoning,
            Stage::Sensation => &self.sensation,
        }
    }
}

impl Mean {
    fn of(items: impl IntoIterator<Item = (&'static str, Option<f64>)>) -> Self {
        let mut missing = Vec::new();
        let mut present: Vec<f64> = Vec::new();
        for (name, value) in items {
            match value {
                Some(value) => present.push(value),
                None => missing.push(name),
            }
        }
        let mean =
            (!present.is_empty()).then(|| present.iter().sum::<f64>() / present.len() as f64);
        if missing.is_empty() {
            Self { value: mean, partial: None, missing }
        } else {
            Self { value: None, partial: mean, missing }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_means_say_what_is_missing() {
        let headlines =
            Headlines::from_fn(|task| (task != Task::Avc).then_some(0.1 * (task as usize) as f64));
        let summary = headlines.summary(GuessBaselines::embedded());
        let json = serde_json::to_value(&summary).unwrap();
        assert!((summary.perception.value.unwrap() - 0.15).abs() < 1e-12);
        assert_eq!(json["perception"].as_object().unwrap().len(), 1);
        assert_eq!(summary.understand.value, None);
        assert!((summary.understand.partial.unwrap() - 0.45).abs() < 1e-12);
        assert_eq!(summary.understand.missing, ["AVC"]);
        assert_eq!(summary.overall.missing, ["understand"]);
        assert_eq!(json["overall"]["value"], serde_json::Value::Null);
        assert_eq!(json["l1"], serde_json::Value::Null);
        assert_eq!(json["levels_version"], 2);
        let nothing = Headlines::default().summary(GuessBaselines::embedded());
        assert_eq!(nothing.overall.partial, None);
        assert_eq!(nothing.overall.missing.len(), 4);
    }

    #[test]
    fn tasks_are_numbered_in_table_order() {
        for (i, task) in Task::ALL.into_iter().enumerate() {
            assert_eq!(task as usize, i);
        }
    }
}
