//! What the validator lets pass and the public page does not show as it was meant.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use avibench_leaderboard::{Severity, check};
use serde_json::{Value, json};

/// Pointers of the warnings about a document whose entry is changed; it must be valid.
fn warned(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut entry = json!({
        "id": "a1", "model_name": "M", "provider": "P", "model_id": "m",
        "model_release_date": "2026-01-02", "model_release_source_url": "https://x.y/",
        "benchmark_version": "v1", "source": {"type": "paper", "url": "https://x.y"},
        "coverage": {"status": "full", "tasks_completed": 14, "tasks_total": 14},
        "scores": {"overall": 57.21, "stages": {"perception": 0.5, "sensation": 36.22},
            "taxonomy": {"l4_domain": 0.55}, "tasks": {"AVM": {"official": 76.8, "strict": 77}}},
    });
    change(&mut entry);
    let document =
        json!({"schema_version": 2, "chart_benchmark_version": "v1", "entries": [entry]});
    let report = check(document.to_string().as_bytes());
    assert!(report.is_valid, "{:?}", report.findings);
    assert_eq!(report.warnings, report.findings.len());
    let below = |pointer: &str| pointer.strip_prefix("/entries/0").unwrap().to_owned();
    report.findings.iter().map(|finding| below(&finding.pointer)).collect()
}

#[test]
fn what_is_shown_as_it_is_meant_is_not_warned_of() {
    assert_eq!(warned(|_| {}), [""; 0], "one small score is a bad score");
    assert_eq!(warned(|entry| entry["scores"]["tasks"] = json!({"my own task": 5})), [""; 0]);
    assert_eq!(warned(|entry| entry["scores"] = json!({"overall": 0})), [""; 0]);
}

#[test]
fn what_the_page_does_not_show_is_warned_of() {
    for (scores, places) in [
        (json!({}), &["/scores"][..]),
        (json!({"overall": null, "stages": {"perception": null}}), &["/scores"]),
        (json!({"overall": 0.57, "stages": {"perception": 0.5}}), &["/scores"]),
        (json!({"overall": 0.57, "stages": {"perception": 54.58}}), &["/scores/overall"]),
        (
            json!({"overall": 57, "stages": {"perception": 0.5, "sensation": 0.3}}),
            &["/scores/stages"],
        ),
        (
            json!({"overall": 57, "stages": {"understand": 40, "prise": 4, "x": 1}}),
            &["/scores/stages/understand", "/scores/stages/prise", "/scores/stages/x"],
        ),
        (json!({"overall": 57, "taxonomy": {"L4": 33}}), &["/scores/taxonomy/L4"]),
        (json!({"overall": 57, "stages": 5}), &["/scores/stages"]),
        (json!({"overall": {"official": 57}}), &["/scores/overall"]),
        (
            json!({"overall": 57, "stages": {"perception": {"official": 54}}}),
            &["/scores/stages/perception"],
        ),
        (
            json!({"overall": 57, "tasks": {"avm": 5, "AVCC": 6}}),
            &["/scores/tasks/avm", "/scores/tasks/AVCC"],
        ),
    ] {
        assert_eq!(warned(|entry| entry["scores"] = scores.clone()), places, "{scores}");
    }
    let few = json!({"status": "full", "tasks_completed": 13, "tasks_total": 13});
    assert_eq!(warned(|entry| entry["coverage"] = few), ["/coverage/tasks_total"]);
    let spaced = json!(" 2026-01-02");
    assert_eq!(warned(|entry| entry["model_release_date"] = spaced), ["/model_release_date"]);
}

#[test]
fn keys_that_stand_twice_are_warned_of_and_the_last_one_counts() {
    let twice = br#"{"schema_version": 1, "schema_version": 2, "chart_benchmark_version": "v1", "entries": []}"#;
    let report = check(twice);
    assert!(report.is_valid);
    let [finding] = report.findings.as_slice() else { unreachable!("one finding") };
    assert_eq!((finding.severity, finding.column), (Severity::Warning, 23));
}
