//! Whether shards are of one run.

use std::collections::{BTreeMap, BTreeSet};

use avibench_protocol::Folder;

use super::{MergeError, Shard, ShardIdentity, ShardSource};
use crate::{Identity, IdentityDifference, IdentityPart, Label, Session};

/// Looks whether two shards are of one run.
pub(super) fn compare(
    label: &Label,
    one: &ShardSource,
    other: &ShardSource,
) -> Result<(), MergeError> {
    // Which shard it is differs, and nothing else may.
    let whole = |source: &ShardSource| {
        let mut identity = source.manifest.identity.clone();
        if let (Some(shard), Some(known)) =
            (&mut identity.shard, Shard::new(1, source.shard.of()).ok())
        {
            shard.shard = known;
        }
        identity
    };
    let (was, now) = (whole(one), whole(other));
    let mut differences = was.differences(&now);
    for difference in &mut differences {
        if difference.what == IdentityPart::Shard {
            difference.was = selection(&was);
            difference.now = selection(&now);
        }
    }
    let [was, now] = [one, other].map(|source| source.manifest.planned_epochs());
    if was != now {
        let (was, now) = (was.to_string(), now.to_string());
        differences.push(IdentityDifference { what: IdentityPart::Epochs, was, now });
    }
    if differences.is_empty() {
        return Ok(());
    }
    let (one, other) = (one.shard, other.shard);
    Err(MergeError::Differ { label: label.clone(), one, other, differences })
}

/// Which samples a shard is a part of, in words.
fn selection(identity: &Identity) -> String {
    let folders: Vec<&str> = identity.data.keys().map(|folder| folder.name()).collect();
    let of = match folders.len() {
        all if all == Folder::ALL.len() => "all folders".to_owned(),
        _ => folders.join(", "),
    };
    let whole = identity.shard.as_ref().map_or_else(String::new, ShardIdentity::whole);
    format!("{of}: {whole}")
}

/// The programs that asked, by version and commit, each with its shards.
pub(super) fn programs(sources: &[ShardSource]) -> BTreeMap<String, BTreeSet<u32>> {
    let mut programs: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for source in sources {
        let sessions = || source.manifest.sessions.iter();
        let has_asked = sessions().any(|session| session.effort.requests > 0);
        // Where a version only looked and found nothing left to ask, the answers are of others.
        let is_idle = |session: &Session| session.ended.is_some() && session.effort.requests == 0;
        for session in sessions().filter(|session| !has_asked || !is_idle(session)) {
            // The build's profile and target may differ as machines do.
            let program = match session.program.split_once(',') {
                Some((version, _)) => format!("{version})"),
                None => session.program.clone(),
            };
            programs.entry(program).or_default().insert(source.shard.index());
        }
    }
    programs
}
