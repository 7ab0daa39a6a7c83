//! Bounds of a sum of means of finite populations that are sampled without replacement, valid at every
//! size of the sample at once.
//!
//! An interval of fixed size holds at the size that was chosen beforehand. Whoever looks at it after every
//! sample, and stops when it is narrow, is misled more often than its level says. A *confidence sequence* holds
//! at all sizes together: with probability 1 - alpha none of its intervals is ever wrong, so that one may
//! stop whenever one likes.
//!
//! This one is a test martingale for sampling without replacement, as in Waudby-Smith and Ramdas ("Confidence
//! sequences for sampling without replacement", 2020, and "Estimating means of bounded random variables by
//! betting", 2024), made linear in the unknown means so that one martingale bounds their sum. Take a population
//! of `N` values in 0..=1 with the mean `m`. Given the first `i - 1` values, with the sum `S`, the next has the mean
//! `c = (N m - S) / (N - i + 1)`. For a stake `b >= 0` and a guess `g` at `c`, both fixed before the draw, and
//! `b g < 1`,
//!
//! ```text
//! E[1 + b (x - g)] = 1 + b (c - g) <= exp(b (c - g)),
//! ```
//!
//! so the product over all draws of `(1 + b (x - g)) exp(-b (c - g))`, whichever population each is from, is a
//! supermartingale that begins with 1. Where a record has several values, `b (x - g)` is a sum over them. By Ville's
//! inequality it ever reaches `1 / a` with probability `a` at most. Its logarithm is `B - sum_k C_k m_k` with
//! known `B` and `C_k`, as each `c` is linear in its `m`, and means for which it reaches `ln(1 / a)` are excluded. The
//! least sum over what remains, a half-space within the bounds that the values drawn leave anyway, is a
//! linear programme with one constraint, which sorting solves. The same with `1 - x` in place of `x` bounds
//! the sum from above.
//!
//! Stakes only decide how soon the bounds are narrow. Those of a draw from a population whose mean counts with the
//! weight `w` are `(W / v) w / (N - i + 1)`. By the inequality of Cauchy and Schwarz no others make `C_k` proportional to
//! `w_k` with less variance when all populations are sampled in proportion, and `W / v` is best for a half-width of
//! `W`, where `v = sum_k w_k^2 s_k^2 / N_k` with the variances `s_k^2` of the values so far.
//!
//! A curved term is taken at its slope. It is convex: every tangent lies below it, and within bounds of its mean
//! the chord above it. A tenth of alpha goes to such bounds for each curved term.

use thiserror::Error;

/// The largest share of what was won so far that one draw can cost.
const MOST_AT_STAKE: f64 = 0.95;

/// How much of that is for plain means, where there are curved terms beside them.
const PLAIN_AT_STAKE: f64 = 0.4;

/// How many draws the first guess at a mean (a half) and at a variance (a quarter) counts for.
const PRIOR_DRAWS: f64 = 1.0;

/// The first guess at the variance of the values of a curved term, which are close to 1.
const CURVED_VARIANCE: f64 = 0.05;

/// The share of the probability of error that goes to the means of curved terms.
const CURVED_SHARE: f64 = 0.1;

/// Into how many pieces the range of a curved term is divided. All combinations of pieces are looked at: eight
/// for the three curved scores of the benchmark. Eight pieces each would ask 1% less.
const PIECES: usize = 2;

/// What the mean of a population adds to the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SumTerm {
    /// `weight x mean`.
    Mean {
        /// How much it counts; positive.
        weight: f64,
    },
    /// `weight x (1 - tanh(scale x sqrt(1 - mean)))`, which rises with the mean.
    RootTanh {
        /// How much it counts; positive.
        weight: f64,
        /// How fast it falls where the mean is below 1; positive.
        scale: f64,
    },
}

/// A finite population of records, each with one value from 0 to 1 for every term.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledPopulation {
    /// How many records it holds; 1 at least.
    pub size: usize,
    /// What the means of its values add to the sum; one at least.
    pub terms: Vec<SumTerm>,
}

/// Why there is no sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SampledSumError {
    /// Nothing to sum.
    #[error("there is no population to sample")]
    Nothing,
    /// A population without records or terms, or with a weight or scale that is not positive.
    #[error(
        "population {0} (from 0) has no records or terms, or a weight or scale that is not positive"
    )]
    Population(usize),
    /// A probability of error or a width out of range.
    #[error("the probability of error must lie between 0 and 1, and the width must be positive")]
    Setting,
}

