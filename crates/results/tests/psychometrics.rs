//! Psychometric curves in reports and as a picture.

use std::collections::BTreeMap;

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_results::{
    Detail, EndingsReport, OriginReport, Program, Report, RunFile, ScoredRun, psychometric_svg,
    write_run,
};
use avibench_score::{
    Attempts, Captions, GuessBaselines, Psychometrics, Resampling, judge_strict_by_rules,
    psychometrics,
};
use avibench_store::Label;
use serde_json::{Value, json};

/// A listener who hears most differences above 10 dB; `kind` is what its data set calls them.
fn heard(kind: &str, questions: usize) -> Psychometrics {
    let (mut samples, mut slots) = (Vec::new(), Vec::new());
    for number in 0..questions {
        let level = 24.0 * number as f64 / questions as f64;
        let is_right = (number * 7 % 24) as f64 > 24.0 - 1.2 * level;
        let record = json!({"id": number.to_string(),
            "input": {"question": {"text": "?", "options": "options_sound_volume"}},
            "output": {"question_answer": "first"},
            "stimulus": {"kind": kind, "intensity": level, "unit": "dB"}});
        let sample = Sample::from_json(Folder::Asqa, Position(number), &record);
        samples.push(sample.expect("a sample"));
        let answer = if is_right { "first" } else { ["last", "same"][number % 2] };
        slots.push(Some(Record {
            task: Value::Null,
            subtask: Value::Null,
            id: json!(number.to_string()),
            predict: json!(answer),
        }));
    }
    let verdicts = judge_strict_by_rules(
        Folder::Asqa,
        &samples,
        &slots,
        &Attempts::of_slots(&samples, &slots),
        Captions::Rated(&[]),
    );
    psychometrics(&[(&samples, &verdicts)]).expect("finite").expect("intensities")
}

fn report() -> Report {
    Report::new(ScoredRun {
        label: &Label::new("model").expect("a label"),
        program: Program { version: "0.1.0".to_owned(), ..Program::default() },
        data: &[],
        official: &[],
        strict: &[],
        endings: &EndingsReport::default(),
        formal: &BTreeMap::new(),
        origins: &OriginReport::default(),
        asking: None,
        probe: None,
        formatting: None,
        reading: None,
        divergence: &[],
        resampling: Resampling { seed: 1, resamples: 10 },
        baselines: GuessBaselines::embedded(),
        option_chances: &[],
        unscored: &[],
    })
    .expect("nothing is aligned")
}

#[test]
fn every_field_is_documented_and_read_as_it_was_written() {
    let page = include_str!("../../../docs/report-schema.md");
    let mut report = report();
    let without = serde_json::to_value(&report).expect("JSON");
    assert!(without.get("psychometrics").is_none(), "nothing is said where nothing is known");
    assert_eq!(serde_json::from_value::<Report>(without).expect("a report"), report);
    report.psychometrics = Some(heard("volume", 90));
    let value = serde_json::to_value(&report).expect("JSON");
    assert_eq!(serde_json::from_value::<Report>(value.clone()).expect("a report"), report);
    let mut waiting = vec![&value["psychometrics"]];
    let mut fields = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    assert!(page.contains(&format!("`{name}`")), "`{name}` is not documented");
                    fields += 1;
                    waiting.push(value);
                }
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    assert!(fields > 30, "{fields}");
}

#[test]
fn the_picture_shows_points_curve_and_threshold() {
    let found = heard("volume", 90);
    let threshold = found.curves[0].threshold.expect("a threshold");
    assert!((8.0..15.0).contains(&threshold.intensity.expect("a number")), "{threshold:?}");
    let svg = psychometric_svg("model", &found).expect("enough trials");
    let count = |what: &str| svg.matches(what).count();
    assert_eq!(count("<circle "), found.curves[0].points.len());
    assert_eq!((count("class=\"fit\""), count("class=\"at\""), count("class=\"band\"")), (1, 1, 1));
    for text in ["volume", ">dB<", "90 trials", "100%", "Hearing"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn names_from_a_data_set_stay_text() {
    let svg = psychometric_svg("a<b>", &heard("<script>x</script>\u{7}", 40)).expect("trials");
    assert!(!svg.contains("<script") && !svg.contains('\u{7}'));
    assert!(svg.contains("&lt;script&gt;x&lt;/script&gt;") && svg.contains("a&lt;b&gt;"));
}

#[test]
fn a_picture_that_is_out_of_date_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let label = Label::new("model").expect("a label");
    let path = RunFile::PsychometricChart.path(folder.path(), &label);
    let write = |psychometrics: Option<Psychometrics>| {
        let report = Report { psychometrics, ..report() };
        write_run(folder.path(), &label, report, &[], Detail::Full).expect("a writable folder");
        path.exists()
    };
    assert!(!write(None), "there was none");
    assert!(write(Some(heard("volume", 40))));
    assert!(!write(Some(heard("volume", 5))), "too few trials for a curve");
}
