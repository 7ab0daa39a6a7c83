//! The levels as functions of the fourteen headlines, with gradients and with their kinks rounded.
//!
//! A level is a product of means and of the lesser of two or three quantities. Where those are equal
//! it has a kink: at A = V (ear and eye), at R~ = b and P~ = U~ (grounding), and at ASQA = VSQA.
//! [`Levels`](crate::Levels) defines the values; the tests hold the two together.

use avibench_protocol::{Stage, Task};

use super::limits::Limits;
use crate::GuessBaselines;

/// The headlines, 0 to 1, in table order.
pub(super) type Scores = [f64; Task::ALL.len()];

/// Places of tasks.
const EAR: [usize; 3] = [Task::Amic as usize, Task::Var as usize, Task::Avh as usize];
const EYE: [usize; 3] = [Task::Vmic as usize, Task::Avr as usize, Task::Vah as usize];
const SOUNDS: [usize; 1] = [Task::Asqa as usize];
const PICTURES: [usize; 1] = [Task::Vsqa as usize];
/// Tasks of a stage at most; a test holds it to the table of tasks.
const MOST: usize = 4;
/// Means below this count as this, so that logarithms exist.
const LEAST: f64 = 1e-6;
/// At up to so many standard errors from equality a kink counts in full, and from `OUT_OF_REACH` on
/// not at all.
const IN_REACH: f64 = 1.0;
const OUT_OF_REACH: f64 = 2.0;

/// One of the levels.
#[derive(Debug, Clone)]
pub(super) struct LevelShape {
    level: u8,
    /// What guessing scores, 0 to 1.
    guessing: Scores,
    /// Places of the tasks of perception, understanding and reasoning.
    stages: [Vec<usize>; 3],
    /// Those of sensation.
    sensation: Vec<usize>,
}

/// Which quantity counts as the least at each kink; none: the one that is.
pub(super) type Piece = Option<[usize; 3]>;

/// The kinks of a level that an estimate is near.
#[derive(Debug, Clone)]
pub(super) struct Kinks {
    /// Their number; those that are hardly in reach count in part.
    pub(super) count: f64,
    /// The smooth functions of which the level is the least within reach.
    pub(super) pieces: Vec<[usize; 3]>,
}

/// A mean of headlines, or of their headroom over guessing, with its slopes along those it is a mean of.
struct Mean<'a> {
    value: f64,
    places: &'a [usize],
    slopes: [f64; MOST],
}

impl LevelShape {
    /// Level `level`, 1 to 4.
    pub(super) fn new(level: u8, baselines: &GuessBaselines) -> Self {
        let places = |stage: Stage| stage.tasks().map(|task| task as usize).collect();
        Self {
            level,
            guessing: Task::ALL.map(|task| baselines.percent(task) / 100.0),
            stages: [Stage::Perception, Stage::Understand, Stage::Reasoning].map(places),
            sensation: places(Stage::Sensation),
        }
    }

    /// The tasks that the level depends on.
    pub(super) fn tasks(&self) -> impl Iterator<Item = Task> {
        let with_sensation = self.level == 4;
        let counts = move |task: &Task| with_sensation || task.stage() != Stage::Sensation;
        Task::ALL.into_iter().filter(counts)
    }

    /// The level, 0 to 1.
    #[cfg(test)]
    fn value(&self, scores: &Scores) -> f64 {
        libm::exp(self.logarithm(scores, 0.0, None, &mut [0.0; Task::ALL.len()]))
    }

