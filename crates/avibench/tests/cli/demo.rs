//! `demo`, whole and interrupted.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::network::NOBODY_THERE;
use crate::program::{Ended, avibench, contents, folder, run};
use crate::reliability::interrupt;

fn scores(root: &Path, label: &str) -> Value {
    let path = root.join(format!("avibench-demo/eval_outputs/{label}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The demo where the environment names proxies that nobody answers at: it reaches its own models without them.
fn demo(root: &Path) -> Command {
    let mut command = avibench(root);
    command.arg("demo").envs(NOBODY_THERE);
    command
}

#[test]
fn demo_goes_on_after_a_kill_and_signal_senses_what_chance_cannot() {
    let root = folder();
    // What a kill in the middle of making data leaves.
    std::fs::create_dir_all(root.path().join("avibench-demo/data/.avibench-x.partial/levels"))
        .unwrap();
    let mut child = demo(root.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let journal = root.path().join("avibench-demo/user_outputs/signal/journal");
    let deadline = Instant::now() + Duration::from_mins(2);
    let answered = || journal.exists() && contents(&journal).values().any(|text| !text.is_empty());
    while !answered() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!root.path().join("avibench-demo/eval_outputs").exists());

    // Interrupted, it says what comes next, once.
    let length = || contents(&journal).values().map(Vec::len).sum::<usize>();
    let before = length();
    let mut demo_again = demo(root.path());
    let child = demo_again.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while length() == before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    interrupt(&child);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect(130);
    assert_eq!(ended.stderr.matches("next: ").count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("next: the same command goes on"), "{}", ended.stderr);

    let ended = Ended::from(demo(root.path()).output().unwrap()).expect(0);
    assert!(ended.stderr.contains("is there already"), "{}", ended.stderr);
    assert!(ended.stdout.contains("must not be compared"), "{}", ended.stdout);
    let other = run(root.path(), "demo --seed 8").expect(1);
    assert!(other.stderr.contains("seed 7, now 8"), "{}", other.stderr);
    let signal = scores(root.path(), "signal");
    let chance = scores(root.path(), "chance");
    for task in ["asqa", "vsqa", "avsqa"] {
        let [signal, chance] =
            [&signal, &chance].map(|scores| scores["sensation"][task].as_f64().unwrap());
        assert!(signal >= 0.9 && signal > chance, "{task}: signal {signal}, chance {chance}");
    }
    // Captions, which a stand-in rates, have no place in the file of the original's form; the report has all
    // tasks, stages and levels.
    let scored: usize =
        signal.as_object().unwrap().values().map(|s| s.as_object().unwrap().len()).sum();
    assert_eq!(scored, 13);
    for label in ["signal", "chance"] {
        let report = root.path().join(format!("avibench-demo/eval_outputs/{label}.report.json"));
        let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        for mode in ["official", "strict"] {
            let estimates = &report[mode]["estimates"];
            assert_eq!(estimates["tasks"].as_array().unwrap().len(), 14);
            let above = ["stages", "levels"].map(|list| estimates[list].as_array().unwrap());
            assert_eq!(above.map(Vec::len), [4, 4]);
            let has_value = |of: &Value| of["value"].is_number() && of["low"].is_number();
            assert!(above.into_iter().flatten().all(has_value), "{label}, {mode}: {estimates}");
            assert!(has_value(&estimates["overall"]));
        }
        assert_eq!(report["captions"]["stand_in_version"], 1);
    }
    assert!(ended.stderr.contains("`avibench fense fetch`") && ended.stderr.contains("700 MB"));
}
