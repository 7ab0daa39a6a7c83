//! Random numbers that are the same on every machine: one ChaCha stream for each purpose.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A stream of random numbers that depends on a seed and on what it is for, and on nothing else:
/// neither on the order of work nor on how much of it there is.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `seed` for `purpose`, such as `ASQA/volume/12`.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"avibench stimuli 1\0");
        hash.update(seed.to_le_bytes());
        hash.update(purpose);
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// Uniform in 0..1, 1 excluded, in steps of 2^-53.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform between two bounds.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`; 0 if `count` is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        // The bias of taking the high half of a product is below 2^-50 for our counts.
        ((u128::from(self.0.next_u64()) * count as u128) >> 64) as usize
    }

    /// True with probability `share`.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of `items`, or `None` if there is none.
    pub(crate) fn try_pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// One of a fixed choice of items.
    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, items: [T; N]) -> T {
        const { assert!(N > 0) };
        items[self.below(N)]
    }

    /// Puts `items` into a uniformly random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }

    /// A fixed choice of items in a uniformly random order.
    pub(crate) fn shuffled<T, const N: usize>(&mut self, mut items: [T; N]) -> [T; N] {
        self.shuffle(&mut items);
        items
    }

    /// -1 or 1.
    pub(crate) fn sign(&mut self) -> f64 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_fixed_by_seed_and_purpose() {
        let first = |seed, purpose| Stream::new(seed, purpose).below(1 << 30);
        assert_eq!(first(7, "a"), first(7, "a"));
        assert_ne!(first(7, "a"), first(8, "a"));
        assert_ne!(first(7, "a"), first(7, "b"));
    }

    #[test]
    fn draws_are_uniform_and_in_range() {
        let mut stream = Stream::new(1, "uniform");
        let mut counts = [0_usize; 5];
        for _ in 0..5_000 {
            counts[stream.below(5)] += 1;
        }
        assert!(counts.iter().all(|&count| (900..1_100).contains(&count)), "{counts:?}");
    }
}
