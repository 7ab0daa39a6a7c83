//! Runs without a sense, with another's media, or on a random part, and what is made of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Served, contents, folder, run, smoke_set};

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The lines of a journal by position.
fn journal(root: &Path, label: &str, folder: &str) -> BTreeMap<u64, Value> {
    let path = root.join(format!("user_outputs/{label}/journal/{folder}.jsonl"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| Some((line["position"].as_u64()?, line))).collect()
}

/// The observer on the sensation tasks, whole and under ablations; formatted and scored. Read only.
fn runs() -> &'static Path {
    static RUNS: OnceLock<TempDir> = OnceLock::new();
    let root = RUNS.get_or_init(|| {
        let root = folder();
        let data = smoke_set().display().to_string();
        let base = "run --backend signal --model-label ear --tasks sensation";
        run(root.path(), &format!("{base} --data-root {data}")).expect(0);
        for kind in ["mute", "blind", "text"] {
            let line = format!("{base} --ablate {kind} --data-root {data}");
            run(root.path(), &line).expect(0);
        }
        run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
        run(root.path(), &format!("score --data-root {data}")).expect(0);
        root
    });
    root.path()
}

#[test]
fn who_is_deaf_still_sees_and_who_is_blind_still_hears() {
    let root = runs();
    let answers = |label: &str, folder: &str| -> Vec<Value> {
        json(&root.join(format!("user_outputs/{label}/tasks/{folder}.json")))
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["predict"].clone())
            .collect()
    };
    for folder in ["VSQA_I", "VSQA_V"] {
        assert_eq!(answers("ear@mute", folder), answers("ear", folder), "{folder}");
        assert_ne!(answers("ear@blind", folder), answers("ear", folder), "{folder}");
    }
    assert_eq!(answers("ear@blind", "ASQA"), answers("ear", "ASQA"));
    let formal = |label: &str, task: &str| {
        let report = json(&root.join(format!("eval_outputs/{label}.report.json")));
        let tasks = report["strict"]["estimates"]["tasks"].as_array().unwrap().clone();
        let found = tasks.into_iter().find(|found| found["key"] == task).unwrap();
        found["headline"]["value"].as_f64().unwrap()
    };
    assert!(formal("ear", "asqa") > 0.9 && formal("ear@mute", "asqa") < 0.1);
    assert!(formal("ear", "avsqa") > 0.9 && formal("ear@mute", "avsqa") < 0.1);
    assert!(formal("ear", "vsqa") > 0.9 && formal("ear@blind", "vsqa") < 0.1);
    for task in ["asqa", "vsqa", "avsqa"] {
        assert!(formal("ear@text", task) < 0.1, "{task}");
    }
    let manifest = json(&root.join("user_outputs/ear@mute/run.json"));
    assert_eq!(manifest["label"], "ear@mute");
    assert_eq!(manifest["ablation"]["kind"], "mute");
    assert_eq!(manifest["ablation"]["base"], "ear");
    assert!(manifest["ablation"]["media"]["video"].as_str().unwrap().contains("without a sound"));
    let report = json(&root.join("eval_outputs/ear@mute.report.json"));
    assert_eq!(report["asking"]["ablation"], "mute");
}

#[test]
fn requests_are_of_the_rewritten_media() {
    let root = runs();
    let requests = |label: &str, folder: &str| -> Vec<Value> {
        journal(root, label, folder).into_values().map(|line| line["request"].clone()).collect()
    };
    assert_eq!(requests("ear@mute", "VSQA_I"), requests("ear", "VSQA_I"), "nothing to take away");
    for (label, folder) in
        [("ear@mute", "ASQA"), ("ear@mute", "AVSQA"), ("ear@blind", "VSQA_I"), ("ear@text", "ASQA")]
    {
        let (whole, ablated) = (requests("ear", folder), requests(label, folder));
        assert_eq!(whole.len(), ablated.len());
        let same = whole.iter().zip(&ablated).filter(|(a, b)| a == b).count();
        assert_eq!(same, 0, "{label} {folder}");
    }
    let made = contents(&root.join("user_outputs/.rewritten-media"));
    assert!(made.keys().all(|path| {
        let name = path.display().to_string();
        let (stem, extension) = name.split_once('.').unwrap();
        stem.len() == 64 && ["mp4", "png", "wav"].contains(&extension)
    }));
}

