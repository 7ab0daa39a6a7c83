//! Bounds of a score along a random order: when everything is taken, they are the score.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use std::path::PathBuf;

use avibench_protocol::{Folder, FolderData, Position, Record, Sample, Stage};
use avibench_score::{
    Attempts, Captions, Plan, SequencePlan, SequenceTarget, judge_strict_by_rules, score_task,
};
use serde_json::{Value, json};

const RECORDS: usize = 12;

/// A folder of perception, and answers that are right, partly right, wrong or missing in turn.
fn folder(folder: Folder) -> (FolderData, Vec<Option<Record>>) {
    let record = |i: usize| {
        let (truth, answers): (Value, [&str; 3]) = match folder {
            Folder::Amic => (
                json!({"dog": "2", "cat": "1"}),
                ["{\"dog\": 2, \"cat\": 1}", "{\"dog\": 4}", "{\"cow\": 1}"],
            ),
            Folder::Vmic => {
                (json!({"car": "3"}), ["{\"car\": 3}", "{\"car\": 5, \"bus\": 1}", "{\"bus\": 1}"])
            }
            Folder::Avl => (
                json!({"bbox": {"dog_1": [10, 10, 50, 50]}, "original_wh": [100, 100]}),
                [
                    "{\"dog_1\": [0.1, 0.1, 0.6, 0.6]}",
                    "{\"dog_1\": [0.1, 0.1, 0.4, 0.6], \"dog_2\": [0.7, 0.7, 0.9, 0.9]}",
                    "{\"cat_1\": [0.1, 0.1, 0.6, 0.6]}",
                ],
            ),
            _ => (json!("yes"), ["yes", "no", "not sure"]),
        };
        let question = json!({"text": "Do they match?", "options": "avm_options_list"});
        let sample = json!({"id": i.to_string(), "input": {"question": question},
            "output": {"question_answer": truth}});
        let sample = Sample::from_json(folder, Position(i), &sample).unwrap();
        let slot = (i % 4 < 3).then(|| Record::answered(&sample, answers[i % 4]));
        (sample, slot)
    };
    let (samples, slots) = (0..RECORDS).map(record).unzip();
    let data = FolderData { folder, path: PathBuf::new(), samples, sha256: String::new() };
    (data, slots)
}

#[test]
fn the_bounds_of_everything_are_the_score_of_everything() {
    let folders = [Folder::Amic, Folder::Vmic, Folder::Avl, Folder::Avm].map(folder);
    let data: Vec<FolderData> = folders.iter().map(|(data, _)| data.clone()).collect();
    let target = SequenceTarget::Stage(Stage::Perception);
    let plan = SequencePlan::new(target, 3, &data).unwrap();
    assert_eq!(plan.units().len(), 4 * RECORDS);
    assert_eq!(plan.order().len(), 4 * RECORDS);
    // Tasks of one size take turns one by one.
    let first: std::collections::BTreeSet<Folder> =
        plan.units()[..4].iter().map(|unit| unit.folder).collect();
    assert_eq!(first.len(), 4);
    let other = SequencePlan::new(target, 4, &data).unwrap();
    assert_ne!(plan.units(), other.units(), "another seed is another order");

    let verdicts: Vec<_> = folders
        .iter()
        .map(|(data, slots)| {
            let attempts = Attempts::new(&data.samples, slots, Plan::Whole, |_| true);
            let captions = Captions::Rated(&[]);
            judge_strict_by_rules(data.folder, &data.samples, slots, &attempts, captions)
        })
        .collect();
    let headline = |verdicts| score_task(&[verdicts]).unwrap().headline();
    let score = verdicts.iter().map(headline).sum::<f64>() / 4.0;
    assert!((0.2..0.8).contains(&score), "{score}");

    let mut walk = plan.walk(0.05, 0.02).unwrap();
    assert_eq!(walk.estimate(), None, "nothing was taken yet");
    let mut width = 1.0;
    for unit in plan.units() {
        let of_folder = verdicts.iter().find(|verdicts| verdicts.folder == unit.folder).unwrap();
        walk.step(unit, of_folder.records[unit.formal.0].parts.as_ref());
        let (low, high) = walk.bounds();
        assert!(low <= high && high - low <= width + 1e-9);
        width = high - low;
    }
    let (low, high) = walk.bounds();
    assert!((low - score).abs() < 1e-9 && (high - score).abs() < 1e-9, "{low} {score} {high}");
    assert!((walk.estimate().unwrap() - score).abs() < 1e-9);
    let counted: usize = plan
        .part(10, &data)
        .iter()
        .map(|(_, part)| part.iter().filter(|is_in| **is_in).count())
        .sum();
    assert_eq!(counted, 10);
}

#[test]
fn a_score_without_all_its_folders_is_refused() {
    let data = [folder(Folder::Amic).0];
    let error = SequencePlan::new(SequenceTarget::Overall, 0, &data).unwrap_err().to_string();
    assert!(error.contains("has no folder VMIC"), "{error}");
}
