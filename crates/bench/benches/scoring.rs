//! How long scoring of a whole benchmark's answers takes: 5,864 records, all families.

use std::hint::black_box;

use avibench_protocol::{Family, Folder, Position, Record, Sample};
use avibench_score::{
    Attempts, CaptionMeasure, CaptionParts, Captions, FolderVerdicts, ScoreFile, divergence,
    judge_official, judge_strict_by_rules, score_folders,
};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};

/// A folder's samples, predictions and caption ratings.
type Content = (Folder, Vec<Sample>, Vec<Option<Record>>, Vec<Option<CaptionParts>>);

fn truth_and_answer(folder: Folder, i: usize) -> (Value, String) {
    let frame = |n: usize| format!("frame_{n}");
    match folder.family() {
        Family::FullMatch => (json!("yes"), format!("**{}**, I think.", ["yes", "no"][i % 2])),
        Family::SetMatch => (json!("cone; cube"), "# cube; cone #".to_owned()),
        Family::Instances => (
            json!({"dog": "2", "man": "11", "car": "1"}),
            format!("answer={{'dog': '{}', 'man': '12', 'bird': '1'}}", i % 5),
        ),
        Family::Boxes => (
            json!({"bbox": {"tuba_1": [81, 46, 121, 91], "tuba_2": [10, 10, 50, 60]}, "original_wh": [224, 224]}),
            "{'tuba_1': '[0.36, 0.2, 0.9, 0.61]', 'tuba_2': [45, 44, 268, 312], 'dog_1': [0, 0, 1, 1]}".to_owned(),
        ),
        Family::Retrieval => (json!([0, 3, 7]), format!("[0, {}, {}]", i % 20, i % 7)),
        Family::FrameBoxes => {
            let boxes: serde_json::Map<String, Value> = (0..10)
                .map(|n| (frame(n), if n == 4 { Value::Null } else { json!([185, 32, 59, 123]) }))
                .collect();
            let answer: Vec<String> =
                (0..10).map(|n| format!("'{}': [0.28, 0.07, 0.39, 0.32]", frame(n))).collect();
            let truth = json!({"bbox": boxes, "original_wh": [640, 480]});
            (truth, format!("{{{}}}", answer.join(", ")))
        }
        Family::Caption => (json!(["A dog barks."]), "A dog barks loudly.".to_owned()),
    }
}

fn content(folder: Folder) -> Content {
    let (mut samples, mut slots, mut ratings) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..folder.published_records() {
        let (truth, answer) = truth_and_answer(folder, i);
        let is_check = folder.has_checks() && i % 2 == 1;
        let id = format!("{}{:05}", if is_check { "pre_" } else { "" }, i / 2);
        let options = if folder.has_checks() { json!("options_yes_no") } else { Value::Null };
        let record = json!({"id": id, "output": {"question_answer": truth},
            "input": {"question": {"text": "?", "options": options}}});
        let sample = Sample::from_json(folder, Position(i), &record)
            .expect("the record is made as the protocol says");
        slots.push(Some(Record::answered(&sample, answer)));
        samples.push(sample);
        ratings.push(Some(CaptionParts {
            measure: CaptionMeasure::Fense,
            similarity: 0.7,
            fluency_error: false,
            rating: 0.7,
        }));
    }
    (folder, samples, slots, ratings)
}

/// One of the two modes.
type Judge = fn(Folder, &[Sample], &[Option<Record>], Captions<'_>) -> FolderVerdicts;

fn judge(contents: &[Content], judge: Judge) -> Vec<FolderVerdicts> {
    let folders = contents.iter().map(|(folder, samples, slots, ratings)| {
        judge(*folder, samples, slots, Captions::Rated(ratings))
    });
    folders.collect()
}

fn scoring(criterion: &mut Criterion) {
    let contents = Folder::ALL.map(content);
    let modes: [(&str, Judge); 2] = [("official", judge_official), ("strict", judge_strictly)];
    for (name, mode) in modes {
        criterion.bench_function(&format!("{name}: judge and score 5,864 records"), |bencher| {
            bencher.iter(|| ScoreFile::new(&score_folders(&judge(black_box(&contents), mode))));
        });
    }
    let official = judge(&contents, judge_official);
    let strict = judge(&contents, judge_strictly);
    criterion.bench_function("add up 5,864 verdicts", |bencher| {
        bencher.iter(|| score_folders(black_box(&official)));
    });
    criterion.bench_function("say where the modes disagree", |bencher| {
        bencher.iter(|| {
            let folders = contents.iter().zip(&official).zip(&strict);
            folders
                .map(|(((_, samples, slots, _), official), strict)| {
                    divergence(official, strict, samples, slots).len()
                })
                .sum::<usize>()
        });
    });
}

/// Strict scoring of a run that asked what stands in its file.
fn judge_strictly(
    folder: Folder,
    samples: &[Sample],
    slots: &[Option<Record>],
    captions: Captions<'_>,
) -> FolderVerdicts {
    judge_strict_by_rules(folder, samples, slots, &Attempts::of_slots(samples, slots), captions)
}

criterion_group!(benches, scoring);
criterion_main!(benches);