    /// The logarithm of the level (0 to 1), or of one smooth piece of it, and its gradient. Kinks
    /// are rounded over relative differences of about `smoothing`.
    pub(super) fn logarithm(
        &self,
        scores: &Scores,
        smoothing: f64,
        piece: Piece,
        gradient: &mut [f64],
    ) -> f64 {
        gradient.fill(0.0);
        let stages = self.stages.each_ref().map(|places| Mean::of(scores, places));
        let sum: f64 = stages.iter().map(|stage| stage.value).sum();
        for stage in &stages {
            stage.add(gradient, 1.0 / sum);
        }
        let mut logarithm = libm::log(sum / 3.0);
        if self.level >= 2 {
            let sides = [&EAR, &EYE].map(|places| Mean::of(scores, places));
            logarithm += balance(&sides, smoothing, piece.map(|piece| piece[0]), gradient);
        }
        if self.level >= 3 {
            logarithm += self.grounding(scores, smoothing, piece.map(|piece| piece[1]), gradient);
        }
        if self.level >= 4 {
            let mut unfamiliar = [0.0; Task::ALL.len()];
            let sensation = Mean::of(scores, &self.sensation);
            sensation.add(&mut unfamiliar, 1.0 / sensation.value);
            let sides = [&SOUNDS, &PICTURES].map(|places| Mean::of(scores, places));
            let chosen = piece.map(|piece| piece[2]);
            let other =
                libm::log(sensation.value) + balance(&sides, smoothing, chosen, &mut unfamiliar);
            // The harmonic mean of both: 2 / (1 / a + 1 / b).
            let share = 1.0 / (1.0 + libm::exp(logarithm - other));
            for (slope, other) in gradient.iter_mut().zip(&unfamiliar) {
                *slope = share * *slope + (1.0 - share) * other;
            }
            logarithm += std::f64::consts::LN_2 - libm::log1p(libm::exp(logarithm - other));
        }
        logarithm
    }

    /// The logarithm of (1 + min(1, P~ / R~, U~ / R~)) / 2.
    fn grounding(
        &self,
        scores: &Scores,
        smoothing: f64,
        chosen: Option<usize>,
        gradient: &mut [f64],
    ) -> f64 {
        let [perception, understanding, reasoning] = self.headrooms(scores);
        let ratios = [perception.value, understanding.value].map(|mean| mean / reasoning.value);
        let branches = [0.0, ratios[0], ratios[1]]
            .map(|ratio| if ratio > 0.0 { libm::log(f64::midpoint(1.0, ratio)) } else { 0.0 });
        let (least, shares) = least(branches, smoothing, chosen);
        for (mean, (ratio, share)) in
            [&perception, &understanding].into_iter().zip(ratios.into_iter().zip(&shares[1..]))
        {
            let slope = share * ratio / (1.0 + ratio);
            mean.add(gradient, slope / mean.value);
            reasoning.add(gradient, -slope / reasoning.value);
        }
        least
    }

    /// P~, U~ and R~.
    fn headrooms(&self, scores: &Scores) -> [Mean<'_>; 3] {
        self.stages.each_ref().map(|places| {
            let mut mean = Mean { value: 0.0, places, slopes: [0.0; MOST] };
            let count = places.len() as f64;
            for (slope, &place) in mean.slopes.iter_mut().zip(places) {
                let room = 1.0 - self.guessing[place];
                mean.value += ((scores[place] - self.guessing[place]) / room).max(0.0) / count;
                if scores[place] >= self.guessing[place] {
                    *slope = 1.0 / (room * count);
                }
            }
            mean.value = mean.value.max(LEAST);
            mean
        })
    }

