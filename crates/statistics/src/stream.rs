//! Random numbers that are the same on every machine and in every version of this program.
//!
//! A stream is named by a seed, a purpose and an index. The key of its `ChaCha8` generator is the
//! SHA-256 of `avibench statistics 1`, a zero byte, the seed as eight little-endian bytes and the
//! purpose in UTF-8; the index is the generator's 64-bit nonce. Streams are therefore independent
//! of each other, and of the order in which they are used. Tests hold fixed values: a change of
//! this mapping changes every published interval and must change the version in the prefix.

use std::num::NonZeroU32;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

const PREFIX: &[u8] = b"avibench statistics 1\0";

/// What the streams of one seed and one purpose have in common; cheap to keep, cheap to draw from.
#[derive(Clone, Debug)]
pub struct StreamKey([u8; 32]);

impl StreamKey {
    /// The key of `seed` for `purpose`, such as the name of a stratum.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(PREFIX);
        hash.update(seed.to_le_bytes());
        hash.update(purpose);
        Self(hash.finalize().into())
    }

    /// The stream at `index`, from its beginning.
    #[must_use]
    pub fn stream(&self, index: u64) -> Stream {
        let mut generator = ChaCha8Rng::from_seed(self.0);
        generator.set_stream(index);
        Stream(generator)
    }
}

/// A sequence of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// Uniform in `0..count`, every value exactly equally likely.
    ///
    /// One 32-bit word is multiplied by `count`; the high half of the product is the result, and
    /// words whose low half falls below `2^32 mod count` are drawn again (Lemire, "Fast random
    /// integer generation in an interval", 2019).
    pub fn below(&mut self, count: NonZeroU32) -> u32 {
        let count = count.get();
        let mut product = self.product(count);
        if (product as u32) < count {
            let reject = count.wrapping_neg() % count;
            while (product as u32) < reject {
                product = self.product(count);
            }
        }
        (product >> 32) as u32
    }

    fn product(&mut self, count: u32) -> u64 {
        u64::from(self.0.next_u32()) * u64::from(count)
    }

    /// Puts at most 2^32 `items` into an order in which every order is equally likely (Durstenfeld,
    /// "Algorithm 235: random permutation", 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            if let Some(choices) = NonZeroU32::new((last + 1) as u32) {
                items.swap(last, self.below(choices) as usize);
            }
        }
    }

    /// Uniform in `0.0..1.0`, 1 excluded, in steps of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seed: u64, purpose: &str, index: u64) -> u32 {
        StreamKey::new(seed, purpose).stream(index).below(NonZeroU32::MAX)
    }

    #[test]
    fn seed_purpose_and_index_each_name_another_stream() {
        let base = first(7, "avm", 0);
        assert_eq!(base, first(7, "avm", 0));
        for other in [first(8, "avm", 0), first(7, "avh", 0), first(7, "avm", 1)] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn every_residue_is_equally_frequent() {
        let count = NonZeroU32::new(7).expect("not zero");
        let mut stream = StreamKey::new(1, "uniform").stream(0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[stream.below(count) as usize] += 1;
        }
        // Chi-square with 6 degrees of freedom is above 22.5 once in a thousand.
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 22.5, "{counts:?}");
    }

    #[test]
    fn no_bias_remains_where_plain_scaling_would_have_it() {
        // Without rejection the values divisible by three would come up half of the time.
        let count = NonZeroU32::new(3 << 30).expect("not zero");
        let mut stream = StreamKey::new(2, "bias").stream(0);
        let thirds = (0..30_000).filter(|_| stream.below(count).is_multiple_of(3)).count();
        assert!((9_700..10_300).contains(&thirds), "{thirds}");
    }

    #[test]
    fn every_order_is_equally_frequent() {
        let mut stream = StreamKey::new(4, "order").stream(0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..60_000 {
            let mut items = [1, 2, 3];
            stream.shuffle(&mut items);
            *counts.entry(items).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Chi-square with 5 degrees of freedom is above 20.5 once in a thousand.
        let chi: f64 = counts.values().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 20.5, "{counts:?}");
    }

    #[test]
    fn units_fill_their_range() {
        let mut stream = StreamKey::new(3, "unit").stream(0);
        let values: Vec<f64> = (0..10_000).map(|_| stream.unit()).collect();
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        let mean = values.iter().sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }
}
