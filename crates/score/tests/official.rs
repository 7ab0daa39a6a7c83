//! The rules of official scoring, one by one, on answers made to trip over them.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{
    CaptionMeasure, CaptionParts, Captions, FolderVerdicts, InstancesParts, Parts, ScoreFile,
    Unscored, VerdictOutcome, caption_pairs, judge_official, score_folders,
};
use serde_json::{Value, json};

/// A row: id, options key or null, truth, `predict`.
type Row<'a> = (&'a str, Value, Value, Value);

fn samples(folder: Folder, rows: &[Row<'_>]) -> Vec<Sample> {
    let record = |(id, options, truth, _): &Row<'_>| {
        json!({"id": id, "output": {"question_answer": truth},
            "input": {"question": {"text": "?", "options": options}}})
    };
    let read = |(i, row)| Sample::from_json(folder, Position(i), &record(row)).unwrap();
    rows.iter().enumerate().map(read).collect()
}

fn slots(rows: &[Row<'_>]) -> Vec<Option<Record>> {
    let slot = |row: &Row<'_>| serde_json::from_value(json!({"predict": row.3})).unwrap();
    rows.iter().map(|row| Some(slot(row))).collect()
}

fn judge(folder: Folder, rows: &[Row<'_>]) -> FolderVerdicts {
    judge_official(folder, &samples(folder, rows), &slots(rows), Captions::Unavailable("no models"))
}

/// The score as it stands in the file.
fn score(folder: Folder, rows: &[Row<'_>]) -> Value {
    let file = ScoreFile::new(&score_folders(&[judge(folder, rows)]));
    let json = serde_json::to_value(&file).unwrap();
    let stage = &json[folder.stage().name()];
    stage.as_object().unwrap().values().next().cloned().unwrap_or_default()
}

/// The scores of single answers to one question.
fn scores(folder: Folder, options: &Value, truth: &Value, answers: &[(&str, Value)]) {
    for (answer, expected) in answers {
        let row = ("1", options.clone(), truth.clone(), json!(answer));
        assert_eq!(score(folder, &[row]), *expected, "{folder} {answer:?}");
    }
}

#[test]
fn the_first_option_wins_and_digits_match_digits() {
    let right = json!(1.0);
    let wrong = json!(0.0);
    scores(
        Folder::Asqa,
        &json!("options_yes_no"),
        &json!("no"),
        &[
            ("**No.**<|endoftext|>", right.clone()),
            ("not yes: no", wrong.clone()),
            ("nothing, no", right.clone()),
            ("not-sure no", right.clone()),
            ("not sure, no", wrong.clone()),
            ("no_", wrong.clone()),
            ("", wrong.clone()),
        ],
    );
    // Options come back as the list writes them; without options a capital never matches.
    scores(Folder::VsqaV, &json!("what_shape"), &json!("Cone"), &[("a CONE!", right.clone())]);
    scores(Folder::Avqa, &Value::Null, &json!("Cone"), &[("Cone", wrong.clone())]);
    scores(
        Folder::Avqa,
        &Value::Null,
        &json!("4"),
        &[
            ("about 4 or 5", right.clone()),
            ("**4.**", right.clone()),
            ("4.5", wrong.clone()),
            ("04", wrong.clone()),
            ("four", wrong.clone()),
            ("x²4", right.clone()),
        ],
    );
    // A key that does not resolve acts as the list of its characters; `-` cleans to nothing and
    // matches at the first word boundary.
    scores(
        Folder::Avqa,
        &json!("q-z"),
        &json!("-"),
        &[("say z", right.clone()), ("!", wrong.clone())],
    );
    scores(Folder::Avqa, &json!("qz"), &json!("z"), &[("say z or q", right), ("zq", wrong)]);
}

#[test]
fn checks_zero_the_first_formal_record_before_them() {
    use VerdictOutcome::{Right, Wrong, Zeroed};

    let row = |id, answer| (id, json!("options_yes_no"), json!("yes"), json!(answer));
    let rows = [
        row("pre_1", "no"), // stands before its formal record: no effect
        row("1", "yes"),
        row("2", "yes"),
        row("2", "yes"),
        row("pre_2", "no"), // zeroes only the first
        row("pre_3", "no"), // nothing to zero
        row("3", "yes"),
    ];
    let verdicts = judge(Folder::Asqa, &rows);
    let outcomes: Vec<VerdictOutcome> =
        verdicts.records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Wrong, Right, Zeroed, Right, Wrong, Wrong, Right]);
    assert_eq!(verdicts.clusters, ["1", "2", "3"]);
    assert_eq!(score(Folder::Asqa, &rows), json!(0.75));

    let mut void = rows[4].clone();
    void.2 = Value::Null;
    let verdicts = judge(Folder::VsqaI, &[row("2", "yes"), void.clone()]);
    assert_eq!(verdicts.records[1].outcome, VerdictOutcome::Void);
    assert!(verdicts.warnings.is_empty());
    // AVSQA knows no void checks: the null label is the text `None`.
    let verdicts = judge(Folder::Avsqa, &[row("2", "yes"), void]);
    let outcomes = [verdicts.records[0].outcome, verdicts.records[1].outcome];
    assert_eq!((outcomes, verdicts.warnings.len()), ([Zeroed, Wrong], 0));
}

#[test]
fn sets_match_in_any_order() {
    scores(
        Folder::Avsqa,
        &Value::Null,
        &json!("cone; Cube"),
        &[
            ("# CUBE ;cone #", json!(1.0)),
            ("**cube**;cone", json!(1.0)),
            ("cube, cone", json!(0.0)),
            ("cube; cone;", json!(0.0)),
        ],
    );
}

#[test]
fn instances_survive_two_readings_or_pay() {
    let score = |error: f64, semantic: f64| {
        let instance = if semantic == 0.0 { 0.0 } else { 1.0 - (0.3 * error).tanh() };
        let round = |number| avibench_python::round_to(number, 5);
        json!({"Semantic": round(semantic), "Instance": round(instance),
            "Average": round(f64::midpoint(semantic, instance))})
    };
    let truth = json!({"dog": "2", "car": "12"});
    let f1 = 2.0 / 3.0;
    scores(
        Folder::Amic,
        &Value::Null,
        &truth,
        &[
            ("  Answer= {'dog': 2, 'car': '12'}", score(0.0, 1.0)),
            ("{\"dog\": 3.9, \"car\": \" 1_2 \"}", score(0.5, 1.0)),
            ("{\"dog\": 2}", score(3.5, f1)),
            // A count that is no integer: what was collected, then every label count.
            ("{\"dog\": 3, \"car\": \"12.0\"}", score(5.0, 1.0)),
            // `True`, `None` and `nan` do not survive the second reading.
            ("{\"dog\": true, \"car\": 12}", score(7.0, 1.0)),
            ("{\"dog\": NaN, \"car\": 12}", score(7.0, 1.0)),
            ("{\"dog\": \"it\\u0027s\", \"car\": 12}", score(7.0, 1.0)),
            ("{\"dog\": 1e5, \"car\": 12}", score(20.0, 1.0)),
            ("[\"dog\"]", score(0.0, 0.0)),
            ("answer =\"dog\"", score(0.0, 0.0)),
        ],
    );
    scores(
        Folder::Vmic,
        &Value::Null,
        &truth,
        &[("{'dog': 2, 'car': 99, 'cat': 1}", score(0.0, 1.0)), ("{'dog': 2}", score(6.0, 0.5))],
    );
    // 300 characters add nothing, neither as they stand nor as Python prints them.
    let long = |n: usize| format!("{{\"dog\":2,\"car\":12{}}}", ",\"a\":1".repeat(n));
    let verdicts = judge(Folder::Amic, &[("1", Value::Null, truth.clone(), json!(long(60)))]);
    assert_eq!(verdicts.records[0].parts, None);
    let keys = (10..43).map(|n| format!(",\"a{n}\":1")).collect::<Vec<_>>().concat();
    let answer = format!("{{\"dog\":2,\"car\":12{keys}}}");
    assert!(answer.len() < 300);
    let verdicts = judge(Folder::Amic, &[("1", Value::Null, truth, json!(answer))]);
    let parts = verdicts.records[0].parts.clone();
    assert!(
        matches!(parts, Some(Parts::Instances(InstancesParts { semantic, error: None })) if semantic > 0.1)
    );
}

#[test]
fn boxes_take_any_scale_and_the_best_overlap() {
    let truth = json!({"bbox": {"tuba_1": [20, 20, 40, 40]}, "original_wh": [200, 100]});
    let whole = json!({"mIoU": 0.99999, "Instance": 1.0, "Average": 0.99999});
    let unread = json!({"mIoU": 0.0, "Instance": 0.0, "Average": 0.0});
    scores(
        Folder::Avl,
        &Value::Null,
        &truth,
        &[
            (" {'TUBA_7': [0.1, 0.2, 0.3, 0.6]}", whole.clone()),
            ("{'tuba': '(100, \"200\", 300, 600)'}", whole.clone()),
            ("{'tuba_1': [0, 0, 1], 'tuba_2': (.1, .2, .3, .6)}", whole.clone()),
            ("{'dog_1': [0.1, 0.2, 0.3, 0.6]}", unread.clone()),
            ("{'tuba_1': null}", unread.clone()),
            (
                "{'tuba_1': {0.1, 0.2, 0.3, 0.6}}",
                json!({"mIoU": 0.0, "Instance": 0.23841, "Average": 0.07152}),
            ),
            ("[[0.1, 0.2, 0.3, 0.6]]", unread),
        ],
    );
    let pixels = json!({"bbox": {"tuba_1": [1002, 1002, 8, 8]}, "original_wh": [2000, 2000]});
    scores(Folder::Avl, &Value::Null, &pixels, &[("{'tuba_1': [1002, 1002, 1010, 1010]}", whole)]);
    // An unreadable answer has no instance error: better than an honest miss.
    let verdicts = judge(Folder::Avl, &[("1", Value::Null, truth, json!("none"))]);
    assert_eq!(verdicts.records[0].outcome, VerdictOutcome::Unread);
}

#[test]
fn indices_are_sorted_counted_and_discounted() {
    let truth = json!([0, 3]);
    let verdicts = judge(
        Folder::Var,
        &[
            ("1", Value::Null, truth.clone(), json!("[3, 0,\n12]")),
            ("2", Value::Null, truth.clone(), json!("[0,3]")),
            ("3", Value::Null, truth.clone(), json!("² 3 ٣ 8 16 0 1 2 4 5")),
            ("4", Value::Null, json!([]), json!("none")),
            ("5", Value::Null, truth, json!(7)),
        ],
    );
    let read: Vec<&str> = verdicts.records.iter().map(|record| record.read.as_str()).collect();
    assert_eq!(read, ["[0, 3, 12]", "[3]", "[0, 1, 2, 3, 4, 5, 8, 16]", "[]", ""]);
    let warnings: Vec<String> = verdicts.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings[0], "VAR, record 2: `²` is no index and was dropped");
    assert!(warnings[1].starts_with("VAR, record 4: `predict` is no string"));
    let row = |answer: &str| ("1", Value::Null, json!([1]), json!(answer));
    // Ten equal lists: 1 - (0.9 - 0.8) of everything.
    let equal = vec![row("[1]"); 10];
    assert_eq!(score(Folder::Avr, &equal)["Recall@1"], json!(0.9));
    let many = score(Folder::Avr, &[row("1 2 3 4 5 6 7")]);
    assert_eq!(
        many,
        json!({"Recall@1": 0.3, "Recall@3": 0.3, "F1_score": 0.075, "Average": 0.1875})
    );
}

