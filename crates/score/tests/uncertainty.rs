//! Intervals and comparison over made verdicts whose answers are known.

use std::num::NonZeroU32;

use avibench_protocol::{Folder, Position};
use avibench_score::{
    BoxesParts, CaptionMeasure, CaptionParts, Cluster, CompareError, ComparedModel, Extent,
    FolderVerdicts, GuessBaselines, MatchParts, Parts, ScoringRule, Verdict, VerdictOutcome,
    compare, coverage, estimate,
};
use avibench_statistics::StreamKey;

/// One formal record a flag, two records an id; `None` is missing.
fn matches(folder: Folder, answers: &[Option<bool>]) -> FolderVerdicts {
    let verdict = |(i, answer): (usize, &Option<bool>)| Verdict {
        position: Position(i),
        cluster: Cluster(i / 2),
        is_check: false,
        outcome: match answer {
            Some(true) => VerdictOutcome::Right,
            Some(false) => VerdictOutcome::Wrong,
            None => VerdictOutcome::Missing,
        },
        parts: answer.map(|correct| Parts::Match(MatchParts { correct })),
        read: String::new(),
        rule: ScoringRule::Equal,
        span: None,
    };
    FolderVerdicts {
        folder,
        records: answers.iter().enumerate().map(verdict).collect(),
        clusters: (0..answers.len().div_ceil(2)).map(|id| id.to_string()).collect(),
        diversity: 1.0,
        unscored: None,
        extent: Extent {
            total: answers.len(),
            planned: answers.len(),
            asked: answers.len(),
            is_drawn: false,
        },
        ceiling: None,
        warnings: Vec::new(),
    }
}

fn mixed(records: usize, right: impl Fn(usize) -> bool) -> Vec<Option<bool>> {
    (0..records).map(|i| Some(right(i))).collect()
}

fn headline(verdicts: &[FolderVerdicts]) -> avibench_score::Estimate {
    let found = estimate(&[("a", verdicts)], GuessBaselines::embedded()).expect("aligned");
    found[0].tasks[0].headline
}

#[test]
fn intervals_hold_the_value() {
    let verdicts = [matches(Folder::Avm, &mixed(200, |i| i % 3 != 0))];
    let found =
        estimate(&[("a", &verdicts), ("b", &verdicts)], GuessBaselines::embedded()).unwrap();
    let headline = found[0].task("avm").unwrap().headline;
    assert_eq!(headline.value, Some(133.0 / 200.0));
    assert!(headline.low.unwrap() < 0.64 && headline.high.unwrap() > 0.69, "{headline:?}");
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].overall.value, None);
    assert_eq!(found[0].overall.low, None);
}

#[test]
fn records_of_an_id_move_together() {
    let width = |right: &dyn Fn(usize) -> bool| {
        let found = headline(&[matches(Folder::Avm, &mixed(400, right))]);
        found.high.unwrap() - found.low.unwrap()
    };
    // Half right in both cases. When each id has one right and one wrong, only ids that were not
    // seen could change anything.
    let (apart, together) = (width(&|i| i % 2 == 0), width(&|i| i / 2 % 2 == 0));
    assert!(apart > 0.0 && apart < 0.03, "{apart}");
    assert!(together > 0.1, "{together}");
}

#[test]
fn all_right_and_all_wrong_are_not_certain() {
    for right in [true, false] {
        let found = headline(&[matches(Folder::Avm, &mixed(200, |_| right))]);
        let width = found.high.unwrap() - found.low.unwrap();
        // 100 ids: the one-sided exact limit of 97.5% is 3.6%.
        assert!((width - 0.036).abs() < 0.001, "{found:?}");
    }
}

#[test]
fn halves_are_pooled_and_stay_apart() {
    let halves = [
        matches(Folder::VsqaI, &mixed(100, |_| true)),
        matches(Folder::VsqaV, &mixed(100, |_| false)),
    ];
    let found = headline(&halves);
    // Each half varies by itself, the difference between them does not count.
    assert_eq!(found.value, Some(0.5));
    assert!(found.low.unwrap() > 0.45 && found.high.unwrap() < 0.55, "{found:?}");
}

