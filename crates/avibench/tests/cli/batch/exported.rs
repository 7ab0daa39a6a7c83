//! What an export holds.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{TASKS, export, journals, lines};
use crate::program::{Served, folder, run, smoke_set};

#[test]
fn requests_have_the_bytes_that_a_run_sends() {
    same_bytes("--profile openai --frames 2 --param temperature=0 --subset 0.5", "m", "live");
    same_bytes("--profile vllm --ablate mute --n-samples 2", "m@mute", "live@mute");
    same_bytes("--ablate text", "m@text", "live@text");
}

#[track_caller]
fn same_bytes(more: &str, label: &str, live: &str) {
    let root = folder();
    let root = root.path();
    let log = root.join("log.jsonl");
    let server = Served::start_with(&["--model", "chance", "--log", log.to_str().unwrap()]);
    let line = format!(
        "run --base-url {} --model-path gpt-4o --model-label live {TASKS} {more} --data-root {}",
        server.base_url,
        smoke_set().display()
    );
    run(root, &line).expect(0);
    let sent = lines(&log).into_iter().filter(|line| line["event"] == "asked");
    let sent: BTreeSet<String> =
        sent.map(|line| line["request"].as_str().unwrap().into()).collect();
    export(root, more).expect(0);
    let folder = root.join("batches").join(label).join("1");
    let written = std::fs::read_to_string(folder.join("requests-001.jsonl")).unwrap();
    let body = |line: &str| {
        let (_, body) = line.split_once(r#""body":"#).unwrap();
        hex::encode(Sha256::digest(body.strip_suffix('}').unwrap()))
    };
    let written: BTreeSet<String> = written.lines().map(body).collect();
    assert!(sent.len() >= 6 && sent == written, "{} and {}", sent.len(), written.len());
    let hashes = |lines: &[Value]| {
        lines.iter().map(|line| line["request"].to_string()).collect::<BTreeSet<_>>()
    };
    let index = lines(&folder.join("index.jsonl"));
    assert_eq!(hashes(&index), hashes(&journals(root, live)), "and the hashes of a journal");
}

#[test]
fn files_keep_to_the_limits_of_the_provider() {
    let root = folder();
    let root = root.path();
    export(root, "--max-requests 10 --out few").expect(0);
    export(root, "--max-mb 1 --out small").expect(0);
    let ids = |folder: &str| {
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(root.join(folder).join("export.json")).unwrap())
                .unwrap();
        let files = manifest["files"].as_array().unwrap().clone();
        let mut ids = Vec::new();
        for file in &files {
            let bytes =
                std::fs::read(root.join(folder).join(file["name"].as_str().unwrap())).unwrap();
            assert_eq!(file["bytes"], bytes.len());
            assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)));
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(file["requests"], text.lines().count());
            let id = |line| serde_json::from_str::<Value>(line).unwrap()["custom_id"].clone();
            ids.extend(text.lines().map(id));
        }
        let index = lines(&root.join(folder).join("index.jsonl"));
        let indexed: Vec<Value> = index.iter().map(|line| line["custom_id"].clone()).collect();
        assert_eq!(ids, indexed, "each request stands in one file, in order");
        assert!(ids.iter().all(|id| id.as_str().unwrap().len() <= 64));
        (files, ids)
    };
    let (few, all) = ids("few");
    let requests: Vec<u64> = few.iter().map(|file| file["requests"].as_u64().unwrap()).collect();
    assert_eq!(requests, [10, 10, 10, 10, 2]);
    let (small, same) = ids("small");
    assert_eq!(all, same);
    assert!(small.len() > 3 && small.iter().all(|file| file["bytes"].as_u64() <= Some(1_000_000)));
    let again = export(root, "--out few").expect(1).stderr;
    assert!(again.contains("few holds an export already; name another folder"), "{again}");
}

#[test]
fn what_no_batch_can_hold_is_said() {
    let root = folder();
    let root = root.path();
    for (more, said) in [
        ("--stream", "leave out --stream"),
        ("--backend signal", "runs on this machine and takes no batches"),
        (
            "--format gemini --param logit_bias=0",
            "`logit_bias` has no counterpart in a Gemini batch",
        ),
        ("--format csv", "there is no batch format `csv`; there are: openai, gemini"),
    ] {
        let refused = export(root, more).expect(1).stderr;
        assert!(refused.contains(said), "no {said} in {refused}");
    }
    assert!(!root.join("batches").exists(), "nothing is left of them");
}
