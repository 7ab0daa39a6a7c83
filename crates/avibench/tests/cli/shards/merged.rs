//! What is merged is what a run without shards leaves.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::{all_at_once, chance, json, on_set, tasks};
use crate::program::{NO_PROBE, Served, avibench, contents, folder, run, smoke_set};

/// A run without shards, formatted and scored. Read only.
fn whole() -> &'static Path {
    static WHOLE: OnceLock<TempDir> = OnceLock::new();
    let root = WHOLE.get_or_init(|| {
        let root = folder();
        chance(root.path(), "").expect(0);
        formatted_and_scored(root.path());
        root
    });
    root.path()
}

fn formatted_and_scored(root: &Path) {
    on_set(root, "refine --refine rules").expect(0);
    on_set(root, "score --models m");
}

/// A report and rows without what differs from run to run.
fn results(root: &Path) -> (Value, Vec<Value>) {
    let report = json(&root.join("eval_outputs/m.report.json"));
    let text = std::fs::read_to_string(root.join("eval_outputs/m.samples.jsonl")).unwrap();
    let rows = text.lines().map(|line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().remove("latency_ms");
        row
    });
    (without_digest(report), rows.collect())
}

/// All files but locks, which name the last process.
fn files(root: &Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = contents(root);
    files.retain(|path, _| !path.ends_with(".lock"));
    files
}

/// Without the digest of the rows, in which times stand.
fn without_digest(mut value: Value) -> Value {
    fn take(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("json_lines_sha256");
                fields.values_mut().for_each(take);
            }
            Value::Array(items) => items.iter_mut().for_each(take),
            _ => {}
        }
    }
    take(&mut value);
    value
}

#[test]
fn shards_of_any_number_make_the_files_of_a_run_without() {
    // Of fifty, many have no sample in most folders.
    for (of, step) in [(1, 1), (2, 1), (7, 3), (50, 7)] {
        let root = folder();
        let order = (0..of).map(|at| (at * step) % of + 1);
        let lines: Vec<String> = order
            .map(|index| format!("run --backend chance --model-label m --shard {index}/{of}"))
            .collect();
        all_at_once(root.path(), &lines);
        let merged = on_set(root.path(), "merge m").expect(0);
        assert_eq!(merged.stdout.matches(" finished").count(), of, "{}", merged.stdout);
        assert!(merged.stdout.lines().all(|line| line.chars().count() <= 80), "{}", merged.stdout);
        let outputs = |root: &Path| tasks(&root.join("user_outputs"), "m");
        assert_eq!(outputs(root.path()), outputs(whole()), "{of} shards");
        let counts = |root: &Path| json(&root.join("user_outputs/m/run.json"))["folders"].clone();
        assert_eq!(counts(root.path()), counts(whole()));

        let before = files(root.path());
        let again = on_set(root.path(), "merge m").expect(0);
        assert!(again.stderr.contains("nothing is new"), "{}", again.stderr);
        assert!(files(root.path()) == before, "merged twice, nothing has changed");
        // A run without shards has nothing left to ask.
        let on = chance(root.path(), "").expect(0);
        assert!(on.stderr.contains("0 requests"), "{}", on.stderr);

        formatted_and_scored(root.path());
        let refined = |root: &Path| tasks(&root.join("user_outputs_refined"), "m");
        assert_eq!(refined(root.path()), refined(whole()));
        assert_eq!(results(root.path()), results(whole()), "{of} shards");
    }
}

#[test]
fn each_shard_has_its_ids_with_their_checks_and_no_other_has_them() {
    let root = folder();
    let of = |index: u32| {
        chance(root.path(), &format!("--shard {index}/3 --tasks sensation")).expect(0);
        let journal = root.path().join(format!("user_outputs/m/shards/{index}-of-3/journal"));
        let mut ids = std::collections::BTreeSet::new();
        for (path, text) in contents(&journal) {
            for line in String::from_utf8(text).unwrap().lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                let id = line["id"].as_str().unwrap();
                ids.insert((path.clone(), id.trim_start_matches("pre_").to_owned()));
            }
        }
        ids
    };
    let shards = [of(1), of(2), of(3)];
    let sizes = shards.each_ref().map(std::collections::BTreeSet::len);
    assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        assert!(shards[one].is_disjoint(&shards[other]));
    }
    on_set(root.path(), "merge m").expect(0);
}

#[test]
fn a_subset_is_drawn_before_it_is_divided() {
    let [divided, at_once] = [folder(), folder()];
    let subset = "--subset 0.5 --subset-seed 3 --tasks ASQA,AVM";
    chance(at_once.path(), subset).expect(0);
    for shard in ["2/2", "1/2"] {
        chance(divided.path(), &format!("{subset} --shard {shard}")).expect(0);
    }
    on_set(divided.path(), "merge m").expect(0);
    let outputs = |root: &Path| tasks(&root.join("user_outputs"), "m");
    assert_eq!(outputs(divided.path()), outputs(at_once.path()));
    let first = folder();
    for shard in ["1/2", "2/2"] {
        chance(first.path(), &format!("--n-samples 3 --tasks AVM --shard {shard}")).expect(0);
    }
    let ledger = || json(&first.path().join("user_outputs/m/shards.json"));
    on_set(first.path(), "merge m").expect(0);
    assert_eq!((&ledger()["samples"], &ledger()["n_samples"]), (&3.into(), &3.into()));
}