#[test]
fn ablations_stand_below_their_bases_and_are_compared_with_nothing_else() {
    let root = runs();
    let data = smoke_set();
    let data = data.display();
    let scored = run(root, &format!("score --eval-dir elsewhere --data-root {data}")).expect(0);
    assert!(scored.stdout.contains("Reachable of ear (strict"), "{}", scored.stdout);
    let heads: Vec<usize> = ["\near\n", "\near@blind\n", "\near@mute\n", "\near@text\n"]
        .iter()
        .map(|label| scored.stdout.find(label).unwrap())
        .collect();
    assert!(heads.is_sorted(), "{heads:?}");
    assert!(scored.stdout.lines().all(|line| line.chars().count() <= 80), "{}", scored.stdout);

    let line = format!("compare ear ear@mute ear@blind --strict --json --data-root {data}");
    let compared: Value = serde_json::from_str(&run(root, &line).expect(0).stdout).unwrap();
    assert!(compared["pairs"].as_array().unwrap().is_empty() && compared["schema_version"] == 2);
    let effects = compared["ablations"].as_array().unwrap();
    assert_eq!(effects.iter().map(|e| &e["kind"]).collect::<Vec<_>>(), ["mute", "blind"]);
    let lost = |effect: &Value, part: &str, task: &str| {
        let tasks = effect[part]["tasks"].as_array().unwrap();
        let found = tasks.iter().find(|found| found["task"] == task).unwrap();
        found["difference"]["difference"].as_f64().unwrap()
    };
    assert!(lost(&effects[0], "formal", "ASQA") > 0.8);
    assert!(lost(&effects[0], "formal", "VSQA").abs() < 1e-12);
    assert!(lost(&effects[1], "formal", "ASQA").abs() < 1e-12);
    assert!(lost(&effects[1], "with_checks", "VSQA") > 0.8);

    let line = format!("compare ear ear@mute --data-root {data}");
    let told = run(root, &line).expect(0).stdout;
    assert!(told.contains("ear without sound") && !told.contains("Rank in"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    let alone = run(root, &format!("compare ear@text ear@mute --data-root {data}")).expect(0);
    assert!(alone.stderr.contains("name that one, too"), "{}", alone.stderr);
}

#[test]
fn who_is_deaf_scores_what_its_guesses_are_worth_within_the_interval() {
    let root = folder();
    run(root.path(), "synth prise --seed 12 --scale 0.2 --tasks ASQA,AVSQA --out data").expect(0);
    let served = Served::start("--model signal-guessing --seed 5");
    let base = format!(
        "run --base-url {} --model-path signal-guessing --model-label ear --data-root data",
        served.base_url
    );
    run(root.path(), &base).expect(0);
    run(root.path(), &format!("{base} --ablate mute")).expect(0);
    run(root.path(), "refine --refine rules --data-root data").expect(0);
    let line = "compare ear ear@mute --strict --json --data-root data";
    let compared: Value = serde_json::from_str(&run(root.path(), line).expect(0).stdout).unwrap();
    let effect = &compared["ablations"][0];
    for (folder, task) in [("ASQA", "ASQA"), ("AVSQA", "AVSQA")] {
        let records = json(&root.path().join(format!("data/levels/sensation/{folder}/data.json")));
        let formal = records
            .as_array()
            .unwrap()
            .iter()
            .filter(|record| !record["id"].as_str().unwrap().starts_with("pre_"));
        // One in as many as there are answers left: where sounds are gone these are all answers of
        // the question; where solids are on view, those on view.
        let odds: Vec<f64> = formal
            .map(|record| 1.0 / record["stimulus"]["alternatives"].as_array().unwrap().len() as f64)
            .collect();
        let expected = odds.iter().sum::<f64>() / odds.len() as f64;
        let tasks = effect["formal"]["tasks"].as_array().unwrap();
        let found = tasks.iter().find(|found| found["task"] == task).unwrap();
        let number = |key: &str| found["difference"][key].as_f64().unwrap();
        assert!(number("first") > 0.9, "{task}: {found}");
        let loss = number("first") - expected;
        assert!(number("low") <= loss && loss <= number("high"), "{task}: {expected}, {found}");
        // Every check says that nothing is heard, and takes all that was guessed rightly.
        let tasks = effect["with_checks"]["tasks"].as_array().unwrap();
        let found = tasks.iter().find(|found| found["task"] == task).unwrap();
        assert_eq!(found["difference"]["second"], 0.0, "{task}: {found}");
    }
    let answers = journal(root.path(), "ear@mute", "ASQA");
    assert!(answers.values().all(|line| !line["answer"].as_str().unwrap().contains("know")));
}

#[test]
fn a_label_holds_one_ablation_and_is_called_by_it() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let asked = |flags: &str| {
        let line = "run --backend signal --model-label ear --tasks AVSQA --n-samples 4";
        run(root.path(), &format!("{line} {flags} --data-root {data}"))
    };
    let refused = run(
        root.path(),
        &format!("run --backend signal --model-label ear@mute --data-root {data}"),
    );
    let told = refused.expect(1).stderr;
    assert!(told.contains("--model-label ear --ablate mute"), "{told}");
    let unknown = asked("--ablate deaf").expect(1).stderr;
    assert!(unknown.contains("swap-sound, swap-picture, shift"), "{unknown}");

    let told = asked("--ablate swap-sound --ablation-seed 3").expect(0).stderr;
    assert!(told.contains("4 of 4 questions changed"), "{told}");
    let told = asked("--ablate swap-sound --ablation-seed 4").expect(1).stderr;
    assert!(told.contains("ablation was swap-sound of ear, version 2, seed 3"), "{told}");
    let before = contents(&root.path().join("user_outputs/ear@swap-sound"));
    asked("--ablate swap-sound --ablation-seed 3").expect(0);
    let after = contents(&root.path().join("user_outputs/ear@swap-sound"));
    let tasks = Path::new("tasks/AVSQA.json");
    assert_eq!(before[tasks], after[tasks], "nothing is asked again");

    // Whatever is asked at a time has room, and nothing else keeps any.
    asked("--ablate shift --ablation-cache-mib 0 --concurrency 1").expect(0);
    let made = contents(&root.path().join("user_outputs/.rewritten-media"));
    assert_eq!(made.len(), 1);
}

#[test]
fn a_dry_run_knows_what_would_be_sent() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let served = Served::start("--model signal");
    let endpoint = format!("--base-url {} --model-path signal", served.base_url);
    for profile in ["gateway", "vllm", "openai"] {
        let bytes = |flags: &str| {
            let line = format!("run {endpoint} --profile {profile} --tasks AVSQA,VSQA_I {flags}");
            let planned = run(root.path(), &format!("{line} --dry-run --json --data-root {data}"));
            let plan: Value = serde_json::from_str(&planned.expect(0).stdout).unwrap();
            let of = |folder: &str| plan["folders"][folder]["bytes"].as_u64().unwrap();
            (of("AVSQA"), of("VSQA_I"))
        };
        let (clips, stills) = bytes("");
        let (muted, same) = bytes("--ablate mute");
        assert!(muted < clips && same == stills, "{profile}: {muted} of {clips}, {same}, {stills}");
        let (text, none) = bytes("--ablate text");
        assert!(text * 4 < muted && none * 4 < stills, "{profile}: {text} {none}");
    }
    assert!(!root.path().join("user_outputs").exists(), "nothing is written");
}

