//! Questions that are asked several times: `run --epochs`, and what every later command makes of it.

use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ended, Served, avibench, contents, folder, run, smoke_set};
use crate::snapshots::steady_words;

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn on_set(root: &Path, line: &str) -> Ended {
    run(root, &format!("{line} --data-root {}", smoke_set().display()))
}

/// A line that asks a served model.
fn asking(served: &Served, more: &str) -> String {
    format!("run --base-url {} --model-path m --concurrency 4 {more}", served.base_url)
}

/// Formats and scores a label, and gives its report. Programs are given the means that it holds.
fn scored(root: &Path) -> Value {
    on_set(root, "refine --refine rules").expect(0);
    let printed = on_set(root, "score --captions stand-in --format csv").expect(0).stdout;
    let report = json(&root.join("eval_outputs/m.report.json"));
    let repeats = &report["repeats"];
    let count = |of: &str| repeats[of].as_array().map_or(0, Vec::len);
    let means = usize::from(repeats["overall"].is_object()) + count("stages") + count("tasks");
    let rows: Vec<&str> = printed.lines().filter(|row| row.contains(",mean,")).collect();
    assert_eq!(rows.len(), means, "{printed}");
    if let Some(value) = repeats["overall"]["headline"]["value"].as_f64() {
        let row = format!("m,strict,mean,overall/mean,fraction,{value},");
        assert!(rows.iter().any(|found| found.starts_with(&row)), "{row}\n{printed}");
    }
    report
}

/// The answers in a label's journals, once each: folder, epoch, position, answer.
fn answers(root: &Path) -> Vec<(String, u64, u64, String)> {
    let journal = root.join("user_outputs/m/journal");
    if !journal.exists() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (name, text) in contents(&journal) {
        for line in text.split(|&byte| byte == b'\n') {
            // A killed program may have torn the last line.
            let Ok(line) = serde_json::from_slice::<Value>(line) else { continue };
            let epoch = line["epoch"].as_u64().unwrap_or(1);
            assert_eq!(line["v"], if epoch > 1 { 3 } else { 1 }, "{line}");
            let answer = line["answer"].as_str().unwrap_or_default().to_owned();
            let name = name.display().to_string();
            found.push((name, epoch, line["position"].as_u64().unwrap(), answer));
        }
    }
    found.sort();
    found
}

/// A label whose questions were asked three times by a model that varies; made once.
fn repeated() -> &'static Path {
    static REPEATED: OnceLock<TempDir> = OnceLock::new();
    let root = REPEATED.get_or_init(|| {
        let root = folder();
        let served = Served::start("--model signal --noise 0.4 --seed 5");
        on_set(root.path(), &asking(&served, "--epochs 3")).expect(0);
        scored(root.path());
        root
    });
    root.path()
}