    /// The kinks that headlines as uncertain as these are near.
    pub(super) fn kinks(&self, limits: &[Limits; Task::ALL.len()]) -> Kinks {
        let scores = limits.map(|limits| limits.value);
        // Distance from equality in standard errors, and how far the kink is in reach.
        let distance = |one: &Mean, other: &Mean| {
            let variance =
                one.gradient().into_iter().zip(other.gradient()).zip(limits).map(|((a, b), l)| {
                    let error = (a - b) * (l.high - l.low) / (2.0 * avibench_statistics::Z_95);
                    error * error
                });
            let error = libm::sqrt(variance.sum::<f64>());
            let gap = one.value - other.value;
            if error > 0.0 { gap / error } else { gap.signum() * f64::INFINITY }
        };
        let reach =
            |distance: f64| ((OUT_OF_REACH - distance) / (OUT_OF_REACH - IN_REACH)).clamp(0.0, 1.0);
        let mut kinks = Kinks { count: 0.0, pieces: vec![[0; 3]] };
        if self.level >= 2 {
            let [ear, eye] = [&EAR, &EYE].map(|places| Mean::of(&scores, places));
            kinks.add_balance(0, distance(&ear, &eye), reach);
        }
        if self.level >= 3 {
            let [perception, understanding, reasoning] = self.headrooms(&scores);
            let sides = [distance(&perception, &reasoning), distance(&understanding, &reasoning)];
            let apart = distance(&perception, &understanding);
            let lesser = usize::from(apart > 0.0);
            // The basis and reasoning; and, where reasoning is not well below, both bases.
            let (to_basis, to_other) = (reach(sides[lesser].abs()), reach(apart.abs()));
            kinks.count += to_basis + to_other * reach(sides[lesser]);
            let mut branches = vec![if sides[lesser] > 0.0 { 0 } else { 1 + lesser }];
            if to_basis > 0.0 {
                branches.extend([0, 1 + lesser]);
            }
            if to_other > 0.0 && reach(sides[lesser]) > 0.0 {
                branches.extend([1, 2]);
            }
            kinks.branch(1, &branches);
        }
        if self.level >= 4 {
            let [sounds, pictures] = [&SOUNDS, &PICTURES].map(|places| Mean::of(&scores, places));
            kinks.add_balance(2, distance(&sounds, &pictures), reach);
        }
        kinks
    }
}

impl Kinks {
    fn add_balance(&mut self, place: usize, distance: f64, reach: impl Fn(f64) -> f64) {
        let near = reach(distance.abs());
        self.count += near;
        let active = usize::from(distance > 0.0);
        self.branch(place, if near > 0.0 { &[0, 1] } else { std::slice::from_ref(&active) });
    }

    /// Every piece with every one of `choices` at `place`.
    fn branch(&mut self, place: usize, choices: &[usize]) {
        let mut distinct = choices.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let with = |piece: &[usize; 3], choice: usize| {
            let mut piece = *piece;
            piece[place] = choice;
            piece
        };
        self.pieces = self
            .pieces
            .iter()
            .flat_map(|piece| distinct.iter().map(move |&choice| with(piece, choice)))
            .collect();
    }
}

impl<'a> Mean<'a> {
    fn of(scores: &Scores, places: &'a [usize]) -> Self {
        let count = places.len() as f64;
        let sum: f64 = places.iter().map(|&place| scores[place]).sum();
        Self { value: (sum / count).max(LEAST), places, slopes: [1.0 / count; MOST] }
    }

    fn add(&self, gradient: &mut [f64], factor: f64) {
        for (&place, slope) in self.places.iter().zip(self.slopes) {
            gradient[place] += factor * slope;
        }
    }

    fn gradient(&self) -> Scores {
        let mut gradient = [0.0; Task::ALL.len()];
        self.add(&mut gradient, 1.0);
        gradient
    }
}

/// The logarithm of 2 min(a, b) / (a + b), which is 1 - |a - b| / (a + b).
fn balance(sides: &[Mean; 2], smoothing: f64, chosen: Option<usize>, gradient: &mut [f64]) -> f64 {
    let [a, b] = sides;
    let (least, shares) = least([libm::log(a.value), libm::log(b.value)], smoothing, chosen);
    let sum = a.value + b.value;
    a.add(gradient, shares[0] / a.value - 1.0 / sum);
    b.add(gradient, shares[1] / b.value - 1.0 / sum);
    least + libm::log(2.0 / sum)
}

