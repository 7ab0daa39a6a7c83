//! The weight of each task in stages and in Overall.

use avibench_protocol::{Stage, Task};

/// Every task of the stage counts the same.
pub(super) fn stage_weights(stage: Stage) -> Vec<(Task, f64)> {
    let count = stage.tasks().count() as f64;
    stage.tasks().map(|task| (task, 1.0 / count)).collect()
}

/// Every stage counts the same.
pub(super) fn overall_weights() -> Vec<(Task, f64)> {
    let stages = Stage::ALL.len() as f64;
    let weights = Stage::ALL.into_iter().flat_map(stage_weights);
    weights.map(|(task, weight)| (task, weight / stages)).collect()
}
