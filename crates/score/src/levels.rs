//! Taxonomy levels L1 to L4: how much of a model's ability carries over, ever more strictly.
//!
//! The formulas are those of Section 5 of the paper, in which `alpha` is 0.5 throughout. P, U, R
//! and S are the stage scores in percent, not below 0:
//!
//! ```text
//! D(a, b) = 2 |a - b| / (a + b), 0 when both are 0
//! L1 = (P + U + R) / 3
//! L2 = L1 (1 - alpha D(A, V))       A = mean(AMIC, VAR, AVH), V = mean(VMIC, AVR, VAH)
//! L3 = L2 (1 - alpha Ds)            Ds = 0 if R~ <= b, else (R~ - b) / R~,  b = min(P~, U~)
//! L4 = 2 L3 Q / (L3 + Q)            Q = S (1 - alpha D(ASQA, VSQA)); 0 if L3 or Q is 0
//! ```
//!
//! P~, U~ and R~ are means over a stage's tasks of their headroom over guessing,
//! 100 max(0, (m - c) / (100 - c)): m is the task's score and c its [guess
//! baseline](GuessBaselines). Q is 0 if ASQA and VSQA are both 0; that case is this project's,
//! since the paper's could not be read.
//!
//! L1 >= L2 >= L3 >= 0 always. L2 to L4 can rise when the better of ear and eye gets worse, and L4
//! can exceed L3, because it is a mean with Q.

use avibench_protocol::{Stage, Task};
use serde::{Deserialize, Serialize};

use crate::{GuessBaselines, Headlines};

/// Version of the level formulas; it changes whenever one of them does. In version 1 the formulas
/// of L3 and L4 were this project's.
pub const LEVELS_VERSION: u32 = 2;

/// Weight of every discount.
const ALPHA: f64 = 0.5;

/// From this width on, in points, a [`LevelRange`] is shown beside the level.
const NOTEWORTHY_WIDTH: f64 = 0.05;

/// The four levels in percent; a level whose parts are missing is null.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// [`LEVELS_VERSION`].
    pub levels_version: u32,
    /// Task level: how good on familiar ground.
    pub l1: Option<f64>,
    /// Modality level: L1 discounted by the gap between ear and eye.
    pub l2: Option<f64>,
    /// Stage level: L2 discounted where reasoning exceeds the perception and understanding that it
    /// should rest on.
    pub l3: Option<f64>,
    /// Domain level: harmonic mean of L3 and the score on unfamiliar stimuli.
    pub l4: Option<f64>,
}

/// The least and the greatest value of a level, in percent, over the guess baselines that are
/// possible where the published ones are not known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LevelRange {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
}

/// What open guess baselines do to the levels that depend on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelRanges {
    /// Tasks whose guess baseline is open.
    pub open: Vec<Task>,
    /// Number of combinations of baselines that were tried.
    pub combinations: usize,
    /// Range of L3; null where L3 is.
    pub l3: Option<LevelRange>,
    /// Range of L4; null where L4 is.
    pub l4: Option<LevelRange>,
}

impl Levels {
    /// The levels of a model with these headlines.
    #[must_use]
    pub fn of(headlines: &Headlines, baselines: &GuessBaselines) -> Self {
        let stage = |stage| headlines.stage(stage).map(percent);
        let l1 =
            task_level(stage(Stage::Perception), stage(Stage::Understand), stage(Stage::Reasoning));
        let l2 = l1.zip(ear_and_eye(headlines)).map(|(l1, (ear, eye))| l1 * balance(ear, eye));
        let l3 = l2.zip(grounding(headlines, baselines)).map(|(l2, grounding)| l2 * grounding);
        let l4 = l3.zip(unfamiliar(headlines)).map(|(l3, unfamiliar)| harmonic(l3, unfamiliar));
        Self { levels_version: LEVELS_VERSION, l1, l2, l3, l4 }
    }
}

impl LevelRanges {
    /// L3 and L4 over every combination of guess baselines that is possible; `None` if no baseline
    /// is open or L3 is null.
    #[must_use]
    pub fn of(headlines: &Headlines, baselines: &GuessBaselines) -> Option<Self> {
        let combinations = baselines.combinations();
        let mut ranges =
            Self { open: baselines.open(), combinations: combinations.len(), l3: None, l4: None };
        for possible in &combinations {
            let levels = Levels::of(headlines, possible);
            extend(&mut ranges.l3, levels.l3);
            extend(&mut ranges.l4, levels.l4);
        }
        ranges.l3.is_some().then_some(ranges)
    }
}

