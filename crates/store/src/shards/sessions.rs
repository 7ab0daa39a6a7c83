//! The sessions of shards, in the manifest of their label and in its ledger.

use std::collections::{BTreeMap, BTreeSet};

use super::{LedgerShard, Shard, ShardSource};
use crate::{Manifest, Session, SessionEffort};

/// Adds the sessions of shards to those of the label, in the order in which they began.
pub(super) fn add_sessions(manifest: &mut Manifest, sources: &[ShardSource]) {
    let mut added = BTreeMap::new();
    for source in sources {
        for session in &source.manifest.sessions {
            let key = (source.shard, session.started, session.machine.clone());
            let known: &mut Session = added.entry(key).or_insert_with(|| session.clone());
            // A copy that was made earlier lacks the end.
            if known.ended.is_none() {
                known.clone_from(session);
            }
            known.shard = Some(source.shard);
        }
    }
    manifest.sessions.retain(|known| {
        let key = known.shard.map(|shard| (shard, known.started, known.machine.clone()));
        key.is_none_or(|key| !added.contains_key(&key))
    });
    manifest.sessions.extend(added.into_values());
    manifest.sessions.sort_by_key(|session| (session.started, session.shard));
}

/// What a shard has done, by all copies of it.
pub(super) fn entry(shard: Shard, copies: &[&ShardSource]) -> LedgerShard {
    let mut sessions: Vec<&Session> = Vec::new();
    for session in copies.iter().flat_map(|source| &source.manifest.sessions) {
        let is_same = |known: &&Session| {
            (known.started, &known.machine) == (session.started, &session.machine)
        };
        match sessions.iter().position(is_same) {
            None => sessions.push(session),
            // A copy that was made earlier lacks the end.
            Some(at) if sessions[at].ended.is_none() => sessions[at] = session,
            Some(_) => {}
        }
    }
    sessions.sort_by_key(|session| session.started);
    let mut effort = SessionEffort::default();
    for session in &sessions {
        effort.requests += session.effort.requests;
        effort.retries += session.effort.retries;
        effort.spending += session.effort.spending;
        for (kind, count) in &session.effort.errors {
            *effort.errors.entry(*kind).or_default() += count;
        }
    }
    let machines: BTreeSet<String> =
        sessions.iter().filter_map(|session| session.machine.clone()).collect();
    let last = sessions.last();
    LedgerShard {
        shard,
        machines: machines.into_iter().collect(),
        started: sessions.first().map(|session| session.started),
        ended: last.and_then(|session| session.ended),
        end: last.and_then(|session| session.end),
        seconds: sessions.iter().map(|session| session.seconds).sum(),
        sessions: sessions.len(),
        selected: 0,
        done: 0,
        journal_bytes: 0,
        effort,
    }
}
