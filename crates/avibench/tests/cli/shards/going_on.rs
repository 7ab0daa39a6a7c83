//! Shards that are stopped, killed, run again, and what runs without shards make of them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{chance, json, on_set, tasks};
use crate::program::{Ended, Served, avibench, begin, contents, folder, smoke_set};

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_killed_shard_goes_on_and_a_terminated_one_says_so() {
    let root = folder();
    let plan = root.path().join("faults.toml");
    std::fs::write(&plan, "[[fault]]\nkind = \"latency\"\nms = 200\n").unwrap();
    let served = Served::start(&format!("--model chance --faults {}", plan.display()));
    let line = |shard: &str| {
        format!(
            "run --base-url {} --model-path m --concurrency 2 --tasks AVM,AVL,AVC,AVH --shard {shard} \
             --data-root {}",
            served.base_url,
            smoke_set().display()
        )
    };
    let journal = root.path().join("user_outputs/m/shards/1-of-2/journal");
    let answers = || -> usize {
        if !journal.exists() {
            return 0;
        }
        contents(&journal).values().map(|text| String::from_utf8_lossy(text).lines().count()).sum()
    };
    let mut killed = avibench(root.path())
        .args(line("1/2").split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the shard asks", || answers() >= 2);
    killed.kill().unwrap();
    killed.wait().unwrap();

    // What a killed shard left is merged, and what is missing is named.
    let early = on_set(root.path(), "merge m").expect(2).stderr;
    assert!(early.contains("shard 1 of 2: "), "{early}");
    assert!(early.contains("shard 2 of 2 is missing with its 12 samples"), "{early}");

    let before = answers();
    let child = begin(root.path(), &line("1/2"));
    until("the shard goes on", || answers() > before);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ended = Ended::from(child.wait_with_output().unwrap()).expect(143);
    assert!(ended.stderr.contains("it goes on where it stopped"), "{}", ended.stderr);
    let stopped = answers();
    assert!(stopped < 12, "it was stopped before its end");

    super::run(root.path(), &line("1/2")).expect(0);
    assert_eq!(answers(), 12, "nothing was asked twice");
    super::run(root.path(), &line("2/2")).expect(0);
    on_set(root.path(), "merge m").expect(0);
    let ledger = json(&root.path().join("user_outputs/m/shards.json"));
    assert_eq!(ledger["shards"][0]["sessions"], 3);
    assert_eq!(ledger["shards"][0]["done"], 12);

    let undisturbed = folder();
    let whole = line("1/1").replace(" --shard 1/1", "");
    super::run(undisturbed.path(), &whole).expect(0);
    let outputs = |root: &std::path::Path| tasks(&root.join("user_outputs"), "m");
    assert_eq!(outputs(root.path()), outputs(undisturbed.path()));
}

#[test]
fn a_run_without_shards_goes_on_from_what_is_merged() {
    let root = folder();
    chance(root.path(), "--tasks AVM,AVL --shard 2/2").expect(0);
    let refused = chance(root.path(), "--tasks AVM,AVL").expect(1);
    assert!(
        refused.stderr.contains("answers in shards that are not merged (2)"),
        "{}",
        refused.stderr
    );
    let lock = root.path().join("user_outputs/m/shards/2-of-2/.lock");
    let lock = std::fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let held = chance(root.path(), "--tasks AVM,AVL").expect(1);
    assert!(
        held.stderr.contains("shard 2 of 2 of `m` is being written to (process "),
        "{}",
        held.stderr
    );
    drop(lock);
    on_set(root.path(), "merge m").expect(2);
    let on = chance(root.path(), "--tasks AVM,AVL").expect(0);
    assert!(on.stderr.contains("6 requests"), "{}", on.stderr);
    let whole = folder();
    chance(whole.path(), "--tasks AVM,AVL").expect(0);
    let outputs = |root: &std::path::Path| tasks(&root.join("user_outputs"), "m");
    assert_eq!(outputs(root.path()), outputs(whole.path()));
    // The other shard is asked after all; the label's own answers stand.
    chance(root.path(), "--tasks AVM,AVL --shard 1/2 --force").expect(0);
    let merged = on_set(root.path(), "merge m").expect(0);
    assert!(merged.stderr.contains("the answer of the label itself counts"), "{}", merged.stderr);
    assert_eq!(outputs(root.path()), outputs(whole.path()));
}

#[test]
fn who_scores_before_merging_is_told() {
    let root = folder();
    for shard in ["1/2", "2/2"] {
        chance(root.path(), &format!("--tasks AVM --shard {shard}")).expect(0);
    }
    let said = on_set(root.path(), "refine --refine rules --models m").expect(1).stderr;
    assert!(said.contains("it has shards, which `avibench merge m --data-root "), "{said}");
    let said = on_set(root.path(), "score --models m").expect(1).stderr;
    assert!(said.contains("it has shards, which `avibench merge m --data-root "), "{said}");
    let said = on_set(root.path(), "refine --refine rules").expect(1).stderr;
    assert!(said.contains("`m` has nothing but shards, and is left out"), "{said}");
    on_set(root.path(), "merge m").expect(0);
    on_set(root.path(), "refine --refine rules").expect(0);
    // A shard is run again after the merge, here with what it lost.
    let journal = root.path().join("user_outputs/m/shards/1-of-2/journal/AVM.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(
        &journal,
        format!("{text}{}\n", text.lines().next().unwrap().replace("Z\"}", "1Z\"}")),
    )
    .unwrap();
    let said = on_set(root.path(), "score --models m").expect(0).stderr;
    assert!(said.contains("`m` has answers in 1 shard that are not merged"), "{said}");
    let said = on_set(root.path(), "report m").expect(0).stderr;
    assert!(said.contains("not merged"), "{said}");
}

#[test]
fn a_shard_does_not_ask_what_the_label_has_answers_to() {
    let root = folder();
    chance(root.path(), "--tasks AVM").expect(0);
    let refused = chance(root.path(), "--tasks AVM --shard 2/3").expect(1).stderr;
    assert!(refused.contains("already, which this shard would ask for again"), "{refused}");
    assert!(refused.contains("`avibench run` without --shard"), "{refused}");
    chance(root.path(), "--tasks AVM --shard 2/3 --force").expect(0);
    // Its own answers are no reason to refuse it.
    let again = chance(root.path(), "--tasks AVM --shard 2/3").expect(0).stderr;
    assert!(again.contains("0 requests"), "{again}");
}