#[test]
fn bounds_say_what_the_unanswered_could_change() {
    let official = [matches(Folder::Avm, &[Some(true), Some(false), None, None])];
    let mut strict = official.clone();
    for verdict in &mut strict[0].records {
        verdict.parts.get_or_insert(Parts::Match(MatchParts { correct: false }));
    }
    for mode in [&official, &strict] {
        let found = coverage(mode, &strict);
        assert_eq!(found[0].bounds.unanswered_wrong, Some(0.25));
        assert_eq!(found[0].bounds.unanswered_left_out, Some(0.5));
        assert_eq!((found[0].counts.asked, found[0].counts.judged), (4, 2));
        assert_eq!(found[0].counts.missing, 2);
    }
}

#[test]
fn only_samples_that_both_answered_are_compared() {
    let mut answers = mixed(200, |i| i % 5 != 0);
    let first = [matches(Folder::Avm, &answers)];
    for answer in answers.iter_mut().take(100) {
        *answer = None;
    }
    let second = [matches(Folder::Avm, &answers)];
    let models = [
        ComparedModel { label: "a", verdicts: &first },
        ComparedModel { label: "b", verdicts: &second },
    ];
    let task = &compare(&models, GuessBaselines::embedded()).unwrap().pairs[0].tasks[0];
    assert_eq!((task.samples, task.wins, task.ties, task.losses), (100, 0, 100, 0));
    let difference = task.difference.unwrap();
    assert!(difference.difference.abs() < 1e-12 && (difference.p - 1.0).abs() < 1e-12);
}

#[test]
fn a_clear_difference_is_found_ranked_and_listed() {
    let good = [matches(Folder::Avm, &mixed(200, |i| i % 10 != 0))];
    let bad = [matches(Folder::Avm, &mixed(200, |i| i % 3 == 1))];
    let same = [matches(Folder::Avm, &mixed(200, |i| i % 10 != 0))];
    let models = [
        ComparedModel { label: "bad", verdicts: &bad },
        ComparedModel { label: "good", verdicts: &good },
        ComparedModel { label: "same", verdicts: &same },
    ];
    let found = compare(&models, GuessBaselines::embedded()).unwrap();
    let task = &found.pairs[0].tasks[0];
    let difference = task.difference.unwrap();
    assert!(difference.high < 0.0 && difference.p_holm.unwrap() < 0.05, "{difference:?}");
    let mcnemar = task.mcnemar.unwrap();
    assert_eq!((task.wins as u64, task.losses as u64), (mcnemar.only_first, mcnemar.only_second));
    assert_eq!(task.flips.len(), task.wins + task.losses);
    let ranks: Vec<usize> = found.rankings[0].places.iter().map(|place| place.2).collect();
    assert_eq!(ranks, [3, 1, 1]);
    let text = serde_json::to_string(&found).unwrap();
    let back: avibench_score::Comparison = serde_json::from_str(&text).unwrap();
    assert_eq!(back, found);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let one = [matches(Folder::Avm, &mixed(4, |_| true))];
    let other = [matches(Folder::Avm, &mixed(6, |_| true))];
    let a = ComparedModel { label: "a", verdicts: &one };
    let b = ComparedModel { label: "b", verdicts: &other };
    assert!(matches!(
        compare(&[a, b], GuessBaselines::embedded()),
        Err(CompareError::Misaligned(_))
    ));
    assert!(matches!(compare(&[a, a], GuessBaselines::embedded()), Err(CompareError::Repeated(_))));
    assert!(matches!(compare(&[a], GuessBaselines::embedded()), Err(CompareError::TooFew(1))));
}

#[test]
fn few_ids_cannot_tell_models_apart() {
    // Three ids of five are won outright, none is lost.
    let first = [matches(Folder::Avm, &mixed(10, |i| i < 8))];
    let second = [matches(Folder::Avm, &mixed(10, |i| (6..8).contains(&i)))];
    let models = [
        ComparedModel { label: "a", verdicts: &first },
        ComparedModel { label: "b", verdicts: &second },
    ];
    let found = compare(&models, GuessBaselines::embedded()).unwrap();
    let difference = found.pairs[0].tasks[0].difference.unwrap();
    assert!((difference.difference - 0.6).abs() < 1e-12);
    assert!(difference.p >= 0.25 && difference.low <= 0.0, "{difference:?}");
    assert_eq!((difference.clusters, difference.informative), (5, 3));
    assert_eq!(difference.minimum_detectable, None);
    assert!(found.rankings[0].places.iter().all(|place| place.2 == 1));
}

