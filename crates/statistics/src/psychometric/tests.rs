//! Thresholds of made-up observers, of known fits and of trials that have none.

use proptest::prelude::*;

use super::{
    Direction, Fit, NoThreshold, PsychometricError, PsychometricModel, RangeEnd, Trial, threshold,
};
use crate::{Clusters, StreamKey, Threshold};

fn singletons(trials: &[Trial]) -> Clusters {
    Clusters::singletons(trials.len()).expect("few trials")
}

fn fit(trials: &[Trial], direction: Direction) -> Fit {
    threshold(trials, direction, 0.0, &singletons(trials)).expect("valid trials")
}

fn found(fit: Fit) -> Threshold {
    match fit {
        Fit::Threshold(threshold) => threshold,
        Fit::None(reason) => panic!("no threshold: {reason}"),
    }
}

/// `repeats` trials at each intensity, of which those right are counted.
fn counted(counts: &[(f64, usize)], repeats: usize, chance: f64) -> Vec<Trial> {
    counts
        .iter()
        .flat_map(|&(intensity, right)| {
            (0..repeats).map(move |place| Trial { intensity, chance, right: place < right })
        })
        .collect()
}

fn observed(model: PsychometricModel, seed: u64, trials: u32, chance: f64) -> Vec<Trial> {
    let mut stream = StreamKey::new(seed, "observer").stream(0);
    (0..trials)
        .map(|_| {
            let intensity = 10.0 * stream.unit();
            Trial { intensity, chance, right: stream.unit() < model.probability(intensity, chance) }
        })
        .collect()
}

const COUNTS: [(f64, usize); 6] = [(0.0, 2), (1.0, 3), (2.0, 6), (3.0, 13), (4.0, 17), (5.0, 19)];

#[test]
fn the_fit_is_that_of_scipy_and_the_interval_near() {
    // scipy.optimize.minimize over threshold and slope; the interval is near that of the profile
    // likelihood (brentq), as both must agree where the slope is well known.
    let found = found(fit(&counted(&COUNTS, 20, 0.1), Direction::Rising));
    assert!((found.intensity - 2.817_174_08).abs() < 1e-5, "{found:?}");
    assert!((found.model.slope - 1.419_123_38).abs() < 1e-4, "{found:?}");
    assert!((found.model.intercept + 3.997_917_61).abs() < 1e-3, "{found:?}");
    assert!((found.low.expect("inside") - 2.368_749_97).abs() < 0.06, "{found:?}");
    assert!((found.high.expect("inside") - 3.254_394_44).abs() < 0.06, "{found:?}");
}

#[test]
fn more_blur_is_harder() {
    let rising = found(fit(&counted(&COUNTS, 20, 0.1), Direction::Rising));
    let mirrored = COUNTS.map(|(intensity, right)| (-intensity, right));
    let falling = found(fit(&counted(&mirrored, 20, 0.1), Direction::Falling));
    assert!((rising.intensity + falling.intensity).abs() < 1e-6);
    assert!((rising.low.expect("inside") + falling.high.expect("inside")).abs() < 1e-6);
    assert!((rising.high.expect("inside") + falling.low.expect("inside")).abs() < 1e-6);
    assert!(falling.model.slope < 0.0);
}

#[test]
fn a_planted_curve_is_recovered_at_mixed_chance_levels() {
    let truth = PsychometricModel { intercept: -6.0, slope: 1.5, lapse: 0.0 };
    let mut trials = observed(truth, 1, 2_000, 0.25);
    trials.extend(observed(truth, 2, 2_000, 0.5));
    let found = found(fit(&trials, Direction::Rising));
    assert!((found.intensity - 4.0).abs() < 0.15, "{found:?}");
    assert!((found.model.slope - 1.5).abs() < 0.2, "{found:?}");
    assert!(found.low < Some(4.0) && found.high > Some(4.0), "{found:?}");
}

#[test]
fn a_lapse_rate_keeps_one_slip_from_moving_the_threshold() {
    let mut trials =
        counted(&[(0.0, 4), (2.0, 7), (4.0, 16), (6.0, 20), (8.0, 20), (20.0, 20)], 20, 0.2);
    let clean = found(fit(&trials, Direction::Rising));
    if let Some(last) = trials.last_mut() {
        last.right = false;
    }
    let slipped = found(fit(&trials, Direction::Rising));
    let clusters = singletons(&trials);
    let lapsed = threshold(&trials, Direction::Rising, 0.02, &clusters).expect("valid trials");
    let moved = (slipped.intensity - clean.intensity).abs();
    assert!((found(lapsed).intensity - clean.intensity).abs() < moved);
}

#[test]
fn trials_that_share_a_stimulus_widen_the_interval() {
    let trials = counted(&COUNTS, 20, 0.1);
    let doubled: Vec<Trial> = trials.iter().flat_map(|&trial| [trial, trial]).collect();
    let keys = (0..doubled.len()).map(|place| place / 2);
    let paired = Clusters::from_keys(keys).expect("few trials");
    let once = found(fit(&trials, Direction::Rising));
    let twice = found(threshold(&doubled, Direction::Rising, 0.0, &paired).expect("valid trials"));
    let naive = found(fit(&doubled, Direction::Rising));
    let width = |found: Threshold| found.high.expect("inside") - found.low.expect("inside");
    assert!(width(twice) > 1.3 * width(naive), "{twice:?} {naive:?}");
    assert!((width(twice) / width(once) - 1.0).abs() < 0.15, "{twice:?} {once:?}");
}

