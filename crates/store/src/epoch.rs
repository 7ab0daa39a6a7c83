//! The repeats of a question: which of them an answer belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a repeat, 1 to [`Epoch::MOST`]. A question that is asked once has its answer in the first
/// epoch; prediction files and official scores are those of the first epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Epoch(u32);

/// A number that is no epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an epoch is a number from 1 to {most}, not {0}", most = Epoch::MOST)]
pub struct EpochError(u32);

impl Epoch {
    /// The first repeat.
    pub const FIRST: Self = Self(1);
    /// How often a question may be asked.
    pub const MOST: u32 = 100;

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Whether it is the first.
    #[must_use]
    pub fn is_first(&self) -> bool {
        *self == Self::FIRST
    }

    /// The epoch that comes so many after this one; the last possible at most.
    #[must_use]
    pub fn later_by(self, epochs: u32) -> Self {
        Self(self.0.saturating_add(epochs).min(Self::MOST))
    }

    /// The epochs of a run that asks every question `count` times, from the first; one at least.
    pub fn all(count: u32) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (1..=count.clamp(1, Self::MOST)).map(Self)
    }
}

impl TryFrom<u32> for Epoch {
    type Error = EpochError;

    fn try_from(number: u32) -> Result<Self, EpochError> {
        if (1..=Self::MOST).contains(&number) { Ok(Self(number)) } else { Err(EpochError(number)) }
    }
}

impl From<Epoch> for u32 {
    fn from(epoch: Epoch) -> Self {
        epoch.0
    }
}

impl Default for Epoch {
    fn default() -> Self {
        Self::FIRST
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
