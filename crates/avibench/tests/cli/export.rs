//! Exports of real runs: what they hold, what public ones do not, and what they replace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::bundle::texts;
use crate::program::{Served, contents, folder, run, smoke_set, with_answers_of_signal};

const LABELS: [&str; 5] = ["ear", "trouble", "part", "early", "bare"];
const WHO: &str = "--developer lab --organization Lab --relationship first-party";

/// Labels that differ in what can go wrong, with their exports: everything answered, with captions by the stand-in; a
/// server that refuses, fails and cuts off; a random part; a run that ended early; and one without journals. Read only.
fn exported() -> &'static Path {
    static RUNS: OnceLock<TempDir> = OnceLock::new();
    let root = RUNS.get_or_init(|| {
        let root = folder();
        let data = smoke_set().display().to_string();
        let ran = |line: &str| run(root.path(), &format!("{line} --data-root {data}"));
        with_answers_of_signal(root.path());
        ran("run --backend chance --chance-seed 3 --model-label part --subset 0.5").expect(0);
        ran("run --backend signal --model-label bare --tasks sensation").expect(0);
        let troubles = [
            "--fault",
            "refusal probability=0.15",
            "--fault",
            "status status=422 probability=0.15",
            "--fault",
            "reply name=cut-off probability=0.15",
        ];
        let served = Served::start_with(&troubles);
        let asks = |server: &Served, label: &str| {
            let address = &server.base_url;
            ran(&format!(
                "run --base-url {address} --model-path /home/ann/omni-7b --model-label {label} --tries 1"
            ))
        };
        asks(&served, "trouble").expect(2);
        asks(&Served::start_with(&["--fault", "quota after=40"]), "early");
        ran("refine --refine rules");
        std::fs::remove_dir_all(root.path().join("user_outputs/bare")).unwrap();
        ran("score --captions stand-in");
        for label in LABELS {
            ran(&format!("export inspect {label}")).expect(0);
            ran(&format!("export inspect {label} --public")).expect(0);
            ran(&format!("export eee {label} {WHO}")).expect(0);
            ran(&format!("export eee {label} --public --model-id lab/m {WHO}")).expect(0);
            ran(&format!("export hf {label} --dataset lab/avi")).expect(0);
        }
        root
    });
    root.path()
}

/// The logs of a label by task.
fn logs(label: &str) -> BTreeMap<String, Value> {
    let files = contents(&exported().join(format!("eval_outputs/{label}")));
    let logs = files.into_iter().filter(|(path, _)| path.to_string_lossy().starts_with("20"));
    let logs = logs.map(|(path, content)| {
        let name = path.to_string_lossy().split('_').nth(1).unwrap().to_owned();
        (name, serde_json::from_slice(&content).unwrap())
    });
    logs.collect()
}

fn samples(log: &Value) -> &Vec<Value> {
    log["samples"].as_array().unwrap()
}