#[test]
fn every_pair_and_every_task_counts_in_the_correction() {
    let model = |step: usize| {
        [
            matches(Folder::Avm, &mixed(200, |i| i % 7 != step)),
            matches(Folder::Avh, &mixed(200, |i| i % 5 != step)),
        ]
    };
    let verdicts = [model(0), model(1), model(2)];
    let labels = ["a", "b", "c"];
    let models: Vec<ComparedModel<'_>> = labels
        .iter()
        .zip(&verdicts)
        .map(|(label, verdicts)| ComparedModel { label, verdicts })
        .collect();
    let found = compare(&models, GuessBaselines::embedded()).unwrap();
    assert_eq!((found.families.tasks, found.families.above_tasks), (6, 0));
    let least = found.pairs.iter().flat_map(|pair| &pair.tasks).filter_map(|task| task.difference);
    let (p, p_holm) = least.fold((1.0_f64, 1.0_f64), |(p, holm), difference| {
        (p.min(difference.p), holm.min(difference.p_holm.unwrap()))
    });
    assert!((p_holm - (6.0 * p).min(1.0)).abs() < 1e-12, "{p} {p_holm}");
}

#[test]
fn ties_stay_ties_where_a_part_is_zero_by_its_rule() {
    // One record names a right category; without any, the Instance part is 0 for the whole task.
    let boxes = |found: bool| {
        let mut verdicts = matches(Folder::Avl, &mixed(24, |_| false));
        for (place, verdict) in verdicts.records.iter_mut().enumerate() {
            let right = f64::from(u8::from(found && place == 0));
            verdict.parts =
                Some(Parts::Boxes(BoxesParts { iou: 0.0, category_f1: right, error: 1.0 - right }));
        }
        [verdicts]
    };
    let (first, second) = (boxes(true), boxes(false));
    let models = [
        ComparedModel { label: "a", verdicts: &first },
        ComparedModel { label: "b", verdicts: &second },
    ];
    let found = compare(&models, GuessBaselines::embedded()).unwrap();
    let difference = found.pairs[0].tasks[0].difference.unwrap();
    assert!(difference.difference > 0.0);
    assert_eq!((difference.clusters, difference.informative), (12, 1));
    assert!((difference.p - 1.0).abs() < 1e-12, "{difference:?}");
}

/// The verdicts as a run leaves them that asked ids drawn at random.
fn drawn(whole: &FolderVerdicts, ids: usize, seed: u64) -> FolderVerdicts {
    let mut part = whole.clone();
    let mut stream = StreamKey::new(seed, "subset").stream(0);
    let mut order: Vec<usize> = (0..part.clusters.len()).collect();
    for last in (1..order.len()).rev() {
        let choices = NonZeroU32::MIN.saturating_add(last as u32);
        order.swap(last, stream.below(choices) as usize);
    }
    for record in part.records.iter_mut().filter(|r| !order[..ids].contains(&r.cluster.0)) {
        (record.outcome, record.parts) = (VerdictOutcome::NotPlanned, None);
        part.extent.planned -= 1;
        part.extent.asked -= 1;
    }
    part.extent.is_drawn = true;
    part
}

#[test]
fn numbers_of_a_random_part_are_right_on_average_and_their_intervals_hold_the_whole() {
    // Both records of an id are right, one is, or none; 45% of all.
    let whole = matches(Folder::Avm, &mixed(300, |i| i / 2 % 10 < 4 || i % 20 == 8));
    let truth = headline(std::slice::from_ref(&whole)).value.unwrap();
    let (mut sum, mut held) = (0.0, 0);
    for seed in 0..200 {
        let found = headline(&[drawn(&whole, 30, seed)]);
        sum += found.value.unwrap();
        held += usize::from(found.low.unwrap() <= truth && truth <= found.high.unwrap());
    }
    // The standard error of one is 8 points, that of the mean of 200 a bit more than half a point.
    assert!((sum / 200.0 - truth).abs() < 0.02, "{} of {truth}", sum / 200.0);
    assert!(held >= 186, "{held} of 200");

    let first = FolderVerdicts {
        extent: Extent { is_drawn: false, ..drawn(&whole, 30, 0).extent },
        ..drawn(&whole, 30, 0)
    };
    assert_eq!(headline(&[first]).low, None, "the beginning of a file is no random part");
}

