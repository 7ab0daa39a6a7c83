//! Chance without a state: a draw is a function of the seed and of what it is for, so that a run
//! under faults repeats whatever order requests arrive in.

use sha2::{Digest, Sha256};

/// The SHA-256 of a request body; the same question asked again has the same key.
pub(crate) type Key = [u8; 32];

/// Identifies a draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub(crate) seed: u64,
    /// The fault's number in the plan.
    pub(crate) fault: usize,
    pub(crate) key: Key,
    /// 1 for the first try of a request.
    pub(crate) attempt: u64,
}

impl Draw {
    /// 64 even bits; `purpose` tells the draws of one fault on one try apart.
    pub(crate) fn bits(&self, purpose: u64) -> u64 {
        let digest = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update((self.fault as u64).to_le_bytes())
            .chain_update(self.key)
            .chain_update(self.attempt.to_le_bytes())
            .chain_update(purpose.to_le_bytes())
            .finalize();
        digest.iter().take(8).fold(0, |bits, &byte| bits << 8 | u64::from(byte))
    }

    /// A number in `0..1`, evenly distributed.
    pub(crate) fn uniform(&self, purpose: u64) -> f64 {
        // 53 bits fill the mantissa of a double exactly.
        (self.bits(purpose) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_differ_and_are_even() {
        let draw = |attempt| Draw { seed: 7, fault: 1, key: [3; 32], attempt };
        assert_eq!(draw(1).bits(0), draw(1).bits(0));
        assert_ne!(draw(1).bits(0), draw(1).bits(1));
        assert_ne!(draw(1).bits(0), draw(2).bits(0));
        let numbers: Vec<f64> = (0..4_000).map(|attempt| draw(attempt).uniform(0)).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        // Five standard errors of the mean of 4,000 even draws.
        assert!((mean - 0.5).abs() < 0.023, "{mean}");
    }
}