impl LevelRange {
    /// Greatest less least value, in points.
    #[must_use]
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Whether the level differs enough for the range to be shown beside it.
    #[must_use]
    pub fn is_noteworthy(self) -> bool {
        self.width() > NOTEWORTHY_WIDTH
    }
}

fn extend(range: &mut Option<LevelRange>, value: Option<f64>) {
    let Some(value) = value else { return };
    let range = range.get_or_insert(LevelRange { low: value, high: value });
    range.low = range.low.min(value);
    range.high = range.high.max(value);
}

/// L1 = (P + U + R) / 3.
fn task_level(
    perception: Option<f64>,
    understanding: Option<f64>,
    reasoning: Option<f64>,
) -> Option<f64> {
    Some((perception? + understanding? + reasoning?) / 3.0)
}

/// Means of the tasks that ear and eye dominate.
fn ear_and_eye(headlines: &Headlines) -> Option<(f64, f64)> {
    let mean = |tasks: [Task; 3]| -> Option<f64> {
        let scores = tasks.map(|task| headlines.get(task).map(percent));
        Some((scores[0]? + scores[1]? + scores[2]?) / 3.0)
    };
    Some((mean([Task::Amic, Task::Var, Task::Avh])?, mean([Task::Vmic, Task::Avr, Task::Vah])?))
}

/// The factor 1 - alpha Ds by which L3 falls short of L2: below 1 where the headroom of reasoning
/// exceeds that of perception or understanding.
fn grounding(headlines: &Headlines, baselines: &GuessBaselines) -> Option<f64> {
    let mean = |stage: Stage| -> Option<f64> {
        let mut sum = 0.0;
        let mut tasks = 0.0;
        for task in stage.tasks() {
            sum += headroom(percent(headlines.get(task)?), baselines.percent(task));
            tasks += 1.0;
        }
        Some(sum / tasks)
    };
    let basis = mean(Stage::Perception)?.min(mean(Stage::Understand)?);
    let reasoning = mean(Stage::Reasoning)?;
    let excess = if reasoning <= basis { 0.0 } else { (reasoning - basis) / reasoning };
    Some(1.0 - ALPHA * excess)
}

/// The score on unfamiliar stimuli, discounted by the gap between bare sounds and bare pictures. 0
/// if there is nothing on both sides: then nothing shows a balance.
fn unfamiliar(headlines: &Headlines) -> Option<f64> {
    let sensation = headlines.stage(Stage::Sensation).map(percent)?;
    let sounds = percent(headlines.get(Task::Asqa)?);
    let pictures = percent(headlines.get(Task::Vsqa)?);
    Some(if sounds + pictures > 0.0 { sensation * balance(sounds, pictures) } else { 0.0 })
}

/// A score in percent, not below 0.
fn percent(score: f64) -> f64 {
    (score * 100.0).max(0.0)
}

/// How much of what lies above guessing is reached, in percent.
fn headroom(score: f64, baseline: f64) -> f64 {
    100.0 * ((score - baseline) / (100.0 - baseline)).max(0.0)
}

/// 1 - alpha D(a, b); 1 when both are 0.
fn balance(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { 1.0 - ALPHA * 2.0 * (a - b).abs() / (a + b) } else { 1.0 }
}

