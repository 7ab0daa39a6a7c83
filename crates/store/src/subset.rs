//! A random part of a data set: clusters drawn without replacement, the same share of each folder.

use std::collections::HashMap;
use std::fmt;

use avibench_protocol::{Folder, Sample};
use avibench_statistics::StreamKey;
use serde::{Deserialize, Serialize};

/// Which part of every folder is asked. Formal questions and their checks share a cluster, so they
/// are asked together or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Subset {
    /// Share of each folder's clusters, above 0 and below 1; a folder has one of them at least.
    pub share: f64,
    /// What decides which.
    pub seed: u64,
}

impl Subset {
    /// For each sample of a folder whether its cluster is drawn.
    #[must_use]
    pub fn of(&self, folder: Folder, samples: &[Sample]) -> Vec<bool> {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let of_sample: Vec<usize> = samples
            .iter()
            .map(|sample| {
                let next = numbers.len();
                *numbers.entry(sample.formal_id()).or_insert(next)
            })
            .collect();
        let count = numbers.len();
        let wanted = ((self.share * count as f64).round() as usize).clamp(count.min(1), count);
        let mut order: Vec<usize> = (0..count).collect();
        StreamKey::new(self.seed, &format!("subset of {folder}")).stream(0).shuffle(&mut order);
        let mut is_drawn = vec![false; count];
        for cluster in &order[..wanted] {
            is_drawn[*cluster] = true;
        }
        of_sample.into_iter().map(|cluster| is_drawn[cluster]).collect()
    }
}

impl fmt::Display for Subset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of each folder, seed {}", self.share, self.seed)
    }
}

#[cfg(test)]
mod tests {
    use avibench_protocol::Position;
    use serde_json::json;

    use super::*;

    /// So many formal questions, each followed by its check.
    fn samples(clusters: usize) -> Vec<Sample> {
        let record = |i: usize| {
            let check = if i.is_multiple_of(2) { "" } else { "pre_" };
            let question = json!({"text": "?"});
            json!({"id": format!("{check}{}", i / 2), "input": {"question": question}, "output": {}})
        };
        (0..2 * clusters)
            .map(|i| Sample::from_json(Folder::Asqa, Position(i), &record(i)).unwrap())
            .collect()
    }

    #[test]
    fn checks_come_with_their_questions_and_the_share_is_kept() {
        let samples = samples(50);
        let subset = Subset { share: 0.2, seed: 3 };
        let drawn = subset.of(Folder::Asqa, &samples);
        assert_eq!(drawn.iter().filter(|is_drawn| **is_drawn).count(), 20);
        assert!(drawn.chunks(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(subset.of(Folder::Asqa, &samples), drawn, "the same again");
        assert_ne!(Subset { seed: 4, ..subset }.of(Folder::Asqa, &samples), drawn);
        assert_ne!(subset.of(Folder::Avm, &samples), drawn, "folders are drawn apart");
        let first = |share| Subset { share, seed: 0 }.of(Folder::Asqa, &samples[..6]);
        assert_eq!(first(0.001).iter().filter(|is_drawn| **is_drawn).count(), 2);
        assert!(Subset { share: 0.5, seed: 0 }.of(Folder::Asqa, &[]).is_empty());
    }

    #[test]
    fn every_cluster_is_drawn_equally_often() {
        let samples = samples(10);
        let mut drawn = [0_u32; 10];
        for seed in 0..2_000 {
            let subset = Subset { share: 0.3, seed };
            for (cluster, pair) in subset.of(Folder::Avm, &samples).chunks(2).enumerate() {
                drawn[cluster] += u32::from(pair[0]);
            }
        }
        // 600 expected, 20 standard error.
        assert!(drawn.iter().all(|count| (500..700).contains(count)), "{drawn:?}");
    }
}
