//! Curves and thresholds from answers as models write them.

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{
    Attempts, Captions, ChanceSource, Easier, NoThresholdName, PsychometricCurve, Psychometrics,
    judge_strict_by_rules, psychometrics,
};
use avibench_statistics::StreamKey;
use serde_json::{Value, json};

/// A set that is asked and answered.
struct Run {
    folder: Folder,
    samples: Vec<Sample>,
    slots: Vec<Option<Record>>,
}

impl Run {
    fn new(folder: Folder) -> Self {
        Self { folder, samples: Vec::new(), slots: Vec::new() }
    }

    fn add(&mut self, id: &str, options: &str, truth: &str, stimulus: Value, answer: Option<&str>) {
        let mut record = json!({"id": id,
            "input": {"question": {"text": "?", "options": options}},
            "output": {"question_answer": truth}});
        record["stimulus"] = stimulus;
        let position = Position(self.samples.len());
        let sample = Sample::from_json(self.folder, position, &record).expect("a sample");
        self.samples.push(sample);
        self.slots.push(answer.map(|answer| Record {
            task: json!(self.folder.name()),
            subtask: Value::Null,
            id: json!(id),
            predict: json!(answer),
        }));
    }

    /// A formal question about a level difference: the louder one is `truth`.
    fn volume(&mut self, truth: &str, level: f64, answer: Option<&str>) {
        let id = format!("{:05}", self.samples.len());
        let mut stimulus = json!({"kind": "volume", "intensity": level, "unit": "dB"});
        if truth == "same" {
            stimulus["catch"] = json!(true);
        }
        self.add(&id, "options_sound_volume", truth, stimulus, answer);
    }

    fn curves(&self) -> Option<Psychometrics> {
        let captions = Captions::Rated(&[]);
        let attempts = Attempts::of_slots(&self.samples, &self.slots);
        let verdicts =
            judge_strict_by_rules(self.folder, &self.samples, &self.slots, &attempts, captions);
        psychometrics(&[(&self.samples, &verdicts)]).expect("finite intensities")
    }

    fn only(&self) -> PsychometricCurve {
        let found = self.curves().expect("intensities");
        assert_eq!(found.curves.len(), 1);
        found.curves[0].clone()
    }
}

/// Levels 1 to 24; whoever hears 8 dB and more, and says `in_doubt` below.
fn listener(in_doubt: &str) -> Run {
    let mut run = Run::new(Folder::Asqa);
    for level in 1..=24 {
        for truth in ["first", "last"] {
            let answer = if level >= 8 { truth } else { in_doubt };
            run.volume(truth, f64::from(level), Some(answer));
        }
        run.volume("same", 0.0, Some(in_doubt));
    }
    run
}

#[test]
fn a_set_without_intensities_has_no_curves() {
    let mut run = Run::new(Folder::Asqa);
    run.add("1", "options_sound_volume", "first", Value::Null, Some("first"));
    assert_eq!(run.curves(), None);
}

#[test]
fn a_careful_listener_has_a_low_chance_level_and_a_guesser_a_high_one() {
    let careful = listener("same").only();
    assert_eq!((careful.trials, careful.right, careful.catches), (48, 34, 24));
    assert_eq!(careful.catches_right, 24);
    assert_eq!(careful.chance.source, ChanceSource::Catches);
    assert!((careful.chance.level - 1.0 / 3.0 / 25.0).abs() < 1e-12, "{:?}", careful.chance);
    let guesser = listener("first").only();
    assert!((guesser.chance.level - (12.0 + 1.0 / 3.0) / 25.0).abs() < 1e-12);
    assert_eq!(guesser.catches_right, 0);
    // Both turn between the same levels.
    for curve in [careful, guesser] {
        let threshold = curve.threshold.expect("an interval at least");
        let (low, high) = (threshold.low.expect("inside"), threshold.high.expect("inside"));
        assert!(3.5 < low && low < 7.5 && 7.5 < high && high < 10.5, "{threshold:?}");
    }
}

#[test]
fn whoever_always_says_that_something_is_there_has_no_threshold() {
    let mut run = Run::new(Folder::VsqaI);
    for level in 1..=24 {
        for (truth, level) in [("no", f64::from(level)), ("yes", 0.0)] {
            let stimulus = json!({"kind": "image_clear", "intensity": level, "unit": "px of blur",
                "catch": truth == "yes"});
            let id = run.samples.len().to_string();
            run.add(&id, "get_from_image_binary", truth, stimulus, Some("no"));
        }
    }
    let curve = run.only();
    assert_eq!((curve.trials, curve.right), (24, 24), "right on all that is blurred");
    let reason = curve.reason.expect("a reason");
    assert_eq!((reason.name, curve.threshold), (NoThresholdName::Biased, None));
    assert!(reason.sentence.starts_with("24 of 24 stimuli with nothing to sense"), "{reason:?}");
}

