//! How fast shards are merged, and in how much memory: makes shards of as many answers each as is asked for,
//! spread over all folders, merges them twice, and prints times and, on Linux, the peak of memory.
//!
//!     cargo run --release -p avibench-bench --bin merge_load -- SHARDS ANSWERS

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should say where")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use avibench_protocol::{Folder, FolderData, Position, Sample};
use avibench_store::{
    AskOutcome, DataIdentity, Dealing, Entry, Identity, Label, Locking, Manifest, Merge,
    MergeSettings, SelectionDigest, Session, Shard, ShardFolder, ShardIdentity, ShardSource,
    Spending,
};
use serde_json::{Map, Value, json};

fn main() {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|number| number.parse().unwrap()).collect();
    let [shards, answers] = numbers[..] else {
        eprintln!("usage: merge_load SHARDS ANSWERS");
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let label = Label::new("m").unwrap();
    let directory = root.path().join("user_outputs/m");
    let data = data((shards * answers) as usize);
    write_shards(&directory, &label, shards, &data);
    let settings = MergeSettings {
        label: label.clone(),
        directory: directory.clone(),
        answers: None,
        of: None,
        force: false,
        locking: Locking::System,
    };
    println!("{shards} shards of {answers} answers; memory before: {}", peak());
    for round in ["first", "again"] {
        let begun = Instant::now();
        let sources = ShardSource::find(&label, std::slice::from_ref(&directory), &[]).unwrap();
        let merged = Merge::new(&settings, sources, &data).unwrap().run().unwrap();
        let took = begun.elapsed().as_secs_f64();
        assert_eq!((merged.answers, merged.missing.len()), ((shards * answers) as usize, 0));
        println!("{round}: {took:.2} s; peak of memory {}", peak());
    }
}

/// So many samples, spread over all folders.
fn data(samples: usize) -> Vec<FolderData> {
    let folders = Folder::ALL.len();
    let of_folder = |(number, folder): (usize, Folder)| {
        let count = samples / folders + usize::from(number < samples % folders);
        let sample = |at: usize| {
            let record = json!({"id": format!("{at:05}"), "input": {"question": {"text": "?"}}});
            Sample::from_json(folder, Position(at), &record).unwrap()
        };
        FolderData {
            folder,
            path: folder.name().into(),
            samples: (0..count).map(sample).collect(),
            sha256: "a".repeat(64),
        }
    };
    Folder::ALL.into_iter().enumerate().map(of_folder).collect()
}

fn write_shards(directory: &Path, label: &Label, shards: u32, data: &[FolderData]) {
    let mut digest = SelectionDigest::default();
    for sample in data.iter().flat_map(|data| &data.samples) {
        digest.add(sample.folder, sample.position, &sample.id);
    }
    let (samples, selection) = digest.finish();
    let of_data = |data: &FolderData| {
        let records = data.samples.len();
        (data.folder, DataIdentity { sha256: data.sha256.clone(), records })
    };
    for index in 1..=shards {
        let shard = Shard::new(index, shards).unwrap();
        let folder = ShardFolder::of(directory, shard).path;
        let selection = selection.clone();
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
            data: data.iter().map(of_data).collect(),
        };
        let manifest = Manifest {
            version: 1,
            label: label.clone(),
            identity,
            folders: BTreeMap::new(),
            epochs: None,
            spending: Spending::default(),
            sessions: vec![Session::begin("avibench 0".to_owned(), Vec::new(), Vec::new())],
        };
        std::fs::create_dir_all(folder.join("journal")).unwrap();
        manifest.write(&folder).unwrap();
    }
    let mut dealing = Dealing::new(shards);
    for data in data {
        let dealt = dealing.deal(data.samples.iter().map(|sample| (sample.formal_id(), true)));
        let mut journals: Vec<_> = (1..=shards)
            .map(|index| {
                let folder = ShardFolder::of(directory, Shard::new(index, shards).unwrap()).path;
                let path = folder.join("journal").join(format!("{}.jsonl", data.folder));
                std::io::BufWriter::new(std::fs::File::create(path).unwrap())
            })
            .collect();
        for (sample, shard) in data.samples.iter().zip(dealt) {
            let mut entry = Entry::new(sample.position, sample.id.clone(), AskOutcome::Answered);
            entry.answer =
                Some(format!("answer={{'violin_1': '[0.1, 0.2, 0.3, 0.{}]'}}", sample.position));
            entry.tokens_in = Some(95);
            entry.tokens_out = Some(12);
            entry.request = Some("b".repeat(64));
            let line = serde_json::to_string(&entry).unwrap();
            writeln!(journals[shard as usize - 1], "{line}").unwrap();
        }
    }
}

/// The most memory that this process has had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |value| value.trim().to_owned())
}
