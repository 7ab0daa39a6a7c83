//! Which number is bounded.

use std::fmt;
use std::str::FromStr;

use avibench_protocol::{Stage, Task};
use serde::{Deserialize, Serialize};

/// The strict score that a run is to know well enough. Levels are not among them: they bend where two scores
/// are equal, and a bound of theirs that holds at all times would ask nearly everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SequenceTarget {
    /// The mean of the four stages.
    Overall,
    /// The mean of a stage's tasks.
    Stage(Stage),
    /// The headline of a task.
    Task(Task),
}

/// A name that is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither `overall` nor a stage (perception, understand, reasoning, sensation) nor a task such as AVQA"
)]
pub struct UnknownSequenceTarget(pub String);

impl SequenceTarget {
    /// The tasks behind it, in table order.
    pub fn tasks(self) -> impl Iterator<Item = Task> {
        Task::ALL.into_iter().filter(move |task| match self {
            Self::Overall => true,
            Self::Stage(stage) => task.stage() == stage,
            Self::Task(one) => *task == one,
        })
    }

    /// How much the headline of one of these tasks counts in it; their sum is 1.
    #[must_use]
    pub fn weight(self, task: Task) -> f64 {
        let of_stage = 1.0 / task.stage().tasks().count() as f64;
        match self {
            Self::Overall => of_stage / Stage::ALL.len() as f64,
            Self::Stage(_) => of_stage,
            Self::Task(_) => 1.0,
        }
    }

    /// The target whose tasks are just these; `None` if there is none.
    #[must_use]
    pub fn of_tasks(mut is_asked: impl FnMut(Task) -> bool) -> Option<Self> {
        let asked: Vec<Task> = Task::ALL.into_iter().filter(|task| is_asked(*task)).collect();
        let tasks = asked.iter().copied().map(Self::Task);
        let all = [Self::Overall].into_iter().chain(Stage::ALL.map(Self::Stage)).chain(tasks);
        all.into_iter().find(|target| target.tasks().eq(asked.iter().copied()))
    }
}

impl fmt::Display for SequenceTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overall => "overall",
            Self::Stage(stage) => stage.name(),
            Self::Task(task) => task.name(),
        })
    }
}

impl FromStr for SequenceTarget {
    type Err = UnknownSequenceTarget;

    fn from_str(name: &str) -> Result<Self, UnknownSequenceTarget> {
        let tasks = Task::ALL.into_iter().map(Self::Task);
        let stages = Stage::ALL.into_iter().map(Self::Stage);
        let all = [Self::Overall].into_iter().chain(stages).chain(tasks);
        all.into_iter()
            .find(|target| target.to_string().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownSequenceTarget(name.to_owned()))
    }
}

impl TryFrom<String> for SequenceTarget {
    type Error = UnknownSequenceTarget;

    fn try_from(name: String) -> Result<Self, UnknownSequenceTarget> {
        name.parse()
    }
}

impl From<SequenceTarget> for String {
    fn from(target: SequenceTarget) -> Self {
        target.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one_and_names_are_read_as_they_are_written() {
        let tasks = Task::ALL.into_iter().map(SequenceTarget::Task);
        let stages = Stage::ALL.into_iter().map(SequenceTarget::Stage);
        for target in [SequenceTarget::Overall].into_iter().chain(stages).chain(tasks) {
            let sum: f64 = target.tasks().map(|task| target.weight(task)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{target}");
            assert_eq!(target.to_string().to_uppercase().parse(), Ok(target));
            let tasks: Vec<Task> = target.tasks().collect();
            assert_eq!(SequenceTarget::of_tasks(|task| tasks.contains(&task)), Some(target));
        }
        assert!("L1".parse::<SequenceTarget>().is_err());
        assert_eq!(SequenceTarget::of_tasks(|task| task.stage() != Stage::Sensation), None);
    }
}
