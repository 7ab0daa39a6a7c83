//! How readings score, whoever made them: perfect ones score exactly 1, unread ones 0 with an
//! outcome of their own, and deleting one never raises a score.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use std::collections::BTreeMap;

use avibench_protocol::{Family, Folder, Position, Sample};
use avibench_reading::{
    Boxes, Convention, Count, Counts, Evidence, FrameBox, NamedBox, Order, Read, Reader, Reading,
    ReadingValue as Says, Scale, Unread,
};
use avibench_score::{
    Attempts, CaptionMeasure, CaptionParts, Captions, FolderVerdicts, Plan, StrictAnswers,
    VerdictOutcome, judge_strict, score_folders, settle_conventions, strict_caption_pairs,
};
use serde_json::{Value, json};

fn by_model(read: Read) -> Reading {
    let reader = Reader::Model { model: "m".to_owned(), version: 1 };
    let evidence = Evidence { reader, span: None, seen: Vec::new() };
    Reading { read, bare: None, evidence }
}

fn says(value: Says) -> Reading {
    by_model(Read::Value(value))
}

fn unread(reason: Unread) -> Reading {
    by_model(Read::Unread(reason))
}

fn samples(folder: Folder, options: &Value, truths: &[Value]) -> Vec<Sample> {
    let sample = |(i, truth): (usize, &Value)| {
        let record = json!({"id": i.to_string(), "output": {"question_answer": truth},
            "input": {"question": {"text": "?", "options": options}}});
        Sample::from_json(folder, Position(i), &record).unwrap()
    };
    truths.iter().enumerate().map(sample).collect()
}

fn judge(samples: &[Sample], readings: &[Option<Reading>]) -> FolderVerdicts {
    let conventions = settle_conventions([(samples, readings)], Convention::default());
    let answers = StrictAnswers::new(readings, &conventions);
    let attempts = Attempts::new(samples, &[], Plan::Whole, |_| true);
    let rating = |pair: &avibench_score::CaptionPair<'_>| {
        let similarity = if pair.candidate == pair.references[0] { 1.0 } else { 0.5 };
        CaptionParts {
            measure: CaptionMeasure::Fense,
            similarity,
            fluency_error: false,
            rating: similarity,
        }
    };
    let mut ratings = vec![None; samples.len()];
    for pair in strict_caption_pairs(samples, readings) {
        ratings[pair.position.0] = Some(rating(&pair));
    }
    judge_strict(samples[0].folder, samples, &answers, &attempts, Captions::Rated(&ratings))
}

fn headline(verdicts: &FolderVerdicts) -> f64 {
    score_folders(std::slice::from_ref(verdicts)).scores[0].1.headline()
}

/// A folder with its options, two truths, and their perfect readings.
type Perfect = (Folder, Value, [Value; 2], [Reading; 2]);

/// A folder of each family.
fn perfect() -> Vec<Perfect> {
    let option = |text: &str| says(Says::Option(text.to_owned()));
    let boxes = |boxes: &[(&str, [f64; 4])], convention| {
        let named = |(name, numbers): &(&str, [f64; 4])| NamedBox {
            name: (*name).to_owned(),
            numbers: Some(*numbers),
        };
        says(Says::Boxes(Boxes { boxes: boxes.iter().map(named).collect(), convention }))
    };
    let frames = |frames: &[(u32, FrameBox)]| {
        says(Says::Frames(
            frames.iter().copied().collect::<BTreeMap<_, _>>(),
            Convention::default(),
        ))
    };
    let counts = |named: &[(&str, u64)]| {
        let named = named.iter().map(|(name, n)| ((*name).to_owned(), Count::Whole(*n))).collect();
        says(Says::Counts(Counts { named, administrative: Vec::new() }))
    };
    let size = [400, 200];
    vec![
        (
            Folder::Avm,
            json!("options_yes_no"),
            [json!("Yes"), json!("no")],
            [option("yes"), option("no")],
        ),
        (
            Folder::Avqa,
            Value::Null,
            [json!("08"), json!("Top_left")],
            [says(Says::Number("8".to_owned())), option("top left")],
        ),
        (
            Folder::Avsqa,
            Value::Null,
            [json!("cone;cube"), json!("cone")],
            [
                says(Says::Set(vec!["cube".to_owned(), "cone".to_owned()])),
                says(Says::Set(vec!["cone".to_owned()])),
            ],
        ),
        (
            Folder::Vmic,
            Value::Null,
            [json!({"dog": "2", "cat": "0"}), json!({})],
            [counts(&[("dog", 2)]), counts(&[])],
        ),
        (
            Folder::Avl,
            Value::Null,
            [
                json!({"bbox": {"tuba_1": [40, 20, 100, 50]}, "original_wh": size}),
                json!({"bbox": {}, "original_wh": size}),
            ],
            [
                boxes(
                    &[("tuba_1", [100.0, 100.0, 350.0, 350.0])],
                    Convention { order: Some(Order::Yxyx), scale: Some(Scale::Thousandths) },
                ),
                boxes(&[], Convention::default()),
            ],
        ),
        (
            Folder::Var,
            Value::Null,
            [json!([3, 0]), json!([])],
            [says(Says::Indices(vec![0, 3])), says(Says::Indices(Vec::new()))],
        ),
        (
            Folder::Avlg,
            Value::Null,
            [
                json!({"bbox": {"frame_0": [40, 20, 100, 50], "frame_1": null}, "original_wh": size}),
                json!({"bbox": {"frame_0": null}, "original_wh": size}),
            ],
            [
                frames(&[(0, FrameBox::Box([0.1, 0.1, 0.35, 0.35])), (1, FrameBox::Absent)]),
                frames(&[]),
            ],
        ),
        (
            Folder::Avc,
            Value::Null,
            [json!(["A dog barks."]), json!(["A cat."])],
            ["A dog barks.", "A cat."].map(|text| says(Says::Caption(text.to_owned()))),
        ),
    ]
}

