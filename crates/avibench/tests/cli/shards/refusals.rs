//! Shards that do not fit together, and what is said of them.

use std::path::Path;

use serde_json::{Value, json};

use super::{chance, json, on_set};
use crate::program::{contents, copy_smoke_set, folder};

fn shard(root: &Path, name: &str) -> std::path::PathBuf {
    root.join("user_outputs/m/shards").join(name)
}

/// A change of a manifest.
type Change = fn(&mut Value);

/// Changes a shard's manifest.
fn edit(root: &Path, name: &str, change: impl FnOnce(&mut Value)) {
    let path = shard(root, name).join("run.json");
    let mut manifest = json(&path);
    change(&mut manifest);
    std::fs::write(path, manifest.to_string()).unwrap();
}

#[test]
fn shards_that_differ_are_refused_and_the_difference_is_named() {
    let changes: [(&str, Change); 9] = [
        ("model is chance in shard 1 and other in shard 2", |of| of["model"] = "other".into()),
        ("backend is chance in shard 1 and signal in shard 2", |of| {
            of["backend"] = "signal".into();
        }),
        ("parameter `chance_seed` is 0 in shard 1 and 7 in shard 2", |of| {
            of["parameters"]["chance_seed"] = 7.into();
        }),
        ("profile is none in shard 1 and vllm@1 in shard 2", |of| of["profile"] = "vllm@1".into()),
        ("prompt pack is", |of| of["prompt_pack"] = "another".into()),
        ("data.json of AVM is", |of| of["data"]["AVM"]["sha256"] = "0".repeat(64).into()),
        ("ablation is none in shard 1 and mute of m", |of| {
            of["ablation"] = json!({"kind": "mute", "base": "m", "version": 2, "media": null});
        }),
        ("subset is none in shard 1 and 0.5 of each folder, seed 1 in shard 2", |of| {
            of["subset"] = json!({"share": 0.5, "seed": 1});
        }),
        ("selection is AVM: 6 samples, digest", |of| {
            of["shard"]["selection"] = "f".repeat(64).into();
        }),
    ];
    let root = folder();
    for of in ["1/2", "2/2"] {
        chance(root.path(), &format!("--tasks AVM --shard {of}")).expect(0);
    }
    let manifest = std::fs::read(shard(root.path(), "2-of-2").join("run.json")).unwrap();
    for (said, change) in changes {
        edit(root.path(), "2-of-2", change);
        let before = contents(root.path());
        let refused = on_set(root.path(), "merge m --force").expect(1);
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
        assert!(refused.stderr.contains("are not of one run"), "{}", refused.stderr);
        assert_eq!(contents(root.path()), before, "nothing is written");
        std::fs::write(shard(root.path(), "2-of-2").join("run.json"), &manifest).unwrap();
    }
    // Machines may differ, and another version of the program where that is forced.
    edit(root.path(), "2-of-2", |of| {
        let session = &mut of["sessions"][0];
        session["machine"] = "elsewhere".into();
        session["program"] = "avibench 9.9.9 (commit 0123456789ab, release, somewhere)".into();
    });
    let refused = on_set(root.path(), "merge m").expect(1);
    assert!(refused.stderr.contains("several versions of the program"), "{}", refused.stderr);
    assert!(refused.stderr.contains("9.9.9 (commit 0123456789ab) (shard 2)"), "{}", refused.stderr);
    let merged = on_set(root.path(), "merge m --force").expect(0);
    assert!(merged.stdout.contains("elsewhere"), "{}", merged.stdout);
    let ledger = json(&root.path().join("user_outputs/m/shards.json"));
    assert_eq!(ledger["programs"].as_array().unwrap().len(), 2, "it is recorded");
}

#[test]
fn other_flags_give_another_selection() {
    let root = folder();
    chance(root.path(), "--tasks AVM --shard 1/2").expect(0);
    chance(root.path(), "--tasks AVM,AVL --shard 2/2").expect(0);
    let refused = on_set(root.path(), "merge m").expect(1);
    assert!(refused.stderr.contains("selection is AVM: 6 samples"), "{}", refused.stderr);
    assert!(refused.stderr.contains("AVL, AVM: 12 samples"), "{}", refused.stderr);
    let refused = chance(root.path(), "--tasks AVM,AVL --shard 1/2").expect(1);
    assert!(refused.stderr.contains("shard was 1/2 of 6 samples"), "{}", refused.stderr);
    let again = chance(root.path(), "--tasks AVM --n-samples 4 --shard 1/2").expect(1);
    assert!(again.stderr.contains("(--n-samples 4)"), "{}", again.stderr);
}

