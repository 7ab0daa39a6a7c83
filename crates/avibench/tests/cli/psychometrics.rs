//! From a sweep of stimuli to thresholds, with the program alone.

use serde_json::Value;

use crate::program::{folder, run};

#[test]
fn a_sweep_ends_in_thresholds() {
    let root = folder();
    let made = "synth prise --seed 11 --sweep --tasks ASQA --scale 1 --out data";
    run(root.path(), made).expect(0);
    run(root.path(), "run --backend signal --model-label ear --data-root data").expect(0);
    run(root.path(), "refine --data-root data").expect(0);
    let ended = run(root.path(), "score --data-root data --resamples 50").expect(0);
    let (_, table) = ended.stdout.split_once("Where the senses").unwrap();
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    insta::assert_snapshot!("score_psychometric", format!("Where the senses{table}"));

    let eval = root.path().join("eval_outputs");
    let report = std::fs::read(eval.join("ear.report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let curves = report["psychometrics"]["curves"].as_array().unwrap();
    let kinds: Vec<&str> = curves.iter().map(|curve| curve["kinds"][0].as_str().unwrap()).collect();
    assert_eq!(kinds, ["volume", "clarity", "order", "beats_counting"]);
    // The observer calls two sounds the same below 1.5 dB.
    let volume = &curves[0];
    assert_eq!((&volume["unit"], &volume["chance"]["source"]), (&"dB".into(), &"catches".into()));
    let high = volume["threshold"]["high"].as_f64();
    assert!(volume["reason"]["name"] == "all_right" || high.is_some_and(|h| h < 6.0), "{volume}");
    let svg = std::fs::read_to_string(eval.join("ear.psychometric.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("beats counting"));

    // A set without intensities: nothing is said, and no picture of before is left.
    let data = root.path().join("data/levels/sensation/ASQA/data.json");
    let text = std::fs::read_to_string(&data).unwrap().replace("\"stimulus\":", "\"unknown\":");
    std::fs::write(&data, text).unwrap();
    // The same questions: the answers stay good.
    let line = "run --backend signal --model-label ear --data-root data --force";
    run(root.path(), line).expect(0);
    run(root.path(), "refine --data-root data").expect(0);
    let ended = run(root.path(), "score --data-root data --resamples 50").expect(0);
    assert!(!ended.stdout.contains("Where the senses"), "{}", ended.stdout);
    assert!(!eval.join("ear.psychometric.svg").exists());
}