/// A confidence sequence for a sum over populations. They may be sampled in any order that is fixed beforehand, each
/// uniformly without replacement; bounds are narrow soonest if all have been sampled to about the same share at any time.
#[derive(Clone, Debug)]
pub struct SampledSum {
    populations: Vec<Population>,
    /// `B` of the martingale in the values, and of the one in what they lack to 1.
    won: [f64; 2],
    /// `ln(1 / a)` for each side of the sum, and for each side of a curved term's mean.
    threshold: f64,
    curved_threshold: f64,
    /// The half-width that stakes are best for.
    wanted: f64,
    /// The narrowest bounds so far.
    narrowest: (f64, f64),
}

/// What is known of a population.
#[derive(Clone, Debug)]
struct Population {
    size: f64,
    drawn: f64,
    /// Sum of squares of how far records were off what was guessed, each value times the slope of its term.
    squares: f64,
    terms: Vec<Term>,
}

/// What is known of a term.
#[derive(Clone, Debug)]
struct Term {
    shape: SumTerm,
    /// Sums of the values drawn: at least, and of what they lack to 1: at least.
    sums: [f64; 2],
    /// `C_k` of the two martingales.
    slopes: [f64; 2],
    /// Bounds of a curved term's mean.
    curved: Option<CurvedMean>,
}

/// A confidence sequence for the mean of a curved term by itself.
#[derive(Clone, Copy, Debug)]
struct CurvedMean {
    /// `B` and `C` of the two martingales.
    sides: [(f64, f64); 2],
    squares: f64,
    range: (f64, f64),
}

/// A piece of a linear programme: what evidence it takes up, and what it adds to the sum.
struct Piece {
    room: f64,
    cost: f64,
}

impl SumTerm {
    const fn weight(self) -> f64 {
        match self {
            Self::Mean { weight } | Self::RootTanh { weight, .. } => weight,
        }
    }

    fn is_proper(self) -> bool {
        let is_positive = |number: f64| number > 0.0 && number.is_finite();
        match self {
            Self::Mean { weight } => is_positive(weight),
            Self::RootTanh { weight, scale } => is_positive(weight) && is_positive(scale),
        }
    }

    /// What it adds to the sum where the mean of its values is `mean`.
    #[must_use]
    pub fn at(self, mean: f64) -> f64 {
        match self {
            Self::Mean { weight } => weight * mean,
            Self::RootTanh { weight, scale } => {
                weight * (1.0 - libm::tanh(scale * libm::sqrt((1.0 - mean).max(0.0))))
            }
        }
    }

    /// How fast it rises there. At a mean of 1 a curved term rises without bound; it is taken a little below.
    fn slope(self, mean: f64) -> f64 {
        match self {
            Self::Mean { weight } => weight,
            Self::RootTanh { weight, scale } => {
                let root = libm::sqrt((1.0 - mean).max(1e-12));
                let cosh = libm::cosh(scale * root);
                weight * scale / (2.0 * root * cosh * cosh)
            }
        }
    }
}

impl SampledSum {
    /// A sequence that is ever wrong with probability `alpha` at most, and narrow soonest for a half-width of
    /// `wanted`, in units of the sum.
    ///
    /// # Errors
    ///
    /// If there is nothing to sum, or a number is out of range.
    pub fn new(
        populations: &[SampledPopulation],
        alpha: f64,
        wanted: f64,
    ) -> Result<Self, SampledSumError> {
        if populations.is_empty() {
            return Err(SampledSumError::Nothing);
        }
        let is_odd = |population: &SampledPopulation| {
            let SampledPopulation { size, terms } = population;
            *size == 0 || terms.is_empty() || !terms.iter().all(|term| term.is_proper())
        };
        if let Some(at) = populations.iter().position(is_odd) {
            return Err(SampledSumError::Population(at));
        }
        if !(alpha > 0.0 && alpha < 1.0 && wanted > 0.0 && wanted.is_finite()) {
            return Err(SampledSumError::Setting);
        }
        let terms = || populations.iter().flat_map(|population| &population.terms);
        let curved = terms().filter(|term| matches!(term, SumTerm::RootTanh { .. })).count() as f64;
        let for_curved = if curved > 0.0 { CURVED_SHARE * alpha } else { 0.0 };
        let begun = |population: &SampledPopulation| Population {
            size: population.size as f64,
            drawn: 0.0,
            squares: 0.0,
            terms: population.terms.iter().copied().map(Term::new).collect(),
        };
        Ok(Self {
            populations: populations.iter().map(begun).collect(),
            won: [0.0; 2],
            threshold: libm::log(2.0 / (alpha - for_curved)),
            curved_threshold: libm::log(2.0 * curved / for_curved),
            wanted,
            narrowest: (f64::NEG_INFINITY, f64::INFINITY),
        })
    }

