//! Which cluster gets whose media: a derangement from a seed.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use avibench_protocol::{Folder, MediaPaths, Sample};
use avibench_statistics::StreamKey;
use avibench_store::AblationKind;

/// Whose media each sample of a folder gets. Clusters exchange within their folder, and only with
/// clusters that have the same kinds of media; none keeps its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    partners: Vec<Option<usize>>,
}

impl Exchange {
    /// The exchange of a kind of ablation, from a seed; nothing is exchanged by kinds that do not.
    ///
    /// The order of each group of clusters is a random cycle in which every cycle is equally likely
    /// (Sattolo, "An algorithm to generate a random cyclic permutation", 1986).
    #[must_use]
    pub fn new(kind: AblationKind, folder: Folder, samples: &[Sample], seed: u64) -> Self {
        let mut partners = vec![None; samples.len()];
        let purpose = format!("{kind} of {folder}");
        // The first sample of each cluster, by the kinds of media that it has.
        let mut groups: BTreeMap<[bool; 3], Vec<usize>> = BTreeMap::new();
        let mut firsts: HashMap<&str, usize> = HashMap::new();
        for (at, sample) in samples.iter().enumerate() {
            if firsts.contains_key(sample.formal_id()) || !Self::is_of(kind, &sample.media) {
                continue;
            }
            firsts.insert(sample.formal_id(), at);
            groups.entry(kinds_of(&sample.media)).or_default().push(at);
        }
        for (number, group) in (0..).zip(groups.values()) {
            let mut order = group.clone();
            let mut stream = StreamKey::new(seed, &purpose).stream(number);
            for last in (1..order.len()).rev() {
                if let Some(choices) = NonZeroU32::new(last as u32) {
                    order.swap(last, stream.below(choices) as usize);
                }
            }
            if order.len() > 1 {
                for (own, partner) in group.iter().zip(&order) {
                    partners[*own] = Some(*partner);
                }
            }
        }
        for (at, sample) in samples.iter().enumerate() {
            if Self::is_of(kind, &sample.media) {
                let first = firsts.get(sample.formal_id());
                partners[at] = first.and_then(|first| partners[*first]);
            }
        }
        Self { partners }
    }

    /// Whether a kind of ablation exchanges anything of these media.
    #[must_use]
    pub fn is_of(kind: AblationKind, media: &MediaPaths) -> bool {
        let has_video = media.video.is_some();
        match kind {
            AblationKind::SwapSound => has_video || !media.audios.is_empty(),
            AblationKind::SwapPicture => has_video || !media.images.is_empty(),
            _ => false,
        }
    }

    /// The position of the sample whose media the sample at `position` gets; `None` if it has
    /// nothing to exchange, or nobody to exchange it with.
    #[must_use]
    pub fn partner(&self, position: usize) -> Option<usize> {
        self.partners.get(position).copied().flatten()
    }
}

fn kinds_of(media: &MediaPaths) -> [bool; 3] {
    [!media.images.is_empty(), !media.audios.is_empty(), media.video.is_some()]
}

#[cfg(test)]
mod tests {
    use avibench_protocol::Position;
    use serde_json::{Value, json};

    use super::*;

    fn sample(at: usize, id: &str, media: Value) -> Sample {
        let mut input = media;
        input["question"] = json!({"text": "?"});
        let record = json!({"id": id, "input": input, "output": {}});
        Sample::from_json(Folder::Avsqa, Position(at), &record).unwrap()
    }

    fn clips(count: usize) -> Vec<Sample> {
        let of = |at: usize| {
            let (check, id) = (if at.is_multiple_of(2) { "" } else { "pre_" }, at / 2);
            sample(at, &format!("{check}{id}"), json!({"video": format!("{id}.mp4")}))
        };
        (0..2 * count).map(of).collect()
    }

    fn exchanged(samples: &[Sample], seed: u64) -> Vec<Option<usize>> {
        let exchange = Exchange::new(AblationKind::SwapSound, Folder::Avsqa, samples, seed);
        (0..samples.len()).map(|at| exchange.partner(at)).collect()
    }

    #[test]
    fn no_cluster_keeps_its_own_and_checks_go_with_their_questions() {
        for count in 2..12 {
            let samples = clips(count);
            for seed in 0..20 {
                let partners = exchanged(&samples, seed);
                let mut given: Vec<usize> = partners.iter().step_by(2).flatten().copied().collect();
                for (at, partner) in partners.iter().enumerate() {
                    assert_ne!(partner.unwrap() / 2, at / 2);
                    assert_eq!(partners[at - at % 2], *partner);
                }
                given.sort_unstable();
                given.dedup();
                assert_eq!(given.len(), count, "everybody's is given to somebody");
            }
        }
        let samples = clips(9);
        assert_eq!(exchanged(&samples, 1), exchanged(&samples, 1));
        assert_ne!(exchanged(&samples, 1), exchanged(&samples, 2));
    }

    #[test]
    fn like_is_exchanged_with_like_and_who_is_alone_has_no_partner() {
        let samples = [
            sample(0, "a", json!({"video": "a.mp4"})),
            sample(1, "b", json!({"image_list": ["b.png"], "audio_list": ["b.wav"]})),
            sample(2, "c", json!({"image_list": ["c.png"], "audio_list": ["c.wav"]})),
            sample(3, "d", json!({"image_list": ["d.png"]})),
            sample(4, "e", json!({"image_list": ["e.png"]})),
        ];
        assert_eq!(exchanged(&samples, 5), [None, Some(2), Some(1), None, None]);
        let seen = Exchange::new(AblationKind::SwapPicture, Folder::Avsqa, &samples, 5);
        assert_eq!([seen.partner(0), seen.partner(3), seen.partner(9)], [None, Some(4), None]);
        let muted = Exchange::new(AblationKind::Mute, Folder::Avsqa, &samples, 5);
        assert_eq!(muted.partner(1), None);
    }
}
