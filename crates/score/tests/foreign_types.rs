//! Records of other types than the protocol names: read as Python reads them, or left out alone.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{
    Attempts, Captions, FolderVerdicts, judge_official, judge_strict_by_rules, score_task,
};
use serde_json::{Value, json};

const CAPTIONS: Captions<'_> = Captions::Unavailable("no models");

fn sample(folder: Folder, position: usize, record: &Value) -> Sample {
    let text = record.to_string();
    let record = avibench_python::json_borrowed(&text).unwrap();
    Sample::read(folder, Position(position), &record)
}

fn answered(answer: &str) -> Option<Record> {
    serde_json::from_value(json!({"predict": answer})).unwrap()
}

fn judge(folder: Folder, records: &[(Value, &str)]) -> FolderVerdicts {
    let samples: Vec<Sample> =
        records.iter().enumerate().map(|(i, (record, _))| sample(folder, i, record)).collect();
    let slots: Vec<_> = records.iter().map(|(_, answer)| answered(answer)).collect();
    // Whatever strict scoring makes of such records, it goes on.
    assert_eq!(strict(folder, &samples, &slots).records.len(), records.len());
    judge_official(folder, &samples, &slots, CAPTIONS)
}

fn strict(folder: Folder, samples: &[Sample], slots: &[Option<Record>]) -> FolderVerdicts {
    judge_strict_by_rules(folder, samples, slots, &Attempts::of_slots(samples, slots), CAPTIONS)
}

fn headline(verdicts: &FolderVerdicts) -> Option<f64> {
    score_task(&[verdicts]).ok().map(|score| score.headline())
}

fn record(id: &Value, options: &Value, truth: &Value) -> Value {
    json!({"id": id, "input": {"question": {"text": "?", "options": options}},
        "output": {"question_answer": truth}})
}

/// Truth, answer, and the headline; `None` where the original stops, so that the record is left out.
#[test]
fn ground_truths_are_read_as_python_reads_them() {
    let pixels = json!([100, 100]);
    let boxes = |value: Value| json!({"bbox": {"a_1": value}, "original_wh": pixels});
    let perfect = "{'a_1': [0, 0, 0.5, 0.5]}";
    let almost = 0.7 / 1.000_01 + 0.3;
    let frame = |value: Value, size: Value| json!({"bbox": {"f": value}, "original_wh": size});
    let in_frame = "{'f': [0, 0, 0.5, 0.5]}";
    for (folder, truth, answer, expected) in [
        // Labels go through `str`.
        (Folder::Avqa, json!(4), "4 dogs", Some(1.0)),
        (Folder::Avqa, json!(4.0), "4", Some(0.0)),
        (Folder::Avqa, json!(null), "none", Some(0.0)),
        (Folder::Avqa, json!(true), "True", Some(0.0)),
        (Folder::Avsqa, json!(true), "#True#", Some(1.0)),
        (Folder::Avsqa, json!(null), "NONE", Some(1.0)),
        (Folder::Avsqa, json!(["a", 1]), "['A', 1]", Some(1.0)),
        // Counts go through `int`, and only when they are looked at.
        (Folder::Amic, json!({"a": 2.9, "b": true}), "{'a': 2, 'b': 1}", Some(1.0)),
        (Folder::Amic, json!({"a": null}), "{'a': 2}", None),
        (Folder::Amic, json!({"a": null}), "no json", None),
        (Folder::Amic, json!({"a": null, "b": 1}), "{'b': 1, 'a': 'x'}", None),
        (Folder::Amic, json!({"a": [1]}), "{}", Some(0.0)),
        (Folder::Amic, json!(["a"]), "{'a': 1}", None),
        (Folder::Vmic, json!("a"), "{'a': 1}", None),
        // Indices are elements of a set, which numbers equal and text does not.
        (Folder::Var, json!([2.0, true]), "1 2", Some(1.0)),
        (Folder::Var, json!(["2", 1]), "1 2", Some(0.75)),
        (Folder::Var, json!([null, null]), "1", Some(0.0)),
        (Folder::Var, json!([[1]]), "1", None),
        (Folder::Avr, json!("[1]"), "1", None),
        (Folder::Avr, json!(1), "1", None),
        // Boxes are calculated with.
        (Folder::Avl, boxes(json!([0, false, 50.0, 50])), perfect, Some(almost)),
        (Folder::Avl, boxes(json!(["0", 0, 50, 50])), perfect, None),
        (Folder::Avl, boxes(json!(["0", 0, 50, 50])), "no dict", Some(0.0)),
        (Folder::Avl, boxes(json!([0, 0, 50])), perfect, None),
        (Folder::Avl, json!({"bbox": {"a_1": "x"}}), perfect, Some(0.0)),
        (Folder::Avl, json!(null), perfect, Some(0.0)),
        (Folder::Avl, json!("x"), perfect, Some(0.0)),
        (Folder::Avl, json!(5), perfect, None),
        (Folder::Avlg, frame(json!([0, 0, 50, 50]), pixels.clone()), in_frame, Some(1.0)),
        (Folder::Avlg, frame(json!([0, 0, "50", 50]), pixels.clone()), in_frame, Some(0.0)),
        (Folder::Avlg, frame(json!([0, 0, 50, 50]), json!(["100", 100])), in_frame, Some(0.0)),
        (Folder::Avlg, frame(json!(null), json!([null, 100])), "{}", Some(1.0)),
        (Folder::Avlg, frame(json!([0, 0, 50, 50]), json!([100])), in_frame, None),
        (Folder::Avlg, json!([1]), in_frame, None),
    ] {
        let verdicts = judge(folder, &[(record(&json!("1"), &Value::Null, &truth), answer)]);
        let found = headline(&verdicts);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
            (found, expected) => found == expected,
        };
        assert!(same, "{folder} {truth} {answer}: {found:?}, not {expected:?}");
        assert_eq!(verdicts.warnings.is_empty(), expected.is_some(), "{folder} {truth}");
    }
}

