//! Many inputs for one function, until one fails.

use std::time::{Duration, Instant};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::mutation::inputs;

/// Inputs tried between two looks at the clock and two reports.
const BATCH: u32 = 64;
/// Most steps taken to make a failing input smaller.
const SHRINKING_STEPS: u32 = 2_000;

/// An input on which the function panicked, made as small as possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// The input.
    pub input: Vec<u8>,
}

/// A run of inputs. The same seeds and the same number give the same inputs.
#[derive(Debug)]
pub struct Campaign {
    seeds: Vec<Vec<u8>>,
    number: u64,
    tried: u64,
    slowest: Duration,
}

impl Campaign {
    /// A campaign over mutations of `seeds`.
    ///
    /// # Panics
    ///
    /// If there is no seed, because there would be nothing to mutate.
    #[must_use]
    pub fn new(seeds: Vec<Vec<u8>>, number: u64) -> Self {
        assert!(!seeds.is_empty(), "a campaign needs a seed");
        Self { seeds, number, tried: 0, slowest: Duration::ZERO }
    }

    /// Inputs tried so far, the seeds themselves included.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.tried
    }

    /// The longest time that one input took.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        self.slowest
    }

    /// Tries the seeds, then mutations while `go_on` says so: it is asked every 64 inputs.
    ///
    /// # Errors
    ///
    /// The first input on which `function` panics.
    pub fn run(
        &mut self,
        function: impl Fn(&[u8]),
        mut go_on: impl FnMut(&Self) -> bool,
    ) -> Result<(), Crash> {
        let fails = |input: &[u8]| {
            let call = std::panic::AssertUnwindSafe(|| function(input));
            std::panic::catch_unwind(call).is_err()
        };
        for seed in self.seeds.clone() {
            self.tried += 1;
            if fails(&seed) {
                return Err(Crash { input: seed });
            }
        }
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.number.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        let strategy = inputs(self.seeds.clone());
        while go_on(self) {
            for _ in 0..BATCH {
                let Ok(mut tree) = strategy.new_tree(&mut runner) else { continue };
                self.tried += 1;
                let started = Instant::now();
                let failed = fails(&tree.current());
                self.slowest = self.slowest.max(started.elapsed());
                if failed {
                    return Err(Crash { input: smallest(&mut tree, fails) });
                }
            }
        }
        Ok(())
    }
}

/// The smallest input below `tree` that still fails.
fn smallest(tree: &mut impl ValueTree<Value = Vec<u8>>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut best = tree.current();
    for _ in 0..SHRINKING_STEPS {
        let failing = fails(&tree.current());
        if failing {
            best = tree.current();
        }
        let moved = if failing { tree.simplify() } else { tree.complicate() };
        if !moved {
            break;
        }
    }
    best
}
