//! A label that an earlier version of the program left is gone on with: run, refine, score.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Served, contents, folder, run};

const LABEL: &str = "old";

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/earlier_label")
}

/// A copy of the label and its data to work on.
fn copy() -> tempfile::TempDir {
    let root = folder();
    for (path, content) in contents(&fixture()) {
        let target = root.path().join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, content).unwrap();
    }
    root
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn serve(script: &str, more: &[&str]) -> Served {
    let script = fixture().join(script);
    Served::start_with(&[&["--script", script.to_str().unwrap()], more].concat())
}

fn sessions(root: &Path, outputs: &str) -> Vec<Value> {
    let manifest = read(&root.join(outputs).join(LABEL).join("run.json"));
    manifest["sessions"].as_array().unwrap().clone()
}

#[test]
fn its_official_scores_are_the_same() {
    let root = copy();
    let expected = read(&fixture().join("eval_outputs/old.json"));
    std::fs::remove_dir_all(root.path().join("eval_outputs")).unwrap();
    run(root.path(), "score --data-root data --resamples 50").expect(0);
    assert_eq!(read(&root.path().join("eval_outputs/old.json")), expected);
}

#[test]
fn its_report_can_be_compared_with() {
    let root = copy();
    let earlier = root.path().join("earlier");
    std::fs::rename(root.path().join("eval_outputs"), &earlier).unwrap();
    let line = "score --data-root data --models old --diff earlier/old.report.json";
    let ended = run(root.path(), line).expect(0);
    // What differs between the two is said, not only which verdicts moved.
    for changed in ["levels", "build"] {
        assert!(ended.stdout.contains(changed), "no {changed} in\n{}", ended.stdout);
    }
}

#[test]
fn what_was_formatted_is_formatted_no_more() {
    let root = copy();
    let root = root.path();
    let refined = root.join("user_outputs_refined").join(LABEL);
    let before = [contents(&refined.join("tasks")), contents(&refined.join("journal"))];
    let served = serve("refiner.jsonl", &[]);
    let line =
        format!("refine --data-root data --prompts prompts.toml --base-url {}", served.base_url);
    run(root, &line).expect(0);
    let sessions = sessions(root, "user_outputs_refined");
    assert_eq!(sessions.len(), 2);
    assert_eq!((&sessions[1]["requests"], &sessions[1]["end"]), (&0.into(), &"finished".into()));
    assert!(sessions[1].get("forced").is_none(), "{}", sessions[1]);
    let [tasks, journals] = before;
    assert!(contents(&refined.join("tasks")) == tasks, "formatted answers changed");
    // What the answers say is noted beside them, and changes nothing.
    for (name, journal) in contents(&refined.join("journal")) {
        let added = journal.strip_prefix(journals[&name].as_slice()).unwrap();
        for line in String::from_utf8(added.to_vec()).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!(line["reading"]["of"].is_string(), "{line}");
        }
    }
}

#[test]
fn its_run_asks_only_what_has_no_answer() {
    let root = copy();
    let root = root.path();
    let log = root.join("log.jsonl");
    let served = serve("model.jsonl", &["--log", log.to_str().unwrap()]);
    let tasks = ["VMIC", "AVM", "AVQA", "VSQA_I"];
    let answers = |task: &str| -> Vec<Option<String>> {
        let slots = read(&root.join(format!("user_outputs/{LABEL}/tasks/{task}.json")));
        let text = |slot: &Value| slot["predict"].as_str().map(str::to_owned);
        slots.as_array().unwrap().iter().map(text).collect()
    };
    let before = tasks.map(answers);
    let line = format!(
        "run --base-url {} --model-path scripted --model-label {LABEL} --data-root data \
         --prompts prompts.toml",
        served.base_url
    );
    let ended = run(root, &line).expect(0);
    assert!(ended.stderr.contains("cut a torn last line of 30 bytes"), "{}", ended.stderr);

    let log = std::fs::read_to_string(log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let asked: Vec<String> = lines
        .filter(|line| line["event"] == "asked")
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect();
    let names = |position: usize| tasks.map(|task| format!("{task} {position}:"));
    let asked_about: BTreeSet<String> = (0..6)
        .flat_map(names)
        .filter(|name| asked.iter().any(|text| text.contains(name.as_str())))
        .collect();
    // Without an answer were an empty one, what failed and what was turned down, a refusal, and
    // what the interrupted run had not come to. Two checks of VSQA_I are void and never asked.
    let expected = [
        "AVM 3:",
        "AVM 4:",
        "AVQA 4:",
        "AVQA 5:",
        "VMIC 3:",
        "VMIC 4:",
        "VSQA_I 0:",
        "VSQA_I 2:",
        "VSQA_I 4:",
        "VSQA_I 5:",
    ];
    assert_eq!(asked_about, expected.map(str::to_owned).into());
    assert_eq!(asked.len(), expected.len());

    for (task, before) in tasks.iter().zip(before) {
        let after = answers(task);
        for (position, answer) in before.iter().enumerate() {
            if answer.as_ref().is_some_and(|text| !text.is_empty()) {
                assert_eq!(&after[position], answer, "{task} {position}");
            }
        }
    }
    let ends: Vec<Value> =
        sessions(root, "user_outputs").iter().map(|session| session["end"].clone()).collect();
    assert_eq!(ends, [Value::Null, "interrupted".into(), "finished".into()]);
}
