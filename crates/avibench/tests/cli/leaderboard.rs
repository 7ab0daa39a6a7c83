//! The document of the leaderboard on the command line: verdicts, exit codes, and files that stay.

use std::fs;

use serde_json::{Value, json};

use crate::program::{folder, run};

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

#[test]
fn an_entry_needs_a_scored_label_and_what_a_run_cannot_know() {
    let root = folder();
    let none = run(root.path(), "leaderboard entry m").expect(1);
    assert!(none.stderr.contains("avibench score --models m"), "{}", none.stderr);
}
