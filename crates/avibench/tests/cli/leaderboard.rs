//! The document of the leaderboard on the command line: verdicts, exit codes, and files that stay.

use std::fs;
use std::path::Path;

use avibench_protocol::{Dataset, Folder, FolderState};
use serde_json::{Value, json};

use crate::program::{folder, run, smoke_set};

fn document() -> Value {
    json!({
        "schema_version": 2, "chart_benchmark_version": "v1",
        "entries": [{
            "id": "a1", "model_name": "M", "provider": "P", "model_id": "m",
            "model_release_date": "2026-01-02", "model_release_source_url": "https://x.y/",
            "benchmark_version": "v1", "source": {"type": "paper", "url": "https://x.y"},
            "coverage": {"status": "full", "tasks_completed": 14, "tasks_total": 14},
            "scores": {"overall": 50.0},
        }],
    })
}

#[test]
fn a_check_names_every_violation_and_tells_it_by_its_exit_code() {
    let root = folder();
    let at = |name: &str, content: &[u8]| fs::write(root.path().join(name), content).unwrap();
    at("good.json", document().to_string().as_bytes());
    let good = run(root.path(), "leaderboard check good.json").expect(0);
    assert_eq!(good.stdout, "valid: 1 entry\n");

    let mut bad = document();
    bad["entries"][0]["id"] = json!("-\u{1b}[31m");
    bad["entries"][0]["provder\nx"] = json!("P");
    bad["entries"][0]["coverage"]["tasks_total"] = json!(14.0);
    bad["entries"][0]["scores"] = json!({"overall": 0.5, "stages": {"understand": 0.25}});
    at("bad.json", serde_json::to_string_pretty(&bad).unwrap().as_bytes());
    let found = run(root.path(), "leaderboard check bad.json").expect(2);
    insta::assert_snapshot!(found.stdout);
    let found = run(root.path(), "leaderboard check bad.json --json").expect(2);
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found["is_valid"], json!(false));
    assert_eq!(found["violations"], json!(3));
    assert_eq!(found["findings"][1]["pointer"], json!("/entries/0/id"));

    at("text.json", b"\xef\xbb\xbf{}");
    let text = run(root.path(), "leaderboard check text.json").expect(2);
    assert!(text.stdout.contains("byte order mark"), "{}", text.stdout);
    at("bytes.json", b"{\xff}");
    run(root.path(), "leaderboard check bytes.json").expect(2);
    let gone = run(root.path(), "leaderboard check gone.json").expect(1);
    assert!(gone.stderr.contains("gone.json"), "{}", gone.stderr);
}

#[test]
fn what_would_not_be_valid_is_not_written() {
    let root = folder();
    let file = root.path().join("board.json");
    let text = document().to_string();
    fs::write(&file, &text).unwrap();
    let mut other = document()["entries"][0].clone();
    other["id"] = json!("b1");
    other["scores"]["overall"] = json!(101);
    fs::write(root.path().join("entry.json"), other.to_string()).unwrap();
    let refused = run(root.path(), "leaderboard add board.json entry.json").expect(2);
    assert!(refused.stderr.contains("entry.json:1:"), "{}", refused.stderr);
    assert!(refused.stderr.contains("from 0 to 100"), "{}", refused.stderr);
    let refused = run(root.path(), "leaderboard build board.json entry.json --out site").expect(2);
    assert!(refused.stderr.contains("no page was made"), "{}", refused.stderr);
    assert!(!root.path().join("site").exists());
    run(root.path(), "leaderboard remove board.json a1").expect(1);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    run(root.path(), "leaderboard remove board.json a1 --leave-empty").expect(0);
    let empty = fs::read_to_string(&file).unwrap();
    assert!(empty.contains("\"entries\":[]"), "{empty}");
    run(root.path(), "leaderboard check board.json").expect(0);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let root = folder();
    let file = root.path().join("board.json");
    fs::write(&file, document().to_string()).unwrap();
    std::os::unix::fs::symlink("board.json", root.path().join("link.json")).unwrap();
    run(root.path(), "leaderboard remove link.json a1 --leave-empty").expect(0);
    assert!(root.path().join("link.json").is_symlink());
    assert!(fs::read_to_string(&file).unwrap().contains("\"entries\":[]"));
}

/// Flags of an entry that is valid.
const TOLD: &str = "--id m-1 --model-name M --provider P --model-id m --released 2026-01-31 \
    --release-source https://x.y/ --benchmark-version v1 --source-type participant \
    --source-url https://x.y/r";