    /// Takes the next record drawn from a population: for each of its terms between which numbers in 0..=1 its
    /// value lies. Where that is not one number, either bound counts the worst. A draw from a population that
    /// does not exist or is used up is ignored, and so is one with another number of values than the population
    /// has terms.
    pub fn draw(&mut self, population: usize, values: &[(f64, f64)]) {
        let spread: f64 = self.populations.iter().map(Population::spread).sum();
        let Some(of) = self.populations.get_mut(population) else { return };
        let left = of.size - of.drawn;
        if left < 1.0 || values.len() != of.terms.len() {
            return;
        }
        let drawn = of.drawn;
        // The first view is of the values, the second of what they lack to 1: at least so much of each.
        let views: Vec<[f64; 2]> = values
            .iter()
            .map(|(least, most)| [least.clamp(0.0, 1.0), 1.0 - most.clamp(0.0, 1.0)])
            .collect();
        for side in 0..2 {
            let per_draw = self.wanted / spread / left;
            let staked = of.terms.iter().map(|term| {
                let guess = guess(term.sums[side], drawn);
                (per_draw * term.working_slope(drawn), guess, term.curved.is_some())
            });
            let staked: Vec<(f64, f64, bool)> = staked.collect();
            // Where not all wishes can be staked, plain means go first for a part: those of curved terms have bounds of
            // their own.
            let risk = |of_curved: bool| -> f64 {
                let of = staked.iter().filter(|(.., curved)| *curved == of_curved);
                of.map(|(stake, guess, _)| stake * guess).sum()
            };
            let together = MOST_AT_STAKE / (risk(false) + risk(true));
            let plain = together.max(PLAIN_AT_STAKE / risk(false)).min(1.0);
            let curved = ((MOST_AT_STAKE - plain * risk(false)) / risk(true)).min(1.0);
            let (mut gain, mut known) = (0.0, 0.0);
            let terms = of.terms.iter_mut().zip(&views);
            for ((term, view), (wish, guess, is_curved)) in terms.zip(staked) {
                let stake = wish * if is_curved { curved } else { plain };
                gain += stake * (view[side] - guess);
                known += stake * (guess + term.sums[side] / left);
                term.slopes[side] += stake * of.size / left;
            }
            self.won[side] += libm::log1p(gain) + known;
        }
        let ratio = self.curved_threshold / self.threshold;
        let mut off = 0.0;
        for (term, view) in of.terms.iter_mut().zip(&views) {
            let distance = f64::midpoint(view[0], 1.0 - view[1]) - term.guessed_mean(drawn);
            off += term.working_slope(drawn) * distance;
            let sums = term.sums;
            if let Some(curved) = &mut term.curved {
                let variance =
                    (curved.squares + CURVED_VARIANCE * PRIOR_DRAWS) / (drawn + PRIOR_DRAWS);
                // Best when the whole sum has its width: the same odds of being drawn, more evidence to gather.
                let wish = self.wanted * libm::sqrt(ratio / (spread * variance / of.size)) / left;
                for side in 0..2 {
                    let guess = guess(sums[side], drawn);
                    let stake = wish.min(MOST_AT_STAKE / guess);
                    let (won, slope) = &mut curved.sides[side];
                    *won += libm::log1p(stake * (view[side] - guess))
                        + stake * (guess + sums[side] / left);
                    *slope += stake * of.size / left;
                }
                curved.squares += distance * distance;
            }
            term.sums = [sums[0] + view[0], sums[1] + view[1]];
        }
        of.squares += off * off;
        of.drawn += 1.0;
        for term in &mut of.terms {
            let certain = term.certain_range(of.size);
            let Some(CurvedMean { sides: [rising, falling], range, .. }) = &mut term.curved else {
                continue;
            };
            let low = (rising.0 - self.curved_threshold) / rising.1;
            let high = 1.0 - (falling.0 - self.curved_threshold) / falling.1;
            let narrowed = (range.0.max(low).max(certain.0), range.1.min(high).min(certain.1));
            // Bounds that exclude everything have erred; what is certain remains.
            *range = if narrowed.0 <= narrowed.1 { narrowed } else { certain };
        }
    }

