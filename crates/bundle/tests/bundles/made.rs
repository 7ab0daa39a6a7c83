//! Bundles that are made and recomputed.

use avibench_bundle::{Bundle, BundleForm, unpaired_rankings};
use avibench_protocol::{Folder, Task};
use avibench_results::{ScoringMode, read_run};
use avibench_score::{Estimate, Estimates, GuessBaselines, estimate};

use crate::label::{MadeLabel, Making};

#[test]
fn a_public_bundle_gives_every_number_anew() {
    for making in [Making::SMALL, Making { seed: 2, samples: 61, ..Making::SMALL }] {
        let packed = MadeLabel::new(making).public();
        let bundle = Bundle::from_bytes(&packed.bytes).unwrap();
        assert_eq!(bundle.sha256, packed.sha256);
        let found = bundle.verify(None).unwrap();
        assert_eq!(found.differences, []);
        let count = |what: &str| found.compared.iter().find(|of| of.what == what).unwrap().count;
        assert!(count("ends of intervals") > 100, "{:?}", found.compared);
        assert!(count("scores of tasks and their parts") > 100, "{:?}", found.compared);
        assert!(count("counts and bounds of coverage") > 400, "{:?}", found.compared);
        assert!(count("numbers of levels") > 10 && count("numbers of stages and Overall") > 10);
        assert!(found.unchecked.iter().any(|of| of.what.contains("for repeated answers of AVR")));
        let public = bundle.public().unwrap();
        assert_eq!(public.samples.len(), 15 * making.samples);
        let captions = public.numbers(ScoringMode::Strict).estimates.task("avc").unwrap();
        assert!(captions.headline.low < captions.headline.value, "captions have an interval");
    }
}

#[test]
fn a_bundle_is_known_to_be_of_its_report_whatever_the_order_did_to_its_ends() {
    let made = MadeLabel::new(Making::SMALL);
    let bundle = Bundle::from_bytes(&made.public().bytes).unwrap();
    let public = bundle.public().unwrap();
    let report = read_run(&made.report()).unwrap().report;
    assert!(public.is_of(&report));
    let moved = |by: f64, of: fn(&mut Estimate) -> &mut Option<f64>| {
        let mut report = report.clone();
        *of(&mut report.strict.estimates.overall).as_mut().unwrap() += by;
        public.is_of(&report)
    };
    assert!(moved(1e-6, |overall| &mut overall.low), "the search for an end stops near it");
    assert!(!moved(1e-3, |overall| &mut overall.high));
    assert!(!moved(1e-6, |overall| &mut overall.value));
    let mut other = report.clone();
    other.data.pop();
    assert!(!public.is_of(&other));
}

/// Values and ends of a mode's numbers, by their places.
fn estimates(of: &Estimates) -> Vec<(String, Estimate)> {
    let parts = of.tasks.iter().flat_map(|task| {
        task.parts.iter().map(move |part| (format!("{} {}", task.key, part.name), part.estimate))
    });
    let above =
        of.stages.iter().chain(&of.levels).map(|named| (named.name.clone(), named.estimate));
    parts.chain(above).chain([("overall".to_owned(), of.overall)]).collect()
}

#[test]
fn numbers_come_out_to_the_last_bit_and_are_those_of_the_report() {
    for seed in 0..8 {
        let made = MadeLabel::new(Making { seed, ..Making::SMALL });
        let bundle = Bundle::from_bytes(&made.public().bytes).unwrap();
        let public = bundle.public().unwrap();
        let report = read_run(&made.report()).unwrap().report;
        for mode in [ScoringMode::Official, ScoringMode::Strict] {
            let verdicts = public.verdicts(mode);
            let again = estimate(&[("again", &verdicts)], GuessBaselines::embedded()).unwrap();
            let stored = estimates(&public.numbers(mode).estimates);
            let original = estimates(&report.mode(mode).estimates);
            for ((again, stored), original) in
                estimates(&again[0]).iter().zip(&stored).zip(&original)
            {
                let ends = |of: &Estimate| [of.low, of.high].map(Option::unwrap);
                let bits = |of: &Estimate| ends(of).map(f64::to_bits);
                assert_eq!(bits(&again.1), bits(&stored.1), "{}", stored.0);
                let (value, other) = (stored.1.value.unwrap(), original.1.value.unwrap());
                assert!((value - other).abs() < 1e-12 * other.abs().max(1.0), "{}", stored.0);
                for (end, other) in ends(&stored.1).into_iter().zip(ends(&original.1)) {
                    assert!((end - other).abs() < 1e-6 * other.abs().max(1.0), "{}", stored.0);
                }
            }
        }
    }
}

