//! The table of versions in `docs/formats.md` has those that the program writes.

use std::path::Path;

use serde_json::Value;

use super::pages::pages;
use crate::program::{Served, folder, run, smoke_set};

/// The rows of the table: what the file is called, and its version.
fn table() -> Vec<(String, Option<u64>)> {
    let pages = pages();
    let formats = pages.iter().find(|page| page.path == "docs/formats.md").unwrap();
    let rows =
        formats.text.lines().skip_while(|line| !line.starts_with("| File | Version field |"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let read = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let digits: String = cells[3].chars().take_while(char::is_ascii_digit).collect();
        (cells[1].to_owned(), digits.parse().ok())
    };
    rows.map(read).collect()
}

/// A number in the first line of a file.
fn version(path: &Path, field: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap();
    let value =
        serde_json::from_str(&text).or_else(|_| serde_json::from_str(text.lines().next().unwrap()));
    let value: Value = value.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    value[field].as_u64().unwrap_or_else(|| panic!("{}: no {field}", path.display()))
}

#[test]
fn versions_of_formats_are_those_that_are_written() {
    let root = folder();
    let data = smoke_set();
    let done = |line: &str| {
        run(root.path(), &format!("{line} --data-root {}", data.display())).expect(0).stdout
    };
    done("run --backend chance --model-label a --tasks AVM --shard 1/1 --log-json log.jsonl");
    done("merge a");
    done("run --backend chance --model-label u --tasks AVM --until ci=20");
    done("evaluate --backend chance --model-label b --tasks AVM");
    done("bundle b");
    run(root.path(), "export inspect b").expect(0);
    let verified = run(root.path(), "verify eval_outputs/b.bundle.zip --json").expect(0).stdout;
    std::fs::write(root.path().join("verified.json"), verified).unwrap();
    done("batch export --model-path c --tasks AVM");
    let endpoint = Served::start("--model chance");
    let url = &endpoint.base_url;
    run(root.path(), &format!("batch submit batches/c/1 --base-url {url}")).expect(0);
    let pack = run(root.path(), "prompts export").expect(0).stdout;
    let pack =
        pack.lines().find_map(|line| line.strip_prefix("format = ")).unwrap().parse().unwrap();

    let at = |path: &str, field: &str| version(&root.path().join(path), field);
    let known = [
        ("journal", avibench_store::JOURNAL_VERSION.into()),
        ("`run.json`", at("user_outputs/a/run.json", "version")),
        ("`until.json`", at("user_outputs/u/until.json", "version")),
        ("`shards.json`", at("user_outputs/a/shards.json", "version")),
        ("`probe.json`", avibench_probe::ProbeReport::VERSION.into()),
        ("`evaluate.json`", at("user_outputs/b/evaluate.json", "version")),
        ("`report.json`", at("eval_outputs/b.report.json", "schema_version")),
        ("rows", avibench_results::REPORT_SCHEMA.into()),
        ("[bundle](bundles.md)", avibench_bundle::BUNDLE_VERSION.into()),
        (
            "`avibench-export.json` of an [export](exports.md)",
            at("eval_outputs/b.inspect/avibench-export.json", "version"),
        ),
        ("`verify --json`", at("verified.json", "schema_version")),
        ("`compare --json`", avibench_score::COMPARISON_SCHEMA.into()),
        (
            "`export.json` of a [batch](scale.md#batch-apis)",
            at("batches/c/1/export.json", "version"),
        ),
        ("`submission.json`", at("batches/c/1/submission.json", "version")),
        ("event log", at("log.jsonl", "v")),
        ("guess baselines", avibench_score::LEVELS_VERSION.into()),
        ("prompt pack", pack),
        ("leaderboard", avibench_leaderboard::LEADERBOARD_SCHEMA.into()),
        ("generated data set", version(&data.join("manifest.json"), "format")),
    ];
    for (name, number) in table() {
        let found = known.iter().find(|(known, _)| *known == name).map(|(_, found)| *found);
        assert_eq!(number, found, "docs/formats.md: the version of {name}, and what is written");
    }
    let names: Vec<String> = table().into_iter().map(|(name, _)| name).collect();
    for (name, _) in known {
        assert!(names.iter().any(|known| known == name), "docs/formats.md has no row for {name}");
    }
}