/// The least of some values, or the chosen one, and how much each of them counts: with smoothing
/// `s`, -s ln(sum(exp(-value / s))).
fn least<const N: usize>(
    values: [f64; N],
    smoothing: f64,
    chosen: Option<usize>,
) -> (f64, [f64; N]) {
    let mut shares = [0.0; N];
    if let Some(chosen) = chosen {
        shares[chosen] = 1.0;
        return (values[chosen], shares);
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    if smoothing <= 0.0 {
        let place = values.iter().position(|&value| value <= least).unwrap_or(0);
        shares[place] = 1.0;
        return (least, shares);
    }
    let mut sum = 0.0;
    for (share, value) in shares.iter_mut().zip(values) {
        *share = libm::exp(-(value - least) / smoothing);
        sum += *share;
    }
    for share in &mut shares {
        *share /= sum;
    }
    (least - smoothing * libm::log(sum), shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Headlines, Levels};

    fn made(seed: u32) -> Scores {
        let mut state = seed;
        Task::ALL.map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.02 + 0.97 * f64::from(state >> 8) / f64::from(1 << 24)
        })
    }

    #[test]
    fn no_stage_has_more_tasks_than_a_mean_takes() {
        assert!(Stage::ALL.into_iter().all(|stage| stage.tasks().count() <= MOST));
    }

    #[test]
    fn shapes_are_the_levels() {
        let baselines = GuessBaselines::embedded();
        for seed in 0..300 {
            let scores = made(seed);
            let headlines = Headlines::from_fn(|task| Some(scores[task as usize]));
            let levels = Levels::of(&headlines, baselines);
            let expected = [levels.l1, levels.l2, levels.l3, levels.l4].map(Option::unwrap);
            for (level, expected) in (1..=4).zip(expected) {
                let found = 100.0 * LevelShape::new(level, baselines).value(&scores);
                // Means of 0 count as a millionth.
                let off = (found - expected).abs();
                assert!(off < 1e-4, "L{level} of {seed}: {found} {expected}");
            }
        }
    }

    #[test]
    fn gradients_are_slopes() {
        let baselines = GuessBaselines::embedded();
        for seed in 0..40 {
            let scores = made(seed);
            for level in 1..=4 {
                let shape = LevelShape::new(level, baselines);
                for smoothing in [0.0, 0.05] {
                    let mut gradient = [0.0; Task::ALL.len()];
                    shape.logarithm(&scores, smoothing, None, &mut gradient);
                    for place in 0..Task::ALL.len() {
                        let at = |step: f64| {
                            let mut moved = scores;
                            moved[place] += step;
                            shape.logarithm(&moved, smoothing, None, &mut [0.0; Task::ALL.len()])
                        };
                        let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
                        let off = (slope - gradient[place]).abs();
                        assert!(off < 1e-4 * (1.0 + slope.abs()), "L{level} {seed} {place}: {off}");
                    }
                }
            }
        }
    }

    #[test]
    fn kinks_are_counted_where_they_are_near() {
        let baselines = GuessBaselines::embedded();
        let even = [Limits { value: 0.6, low: 0.54, high: 0.66 }; Task::ALL.len()];
        let kinks = |level: u8, limits: &[Limits; Task::ALL.len()]| {
            LevelShape::new(level, baselines).kinks(limits)
        };
        assert!(kinks(1, &even).count.abs() < 1e-12);
        assert!((kinks(2, &even).count - 1.0).abs() < 1e-12);
        assert_eq!(kinks(2, &even).pieces.len(), 2);
        assert!(kinks(4, &even).count >= 2.0 && kinks(4, &even).pieces.len() >= 4);
        let mut apart = even;
        for task in EAR.into_iter().chain(SOUNDS) {
            apart[task] = Limits { value: 0.2, low: 0.15, high: 0.25 };
        }
        assert!(kinks(2, &apart).count.abs() < 1e-12);
        assert_eq!(kinks(2, &apart).pieces, [[0, 0, 0]]);
    }
}