#[test]
fn shards_from_several_machines_are_merged_from_their_copies() {
    let [first, second, here] = [folder(), folder(), folder()];
    for (root, shard) in [(&first, "1/2"), (&second, "2/2")] {
        chance(root.path(), &format!("--shard {shard}")).expect(0);
        on_set(root.path(), &format!("refine --refine rules --models m --shard {shard}")).expect(0);
    }
    let copied = second.path().join("user_outputs/m/shards/2-of-2");
    for folder in [first.path().to_owned(), copied] {
        let line = format!("merge m {}", folder.display());
        // Only after the second is all there.
        let code = if folder == first.path() { 2 } else { 0 };
        on_set(here.path(), &line).expect(code);
    }
    let refined = second.path().join("user_outputs_refined");
    on_set(here.path(), &format!("merge m {}", refined.display())).expect(0);
    let all = [first.path(), second.path()].map(|root| root.display().to_string()).join(" ");
    let again = on_set(here.path(), &format!("merge m {all}")).expect(0);
    assert!(again.stderr.contains("nothing is new"), "{}", again.stderr);
    for outputs in ["user_outputs", "user_outputs_refined"] {
        let outputs = |root: &Path| tasks(&root.join(outputs), "m");
        assert_eq!(outputs(here.path()), outputs(whole()));
    }
    on_set(here.path(), "score --models m");
    assert_eq!(results(here.path()), results(whole()));
}

#[test]
fn shards_are_formatted_before_or_after_they_are_merged() {
    let served = Served::start("--model chance");
    let model = format!("--base-url {} --refine-model scribe", served.base_url);
    let refine = |root: &Path, more: &str| {
        on_set(root, &format!("refine --refine llm --models m {model} {more}"))
    };
    let [at_once, before, after] = [folder(), folder(), folder()];
    let tasks_of = "--tasks ASQA,AMIC,AVLG";
    chance(at_once.path(), tasks_of).expect(0);
    refine(at_once.path(), "");
    for root in [&before, &after] {
        for shard in ["1/3", "2/3", "3/3"] {
            chance(root.path(), &format!("{tasks_of} --shard {shard}")).expect(0);
            if root.path() == before.path() {
                refine(root.path(), &format!("--shard {shard}"));
            }
        }
        on_set(root.path(), "merge m");
        if root.path() == after.path() {
            for shard in ["3/3", "2/3", "1/3"] {
                refine(root.path(), &format!("--shard {shard}"));
            }
            on_set(root.path(), "merge m");
        }
        let refined = |root: &Path| tasks(&root.join("user_outputs_refined"), "m");
        assert_eq!(refined(root.path()), refined(at_once.path()));
        // What shards asked is known to a run without them.
        let on = refine(root.path(), "");
        assert!(
            on.stderr.contains("0 requests") || !on.stderr.contains("requests"),
            "{}",
            on.stderr
        );
        assert_eq!(refined(root.path()), refined(at_once.path()));
    }
}

#[test]
fn the_first_shard_probes_and_the_others_read_that() {
    let root = folder();
    let data = smoke_set();
    let probing = |shard: &str| {
        // Each task of an array has a server of its own.
        let served = Served::start("--deaf");
        let line = format!(
            "run --base-url {} --model-path m --data-root {} --shard {shard}",
            served.base_url,
            data.display()
        );
        let mut command = avibench(root.path());
        let output = command.env_remove(NO_PROBE).args(line.split_whitespace()).output();
        crate::program::Ended::from(output.unwrap()).expect(0).stderr
    };
    let early = probing("4/4");
    assert!(early.contains("shard 1 has not probed the endpoint yet"), "{early}");
    assert!(!early.contains("does not hear"), "{early}");
    let first = probing("1/4");
    assert!(first.contains("probing what the endpoint receives"), "{first}");
    for shard in ["2/4", "3/4"] {
        let later = probing(shard);
        assert!(later.contains("a probe of ") && later.contains("does not hear"), "{later}");
    }
    on_set(root.path(), "merge m").expect(0);
    let [label, shard] = ["user_outputs/m", "user_outputs/m/shards/1-of-4"]
        .map(|place| std::fs::read(root.path().join(place).join("probe.json")).unwrap());
    assert_eq!(label, shard);
}

#[test]
fn labels_are_renamed_and_deleted_with_their_shards() {
    let root = folder();
    for shard in ["1/2", "2/2"] {
        chance(root.path(), &format!("--tasks AVM --shard {shard}")).expect(0);
    }
    let listed = run(root.path(), "labels list").expect(0).stdout;
    assert!(listed.contains("Of shards"), "{listed}");
    assert!(listed.lines().all(|line| line.chars().count() <= 80), "{listed}");
    run(root.path(), "labels rename m n").expect(0);
    on_set(root.path(), "merge n").expect(0);
    run(root.path(), "labels rename n o").expect(0);
    let named = |file: &str| json(&root.path().join("user_outputs/o").join(file))["label"].clone();
    for file in ["run.json", "shards.json", "shards/1-of-2/run.json"] {
        assert_eq!(named(file), "o", "{file}");
    }
    let again = on_set(root.path(), "merge o").expect(0);
    assert!(again.stderr.contains("nothing is new"), "{}", again.stderr);
    let shard = root.path().join("user_outputs/o/shards/2-of-2/.lock");
    let lock = std::fs::File::open(shard).unwrap();
    lock.lock().unwrap();
    let refused = run(root.path(), "labels delete o --yes").expect(1);
    assert!(refused.stderr.contains("`o` is in use"), "{}", refused.stderr);
    drop(lock);
    run(root.path(), "labels delete o --yes").expect(0);
    assert!(!root.path().join("user_outputs/o").exists());
}
