//! Random draws for questions, fixed by seed, ability, purpose and number.

use std::num::NonZeroU32;

use avibench_statistics::{Stream, StreamKey};

use crate::Ability;

/// The draws of one purpose: independent of those of any other.
pub(crate) struct Draws(Stream);

impl Draws {
    pub(crate) fn new(seed: u64, ability: Ability, purpose: &str, number: usize) -> Self {
        let purpose = format!("probe {ability} {purpose}");
        Self(StreamKey::new(seed, &purpose).stream(number as u64))
    }

    /// Uniform in `0..count`.
    pub(crate) fn below(&mut self, count: u32) -> usize {
        NonZeroU32::new(count).map_or(0, |count| self.0.below(count) as usize)
    }

    /// Uniform in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.unit()
    }

    /// A fixed choice of items in a random order.
    pub(crate) fn shuffled<T, const N: usize>(&mut self, mut items: [T; N]) -> [T; N] {
        self.0.shuffle(&mut items);
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_fixed_by_all_that_names_them() {
        let first = |seed, ability, number| Draws::new(seed, ability, "a", number).below(u32::MAX);
        let base = first(7, Ability::See, 1);
        assert_eq!(base, first(7, Ability::See, 1));
        for other in
            [first(8, Ability::See, 1), first(7, Ability::Hear, 1), first(7, Ability::See, 2)]
        {
            assert_ne!(base, other);
        }
    }
}
