//! Documents of the leaderboard.

use avibench_leaderboard::{Board, Removal, add, check, check_entry, remove};

/// An entry that fits any document of its version.
const ENTRY: &str = r#"{"id": "fuzz-entry", "model_name": "M", "provider": "P", "model_id": "m",
    "model_release_date": "2026-01-02", "model_release_source_url": "https://x.y/", "benchmark_version": "v1",
    "source": {"type": "paper", "url": "https://x.y"},
    "coverage": {"status": "full", "tasks_completed": 14, "tasks_total": 14}, "scores": {"overall": 1e1}}"#;
/// A document that an entry of the version `v1` fits into.
const DOCUMENT: &str = r#"{"schema_version": 2, "chart_benchmark_version": "v1", "entries": []}"#;

/// Checks the bytes as a document and as an entry. What is valid can be read, and what is added to it and
/// removed again leaves every byte as it was.
pub(crate) fn leaderboard(bytes: &[u8]) {
    let report = check(bytes);
    assert_eq!(report.is_valid, report.violations().next().is_none(), "the verdict has reasons");
    match Board::read(bytes) {
        Ok(board) => {
            assert!(report.is_valid, "what is read is valid");
            assert_eq!(report.entries, Some(board.entries.len()), "an entry got lost");
        }
        Err(found) => assert_eq!(found, report, "two checks differ"),
    }
    for finding in &report.findings {
        assert!(finding.line > 0 && finding.column > 0);
    }
    if let Ok(added) = add(bytes, ENTRY.as_bytes()) {
        assert!(check(&added).is_valid, "what was written is not valid");
        if report.is_valid {
            let removed = remove(&added, "fuzz-entry", Removal::LeaveEmpty);
            assert_eq!(removed.as_deref(), Ok(bytes), "a byte changed");
        }
    }
    let is_entry = check_entry(bytes).is_valid;
    let added = add(DOCUMENT.as_bytes(), bytes);
    assert!(added.is_err() || is_entry, "an entry was added that is not valid");
    if let Ok(added) = added {
        assert!(check(&added).is_valid, "what was written is not valid");
    }
}
