//! `refine` with a language model behind a loopback server.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ended, Served, avibench, contents, folder, run, smoke_set};

/// A refiner that gives back the text it is to rewrite.
const ECHO: &str = r#"{"regex": "(?s)The text to rewrite is all that follows\\.\n\n(?<text>.*)", "template": "${text}"}"#;

/// A served refiner that answers as the script says.
fn refiner(root: &Path, script: &str, faults: &[&str]) -> Served {
    let path = root.join("script.jsonl");
    std::fs::write(&path, script).unwrap();
    let mut arguments = vec!["--script", path.to_str().unwrap()];
    for fault in faults {
        arguments.extend(["--fault", fault]);
    }
    Served::start_with(&arguments)
}

fn refine(root: &Path, more: &str) -> Ended {
    run(root, &format!("refine --data-root {} {more}", smoke_set().display()))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Answers to the first questions of a folder of the smoke set.
fn write_answers(root: &Path, label: &str, stage: &str, task: &str, answers: &[&str]) {
    let data = read(&smoke_set().join(format!("levels/{stage}/{task}/data.json")));
    let slots: Vec<Value> = answers
        .iter()
        .zip(data.as_array().unwrap())
        .map(|(answer, sample)| json!({"task": task, "id": sample["id"], "predict": answer}))
        .collect();
    assert_eq!(slots.len(), answers.len(), "the smoke set is too small");
    let path = root.join(format!("user_outputs/{label}/tasks/{task}.json"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, Value::Array(slots).to_string()).unwrap();
}

fn refined(root: &Path, label: &str, task: &str) -> Vec<Option<String>> {
    let path = root.join(format!("user_outputs_refined/{label}/tasks/{task}.json"));
    let slots = read(&path);
    let slots = slots.as_array().unwrap().iter();
    slots.map(|slot| slot["predict"].as_str().map(str::to_owned)).collect()
}

/// The ways in a folder's journal: how many lines of each.
fn ways(root: &Path, label: &str, task: &str) -> BTreeMap<String, usize> {
    let path = root.join(format!("user_outputs_refined/{label}/journal/{task}.jsonl"));
    let mut ways = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let way = entry["note"]["way"].as_str().unwrap_or("none");
        *ways.entry(way.to_owned()).or_default() += 1;
    }
    ways
}

fn requests(root: &Path, label: &str) -> u64 {
    let manifest = read(&root.join(format!("user_outputs_refined/{label}/run.json")));
    manifest["sessions"].as_array().unwrap().last().unwrap()["requests"].as_u64().unwrap()
}

#[test]
fn clean_answers_score_the_same_whoever_formats() {
    let root = folder();
    let root = root.path();
    let data = smoke_set();
    run(root, &format!("run --backend chance --model-label raw --data-root {}", data.display()))
        .expect(0);
    refine(root, "--refine rules").expect(0);
    // What rules made of them is clean; from here on it is what three models said.
    let labels = ["rules", "hybrid", "llm"];
    for label in labels {
        let target = root.join(format!("user_outputs/{label}/tasks"));
        std::fs::create_dir_all(&target).unwrap();
        for entry in std::fs::read_dir(root.join("user_outputs_refined/raw/tasks")).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, target.join(path.file_name().unwrap())).unwrap();
        }
    }
    let served = refiner(root, ECHO, &[]);
    for label in labels {
        let line = format!("--refine {label} --models {label} --base-url {}", served.base_url);
        refine(root, &line).expect(0);
    }
    assert_eq!(requests(root, "hybrid"), 0, "rules read every clean answer");
    assert!(requests(root, "llm") > 80, "{}", requests(root, "llm"));
    run(root, &format!("score --data-root {} --resamples 50", data.display())).expect(0);
    let scores = labels.map(|label| {
        let report = read(&root.join(format!("eval_outputs/{label}.report.json")));
        json!([report["official"]["estimates"], report["strict"]["estimates"]])
    });
    assert_eq!(scores[0], scores[1]);
    assert_eq!(scores[0], scores[2]);
}

