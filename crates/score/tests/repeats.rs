//! Scores over several epochs, against numbers worked out by hand.

use avibench_protocol::{Folder, Position};
use avibench_score::{
    Cluster, EpochVerdicts, Extent, FolderVerdicts, GuessBaselines, InstancesParts, MatchParts,
    Parts, RepeatedNumber, RepeatedScores, ScoringRule, Verdict, VerdictOutcome, estimate,
    repeated_scores,
};
use proptest::prelude::*;

/// One record an id.
fn folder(folder: Folder, records: Vec<(VerdictOutcome, Parts)>) -> FolderVerdicts {
    let total = records.len();
    let verdict = |(at, (outcome, parts)): (usize, (VerdictOutcome, Parts))| Verdict {
        position: Position(at),
        cluster: Cluster(at),
        is_check: false,
        outcome,
        parts: Some(parts),
        read: String::new(),
        rule: ScoringRule::Equal,
        span: None,
    };
    FolderVerdicts {
        folder,
        records: records.into_iter().enumerate().map(verdict).collect(),
        clusters: (0..total).map(|id| id.to_string()).collect(),
        diversity: 1.0,
        unscored: None,
        extent: Extent { total, planned: total, asked: total, is_drawn: false },
        ceiling: None,
        warnings: Vec::new(),
    }
}

/// Right where the letter is `r`, wrong at `w`, without an answer at `m`.
fn matches(of: Folder, letters: &str) -> FolderVerdicts {
    let record = |letter| {
        let outcome = match letter {
            'r' => VerdictOutcome::Right,
            'm' => VerdictOutcome::Missing,
            _ => VerdictOutcome::Wrong,
        };
        (outcome, Parts::Match(MatchParts { correct: letter == 'r' }))
    };
    folder(of, letters.chars().map(record).collect())
}

fn instances(of: Folder, values: &[(f64, f64)]) -> FolderVerdicts {
    let record = |&(semantic, error): &(f64, f64)| {
        let parts = Parts::Instances(InstancesParts { semantic, error: Some(error) });
        (VerdictOutcome::Partly, parts)
    };
    folder(of, values.iter().map(record).collect())
}

fn scores(epochs: &[Vec<FolderVerdicts>]) -> RepeatedScores {
    let sets: Vec<EpochVerdicts<'_>> =
        epochs.iter().zip(1..).map(|(folders, epoch)| EpochVerdicts { epoch, folders }).collect();
    repeated_scores(&sets).expect("the same samples")
}

fn avm(epochs: &[&str]) -> RepeatedNumber {
    let epochs: Vec<_> = epochs.iter().map(|letters| vec![matches(Folder::Avm, letters)]).collect();
    scores(&epochs).tasks.remove(0)
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{found}, not {expected}");
}

#[test]
fn the_split_of_an_example_by_hand() {
    let number = avm(&["rrww", "rwrw"]);
    assert_eq!(number.epochs, [1, 2]);
    assert_eq!(number.by_epoch, [0.5, 0.5]);
    assert_eq!(number.headline.value, Some(0.5));
    // Means of the four ids: 1, 1/2, 1/2, 0, so that their variance is 1/6, and that of their mean 1/24.
    assert_close(number.variance.total.unwrap(), 1e4 / 24.0);
    // Two ids vary with variance 1/2; of their means 1/4, and of the mean of all four 2/4 / 16.
    assert_close(number.variance.within, 1e4 / 32.0);
    assert_close(number.variance.between.unwrap(), 1e4 / 24.0 - 1e4 / 32.0);
    assert_eq!((number.consistency.samples, number.consistency.same), (4, 2));
    let epochs: Vec<u32> = number.designs.iter().map(|design| design.epochs).collect();
    assert_eq!(epochs, [1, 2, 3, 5, 10]);
    let once = number.designs[0];
    let total: f64 = 1e4 / 24.0 + 1e4 / 32.0;
    assert_close(once.standard_error.unwrap(), total.sqrt());
    // 1.959964 + 0.841621.
    assert_close(once.detectable_runs, 2.801_585_2 * (2.0 * 1e4 / 16.0_f64).sqrt());
    assert_close(once.detectable_models.unwrap(), 2.801_585_2 * (2.0 * total).sqrt());
    assert_eq!(number.design(), Some(&number.designs[1]));
}

#[test]
fn what_answers_vary_may_hide_what_questions_differ() {
    // Every id is right once: the ids do not differ at all, and the estimate falls below 0.
    let number = avm(&["rwrw", "wrwr"]);
    assert_close(number.variance.total.unwrap(), 0.0);
    let within = number.variance.within;
    assert_close(number.variance.between.unwrap(), -within);
    assert!(within > 0.0);
    assert_close(number.designs[0].standard_error.unwrap(), within.sqrt());
    assert_eq!(number.designs[2].standard_error, None, "three epochs would have less than none");
    assert_eq!(number.designs[2].detectable_models, None);
    assert!(number.designs[2].detectable_runs > 0.0);
}

