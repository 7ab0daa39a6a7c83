//! The rows of the table of differences between official and strict scoring, one by one.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{
    Attempts, BoxesParts, CaptionMeasure, CaptionParts, Captions, FolderVerdicts, Parts, Reason,
    ScoreFile, ScoringRule, VerdictOutcome, divergence, judge_official, judge_strict_by_rules,
    read_by_rules, score_folders, strict_caption_pairs,
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

fn both(folder: Folder, rows: &[Row<'_>]) -> (FolderVerdicts, FolderVerdicts) {
    let (samples, slots) = (samples(folder, rows), slots(rows));
    let captions = Captions::Unavailable("no models");
    (
        judge_official(folder, &samples, &slots, captions),
        judge_strict_by_rules(
            folder,
            &samples,
            &slots,
            &Attempts::of_slots(&samples, &slots),
            captions,
        ),
    )
}

fn headline(verdicts: &FolderVerdicts) -> f64 {
    let scoring = score_folders(std::slice::from_ref(verdicts));
    scoring.scores.first().unwrap().1.headline()
}

fn reasons(folder: Folder, rows: &[Row<'_>]) -> Vec<(Reason, Vec<usize>)> {
    let (official, strict) = both(folder, rows);
    let found = divergence(&official, &strict, &samples(folder, rows), &slots(rows));
    found.into_iter().map(|(reason, at)| (reason, at.iter().map(|p| p.0).collect())).collect()
}

/// Answers to one question, with the official score, the strict score and why they differ.
fn compare(folder: Folder, options: &Value, truth: &Value, cases: &[(&str, f64, f64, &[Reason])]) {
    let mut wrong = Vec::new();
    for (answer, official_score, strict_score, expected) in cases {
        let rows = [("1", options.clone(), truth.clone(), json!(answer))];
        let (official, strict) = both(folder, &rows);
        let scores = [official.records[0].score(), strict.records[0].score()];
        let near = |score: Option<f64>, wanted: f64| (score.unwrap_or(0.0) - wanted).abs() < 2e-5;
        let found: Vec<Reason> = reasons(folder, &rows).into_iter().map(|(why, _)| why).collect();
        let is_expected = near(scores[0], *official_score) && near(scores[1], *strict_score);
        if !is_expected || &found != expected {
            let read = &strict.records[0].read;
            wrong.push(format!("{folder} {answer:?}: {scores:?} {found:?}, read {read:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn row_0_wrappings_come_off() {
    const WHY: &[Reason] = &[Reason::Wrapping];
    let null = Value::Null;
    compare(
        Folder::Avqa,
        &null,
        &json!("guitar"),
        &[
            ("```text\nguitar\n```", 0.0, 1.0, WHY),
            ("answer = guitar", 0.0, 1.0, WHY),
            ("guitar", 1.0, 1.0, &[]),
        ],
    );
    // The official list of characters holds `a` and `-`; the first one replaces the answer.
    compare(Folder::Avqa, &json!("a-b"), &json!("a cello"), &[("a cello", 0.0, 1.0, WHY)]);
    compare(
        Folder::Avsqa,
        &null,
        &json!("cone"),
        &[("answer=cone", 0.0, 1.0, WHY), ("cone", 1.0, 1.0, &[])],
    );
    let truth = json!({"dog": "2"});
    compare(
        Folder::Amic,
        &null,
        &truth,
        &[
            ("```json\n{'dog': 2}\n```", 0.0, 1.0, WHY),
            ("There are: {'dog': 2}.", 0.0, 1.0, WHY),
            ("answer={'dog': 2}", 1.0, 1.0, &[]),
        ],
    );
    let truth = json!({"bbox": {"dog_1": [10, 10, 50, 50]}, "original_wh": [100, 100]});
    compare(Folder::Avl, &null, &truth, &[("answer={'dog_1': [.1, .1, .6, .6]}", 0.0, 1.0, WHY)]);
    let truth = json!({"bbox": {"frame_0": [10, 10, 50, 50]}, "original_wh": [100, 100]});
    compare(
        Folder::Avlg,
        &null,
        &truth,
        &[
            ("answer={'frame_0': [.1, .1, .6, .6]}", 0.0, 1.0, WHY),
            ("```json{'frame_0': [.1, .1, .6, .6]}```", 1.0, 1.0, &[]),
        ],
    );
    compare(Folder::Var, &null, &json!([3]), &[("answer=3", 0.0, 1.0, WHY)]);
}

#[test]
fn row_1_everything_counts() {
    const FOLDERS: [(Folder, &str); 7] = [
        (Folder::Avm, r#""yes""#),
        (Folder::Avsqa, r#""cone""#),
        (Folder::Amic, r#"{"dog": "2"}"#),
        (Folder::Avl, r#"{"bbox": {"dog_1": [10, 10, 50, 50]}, "original_wh": [100, 100]}"#),
        (Folder::Var, "[3]"),
        (Folder::Avlg, r#"{"bbox": {"frame_0": null}, "original_wh": [100, 100]}"#),
        (Folder::Vmic, r#"{"dog": "12"}"#),
    ];
    for (folder, truth) in FOLDERS {
        let truth: Value = serde_json::from_str(truth).unwrap();
        let row = |predict| ("1", Value::Null, truth.clone(), predict);
        let rows = [row(Value::Null), row(json!(5)), row(json!("  \n"))];
        let (official, strict) = both(folder, &rows);
        assert!(official.records[..2].iter().all(|record| record.parts.is_none()), "{folder}");
        for record in &strict.records {
            assert_eq!(
                (record.outcome, record.rule),
                (VerdictOutcome::Missing, ScoringRule::NoAnswer)
            );
            assert_eq!(record.score(), Some(0.0), "{folder}");
        }
        assert!(headline(&strict).abs() < 1e-12);
        let found = reasons(folder, &rows);
        assert_eq!(found[0].0, Reason::Unanswered, "{folder}");
        assert!(found.len() == 1 && found[0].1.starts_with(&[0, 1]), "{folder} {found:?}");
        // A file shorter than the data, and an empty one.
        let samples = samples(folder, &rows);
        let attempts = Attempts::of_slots(&samples, &[]);
        let none = judge_strict_by_rules(folder, &samples, &[], &attempts, Captions::Rated(&[]));
        assert_eq!(none.parts().count(), 3);
        assert!(none.records.iter().all(|record| record.outcome == VerdictOutcome::NotAsked));
        // Nothing was asked, so that nothing was measured.
        assert!(score_folders(&[none]).scores.is_empty());
    }
    // A formal sample without a ground truth never counts.
    let rows = [
        ("1", Value::Null, Value::Null, json!("yes")),
        ("2", Value::Null, json!("yes"), json!("yes")),
    ];
    let (_, strict) = both(Folder::Avm, &rows);
    assert_eq!((strict.records[0].outcome, strict.warnings.len()), (VerdictOutcome::Void, 1));
    assert_eq!(strict.records[0].score(), None);
    // Officially it is compared with the text `None`.
    assert_eq!(reasons(Folder::Avm, &rows), [(Reason::Unanswered, vec![0])]);
    // Unread counts cost what absence costs.
    compare(
        Folder::Amic,
        &Value::Null,
        &json!({"dog": "2"}),
        &[("I hear dogs.", 0.0, 0.0, &[Reason::Unread])],
    );
}

#[test]
fn row_2_checks_reach_every_record_of_their_id() {
    use VerdictOutcome::{Right, Zeroed};

    let row = |id, predict| ("x", json!("options_yes_no"), json!("yes"), predict, id);
    let rows = [
        row("pre_1", json!("no")),
        row("1", json!("yes")), // the check stands before it
        row("2", json!("yes")),
        row("2", json!("yes")), // only the first is zeroed officially
        row("pre_2", json!("no")),
        row("3", json!("yes")),
        row("pre_3", Value::Null), // not answered
        row("4", json!("yes")),    // no check
        row("5", json!("yes")),
        row("pre_5", json!("yes")),
    ];
    let rows: Vec<Row<'_>> = rows.into_iter().map(|(_, o, t, p, id)| (id, o, t, p)).collect();
    let (official, strict) = both(Folder::Asqa, &rows);
    let formal = |verdicts: &FolderVerdicts| -> Vec<VerdictOutcome> {
        verdicts.records.iter().filter(|r| !r.is_check).map(|r| r.outcome).collect()
    };
    assert_eq!(formal(&official), [Right, Zeroed, Right, Right, Right, Right]);
    assert_eq!(formal(&strict), [Zeroed, Zeroed, Zeroed, Zeroed, Right, Right]);
    assert_eq!(reasons(Folder::Asqa, &rows), [(Reason::DoubleConfirm, vec![1, 3, 5])]);
    // A check that is read differently has its own reason.
    let rows = [
        ("1", json!("options_yes_no"), json!("yes"), json!("yes")),
        ("pre_1", json!("options_yes_no"), json!("yes"), json!("yes or no")),
    ];
    assert_eq!(reasons(Folder::Asqa, &rows), [(Reason::Unread, vec![0])]);
    // Void checks never count, in AVSQA neither; and nothing but a check zeroes.
    for folder in [Folder::VsqaI, Folder::Avsqa] {
        let rows = [
            ("1", Value::Null, json!("cone"), json!("cone")),
            ("pre_1", Value::Null, Value::Null, json!("no")),
        ];
        let (_, strict) = both(folder, &rows);
        assert_eq!(strict.records[1].outcome, VerdictOutcome::Void);
        assert!((headline(&strict) - 1.0).abs() < 1e-12 && strict.warnings.is_empty());
        // Officially AVSQA knows no void checks and compares with the text `None`.
        let expected: &[_] =
            if folder == Folder::Avsqa { &[(Reason::DoubleConfirm, vec![0])] } else { &[] };
        assert_eq!(reasons(folder, &rows), expected);
    }
    // A check belongs to every folder of full match, elsewhere `pre_` is part of an ordinary id.
    let rows = [
        ("pre_1", Value::Null, json!("yes"), json!("no")),
        ("1", Value::Null, json!("yes"), json!("yes")),
    ];
    assert!(headline(&both(Folder::Avm, &rows).1).abs() < 1e-12);
    let indices = [
        ("pre_1", Value::Null, json!([0]), json!("[1]")),
        ("1", Value::Null, json!([0]), json!("[0]")),
    ];
    assert!((headline(&both(Folder::Var, &indices).1) - 0.5).abs() < 1e-12);
}

#[test]
fn row_3_the_option_that_is_read() {
    const WHY: &[Reason] = &[Reason::Options];
    compare(
        Folder::Asqa,
        &json!("options_yes_no"),
        &json!("no"),
        &[
            ("not yes: no", 0.0, 1.0, WHY),
            ("no, not yes", 1.0, 1.0, &[]),
            ("No. I said no.", 1.0, 1.0, &[]),
            ("**NO**", 1.0, 1.0, &[]),
            ("no, not sure", 1.0, 0.0, &[Reason::Unread]),
            ("nothing", 0.0, 0.0, &[]),
        ],
    );
    let options = json!("get_from_color");
    compare(
        Folder::VsqaI,
        &options,
        &json!("no available option"),
        &[("There is no available option", 1.0, 1.0, &[])],
    );
    // The whole answer is the label although it names two options.
    compare(Folder::VsqaI, &options, &json!("red blue"), &[("Red, blue", 0.0, 1.0, WHY)]);
    let rows = [("1", options, json!("red"), json!("  It is RED!"))];
    let strict = &both(Folder::VsqaI, &rows).1.records[0];
    assert_eq!((strict.read.as_str(), strict.rule.name()), ("red", "reading"));
    assert_eq!(strict.span, Some(2..12));
}

#[test]
fn row_4_the_number_that_is_read() {
    const WHY: &[Reason] = &[Reason::Numbers];
    compare(
        Folder::Avqa,
        &Value::Null,
        &json!("4"),
        &[
            ("4", 1.0, 1.0, &[]),
            ("04", 0.0, 1.0, WHY),
            ("4.0", 0.0, 1.0, WHY),
            ("four", 0.0, 1.0, WHY),
            ("4 (four)", 1.0, 1.0, &[]),
            ("4 or 5", 1.0, 0.0, &[Reason::Unread]),
            ("4, in the second clip", 1.0, 1.0, &[]),
            ("4th", 1.0, 0.0, &[Reason::Unread]),
            ("4.5", 0.0, 0.0, &[]),
            ("many", 0.0, 0.0, &[]),
        ],
    );
}

#[test]
fn row_5_both_sides_are_cleaned() {
    const WHY: &[Reason] = &[Reason::Normalization];
    compare(
        Folder::Avqa,
        &Value::Null,
        &json!("Top Left"),
        &[("Top Left", 0.0, 1.0, WHY), ("top   left!", 0.0, 1.0, WHY), ("topleft", 0.0, 0.0, &[])],
    );
    compare(
        Folder::Avsqa,
        &Value::Null,
        &json!("cone; cube"),
        &[
            ("cube;cone.", 0.0, 1.0, WHY),
            ("The order is # cube; cone #", 0.0, 1.0, WHY),
            ("#cube; cone#", 1.0, 1.0, &[]),
            ("cube", 0.0, 0.0, &[]),
        ],
    );
    compare(
        Folder::Asqa,
        &json!("options_yes_no"),
        &json!("Yes"),
        &[("It is: yes", 0.0, 1.0, WHY)],
    );
    // Categories, too.
    compare(Folder::Amic, &Value::Null, &json!({"dog": "2"}), &[("{'Dog': 2}", 0.0, 1.0, WHY)]);
}

#[test]
fn row_6_counts_cost_at_most_a_miss() {
    const WHY: &[Reason] = &[Reason::Counts];
    let score = |semantic: f64, error: f64| f64::midpoint(semantic, 1.0 - (0.3 * error).tanh());
    let truth = json!({"dog": "2", "cat": "4"});
    let long = format!("{{'dog': 2{}, 'cat': 4}}", " ".repeat(300));
    compare(
        Folder::Amic,
        &Value::Null,
        &truth,
        &[
            (&long, 0.0, 1.0, WHY),
            ("{'dog': 'many', 'cat': 4}", score(1.0, 3.0), score(1.0, 3.5), WHY),
            ("{'dog': 30, 'cat': 4}", score(1.0, 14.0), score(1.0, 3.5), WHY),
            ("{'dog': 3.9, 'cat': 4}", score(1.0, 0.5), score(1.0, 3.5), WHY),
            // Null counts nothing.
            ("{'dog': None, 'cat': 4}", 0.0, score(2.0 / 3.0, 3.5), WHY),
            ("{'dog': 3, 'cat': '4'}", score(1.0, 0.5), score(1.0, 0.5), &[]),
        ],
    );
    compare(Folder::Vmic, &Value::Null, &json!({"dog": "12"}), &[("{'dog': 99}", 1.0, 1.0, &[])]);
}

#[test]
fn row_7_naming_everything_is_not_perfect() {
    compare(
        Folder::Vmic,
        &Value::Null,
        &json!({"dog": "2"}),
        &[
            ("{'dog': 2, 'cat': 1, 'bus': 1}", 1.0, 0.75, &[Reason::SeenCategories]),
            ("{'dog': 2}", 1.0, 1.0, &[]),
        ],
    );
}

#[test]
fn row_8_boxes_are_assigned_and_extras_cost() {
    const WHY: &[Reason] = &[Reason::Boxes];
    let score = |iou: f64, error: f64| 0.7 * iou + 0.3 * (1.0 - error.tanh());
    let truth = json!({"bbox": {"tuba_1": [0, 0, 10, 10], "tuba_2": [4, 0, 10, 10]},
        "original_wh": [100, 100]});
    compare(
        Folder::Avl,
        &Value::Null,
        &truth,
        &[
            (
                "{'tuba_1': [0, 0, 0.1, 0.1], 'tuba_2': [0.04, 0, 0.14, 0.1]}",
                score(1.0, 0.0),
                1.0,
                &[],
            ),
            (
                "{'tuba_1': [0, 0, 0.1, 0.1], 'tuba_2': [0.04, 0, 0.14, 0.1], 'dog_1': [0, 0, 1, 1]}",
                1.0,
                score(1.0, 1.0),
                WHY,
            ),
            (
                "{'tuba_1': [0, 0, 0.1, 0.1], 'tuba_2': [0.04, 0, 0.14, 0.1], 'tuba_3': [1, 2]}",
                1.0,
                score(1.0, 1.0),
                WHY,
            ),
            // The first label box officially takes the prediction that only the second could lose.
            (
                "{'tuba_1': [0.03, 0, 0.13, 0.1], 'tuba_2': [0.99, 0.99, 1, 1]}",
                score(7.0 / 26.0, 1.0),
                score(9.0 / 22.0, 2.0),
                WHY,
            ),
            ("{'tuba_1': [null]}", 0.0, 0.0, &[Reason::Unread]),
        ],
    );
    // Only the largest coordinate of the answer tells the scale.
    let truth = json!({"bbox": {"a_1": [1, 1, 1, 1], "b_1": [10, 10, 500, 500]},
        "original_wh": [1000, 1000]});
    let answer = "{'a_1': [1, 1, 2, 2], 'b_1': [10, 10, 510, 510]}";
    compare(Folder::Avl, &Value::Null, &truth, &[(answer, 1.0, 1.0, &[])]);
    let answer = "{'a_1': [1, 1, 1.4, 1.4], 'b_1': [10, 10, 510, 510]}";
    compare(
        Folder::Avl,
        &Value::Null,
        &truth,
        &[(answer, score(0.5, 1.0), score(f64::midpoint(1.0, 0.16), 0.0), WHY)],
    );
    // Officially an unreadable answer is better than an honest miss.
    let rows = [("1", Value::Null, truth, json!("none"))];
    assert_eq!(reasons(Folder::Avl, &rows), [(Reason::Unread, vec![0])]);
    let parts = both(Folder::Avl, &rows).1.records[0].parts.clone();
    assert_eq!(parts, Some(Parts::Boxes(BoxesParts { iou: 0.0, category_f1: 0.0, error: 2.0 })));
    let truth = json!({"bbox": {}, "original_wh": [10, 10]});
    let scores = |answer| both(Folder::Avl, &[("1", Value::Null, truth.clone(), json!(answer))]).1;
    assert_eq!(scores("{}").records[0].score(), Some(1.0));
    assert_eq!(scores("{'dog_1': [0, 0, 1, 1]}").records[0].score(), Some(0.0));
}

#[test]
fn row_9_indices_keep_their_order() {
    const WHY: &[Reason] = &[Reason::Indices];
    let null = Value::Null;
    compare(
        Folder::Var,
        &null,
        &json!([7, 9]),
        &[
            ("[7, 0, 9]", f64::midpoint(0.5, 0.8), f64::midpoint(1.0, 0.8), WHY),
            ("[7,9]", 0.0, 1.0, WHY),
            ("[7, 9]", 1.0, 1.0, &[]),
            ("none", 0.0, 0.0, &[]),
            ("nothing", 0.0, 0.0, &[]),
        ],
    );
    compare(
        Folder::Var,
        &null,
        &json!([]),
        &[
            ("[]", 0.5, 1.0, WHY),
            ("None of them.", 0.5, 1.0, WHY),
            ("I cannot tell.", 0.5, 0.0, &[Reason::Unread]),
            ("[1]", 0.0, 0.0, &[]),
        ],
    );
    // More than six indices are too many only if the truth has fewer.
    compare(
        Folder::Avr,
        &null,
        &json!([0, 1, 2, 3, 4, 5, 6]),
        &[
            ("[0, 1, 2, 3, 4, 5, 6]", 0.3, 1.0, WHY),
            ("[0, 1, 2, 3, 4, 5, 6, 7]", 0.3 * (0.5 + 7.0 / 15.0), 0.3 * (0.5 + 7.0 / 15.0), &[]),
        ],
    );
    // Repeated answers cost nothing.
    let rows = vec![("1", Value::Null, json!([1]), json!("[1]")); 10];
    let (official, strict) = both(Folder::Avr, &rows);
    assert!((headline(&official) - 0.9).abs() < 1e-9 && (headline(&strict) - 1.0).abs() < 1e-9);
    assert_eq!(reasons(Folder::Avr, &rows)[0].1.len(), 10);
    let span = strict.records[0].span.clone();
    assert_eq!((span, strict.records[0].rule), (Some(0..3), ScoringRule::Reading));
}

/// Strict scoring compares a bounded number of boxes; official scoring is the original's all the same.
#[test]
fn of_very_many_boxes_the_first_are_compared() {
    let boxes = |count: usize, first: usize, corners: bool| -> Value {
        let one = |i: usize| {
            let (x, y) = (10 * (i % 100), 10 * (i / 100));
            let ends = if corners { [x + 10, y + 10] } else { [10, 10] };
            (format!("dog_{i}"), json!([x, y, ends[0], ends[1]]))
        };
        let mut found: Vec<(String, Value)> = (0..count).map(one).collect();
        found.rotate_left(first);
        found.into_iter().collect::<serde_json::Map<_, _>>().into()
    };
    for (labelled, answered, first, strict_iou, strict_error, rule) in [
        (5, 500, 0, 1.0, 5.0, ScoringRule::Reading),
        (5, 501, 0, 1.0, 5.0, ScoringRule::FirstBoxes),
        // The five that are wanted stand behind the first 500.
        (5, 700, 100, 0.0, 5.0, ScoringRule::FirstBoxes),
        (600, 300, 0, 0.5, 300.0, ScoringRule::Reading),
        (600, 600, 0, 500.0 / 600.0, 200.0, ScoringRule::FirstBoxes),
    ] {
        let truth = json!({"bbox": boxes(labelled, 0, false), "original_wh": [1000, 1000]});
        let answer = json!(boxes(answered, first, true).to_string());
        let (official, strict) = both(Folder::Avl, &[("1", Value::Null, truth, answer)]);
        let parts = |verdicts: &FolderVerdicts| match verdicts.records[0].parts {
            Some(Parts::Boxes(parts)) => (parts.iou, parts.error),
            _ => (-1.0, -1.0),
        };
        let case = format!("{answered} boxes for {labelled}");
        let (iou, error) = parts(&strict);
        assert!((iou - strict_iou).abs() < 1e-9, "{case}: {iou}");
        assert!((error - strict_error).abs() < 1e-9, "{case}: {error}");
        assert_eq!(strict.records[0].rule, rule, "{case}");
        let (iou, error) = parts(&official);
        let found = labelled.min(answered) as f64;
        assert!((iou - found / (labelled as f64 + 1e-5)).abs() < 1e-9, "{case}: {iou}");
        assert!((error - (labelled as f64 - found)).abs() < 1e-9, "{case}: {error}");
        assert_eq!(official.records[0].rule, ScoringRule::PythonLiteral, "{case}");
    }
}

#[test]
fn row_10_absence_has_many_words() {
    const WHY: &[Reason] = &[Reason::Frames];
    let truth =
        json!({"bbox": {"frame_0": [10, 10, 20, 20], "frame_1": null}, "original_wh": [100, 100]});
    compare(
        Folder::Avlg,
        &Value::Null,
        &truth,
        &[
            ("{\"frame_0\": [0.1, 0.1, 0.3, 0.3], \"frame_1\": null}", 0.5, 1.0, WHY),
            ("{'frame_0': [0.1, 0.1, 0.3, 0.3], 'frame_1': null}", 0.5, 1.0, WHY),
            ("{'frame_0': [0.1, 0.1, 0.3, 0.3], 'frame_1': []}", 0.5, 1.0, WHY),
            ("{'frame_0': [0.1, 0.1, 0.3, 0.3], 'frame_1': None}", 1.0, 1.0, &[]),
            ("{'frame_0': [0.1, 0.1, 0.3, 0.3]}", 1.0, 1.0, &[]),
            ("I see nothing", 0.5, 0.0, &[Reason::Unread]),
            ("{}", 0.5, 0.5, &[]),
        ],
    );
}

#[test]
fn row_11_captions_are_never_negative() {
    let rows = [
        ("1", Value::Null, json!(["A dog."]), json!("A cat.")),
        ("2", Value::Null, json!(["A dog."]), json!("answer=A dog.")),
        ("3", Value::Null, json!(["A dog."]), Value::Null),
        ("4", Value::Null, json!([""]), json!("A dog.")),
    ];
    let (samples, slots) = (samples(Folder::Avc, &rows), slots(&rows));
    let pairs = strict_caption_pairs(&samples, &read_by_rules(&samples, &slots));
    let candidates: Vec<&str> = pairs.iter().map(|pair| pair.candidate.as_str()).collect();
    assert_eq!(candidates, ["A cat.", "A dog."]);
    let rating = |similarity| {
        Some(CaptionParts {
            measure: CaptionMeasure::Fense,
            similarity,
            fluency_error: false,
            rating: similarity,
        })
    };
    let ratings = [rating(-0.5), rating(0.8)];
    let official = judge_official(Folder::Avc, &samples, &slots, Captions::Rated(&ratings));
    let attempts = Attempts::of_slots(&samples, &slots);
    let rated = Captions::Rated(&ratings);
    let strict = judge_strict_by_rules(Folder::Avc, &samples, &slots, &attempts, rated);
    assert!((headline(&official) - 0.15).abs() < 1e-9);
    assert!((headline(&strict) - 0.8 / 3.0).abs() < 1e-9);
    let found = divergence(&official, &strict, &samples, &slots);
    assert_eq!(
        found,
        [(Reason::Unanswered, vec![Position(2)]), (Reason::NegativeCaptions, vec![Position(0)])]
    );
    let captions = Captions::Unavailable("no models");
    let unrated = judge_strict_by_rules(Folder::Avc, &samples, &slots, &attempts, captions);
    assert!(unrated.unscored.is_some() && unrated.parts().next().is_none());
    assert_eq!(unrated.records[0].outcome, VerdictOutcome::Unrated);
}

#[test]
fn reasons_come_largest_first_and_speak() {
    let row = |answer| ("1", Value::Null, json!("4"), json!(answer));
    let rows = [row(Value::Null), row(json!("four")), row(json!("4 or 5"))];
    assert_eq!(
        reasons(Folder::Avqa, &rows),
        [(Reason::Unanswered, vec![0]), (Reason::Unread, vec![2]), (Reason::Numbers, vec![1])]
    );
    for (i, reason) in Reason::ALL.into_iter().enumerate() {
        assert_eq!(reason.row(), i);
        let sentence = reason.sentence();
        assert!(sentence.ends_with('.') && sentence.len() > 30 && !sentence.contains("  "));
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
    }
}

#[test]
fn evidence_is_bounded_and_points_into_the_answer() {
    let long = "é".repeat(2_000);
    let rows = [
        ("1", Value::Null, json!("x"), json!(long)),
        ("2", Value::Null, json!("4"), json!("```\nabout  four\n```<|endoftext|>")),
        ("3", Value::Null, json!("4"), json!("it is **4**")),
    ];
    let (official, strict) = both(Folder::Avqa, &rows);
    for verdicts in [&official, &strict] {
        assert!(verdicts.records.iter().all(|record| record.read.len() < 520));
        for (record, row) in verdicts.records.iter().zip(&rows) {
            let answer = row.3.as_str().unwrap();
            let is_unread = record.outcome == VerdictOutcome::Unread;
            assert!(record.span.is_some() || is_unread);
            assert!(record.span.clone().is_none_or(|span| answer.get(span).is_some()));
        }
    }
    assert_eq!(strict.records[1].span, Some(0..19));
    assert_eq!(official.records[2].span, Some(8..9));
    assert_eq!(official.records[2].rule.name(), "digits_first");
    let file = ScoreFile::new(&score_folders(&[strict]));
    assert!(serde_json::to_string(&file).unwrap().contains("0.66667"));
}
