//! The clustered bootstrap: which clusters a resample draws, and how often.
//!
//! A resample of a stratum draws as many clusters as the stratum has, with replacement, and takes
//! every record of a drawn cluster as often as the cluster was drawn. Resample `b` of a stratum is
//! a function of seed, name and `b` alone. So strata resample independently, resamples can be
//! computed in any order and on any number of threads, and two models that are scored over the
//! same [`Stratum`] see the same resamples: their difference is a paired one.

use std::num::NonZeroU32;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::clusters::Clusters;
use crate::stream::StreamKey;

/// A set of clusters that is resampled by itself: a task, or half of one.
#[derive(Clone, Debug)]
pub struct Stratum {
    clusters: Clusters,
    key: StreamKey,
}

/// How often one resample takes every cluster and every record; a buffer to use again.
#[derive(Clone, Debug, Default)]
pub struct Draw {
    per_cluster: Vec<u32>,
    per_record: Vec<u32>,
}

impl Stratum {
    /// The stratum `name` of a run with `seed`. Strata of one run need different names, or they
    /// would resample in step.
    #[must_use]
    pub fn new(seed: u64, name: &str, clusters: Clusters) -> Self {
        Self { clusters, key: StreamKey::new(seed, name) }
    }

    /// The clusters that are drawn.
    #[must_use]
    pub fn clusters(&self) -> &Clusters {
        &self.clusters
    }

    /// Puts resample `resample` into `draw`, whatever it held before. Linear in the number of
    /// records; allocates only if `draw` never held a stratum of this size.
    pub fn draw(&self, resample: u32, draw: &mut Draw) {
        draw.per_cluster.clear();
        draw.per_cluster.resize(self.clusters.count() as usize, 0);
        draw.per_record.clear();
        let Some(count) = NonZeroU32::new(self.clusters.count()) else { return };
        let mut stream = self.key.stream(u64::from(resample));
        for _ in 0..count.get() {
            draw.per_cluster[stream.below(count) as usize] += 1;
        }
        let of_record = self.clusters.of_record();
        draw.per_record.extend(of_record.iter().map(|&c| draw.per_cluster[c as usize]));
    }
}

impl Draw {
    /// How often each cluster was drawn; the sum is the number of clusters.
    #[must_use]
    pub fn per_cluster(&self) -> &[u32] {
        &self.per_cluster
    }

    /// How often each record counts: as often as its cluster was drawn.
    #[must_use]
    pub fn per_record(&self) -> &[u32] {
        &self.per_record
    }
}

/// Computes `value` for resamples `0..resamples` on all threads of the current rayon pool; the
/// result is in the order of resamples, so it does not depend on the number of threads.
///
/// `scratch` makes the buffers (such as a [`Draw`]) that one thread uses again and again. One call
/// should compute everything that is wanted of a resample (every task, both modes, both models):
/// that draws each stratum once.
pub fn replicate<S, T: Send>(
    resamples: u32,
    scratch: impl Fn() -> S + Sync + Send,
    value: impl Fn(&mut S, u32) -> T + Sync + Send,
) -> Vec<T> {
    (0..resamples).into_par_iter().map_init(scratch, value).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stratum(seed: u64, name: &str, keys: &[u8]) -> Stratum {
        Stratum::new(seed, name, Clusters::from_keys(keys).expect("few records"))
    }

    fn records(stratum: &Stratum, resample: u32) -> Vec<u32> {
        let mut draw = Draw::default();
        stratum.draw(resample, &mut draw);
        draw.per_record().to_vec()
    }

    #[test]
    fn an_empty_stratum_draws_nothing() {
        assert!(records(&stratum(1, "empty", &[]), 0).is_empty());
    }

    #[test]
    fn resamples_are_the_ones_published() {
        let stratum = stratum(7, "avm", &[0, 1, 2, 3, 4, 5, 6, 7]);
        let drawn: Vec<Vec<u32>> = (0..3).map(|b| records(&stratum, b)).collect();
        let expected =
            [[0, 1, 1, 0, 1, 2, 1, 2], [0, 2, 1, 2, 0, 0, 1, 2], [3, 1, 0, 2, 0, 0, 2, 0]];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn order_and_threads_do_not_matter() {
        let stratum = stratum(3, "var", &[0, 1, 1, 2, 3, 3, 3, 4]);
        let parallel = replicate(50, Draw::default, |draw, b| {
            stratum.draw(b, draw);
            draw.per_record().to_vec()
        });
        let mut backwards: Vec<_> = (0..50).rev().map(|b| records(&stratum, b)).collect();
        backwards.reverse();
        assert_eq!(parallel, backwards);
    }

    #[test]
    fn strata_resample_independently() {
        let keys: Vec<u8> = (0..40).collect();
        assert_ne!(records(&stratum(3, "a", &keys), 0), records(&stratum(3, "b", &keys), 0));
        assert_ne!(records(&stratum(3, "a", &keys), 0), records(&stratum(4, "a", &keys), 0));
        assert_ne!(records(&stratum(3, "a", &keys), 0), records(&stratum(3, "a", &keys), 1));
    }

    proptest! {
        #[test]
        fn a_draw_has_as_many_clusters_as_the_stratum(
            seed in any::<u64>(),
            keys in proptest::collection::vec(0_u8..20, 1..80),
            resample in any::<u32>(),
        ) {
            let stratum = stratum(seed, "any", &keys);
            let mut draw = Draw { per_cluster: vec![9; 300], per_record: vec![9; 300] };
            stratum.draw(resample, &mut draw);
            prop_assert_eq!(draw.per_cluster().iter().sum::<u32>(), stratum.clusters().count());
            prop_assert_eq!(draw.per_record().len(), keys.len());
            for (record, &cluster) in stratum.clusters().of_record().iter().enumerate() {
                prop_assert_eq!(draw.per_record()[record], draw.per_cluster()[cluster as usize]);
            }
        }
    }
}
