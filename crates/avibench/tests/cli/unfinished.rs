//! What is formatted, scored and compared of runs that did not ask everything.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Served, avibench, contents, folder, run, smoke_set};
use crate::snapshots::steady_words;

/// Runs a model until `answers` samples are answered, and kills the run: it cannot tidy up.
fn killed(root: &Path, label: &str, answers: usize) {
    let hang = format!("latency ms=600000 after={answers}");
    let served = Served::start_with(&["--model", "chance", "--fault", &hang]);
    let line = format!(
        "run --base-url {} --model-path chance --model-label {label} --concurrency 1 --data-root {}",
        served.base_url,
        smoke_set().display()
    );
    let mut child = avibench(root)
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let directory = root.join("user_outputs").join(label);
    let lines = || -> usize {
        let journals = directory.join("journal");
        if !directory.join("run.json").exists() || !journals.exists() {
            return usize::MAX;
        }
        contents(&journals).values().map(|text| String::from_utf8_lossy(text).lines().count()).sum()
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    while (lines() == usize::MAX || lines() < answers) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(lines(), answers);
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn is_narrow(text: &str) -> bool {
    text.lines().all(|line| line.chars().count() <= 80)
}

#[test]
fn what_a_killed_run_did_not_ask_is_not_shown_as_measured() {
    let root = folder();
    let data = smoke_set();
    let data = data.display();
    // The smoke set has six samples of most tasks: 32 end in the middle of AVR.
    for (label, answers) in [("none", 0), ("one", 1), ("some", 32)] {
        killed(root.path(), label, answers);
        let line = format!("refine --models {label} --refine rules --data-root {data}");
        let refined = run(root.path(), &line).expect(if answers == 0 { 2 } else { 0 });
        let says = format!("the run of `{label}` is unfinished: {answers} of ");
        assert!(refined.stderr.contains(&says), "{}", refined.stderr);
    }
    // Nothing is written of a label without answers, which is an error only where it was named.
    let refined = root.path().join("user_outputs_refined");
    assert!(!refined.join("none").exists());
    let all = run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    let says = "nothing under the label `none` was answered, so it is left out";
    assert!(all.stderr.contains(says), "{}", all.stderr);
    assert!(!refined.join("none").exists());
    // Earlier versions wrote files of nulls for it.
    let nulls = refined.join("none/tasks");
    std::fs::create_dir_all(&nulls).unwrap();
    std::fs::write(nulls.join("VMIC.json"), "[null, null, null, null, null, null]").unwrap();

    // A label without answers is left out, and is an error where it was named.
    let line = format!("score --resamples 50 --data-root {data}");
    let scored = run(root.path(), &line).expect(0);
    assert!(
        scored.stderr.contains("nothing under the label was answered: none"),
        "{}",
        scored.stderr
    );
    assert!(scored.stderr.contains("the run of `some` is unfinished: 32 of"), "{}", scored.stderr);
    let named = run(root.path(), &format!("{line} --models none")).expect(1);
    assert!(named.stderr.contains("none of its questions was answered"), "{}", named.stderr);
    assert!(!root.path().join("eval_outputs/none.json").exists());
    assert!(is_narrow(&scored.stdout), "{}", scored.stdout);
    // One label was killed at its first answer, the other in the middle of AVR.
    insta::assert_snapshot!("score_unfinished", steady_words(&scored.stdout));

    let report = read(&root.path().join("eval_outputs/some.report.json"));
    let strict = &report["strict"];
    let task = |key: &str| {
        let tasks = strict["estimates"]["tasks"].as_array().unwrap();
        tasks.iter().find(|task| task["key"] == key).map(|task| task["headline"].clone())
    };
    // Asked to the end: an interval. Begun: none, but bounds. Never asked: nothing at all.
    assert!(task("var").unwrap()["low"].is_f64());
    let begun = task("avr").unwrap();
    assert!(begun["value"].is_f64() && begun["low"].is_null() && begun["high"].is_null());
    assert_eq!(task("avh"), None);
    let coverage = strict["coverage"].as_array().unwrap();
    let coverage = |key: &str| coverage.iter().find(|task| task["key"] == key).unwrap();
    assert_eq!(coverage("avr")["completeness"], "unfinished");
    let at_most = coverage("avr")["bounds"]["not_asked_right"].as_f64().unwrap();
    assert!(at_most > begun["value"].as_f64().unwrap() && at_most < 1.0, "{at_most}");
    assert_eq!(coverage("avh")["completeness"], "untouched");
    let reasons = strict["unscored"].as_array().unwrap();
    assert!(reasons.iter().any(|r| r["task"] == "AVH" && r["reason"] == "nothing of it was asked"));
    for mode in ["official", "strict"] {
        let summary = &report[mode]["summary"];
        assert!(summary["perception"]["value"].is_f64(), "{summary}");
        assert!(summary["understand"]["value"].is_null(), "{summary}");
        assert_eq!(summary["understand"]["missing"], serde_json::json!(["AVC"]));
        assert_eq!(summary["understand"]["unfinished"], serde_json::json!(["AVR"]));
        assert!(summary["reasoning"].get("partial").is_none(), "{summary}");
        for level in ["l1", "l2", "l3", "l4"] {
            assert!(summary[level].is_null(), "{summary}");
        }
    }
    // What the run had no time to sum up stands in its journals.
    assert!(report["asking"]["tokens_in"].as_u64().unwrap() > 0);
    assert!(report["asking"]["cost"].is_null(), "a model at an address is not the built-in one");
    assert_eq!(report["asking"]["outcomes"][0]["answered"], 6);

    let rows =
        std::fs::read_to_string(root.path().join("eval_outputs/some.samples.jsonl")).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().all(|row| row["task"] != "AVH" && row["task"] != "AVC"));
    let open: Vec<&Value> = rows.iter().filter(|row| row["outcome"] == "not_asked").collect();
    assert_eq!(open.len(), 2 * 4);
    for row in open {
        assert!(row["score"].is_null() && row["f1"].is_null(), "{row}");
        assert_eq!(row["counted"], row["mode"] == "strict", "{row}");
    }

    let line = format!("compare one some --strict --resamples 50 --data-root {data}");
    let compared = run(root.path(), &line).expect(0).stdout;
    assert!(compared.contains("No sample that is judged for both: VMIC, AVL,"), "{compared}");
    assert!(
        compared.contains("Not tested, because a model was not asked every sample"),
        "{compared}"
    );
    let json: Value =
        serde_json::from_str(&run(root.path(), &format!("{line} --json")).expect(0).stdout)
            .unwrap();
    for task in json["pairs"][0]["tasks"].as_array().unwrap() {
        let counted: u64 =
            ["wins", "ties", "losses"].map(|key| task[key].as_u64().unwrap()).iter().sum();
        assert_eq!(counted, u64::from(task["task"] == "AMIC"), "{task}");
        assert!(task["difference"].is_null() && task["mcnemar"].is_null(), "{task}");
    }
    assert_eq!(json["pairs"][0]["above_tasks"], serde_json::json!([]));
    assert_eq!(json["rankings"], serde_json::json!([]));
}

#[test]
fn a_planned_part_is_scored_by_itself_and_marked() {
    let root = folder();
    let data = smoke_set();
    let line = format!(
        "run --backend chance --model-label part --tasks perception --n-samples 3 --data-root {}",
        data.display()
    );
    run(root.path(), &line).expect(0);
    let refined = format!("refine --models part --refine rules --data-root {}", data.display());
    assert!(!run(root.path(), &refined).expect(0).stderr.contains("unfinished"));
    let line = format!("score --resamples 50 --data-root {}", data.display());
    let scored = run(root.path(), &line).expect(0);
    assert!(scored.stdout.contains("AVM: the first 3 of 6 samples"), "{}", scored.stdout);
    let report = read(&root.path().join("eval_outputs/part.report.json"));
    // Without tokens there is no telling what it cost.
    assert!(report["asking"]["cost"].is_null());
    for mode in ["official", "strict"] {
        let perception = &report[mode]["summary"]["perception"];
        assert_eq!(perception["part"], serde_json::json!(["AMIC", "VMIC", "AVL", "AVM"]));
        for task in report[mode]["estimates"]["tasks"].as_array().unwrap() {
            assert!(task["headline"]["value"].is_f64() && task["headline"]["low"].is_null());
        }
        let coverage = &report[mode]["coverage"][0];
        assert_eq!(coverage["completeness"], "part");
        assert_eq!(coverage["extent"], serde_json::json!({"total": 6, "planned": 3, "asked": 3}));
    }
}

#[test]
fn captions_without_models_are_null_in_every_row() {
    let root = folder();
    let data = smoke_set();
    for (label, seed) in [("a", 1), ("b", 2)] {
        let line = format!(
            "run --backend chance --chance-seed {seed} --model-label {label} --tasks AVC --data-root {}",
            data.display()
        );
        run(root.path(), &line).expect(0);
        let line = format!("refine --models {label} --refine rules --data-root {}", data.display());
        run(root.path(), &line).expect(0);
    }
    let line = format!("score --models a --resamples 50 --data-root {}", data.display());
    let scored = run(root.path(), &line).expect(0);
    assert!(scored.stdout.contains("AVC is not scored:"), "{}", scored.stdout);
    let rows = std::fs::read_to_string(root.path().join("eval_outputs/a.samples.jsonl")).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 12);
    for row in &rows {
        assert_eq!(row["outcome"], "unrated", "{row}");
        for field in ["score", "similarity", "fluency_error", "fense"] {
            assert!(row[field].is_null(), "{row}");
        }
        assert_eq!(row["counted"], false, "{row}");
    }
    let line = format!("compare a b --strict --json --resamples 50 --data-root {}", data.display());
    let json: Value = serde_json::from_str(&run(root.path(), &line).expect(0).stdout).unwrap();
    let task = &json["pairs"][0]["tasks"][0];
    assert_eq!((&task["wins"], &task["losses"]), (&0.into(), &0.into()), "{task}");
}