#[test]
fn a_random_part_has_intervals_and_is_told_from_the_beginning_of_a_file() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let asked = |label: &str, flags: &str| {
        let line = format!("run --backend chance --tasks VSQA,AVM --model-label {label} {flags}");
        run(root.path(), &format!("{line} --data-root {data}"))
    };
    asked("whole", "").expect(0);
    asked("part", "--subset 0.5 --subset-seed 2").expect(0);
    asked("first", "--n-samples 3").expect(0);
    asked("first", "--n-samples 3 --ablate mute").expect(0);
    for both in ["--subset 0.5 --n-samples 3", "--subset 1", "--subset 0"] {
        asked("none", both).expect(1);
    }
    let told = asked("part", "--subset 0.5 --subset-seed 3").expect(1).stderr;
    assert!(told.contains("subset was 0.5 of each folder, seed 2, now"), "{told}");

    run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    let scored = run(root.path(), &format!("score --data-root {data}")).expect(0);
    let words = scored.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("drawn at random (--subset, --until)"), "{}", scored.stdout);
    let stages =
        run(root.path(), &format!("score --models part --data-root {data}")).expect(0).stdout;
    let row = stages.lines().find(|line| line.starts_with(" strict")).unwrap();
    assert!(row.contains("~66.67~") && row.contains("~23.08~"), "{stages}");
    let legend = "\n~ behind a number: over samples of its tasks that were drawn at random";
    assert!(stages.contains(legend), "{stages}");
    // What is reachable without sound bears the mark of the first samples, and no interval.
    let reachable = scored.stdout.split("Reachable of first").nth(1).unwrap();
    let row = reachable.lines().find(|line| line.starts_with("VSQA ")).unwrap();
    assert_eq!(row.matches('#').count(), 2, "{reachable}");
    let below = reachable.lines().skip_while(|line| !line.starts_with("VSQA ")).nth(1).unwrap();
    assert!(!below.contains('–'), "{reachable}");
    let headline = |label: &str| {
        let report = json(&root.path().join(format!("eval_outputs/{label}.report.json")));
        report["strict"]["estimates"]["tasks"][0]["headline"].clone()
    };
    assert!(headline("part")["low"].is_f64() && headline("whole")["low"].is_f64());
    assert!(headline("first")["low"].is_null());

    // What was asked under the one was asked under the other: the same answers, so no difference.
    let line = format!("compare whole part --strict --json --data-root {data}");
    let compared: Value = serde_json::from_str(&run(root.path(), &line).expect(0).stdout).unwrap();
    for task in compared["pairs"][0]["tasks"].as_array().unwrap() {
        assert_eq!(task["difference"]["difference"], 0.0, "{task}");
    }
    let whole = journal(root.path(), "whole", "VSQA_V");
    let part = journal(root.path(), "part", "VSQA_V");
    assert!(part.len() * 3 > whole.len() && part.len() < whole.len());
}

