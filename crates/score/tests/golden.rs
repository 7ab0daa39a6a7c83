//! Parity with the original evaluator: its own numbers for made-up folders full of odd answers.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{Captions, FolderVerdicts, ScoreFile, judge_official, score_folders};
use serde::Deserialize;
use serde_json::Value;

/// Numbers stand in the cases with five decimals.
const TOLERANCE: f64 = 1.01e-5;

#[derive(Deserialize)]
struct Case {
    folders: BTreeMap<String, CaseFolder>,
    expected: Value,
}

#[derive(Deserialize)]
struct CaseFolder {
    data: Vec<Value>,
    predictions: Option<Vec<Option<Record>>>,
}

fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &Path| {
        let mut json = String::new();
        let file = std::fs::File::open(path).unwrap();
        flate2::read::GzDecoder::new(file).read_to_string(&mut json).unwrap();
        (path.display().to_string(), serde_json::from_str(&json).unwrap())
    };
    paths.iter().map(|path| read(path)).collect()
}

fn judge(name: &str, folder: &CaseFolder) -> Option<FolderVerdicts> {
    let id: Folder = name.parse().unwrap();
    let samples: Vec<Sample> = folder
        .data
        .iter()
        .enumerate()
        .map(|(i, record)| Sample::from_json(id, Position(i), record).unwrap())
        .collect();
    let slots = folder.predictions.as_ref()?;
    let captions = Captions::Unavailable("no caption models in this test");
    Some(judge_official(id, &samples, slots, captions))
}

/// Every number by its path, such as `/perception/avl/mIoU`.
fn numbers(value: &Value, path: &str, found: &mut BTreeMap<String, f64>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| numbers(value, &format!("{path}/{key}"), found));
        }
        other => {
            found.insert(path.to_owned(), other.as_f64().unwrap());
        }
    }
}

#[test]
fn every_number_is_the_originals() {
    let cases = cases();
    assert_eq!(cases.len(), 14);
    let mut differences = Vec::new();
    for (path, case) in &cases {
        let verdicts: Vec<FolderVerdicts> =
            case.folders.iter().filter_map(|(name, folder)| judge(name, folder)).collect();
        let file = ScoreFile::new(&score_folders(&verdicts));
        let json = serde_json::to_value(&file).unwrap();
        let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        numbers(&json, "", &mut ours);
        numbers(&case.expected, "", &mut theirs);
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{path}");
        for (key, number) in &ours {
            if (number - theirs[key]).abs() > TOLERANCE {
                differences.push(format!("{path}{key}: {number}, but {}", theirs[key]));
            }
        }
        let text = serde_json::to_string(&file).unwrap();
        assert_eq!(ScoreFile::from_json(&text).unwrap(), file, "read back");
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn every_record_has_its_verdict() {
    for (path, case) in &cases() {
        for (name, folder) in &case.folders {
            let verdicts = judge(name, folder).unwrap();
            assert_eq!(verdicts.records.len(), folder.data.len(), "{path} {name}");
            for (i, verdict) in verdicts.records.iter().enumerate() {
                assert_eq!(verdict.position, Position(i));
                assert!(verdict.cluster.0 < verdicts.clusters.len());
                assert!(!(verdict.is_check && verdict.parts.is_some()), "checks never count");
            }
        }
    }
}
