//! The answers that are formatted: all of a label's, or the part of one shard.

use std::collections::BTreeMap;
use std::path::PathBuf;

use avibench_protocol::{FolderData, Record};
use avibench_store::{
    Dealing, Epoch, LedgerError, Manifest, SelectionDigest, Shard, ShardIdentity, chosen_by,
    read_answers, read_further_answers, read_predictions,
};

use crate::{RefineError, RefineNote};

/// Where a label's answers to one folder are, and which of them are meant.
pub(crate) struct Answers<'a> {
    /// Folders that hold answers; what an earlier one lacks may stand in a later one.
    pub(crate) places: &'a [PathBuf],
    /// The manifest of the first.
    pub(crate) asked: Option<&'a Manifest>,
    /// Which samples are meant, by position; all without it.
    pub(crate) marked: Option<Vec<bool>>,
}

impl Answers<'_> {
    /// The answers, by position; `None` if no place has any of the folder.
    pub(crate) fn read(
        &self,
        data: &FolderData,
        notes: &mut Vec<RefineNote>,
    ) -> Result<Option<Vec<Option<Record>>>, RefineError> {
        let mut all: Option<Vec<Option<Record>>> = None;
        for place in self.places {
            let path = place.join("tasks").join(format!("{}.json", data.folder));
            let found = match read_answers(place, data.folder, &data.samples) {
                Err(LedgerError::Journal(error)) if path.exists() => {
                    notes.push(RefineNote::Journal(error));
                    Some(read_predictions(&path)?)
                }
                found => found?,
            };
            let Some(found) = found else { continue };
            let Some(known) = &mut all else {
                all = Some(found);
                continue;
            };
            known.resize(known.len().max(found.len()), None);
            for (known, found) in known.iter_mut().zip(found) {
                if found.as_ref().is_some_and(Record::is_done)
                    && !known.as_ref().is_some_and(Record::is_done)
                {
                    *known = found;
                }
            }
        }
        if let Some(slots) = &mut all {
            self.leave_out_unmarked(slots);
        }
        Ok(all)
    }

    /// The answers in further epochs, by epoch and position. A journal that cannot be read has none: that
    /// it cannot be is noted where the first epoch is read.
    pub(crate) fn read_further(&self, data: &FolderData) -> BTreeMap<Epoch, Vec<Option<Record>>> {
        let mut all: BTreeMap<Epoch, Vec<Option<Record>>> = BTreeMap::new();
        for place in self.places {
            let found = read_further_answers(place, data.folder, &data.samples);
            for (epoch, found) in found.unwrap_or_default() {
                let known = all.entry(epoch).or_insert_with(|| vec![None; found.len()]);
                for (known, found) in known.iter_mut().zip(found) {
                    if known.as_ref().is_none_or(|known| !known.is_done()) && found.is_some() {
                        *known = found;
                    }
                }
            }
        }
        for slots in all.values_mut() {
            self.leave_out_unmarked(slots);
        }
        all
    }

    fn leave_out_unmarked(&self, slots: &mut [Option<Record>]) {
        let Some(marked) = &self.marked else { return };
        for (slot, _) in slots.iter_mut().zip(marked).filter(|(_, is_marked)| !**is_marked) {
            *slot = None;
        }
    }
}

/// The part of a label's answers that a shard formats: those to the questions that the same shard of the
/// run asked, or would have asked.
pub(crate) struct Part {
    shard: Shard,
    dealing: Dealing,
    digest: SelectionDigest,
}

impl Part {
    pub(crate) fn new(shard: Shard) -> Self {
        Self { shard, dealing: Dealing::new(shard.of()), digest: SelectionDigest::default() }
    }

    /// Which samples of the next folder belong to it.
    pub(crate) fn add(&mut self, asked: Option<&Manifest>, data: &FolderData) -> Vec<bool> {
        let chosen = chosen_by(asked, data);
        let samples = data.samples.iter().zip(&chosen);
        for (sample, _) in samples.clone().filter(|(_, is_chosen)| **is_chosen) {
            self.digest.add(data.folder, sample.position, &sample.id);
        }
        let dealt = self.dealing.deal(samples.map(|(sample, is)| (sample.formal_id(), *is)));
        dealt.into_iter().map(|shard| shard == self.shard.index()).collect()
    }

    /// What the manifest is to say of it.
    pub(crate) fn finish(self, asked: Option<&Manifest>) -> ShardIdentity {
        let (samples, selection) = self.digest.finish();
        let of_run = asked.and_then(|asked| asked.identity.shard.as_ref());
        let n_samples = of_run.and_then(|of_run| of_run.n_samples);
        ShardIdentity { shard: self.shard, samples, selection, n_samples }
    }
}