#[test]
fn perfect_readings_score_exactly_one_and_deleting_one_raises_nothing() {
    let mut families: Vec<Family> = Vec::new();
    for (folder, options, truths, readings) in perfect() {
        families.push(folder.family());
        let samples = samples(folder, &options, &truths);
        let readings = readings.map(Some);
        let verdicts = judge(&samples, &readings);
        let outcomes: Vec<VerdictOutcome> = verdicts.records.iter().map(|r| r.outcome).collect();
        assert_eq!(outcomes, [VerdictOutcome::Right; 2], "{folder}");
        assert_eq!(headline(&verdicts).to_bits(), 1.0_f64.to_bits(), "{folder}");
        for at in 0..2 {
            for (reading, outcome) in [
                (None, VerdictOutcome::Missing),
                (Some(unread(Unread::Refused)), VerdictOutcome::Unread),
            ] {
                let mut fewer = readings.clone();
                fewer[at] = reading;
                let verdicts = judge(&samples, &fewer);
                assert_eq!(verdicts.records[at].outcome, outcome, "{folder}");
                assert_eq!(verdicts.records[at].score(), Some(0.0), "{folder}");
                assert!(headline(&verdicts) < 1.0, "{folder}");
            }
        }
    }
    for family in Folder::ALL.map(Folder::family) {
        assert!(families.contains(&family), "{family:?}");
    }
}

#[test]
fn a_bare_answer_that_is_the_label_is_right_whatever_was_read() {
    let samples = samples(Folder::Avqa, &Value::Null, &[json!("Not sure"), json!("not sure")]);
    let bare =
        |reading: Reading, bare: &str| Some(Reading { bare: Some(bare.to_owned()), ..reading });
    let readings = [
        bare(by_model(Read::Unread(Unread::Refused)), "not_sure!"),
        bare(by_model(Read::Unread(Unread::Refused)), "I am not sure"),
    ];
    let outcomes = judge(&samples, &readings).records.iter().map(|r| r.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes, [VerdictOutcome::Right, VerdictOutcome::Unread]);
}

#[test]
fn labels_in_another_spelling_than_the_list_are_the_same_option() {
    let options = json!("get_from_color");
    let samples = samples(Folder::VsqaI, &options, &[json!("purple"), json!("puprle")]);
    let read = says(Says::Option("puprle".to_owned()));
    let verdicts = judge(&samples, &[Some(read.clone()), Some(read)]);
    assert!((headline(&verdicts) - 1.0).abs() < 1e-12);
}

#[test]
fn counts_that_are_not_clear_are_misses_and_administrative_keys_need_a_label() {
    let truths = [json!({"dog": "2", "cat": "1"}), json!({"dog": "2", "time": "3"})];
    let samples = samples(Folder::Amic, &Value::Null, &truths);
    let counts = |cat: &str| {
        let named = vec![("dog".to_owned(), Count::Whole(2)), (cat.to_owned(), Count::Unclear)];
        let administrative =
            vec![("time".to_owned(), Count::Whole(3)), ("confidence".to_owned(), Count::Whole(9))];
        says(Says::Counts(Counts { named, administrative }))
    };
    let verdicts = judge(&samples, &[Some(counts("cat")), Some(counts("cow"))]);
    let semantic = |at: usize| match &verdicts.records[at].parts {
        Some(avibench_score::Parts::Instances(parts)) => (parts.semantic, parts.error),
        _ => panic!("no counts"),
    };
    assert_eq!(semantic(0), (1.0, Some(3.5)));
    // Dog and time are right; cow is an extra, confidence is none.
    assert_eq!(semantic(1), (0.8, Some(0.0)));
}

#[test]
fn conventions_that_stay_open_are_scored_both_ways() {
    let size = [1280, 720];
    let truth = json!({"bbox": {"tuba_1": [128, 72, 384, 144]}, "original_wh": size});
    let samples = samples(Folder::Avl, &Value::Null, &[truth]);
    let convention = Convention { order: Some(Order::Xyxy), scale: None };
    let numbers = Some([100.0, 100.0, 400.0, 300.0]);
    let boxes = vec![NamedBox { name: "tuba_1".to_owned(), numbers }];
    let readings = [Some(says(Says::Boxes(Boxes { boxes, convention })))];
    let conventions =
        settle_conventions([(samples.as_slice(), readings.as_slice())], Convention::default());
    let answers = StrictAnswers::new(&readings, &conventions);
    assert_eq!(answers.open_conventions(&samples), 1);
    let attempts = Attempts::new(&samples, &[], Plan::Whole, |_| true);
    let score = |answers: &StrictAnswers<'_>| {
        let captions = Captions::Rated(&[]);
        headline(&judge_strict(Folder::Avl, &samples, answers, &attempts, captions))
    };
    assert!((score(&answers) - 1.0).abs() < 1e-12);
    assert!(score(&StrictAnswers { by_other_convention: true, ..answers }) < 1.0);
}