#[test]
fn a_random_part_is_compared_with_the_whole_on_what_both_were_asked() {
    let whole = [matches(Folder::Avm, &mixed(300, |i| i % 3 == 0))];
    let part = [drawn(&matches(Folder::Avm, &mixed(300, |i| i % 2 == 0)), 40, 5)];
    let models = [
        ComparedModel { label: "a", verdicts: &whole },
        ComparedModel { label: "b", verdicts: &part },
    ];
    let found = compare(&models, GuessBaselines::embedded()).unwrap();
    let task = &found.pairs[0].tasks[0];
    assert_eq!((task.samples, task.difference.unwrap().clusters), (80, 40));
}

#[test]
fn without_double_confirm_a_right_answer_is_right_whatever_its_check() {
    let mut verdicts = matches(Folder::Asqa, &mixed(4, |i| i < 2));
    verdicts.records[0].outcome = VerdictOutcome::Zeroed;
    verdicts.records[0].parts = Some(Parts::Match(MatchParts { correct: false }));
    assert_eq!(headline(std::slice::from_ref(&verdicts)).value, Some(0.25));
    assert_eq!(headline(&[verdicts.without_double_confirm()]).value, Some(0.5));
}

/// Captions of forty samples, rated by this measure.
fn captions(measure: CaptionMeasure, shift: usize) -> FolderVerdicts {
    let mut verdicts = matches(Folder::Avc, &mixed(40, |_| true));
    for (i, record) in verdicts.records.iter_mut().enumerate() {
        let similarity = ((i + shift) % 7) as f64 / 7.0;
        let fluency_error = false;
        let parts = CaptionParts { measure, similarity, fluency_error, rating: similarity };
        record.parts = Some(Parts::Caption(parts));
    }
    verdicts
}

#[test]
fn captions_of_different_measures_are_neither_compared_nor_ranked() {
    use CaptionMeasure::{Fense, StandIn};
    let model = |measure, shift: usize| {
        vec![matches(Folder::Avm, &mixed(40, |i| i % (2 + shift) == 0)), captions(measure, shift)]
    };
    let models = [model(Fense, 0), model(Fense, 1), model(StandIn, 0), model(StandIn, 2)];
    let of = |chosen: &[usize]| {
        let labels = ["a", "b", "c", "d"];
        let named =
            chosen.iter().map(|&i| ComparedModel { label: labels[i], verdicts: &models[i] });
        compare(&named.collect::<Vec<_>>(), GuessBaselines::embedded()).unwrap()
    };
    let tasks = |chosen: &[usize]| {
        let pair = &of(chosen).pairs[0];
        let names: Vec<String> =
            pair.tasks.iter().map(|task| task.task.name().to_owned()).collect();
        (names, pair.captions_differ)
    };
    let both = vec!["AVM".to_owned(), "AVC".to_owned()];
    assert_eq!(tasks(&[0, 1]), (both.clone(), false));
    assert_eq!(tasks(&[2, 3]), (both.clone(), false));
    assert_eq!(tasks(&[0, 2]), (both[..1].to_vec(), true));
    // Each has a partner of its own measure, and yet there is no order over all of them.
    let ranked = |chosen: &[usize]| {
        of(chosen).rankings.into_iter().map(|ranking| ranking.name).collect::<Vec<String>>()
    };
    assert_eq!(ranked(&[0, 1]), both);
    assert_eq!(ranked(&[0, 1, 2, 3]), both[..1]);
    // Without a single caption there is nothing that could be taken for another measure.
    let mut silent = models[0].clone();
    silent[1].records.iter_mut().for_each(|record| record.parts = None);
    assert!(silent[1].is_rated_like(&models[2][1]));
}