#[test]
fn doubtful_answers_go_to_the_model_and_never_twice() {
    let root = folder();
    let root = root.path();
    let doubtful = "Perhaps yes, perhaps no. Let us call it a draw.";
    let answers = ["yes", doubtful, "", doubtful, "It is hard to tell yes from no here."];
    write_answers(root, "m", "reasoning", "AVQA", &answers);
    let served = refiner(root, r#"{"contains": "a draw", "answer": "**not sure**"}"#, &[]);
    let line = format!("--base-url {}", served.base_url);

    let planned = refine(root, &format!("--dry-run {line}")).expect(0);
    assert!(planned.stdout.contains("nothing was sent"), "{}", planned.stdout);
    assert!(!root.join("user_outputs_refined").exists());

    let ended = refine(root, &line).expect(0);
    let expected = ["**yes**", "**not sure**", "", "**not sure**", "i dont know"];
    assert_eq!(refined(root, "m", "AVQA")[..5], expected.map(|text| Some(text.to_owned())));
    assert_eq!(requests(root, "m"), 2, "one of two equal texts is sent");
    let counted = ways(root, "m", "AVQA");
    assert_eq!((counted["rule"], counted["llm"], counted["empty"]), (1, 3, 1), "{counted:?}");
    assert!(ended.stderr.contains("rules read 1 of 4 answers"), "{}", ended.stderr);
    assert!(ended.stderr.contains("about $"), "{}", ended.stderr);

    // Nothing is left to do, and another label with the same answers needs no request either.
    let before = contents(&root.join("user_outputs_refined/m/tasks"));
    refine(root, &line).expect(0);
    assert_eq!(requests(root, "m"), 0);
    write_answers(root, "n", "reasoning", "AVQA", &answers);
    refine(root, &format!("{line} --models n")).expect(0);
    assert_eq!(requests(root, "n"), 0);
    assert_eq!(refined(root, "n", "AVQA"), refined(root, "m", "AVQA"));

    // Another way of formatting overrules, and back again costs nothing.
    let before_that = contents(&root.join("user_outputs_refined/m"));
    let refused = refine(root, "--refine rules --models m").expect(1).stderr;
    assert!(
        refused.contains("mode was hybrid, now rules") && refused.contains("--force"),
        "{refused}"
    );
    let other = refine(root, &format!("{line} --models m --refine-model other")).expect(1).stderr;
    assert!(other.contains("model was gemini-2.5-flash, now other"), "{other}");
    assert_eq!(contents(&root.join("user_outputs_refined/m")), before_that);
    refine(root, "--refine rules --models m --force").expect(0);
    assert_eq!(refined(root, "m", "AVQA")[1].as_deref(), Some(doubtful));
    refine(root, &format!("{line} --models m --force")).expect(0);
    assert_eq!(
        (requests(root, "m"), contents(&root.join("user_outputs_refined/m/tasks"))),
        (0, before)
    );

    // A changed answer is formatted anew; one that is gone leaves no trace.
    write_answers(root, "m", "reasoning", "AVQA", &["no", doubtful]);
    refine(root, &format!("{line} --models m")).expect(0);
    let now = refined(root, "m", "AVQA");
    assert_eq!(now[0].as_deref(), Some("**no**"));
    assert_eq!(now[1].as_deref(), Some("**not sure**"));
    assert!(now[2..].iter().all(Option::is_none), "{now:?}");
}

#[test]
fn without_an_endpoint_doubtful_answers_are_an_error_that_says_what_to_do() {
    let root = folder();
    let root = root.path();
    write_answers(root, "m", "reasoning", "AVQA", &["yes", "Perhaps yes, perhaps no."]);
    let ended = refine(root, "").expect(1);
    assert!(ended.stderr.contains("1 of 2 answers need a language model"), "{}", ended.stderr);
    assert!(ended.stderr.contains("--refine rules"), "{}", ended.stderr);
    assert!(!root.join("user_outputs_refined").exists());
    // Where rules read everything, nobody is missed.
    write_answers(root, "m", "reasoning", "AVQA", &["yes", "No."]);
    refine(root, "").expect(0);
    assert_eq!(refined(root, "m", "AVQA")[1].as_deref(), Some("**no**"));
}

#[test]
fn a_failing_refiner_loses_nothing() {
    let root = folder();
    let root = root.path();
    let answers = ["Either yes or no, says A.", "Either yes or no, says B.", "yes"];
    write_answers(root, "m", "reasoning", "AVQA", &answers);
    let script = r#"{"contains": "says", "answer": "**no**"}"#;
    let failing = refiner(root, script, &["status status=500 contains=B."]);
    let line = format!("--base-url {} --tries 2", failing.base_url);
    let ended = refine(root, &line).expect(2);
    assert!(ended.stderr.contains("AVQA 1"), "{}", ended.stderr);
    assert_eq!(refined(root, "m", "AVQA")[1], None, "a failure is no answer");
    drop(failing);
    let mended = refiner(root, script, &[]);
    refine(root, &format!("--base-url {}", mended.base_url)).expect(0);
    assert_eq!(requests(root, "m"), 1, "only what failed is asked again");
    assert_eq!(refined(root, "m", "AVQA")[1].as_deref(), Some("**no**"));
}

#[test]
fn repeats_measure_the_refiner_and_leave_answers_alone() {
    let root = folder();
    let root = root.path();
    let answers = ["Either yes or no, says A.", "Either yes or no, says B.", "yes"];
    write_answers(root, "m", "reasoning", "AVQA", &answers);
    let served = refiner(root, r#"{"contains": "says", "answer": "**no**"}"#, &[]);
    let line = format!("--base-url {} --judge-repeat 3", served.base_url);
    let ended = refine(root, &line).expect(0);
    insta::assert_snapshot!("refine_judge_repeat", ended.stdout);
    let label = root.join("user_outputs_refined/m");
    assert!(!label.join("tasks").exists());
    let again = refine(root, &line).expect(0);
    assert_eq!(again.stdout, ended.stdout, "replies that are there are not asked for again");
    assert_eq!(read(&label.join("repeats/3/run.json"))["sessions"][1]["requests"], 0);
}

#[test]
fn answers_to_other_questions_are_noticed() {
    let root = folder();
    let root = root.path();
    write_answers(root, "m", "reasoning", "AVQA", &["yes", "no"]);
    let path = root.join("user_outputs/m/tasks/AVQA.json");
    let mut slots = read(&path);
    slots[1]["id"] = json!("elsewhere");
    slots[0]["predict"] = json!(7);
    std::fs::write(&path, slots.to_string()).unwrap();
    let ended = refine(root, "").expect(2);
    assert!(ended.stderr.contains("1 answer has another id than data.json"), "{}", ended.stderr);
    assert!(ended.stderr.contains("1 answers are no text, the first at 0"), "{}", ended.stderr);
    assert_eq!(refined(root, "m", "AVQA")[..2], [None, Some("**no**".to_owned())]);
}

#[test]
fn a_refiner_that_says_nothing_is_no_success() {
    let root = folder();
    let root = root.path();
    write_answers(root, "m", "reasoning", "AVQA", &["yes", "Either yes or no.", "no"]);
    let silent = refiner(root, r#"{"contains": "Either", "answer": " "}"#, &[]);
    let ended = refine(root, &format!("--base-url {}", silent.base_url)).expect(2);
    assert!(ended.stderr.contains("gave no text for 1 answers"), "{}", ended.stderr);
    let data = smoke_set();
    run(root, &format!("score --data-root {} --resamples 50", data.display())).expect(0);
    let report = read(&root.join("eval_outputs/m.report.json"));
    let ways = &report["formatting"]["folders"][0];
    assert_eq!((ways["by_rule"].as_u64(), ways["not_formatted"].as_u64()), (Some(2), Some(1)));
}

/// A refiner that is asked what `codes` stand for says so; anything else it rewrites to `**no**`.
fn reader(codes: &[(&str, &str)]) -> String {
    let line = |(code, value): &(&str, &str)| {
        let answer = format!("So be it.\n{{\"value\": {}}}", json!(value));
        json!({"regex": format!("(?s)^Somebody was asked.*{code}"), "answer": answer}).to_string()
    };
    let mut lines: Vec<String> = codes.iter().map(line).collect();
    lines.push(json!({"contains": "rewrite", "answer": "**no**"}).to_string());
    lines.join("\n")
}

/// The last reading of each position of a folder.
fn readings(root: &Path, label: &str, task: &str) -> BTreeMap<u64, Value> {
    let path = root.join(format!("user_outputs_refined/{label}/journal/{task}.jsonl"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = lines.filter(|line| line["reading"].is_object());
    told.map(|line| (line["position"].as_u64().unwrap(), line["reading"].clone())).collect()
}

#[test]
fn a_model_that_reads_perfectly_leaves_no_strict_errors() {
    let root = folder();
    let root = root.path();
    let data = smoke_set();
    let folders = [("perception", "AVM"), ("reasoning", "AVH"), ("reasoning", "AVQA")];
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for (stage, task) in folders {
        let samples = read(&data.join(format!("levels/{stage}/{task}/data.json")));
        let labels: Vec<&str> = samples
            .as_array()
            .unwrap()
            .iter()
            .map(|sample| sample["output"]["question_answer"].as_str().unwrap())
            .collect();
        let code = |label: &&str| format!("K{}K", label.replace(' ', "-"));
        codes.extend(labels.iter().map(|label| (code(label), (*label).to_owned())));
        let answers: Vec<String> =
            labels.iter().map(|l| format!("Let me put it in code: {}.", code(l))).collect();
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        write_answers(root, "m", stage, task, &answers);
    }
    let codes: Vec<(&str, &str)> =
        codes.iter().map(|(code, label)| (code.as_str(), label.as_str())).collect();
    let served = refiner(root, &reader(&codes), &[]);
    let line = format!("--base-url {}", served.base_url);
    let planned = refine(root, &format!("--dry-run {line}")).expect(0);
    assert!(planned.stderr.contains("requests ask what answers say"), "{}", planned.stderr);
    let ended = refine(root, &line).expect(0);
    assert!(ended.stderr.contains("and 0 are unread"), "{}", ended.stderr);
    let passed = refined(root, "m", "AVM");
    assert!(passed[0].as_deref().unwrap().starts_with("Let me put it"), "{passed:?}");
    run(root, &format!("score --data-root {}", data.display())).expect(0);
    let report = read(&root.join("eval_outputs/m.report.json"));
    for task in report["strict"]["estimates"]["tasks"].as_array().unwrap() {
        assert_eq!(task["headline"]["value"], 1.0, "{task}");
    }
    for folder in report["reading"]["folders"].as_array().unwrap() {
        assert!(folder["by_model"].as_u64().unwrap() > 0, "{folder}");
        assert_eq!((&folder["by_rules"], &folder["unread"]), (&json!(0), &json!({})));
    }
    // Nothing is left to ask, and nothing more to write.
    let before = contents(&root.join("user_outputs_refined/m/journal"));
    refine(root, &line).expect(0);
    assert_eq!(contents(&root.join("user_outputs_refined/m/journal")), before);
    // Another answer is another reading, and rules read it.
    write_answers(root, "m", "perception", "AVM", &["Yes."]);
    let scored = run(root, &format!("score --data-root {}", data.display())).expect(0);
    assert!(scored.stderr.contains("AVM: 1 answers of the run are no longer"), "{}", scored.stderr);
}

#[test]
fn readings_go_on_where_they_stopped_and_cost_no_format() {
    let root = folder();
    let root = root.path();
    let answers = ["Let me put it in code: KA.", "Let me put it in code: KB.", "Yes."];
    write_answers(root, "m", "perception", "AVM", &answers);
    let script = reader(&[("KA", "yes"), ("KB", "no")]);
    let failing = refiner(root, &script, &["status status=500 contains=KB"]);
    let ended = refine(root, &format!("--base-url {} --tries 2", failing.base_url)).expect(2);
    assert!(ended.stderr.contains("has not read every answer"), "{}", ended.stderr);
    drop(failing);
    let expected = answers.map(|answer| Some(answer.to_owned()));
    assert_eq!(refined(root, "m", "AVM")[..3], expected, "formats need no reading");
    let told = readings(root, "m", "AVM");
    assert_eq!((&told[&0]["value"], &told[&0]["by"]), (&json!("yes"), &json!("model")));
    assert_eq!((&told[&1]["unread"], &told[&1]["by"]), (&json!("nothing_found"), &json!("rules")));
    assert_eq!((&told[&2]["value"], &told[&2]["by"]), (&json!("yes"), &json!("rules")));
    let mended = refiner(root, &script, &[]);
    refine(root, &format!("--base-url {}", mended.base_url)).expect(0);
    let manifest = read(&root.join("user_outputs_refined/m/readings/run.json"));
    let sessions = manifest["sessions"].as_array().unwrap();
    assert_eq!(sessions.last().unwrap()["requests"], 1, "only what failed is asked again");
    assert_eq!(readings(root, "m", "AVM")[&1]["value"], json!("no"));
    // Without an endpoint, formats that rules make are made, and readings stay in doubt.
    write_answers(root, "n", "perception", "AVM", &["Let me put it in code: KC."]);
    let alone = refine(root, "--models n").expect(0);
    assert!(alone.stderr.contains("no endpoint is named"), "{}", alone.stderr);
}

#[test]
fn explain_shows_what_both_modes_read() {
    let root = folder();
    let root = root.path();
    let mut command = avibench(root);
    command.args(["refine", "explain", "--task", "AVH", "--options", "avh_options_list"]);
    let ended = Ended::from(command.arg("No, there is none.").output().unwrap());
    let told = ended.expect(0).stdout;
    assert!(told.contains("strict reads option no"), "{told}");
    assert!(told.contains("from bytes"), "{told}");
    write_answers(root, "m", "perception", "AVM", &["Yes.", "Let me put it in code."]);
    let file = root.join("user_outputs/m/tasks/AVM.json");
    let line = format!(
        "refine explain --task AVM --predictions {} --data-root {}",
        file.display(),
        smoke_set().display()
    );
    let told = run(root, &line).expect(0).stdout;
    assert!(told.contains("1 of 2 answers are in doubt"), "{told}");
    assert!(told.contains("Let me put it in code."), "{told}");
}

#[test]
fn thinking_of_a_refiner_is_no_part_of_what_it_formats() {
    let root = folder();
    let root = root.path();
    write_answers(root, "m", "reasoning", "AVQA", &["A handful of them, I would say"]);
    let script = r#"{"answer": "<think>A handful is 5, or 4.</think>\n\n**3**"}"#;
    let served = refiner(root, script, &[]);
    refine(root, &format!("--refine llm --base-url {}", served.base_url)).expect(0);
    assert_eq!(refined(root, "m", "AVQA")[0].as_deref(), Some("**3**"));
    let journal = root.join("user_outputs_refined/m/journal/AVQA.jsonl");
    let mut entry: Value =
        serde_json::from_str(std::fs::read_to_string(&journal).unwrap().lines().next().unwrap())
            .unwrap();
    assert_eq!(entry["reasoning"], "A handful is 5, or 4.");

    // Earlier versions left the thinking in the reply, which other labels use again.
    entry["answer"] =
        format!("<think>{}</think>**3**", entry["reasoning"].as_str().unwrap()).into();
    entry.as_object_mut().unwrap().remove("reasoning");
    std::fs::write(&journal, format!("{entry}\n")).unwrap();
    write_answers(root, "other", "reasoning", "AVQA", &["A handful of them, I would say"]);
    drop(served);
    refine(root, "--refine llm --models other --base-url http://127.0.0.1:9/v1").expect(0);
    assert_eq!(refined(root, "other", "AVQA")[0].as_deref(), Some("**3**"));
}

#[test]
fn labels_that_are_formatted_otherwise_do_not_stop_the_rest() {
    let root = folder();
    for label in ["a", "b"] {
        write_answers(root.path(), label, "perception", "AVM", &["yes", "no"]);
    }
    let data = smoke_set();
    let data = data.display();
    run(root.path(), &format!("refine --models a --refine rules --data-root {data}")).expect(0);
    let scored = run(root.path(), &format!("score --data-root {data}")).expect(0).stderr;
    assert!(scored.contains("avibench refine --models b"), "{scored}");
    let all = run(root.path(), &format!("refine --data-root {data}")).expect(0).stderr;
    assert!(all.contains("`a` is left as it is") && all.contains("--models"), "{all}");
    assert!(root.path().join("user_outputs_refined/b/tasks/AVM.json").exists());
    let named = run(root.path(), &format!("refine --models a --data-root {data}")).expect(1);
    assert!(named.stderr.contains("--force"), "{}", named.stderr);
}
