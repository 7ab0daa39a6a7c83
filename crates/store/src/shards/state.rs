//! How far the shards of a label are, and whether they were merged.

use std::path::{Path, PathBuf};

use super::places::SHARDS;
use super::{Shard, ShardFolder, ShardLedger};
use crate::lock::{LockHolder, RunLock};
use crate::{Label, Manifest, SessionEnd};

/// The shards of a label.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardsState {
    /// Of how many they are, if that is one number.
    pub of: Option<u32>,
    /// Those that are at hand or were merged, lowest first.
    pub shards: Vec<ShardState>,
}

/// What is known of a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardState {
    /// Which it is.
    pub shard: Shard,
    /// Its folder, if that is at hand.
    pub path: Option<PathBuf>,
    /// Samples that are its part; `None` where nothing tells.
    pub selected: Option<usize>,
    /// Samples that have an answer, be it an empty one or a refusal, as of the end of its last session.
    pub done: usize,
    /// Why its last session ended; none if it never began, still goes on, or was killed.
    pub end: Option<SessionEnd>,
    /// Whether all its answers were merged.
    pub is_merged: bool,
}

impl ShardsState {
    /// The shards of the label whose folder is `directory`; `None` if it has none. What cannot be read tells
    /// nothing.
    #[must_use]
    pub fn of(directory: &Path) -> Option<Self> {
        let ledger = ShardLedger::read(directory).ok().flatten();
        if ledger.is_none() && !directory.join(SHARDS).is_dir() {
            return None;
        }
        let folders = ShardFolder::below(directory);
        let mut shards: Vec<ShardState> =
            folders.iter().map(|folder| ShardState::of(folder, ledger.as_ref())).collect();
        if let Some(ledger) = &ledger {
            let gone = ledger
                .shards
                .iter()
                .filter(|known| folders.iter().all(|folder| folder.shard != known.shard));
            shards.extend(gone.map(|known| ShardState {
                shard: known.shard,
                path: None,
                selected: Some(known.selected),
                done: known.done,
                end: known.end,
                is_merged: true,
            }));
        }
        shards.sort_by_key(|state| state.shard);
        let first = ledger.map(|ledger| ledger.of).or_else(|| Some(shards.first()?.shard.of()));
        let of = first.filter(|of| shards.iter().all(|state| state.shard.of() == *of));
        (!shards.is_empty()).then_some(Self { of, shards })
    }

    /// Shards with answers that were not merged.
    pub fn unmerged(&self) -> impl Iterator<Item = &ShardState> {
        self.shards.iter().filter(|state| !state.is_merged)
    }

    /// The first shard that somebody writes to, and who that is, if it is known.
    #[must_use]
    pub fn held(&self) -> Option<(Shard, Option<LockHolder>)> {
        self.shards
            .iter()
            .find_map(|state| Some((state.shard, RunLock::holder(state.path.as_deref()?)?)))
    }

    /// What there is to say where answers of shards are not merged into the label's files, and how that is
    /// mended; `flags` lead `merge` to them.
    #[must_use]
    pub fn warning(&self, label: &Label, flags: &str) -> Option<String> {
        let unmerged = self.unmerged().count();
        if unmerged == 0 {
            return None;
        }
        let these = if unmerged == 1 { "1 shard".to_owned() } else { format!("{unmerged} shards") };
        Some(format!(
            "`{label}` has answers in {these} that are not merged, and are left out; \
             `avibench merge {label}{flags}` takes them in"
        ))
    }
}

impl ShardState {
    fn of(folder: &ShardFolder, ledger: Option<&ShardLedger>) -> Self {
        let manifest = Manifest::read(&folder.path).ok().flatten();
        let bytes = folder.journal_bytes();
        let known = ledger.and_then(|ledger| ledger.shard(folder.shard));
        let tallies = || manifest.iter().flat_map(|manifest| manifest.folders.values());
        let done = tallies()
            .map(|tally| tally.answered + tally.cut_off + tally.empty + tally.refused)
            .sum();
        Self {
            shard: folder.shard,
            path: Some(folder.path.clone()),
            selected: manifest.as_ref().map(|_| tallies().map(|tally| tally.total).sum()),
            done,
            end: manifest.as_ref().and_then(|manifest| manifest.sessions.last()?.end),
            is_merged: bytes == 0 || known.is_some_and(|known| known.journal_bytes >= bytes),
        }
    }
}
