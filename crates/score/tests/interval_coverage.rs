//! A small check at fixed seeds that intervals hold what they promise; the programs of `avibench-bench`
//! are the real simulations.

#[path = "made/mod.rs"]
mod made;

use avibench_protocol::{Folder, Task};
use avibench_score::{ComparedModel, GuessBaselines, Headlines, Levels, compare, estimate};
use made::{Grouping, Made, RARE_ERRORS, Truth, model};

/// How many of `repeats` intervals of each part hold its true score.
fn held(made: Made, repeats: u64) -> Vec<u64> {
    let mut held = Vec::new();
    for repeat in 0..repeats {
        let verdicts = [made.verdicts(repeat, 0, 0.0)];
        let found = estimate(&[("model", &verdicts)], GuessBaselines::embedded())
            .expect("one set is aligned with itself");
        for (place, part) in found[0].tasks[0].parts.iter().enumerate() {
            let ends = part.estimate.low.zip(part.estimate.high);
            let (low, high) = ends.expect("every part has an interval");
            assert!(low < high, "{part:?}");
            if held.len() <= place {
                held.push(0);
            }
            let truth = made.truth(&part.name);
            held[place] += u64::from(low <= truth + 1e-9 && truth <= high + 1e-9);
        }
    }
    held
}

#[test]
fn intervals_hold_near_the_ends_and_for_few_ids() {
    let cases = [
        (Folder::Avm, 194, Grouping::Single, 0.995),
        (Folder::Avm, 250, Grouping::Clustered, 0.01),
        (Folder::Avm, 8, Grouping::Single, 0.7),
        (Folder::Amic, 150, Grouping::Clustered, RARE_ERRORS),
        (Folder::Avlg, 19, Grouping::Single, 0.6),
    ];
    for (folder, records, grouping, score) in cases {
        let counts = held(Made { folder, records, grouping, score }, 200);
        // 95% of 200 less three standard errors.
        assert!(counts.iter().all(|&held| held >= 181), "{folder} {records} {score}: {counts:?}");
    }
}

#[test]
fn levels_hold_where_ear_and_eye_are_equal() {
    let truth: Truth = [0.6; Task::ALL.len()];
    let headlines = Headlines::from_fn(|task| Some(truth[task as usize]));
    let levels = Levels::of(&headlines, GuessBaselines::embedded());
    let expected = [levels.l1, levels.l2, levels.l3, levels.l4].map(Option::unwrap);
    let mut held = [0_usize; 4];
    for number in 0..60 {
        let verdicts = model(&truth, number, 0, 0.0);
        let found = estimate(&[("model", &verdicts)], GuessBaselines::embedded()).unwrap();
        for ((level, expected), held) in found[0].levels.iter().zip(expected).zip(&mut held) {
            let (low, high) = (level.estimate.low.unwrap(), level.estimate.high.unwrap());
            *held += usize::from(low <= expected && expected <= high);
        }
    }
    // Percentile intervals hold about 50 of 60 values of L2 and 46 of L4.
    assert!(held.iter().all(|&held| held >= 54), "{held:?}");
}

#[test]
fn equal_models_are_rarely_told_apart() {
    let mut false_findings = 0;
    for dataset in 0..60 {
        let verdicts: Vec<_> = (0..3)
            .map(|number| {
                let made = |folder| Made {
                    folder,
                    records: 60,
                    grouping: Grouping::Clustered,
                    score: 0.6,
                };
                [Folder::Avm, Folder::Var, Folder::Avl]
                    .map(|folder| made(folder).verdicts(dataset, number, 0.3))
            })
            .collect();
        let models: Vec<ComparedModel<'_>> = ["a", "b", "c"]
            .into_iter()
            .zip(&verdicts)
            .map(|(label, verdicts)| ComparedModel { label, verdicts })
            .collect();
        let found = compare(&models, GuessBaselines::embedded()).unwrap();
        let apart = found.rankings.iter().any(|row| row.places.iter().any(|place| place.2 > 1));
        false_findings += usize::from(apart);
    }
    // 5% of 60 and three standard errors.
    assert!(false_findings <= 8, "{false_findings}");
}