#[test]
fn frames_are_indexed_as_python_indexes() {
    let truth =
        json!({"bbox": {"frame_0": [10, 10, 20, 20], "frame_1": null}, "original_wh": [100, 100]});
    scores(
        Folder::Avlg,
        &Value::Null,
        &truth,
        &[
            ("```json {'frame_0': [0.1, 0.1, 0.3, 0.3, 9], 'frame_1': None}```", json!(1.0)),
            ("{'frame_0': {False: .1, 1.0: .1, 2: .3, 3: .3}}", json!(1.0)),
            ("{'frame_0': ['0.1', 0.1, 0.3, 0.3], 'frame_1': []}", json!(0.0)),
            ("{\"frame_0\": [0.1, 0.1, 0.3, 0.3], \"frame_1\": null}", json!(0.5)),
            ("{'frame_0': [0.1, 0.1, 0.3]}", json!(0.5)),
            ("{'frame_0': [1e999, 0, 1e999, 1]}", json!(0.5)),
            ("nothing", json!(0.5)),
        ],
    );
}

#[test]
fn captions_are_rated_from_outside() {
    let rows = [
        ("1", Value::Null, json!(["A dog.", ""]), json!("A dog barks.<|endoftext|>")),
        ("2", Value::Null, json!("A cat."), json!("<|endoftext|>")),
        ("3", Value::Null, json!([""]), json!("A cat.")),
        ("4", Value::Null, json!("A cat."), json!("A cat cat.")),
    ];
    let (samples, slots) = (samples(Folder::Avc, &rows), slots(&rows));
    let pairs = caption_pairs(&samples, &slots);
    let positions: Vec<usize> = pairs.iter().map(|pair| pair.position.0).collect();
    assert_eq!(positions, [0, 3]);
    assert_eq!(
        (pairs[0].candidate.as_str(), pairs[0].references.as_slice()),
        ("A dog barks.", &["A dog."][..])
    );
    let rating = |similarity, fluency_error, rating| {
        Some(CaptionParts { measure: CaptionMeasure::Fense, similarity, fluency_error, rating })
    };
    let ratings = [rating(0.8, false, 0.8), None, None, rating(0.5, true, 0.05)];
    let verdicts = judge_official(Folder::Avc, &samples, &slots, Captions::Rated(&ratings));
    let json = serde_json::to_value(ScoreFile::new(&score_folders(&[verdicts]))).unwrap();
    let expected =
        json!({"fense": 0.425, "sbert_sim": 0.65, "fer": 0.5, "n_samples": 2, "average": 0.425});
    assert_eq!(json["understand"]["avc"], expected);

    let unscored = score_folders(&[judge(Folder::Avc, &rows)]).unscored;
    assert_eq!(unscored[0].1, Unscored::Unavailable("no models".to_owned()));
}

