//! What the label holds of each shard, and what is missing.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, FolderData, Position};

use super::{Shard, ShardLedger, ShardSource};
use crate::ledger::Ledger;
use crate::lock::{LockHolder, RunLock};
use crate::{AskOutcome, Epoch, OutcomeCounts, Spending};

/// The most positions of a shard that are named.
const NAMED: usize = 3;

/// What is missing of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingShard {
    /// Which it is.
    pub shard: Shard,
    /// Whether there is nothing of it at all.
    pub is_absent: bool,
    /// Samples that are its part.
    pub selected: usize,
    /// Of these, samples that lack an answer, a refusal, or an empty answer in any epoch.
    pub lacking: usize,
    /// The first of them.
    pub first: Vec<(Folder, Position)>,
    /// Who still asks it, if anybody is known to.
    pub holder: Option<LockHolder>,
}

/// Counts by shard, and what is missing.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub(super) selected: BTreeMap<u32, usize>,
    pub(super) done: BTreeMap<u32, usize>,
    lacking: BTreeMap<u32, Vec<(Folder, Position)>>,
    pub(super) folders: BTreeMap<(Epoch, Folder), OutcomeCounts>,
    pub(super) spending: Spending,
    pub(super) answers: usize,
}

impl Tallies {
    /// Counts what a folder holds. `wanted` says of which samples something is to stand there, and `dealt`
    /// whose they are; `epochs`, how often each is asked. A sample is done when it is in all epochs.
    pub(super) fn count(
        &mut self,
        data: &FolderData,
        ledger: &Ledger,
        wanted: &[bool],
        dealt: &[u32],
        epochs: u32,
    ) {
        let is_done = |outcome: AskOutcome| outcome.weight() >= AskOutcome::Empty.weight();
        for (sample, shard) in data.samples.iter().zip(dealt) {
            let first = ledger.outcome(sample.position);
            self.answers += usize::from(first.is_some_and(AskOutcome::has_answer));
            if !wanted[sample.position.0] {
                continue;
            }
            *self.selected.entry(*shard).or_default() += 1;
            let mut is_whole = true;
            for epoch in Epoch::all(epochs) {
                let outcome = ledger.outcome_in(epoch, sample.position);
                let counts = self.folders.entry((epoch, data.folder)).or_default();
                counts.total += 1;
                counts.not_attempted += 1;
                if let Some(outcome) = outcome {
                    counts.record(outcome);
                }
                is_whole &= outcome.is_some_and(is_done);
            }
            if is_whole {
                *self.done.entry(*shard).or_default() += 1;
            } else {
                let lacking = self.lacking.entry(*shard).or_default();
                lacking.push((data.folder, sample.position));
            }
        }
        for epoch in Epoch::all(epochs) {
            // Also a folder without a sample to ask has counts.
            self.folders.entry((epoch, data.folder)).or_default();
        }
        self.spending += ledger.spent();
    }

    /// What is missing, by shard.
    pub(super) fn missing(
        &self,
        ledger: &ShardLedger,
        sources: &[ShardSource],
    ) -> Vec<MissingShard> {
        // A shard without samples has nothing to do, and need not run.
        let lacking = self.lacking.iter().filter_map(|(index, lacking)| {
            let shard = Shard::new(*index, ledger.of).ok()?;
            let copies = sources.iter().filter(|source| source.shard == shard);
            Some(MissingShard {
                shard,
                is_absent: ledger.shard(shard).is_none(),
                selected: self.selected.get(index).copied().unwrap_or_default(),
                lacking: lacking.len(),
                first: lacking.iter().take(NAMED).copied().collect(),
                holder: copies.filter_map(|source| RunLock::holder(&source.path)).flatten().next(),
            })
        });
        lacking.collect()
    }
}