#[test]
fn further_epochs_change_nothing_official() {
    let root = folder();
    let served = Served::start("--model signal --noise 0.4 --seed 5");
    on_set(root.path(), &asking(&served, "")).expect(0);
    let first = scored(root.path());
    assert!(first.get("repeats").is_none(), "nothing was repeated");
    let before = [
        contents(&root.path().join("user_outputs/m/tasks")),
        contents(&root.path().join("user_outputs_refined/m/tasks")),
    ];
    let official = std::fs::read(root.path().join("eval_outputs/m.json")).unwrap();

    let once = answers(root.path()).len();
    let more = on_set(root.path(), &asking(&served, "--epochs 3")).expect(0).stderr;
    let all = format!("{once} samples in each of 3 epochs, all of them asked");
    assert!(more.contains(&all), "{more}");
    let asked = answers(root.path());
    assert_eq!(asked.len(), 3 * once, "each once, and epoch 1 not again");

    // Before `refine` has read them, further epochs are left out.
    on_set(root.path(), "score --captions stand-in").expect(0);
    let unread = json(&root.path().join("eval_outputs/m.report.json"));
    assert!(unread["repeats"]["tasks"].as_array().unwrap().is_empty());
    assert!(unread["repeats"]["left_out"].as_array().unwrap().iter().all(|of| of["unread"] != 0));

    let report = scored(root.path());
    let after = [
        contents(&root.path().join("user_outputs/m/tasks")),
        contents(&root.path().join("user_outputs_refined/m/tasks")),
    ];
    assert_eq!(before, after);
    assert_eq!(official, std::fs::read(root.path().join("eval_outputs/m.json")).unwrap());
    for mode in ["official", "strict"] {
        assert_eq!(first[mode], report[mode], "{mode} numbers are those of epoch 1");
    }
    let repeats = &report["repeats"];
    assert_eq!(repeats["planned"], 3);
    assert_eq!(repeats["overall"]["epochs"], serde_json::json!([1, 2, 3]));
    assert_eq!(repeats["tasks"].as_array().unwrap().len(), 14);
    let by_epoch: Vec<f64> = repeats["overall"]["by_epoch"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    let overall = report["strict"]["estimates"]["overall"]["value"].as_f64().unwrap();
    assert!((by_epoch[0] - overall).abs() < 1e-12, "the first epoch is the one of all tables");
    let mean = by_epoch.iter().sum::<f64>() / 3.0;
    let headline = repeats["overall"]["headline"]["value"].as_f64().unwrap();
    assert!((headline - mean).abs() < 1e-12);
    let manifest = json(&root.path().join("user_outputs/m/run.json"));
    assert_eq!(manifest["epochs"]["planned"], 3);
    let further = &manifest["epochs"]["further"][0]["folders"]["AVM"];
    assert_eq!(manifest["folders"]["AVM"]["answered"], further["answered"]);

    // Fewer epochs than before ask nothing, and say so.
    let fewer = on_set(root.path(), &asking(&served, "--epochs 2")).expect(0).stderr;
    assert!(fewer.contains("asks every question 3 times, and --epochs 2 asks no more of epoch 3"));
    assert_eq!(answers(root.path()), asked);
}

#[test]
fn a_run_that_is_killed_in_any_epoch_goes_on_there() {
    let served = Served::start("--model chance");
    let line = asking(&served, "--tasks AVM,AVL,AVH,ASQA --epochs 3");
    let undisturbed = folder();
    on_set(undisturbed.path(), &line).expect(0);
    let all = answers(undisturbed.path());

    let killed = folder();
    for share in [6, 2] {
        let goal = all.len() - all.len() / share;
        let mut child = avibench(killed.path())
            .args(line.split_whitespace())
            .args(["--data-root".as_ref(), smoke_set().as_os_str()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        let is_early = || answers(killed.path()).len() < all.len() - goal;
        while is_early() && child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // What was answered stands epoch by epoch: there is no later one before an earlier is whole, but for
    // what was in flight.
    let early = answers(killed.path());
    let of = |found: &[(String, u64, u64, String)], epoch: u64| {
        found.iter().filter(|line| line.1 == epoch).count()
    };
    let whole = of(&all, 1);
    for epoch in 2..=3 {
        assert!(of(&early, epoch) == 0 || of(&early, epoch - 1) + 4 >= whole, "{early:?}");
    }
    on_set(killed.path(), &line).expect(0);
    assert_eq!(answers(killed.path()), all, "each answer once, and the same");
}

#[test]
fn epochs_that_are_the_same_are_said_to_be() {
    let root = folder();
    let line = "run --backend chance --model-label m --tasks AVM,AVH --epochs 3";
    on_set(root.path(), line).expect(0);
    on_set(root.path(), "refine --refine rules").expect(0);
    let printed = on_set(root.path(), "score").expect(0).stdout;
    assert!(printed.contains("The epochs hold identical answers: a fixed seed or a cache"));
    let report = json(&root.path().join("eval_outputs/m.report.json"));
    for task in report["repeats"]["tasks"].as_array().unwrap() {
        assert_eq!(task["variance"]["within"], 0.0);
        assert_eq!(task["consistency"]["same"], task["consistency"]["samples"]);
    }
    let warned = run(
        root.path(),
        &format!(
            "run --base-url http://127.0.0.1:9/v1 --model-path x --tasks AVM --epochs 2 --dry-run \
             --param seed=1 --data-root {}",
            smoke_set().display()
        ),
    );
    let warned = warned.expect(0).stderr;
    assert!(warned.contains("`seed` is fixed at 1"), "{warned}");
}

#[test]
fn an_epoch_that_is_not_whole_is_left_out_and_named() {
    let root = folder();
    let line = "run --backend chance --model-label m --epochs 2 --tasks";
    on_set(root.path(), &format!("{line} AVM,AVH")).expect(0);
    // What a run leaves that is stopped early in its second epoch.
    let journal = root.path().join("user_outputs/m/journal/AVM.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("\"epoch\":2")).collect();
    let one = text.lines().find(|line| line.contains("\"epoch\":2")).unwrap();
    std::fs::write(&journal, format!("{}\n{one}\n", kept.join("\n"))).unwrap();
    on_set(root.path(), "refine --refine rules").expect(0);
    let printed = on_set(root.path(), "score").expect(0).stdout;
    let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let samples = kept.len();
    let expected =
        format!("Epoch 2 is left out where it is not whole (asked in part: AVM 1/{samples})");
    assert!(printed.contains(&expected), "{printed}");
    let report = json(&root.path().join("eval_outputs/m.report.json"));
    let tasks = report["repeats"]["tasks"].as_array().unwrap();
    let names: Vec<&Value> = tasks.iter().map(|task| &task["name"]).collect();
    assert_eq!(names, ["avh"]);
}

#[test]
fn shards_ask_all_epochs_and_must_agree_on_them() {
    let root = folder();
    let shard = |shard: u32, epochs: u32| {
        let line = format!("run --backend chance --model-label m --tasks AVM --shard {shard}/2");
        on_set(root.path(), &format!("{line} --epochs {epochs}")).expect(0);
    };
    shard(1, 2);
    shard(2, 3);
    let refused = on_set(root.path(), "merge m").expect(1).stderr;
    let expected = "number of epochs is 2 in shard 1 and 3 in shard 2";
    assert!(refused.contains(expected), "{refused}");
    shard(1, 3);
    on_set(root.path(), "merge m").expect(0);
    let merged = answers(root.path());
    let whole = folder();
    let line = "run --backend chance --model-label m --tasks AVM --epochs 3";
    on_set(whole.path(), line).expect(0);
    assert_eq!(merged, answers(whole.path()));
    let epochs = |root: &Path| json(&root.join("user_outputs/m/run.json"))["epochs"].clone();
    let told = epochs(root.path());
    assert_eq!(told["planned"], 3);
    let total = |of: &Value| of["further"][1]["folders"]["AVM"]["answered"].clone();
    assert_eq!(total(&told), total(&epochs(whole.path())));
}

#[test]
fn batches_ask_all_epochs() {
    let root = folder();
    let export =
        "batch export --base-url http://127.0.0.1:9/v1 --model-path m --tasks AVM --epochs 2";
    on_set(root.path(), export).expect(0);
    let batch = root.path().join("batches/m/1");
    let text = std::fs::read_to_string(batch.join("requests-001.jsonl")).unwrap();
    let names: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["custom_id"].to_string())
        .collect();
    let of = |epoch: u32| {
        names.iter().filter(|name| name.split('-').nth(2) == Some(&epoch.to_string())).count()
    };
    assert_eq!((of(1), of(2)), (names.len() / 2, names.len() / 2));
    assert_eq!(json(&batch.join("export.json"))["version"], 2);
    let body =
        r#"{"choices":[{"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}"#;
    let result = |name: &String| {
        format!(r#"{{"custom_id":{name},"response":{{"status_code":200,"body":{body}}}}}"#)
    };
    let results = names.iter().map(result).collect::<Vec<_>>().join("\n");
    std::fs::write(root.path().join("results.jsonl"), results).unwrap();
    on_set(root.path(), "batch import batches/m/1 results.jsonl").expect(0);
    let found = answers(root.path());
    let of = |epoch: u64| found.iter().filter(|line| line.1 == epoch).count();
    assert_eq!((of(1), of(2)), (names.len() / 2, names.len() / 2));
}

#[test]
fn the_tables_of_repeats_fit_every_terminal() {
    for width in [60, 80, 100, 120] {
        let printed = avibench(repeated())
            .env("COLUMNS", width.to_string())
            .args(["score", "--captions", "stand-in", "--data-root"])
            .arg(smoke_set())
            .output()
            .unwrap();
        let printed = Ended::from(printed).expect(0).stdout;
        let begin = printed.find("Repeats of m").unwrap();
        let end = printed[begin..].find("This is a generated").unwrap();
        let tables = steady_words(&printed[begin..begin + end]);
        assert!(tables.lines().all(|line| line.chars().count() <= width), "{tables}");
        insta::assert_snapshot!(format!("repeats_{width}"), tables);
    }
}