#[test]
fn vsqa_is_pooled_and_a_lone_half_keeps_its_name() {
    let row = |id, answer: Value| (id, json!("options_yes_no"), json!("yes"), answer);
    let image = judge(Folder::VsqaI, &[row("1", json!("yes")), row("pre_2", json!("no"))]);
    let video = judge(
        Folder::VsqaV,
        &[row("2", json!("yes")), row("3", json!("no")), row("4", json!("no"))],
    );
    let empty = judge(Folder::VsqaV, &[row("2", Value::Null)]);
    let sensation = |verdicts: &[FolderVerdicts]| {
        serde_json::to_value(ScoreFile::new(&score_folders(verdicts))).unwrap()["sensation"].clone()
    };
    // The check of one half says nothing about the other.
    assert_eq!(sensation(&[image.clone(), video.clone()]), json!({"vsqa": 0.5}));
    assert_eq!(sensation(&[video]), json!({"vsqa_v": 0.33333}));
    assert_eq!(sensation(&[image, empty.clone()]), json!({"vsqa_i": 1.0}));
    assert_eq!(score_folders(&[empty]).unscored[0].1, Unscored::NoRecords);
}

#[test]
fn slots_pair_with_samples_as_far_as_both_go() {
    let rows = [
        ("1", Value::Null, json!("yes"), json!("yes")),
        ("2", Value::Null, json!("yes"), json!("no")),
    ];
    let samples = samples(Folder::Avm, &rows);
    let slots = slots(&rows);
    let none = Captions::Unavailable("");
    let short = judge_official(Folder::Avm, &samples, &slots[..1], none);
    assert_eq!(short.records[1].outcome, VerdictOutcome::Missing);
    let long = judge_official(Folder::Avm, &samples[..1], &slots, none);
    assert_eq!(long.records.len(), 1);
    let file = ScoreFile::new(&score_folders(&[]));
    assert_eq!(
        serde_json::to_string(&file).unwrap(),
        r#"{"perception":{},"understand":{},"reasoning":{},"sensation":{}}"#
    );
}
