//! Taxonomy levels L1 to L4: how much of a model's ability carries over, ever more strictly.
//!
//! L1 is the paper's. L2 to L4 are stated there in words only; the formulas are this project's and
//! carry a version.

use avibench_protocol::{Stage, Task};
use serde::Serialize;

use crate::Headlines;

/// Version of the level formulas; it changes whenever one of them does.
pub const LEVELS_VERSION: u32 = 1;

/// The four levels in percent; a level whose parts are missing is null.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Levels {
    /// [`LEVELS_VERSION`].
    pub levels_version: u32,
    /// Task level: how good on familiar ground.
    pub l1: Option<f64>,
    /// Modality level: when ear and eye must be equal.
    pub l2: Option<f64>,
    /// Stage level: when reasoning must rest on perception and understanding.
    pub l3: Option<f64>,
    /// Domain level: when it must carry over to unfamiliar stimuli.
    pub l4: Option<f64>,
}

impl Levels {
    /// The levels of a model with these headlines.
    #[must_use]
    pub fn of(headlines: &Headlines) -> Self {
        let stage = |stage| headlines.stage(stage).map(percent);
        let perception = stage(Stage::Perception);
        let understanding = stage(Stage::Understand);
        let reasoning = stage(Stage::Reasoning);
        let l1 = task_level(perception, understanding, reasoning);
        let l2 = l1.zip(ear_and_eye(headlines)).map(|(l1, (ear, eye))| l1 * balance(ear, eye));
        let l3 = stage_level(l2, perception, understanding, reasoning);
        let sensation = stage(Stage::Sensation).zip(sensation_balance(headlines));
        let l4 = l3
            .zip(sensation)
            .map(|(l3, (sensation, balance))| l3 * (1.0 - shortfall(l3, sensation * balance)));
        Self { levels_version: LEVELS_VERSION, l1, l2, l3, l4 }
    }
}

/// L1 = (P + U + R) / 3.
fn task_level(
    perception: Option<f64>,
    understanding: Option<f64>,
    reasoning: Option<f64>,
) -> Option<f64> {
    Some((perception? + understanding? + reasoning?) / 3.0)
}

/// L3 = L2 x (1 - max(0, R - B) / (R + B)), B = (P + U) / 2.
fn stage_level(
    l2: Option<f64>,
    perception: Option<f64>,
    understanding: Option<f64>,
    reasoning: Option<f64>,
) -> Option<f64> {
    let basis = f64::midpoint(perception?, understanding?);
    Some(l2? * (1.0 - shortfall(reasoning?, basis)))
}

/// Means of the tasks that ear and eye dominate.
fn ear_and_eye(headlines: &Headlines) -> Option<(f64, f64)> {
    let mean = |tasks: [Task; 3]| -> Option<f64> {
        let scores = tasks.map(|task| headlines.get(task).map(percent));
        Some((scores[0]? + scores[1]? + scores[2]?) / 3.0)
    };
    Some((mean([Task::Amic, Task::Var, Task::Avh])?, mean([Task::Vmic, Task::Avr, Task::Vah])?))
}

/// Balance of bare sounds and bare pictures; here nothing on both sides is no balance.
fn sensation_balance(headlines: &Headlines) -> Option<f64> {
    let sounds = percent(headlines.get(Task::Asqa)?);
    let pictures = percent(headlines.get(Task::Vsqa)?);
    Some(if sounds + pictures > 0.0 { balance(sounds, pictures) } else { 0.0 })
}

/// A score in percent, not below 0.
fn percent(score: f64) -> f64 {
    (score * 100.0).max(0.0)
}

/// 1 - |a - b| / (a + b); 1 when both are 0.
fn balance(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { 1.0 - (a - b).abs() / (a + b) } else { 1.0 }
}

/// How far `basis` falls short of what is built on it: max(0, a - b) / (a + b), 0 when both are 0.
fn shortfall(built: f64, basis: f64) -> f64 {
    if built + basis > 0.0 { (built - basis).max(0.0) / (built + basis) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::published;

    fn levels(headline: impl FnMut(Task) -> Option<f64>) -> [f64; 4] {
        let levels = Levels::of(&Headlines::from_fn(headline));
        [levels.l1, levels.l2, levels.l3, levels.l4].map(Option::unwrap)
    }

    #[test]
    fn published_levels_follow_from_published_stages() {
        let mut distances = Vec::new();
        for row in &published().levels {
            let Some(stages) = published().stages.iter().find(|s| s.model == row.model) else {
                continue;
            };
            let [perception, understanding, reasoning, _] = stages.stages;
            let (Some(l1), [Some(published_l1), l2, Some(published_l3), _]) =
                (task_level(perception, understanding, reasoning), row.levels)
            else {
                continue;
            };
            assert!((l1 - published_l1).abs() < 0.0101, "{}: {l1}", row.model);
            let l3 = stage_level(l2, perception, understanding, reasoning).unwrap();
            distances.push((l3 - published_l3).abs());
        }
        distances.sort_by(f64::total_cmp);
        assert_eq!(distances.len(), 5, "{distances:?}");
        assert!(distances[3] <= 0.5 && distances[4] <= 2.3, "{distances:?}");
    }

    #[test]
    fn a_perfect_model_has_a_hundred_four_times() {
        for level in levels(|_| Some(1.0)) {
            assert!((level - 100.0).abs() < 1e-9);
        }
        assert!(levels(|_| Some(0.0)).iter().all(|level| level.abs() < 1e-12));
    }

    #[test]
    fn a_model_deaf_to_bare_sounds_falls_on_the_last_level() {
        let [l1, l2, l3, l4] = levels(|task| Some(if task == Task::Asqa { 0.0 } else { 0.6 }));
        assert!((l1 - 60.0).abs() < 1e-9 && (l2 - l1).abs() < 1e-9 && (l3 - l2).abs() < 1e-9);
        assert!(l4.abs() < 1e-9);
    }

    #[test]
    fn levels_never_rise() {
        for seed in 0..500_u32 {
            let mut state = seed;
            let [l1, l2, l3, l4] = levels(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some(f64::from(state >> 8) / f64::from(1 << 24) * 1.1 - 0.1)
            });
            assert!(l1 >= l2 && l2 >= l3 && l3 >= l4 && l4 >= 0.0, "{seed}");
        }
    }

    #[test]
    fn levels_with_missing_parts_are_null() {
        let without = |absent: Task| {
            let levels = Levels::of(&Headlines::from_fn(|task| (task != absent).then_some(0.5)));
            [levels.l1, levels.l2, levels.l3, levels.l4].map(|level| level.is_some())
        };
        assert_eq!(without(Task::Avsqa), [true, true, true, false]);
        assert_eq!(without(Task::Avc), [false; 4]);
    }
}
