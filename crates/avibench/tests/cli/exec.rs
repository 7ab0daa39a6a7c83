//! An adapter written for the original's contract, served by the Python file that ships: the same
//! answers as called directly, whatever else it does.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Ended, avibench, contents, folder, run, smoke_set};

const WORKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/python/avibench_worker.py");

/// A toy in the original's form. Its answer depends on every byte that it is given. It chatters
/// on all channels; the first question of all kills it, the next lets it hang, and to one file it
/// is deaf. It notes what it was asked, so that it can be asked the same directly.
const ADAPTER: &str = r#"
import hashlib, json, os, time

print("imported")

def set_model(model_path):
    print("loading", model_path, flush=True)
    return {"name": model_path}, "a processor"

def answer(conversation, processor, model):
    digest = hashlib.sha256((processor + model["name"]).encode())
    for message in conversation:
        for part in message["content"]:
            kind = part["type"]
            value = part[kind]
            digest.update(value.encode() if kind == "text" else open(value[len("file://"):], "rb").read())
    return f"yes, {digest.hexdigest()}"

def get_response(conversation, processor, model):
    os.write(1, b"{\"id\": 0, \"answer\": \"not an answer\"}\n")
    print("thinking about", conversation[1]["content"][-1]["text"])
    scratch = os.environ["TOY_SCRATCH"]
    for mark in ("crash", "hang"):
        try:
            open(f"{scratch}/{mark}", "x").close()
        except FileExistsError:
            continue
        if mark == "crash":
            os._exit(7)
        time.sleep(600)
    if any(part.get("video", "").endswith(os.environ["TOY_DEAF_TO"]) for part in conversation[1]["content"]):
        raise ValueError("no sound reaches me")
    with open(f"{scratch}/asked.jsonl", "a") as file:
        file.write(json.dumps(conversation) + "\n")
    return [answer(conversation, processor, model)]
"#;

/// Calls the adapter without any of ours in between.
const DIRECT: &str = r#"
import json, sys
import toy
model, processor = toy.set_model("weights/v1")
for line in open(sys.argv[1]):
    print("ANSWER", toy.answer(json.loads(line), processor, model))
"#;

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn an_adapter_of_the_original_answers_as_it_does_directly() {
    let root = folder();
    let adapter = root.path().join("toy.py");
    std::fs::write(&adapter, ADAPTER).unwrap();
    let data = smoke_set();
    let samples = read(&data.join("levels/perception/AVM/data.json"));
    let deaf = samples[3]["input"]["video"].as_str().unwrap().rsplit('/').next().unwrap();
    let backend = format!("exec:python3 '{WORKER}' '{}' weights/v1", adapter.display());
    let command = |extra: &[&str]| -> Ended {
        avibench(root.path())
            .args(["run", "--backend", &backend, "--model-path", "toy", "--workers", "2"])
            .args(["--tasks", "AVM,VAR", "--timeout", "5", "--data-root"])
            .arg(&data)
            .args(extra)
            .env("TOY_SCRATCH", root.path())
            .env("TOY_DEAF_TO", deaf)
            .output()
            .unwrap()
            .into()
    };
    let ended = command(&[]).expect(2);
    assert!(ended.stderr.contains("ValueError: no sound reaches me"), "{}", ended.stderr);
    let slots = read(&root.path().join("user_outputs/toy/tasks/AVM.json"));
    for (position, slot) in slots.as_array().unwrap().iter().enumerate() {
        let is_deaf = samples[position]["input"]["video"] == samples[3]["input"]["video"];
        assert_eq!(slot.is_null(), is_deaf, "sample {position}");
    }
    let manifest = read(&root.path().join("user_outputs/toy/run.json"));
    assert_eq!(manifest["sessions"][0]["errors"]["timeout"], 1, "it hung once");
    let log = std::fs::read_to_string(root.path().join("user_outputs/toy/workers.log")).unwrap();
    for words in ["imported", "loading weights/v1", "not an answer", "thinking about"] {
        assert!(log.contains(words), "{words}: {log}");
    }

    // Without what went wrong on purpose, the next run completes it.
    let whole = avibench(root.path())
        .args(["run", "--backend", &backend, "--model-path", "toy", "--tasks", "AVM,VAR"])
        .arg("--data-root")
        .arg(&data)
        .env("TOY_SCRATCH", root.path())
        .env("TOY_DEAF_TO", "nothing")
        .output()
        .unwrap();
    Ended::from(whole).expect(0);

    let direct = Command::new("python3")
        .current_dir(root.path())
        .args(["-c", DIRECT, "asked.jsonl"])
        .output()
        .unwrap();
    let direct = Ended::from(direct).expect(0);
    let direct: BTreeSet<String> = direct
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("ANSWER "))
        .map(str::to_owned)
        .collect();
    let mut through = BTreeSet::new();
    for (_, content) in contents(&root.path().join("user_outputs/toy/tasks")) {
        let slots: Value = serde_json::from_slice(&content).unwrap();
        for slot in slots.as_array().unwrap() {
            through.insert(slot["predict"].as_str().unwrap().to_owned());
        }
    }
    assert!(through.len() >= 10, "{}", through.len());
    assert_eq!(through, direct);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let root = folder();
    let data = smoke_set();
    let line = format!(
        "run --backend exec:no-such-program --model-path m --tasks AVM --data-root {}",
        data.display()
    );
    let ended = run(root.path(), &line).expect(1);
    assert!(ended.stderr.contains("cannot start worker `no-such-program`"), "{}", ended.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_ends_with_the_program_even_if_that_is_killed() {
    let root = folder();
    let worker = root.path().join("worker.py");
    // It and what it started hold on, whatever becomes of their standard streams.
    let body = r"
import os, subprocess, time
child = subprocess.Popen(['sleep', '600'])
with open('pids.part', 'w') as file:
    file.write(f'{os.getpid()} {child.pid}')
os.rename('pids.part', 'pids')
while True:
    time.sleep(600)
";
    std::fs::write(&worker, body).unwrap();
    let mut program = avibench(root.path())
        .args(["run", "--backend", &format!("exec:python3 {}", worker.display())])
        .args(["--model-path", "w", "--tasks", "AVM", "--workers", "1"])
        .args(["--data-root", smoke_set().to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let wait = |what: &str, holds: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let pids = root.path().join("pids");
    wait("the worker does not start", &|| pids.exists());
    program.kill().unwrap();
    program.wait().unwrap();
    for pid in std::fs::read_to_string(pids).unwrap().split(' ') {
        wait("it outlives the program", &|| {
            // A zombie waits for its parent and runs no more.
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            !stat.is_ok_and(|stat| !stat.contains(") Z "))
        });
    }
}