    /// The bounds of the sum after what was drawn. Bounds of all times hold together, so that they are the narrowest
    /// ones at which this was asked so far.
    pub fn bounds(&mut self) -> (f64, f64) {
        let certain = |at: fn((f64, f64)) -> f64| {
            let of = |population: &Population| -> f64 {
                let terms = population.terms.iter();
                terms.map(|term| term.shape.at(at(term.certain_range(population.size)))).sum()
            };
            self.populations.iter().map(of).sum::<f64>()
        };
        let certain = (certain(|range| range.0), certain(|range| range.1));
        let (low, high) = &mut self.narrowest;
        let now = (low.max(certain.0), high.min(certain.1));
        let now = (now.0.max(self.lowest()), now.1.min(self.highest()));
        // The sequence has erred, which it may with probability alpha; what is certain remains.
        self.narrowest = if now.0 <= now.1 { now } else { certain };
        self.narrowest
    }

    /// The least sum that the first martingale does not exclude. Of curved terms tangents are taken, which lie below.
    fn lowest(&self) -> f64 {
        let mut sum = 0.0;
        let mut missing = self.won[0] - self.threshold;
        let mut pieces = Vec::new();
        for population in &self.populations {
            for term in &population.terms {
                let (low, high) = term.range(population.size);
                let slope = term.slopes[0];
                missing -= slope * low;
                sum += term.shape.at(low);
                let mut add = |from: f64, to: f64, rise: f64| {
                    pieces.push(Piece { room: slope * (to - from), cost: rise * (to - from) });
                };
                if term.curved.is_none() {
                    add(low, high, term.shape.weight());
                    continue;
                }
                // Each tangent holds up to where the next one crosses it.
                let touching = |i: usize| low + (high - low) * i as f64 / PIECES as f64;
                let mut from = low;
                for i in 0..=PIECES {
                    let (at, next) = (touching(i), touching(i + 1));
                    let rise = term.shape.slope(at);
                    let to = if i == PIECES {
                        high
                    } else {
                        crossing(term.shape, at, next).clamp(from, high)
                    };
                    add(from, to, rise);
                    from = to;
                }
            }
        }
        sum + least_cost(&mut pieces, missing)
    }

    /// The greatest sum that the second martingale does not exclude. Of curved terms chords are taken, which lie
    /// above, in every combination of their pieces.
    fn highest(&self) -> f64 {
        let terms = || self.populations.iter().flat_map(|population| &population.terms);
        let curved = terms().filter(|term| term.curved.is_some()).count();
        let mut greatest = f64::NEG_INFINITY;
        let mut pieces = Vec::new();
        for combination in 0..PIECES.pow(curved as u32) {
            let mut code = combination;
            let mut sum = 0.0;
            let mut missing = self.won[1] - self.threshold;
            pieces.clear();
            for population in &self.populations {
                for term in &population.terms {
                    let (mut low, mut high) = term.range(population.size);
                    if term.curved.is_some() {
                        let (piece, width) = (code % PIECES, (high - low) / PIECES as f64);
                        code /= PIECES;
                        low += width * piece as f64;
                        high = low + width;
                    }
                    let (least, most) = (term.shape.at(low), term.shape.at(high));
                    let slope = term.slopes[1];
                    sum += most;
                    missing -= slope * (1.0 - high);
                    pieces.push(Piece { room: slope * (high - low), cost: most - least });
                }
            }
            let room: f64 = pieces.iter().map(|piece| piece.room).sum();
            // A combination that the evidence excludes as a whole says nothing.
            if combination == 0 || room >= missing {
                greatest = greatest.max(sum - least_cost(&mut pieces, missing));
            }
        }
        greatest
    }
}

