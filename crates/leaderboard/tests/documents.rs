//! Documents with the verdict that the public validator gave (Python 3.11).

use avibench_leaderboard::check;
use serde_json::Value;

/// The first line of the data is a document; every other line is one that has as many bytes as `same`
/// says in common with its beginning and its end, and `other` between them.
#[test]
fn every_document_is_decided_as_the_validator_decides() {
    let mut lines = include_str!("data/documents.jsonl").lines();
    let first: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let base = first["base"].as_str().unwrap();
    let mut decided = 0;
    for line in lines {
        let case: Value = serde_json::from_str(line).unwrap();
        let same = |at: usize| case["same"][at].as_u64().unwrap() as usize;
        let (begin, end) = (&base[..same(0)], &base[base.len() - same(1)..]);
        let document = format!("{begin}{}{end}", case["other"].as_str().unwrap());
        let report = check(document.as_bytes());
        let found = &report.findings;
        assert_eq!(
            report.is_valid,
            case["valid"].as_bool().unwrap(),
            "{}: {found:?}",
            case["name"]
        );
        decided += 1;
    }
    assert_eq!(decided, 52);
}

/// As deep as the validator, started as a program, reads with Python 3.11.
#[test]
fn nesting_is_read_as_deep_as_the_validator_reads() {
    let first: Value =
        serde_json::from_str(include_str!("data/documents.jsonl").lines().next().unwrap()).unwrap();
    let base = first["base"].as_str().unwrap();
    let nested = |depth: usize| {
        let value = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        check(base.replace("50.0", &value).as_bytes())
    };
    assert!(nested(989).is_valid);
    assert!(!nested(990).is_valid);
}