#[test]
fn double_confirm_is_no_perceptual_miss_and_silence_no_answer() {
    let mut run = listener("first");
    let before = run.only();
    // The check of the plainest stimulus is failed: official and strict scoring zero it.
    let id = run.samples[69].id.clone();
    run.add(&format!("pre_{id}"), "options_yes_no", "yes", Value::Null, Some("no"));
    assert_eq!(run.only(), before);
    // Two questions are not answered.
    run.slots[0] = None;
    run.slots[1] = None;
    let after = run.only();
    assert_eq!((after.trials, after.unanswered), (before.trials - 2, 2));
    assert_eq!(after.right, before.right - 1);
}

#[test]
fn a_planted_threshold_is_found_and_the_direction_is_heeded() {
    let mut run = Run::new(Folder::VsqaV);
    for trial in 0..400 {
        let truth = (1 + trial % 9).to_string();
        let speed = 2.0 * f64::from(trial) / 399.0;
        // Certain below, lost above, and a slope in between: a fixed pattern instead of luck.
        let share = 1.0 / (1.0 + (6.0 * (speed - 1.2)).exp());
        let is_sensed = f64::from((trial * 37) % 100) / 100.0 < share;
        let answer = if is_sensed { truth.clone() } else { "12".to_owned() };
        let stimulus = json!({"kind": "objects_counting", "intensity": speed,
            "unit": "widths per second", "easier": "lower"});
        run.add(&trial.to_string(), "", &truth, stimulus, Some(&answer));
    }
    let curve = run.only();
    assert_eq!(curve.easier, Easier::Lower);
    assert_eq!(curve.chance.source, ChanceSource::Answers);
    assert!((curve.chance.level - 1.0 / 9.0).abs() < 1e-12);
    let threshold = curve.threshold.expect("a threshold");
    assert!((threshold.intensity.expect("a number") - 1.2).abs() < 0.1, "{threshold:?}");
    assert!(threshold.low < threshold.intensity && threshold.intensity < threshold.high);
    let model = curve.model.expect("a fit");
    assert!((model.slope + 6.0).abs() < 2.0, "{model:?}");
    let half = curve.fitted(threshold.intensity.expect("a number")).expect("a fit");
    assert!((half - curve.accuracy_at_threshold()).abs() < 1e-9);
    assert_eq!(curve.points.iter().map(|point| point.trials).sum::<usize>(), 400);
}

#[test]
fn intervals_hold_planted_thresholds() {
    // A listener who hears a difference with a logistic probability and guesses otherwise; the
    // example `psychometric_coverage` does it at length.
    const PLANTED: f64 = 9.0;
    let (mut held, mut found) = (0, 0);
    for repeat in 0..80 {
        let mut luck = StreamKey::new(3, "listener").stream(repeat);
        let mut run = Run::new(Folder::Asqa);
        for number in 0..90 {
            let truth = ["first", "last", "same"][number % 3];
            let level = if truth == "same" { 0.0 } else { 24.0 * luck.unit() };
            let heard = luck.unit() < 1.0 / (1.0 + (0.6 * (PLANTED - level)).exp());
            let guess = ["first", "last", "same"][(3.0 * luck.unit()) as usize];
            let answer = if heard && truth != "same" { truth } else { guess };
            run.volume(truth, level, Some(answer));
        }
        if let Some(threshold) = run.only().threshold {
            found += 1;
            let low = threshold.low.unwrap_or(0.0);
            let high = threshold.high.unwrap_or(24.0);
            held += u32::from((low..=high).contains(&PLANTED));
        }
    }
    assert!(found >= 73, "{found} of 80 have an interval");
    let share = f64::from(held) / f64::from(found);
    // 95% less or more what luck explains.
    assert!((0.87..=0.999).contains(&share), "{held} of {found}");
}

#[test]
fn kinds_that_share_a_unit_have_a_curve_together() {
    let mut run = Run::new(Folder::Avsqa);
    for trial in 0..60 {
        let (kind, unit) =
            [("object_first", "ms"), ("object_last", "ms"), ("object_loudest", "dB")][trial % 3];
        let stimulus = json!({"kind": kind, "intensity": trial as f64, "unit": unit});
        let answer = if trial > 30 { "#cone#" } else { "cube" };
        let id = trial.to_string();
        run.add(&id, "avsqa_options_list_object", "cone", stimulus, Some(answer));
    }
    let found = run.curves().expect("intensities");
    let kinds: Vec<Vec<String>> = found.curves.iter().map(|curve| curve.kinds.clone()).collect();
    assert_eq!(
        kinds,
        [
            vec!["object_first"],
            vec!["object_last"],
            vec!["object_loudest"],
            vec!["object_first", "object_last"]
        ]
    );
    let together = &found.curves[3];
    assert_eq!((together.trials, together.is_pooled()), (40, true));
    // Five options beside "not sure".
    assert!((together.chance.level - 0.2).abs() < 1e-12, "{:?}", together.chance);
    assert_eq!(found.worth_showing().count(), 4);
}

