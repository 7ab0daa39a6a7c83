//! Random draws for questions, fixed by seed, purpose and number.

use crate::Ability;

/// The draws of one purpose: independent of those of any other.
pub(crate) fn draws(seed: u64, ability: Ability, purpose: &str, number: usize) -> fastrand::Rng {
    let words = format!("{ability} {purpose} {number}");
    // FNV-1a over the words, mixed with the seed by the generator's own seeding.
    let hash = words.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    fastrand::Rng::with_seed(fastrand::Rng::with_seed(seed).u64(..) ^ hash)
}

/// Puts a fixed choice of items into a random order.
pub(crate) fn shuffled<T, const N: usize>(draws: &mut fastrand::Rng, mut items: [T; N]) -> [T; N] {
    draws.shuffle(&mut items);
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_fixed_and_uniform() {
        let first = |seed, number| draws(seed, Ability::See, "a", number).u64(..);
        assert_eq!(first(7, 1), first(7, 1));
        assert!(first(7, 1) != first(7, 2) && first(7, 1) != first(8, 1));
        let mut counts = [0; 4];
        for seed in 0..4_000 {
            counts[draws(seed, Ability::Hear, "option", 3).usize(..4)] += 1;
        }
        assert!(counts.iter().all(|count| (880..1_120).contains(count)), "{counts:?}");
    }
}
