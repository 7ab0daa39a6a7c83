//! What the shards of one run have in common: of how many they are, and of which samples.

use std::fmt;

use avibench_protocol::{Folder, Position};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Shard;

/// What a shard's manifest says of its part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardIdentity {
    /// Which part it is.
    pub shard: Shard,
    /// Samples of the whole run, of which the shards are parts.
    pub samples: usize,
    /// Lower-case hex SHA-256 of which samples these are.
    pub selection: String,
    /// How many records of each folder's beginning are asked, if that is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_samples: Option<usize>,
}

impl ShardIdentity {
    /// Which samples the whole run is of, in words.
    #[must_use]
    pub fn whole(&self) -> String {
        let first = self.n_samples.map_or_else(String::new, |n| format!(" (--n-samples {n})"));
        let digest = self.selection.get(..8).unwrap_or(&self.selection);
        format!("{} samples{first}, digest {digest}", self.samples)
    }
}

/// In words: which shard of which samples.
impl fmt::Display for ShardIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.shard, self.whole())
    }
}

/// Works out the digest of a selection of samples.
#[derive(Debug, Clone, Default)]
pub struct SelectionDigest {
    sum: Sha256,
    samples: usize,
}

impl SelectionDigest {
    /// Adds a sample; the order counts.
    pub fn add(&mut self, folder: Folder, position: Position, id: &str) {
        // Lengths keep apart what ids could run together.
        self.sum.update(format!("{folder} {position} {} ", id.len()));
        self.sum.update(id.as_bytes());
        self.samples += 1;
    }

    /// How many samples were added, and their digest in lower-case hex.
    #[must_use]
    pub fn finish(self) -> (usize, String) {
        (self.samples, hex::encode(self.sum.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_samples_have_another_digest() {
        let digest = |samples: &[(Folder, usize, &str)]| {
            let mut digest = SelectionDigest::default();
            for (folder, position, id) in samples {
                digest.add(*folder, Position(*position), id);
            }
            digest.finish()
        };
        let (samples, one) = digest(&[(Folder::Avm, 0, "a"), (Folder::Avm, 1, "b")]);
        assert_eq!((samples, one.len()), (2, 64));
        for other in [
            &[(Folder::Avm, 0, "a"), (Folder::Avm, 2, "b")][..],
            &[(Folder::Avm, 0, "a"), (Folder::Avl, 1, "b")],
            &[(Folder::Avm, 0, "a")],
            &[(Folder::Avm, 0, "aAVM 1 1 b")],
        ] {
            assert_ne!(digest(other).1, one);
        }
    }
}