#[test]
fn what_is_no_record_is_left_out() {
    for folder in [Folder::Avqa, Folder::Avsqa, Folder::Amic, Folder::Var, Folder::Avlg] {
        let verdicts = judge(folder, &[(json!("no record"), "None")]);
        assert_eq!(headline(&verdicts), None, "{folder}");
        assert!(verdicts.warnings[0].to_string().contains("`the record` should be an object"));
    }
}

#[test]
fn a_box_of_four_bytes_is_four_numbers() {
    let truth = json!({"bbox": {"a_1": [9.7, 9.8, 0.2, 0.2]}, "original_wh": [100, 100]});
    let record = record(&json!("1"), &Value::Null, &truth);
    for answer in ["{'a_1': b'abcd'}", r#"{'a_1': "b'abcd'"}"#, "{'a_1': [97, 98, 99, 100]}"] {
        let score = headline(&judge(Folder::Avl, &[(record.clone(), answer)])).unwrap();
        assert!((score - (0.7 / 1.000_01 + 0.3)).abs() < 1e-9, "{answer}: {score}");
    }
    let three = headline(&judge(Folder::Avl, &[(record, "{'a_1': b'abc'}")])).unwrap();
    assert!(three < 0.1, "three bytes are no box: {three}");
}

#[test]
fn ids_of_any_type_pair_with_their_checks() {
    let formal = |id: Value| record(&id, &Value::Null, &json!("yes"));
    let records = [
        (formal(json!(7)), "yes"),
        (formal(json!("pre_7")), "no"),
        (formal(json!(7.5)), "yes"),
        (json!({"input": {}, "output": {"question_answer": "yes"}}), "yes"),
    ];
    assert_eq!(headline(&judge(Folder::Avqa, &records)), Some(2.0 / 3.0));
}

#[test]
fn an_option_key_that_is_no_text_costs_its_record_only_where_options_are_read() {
    let with_key = |key: Value, truth: Value| record(&json!("1"), &key, &truth);
    for key in [json!(5), json!(["yes"]), json!({}), json!(true)] {
        let records =
            [(with_key(key.clone(), json!("a")), "a"), (with_key(Value::Null, json!("a")), "b")];
        let verdicts = judge(Folder::Avm, &records);
        assert_eq!(headline(&verdicts), Some(0.0), "{key}");
        assert!(verdicts.warnings[0].to_string().contains("`input.question.options`"), "{key}");
        assert_eq!(headline(&judge(Folder::Avsqa, &records)), Some(0.5), "{key}");
    }
    assert_eq!(headline(&judge(Folder::Avm, &[(with_key(json!(""), json!("a")), "a")])), Some(1.0));
}

#[test]
fn a_void_check_takes_its_namesakes_along() {
    let check = |id: &str, text: Value, truth: Value| json!({"id": id, "input": {"question": {"text": text}}, "output": {"question_answer": truth}});
    let records = [
        (check("1", json!("?"), json!("yes")), "yes"),
        (check("pre_1", json!("?"), json!("yes")), "no"),
        (check("2", json!("?"), json!("yes")), "yes"),
        (check("pre_2", json!("?"), json!("yes")), "no"),
        (check("pre_1", Value::Null, json!("yes")), "no"),
    ];
    for folder in [Folder::VsqaI, Folder::Avm, Folder::Avqa] {
        assert_eq!(headline(&judge(folder, &records)), Some(0.5), "{folder}");
        // The void check counts although no answer reaches so far.
        let samples: Vec<Sample> =
            records.iter().enumerate().map(|(i, (r, _))| sample(folder, i, r)).collect();
        let slots: Vec<_> = records[..4].iter().map(|(_, answer)| answered(answer)).collect();
        assert_eq!(headline(&judge_official(folder, &samples, &slots, CAPTIONS)), Some(0.5));
        // Strictly the namesake that is not void does count.
        assert_eq!(headline(&strict(folder, &samples, &slots)), Some(0.0));
    }
    // Set match has no such rule.
    assert_eq!(headline(&judge(Folder::Avsqa, &records)), Some(0.0));
}