#[test]
fn guess_baselines_come_from_a_file_and_stand_in_the_report() {
    let root = folder();
    let data = smoke_set();
    let data = data.display();
    run(root.path(), &format!("run --backend chance --model-label a --data-root {data}")).expect(0);
    run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    let line = format!("score --resamples 50 --data-root {data}");
    std::fs::write(root.path().join("mine.json"), r#"{"VAR": 12.5}"#).unwrap();
    run(root.path(), &format!("{line} --guess-baselines mine.json")).expect(0);
    let report = read(&root.path().join("eval_outputs/a.report.json"));
    let baselines = report["guess_baselines"].as_array().unwrap();
    assert_eq!(baselines.len(), 11);
    let of = |task: &str| baselines.iter().find(|baseline| baseline["task"] == task).unwrap();
    assert_eq!(of("VAR")["percent"], 12.5);
    assert_eq!(of("VAR")["origin"], "given in mine.json");
    assert_eq!((&of("VAR")["is_open"], &of("AVR")["is_open"]), (&false.into(), &true.into()));
    assert_eq!(report["scoring"]["levels_version"], 2);

    for (content, problem) in [
        (r#"{"VAR": 100}"#, "`VAR` should be a number from 0 to below 100"),
        (r#"{"VAX": 1}"#, "`VAX`: unknown task"),
    ] {
        std::fs::write(root.path().join("mine.json"), content).unwrap();
        for command in [line.clone(), format!("compare a b --data-root {data}")] {
            let ended =
                run(root.path(), &format!("{command} --guess-baselines mine.json")).expect(1);
            assert!(
                ended.stderr.contains("mine.json: ") && ended.stderr.contains(problem),
                "{}",
                ended.stderr
            );
        }
    }
}