/// What the evidence costs at least that is `missing`; all that there is if it does not suffice.
fn least_cost(pieces: &mut [Piece], mut missing: f64) -> f64 {
    // By cost for the same room, without dividing by a room of 0.
    pieces.sort_unstable_by(|a, b| (a.cost * b.room).total_cmp(&(b.cost * a.room)));
    let mut cost = 0.0;
    for piece in pieces.iter() {
        if missing <= 0.0 {
            break;
        }
        let part = if piece.room > missing { missing / piece.room } else { 1.0 };
        cost += part * piece.cost;
        missing -= piece.room;
    }
    cost
}

/// Where the tangents at two means cross.
fn crossing(term: SumTerm, first: f64, second: f64) -> f64 {
    let (rise, next) = (term.slope(first), term.slope(second));
    if next - rise <= 1e-12 * rise {
        return second;
    }
    (term.at(first) - rise * first - term.at(second) + next * second) / (next - rise)
}

/// The guess at the mean of the next value.
fn guess(sum: f64, drawn: f64) -> f64 {
    (sum + 0.5 * PRIOR_DRAWS) / (drawn + PRIOR_DRAWS)
}

impl Term {
    fn new(term: SumTerm) -> Self {
        let curved = matches!(term, SumTerm::RootTanh { .. });
        let unknown = CurvedMean { sides: [(0.0, 0.0); 2], squares: 0.0, range: (0.0, 1.0) };
        Self { shape: term, sums: [0.0; 2], slopes: [0.0; 2], curved: curved.then_some(unknown) }
    }

    /// Between which numbers its mean lies, whatever the values that were not drawn.
    fn certain_range(&self, size: f64) -> (f64, f64) {
        (self.sums[0] / size, 1.0 - self.sums[1] / size)
    }

    /// Between which numbers its mean lies, unless a sequence errs.
    fn range(&self, size: f64) -> (f64, f64) {
        self.curved.map_or_else(|| self.certain_range(size), |curved| curved.range)
    }

    /// The guess at its mean, in the middle of what is known.
    fn guessed_mean(&self, drawn: f64) -> f64 {
        guess(f64::midpoint(self.sums[0], drawn - self.sums[1]), drawn)
    }

    /// How fast the sum rises with its mean, as far as is known.
    fn working_slope(&self, drawn: f64) -> f64 {
        self.shape.slope(self.guessed_mean(drawn))
    }
}

