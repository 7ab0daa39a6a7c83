//! Going on where this program, or the original, was stopped.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Served, avibench, contents, folder, run, smoke_set};

fn read(path: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_file_of_the_original_is_completed_and_what_it_holds_is_kept() {
    let root = folder();
    let data = smoke_set();
    let tasks = root.path().join("user_outputs/x/tasks");
    std::fs::create_dir_all(&tasks).unwrap();
    let samples = read(&data.join("levels/perception/AVM/data.json"));
    let samples = samples.as_array().unwrap();
    assert!(samples.len() >= 5);
    let record = |i: usize, predict: Value| json!({"task": "AVM", "subtask": null, "id": samples[i]["id"], "predict": predict});
    let before = json!([
        record(0, json!("kept as it is")),
        null,
        record(2, json!("")),
        record(3, Value::Null),
    ]);
    std::fs::write(tasks.join("AVM.json"), before.to_string()).unwrap();

    let line =
        format!("run --backend chance --model-label x --tasks AVM --data-root {}", data.display());
    run(root.path(), &line).expect(0);
    let after = read(&tasks.join("AVM.json"));
    let after = after.as_array().unwrap();
    assert_eq!(after.len(), samples.len());
    assert_eq!(after[0]["predict"], "kept as it is");
    for (i, slot) in after.iter().enumerate() {
        let keys: Vec<&String> = slot.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["task", "subtask", "id", "predict"]);
        assert_eq!(slot["id"], samples[i]["id"]);
        assert!(slot["predict"].as_str().is_some_and(|text| !text.is_empty()), "slot {i}");
    }
    let journal =
        std::fs::read_to_string(root.path().join("user_outputs/x/journal/AVM.jsonl")).unwrap();
    assert!(!journal.contains("kept as it is"));
}

/// Killed again and again, the run must end in the very files of an undisturbed one.
#[test]
fn a_killed_run_ends_in_the_files_of_an_undisturbed_one() {
    let data = smoke_set();
    let served = Served::start("--model chance");
    let line = format!(
        "run --base-url {} --model-path chance --model-label x --concurrency 2 --data-root {}",
        served.base_url,
        data.display()
    );
    let undisturbed = folder();
    run(undisturbed.path(), &line).expect(0);

    let killed = folder();
    let journal = killed.path().join("user_outputs/x/journal");
    let answers = || -> usize {
        if !journal.exists() {
            return 0;
        }
        contents(&journal).values().map(|text| String::from_utf8_lossy(text).lines().count()).sum()
    };
    for goal in [5, 25, 60] {
        let mut child = avibench(killed.path())
            .args(line.split_whitespace())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while answers() < goal && child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(answers() >= goal, "no progress between kills");
    }
    run(killed.path(), &line).expect(0);
    let tasks = |root: &std::path::Path| contents(&root.join("user_outputs/x/tasks"));
    assert_eq!(tasks(undisturbed.path()), tasks(killed.path()));

    // What was journaled was never asked again.
    for text in contents(&journal).values() {
        let mut asked: BTreeMap<u64, usize> = BTreeMap::new();
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let entry: Value = serde_json::from_slice(line).unwrap();
            if let Some(position) = entry["position"].as_u64() {
                *asked.entry(position).or_default() += 1;
            }
        }
        assert!(asked.values().all(|&times| times == 1), "{asked:?}");
    }
}

#[test]
fn a_second_run_on_the_same_label_is_turned_away() {
    let root = folder();
    let data = smoke_set();
    // A server that accepts and never answers keeps the first run busy.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let line = format!(
        "run --base-url http://{}/v1 --model-path m --data-root {}",
        listener.local_addr().unwrap(),
        data.display()
    );
    let mut first = avibench(root.path())
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while !root.path().join("user_outputs/m/run.json").exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = run(root.path(), &line).expect(1);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(second.stderr.contains("user_outputs/m"), "{}", second.stderr);
}
