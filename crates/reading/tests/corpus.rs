//! Answers as models write them, each with what a person reads in it: `tests/reading/corpus.jsonl`.
//!
//! A line has the kind of the answer, the folder, the key of the option list, the question, the answer
//! and its reading, null where a person reads nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use avibench_protocol::{Folder, option_list};
use avibench_reading::{Question, read};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Item {
    kind: String,
    folder: Folder,
    #[serde(default)]
    options: String,
    question: String,
    answer: String,
    reading: Value,
    #[serde(default)]
    convention: Value,
}

#[test]
fn answers_of_every_kind_are_read_as_a_person_reads_them() {
    let mut of_kind: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for line in include_str!("reading/corpus.jsonl").lines() {
        let item: Item = serde_json::from_str(line).unwrap();
        let options = option_list(item.folder, &item.options).unwrap_or_default();
        let question = Question { folder: item.folder, text: &item.question, options };
        let reading = serde_json::to_value(read(&question, &item.answer)).unwrap();
        let (count, failures) = of_kind.entry(item.kind).or_default();
        *count += 1;
        if (&reading["value"], &reading["convention"]) != (&item.reading, &item.convention) {
            failures.push(format!(
                "{} {:?} {:?}\n    wanted {}\n    found  {reading}",
                item.folder.name(),
                item.question,
                item.answer,
                item.reading,
            ));
        }
    }
    let mut report = String::new();
    for (kind, (count, failures)) in
        of_kind.iter().filter(|(_, (_, failures))| !failures.is_empty())
    {
        let _ = writeln!(report, "{kind}: {} of {count} misread", failures.len());
        for failure in failures {
            let _ = writeln!(report, "  {failure}");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}