#[test]
fn the_same_label_gives_the_same_bytes_and_the_hash_of_the_private_form() {
    let made = MadeLabel::new(Making::SMALL);
    let (one, again, private) = (made.public(), made.public(), made.private());
    assert_eq!(one.bytes, again.bytes);
    assert_eq!(private.bytes, made.private().bytes);
    assert_eq!(one.manifest.private_sha256.as_ref(), Some(&private.sha256));
    assert_eq!(
        (one.manifest.form, private.manifest.form),
        (BundleForm::Public, BundleForm::Private)
    );
    let names: Vec<&str> = private.manifest.members.iter().map(|of| of.name.as_str()).collect();
    let expected = [
        "report.json",
        "samples.jsonl",
        "asked/run.json",
        "asked/journal/AVM.jsonl",
        "refined/tasks/AVM.json",
    ];
    assert_eq!(names, expected);
    assert!(private.manifest.notice.starts_with("Redistribution"));
    // Another answer gives another private bundle and another hash in the public one.
    made.write("asked/model/journal/AVM.jsonl", "{\"answer\":\"a stork\"}\n");
    assert_ne!(made.public().manifest.private_sha256, one.manifest.private_sha256);
}

#[test]
fn a_private_bundle_gives_every_number_anew_from_its_rows() {
    let bundle = Bundle::from_bytes(&MadeLabel::new(Making::SMALL).private().bytes).unwrap();
    let found = bundle.verify(None).unwrap();
    assert_eq!(found.differences, []);
    assert!(found.compared.iter().any(|of| of.what == "rounded scores" && of.count > 40));
    assert!(
        found.compared.iter().any(|of| of.what == "factors for repeated answers" && of.count == 2)
    );
    assert!(found.unchecked.iter().any(|of| of.what == "verdicts"));
    assert!(bundle.public().is_none());
}

#[test]
fn what_is_unfinished_or_absent_is_said_and_the_rest_is_checked() {
    let making = Making { unfinished: true, without: Some(Task::Avqa), ..Making::SMALL };
    let made = MadeLabel::new(making);
    for packed in [made.public(), made.private()] {
        let found = Bundle::from_bytes(&packed.bytes).unwrap().verify(None).unwrap();
        assert_eq!(found.differences, []);
        let left_out: Vec<&str> = found.unchecked.iter().map(|of| of.what.as_str()).collect();
        assert!(left_out.contains(&"strict numbers of AVM and all above"), "{left_out:?}");
        assert!(left_out.contains(&"official bounds of AVM"), "{left_out:?}");
        assert!(found.compared.iter().map(|of| of.count).sum::<usize>() > 500);
    }
}

#[test]
fn numbers_that_do_not_follow_from_their_rows_are_not_bundled() {
    let made = MadeLabel::new(Making::SMALL);
    let mut report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(made.report()).unwrap()).unwrap();
    report["strict"]["estimates"]["overall"]["value"] = 0.999.into();
    std::fs::write(made.report(), report.to_string()).unwrap();
    let said = made.complaint();
    assert!(said.contains("strict.estimates.overall.value is 0.999"), "{said}");
    assert!(said.contains("score the label again"), "{said}");
}

#[test]
fn models_of_public_bundles_are_ranked_without_pairing() {
    let read = |seed| {
        let making = Making { seed, ..Making::SMALL };
        Bundle::from_bytes(&MadeLabel::new(making).public().bytes).unwrap()
    };
    let (one, other) = (read(1), read(2));
    let [a, b] = [&one, &other]
        .map(|bundle| &bundle.public().unwrap().numbers(ScoringMode::Official).estimates);
    let rankings = unpaired_rankings(&[("one", a), ("other", b)]);
    assert_eq!(rankings.len(), 14 + 4 + 5);
    assert!(rankings.iter().all(|ranking| ranking.places.len() == 2));
    // The orders of the two have nothing to do with each other.
    let shapes = [&one, &other].map(|bundle| -> Vec<usize> {
        let samples = bundle.public().unwrap().samples.iter();
        samples.filter(|of| of.folder == Folder::Avm).map(|of| of.cluster).collect()
    });
    assert_ne!(shapes[0], shapes[1]);
}
