//! Which samples of a folder a run is of, before it is divided into shards.

use avibench_protocol::FolderData;

use crate::{Manifest, Subset};

/// For each sample of a folder whether a run asks it: of its first `n_samples` records (all without that),
/// those that can be asked and that `subset` draws.
#[must_use]
pub fn chosen(data: &FolderData, n_samples: Option<usize>, subset: Option<&Subset>) -> Vec<bool> {
    let first = n_samples.unwrap_or(usize::MAX);
    let drawn = subset.map(|subset| subset.of(data.folder, &data.samples));
    let is_drawn = |at: usize| drawn.as_ref().is_none_or(|drawn| drawn[at]);
    let samples = data.samples.iter().enumerate();
    samples.map(|(at, sample)| at < first && !sample.is_void() && is_drawn(at)).collect()
}

/// The same of the run, or of the run of whose shard, the manifest is; all samples without one, and none of a
/// folder that the run had nothing to do with.
#[must_use]
pub fn chosen_by(manifest: Option<&Manifest>, data: &FolderData) -> Vec<bool> {
    let identity = manifest.map(|manifest| &manifest.identity);
    if identity.is_some_and(|identity| !identity.data.contains_key(&data.folder)) {
        return vec![false; data.samples.len()];
    }
    let subset = identity.and_then(|identity| identity.subset.as_ref());
    if let Some(shard) = identity.and_then(|identity| identity.shard.as_ref()) {
        return chosen(data, shard.n_samples, subset);
    }
    let mut chosen = chosen(data, None, subset);
    // The beginning of a folder was asked, and the manifest counts its samples, void ones left out.
    let tally = manifest.and_then(|manifest| manifest.folders.get(&data.folder));
    let mut left = match (subset, tally) {
        (None, Some(tally)) => tally.total,
        _ => return chosen,
    };
    for is_chosen in chosen.iter_mut().filter(|is_chosen| **is_chosen) {
        *is_chosen = left > 0;
        left = left.saturating_sub(1);
    }
    chosen
}
