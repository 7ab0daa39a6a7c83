//! Shards that are merged, whatever stands in their journals.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_protocol::{Folder, FolderData, Position, Sample};
use avibench_store::{
    DataIdentity, Identity, Label, Locking, Manifest, Merge, MergeSettings, SelectionDigest, Shard,
    ShardFolder, ShardIdentity, ShardLedger, ShardSource, ShardsState, Spending, read_journal,
};
use serde_json::{Map, Value, json};

const SAMPLES: usize = 3;

/// Merges the bytes as the journal of two shards, and once more, which must change nothing. What was merged
/// must be a journal.
pub(crate) fn shards(bytes: &[u8]) {
    let root = tempfile::tempdir().expect("a temporary folder");
    let directory = root.path().join("m");
    let label = Label::new("m").expect("a label");
    let data = [data()];
    for index in 1..=2 {
        let shard = Shard::new(index, 2).expect("a shard");
        let folder = ShardFolder::of(&directory, shard).path;
        std::fs::create_dir_all(folder.join("journal")).expect("a folder");
        std::fs::write(folder.join("journal/AVM.jsonl"), bytes).expect("a file");
        manifest(&label, shard, &data[0]).write(&folder).expect("a manifest");
    }
    let settings = MergeSettings {
        label: label.clone(),
        directory: directory.clone(),
        answers: None,
        of: None,
        force: false,
        locking: Locking::System,
    };
    let merge = || {
        let sources = ShardSource::find(&label, std::slice::from_ref(&directory), &[])?;
        Merge::new(&settings, sources, &data)?.run()
    };
    if merge().is_ok() {
        let again = merge().expect("what was merged can be merged again");
        assert!(!again.has_changed, "merged again, something has changed");
        read_journal(&directory.join("journal/AVM.jsonl")).expect("what was merged is a journal");
    }
    drop(ShardsState::of(&directory));
    ledger(bytes, root.path());
}

/// Reads the bytes as a ledger.
fn ledger(bytes: &[u8], folder: &Path) {
    std::fs::write(folder.join("shards.json"), bytes).expect("a file");
    let read = || ShardLedger::read(folder).map_err(|error| error.to_string());
    assert_eq!(read(), read(), "two readings differ");
    drop(ShardsState::of(folder));
}

fn data() -> FolderData {
    let sample = |at: usize| {
        let record = json!({"id": format!("{at:05}"), "input": {"question": {"text": "?"}}});
        Sample::from_json(Folder::Avm, Position(at), &record).expect("a sample")
    };
    let samples = (0..SAMPLES).map(sample).collect();
    FolderData { folder: Folder::Avm, path: "AVM".into(), samples, sha256: "a".repeat(64) }
}

fn manifest(label: &Label, shard: Shard, data: &FolderData) -> Manifest {
    let mut digest = SelectionDigest::default();
    for sample in &data.samples {
        digest.add(data.folder, sample.position, &sample.id);
    }
    let (samples, selection) = digest.finish();
    let of_data = DataIdentity { sha256: data.sha256.clone(), records: SAMPLES };
    let identity = Identity {
        model: "m".to_owned(),
        backend: "openai".to_owned(),
        profile: None,
        profile_description: Value::Null,
        parameters: Map::new(),
        prompt_pack: "p".to_owned(),
        wording: None,
        ablation: None,
        subset: None,
        sequence: None,
        shard: Some(ShardIdentity { shard, samples, selection, n_samples: None }),
        data: BTreeMap::from([(data.folder, of_data)]),
    };
    Manifest {
        version: 1,
        label: label.clone(),
        identity,
        folders: BTreeMap::new(),
        epochs: None,
        spending: Spending::default(),
        sessions: Vec::new(),
    }
}
