//! Every number of a report as one row, for tables that others make of it.

use avibench_score::Estimate;
use serde::Serialize;

use crate::report::{ModeReport, Report};
use crate::row::ScoringMode;

/// What a number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberKind {
    /// The mean of the four stages.
    Overall,
    /// A stage.
    Stage,
    /// One of the four levels.
    Level,
    /// A task, or half a task where the other half is missing.
    Task,
    /// A part of a task's score.
    Part,
    /// Overall, a stage or a task as the mean over several epochs.
    Mean,
    /// The bounds that a run in a random order found for Overall, a stage or a task of the whole data set. They hold at
    /// any time with 95% confidence, and say nothing about other questions of this kind.
    Bounds,
}

/// In which unit a number is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberUnit {
    /// 0 to 1.
    Fraction,
    /// 0 to 100.
    Percent,
}

/// A number of a scored run with its 95% interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberRow {
    /// The run's label.
    pub label: String,
    /// How it was scored.
    pub mode: ScoringMode,
    /// What the number is about.
    pub kind: NumberKind,
    /// `overall`, a stage, `l1` to `l4`, a task, or `TASK/Part`; before `/mean` or `/bounds` what these are of.
    pub name: String,
    /// The unit of all three numbers.
    pub unit: NumberUnit,
    /// Null if it could not be computed, and of bounds.
    pub value: Option<f64>,
    /// Lower end of the interval; null if there is none.
    pub low: Option<f64>,
    /// Upper end of the interval; null if there is none.
    pub high: Option<f64>,
    /// Whether it rests on captions by the stand-in for FENSE, and compares with no number that does not.
    pub by_stand_in: bool,
}

impl Report {
    /// All numbers, official ones first; in each mode Overall, stages, levels, and tasks with their
    /// parts.
    #[must_use]
    pub fn numbers(&self) -> Vec<NumberRow> {
        let modes = [(ScoringMode::Official, &self.official), (ScoringMode::Strict, &self.strict)];
        modes.into_iter().flat_map(|(mode, report)| self.numbers_of(mode, report)).collect()
    }

    /// The strict numbers that stand beside those of [`numbers`](Self::numbers): means over epochs, and the bounds of a
    /// run in a random order.
    #[must_use]
    pub fn further_numbers(&self) -> Vec<NumberRow> {
        let row = |kind, of: &str, what: &str, estimate: Estimate| {
            let Estimate { value, low, high } = estimate;
            NumberRow {
                label: self.label.clone(),
                mode: ScoringMode::Strict,
                kind,
                by_stand_in: self.strict.estimates.is_by_stand_in(of),
                name: format!("{of}/{what}"),
                unit: NumberUnit::Fraction,
                value,
                low,
                high,
            }
        };
        let mut rows = Vec::new();
        if let Some(repeats) = &self.repeats {
            let scores = &repeats.scores;
            for whole in scores.overall.iter().chain(&scores.stages) {
                rows.push(row(NumberKind::Mean, &whole.name, "mean", whole.headline));
            }
            for task in &scores.tasks {
                rows.push(row(NumberKind::Mean, &task.name.to_uppercase(), "mean", task.headline));
            }
        }
        if let Some(found) = &self.sequence {
            let bounds = Estimate { value: None, low: Some(found.low), high: Some(found.high) };
            rows.push(row(NumberKind::Bounds, &found.of, "bounds", bounds));
        }
        rows
    }

    fn numbers_of(&self, mode: ScoringMode, report: &ModeReport) -> Vec<NumberRow> {
        let estimates = &report.estimates;
        let row = |kind, name: String, unit, estimate: Estimate| {
            let Estimate { value, low, high } = estimate;
            let of = name.split('/').next().unwrap_or(&name);
            let by_stand_in = estimates.is_by_stand_in(of);
            let label = self.label.clone();
            NumberRow { label, mode, kind, name, unit, value, low, high, by_stand_in }
        };
        let fraction = NumberUnit::Fraction;
        let mut rows =
            vec![row(NumberKind::Overall, "overall".to_owned(), fraction, estimates.overall)];
        for stage in &estimates.stages {
            rows.push(row(NumberKind::Stage, stage.name.clone(), fraction, stage.estimate));
        }
        for level in &estimates.levels {
            let percent = NumberUnit::Percent;
            rows.push(row(NumberKind::Level, level.name.clone(), percent, level.estimate));
        }
        for task in &estimates.tasks {
            let name = task.key.to_uppercase();
            rows.push(row(NumberKind::Task, name.clone(), fraction, task.headline));
            for part in &task.parts {
                let name = format!("{name}/{}", part.name);
                rows.push(row(NumberKind::Part, name, fraction, part.estimate));
            }
        }
        rows
    }
}