#[test]
fn a_label_moves_with_its_ablations() {
    let root = folder();
    let data = smoke_set().display().to_string();
    for flags in ["", "--ablate mute"] {
        let line = format!("run --backend chance --tasks ASQA --model-label a {flags}");
        run(root.path(), &format!("{line} --data-root {data}")).expect(0);
    }
    let refused = run(root.path(), "labels rename a@mute b").expect(1).stderr;
    assert!(refused.contains("is renamed with it"), "{refused}");
    run(root.path(), "labels rename a b").expect(0);
    let manifest = json(&root.path().join("user_outputs/b@mute/run.json"));
    assert_eq!(
        (&manifest["label"], &manifest["ablation"]["base"]),
        (&"b@mute".into(), &"b".into())
    );
    let again = "run --backend chance --tasks ASQA --model-label b --ablate mute";
    run(root.path(), &format!("{again} --data-root {data}")).expect(0);
    let told = run(root.path(), "labels delete b --yes").expect(0).stderr;
    assert!(told.contains("its ablations are still there: b@mute"), "{told}");
}

/// Rewriting may take what decoding may, however little may be in flight.
#[test]
fn a_small_bound_on_media_in_flight_does_not_stop_rewriting() {
    let root = folder();
    let data = smoke_set();
    let line = format!(
        "run --backend signal --model-label ear --tasks VSQA_V --ablate blind --max-inflight-mib 1 --data-root {}",
        data.display()
    );
    run(root.path(), &line).expect(0);
    let lines = journal(root.path(), "ear@blind", "VSQA_V");
    assert!(!lines.is_empty());
    for line in lines.values() {
        assert_eq!(line["outcome"], "answered", "{line}");
    }
}