fn rows(label: &str) -> Vec<Value> {
    let path = exported().join(format!("eval_outputs/{label}.samples.jsonl"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The record of all numbers of a label, and those of its samples.
fn records(label: &str) -> (Value, Vec<Value>) {
    let files = contents(&exported().join(format!("eval_outputs/{label}/data")));
    let (mut record, mut lines) = (None, Vec::new());
    for (path, content) in files {
        if path.extension().is_some_and(|name| name == "json") {
            record = Some(serde_json::from_slice(&content).unwrap());
            continue;
        }
        let text = String::from_utf8(content).unwrap();
        lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
    }
    (record.unwrap(), lines)
}

fn draft(label: &str, file: &str) -> String {
    let path = format!("eval_outputs/{label}.hf/.eval_results/{file}.yaml");
    std::fs::read_to_string(exported().join(path)).unwrap()
}

/// Text without what differs between runs.
fn steady(text: &str) -> String {
    let mut text =
        text.replace(&smoke_set().canonicalize().unwrap().display().to_string(), "[data]");
    for (pattern, name) in [
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[time]"),
        (r#""\d{4}-\d\d-\d\d""#, "\"[date]\""),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
        (r#"([" ])[0-9a-f]{12,64}(\+changes)?""#, "${1}[hash]\""),
        (r#""time": [0-9.]+"#, "\"time\": \"[seconds]\""),
        (r#""latency_ms": [0-9.]+"#, "\"latency_ms\": \"[milliseconds]\""),
        (r"\b\d{10}\b", "[seconds]"),
        (r"\b0\.1\.0\b", "[version]"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

fn pretty(value: &Value) -> String {
    steady(&serde_json::to_string_pretty(value).unwrap())
}

#[test]
fn public_exports_hold_no_text_of_data_or_answers() {
    let mut of_data = BTreeSet::new();
    for (path, content) in contents(&smoke_set()) {
        if path.ends_with("data.json") {
            texts(&serde_json::from_slice(&content).unwrap(), &mut of_data);
        }
    }
    for label in LABELS {
        let mut secrets = of_data.clone();
        for row in rows(label) {
            for field in [
                "id",
                "cluster",
                "subtask",
                "question",
                "options",
                "truth",
                "raw_answer",
                "refined_answer",
                "read",
            ] {
                texts(&row[field], &mut secrets);
            }
        }
        // Shorter ones are parts of words; that no field holds them, the tests of the crate show with marked texts.
        secrets.retain(|text| text.trim().len() >= 8);
        assert!(secrets.len() > 300, "only {} texts to look for", secrets.len());
        secrets.extend(["/home/ann".to_owned(), "127.0.0.1".to_owned()]);
        for place in [exported(), smoke_set().as_path()] {
            secrets.insert(place.to_str().unwrap().to_owned());
        }
        // All of them at once, as they are and as they stand in JSON.
        let forms = secrets.iter().flat_map(|secret| {
            let as_json = serde_json::to_string(secret).unwrap();
            [regex::escape(secret), regex::escape(as_json.trim_matches('"'))]
        });
        let any = Regex::new(&forms.collect::<Vec<_>>().join("|")).unwrap();
        for form in ["inspect-public", "eee-public", "hf"] {
            let files = contents(&exported().join(format!("eval_outputs/{label}.{form}")));
            assert!(files.len() > 1, "{label}.{form}");
            for (path, content) in files {
                let held = String::from_utf8(content).unwrap();
                let secret = any.find(&held).map(|found| found.as_str());
                assert_eq!(secret, None, "{label}: {}", path.display());
            }
        }
    }
    // The hash of the rows is the key of the order, and must not stand beside it.
    let report = std::fs::read(exported().join("eval_outputs/ear.report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let key = report["samples"]["json_lines_sha256"].as_str().unwrap();
    for (path, content) in contents(&exported().join("eval_outputs/ear.inspect-public")) {
        assert!(!String::from_utf8(content).unwrap().contains(key), "{}", path.display());
    }
}

#[test]
fn a_log_says_what_was_asked_and_how_it_was_scored() {
    let mut log = logs("ear.inspect").remove("AVM").unwrap();
    let first = log["samples"][0].take();
    log["samples"] = Value::Null;
    insta::assert_snapshot!("inspect_log", pretty(&log));
    insta::assert_snapshot!("inspect_sample", pretty(&first));
    let mut public = logs("ear.inspect-public").remove("AVM").unwrap();
    let samples = public["samples"].take();
    assert_eq!(samples.as_array().unwrap().len(), 6);
    insta::assert_snapshot!("inspect_public_sample", pretty(&samples[0]));
}

#[test]
fn every_row_that_was_asked_is_a_sample_with_its_scores() {
    for label in LABELS {
        let logs = logs(&format!("{label}.inspect"));
        let mut seen = 0;
        for (task, log) in &logs {
            assert_eq!(log["version"], 2);
            for mode in ["official", "strict"] {
                let rows: Vec<Value> = rows(label)
                    .into_iter()
                    .filter(|row| row["task"] == *task && row["mode"] == mode)
                    .collect();
                let name = if task == "AVC" { format!("{mode} §") } else { mode.to_owned() };
                let mut with_score = 0;
                for sample in samples(log) {
                    let row = rows.iter().find(|row| {
                        row["folder"] == sample["metadata"]["folder"]
                            && row["position"] == sample["metadata"]["position"]
                    });
                    let row = row.unwrap();
                    let score = &sample["scores"][&name]["value"];
                    let expected =
                        if row["counted"] == true { &row["score"] } else { &Value::Null };
                    assert_eq!(score, expected, "{label} {mode} {}", sample["id"]);
                    with_score += usize::from(!score.is_null());
                }
                let mut results = log["results"]["scores"].as_array().unwrap().iter();
                let result = results.find(|score| score["name"] == *name).unwrap();
                assert_eq!(result["scored_samples"], with_score, "{label} {task} {mode}");
            }
            let ids: BTreeSet<&str> =
                samples(log).iter().map(|sample| sample["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), samples(log).len());
            seen += ids.len();
        }
        let asked = rows(label).iter().filter(|row| !row["ask_outcome"].is_null()).count() / 2;
        let unasked = rows(label)
            .iter()
            .filter(|row| row["ask_outcome"] == "not_attempted" && row["outcome"] == "not_asked")
            .count()
            / 2;
        assert_eq!(seen, asked - unasked, "{label}");
    }
}

#[test]
fn refusals_failures_and_cut_off_answers_stay_what_they_are() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for log in logs("trouble.inspect").values() {
        for sample in samples(log) {
            let asked = sample["metadata"]["asked"].as_str().unwrap();
            *kinds.entry(asked.to_owned()).or_default() += 1;
            let choice = &sample["output"]["choices"][0];
            match asked {
                "refused" => {
                    assert_eq!(choice["stop_reason"], "content_filter");
                    assert_eq!(choice["message"]["content"][0]["refusal"], true);
                    let said = choice["stop_details"]["explanation"].as_str().unwrap();
                    assert!(said.starts_with("refused: "), "{said}");
                }
                "cut_off" => assert_eq!(choice["stop_reason"], "max_tokens"),
                "rejected" => {
                    let said = sample["error"]["message"].as_str().unwrap();
                    assert!(said.starts_with("rejected: "), "{said}");
                    assert!(choice.is_null() && sample["output"]["error"] == said);
                }
                other => assert_eq!((other, &choice["stop_reason"]), ("answered", &"stop".into())),
            }
        }
    }
    for kind in ["refused", "cut_off", "rejected"] {
        assert!(kinds.get(kind).is_some_and(|count| *count > 3), "{kinds:?}");
    }
    let (_, lines) = records("trouble.eee");
    let begun = |word: &str| {
        let errors = lines.iter().filter_map(|line| line["error"].as_str());
        errors.filter(|error| error.starts_with(word)).count()
    };
    assert!(begun("refused") > 0 && begun("rejected") > 0 && begun("cut off") > 0);
}

#[test]
fn what_was_not_asked_is_no_sample_and_leaves_no_interval() {
    let logs = logs("early.inspect");
    let cancelled: Vec<&Value> = logs.values().filter(|log| log["status"] == "cancelled").collect();
    assert!(!cancelled.is_empty(), "the server's quota ended the run within a task");
    for log in cancelled {
        let results = &log["results"];
        let never = &log["eval"]["metadata"]["never_asked"];
        let asked = samples(log).len();
        assert_eq!(results["completed_samples"], asked);
        let not_asked = never["not_asked"].as_u64().unwrap() as usize;
        assert!(not_asked > 0 && results["total_samples"] == asked + not_asked);
        let metrics = &results["scores"][1]["metrics"];
        assert!(metrics["headline"]["value"].is_number() && metrics["low"].is_null(), "{metrics}");
        let tags = log["eval"]["tags"].to_string();
        assert!(tags.contains("unfinished"), "{tags}");
    }
    let (record, _) = records("early.eee");
    let results = record["evaluation_results"].as_array().unwrap();
    let without = results.iter().filter(|of| of["score_details"]["uncertainty"].is_null()).count();
    assert!(without > 0 && without < results.len());
    assert!(record.to_string().contains("The run is unfinished"));
    let draft = draft("early", "avi-bench");
    assert!(draft.contains("no interval; ") && draft.contains("unfinished; "), "{draft}");
    assert!(!draft.contains("null") && !draft.contains("NaN"), "{draft}");
}

#[test]
fn a_random_part_says_so_in_every_format() {
    let log = &logs("part.inspect")["AVM"];
    assert!(log["eval"]["tags"].to_string().contains("random part: 0.5"));
    assert!(log["eval"]["metadata"]["never_asked"]["not_planned"].as_u64().unwrap() > 0);
    let (record, _) = records("part.eee");
    assert!(record.to_string().contains("a share of 0.5 of the ids"));
    assert!(draft("part", "avi-bench-strict").contains("random part: 0.5; "));
}

#[test]
fn captions_by_the_stand_in_bear_their_mark_in_every_format() {
    let logs = logs("ear.inspect");
    assert_eq!(logs["AVC"]["eval"]["task"], "AVC §");
    assert_eq!(logs["AVM"]["eval"]["task"], "AVM");
    let score = &logs["AVC"]["results"]["scores"][0];
    assert_eq!(score["name"], "official §");
    assert!(score["metadata"]["caution"].as_str().unwrap().contains("stand-in for FENSE"));
    assert!(samples(&logs["AVC"])[0]["scores"]["official §"]["value"].is_number());
    let (record, lines) = records("ear.eee");
    let results = record["evaluation_results"].as_array().unwrap().iter();
    let marked: BTreeSet<&str> = results
        .filter(|of| of["evaluation_name"].as_str().unwrap().ends_with(" §"))
        .map(|of| of["evaluation_result_id"].as_str().unwrap())
        .collect();
    for id in ["official/avc", "strict/understand", "official/overall", "strict/l4"] {
        assert!(marked.contains(format!("{id}/stand-in").as_str()), "{id}: {marked:?}");
    }
    assert!(!marked.iter().any(|id| id.contains("perception")));
    let of_captions = lines.iter().filter(|line| line["metadata"]["folder"] == "AVC");
    assert!(of_captions.clone().count() > 0);
    assert!(
        of_captions
            .into_iter()
            .all(|line| line["evaluation_name"].as_str().unwrap().ends_with(" §"))
    );
    let draft = draft("ear", "avi-bench");
    assert_eq!(draft.matches("; § rests on captions").count(), 7, "{draft}");
}

#[test]
fn a_label_without_journals_is_exported_with_what_is_known() {
    let log = &logs("bare.inspect")["ASQA"];
    let created = log["eval"]["metadata"]["created_is"].as_str().unwrap();
    assert!(created.contains("the run noted no time"), "{created}");
    assert!(log["eval"]["tags"].to_string().contains("asking not recorded"));
    assert_eq!(log["stats"]["started_at"], "");
    assert_eq!(log["stats"]["model_usage"], serde_json::json!({}));
    let sample = &samples(log)[0];
    assert!(sample["completed_at"].is_null() && sample["output"]["usage"].is_null());
    assert!(sample["scores"]["strict"]["value"].is_number());
    let (record, _) = records("bare.eee");
    assert_eq!(record["evaluation_timestamp"], Value::Null);
}

#[test]
fn records_and_drafts_hold_the_numbers_of_the_report() {
    let (record, lines) = records("ear.eee");
    let mut shown = record.clone();
    let results = shown["evaluation_results"].as_array_mut().unwrap();
    results.retain(|result| {
        ["official/avm", "strict/avc/stand-in", "official/l1/stand-in"]
            .iter()
            .any(|id| result["evaluation_result_id"] == *id)
    });
    insta::assert_snapshot!("eee_record", pretty(&shown));
    insta::assert_snapshot!("eee_sample", pretty(&lines[0]));
    insta::assert_snapshot!("hub_draft", steady(&draft("ear", "avi-bench")));
    let report = std::fs::read(exported().join("eval_outputs/ear.report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    for mode in ["official", "strict"] {
        for task in report[mode]["estimates"]["tasks"].as_array().unwrap() {
            let id = format!("{mode}/{}", task["key"].as_str().unwrap());
            let results = record["evaluation_results"].as_array().unwrap();
            let result = results.iter().find(|result| {
                result["evaluation_result_id"].as_str().unwrap().trim_end_matches("/stand-in") == id
            });
            let details = &result.unwrap()["score_details"];
            assert_eq!(details["score"], task["headline"]["value"], "{id}");
            let ends = &details["uncertainty"]["confidence_interval"];
            assert_eq!(
                (&ends["lower"], &ends["upper"]),
                (&task["headline"]["low"], &task["headline"]["high"])
            );
        }
    }
    let (_, public) = records("ear.eee-public");
    assert_eq!(public, Vec::<Value>::new());
}

#[test]
fn media_stand_by_path_or_inlined_up_to_the_limit() {
    let video = |log: &Value| samples(log)[0]["messages"][1]["content"][0]["video"].clone();
    let by_path = video(&logs("ear.inspect")["AVM"]);
    let root = smoke_set().canonicalize().unwrap();
    assert!(by_path.as_str().unwrap().starts_with(root.to_str().unwrap()), "{by_path}");
    let to = folder();
    let export = |mib: u32, name: &str| {
        let out = to.path().join(name);
        let data = smoke_set();
        let line = format!(
            "export inspect ear --data-root {} --inline-media {mib} --output {}",
            data.display(),
            out.display()
        );
        let told = run(exported(), &line).expect(0).stderr;
        let all = contents(&out).into_values().map(|content| String::from_utf8(content).unwrap());
        (told, all.collect::<Vec<_>>().join("\n"))
    };
    let (told, some) = export(1, "some");
    assert!(told.contains("media in the logs: "), "{told}");
    let (_, all) = export(64, "all");
    let uris = Regex::new(r#""data:[a-z]+/[a-z0-9]+;base64,([^"]*)""#).unwrap();
    let bytes = |text: &str| -> usize {
        uris.captures_iter(text).map(|found| found[1].len() / 4 * 3).sum()
    };
    assert!(bytes(&some) > 500_000 && bytes(&some) <= (1 << 20) + 3 * 1_000, "{}", bytes(&some));
    assert!(bytes(&all) > bytes(&some) && some.contains(root.to_str().unwrap()));
    assert!(!all.contains(root.to_str().unwrap()), "every medium fits");
    let refused = run(exported(), "export inspect ear --public --inline-media 1").expect(1).stderr;
    assert!(refused.contains("--inline-media"), "{refused}");
}

#[test]
fn an_export_replaces_nothing_but_its_own_files() {
    let to = folder();
    let line = format!("export hf ear --dataset lab/avi --output {}", to.path().display());
    run(exported(), &line).expect(0);
    run(exported(), &line).expect(0);
    let path = to.path().join(".eval_results/avi-bench.yaml");
    std::fs::write(&path, "edited: true\n").unwrap();
    let told = run(exported(), &line).expect(1).stderr;
    assert!(told.contains("was changed after an export wrote it"), "{told}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "edited: true\n");
    let other = format!("export inspect ear --output {}", to.path().display());
    let told = run(exported(), &other).expect(1).stderr;
    assert!(told.contains("hf of ear") && told.contains("--output"), "{told}");
    let foreign = folder();
    std::fs::create_dir(foreign.path().join(".eval_results")).unwrap();
    std::fs::write(foreign.path().join(".eval_results/avi-bench.yaml"), "theirs").unwrap();
    let line = format!("export hf ear --dataset lab/avi --output {}", foreign.path().display());
    let told = run(exported(), &line).expect(1).stderr;
    assert!(told.contains("no export wrote it"), "{told}");
    assert_eq!(contents(foreign.path()).len(), 1);
}

#[test]
fn what_a_run_cannot_know_is_asked_for() {
    let said = |line: &str| run(exported(), line).expect(1).stderr;
    let told = said("export eee ear");
    assert!(told.contains("--organization 'My Lab'") && told.contains("--relationship"), "{told}");
    let told = said("export eee ear --organization Lab --relationship other");
    assert!(told.contains("--developer NAME"), "{told}");
    let told = said("export eee ear --organization Lab --relationship other --model-id ../x");
    assert!(told.contains("makes no folder name") && told.contains("--model-id"), "{told}");
    assert!(said("export hf ear").contains("--dataset ORG/NAME"));
    assert!(said("export hf ear --dataset avi").contains("is no data set of the Hub"));
    let told = said("export hf ear --dataset a/b --source-url http://x.org");
    assert!(told.contains("https://"), "{told}");
    let told = said("export inspect absent");
    assert!(told.contains("`absent` has no scores: ") && told.contains("; there are: "), "{told}");
}

#[test]
fn generated_samples_never_pass_for_the_benchmarks() {
    let to = folder();
    // No data set stands in this folder, and the rows of sensation name their stimuli.
    let line =
        format!("export eee bare {WHO} --public --model-id lab/m --output {}", to.path().display());
    run(exported(), &line).expect(0);
    let files = contents(to.path());
    let at = Path::new("data/avi-bench-generated-unknown-kind");
    assert!(files.keys().any(|path| path.starts_with(at)), "{:?}", files.keys());
    let text = files.into_values().map(|content| String::from_utf8(content).unwrap());
    let text: String = text.collect();
    assert!(text.contains("The samples were generated (unknown-kind)") && !text.contains("arxiv"));
}

#[test]
fn names_of_any_kind_and_slim_rows_are_exported_or_refused() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let ran = |line: &str| run(root.path(), &format!("{line} --data-root {data}"));
    let label = "it's-\u{e9}#&'$(x)`\u{202e}{}[]";
    ran(&format!("run --backend signal --model-label {label} --tasks AVM")).expect(0);
    ran("refine --refine rules").expect(0);
    ran("score --captions stand-in");
    let told = ran(&format!("export inspect {label}")).expect(0).stderr;
    assert!(told.contains(r"it'\''s"), "{told}");
    assert!(!told.contains('\u{202e}'), "{told}");
    ran(&format!("export hf {label} --dataset lab/avi")).expect(0);
    ran(&format!("export eee {label} {WHO}")).expect(0);
    let files = contents(&root.path().join(format!("eval_outputs/{label}.hf")));
    let draft = &files[Path::new(".eval_results/avi-bench.yaml")];
    let draft = String::from_utf8(draft.clone()).unwrap();
    assert!(draft.starts_with("# Draft") && !draft.contains('\u{202e}'), "{draft}");
    ran("score --captions stand-in --slim");
    let told = ran(&format!("export inspect {label}")).expect(1).stderr;
    assert!(told.contains("--slim") && told.contains("--public"), "{told}");
    ran(&format!("export inspect {label} --public")).expect(0);
}
