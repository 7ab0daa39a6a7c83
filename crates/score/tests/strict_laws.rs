//! What holds for strict scores whatever the answers: bounds, the two laws, and what changes no
//! verdict.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use avibench_protocol::{Family, Folder, Position, Record, Sample};
use avibench_score::{
    Attempts, CaptionMeasure, CaptionParts, Captions, FolderVerdicts, Parts, Plan, ScoreFile,
    TaskScore, divergence, judge_official, judge_strict_by_rules, score_folders,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// A sample as data.json has it, and what was answered.
#[derive(Debug, Clone)]
struct Entry {
    id: String,
    options: Value,
    truth: Value,
    answer: Option<String>,
}

const NAMES: [&str; 5] = ["dog", "cat", "hair-dryer", "tuba", "Bus"];
/// Answers of any folder, and of none.
const SCRAPS: [&str; 22] = [
    "",
    " ",
    "yes",
    "no",
    "not sure",
    "yes and no",
    "4",
    "four or 5",
    "{}",
    "[]",
    "none",
    "[0, 1]",
    "[3, 2, 1, 0, 9, 8, 7, 6, 5]",
    "{'dog': '2'}",
    "{'dog': 1e999, 'cat': null}",
    "{\"dog\": true}",
    "{'dog_1': [0, 0, 1, 1], 'dog_2': '[0, 0, 500, 500]'}",
    "{'tuba_1': [0, 0, 1]}",
    "{'frame_0': None}",
    "{'frame_0': [0.1, 0.1, 0.5, 0.5], 'frame_1': []}",
    "cone; cube",
    "```{'dog': -3}",
];

fn truth(folder: Folder) -> BoxedStrategy<(Value, Value)> {
    let null = |truth: Value| (Value::Null, truth);
    let side = 0..200_u32;
    let rectangle = (side.clone(), side.clone(), side.clone(), side)
        .prop_map(|(x, y, w, h)| json!([x, y, w, h]));
    let object = |entries: Vec<(String, Value)>| Value::Object(entries.into_iter().collect());
    match folder.family() {
        Family::FullMatch => prop_oneof![
            select(vec!["yes", "No", "not sure"])
                .prop_map(|label| (json!("options_yes_no"), json!(label))),
            (0..30_u32).prop_map(move |label| null(json!(label.to_string()))),
            select(NAMES.to_vec()).prop_map(move |label| null(json!(label))),
        ]
        .boxed(),
        Family::SetMatch => prop::collection::vec(select(NAMES.to_vec()), 1..4)
            .prop_map(move |label| null(json!(label.join("; "))))
            .boxed(),
        Family::Instances => prop::collection::btree_map(select(NAMES.to_vec()), 0..20_u32, 0..4)
            .prop_map(move |counts| {
                let counts = counts.into_iter();
                null(object(counts.map(|(k, n)| (k.to_owned(), json!(n.to_string()))).collect()))
            })
            .boxed(),
        Family::Boxes => prop::collection::vec((select(NAMES.to_vec()), rectangle), 0..5)
            .prop_map(move |boxes| {
                let boxes = boxes.into_iter().enumerate();
                let boxes = boxes.map(|(i, (name, at))| (format!("{name}_{i}"), at)).collect();
                null(json!({"bbox": object(boxes), "original_wh": [400, 420]}))
            })
            .boxed(),
        Family::Retrieval => Just((0..9).collect::<Vec<u32>>())
            .prop_shuffle()
            .prop_flat_map(|all| (0..=all.len()).prop_map(move |n| all[..n].to_vec()))
            .prop_map(move |label| null(json!(label)))
            .boxed(),
        Family::FrameBoxes => prop::collection::vec(prop::option::of(rectangle), 1..5)
            .prop_map(move |frames| {
                let frames = frames.into_iter().enumerate();
                let frames = frames.map(|(i, at)| (format!("frame_{i}"), json!(at))).collect();
                null(json!({"bbox": object(frames), "original_wh": [400, 420]}))
            })
            .boxed(),
        Family::Caption => Just(null(json!(["A dog barks."]))).boxed(),
    }
}

/// The right answer in the format that the folder asks for.
fn perfect(folder: Folder, truth: &Value) -> String {
    let fractions = |at: &Value| {
        let number = |i: usize| at[i].as_f64().unwrap_or_default();
        let (right, bottom) = (number(0) + number(2), number(1) + number(3));
        json!([number(0) / 400.0, number(1) / 420.0, right / 400.0, bottom / 420.0])
    };
    let boxes = |quote: bool| {
        let entries = truth["bbox"].as_object().into_iter().flatten();
        let entries = entries.map(|(key, at)| {
            let at = if at.is_null() { Value::Null } else { fractions(at) };
            (key.clone(), if quote { json!(at.to_string()) } else { at })
        });
        Value::Object(entries.collect()).to_string()
    };
    match folder.family() {
        Family::FullMatch | Family::SetMatch => truth.as_str().unwrap_or_default().to_owned(),
        Family::Boxes => boxes(true),
        Family::FrameBoxes => boxes(false),
        Family::Instances | Family::Retrieval => truth.to_string(),
        Family::Caption => "A dog barks.".to_owned(),
    }
}

fn entry(folder: Folder) -> impl Strategy<Value = Entry> {
    let check =
        if folder.has_checks() { prop::bool::weighted(0.4).boxed() } else { Just(false).boxed() };
    (truth(folder), 0..4_u32, check, 0..4_u32, any::<Index>()).prop_map(
        move |((options, truth), id, is_check, kind, scrap)| {
            let answer = match kind {
                0 => None,
                1 => Some(perfect(folder, &truth)),
                _ => Some(scrap.get(&SCRAPS).to_string()),
            };
            let id = format!("{}{id}", if is_check { "pre_" } else { "" });
            Entry { id, options, truth, answer }
        },
    )
}

fn world() -> impl Strategy<Value = (Folder, Vec<Entry>)> {
    select(Folder::ALL.to_vec())
        .prop_flat_map(|folder| (Just(folder), prop::collection::vec(entry(folder), 1..12)))
}

fn samples(folder: Folder, entries: &[Entry]) -> Vec<Sample> {
    let read = |(i, entry): (usize, &Entry)| {
        let record = json!({"id": entry.id, "output": {"question_answer": entry.truth},
            "input": {"question": {"text": "?", "options": entry.options}}});
        Sample::from_json(folder, Position(i), &record).unwrap()
    };
    entries.iter().enumerate().map(read).collect()
}

fn slots(samples: &[Sample], entries: &[Entry]) -> Vec<Option<Record>> {
    let slot = |(sample, entry): (&Sample, &Entry)| {
        entry.answer.as_ref().map(|answer| Record::answered(sample, answer.clone()))
    };
    samples.iter().zip(entries).map(slot).collect()
}

/// A rating that goes with the caption, so that it moves with its record.
fn ratings(entries: &[Entry]) -> Vec<Option<CaptionParts>> {
    let rate = |entry: &Entry| {
        let length = entry.answer.as_ref()?.len() as f64;
        let similarity = (length / 7.0).sin();
        let fluency_error = (length / 3.0).cos().abs() > 0.9;
        let rating = if fluency_error { similarity / 10.0 } else { similarity };
        Some(CaptionParts { measure: CaptionMeasure::Fense, similarity, fluency_error, rating })
    };
    entries.iter().map(rate).collect()
}

fn strict(folder: Folder, entries: &[Entry]) -> FolderVerdicts {
    let samples = samples(folder, entries);
    let slots = slots(&samples, entries);
    let attempts = Attempts::of_slots(&samples, &slots);
    judge_strict_by_rules(folder, &samples, &slots, &attempts, Captions::Rated(&ratings(entries)))
}

fn score(verdicts: &FolderVerdicts) -> Option<TaskScore> {
    score_folders(std::slice::from_ref(verdicts)).scores.first().map(|(_, score)| *score)
}

/// Every number of a score but the count of captions; larger is better.
fn numbers(score: &TaskScore) -> Vec<f64> {
    match score {
        TaskScore::Number(number) => vec![*number],
        TaskScore::Instances(s) => vec![s.semantic, s.instance, s.average],
        TaskScore::Boxes(s) => vec![s.miou, s.instance, s.average],
        TaskScore::Retrieval(s) => vec![s.recall_at_1, s.recall_at_3, s.f1, s.average],
        TaskScore::Caption(s) => vec![s.rating, s.similarity, 1.0 - s.fluency_errors],
    }
}

fn outcomes(verdicts: &FolderVerdicts) -> Vec<Option<Parts>> {
    verdicts.records.iter().map(|record| record.parts.clone()).collect()
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn scores_are_shares((folder, entries) in world()) {
        let verdicts = strict(folder, &entries);
        for record in &verdicts.records {
            prop_assert!(record.score().is_none_or(|score| (0.0..=1.0).contains(&score)));
            prop_assert_eq!(record.parts.is_none(), record.is_check);
        }
        for number in score(&verdicts).iter().flat_map(numbers) {
            prop_assert!((0.0..=1.0).contains(&number), "{} {}", folder, number);
        }
    }

    #[test]
    fn perfect_answers_score_exactly_one(
        (folder, mut entries) in world(),
        wrapping in 0..5_usize,
    ) {
        prop_assume!(folder.family() != Family::Caption);
        for entry in &mut entries {
            let answer = perfect(folder, &entry.truth);
            entry.answer = Some(match wrapping {
                0 => answer,
                1 => format!("```json\n{answer}\n```"),
                2 => format!(" Answer = {answer}<|endoftext|>"),
                3 if folder.family() == Family::SetMatch => format!("So it is # {answer} #!"),
                3 if folder.family() == Family::FullMatch => format!("**{answer}**."),
                3 => format!("Here it is:\n\n{answer}\n\nThat is all."),
                _ => answer.replace('"', "'").replace("null", "None"),
            });
        }
        if let Some(score) = score(&strict(folder, &entries)) {
            prop_assert_eq!(score.headline().to_bits(), 1.0_f64.to_bits(), "{} {:?}", folder, score);
            prop_assert!(numbers(&score).iter().all(|number| number.to_bits() == 1.0_f64.to_bits()));
        }
    }

    #[test]
    fn deleting_an_answer_never_raises_a_score((folder, entries) in world(), at in any::<Index>()) {
        let mut fewer = entries.clone();
        fewer[at.index(entries.len())].answer = None;
        let (before, after) = (strict(folder, &entries), strict(folder, &fewer));
        prop_assert_eq!(before.parts().count(), after.parts().count());
        if let (Some(before), Some(after)) = (score(&before), score(&after)) {
            for (before, after) in numbers(&before).into_iter().zip(numbers(&after)) {
                prop_assert!(after <= before + 1e-12, "{}: {} to {}", folder, before, after);
            }
        }
    }

    #[test]
    fn what_was_not_asked_is_bounded_and_what_was_not_planned_never_counts(
        (folder, mut entries) in world(),
        asked in prop::collection::vec(any::<bool>(), 12),
        planned in 0..13_usize,
        at in any::<Index>(),
    ) {
        for (entry, asked) in entries.iter_mut().zip(&asked) {
            entry.answer = entry.answer.take().filter(|_| *asked);
        }
        let samples = samples(folder, &entries);
        let judge = |entries: &[Entry]| {
            let slots = slots(&samples, entries);
            let attempts =
                Attempts::new(&samples, &slots, Plan::First(planned), |at| asked[at.0]);
            judge_strict_by_rules(folder, &samples, &slots, &attempts, Captions::Rated(&ratings(entries)))
        };
        let verdicts = judge(&entries);
        let scoring = score_folders(std::slice::from_ref(&verdicts));
        let extent = verdicts.extent;
        prop_assert!(extent.asked <= extent.planned && extent.planned <= extent.total);
        prop_assert_eq!(extent.total, entries.len());
        if extent.asked == 0 {
            prop_assert!(scoring.scores.is_empty());
            return Ok(());
        }
        for ((_, score), basis) in scoring.scores.iter().zip(&scoring.bases) {
            let at_most = basis.at_most.unwrap_or(1.0);
            prop_assert!(score.headline() <= at_most + 1e-12 && at_most <= 1.0 + 1e-12);
            prop_assert_eq!(basis.at_most.is_some(), extent.asked < extent.planned);
        }
        // Deleting an answer that was given raises neither the score nor what it may rise to.
        let mut fewer = entries.clone();
        fewer[at.index(entries.len())].answer = None;
        let after = judge(&fewer);
        prop_assert_eq!(after.extent, extent);
        if let (Some(before), Some(after)) = (score(&verdicts), score(&after)) {
            for (before, after) in numbers(&before).into_iter().zip(numbers(&after)) {
                prop_assert!(after <= before + 1e-12, "{}: {} to {}", folder, before, after);
            }
        }
        // Perfect answers to all that was planned are perfect.
        prop_assume!(folder.family() != Family::Caption);
        let mut perfectly = entries.clone();
        for entry in perfectly.iter_mut().take(extent.planned) {
            entry.answer = Some(perfect(folder, &entry.truth));
        }
        if let Some(score) = score(&judge(&perfectly)) {
            prop_assert_eq!(score.headline().to_bits(), 1.0_f64.to_bits(), "{} {:?}", folder, score);
        }
    }

    #[test]
    fn the_order_of_samples_changes_nothing(
        (folder, entries, shuffled) in world().prop_flat_map(|(folder, entries)| {
            (Just(folder), Just(entries.clone()), Just(entries).prop_shuffle())
        }),
    ) {
        let file = |entries: &[Entry]| ScoreFile::new(&score_folders(&[strict(folder, entries)]));
        prop_assert_eq!(file(&entries), file(&shuffled));
    }

    #[test]
    fn case_and_wrapping_change_no_verdict(
        (folder, mut entries) in world(),
        wrapping in 0..4_usize,
        others in any::<Index>(),
    ) {
        // Answers in the form of the folder, right and wrong: what is no answer may be read as
        // anything that stands around it.
        let own: Vec<String> = entries.iter().map(|entry| perfect(folder, &entry.truth)).collect();
        for (at, entry) in entries.iter_mut().enumerate() {
            let other = &own[(at + others.index(own.len())) % own.len()];
            entry.answer = entry.answer.take().map(|_| other.clone());
        }
        let wrap = |answer: &String| match wrapping {
            0 => answer.to_uppercase().replace("NULL", "null"),
            1 => format!("```\n{answer}\n```"),
            2 => format!("answer={answer}"),
            _ => format!("{answer}<|endoftext|>\n"),
        };
        let mut wrapped = entries.clone();
        for entry in &mut wrapped {
            entry.answer = entry.answer.as_ref().map(wrap);
        }
        // Captions are rated by what stands in them.
        prop_assume!(folder.family() != Family::Caption);
        prop_assert_eq!(outcomes(&strict(folder, &entries)), outcomes(&strict(folder, &wrapped)));
    }

    #[test]
    fn disagreements_all_have_a_reason((folder, entries) in world()) {
        let samples = samples(folder, &entries);
        let slots = slots(&samples, &entries);
        let ratings = ratings(&entries);
        let captions = Captions::Rated(&ratings);
        let official = judge_official(folder, &samples, &slots, captions);
        let attempts = Attempts::of_slots(&samples, &slots);
        let strict = judge_strict_by_rules(folder, &samples, &slots, &attempts, captions);
        // Where nothing was asked, there is nothing to disagree about.
        prop_assume!(strict.extent.asked > 0);
        let reasons = divergence(&official, &strict, &samples, &slots);
        prop_assert!(reasons.is_sorted_by(|a, b| a.1.len() >= b.1.len()));
        for (ours, theirs) in strict.records.iter().zip(&official.records) {
            let score = |score: Option<f64>| score.unwrap_or(-1.0);
            let differ = (score(ours.score()) - score(theirs.score())).abs() > 1e-4;
            let has_reason = reasons.iter().any(|(_, at)| at.contains(&ours.position));
            prop_assert!(has_reason || !differ, "{} {:?} {:?}", folder, ours, theirs);
        }
        prop_assert!(divergence(&strict, &strict, &samples, &slots).is_empty());
    }
}
