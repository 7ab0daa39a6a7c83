//! How far the shards of a label are, kept up to date as long as somebody looks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use avibench_pages::ShardRow;
use avibench_protocol::Folder;
use avibench_store::{
    AskOutcome, JournalTail, Manifest, OutcomeCounts, Shard, ShardFolder, ShardState, ShardsState,
};
use serde::de::IgnoredAny;

/// The shards of a label.
#[derive(Debug, Default)]
pub(crate) struct KnownShards(BTreeMap<Shard, KnownShard>);

/// A shard, and what it has appended while somebody looked.
#[derive(Debug)]
struct KnownShard {
    state: ShardState,
    manifest: Option<Manifest>,
    tails: Vec<(Folder, JournalTail)>,
    /// Samples with an answer, be it an empty one or a refusal.
    done: BTreeSet<(Folder, usize)>,
    problem: Option<String>,
}

impl KnownShards {
    /// Reads what is new below the folder of a label.
    pub(crate) fn refresh(&mut self, directory: &Path) {
        let shards = ShardsState::of(directory).map(|state| state.shards).unwrap_or_default();
        self.0.retain(|shard, _| shards.iter().any(|state| state.shard == *shard));
        for state in shards {
            let shard = state.shard;
            let known = self.0.entry(shard).or_insert_with(|| KnownShard {
                state: state.clone(),
                manifest: None,
                tails: Vec::new(),
                done: BTreeSet::new(),
                problem: None,
            });
            if known.manifest.is_none() || known.state != state {
                known.manifest =
                    Manifest::read(&ShardFolder::of(directory, shard).path).ok().flatten();
            }
            known.state = state;
            known.advance(directory);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The model that was asked.
    pub(crate) fn model(&self) -> Option<String> {
        let mut manifests = self.0.values().filter_map(|shard| shard.manifest.as_ref());
        manifests.next().map(|manifest| manifest.identity.model.clone())
    }

    /// Samples of all shards by outcome, as of the end of their sessions.
    pub(crate) fn folders(&self) -> Vec<(Folder, OutcomeCounts)> {
        let mut folders: BTreeMap<Folder, OutcomeCounts> = BTreeMap::new();
        for manifest in self.0.values().filter_map(|shard| shard.manifest.as_ref()) {
            for (folder, counts) in &manifest.folders {
                *folders.entry(*folder).or_default() += *counts;
            }
        }
        folders.into_iter().collect()
    }

    pub(crate) fn rows(&self) -> Vec<ShardRow> {
        self.0.values().map(KnownShard::row).collect()
    }
}

impl KnownShard {
    /// Reads what the journals of a shard that still asks have appended.
    fn advance(&mut self, directory: &Path) {
        if self.state.path.is_none() || self.state.end.is_some() {
            return;
        }
        let folder = ShardFolder::of(directory, self.state.shard).path;
        if self.tails.is_empty() {
            let journal = |name: Folder| folder.join("journal").join(format!("{name}.jsonl"));
            self.tails = Folder::ALL
                .into_iter()
                .map(|name| (name, JournalTail::new(journal(name))))
                .collect();
        }
        self.problem = None;
        for (folder, tail) in &mut self.tails {
            let mut read = || {
                while let Some(appended) = tail.read().map_err(|error| error.to_string())? {
                    if appended.is_anew {
                        self.done.retain(|(of, _)| of != folder);
                    }
                    let lines = appended.text.lines::<IgnoredAny>();
                    for line in lines.map_err(|error| error.to_string())?.lines {
                        let is_done = line.outcome.has_answer()
                            || matches!(line.outcome, AskOutcome::Empty | AskOutcome::Refused);
                        if is_done {
                            self.done.insert((*folder, line.position.0));
                        }
                    }
                }
                Ok(())
            };
            if let Err(problem) = read() {
                self.problem = Some(problem);
            }
        }
    }

    fn row(&self) -> ShardRow {
        let ShardState { shard, selected, done, end, is_merged, path } = &self.state;
        let state = match (end, path, &self.problem) {
            (_, _, Some(problem)) => problem.clone(),
            (Some(end), ..) => end.name().to_owned(),
            (None, None, _) => "its folder is elsewhere".to_owned(),
            (None, Some(_), _) if self.manifest.is_none() => "not begun".to_owned(),
            (None, Some(_), _) => "no end noted".to_owned(),
        };
        ShardRow {
            shard: shard.to_string(),
            selected: *selected,
            done: if end.is_some() { *done } else { self.done.len().max(*done) },
            state,
            is_merged: *is_merged,
        }
    }
}