/// The harmonic mean; 0 when either is 0.
fn harmonic(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::{PublishedTasks, published};

    fn levels(headline: impl FnMut(Task) -> Option<f64>) -> [f64; 4] {
        let headlines = Headlines::from_fn(headline);
        values(Levels::of(&headlines, GuessBaselines::embedded())).map(Option::unwrap)
    }

    fn values(levels: Levels) -> [Option<f64>; 4] {
        [levels.l1, levels.l2, levels.l3, levels.l4]
    }

    fn headlines(row: &PublishedTasks) -> Headlines {
        Headlines::from_fn(|task| row.get(task).map(|score| score / 100.0))
    }

    #[test]
    fn published_levels_follow_from_published_tasks() {
        let mut exceptions = Vec::new();
        for row in &published().tasks {
            let ours = values(Levels::of(&headlines(row), GuessBaselines::embedded()));
            let theirs = published().levels.iter().find(|l| l.model == row.model).unwrap().levels;
            for (level, (ours, theirs)) in ours.into_iter().zip(theirs).enumerate() {
                let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
                if (ours - theirs).abs() > 0.02 {
                    exceptions.push((row.model.as_str(), level + 1, format!("{ours:.2}")));
                }
            }
        }
        assert_eq!(published().tasks.len(), 4);
        assert_eq!(exceptions, [("GPT-4o", 4, "0.66".to_owned())]);
        assert!(published().note("GPT-4o", "l4_domain").is_some());
    }

    #[test]
    fn published_stage_levels_follow_from_every_possible_baseline() {
        for row in &published().tasks {
            let theirs = published().levels.iter().find(|l| l.model == row.model).unwrap().levels;
            let ranges = LevelRanges::of(&headlines(row), GuessBaselines::embedded()).unwrap();
            assert_eq!(ranges.combinations, 289);
            assert_eq!(ranges.open, [Task::Var, Task::Avr, Task::Avc]);
            let range = ranges.l3.unwrap();
            let published = theirs[2].unwrap();
            assert!(range.high - published < 0.0251 && published - range.low < 0.0251, "{range:?}");
        }
    }

    #[test]
    fn open_baselines_show_where_they_matter() {
        // Nothing understood: the baselines of understanding do not matter.
        let floor = |task: Task| Some(if task.stage() == Stage::Understand { 0.0 } else { 0.5 });
        let ranges = LevelRanges::of(&Headlines::from_fn(floor), GuessBaselines::embedded());
        assert!(!ranges.unwrap().l3.unwrap().is_noteworthy());
        let lopsided = |task: Task| {
            Some(match task {
                Task::Var => 0.1,
                _ if task.stage() == Stage::Understand => 0.4,
                _ => 0.7,
            })
        };
        let headlines = Headlines::from_fn(lopsided);
        let ranges = LevelRanges::of(&headlines, GuessBaselines::embedded()).unwrap();
        let (l3, l4) = (ranges.l3.unwrap(), ranges.l4.unwrap());
        assert!(l3.is_noteworthy() && l4.is_noteworthy());
        let value = Levels::of(&headlines, GuessBaselines::embedded()).l3.unwrap();
        assert!(l3.low <= value && value <= l3.high);
        assert_eq!(LevelRanges::of(&Headlines::default(), GuessBaselines::embedded()), None);
    }

    #[test]
    fn a_perfect_model_has_a_hundred_four_times() {
        for level in levels(|_| Some(1.0)) {
            assert!((level - 100.0).abs() < 1e-9);
        }
        assert!(levels(|_| Some(0.0)).iter().all(|level| level.abs() < 1e-12));
    }

    #[test]
    fn a_model_deaf_to_bare_sounds_has_nothing_on_the_last_level() {
        let [l1, l2, l3, l4] = levels(|task| match task {
            Task::Asqa => Some(0.0),
            _ => Some(0.6),
        });
        assert!((l1 - 60.0).abs() < 1e-9 && (l2 - l1).abs() < 1e-9 && l3 <= l2);
        // D(0, 60) is 2, so that the discount takes off all of S.
        assert!(l4.abs() < 1e-9);
    }

    #[test]
    fn levels_can_do_what_the_report_says_they_can() {
        // A better ear beside a weaker eye: as the ear gets worse, L2 rises.
        let with_ear = |ear: f64| {
            levels(|task| match task {
                Task::Amic | Task::Var | Task::Avh => Some(ear),
                Task::Vmic | Task::Avr | Task::Vah => Some(0.2),
                _ => Some(0.9),
            })
        };
        let (better, worse) = (with_ear(0.6), with_ear(0.5));
        assert!(worse[0] < better[0] && worse[1] > better[1], "{worse:?} {better:?}");
        let sensation = |task: Task| Some(if task.stage() == Stage::Sensation { 0.9 } else { 0.3 });
        let [_, _, l3, l4] = levels(sensation);
        assert!(l4 > l3);
    }

    #[test]
    fn the_first_three_levels_never_rise() {
        for seed in 0..500_u32 {
            let mut state = seed;
            let [l1, l2, l3, l4] = levels(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some(f64::from(state >> 8) / f64::from(1 << 24) * 1.1 - 0.1)
            });
            assert!(l1 >= l2 && l2 >= l3 && l3 >= 0.0 && l4 >= 0.0, "{seed}");
        }
    }

    #[test]
    fn levels_with_missing_parts_are_null() {
        let without = |absent: Task| {
            let headlines = Headlines::from_fn(|task| (task != absent).then_some(0.5));
            values(Levels::of(&headlines, GuessBaselines::embedded())).map(|level| level.is_some())
        };
        assert_eq!(without(Task::Avsqa), [true, true, true, false]);
        assert_eq!(without(Task::Avc), [false; 4]);
    }
}