#[test]
fn equal_epochs_have_the_interval_of_one() {
    let verdicts = vec![matches(Folder::Avm, "rrwrwrrrwwrm")];
    let alone = estimate(&[("a", &verdicts)], GuessBaselines::embedded()).unwrap();
    let number = scores(&[verdicts.clone(), verdicts.clone(), verdicts]).tasks.remove(0);
    let (found, expected) = (number.headline, alone[0].tasks[0].headline);
    assert_close(found.value.unwrap(), expected.value.unwrap());
    assert_close(found.low.unwrap(), expected.low.unwrap());
    assert_close(found.high.unwrap(), expected.high.unwrap());
    assert_close(number.variance.within, 0.0);
    assert_eq!(number.variance.between, number.variance.total);
    assert_eq!(number.consistency.share(), Some(1.0));
}

#[test]
fn curved_parts_are_taken_to_first_order() {
    let one = [(1.0, 0.0), (0.5, 2.0), (0.8, 1.0), (0.2, 5.0)];
    let other = [(0.9, 1.0), (0.4, 3.0), (0.8, 1.0), (0.6, 2.0)];
    let number =
        scores(&[vec![instances(Folder::Amic, &one)], vec![instances(Folder::Amic, &other)]])
            .tasks
            .remove(0);
    let headline = |values: &[(f64, f64)]| {
        let semantic = values.iter().map(|(semantic, _)| semantic).sum::<f64>() / 4.0;
        let square = values.iter().map(|(_, error)| error * error).sum::<f64>() / 4.0;
        (semantic + 1.0 - (0.3 * square.sqrt()).tanh()) / 2.0
    };
    assert_close(number.headline.value.unwrap(), f64::midpoint(headline(&one), headline(&other)));
    // The derivative of the headline to an id's semantic and squared error, at the mean of both epochs.
    let squares = one.iter().chain(&other).map(|(_, error)| error * error).sum::<f64>() / 8.0;
    let slope = -0.3 / (2.0 * squares.sqrt()) * (1.0 - (0.3 * squares.sqrt()).tanh().powi(2));
    let within: f64 = one
        .iter()
        .zip(&other)
        .map(|(a, b)| {
            let difference = (a.0 - b.0) + slope * (a.1 * a.1 - b.1 * b.1);
            let of_id = difference / 2.0 / 4.0;
            // Two values: their variance is half their squared difference, that of their mean a quarter.
            of_id * of_id / 4.0
        })
        .sum();
    assert_close(number.variance.within, 1e4 * within);
}

#[test]
fn an_epoch_counts_where_everything_behind_a_number_was_asked() {
    let both = |letters: &str| vec![matches(Folder::Avm, letters), matches(Folder::Avh, letters)];
    let found = scores(&[both("rrww"), both("rwrw"), vec![matches(Folder::Avm, "wwww")]]);
    let epochs: Vec<(&str, &[u32])> =
        found.tasks.iter().map(|task| (task.name.as_str(), &task.epochs[..])).collect();
    assert_eq!(epochs, [("avm", &[1, 2, 3][..]), ("avh", &[1, 2][..])]);
    assert!(found.stages.is_empty() && found.overall.is_none(), "stages lack tasks");
    let once = scores(&[both("rrww")]);
    assert!(once.tasks.is_empty(), "one epoch is no repeat");
}

#[test]
fn epochs_about_other_samples_are_refused() {
    let (one, other) = ([matches(Folder::Avm, "rr")], [matches(Folder::Avm, "rrr")]);
    let sets =
        [EpochVerdicts { epoch: 1, folders: &one }, EpochVerdicts { epoch: 2, folders: &other }];
    let error = repeated_scores(&sets).unwrap_err().to_string();
    assert!(error.contains("`epoch 1` and `epoch 2`"), "{error}");
}

#[test]
fn a_part_that_nobody_drew_has_no_variance_of_its_questions() {
    let part = |letters: &str| {
        let mut verdicts = matches(Folder::Avm, letters);
        verdicts.extent.total = 400;
        vec![verdicts]
    };
    let number = scores(&[part("rrww"), part("rwrw")]).tasks.remove(0);
    assert_eq!((number.headline.low, number.variance.total), (None, None));
    assert!(number.variance.within > 0.0 && number.variance.between.is_none());
    assert!(number.designs.iter().all(|design| design.standard_error.is_none()));
}

proptest! {
    /// A missing answer is wrong in its epoch, so that leaving one out never raises the mean.
    #[test]
    fn deleting_an_answer_never_raises_a_score(
        answers in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 6), 2..5),
        epoch in any::<prop::sample::Index>(),
        record in 0_usize..6,
    ) {
        let letters: Vec<String> = answers
            .iter()
            .map(|epoch| epoch.iter().map(|right| if *right { 'r' } else { 'w' }).collect())
            .collect();
        let mut fewer = letters.clone();
        fewer[epoch.index(answers.len())].replace_range(record..=record, "m");
        let of = |letters: &[String]| avm(&letters.iter().map(String::as_str).collect::<Vec<_>>());
        let (all, fewer) = (of(&letters), of(&fewer));
        prop_assert!(fewer.headline.value <= all.headline.value);
        // The parts add up, and nothing of a variance is below 0 but their difference.
        let variance = all.variance;
        let (total, between) = (variance.total.unwrap(), variance.between.unwrap());
        prop_assert!(total >= 0.0 && variance.within >= 0.0);
        prop_assert!((between + variance.within - total).abs() < 1e-6);
    }
}
