//! Whatever texts a data set, a model and a machine have: public exports hold none, private ones are read back.

use avibench_export::{
    EeeExport, EeeIdentity, EeeRecord, EeeSample, ExportForm, ExportedRun, HubExport,
    InspectExport, Relationship,
};
use avibench_protocol::Task;
use avibench_results::ScoringMode;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use crate::label::{Marked, MarkedLabel};

const MODES: [ScoringMode; 2] = [ScoringMode::Official, ScoringMode::Strict];

fn identity() -> EeeIdentity {
    EeeIdentity::new("lab/omni", None, "Lab", Relationship::Other).unwrap()
}

fn inspect(exported: &ExportedRun) -> Vec<u8> {
    let export = InspectExport { exported, packs: Vec::new() };
    let mut out = export.file_name(Task::Avm).into_bytes();
    assert_eq!(export.tasks(), [Task::Avm]);
    out.clear();
    export.write(Task::Avm, 0, &mut out).unwrap();
    out
}

/// The record of all numbers, and the records of samples.
fn eee(exported: &ExportedRun) -> [Vec<u8>; 2] {
    let identity = identity();
    let export = EeeExport { exported, identity: &identity, retrieved: Timestamp::UNIX_EPOCH };
    let [mut record, mut samples] = [Vec::new(), Vec::new()];
    export.write_record(&mut record).unwrap();
    export.write_samples(&mut samples).unwrap();
    [record, samples]
}

fn drafts(exported: &ExportedRun) -> [Vec<u8>; 2] {
    let export = HubExport::new(exported, "lab/avi", None).unwrap();
    MODES.map(|mode| {
        let mut out = Vec::new();
        export.write(mode, &mut out).unwrap();
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn public_exports_hold_no_marked_text(around in proptest::collection::vec("\\PC{0,12}", 1..6)) {
        let made = MarkedLabel::new(&Marked::new(&around));
        let exported = made.read(ExportForm::Public);
        let [record, _] = eee(&exported);
        let [official, strict] = drafts(&exported);
        for bytes in [inspect(&exported), record, official, strict] {
            let text = String::from_utf8(bytes).unwrap();
            // Every text of the label holds a mark, those of paths, hosts and commands as well.
            for secret in ["mark0", "gpu07", "/home", made.path().to_str().unwrap()] {
                prop_assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
    }

    #[test]
    fn private_exports_are_read_back(around in proptest::collection::vec("(?s).{0,12}", 1..6)) {
        let marked = Marked::new(&around);
        let exported = MarkedLabel::new(&marked).read(ExportForm::Private);
        let log: Value = serde_json::from_slice(&inspect(&exported)).unwrap();
        let [record, samples] = eee(&exported);
        let record: EeeRecord = serde_json::from_slice(&record).unwrap();
        prop_assert_eq!(serde_json::to_value(&record).unwrap()["evaluation_results"].as_array().unwrap().len(), 2);
        let text = String::from_utf8(samples).unwrap();
        // JSON has no line feed within a text, and the file one after each record.
        let lines: Vec<EeeSample> =
            text.split_terminator('\n').map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(lines.len(), 7);
        let rows = &exported.run.rows;
        let samples = log["samples"].as_array().unwrap();
        prop_assert_eq!(samples.len(), 5);
        for (sample, row) in samples.iter().zip(rows) {
            prop_assert_eq!(sample["target"].as_str(), row.truth.as_deref());
            prop_assert_eq!(sample["metadata"]["dataset_id"].as_str(), Some(row.id.as_str()));
        }
        let first = &serde_json::to_value(&lines[0]).unwrap();
        prop_assert_eq!(first["input"]["raw"].as_str(), rows[0].question.as_deref());
        for text in drafts(&exported).map(|bytes| String::from_utf8(bytes).unwrap()) {
            prop_assert!(text.lines().all(|line| line.starts_with(['#', '-', ' '])), "{text}");
        }
    }
}

#[test]
fn a_number_without_a_whole_interval_has_none_and_none_is_no_number() {
    let exported = MarkedLabel::new(&Marked::new(&[])).read(ExportForm::Private);
    let log: Value = serde_json::from_slice(&inspect(&exported)).unwrap();
    let metrics = &log["results"]["scores"][0]["metrics"];
    assert_eq!(metrics["headline"]["value"], 0.75);
    assert!(metrics["low"]["value"] == 0.5 && metrics["high"].is_null());
    let [record, _] = eee(&exported);
    let record: Value = serde_json::from_slice(&record).unwrap();
    let results = record["evaluation_results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "Overall, stage and level have no value");
    assert!(results.iter().all(|result| result["score_details"]["uncertainty"].is_null()));
    let [official, _] = drafts(&exported).map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(official.contains("value: 75.0") && official.contains("no interval"), "{official}");
    assert_eq!(official.matches("task_id").count(), 1);
}

#[test]
fn journals_tell_why_there_is_no_answer() {
    let exported = MarkedLabel::new(&Marked::new(&[])).read(ExportForm::Private);
    let log: Value = serde_json::from_slice(&inspect(&exported)).unwrap();
    let samples = log["samples"].as_array().unwrap();
    let refused = &samples[2]["output"]["choices"][0];
    assert_eq!(refused["stop_details"]["explanation"], "refused: mark0055");
    let failed = &samples[3];
    assert!(failed["error"]["message"].as_str().unwrap().ends_with(": mark0054"), "{failed}");
    assert!(failed["scores"]["official"].is_null() && failed["scores"]["strict"]["value"] == 0.0);
    assert!(samples[1]["scores"].as_object().unwrap().is_empty(), "a check scores nothing itself");
    assert_eq!(samples[0]["model_usage"]["/home/mark0058/omni-7b"]["total_cost"], 0.5);
    // The sum lacks nothing but what failed before any token was counted.
    assert_eq!(log["stats"]["model_usage"]["/home/mark0058/omni-7b"]["input_tokens"], 35);
}
