//! Which records belong together: the unit that resampling draws.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use thiserror::Error;

/// The cluster of every record of a stratum; clusters are numbered `0..count` without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clusters {
    of_record: Vec<u32>,
    count: u32,
}

/// Why a list of records makes no clusters.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ClusterError {
    /// A number below the largest one is used by no record: drawing it would draw nothing.
    #[error("cluster {0} has no record; number the clusters 0, 1, 2 ... without gaps")]
    Gap(u32),
    /// More records than 32 bits can number.
    #[error("{0} records in one stratum; at most 4294967294 can be resampled")]
    TooMany(usize),
}

impl Clusters {
    /// Clusters from one key a record: equal keys, one cluster. They are numbered in the order of
    /// first appearance, so the numbering depends on the order of records and nothing else.
    pub fn from_keys<K: Eq + Hash>(
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, ClusterError> {
        let mut numbers: HashMap<K, u32> = HashMap::new();
        let mut of_record = Vec::new();
        let mut count = 0_u32;
        for key in keys {
            check_length(of_record.len() + 1)?;
            of_record.push(match numbers.entry(key) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => {
                    count += 1;
                    *new.insert(count - 1)
                }
            });
        }
        Ok(Self { of_record, count })
    }

    /// Clusters from one number a record; the numbers used must be `0..count` without gaps.
    pub fn from_numbers(of_record: Vec<u32>) -> Result<Self, ClusterError> {
        check_length(of_record.len())?;
        let mut used = vec![false; of_record.len()];
        let mut count = 0_u32;
        for &cluster in &of_record {
            // A number as large as the number of records leaves a gap below it.
            if let Some(slot) = used.get_mut(cluster as usize) {
                count += u32::from(!*slot);
                *slot = true;
            }
        }
        match used
            .iter()
            .position(|&used| !used)
            .filter(|&gap| of_record.iter().any(|&c| c as usize > gap))
        {
            Some(gap) => Err(ClusterError::Gap(gap as u32)),
            None => Ok(Self { of_record, count }),
        }
    }

    /// Every record a cluster of its own.
    pub fn singletons(records: usize) -> Result<Self, ClusterError> {
        check_length(records)?;
        Ok(Self { of_record: (0..records as u32).collect(), count: records as u32 })
    }

    /// The number of clusters.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The cluster of every record, in the order of records.
    #[must_use]
    pub fn of_record(&self) -> &[u32] {
        &self.of_record
    }
}

fn check_length(records: usize) -> Result<(), ClusterError> {
    // One value is kept free so that the count itself fits.
    if records < u32::MAX as usize { Ok(()) } else { Err(ClusterError::TooMany(records)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_as_they_appear() {
        let clusters = Clusters::from_keys(["b", "a", "b", "c", "a"]).expect("few records");
        assert_eq!(clusters.of_record(), [0, 1, 0, 2, 1]);
        assert_eq!(clusters.count(), 3);
    }

    #[test]
    fn numbers_must_leave_no_gap() {
        let clusters = Clusters::from_numbers(vec![2, 0, 1, 1]).expect("no gap");
        assert_eq!(clusters.count(), 3);
        assert_eq!(Clusters::from_numbers(vec![0, 2]), Err(ClusterError::Gap(1)));
        assert_eq!(Clusters::from_numbers(vec![0, u32::MAX]), Err(ClusterError::Gap(1)));
        assert_eq!(Clusters::from_numbers(vec![5]), Err(ClusterError::Gap(0)));
        assert_eq!(Clusters::from_numbers(vec![0, 1, 1, 4]), Err(ClusterError::Gap(2)));
    }

    #[test]
    fn no_record_is_no_cluster() {
        assert_eq!(Clusters::from_numbers(Vec::new()).expect("empty").count(), 0);
        assert_eq!(Clusters::singletons(0).expect("empty").count(), 0);
    }
}