impl Population {
    /// Its part of the variance of the sum, but for the odds of being drawn.
    fn spread(&self) -> f64 {
        let slope: f64 = self.terms.iter().map(|term| term.working_slope(self.drawn)).sum();
        let prior = 0.25 * slope * slope * PRIOR_DRAWS;
        (self.squares + prior) / (self.drawn + PRIOR_DRAWS) / self.size
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::StreamKey;

    fn means(sizes: &[usize]) -> Vec<SampledPopulation> {
        let weight = 1.0 / sizes.len() as f64;
        let of = |&size| SampledPopulation { size, terms: vec![SumTerm::Mean { weight }] };
        sizes.iter().map(of).collect()
    }

    #[test]
    fn the_bounds_close_in_on_the_sum_when_everything_is_drawn() {
        let both = [SumTerm::Mean { weight: 0.5 }, SumTerm::RootTanh { weight: 0.5, scale: 2.1 }];
        let population = SampledPopulation { size: 60, terms: both.to_vec() };
        let mut sum = SampledSum::new(&[population], 0.05, 0.02).unwrap();
        let values: Vec<[f64; 2]> =
            (0..60).map(|i| [f64::from(i % 3) / 2.0, 1.0 - f64::from(i % 5) / 40.0]).collect();
        let mut last = 2.0;
        for [first, second] in &values {
            sum.draw(0, &[(*first, *first), (*second, *second)]);
            let (low, high) = sum.bounds();
            assert!(high - low <= last + 1e-12);
            last = high - low;
        }
        let mean = |at: usize| values.iter().map(|value| value[at]).sum::<f64>() / 60.0;
        let truth = both[0].at(mean(0)) + both[1].at(mean(1));
        let (low, high) = sum.bounds();
        assert!((low - truth).abs() < 1e-9 && (high - truth).abs() < 1e-9, "{low} {high} {truth}");
    }

    #[test]
    fn what_is_unknown_of_a_value_stays_open() {
        let mut sum = SampledSum::new(&means(&[4]), 0.05, 0.1).unwrap();
        for value in [(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (0.25, 0.5)] {
            sum.draw(0, &[value]);
        }
        let (low, high) = sum.bounds();
        assert!((low - 1.25 / 4.0).abs() < 1e-12 && (high - 2.5 / 4.0).abs() < 1e-12);
        sum.draw(0, &[(0.0, 0.0)]);
        sum.draw(1, &[(0.0, 0.0)]);
        assert_eq!(sum.bounds(), (low, high), "draws beyond the populations are ignored");
    }

    #[test]
    fn a_narrow_interval_of_a_large_population_takes_a_part_of_it() {
        let mut stream = StreamKey::new(1, "sampled sum").stream(0);
        let mut sum = SampledSum::new(&means(&[2_000, 1_000]), 0.05, 0.03).unwrap();
        let mut drawn = 0;
        let half_width = |(low, high): (f64, f64)| (high - low) / 2.0;
        while half_width(sum.bounds()) > 0.03 {
            let value = f64::from(stream.unit() < 0.5);
            sum.draw(usize::from(drawn % 3 == 2), &[(value, value)]);
            drawn += 1;
        }
        // A normal interval would take 795 of 3,000.
        assert!((900..1_500).contains(&drawn), "{drawn}");
    }

    #[test]
    fn the_truth_is_hardly_ever_left_at_any_time() {
        let misses = (0..400)
            .filter(|seed| {
                let mut stream = StreamKey::new(*seed, "coverage").stream(0);
                let sizes = [80, 40];
                let values: Vec<Vec<f64>> = sizes
                    .iter()
                    .map(|size| (0..*size).map(|_| f64::from(stream.unit() < 0.8)).collect())
                    .collect();
                let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
                let truth = values.iter().map(mean).sum::<f64>() / 2.0;
                let mut sum = SampledSum::new(&means(&sizes), 0.05, 0.05).unwrap();
                (0..120).any(|i| {
                    let (of, at) = if i % 3 == 2 { (1, i / 3) } else { (0, i / 3 * 2 + i % 3) };
                    sum.draw(of, &[(values[of][at], values[of][at])]);
                    let (low, high) = sum.bounds();
                    low > truth + 1e-9 || high < truth - 1e-9
                })
            })
            .count();
        // 20 of 400 would be the level; 35 would be exceeded by luck once in a thousand.
        assert!(misses < 35, "{misses}");
    }

    #[test]
    fn nothing_and_odd_numbers_are_refused() {
        assert_eq!(SampledSum::new(&[], 0.05, 0.1).err(), Some(SampledSumError::Nothing));
        let empty = SampledSum::new(&means(&[3, 0]), 0.05, 0.1);
        assert_eq!(empty.err(), Some(SampledSumError::Population(1)));
        for (alpha, wanted) in [(0.0, 0.1), (1.0, 0.1), (0.05, 0.0), (f64::NAN, 0.1)] {
            let odd = SampledSum::new(&means(&[3]), alpha, wanted);
            assert_eq!(odd.err(), Some(SampledSumError::Setting));
        }
    }

    proptest! {
        #[test]
        fn bounds_stay_within_what_is_possible(
            values in proptest::collection::vec((0.0_f64..=1.0, any::<bool>()), 1..80),
        ) {
            let size = values.len() + 20;
            let both = [SumTerm::Mean { weight: 0.7 }, SumTerm::RootTanh { weight: 0.3, scale: 3.0 }];
            let population = SampledPopulation { size, terms: both.to_vec() };
            let mut sum = SampledSum::new(&[population], 0.05, 0.05).unwrap();
            let mut width = f64::INFINITY;
            let (mut least, mut most) = (0.0, size as f64);
            for (value, is_known) in &values {
                let range = if *is_known { (*value, *value) } else { (0.0, 1.0) };
                sum.draw(0, &[range; 2]);
                least += range.0;
                most -= 1.0 - range.1;
                let (low, high) = sum.bounds();
                prop_assert!(low <= high && high - low <= width + 1e-12);
                width = high - low;
                let at = |values: f64| -> f64 {
                    both.iter().map(|term| term.at(values / size as f64)).sum()
                };
                prop_assert!(low >= at(least) - 1e-9 && high <= at(most) + 1e-9);
            }
        }
    }
}
