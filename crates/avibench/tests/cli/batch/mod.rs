//! A run by way of batches: the same files as a run leaves, whatever becomes of the results on their way.

mod exported;
mod results;
mod submitted;

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::{Ended, Served, contents, run, smoke_set};

const TASKS: &str = "--tasks AVM AVQA VAR VSQA_I";
/// Requests about these.
const REQUESTS: usize = 42;

/// Runs a `batch` subcommand on the smoke set.
fn batch(root: &Path, line: &str) -> Ended {
    let data = match line.split_whitespace().next() {
        Some("export" | "import" | "fetch") => format!("--data-root {}", smoke_set().display()),
        _ => String::new(),
    };
    run(root, &format!("batch {line} {data}"))
}

fn export(root: &Path, more: &str) -> Ended {
    batch(root, &format!("export --model-path gpt-4o --model-label m {TASKS} {more}"))
}

/// The answers of a run under the label `live`, asked one by one.
fn asked_live(root: &Path) {
    let server = Served::start("--model signal");
    let line = format!(
        "run --base-url {} --model-path gpt-4o --model-label live {TASKS} --data-root {}",
        server.base_url,
        smoke_set().display()
    );
    run(root, &line).expect(0);
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write_lines(path: &Path, lines: &[Value]) {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// A label's journals in the order of positions, without what depends on the moment and the price.
fn journals(root: &Path, label: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    for (name, _) in contents(&root.join("user_outputs").join(label).join("journal")) {
        let path = root.join("user_outputs").join(label).join("journal").join(name);
        for mut entry in lines(&path) {
            for field in ["time", "latency_ms", "cost"] {
                entry.as_object_mut().unwrap().remove(field);
            }
            entries.push(entry);
        }
    }
    entries.sort_by_key(|entry| (entry["folder"].to_string(), entry["position"].as_u64()));
    entries
}

#[track_caller]
fn assert_same_files(root: &Path, label: &str) {
    let tasks = |label: &str| contents(&root.join("user_outputs").join(label).join("tasks"));
    assert_eq!(tasks(label), tasks("live"), "prediction files are the same, byte for byte");
    assert_eq!(journals(root, label), journals(root, "live"));
    let counts = |label: &str| {
        let path = root.join("user_outputs").join(label).join("run.json");
        let mut counts =
            serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["folders"]
                .take();
        for folder in counts.as_object_mut().unwrap().values_mut() {
            folder["reused"] = Value::Null;
        }
        counts
    };
    assert_eq!(counts(label), counts("live"), "so are the counts in run.json");
}

/// An export, and the results that a server makes of it, as a file outside of it.
fn exported_with_results(root: &Path) -> PathBuf {
    let server = Served::start("--model signal");
    let url = &server.base_url;
    export(root, "").expect(0);
    batch(root, &format!("submit batches/m/1 --base-url {url}")).expect(0);
    let other = "--output-dir elsewhere --wait 60s";
    batch(root, &format!("fetch batches/m/1 --base-url {url} {other}")).expect(0);
    let results = root.join("results.jsonl");
    std::fs::copy(root.join("batches/m/1/results-001-1.jsonl"), &results).unwrap();
    results
}