#[test]
fn an_intensity_beyond_all_measure_is_named() {
    let mut run = Run::new(Folder::Asqa);
    run.volume("first", 1e308, Some("first"));
    let attempts = Attempts::of_slots(&run.samples, &run.slots);
    let captions = Captions::Rated(&[]);
    let verdicts = judge_strict_by_rules(run.folder, &run.samples, &run.slots, &attempts, captions);
    let defect = psychometrics(&[(&run.samples, &verdicts)]).expect_err("not usable");
    let text = defect.to_string();
    assert!(text.starts_with("ASQA, stimuli of kind volume: intensity 1000"), "{text}");
}

/// Which of three figures in a row is the largest: a step from luck to certainty at 1.8.
fn row(alternatives: &Value) -> Run {
    let mut run = Run::new(Folder::VsqaI);
    let names = ["the left one", "the middle one", "the right one"];
    for trial in 0..90 {
        let ratio = 1.05 + 1.5 * f64::from(trial) / 89.0;
        let truth = names[trial as usize % 3];
        // A fixed pattern that is right in one of three instead of luck.
        let guess = names[(trial as usize * 7 / 3) % 3];
        let answer = if ratio > 1.8 { truth } else { guess };
        let stimulus = json!({"kind": "larger_one", "intensity": ratio, "unit": "ratio of areas",
            "alternatives": alternatives});
        run.add(&trial.to_string(), "get_from_space_easy_area", truth, stimulus, Some(answer));
    }
    run
}

#[test]
fn chance_is_that_of_the_answers_a_stimulus_leaves_possible() {
    let names = json!(["the left one", "the middle one", "the right one"]);
    let chance = row(&names).only().chance;
    assert_eq!((chance.source, chance.standard_error), (ChanceSource::Alternatives, 0.0));
    assert!((chance.level - 1.0 / 3.0).abs() < 1e-12, "{chance:?}");
    // Sets that do not say: one in as many as the option list holds.
    let chance = row(&Value::Null).only().chance;
    assert_eq!(chance.source, ChanceSource::Options);
    assert!((chance.level - 0.2).abs() < 1e-12, "{chance:?}");
}

#[test]
fn alternatives_that_cannot_be_are_named() {
    let too_few = "record 0, `stimulus.alternatives` names 1 answers, not two or more";
    let left_out = "record 0, `stimulus.alternatives` does not name the right answer, the left one";
    let no_list = "record 0, `stimulus.alternatives` should be a list of strings, but is 3";
    for (alternatives, reason) in [
        (json!(["the left one", "The left one."]), too_few),
        (json!(["the top one", "the bottom one"]), left_out),
        (json!(3), no_list),
    ] {
        let run = row(&alternatives);
        let verdicts = judge_strict_by_rules(
            run.folder,
            &run.samples,
            &run.slots,
            &Attempts::of_slots(&run.samples, &run.slots),
            Captions::Rated(&[]),
        );
        let defect = psychometrics(&[(&run.samples, &verdicts)]).expect_err("not usable");
        let text = defect.to_string();
        assert!(text.contains(reason) && text.contains("mend `stimulus`"), "{text}");
    }
}

#[test]
fn a_shared_curve_keeps_the_chance_of_each_kind() {
    let mut run = Run::new(Folder::Avsqa);
    let objects = ["cube", "pyramid", "cone", "sphere"];
    let pairs = ["cube;cone", "cone;sphere", "cube;sphere"];
    for trial in 0..60 {
        let is_first = trial % 2 == 0;
        let (kind, truth, alternatives) = if is_first {
            ("object_first", "cone", json!(objects))
        } else {
            ("object_all", "cone;cube", json!(pairs))
        };
        let stimulus = json!({"kind": kind, "intensity": f64::from(trial), "unit": "ms",
            "alternatives": alternatives});
        let answer = if trial > 30 { format!("#{truth}#") } else { "#pyramid#".to_owned() };
        let id = trial.to_string();
        run.add(&id, "avsqa_options_list_object", truth, stimulus, Some(&answer));
    }
    let found = run.curves().expect("intensities");
    let levels: Vec<f64> = found.curves.iter().map(|curve| curve.chance.level).collect();
    for (level, expected) in levels.iter().zip([1.0 / 4.0, 1.0 / 3.0, 7.0 / 24.0]) {
        assert!((level - expected).abs() < 1e-12, "{levels:?}");
    }
    assert_eq!(found.curves[2].chance.source, ChanceSource::Alternatives);
}
