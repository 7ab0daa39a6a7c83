//! The numbers that get an interval, as one flat list.

use avibench_protocol::{Stage, Task};

use crate::{GuessBaselines, Headlines, Levels, ScoreKey, TaskScore};

/// One number of a scored run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// A task's number by its name in score files; the headline is the last of its task.
    Part(ScoreKey, &'static str),
    Stage(Stage),
    Overall,
    /// 1 to 4.
    Level(u8),
}

/// Names of stages, Overall and levels, in the order of [`values`].
const ABOVE_TASKS: [Quantity; 9] = [
    Quantity::Stage(Stage::Perception),
    Quantity::Stage(Stage::Understand),
    Quantity::Stage(Stage::Reasoning),
    Quantity::Stage(Stage::Sensation),
    Quantity::Overall,
    Quantity::Level(1),
    Quantity::Level(2),
    Quantity::Level(3),
    Quantity::Level(4),
];

impl Quantity {
    /// The name in reports, such as `perception`, `overall` or `l3`; of a part, that of the part.
    pub(super) fn name(self) -> String {
        match self {
            Self::Part(_, part) => part.to_owned(),
            Self::Stage(stage) => stage.name().to_owned(),
            Self::Overall => "overall".to_owned(),
            Self::Level(level) => format!("l{level}"),
        }
    }
}

/// The list that belongs to these scores.
pub(super) fn quantities(scores: &[(ScoreKey, TaskScore)]) -> Vec<Quantity> {
    let of_task = |(key, score): &(ScoreKey, TaskScore)| {
        let key = *key;
        score.parts().into_iter().map(move |(part, _)| Quantity::Part(key, part))
    };
    scores.iter().flat_map(of_task).chain(ABOVE_TASKS).collect()
}

/// The values in the order of [`quantities`]; not a number where there is none. A task without a
/// score has as many values as `full`, its score on the full sample, has parts.
pub(super) fn values(
    scores: &[(ScoreKey, Option<TaskScore>)],
    full: &[(ScoreKey, TaskScore)],
    baselines: &GuessBaselines,
) -> Vec<f64> {
    let mut values = Vec::with_capacity(4 * full.len() + ABOVE_TASKS.len());
    let mut by_task = [None; Task::ALL.len()];
    for ((key, score), (_, full)) in scores.iter().zip(full) {
        match score {
            Some(score) => values.extend(score.parts().into_iter().map(|(_, value)| value)),
            None => values.extend(full.parts().into_iter().map(|_| f64::NAN)),
        }
        if let ScoreKey::Task(task) = key {
            by_task[*task as usize] = score.map(|score| score.headline());
        }
    }
    let headlines = Headlines::from_fn(|task| by_task[task as usize]);
    let levels = Levels::of(&headlines, baselines);
    values.extend(ABOVE_TASKS.map(|quantity| {
        let value = match quantity {
            Quantity::Stage(stage) => headlines.stage(stage),
            Quantity::Level(1) => levels.l1,
            Quantity::Level(2) => levels.l2,
            Quantity::Level(3) => levels.l3,
            Quantity::Level(_) => levels.l4,
            Quantity::Overall | Quantity::Part(..) => headlines.overall(),
        };
        value.unwrap_or(f64::NAN)
    }));
    values
}
