//! Bundles of runs whose captions the stand-in for FENSE rated.

use avibench_bundle::{Bundle, unpaired_rankings};
use avibench_results::{ScoringMode, read_run};
use avibench_score::CaptionMeasure;
use serde_json::{Value, json};

use crate::label::{MadeLabel, Making};
use crate::zipped::{member, unzipped, with_hashes, zipped};

const STAND_IN: Making = Making { captions: CaptionMeasure::StandIn, ..Making::SMALL };

#[test]
fn ratings_keep_their_own_names_and_are_recomputed() {
    let made = MadeLabel::new(STAND_IN);
    for packed in [made.public(), made.private()] {
        let bundle = Bundle::from_bytes(&packed.bytes).unwrap();
        let found = bundle.verify(None).unwrap();
        assert_eq!(found.differences, []);
        for mode in [ScoringMode::Official, ScoringMode::Strict] {
            let parts = &bundle.estimates(mode).task("avc").unwrap().parts;
            let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
            assert_eq!(names, ["stand_in_similarity", "stand_in_faults", "stand_in", "average"]);
            for name in ["avc", "understand", "overall", "l1", "l4"] {
                assert!(bundle.estimates(mode).is_by_stand_in(name), "{name}");
            }
            assert!(!bundle.estimates(mode).is_by_stand_in("perception"));
        }
    }
    // The original's file has no place for the mark, so that it has none for the number.
    let scores = std::fs::read_to_string(made.root.path().join("eval/model.json")).unwrap();
    let scores: Value = serde_json::from_str(&scores).unwrap();
    assert!(scores["understand"]["var"].is_object() && scores["understand"]["avc"].is_null());
    let run = read_run(&made.report()).unwrap();
    assert!(run.rows.iter().all(|row| row.fense.is_none() && row.similarity.is_none()));
    assert!(run.rows.iter().any(|row| row.stand_in.is_some()));
}

#[test]
fn a_bundle_that_names_another_rater_is_found_out() {
    let fense = json!({"sentence_sha256": "aa", "detector_sha256": "bb"});
    let stand_in = json!({"stand_in_version": 1});
    for (making, claimed) in [(STAND_IN, fense), (STAND_IN, Value::Null), (Making::SMALL, stand_in)]
    {
        let mut members = unzipped(&MadeLabel::new(making).public().bytes);
        let report = member(&mut members, "report.json");
        let mut changed: Value = serde_json::from_slice(report).unwrap();
        changed["captions"] = claimed.clone();
        *report = serde_json::to_vec_pretty(&changed).unwrap();
        let bundle = Bundle::from_bytes(&zipped(&with_hashes(members))).unwrap();
        let found = bundle.verify(None).unwrap();
        assert!(found.differences.iter().any(|of| of.place == "captions"), "{claimed}: {found:?}");
    }
}

#[test]
fn captions_of_different_raters_are_not_ranked() {
    let numbers = |making: Making| {
        let bundle = Bundle::from_bytes(&MadeLabel::new(making).public().bytes).unwrap();
        bundle.public().unwrap().numbers(ScoringMode::Strict).estimates.clone()
    };
    let (fense, other) = (numbers(Making::SMALL), numbers(Making { seed: 2, ..Making::SMALL }));
    let stand_in = numbers(STAND_IN);
    let names = |models: &[(&str, &_)]| -> Vec<String> {
        unpaired_rankings(models).into_iter().map(|ranking| ranking.name).collect()
    };
    let all = names(&[("a", &fense), ("b", &other)]);
    let mixed = names(&[("a", &fense), ("b", &other), ("c", &stand_in)]);
    let left_out: Vec<&String> = all.iter().filter(|name| !mixed.contains(name)).collect();
    assert_eq!(left_out, ["AVC", "understand", "overall", "l1", "l2", "l3", "l4"]);
}