#[test]
fn shards_of_another_number_are_told_apart() {
    let root = folder();
    for of in ["1/2", "2/2", "1/3"] {
        chance(root.path(), &format!("--tasks AVM --shard {of}")).expect(0);
    }
    let last = chance(root.path(), "--tasks AVM --shard 2/3").expect(0);
    assert!(last.stderr.contains("is of another division"), "{}", last.stderr);
    let refused = on_set(root.path(), "merge m").expect(1);
    assert!(refused.stderr.contains("has shards of 2 and of 3"), "{}", refused.stderr);
    let none = on_set(root.path(), "merge m --shards 4").expect(1);
    assert!(
        none.stderr.contains("has no shards of 4; it has shards of 2 and of 3"),
        "{}",
        none.stderr
    );
    on_set(root.path(), "merge m --shards 2").expect(0);
    let lacking = folder();
    chance(lacking.path(), "--tasks AVM --shard 1/3").expect(0);
    let said = on_set(lacking.path(), "merge m").expect(2).stderr;
    for index in [2, 3] {
        let missing = format!("shard {index} of 3 is missing with its 2 samples");
        assert!(said.contains(&missing), "{said}");
        assert!(said.contains(&format!("`avibench run --shard {index}/3`")), "{said}");
    }
    assert!(said.contains("4 samples in 2 shards without an answer"), "{said}");
}

#[test]
fn answers_in_two_places_are_told_and_the_lowest_shard_counts() {
    let root = folder();
    for of in ["1/2", "2/2"] {
        chance(root.path(), &format!("--tasks AVM --shard {of}")).expect(0);
    }
    let journal = |name: &str| shard(root.path(), name).join("journal/AVM.jsonl");
    // Shard 2 has a question of shard 1 as well, and answered it earlier.
    let mut of_one: Value = {
        let text = std::fs::read_to_string(journal("1-of-2")).unwrap();
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    };
    let counts = of_one["answer"].clone();
    of_one["answer"] = "of another shard".into();
    of_one["time"] = "2020-01-01T00:00:00Z".into();
    let text = std::fs::read_to_string(journal("2-of-2")).unwrap();
    std::fs::write(journal("2-of-2"), format!("{of_one}\n{text}")).unwrap();
    let merged = on_set(root.path(), "merge m").expect(0);
    let position = of_one["position"].as_u64().unwrap() as usize;
    let said = format!("AVM {position}: the answer of shard 1 counts; shard 2 has another one");
    assert!(merged.stderr.contains(&said), "{}", merged.stderr);
    assert!(
        merged.stderr.contains("1 position has answers of several shards"),
        "{}",
        merged.stderr
    );
    let tasks = json(&root.path().join("user_outputs/m/tasks/AVM.json"));
    assert_eq!(tasks[position]["predict"], counts);
}

#[test]
fn what_is_no_shard_is_named_with_the_mend() {
    let root = folder();
    let none = on_set(root.path(), "merge m").expect(1);
    assert!(
        none.stderr.contains("`m` has no shards: expected user_outputs/m/shards"),
        "{}",
        none.stderr
    );
    for of in ["1/2", "2/2"] {
        chance(root.path(), &format!("--tasks AVM --shard {of}")).expect(0);
    }
    let elsewhere = folder();
    let named = format!("merge m {}", elsewhere.path().display());
    let nothing = on_set(root.path(), &named).expect(1);
    assert!(nothing.stderr.contains("holds no shards of `m`"), "{}", nothing.stderr);
    let other = format!("merge n {}", shard(root.path(), "1-of-2").display());
    let other = on_set(root.path(), &other).expect(1);
    assert!(other.stderr.contains("is a shard of `m`, not of `n`"), "{}", other.stderr);
    let renamed = shard(root.path(), "2-of-3");
    std::fs::rename(shard(root.path(), "2-of-2"), &renamed).unwrap();
    let said = on_set(root.path(), "merge m").expect(1).stderr;
    assert!(said.contains("2-of-3 calls itself shard 2 of 2"), "{said}");
    std::fs::remove_file(renamed.join("run.json")).unwrap();
    let said = on_set(root.path(), "merge m").expect(1).stderr;
    assert!(said.contains("has a journal and no run.json"), "{said}");
    std::fs::remove_dir_all(renamed).unwrap();
    let other = "synth prise --seed 3 --tasks ASQA --scale 0.1 --out data";
    crate::program::run(root.path(), other).expect(0);
    let said = crate::program::run(root.path(), "merge m --data-root data").expect(1).stderr;
    assert!(said.contains("asked AVM, which is not in the data set"), "{said}");
    copy_smoke_set(&root.path().join("other"));
    let data = root.path().join("other/levels/perception/AVM/data.json");
    let text = std::fs::read_to_string(&data).unwrap();
    std::fs::write(&data, format!("{text} ")).unwrap();
    let said = crate::program::run(root.path(), "merge m --data-root other").expect(1).stderr;
    assert!(said.contains("asked another data.json of AVM"), "{said}");
}

#[test]
fn damaged_journals_cost_their_damaged_lines() {
    let root = folder();
    for of in ["1/2", "2/2"] {
        chance(root.path(), &format!("--tasks AVM --shard {of}")).expect(0);
    }
    let path = shard(root.path(), "2-of-2").join("journal/AVM.jsonl");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 30]).unwrap();
    let said = on_set(root.path(), "merge m").expect(2).stderr;
    assert!(said.contains("its last line is not whole"), "{said}");
    assert!(said.contains("shard 2 of 2: 1 of 3 samples without an answer (AVM "), "{said}");
    std::fs::write(&path, b"no journal\n").unwrap();
    let said = on_set(root.path(), "merge m").expect(1).stderr;
    assert!(said.contains("AVM.jsonl, line 1"), "{said}");
    std::fs::write(&path, whole).unwrap();
    on_set(root.path(), "merge m").expect(0);
}