#[test]
fn an_entry_needs_a_scored_label_and_what_a_run_cannot_know() {
    let root = folder();
    let none = run(root.path(), "leaderboard entry m").expect(1);
    assert!(none.stderr.contains("avibench score --models m"), "{}", none.stderr);
}

/// Samples of a data set that are not void.
fn askable(data: &Path) -> u64 {
    let dataset = Dataset::open(data).unwrap();
    let count = |folder| {
        let FolderState::Ready(data) = dataset.load(folder) else { return 0 };
        data.samples.iter().filter(|sample| !sample.is_void()).count() as u64
    };
    Folder::ALL.into_iter().map(count).sum()
}

#[test]
fn an_entry_claims_what_the_run_holds() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let ran = |line: &str| run(root.path(), &format!("{line} --data-root {data}")).expect(0);
    let entry = |line: &str| -> (Value, String) {
        let printed = run(root.path(), &format!("leaderboard entry {line} {TOLD}")).expect(0);
        (serde_json::from_str(&printed.stdout).unwrap(), printed.stderr)
    };
    ran("run --backend signal --model-label part --tasks perception --n-samples 3");
    ran("run --backend signal --model-label all --tasks AVM,AVH");
    ran("run --backend signal --model-label all --tasks AVM --ablate mute");
    ran("refine --refine rules");
    ran("score");

    let lacking =
        run(root.path(), "leaderboard entry part --id m-1 --released 2026-01-31").expect(1);
    for flag in ["--model-name", "--provider", "--model-id signal", "--source-type", "--source-url"]
    {
        assert!(lacking.stderr.contains(flag), "{flag}: {}", lacking.stderr);
    }
    assert!(!lacking.stderr.contains("--released"), "{}", lacking.stderr);
    let wrong = TOLD.replace("2026-01-31", "2026-01-32").replace("https://x.y/r", "x.y");
    let wrong = run(root.path(), &format!("leaderboard entry part {wrong}")).expect(1);
    assert!(wrong.stderr.contains("--released: "), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("--source-url: "), "{}", wrong.stderr);

    let report = |label: &str| -> Value {
        let path = root.path().join(format!("eval_outputs/{label}.report.json"));
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    // The first three samples of four tasks: no task is complete, and the data hold more.
    let (part, said) = entry("part");
    let coverage = &part["coverage"];
    assert_eq!((&coverage["status"], &coverage["tasks_completed"]), (&json!("partial"), &json!(0)));
    let counts =
        ["samples_completed", "samples_total"].map(|name| coverage[name].as_u64().unwrap());
    assert_eq!(counts[0], 12);
    assert!(counts[1] > counts[0]);
    assert!(said.contains("partial, 0 of 14 tasks, 12 of"), "{said}");
    assert_eq!(part["scores"]["overall"], Value::Null);
    assert_eq!(part["scores"]["tasks"]["AVC"], Value::Null);
    assert_eq!(part["scores"]["tasks"].as_object().unwrap().len(), 14);

    // Two whole tasks are two of fourteen; the data tell how many samples the others have.
    let (few, said) = entry("all");
    assert_eq!(few["coverage"]["samples_completed"], json!(12));
    assert!(said.contains("--data-root DIR"), "{said}");
    let (all, _) = entry(&format!("all --data-root {data}"));
    let total = |entry: &Value| entry["coverage"]["samples_total"].as_u64().unwrap();
    assert_eq!(total(&all), askable(&smoke_set()));
    assert!(total(&few) < total(&all), "{few}");
    assert_eq!(all["coverage"]["status"], json!("partial"));
    assert_eq!(all["coverage"]["tasks_completed"], json!(2));
    let (avm, of_report) = (&all["scores"]["tasks"]["AVM"], report("all"));
    for (mode, name) in [("official", "official"), ("strict", "strict")] {
        let tasks = of_report[mode]["estimates"]["tasks"].as_array().unwrap();
        let task = tasks.iter().find(|task| task["key"] == "avm").unwrap();
        let percent = task["headline"]["value"].as_f64().unwrap() * 100.0;
        assert!((avm[name].as_f64().unwrap() - percent).abs() < 0.0006, "{avm} {percent}");
    }
    let notes = all["notes"].as_str().unwrap();
    for said in ["Media packing: ", "Prompts: ", "Formatting: refine rules", "levels version 2"] {
        assert!(notes.contains(said), "{said}: {notes}");
    }

    let ablated = run(root.path(), &format!("leaderboard entry all@mute {TOLD}")).expect(1);
    assert!(ablated.stderr.contains("ablation"), "{}", ablated.stderr);
}
