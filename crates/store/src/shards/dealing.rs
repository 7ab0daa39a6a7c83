//! Which shard asks which samples: clusters are dealt out like cards, one shard after the other.

use std::collections::HashMap;

/// Deals the clusters of folder after folder. The next folder begins with the shard after the one that
/// got the last cluster, so that shards differ by one cluster at most, in each folder and in all of them
/// together; and because every Nth cluster goes to a shard, each has its share of what stands at the
/// beginning and at the end of a folder.
#[derive(Debug, Clone)]
pub struct Dealing {
    of: u32,
    /// The shard that gets the next cluster, from 0.
    next: u32,
}

impl Dealing {
    /// Deals to so many shards.
    ///
    /// # Panics
    ///
    /// If that is none.
    #[must_use]
    pub fn new(of: u32) -> Self {
        assert!(of > 0, "a run has one shard at least");
        Self { of, next: 0 }
    }

    /// The shard of each sample of a folder, from 1. `samples` gives the cluster of each, and whether it is
    /// chosen; those of one cluster stay together, wherever they stand. What is not chosen is dealt out
    /// after the rest and changes nothing about it.
    pub fn deal<'a>(&mut self, samples: impl Iterator<Item = (&'a str, bool)> + Clone) -> Vec<u32> {
        let mut known: HashMap<&str, u32> = HashMap::new();
        for (cluster, _) in samples.clone().filter(|(_, is_chosen)| *is_chosen) {
            known.entry(cluster).or_insert_with(|| self.take());
        }
        let mut beside = self.clone();
        samples.map(|(cluster, _)| *known.entry(cluster).or_insert_with(|| beside.take())).collect()
    }

    fn take(&mut self) -> u32 {
        let shard = self.next + 1;
        self.next = shard % self.of;
        shard
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_folder_begins_where_the_last_one_ended() {
        let mut dealing = Dealing::new(3);
        let mut deal = |clusters: &[&'static str]| dealing.deal(all(clusters));
        assert_eq!(deal(&["a", "b", "a", "c", "d", "b"]), [1, 2, 1, 3, 1, 2]);
        assert_eq!(deal(&["a", "b"]), [2, 3]);
        assert!(deal(&[]).is_empty());
        assert_eq!(deal(&["z"]), [1]);
    }

    fn all<'a>(clusters: &[&'a str]) -> impl Iterator<Item = (&'a str, bool)> + Clone {
        clusters.iter().map(|cluster| (*cluster, true))
    }

    #[test]
    fn what_is_not_chosen_changes_nothing_about_the_rest() {
        let samples = [("x", false), ("a", true), ("b", true), ("y", false), ("a", false)];
        let mut dealing = Dealing::new(4);
        assert_eq!(dealing.deal(samples.into_iter()), [3, 1, 2, 4, 1]);
        assert_eq!(dealing.deal([("c", true)].into_iter()), [3]);
    }

    /// How many clusters each shard has, none included.
    fn sizes(of: u32, clusters: &BTreeMap<&str, u32>) -> BTreeMap<u32, usize> {
        let mut sizes: BTreeMap<u32, usize> = (1..=of).map(|shard| (shard, 0)).collect();
        for shard in clusters.values() {
            *sizes.get_mut(shard).unwrap() += 1;
        }
        sizes
    }

    fn is_even(sizes: &BTreeMap<u32, usize>) -> bool {
        let [least, most] = [sizes.values().min(), sizes.values().max()];
        most.unwrap() - least.unwrap() <= 1
    }

    proptest! {
        #[test]
        fn shards_are_a_partition_and_equally_large(
            of in 1_u32..60,
            folders in vec(vec(0_u8..50, 0..120), 0..8),
        ) {
            let names: Vec<Vec<String>> =
                folders.iter().map(|ids| ids.iter().map(u8::to_string).collect()).collect();
            let mut dealing = Dealing::new(of);
            let mut total: BTreeMap<u32, usize> = (1..=of).map(|shard| (shard, 0)).collect();
            for names in &names {
                let shards = dealing.deal(names.iter().map(|name| (name.as_str(), true)));
                prop_assert_eq!(shards.len(), names.len(), "every sample has one shard");
                prop_assert!(shards.iter().all(|shard| (1..=of).contains(shard)));
                let pairs: BTreeSet<(&str, u32)> =
                    names.iter().map(String::as_str).zip(shards).collect();
                let clusters: BTreeMap<&str, u32> = pairs.iter().copied().collect();
                prop_assert_eq!(pairs.len(), clusters.len(), "a cluster is in one shard");
                let sizes = sizes(of, &clusters);
                prop_assert!(is_even(&sizes), "{:?}", sizes);
                for (shard, size) in sizes {
                    *total.get_mut(&shard).unwrap() += size;
                }
            }
            prop_assert!(is_even(&total), "{:?}", total);
        }
    }
}