#[test]
fn what_has_no_threshold_says_why() {
    let none = |counts: &[(f64, usize)]| match fit(&counted(counts, 20, 0.25), Direction::Rising) {
        Fit::None(reason) => reason,
        Fit::Threshold(threshold) => panic!("{threshold:?}"),
    };
    assert_eq!(none(&[]), NoThreshold::TooFewTrials { trials: 0 });
    assert_eq!(none(&[(1.0, 9)]), NoThreshold::TooFewIntensities { intensities: 1 });
    assert_eq!(none(&[(1.0, 9), (2.0, 19)]), NoThreshold::TooFewIntensities { intensities: 2 });
    assert_eq!(none(&[(1.0, 20), (2.0, 20), (3.0, 20)]), NoThreshold::AllRight);
    assert_eq!(none(&[(1.0, 0), (2.0, 0), (3.0, 0)]), NoThreshold::AllWrong);
    let flat = none(&[(1.0, 18), (2.0, 10), (3.0, 5)]);
    assert!(matches!(flat, NoThreshold::NoTrend { gain: 0.0, .. }), "{flat:?}");
    assert!(matches!(none(&[(1.0, 5), (2.0, 6), (3.0, 6)]), NoThreshold::NoTrend { .. }));
    let hard = none(&[(1.0, 15), (2.0, 17), (3.0, 20), (4.0, 20)]);
    assert_eq!(hard, NoThreshold::OutOfRange { side: RangeEnd::Hard });
    let easy = none(&[(1.0, 3), (2.0, 5), (3.0, 7), (4.0, 11)]);
    assert_eq!(easy, NoThreshold::OutOfRange { side: RangeEnd::Easy });
}

#[test]
fn a_sharp_turn_has_no_curve_but_an_interval() {
    let trials = counted(&[(0.0, 5), (1.0, 5), (2.0, 5), (3.0, 20), (4.0, 20)], 20, 0.25);
    let Fit::None(NoThreshold::Separable { between, low, high }) = fit(&trials, Direction::Rising)
    else {
        panic!("separable trials");
    };
    assert!((between[0] - 2.0).abs() < 1e-12 && (between[1] - 3.0).abs() < 1e-12);
    let (low, high) = (low.expect("inside"), high.expect("inside"));
    assert!(1.9 < low && low < 2.5 && 2.5 < high && high < 3.1, "{low} {high}");
}

#[test]
fn reasons_name_intensities_shortly() {
    let reason = |between| NoThreshold::Separable { between, low: None, high: None }.to_string();
    let between = |text| format!("answers turn at once between intensities {text};");
    assert!(reason([0.410_453_000_000_000_4, 1.0]).starts_with(&between("0.41 and 1")));
    assert!(reason([-25.0, 0.0]).starts_with(&between("-25 and 0")));
    assert!(reason([1_200.4, 3e-9]).starts_with(&between("1200 and 3.00e-9")));
}

#[test]
fn a_climb_along_a_plateau_is_no_trend() {
    // One slip among the harder ones, as good observers make: no curve is much better than none.
    let mut trials = counted(&(0..24).map(|i| (f64::from(i), 1)).collect::<Vec<_>>(), 1, 0.2);
    trials[4].right = false;
    let Ok(Fit::None(reason)) = threshold(&trials, Direction::Rising, 0.02, &singletons(&trials))
    else {
        panic!("no threshold");
    };
    assert!(
        matches!(reason, NoThreshold::NoTrend { .. } | NoThreshold::OutOfRange { .. }),
        "{reason}"
    );
}

#[test]
fn defects_of_the_input_are_errors() {
    let mut trials = counted(&COUNTS, 20, 0.1);
    let clusters = singletons(&trials);
    let lapse = |lapse| threshold(&trials, Direction::Rising, lapse, &clusters);
    assert_eq!(lapse(0.5), Err(PsychometricError::Lapse(0.5)));
    assert!(lapse(f64::NAN).is_err());
    let few = Clusters::singletons(3).expect("few trials");
    let mismatch = threshold(&trials, Direction::Rising, 0.0, &few);
    assert_eq!(mismatch, Err(PsychometricError::Clusters { trials: 120, records: 3 }));
    trials[7].chance = 1.0;
    let chance = threshold(&trials, Direction::Rising, 0.0, &clusters);
    assert_eq!(chance, Err(PsychometricError::Chance { trial: 7, value: 1.0 }));
    trials[7].intensity = f64::INFINITY;
    assert!(threshold(&trials, Direction::Rising, 0.0, &clusters).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]
    #[test]
    fn whatever_the_answers_a_threshold_is_finite_and_inside_its_interval(
        answers in proptest::collection::vec((0_u8..12, any::<bool>(), 0_u8..4), 0..60),
        scale in prop_oneof![Just(1e-200), Just(1.0), Just(1e200)],
        falling in any::<bool>(),
    ) {
        let trials: Vec<Trial> = answers
            .iter()
            .map(|&(intensity, right, chance)| Trial {
                intensity: scale * f64::from(intensity),
                chance: f64::from(chance) / 4.0,
                right,
            })
            .collect();
        let direction = if falling { Direction::Falling } else { Direction::Rising };
        match fit(&trials, direction) {
            Fit::Threshold(found) => {
                prop_assert!(found.intensity.is_finite() && found.model.slope.is_finite());
                prop_assert!(found.low.is_none_or(|low| low <= found.intensity));
                prop_assert!(found.high.is_none_or(|high| high >= found.intensity));
            }
            Fit::None(reason) => prop_assert!(!reason.to_string().contains("NaN"), "{reason}"),
        }
    }
}
