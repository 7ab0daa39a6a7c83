//! What became of each question: one outcome a sample, and the same one wherever it is counted.

use std::path::Path;

use serde_json::{Value, json};

use crate::canned::{Canned, completion};
use crate::program::{Ended, contents, folder, run, smoke_set};

/// Asks a server that is concurrent with nobody, so that replies come in the order of positions.
fn ask(root: &Path, server: &Canned, more: &str) -> Ended {
    let line = format!(
        "run --base-url {} --model-path m --model-label m --concurrency 1 --data-root {} {more}",
        server.base_url,
        smoke_set().display()
    );
    run(root, &line)
}

fn refine_and_score(root: &Path, more: &str) -> Ended {
    let data = smoke_set();
    run(root, &format!("refine --refine rules --data-root {}", data.display())).expect(0);
    run(root, &format!("score --data-root {} {more}", data.display())).expect(0)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The counts of an object by the names of outcomes, in their order.
fn counts(of: &Value) -> Vec<Value> {
    const NAMES: [&str; 7] =
        ["answered", "empty", "cut_off", "refused", "failed", "rejected", "not_attempted"];
    NAMES.iter().map(|name| of[name].clone()).collect()
}

/// A row of a table below a title, by its name.
fn row<'a>(printed: &'a str, title: &str, name: &str) -> Vec<&'a str> {
    let below = printed.split_once(title).map_or("", |(_, below)| below);
    let line = below.lines().find(|line| line.split_whitespace().next() == Some(name));
    assert!(line.is_some(), "no {name} below `{title}` in\n{printed}");
    line.unwrap_or_default().split_whitespace().collect()
}

#[test]
fn every_outcome_is_counted_once_and_alike_everywhere() {
    let root = folder();
    let root = root.path();
    // Six samples: a whole answer, a beginning, nothing, nothing for want of tokens, a refusal, and a
    // word of the server's own.
    let mut declined = completion(None, "stop");
    declined["choices"][0]["message"]["refusal"] = json!("I would rather not say");
    let server = Canned::start(vec![
        completion(Some("yes"), "stop"),
        completion(Some("yes, because the"), "length"),
        completion(Some(" \n"), "stop"),
        completion(None, "MAX_TOKENS"),
        declined,
        completion(Some("no"), "eos_of_ours"),
    ]);
    let asked =
        ask(root, &server, "--tasks AVM --log-json log.jsonl --param max_tokens=16").expect(0);
    let stderr = &asked.stderr;
    for said in [
        "1 answer was cut off by the limit of tokens (finish reason `length`), and counts as far as it \
         goes; raise the limit with `--param max_tokens=...`, more than the 16 that this run set",
        "1 answer is empty because the budget of tokens was used up before any text came",
        "1 reply ended with the finish reason `eos_of_ours`, which this program does not know",
    ] {
        assert!(stderr.contains(said), "no {said} in\n{stderr}");
    }
    let expected = ["2", "0", "2", "1", "1", "0", "0", "0"];
    assert_eq!(row(stderr, "Folder", "AVM")[2..], expected, "{stderr}");
    assert!(
        stderr.contains("2 empty, 1 cut off, 1 refused"),
        "the progress line says so: {stderr}"
    );

    let expected = [2, 2, 1, 1, 0, 0, 0].map(Value::from);
    let manifest = read(&root.join("user_outputs/m/run.json"));
    assert_eq!(counts(&manifest["folders"]["AVM"]), expected);
    let journal = lines(&root.join("user_outputs/m/journal/AVM.jsonl"));
    let outcomes: Vec<&Value> = journal.iter().map(|line| &line["outcome"]).collect();
    let named = ["answered", "cut_off", "empty", "empty", "refused", "answered"];
    assert_eq!(outcomes, named);
    assert_eq!(journal[1]["answer"], "yes, because the");
    let log = lines(&root.join("log.jsonl"));
    let finished: Vec<&Value> = log.iter().filter(|line| line["event"] == "finished").collect();
    assert_eq!(finished[1]["outcome"], "cut_off");
    assert_eq!(finished[1]["finish_reason"], "length");
    let ended = log.last().unwrap();
    assert_eq!(ended["summary"]["folders"]["AVM"]["cut_off"], 1);
    let predicted = read(&root.join("user_outputs/m/tasks/AVM.json"));
    let predicted: Vec<&Value> =
        predicted.as_array().unwrap().iter().map(|slot| &slot["predict"]).collect();
    assert_eq!(predicted, ["yes", "yes, because the", "", "", "", "no"]);

    let scored = refine_and_score(root, "");
    let expected_row = ["AVM", "6", "2", "2", "1", "1"];
    assert_eq!(row(&scored.stdout, "Coverage (", "AVM")[..6], expected_row, "{}", scored.stdout);
    assert_eq!(row(&scored.stdout, "Tasks of m", "AVM").last(), Some(&"2/6"));
    for said in [
        "Of the empty answers, 1 had used up the budget of tokens",
        "Refused: by the server's word.",
        "Answered with a finish reason that is not known: `eos_of_ours` (1).",
    ] {
        assert!(scored.stdout.contains(said), "no {said} in\n{}", scored.stdout);
    }
    assert!(scored.stdout.lines().all(|line| line.chars().count() <= 80), "{}", scored.stdout);
    let report = read(&root.join("eval_outputs/m.report.json"));
    let all = &report["outcomes"]["all"];
    assert_eq!(counts(all), expected);
    assert_eq!((&all["total"], &all["budget_spent"]), (&json!(6), &json!(1)));
    assert_eq!(all["unknown_finish_reasons"], json!({"eos_of_ours": 1}));
    assert_eq!(counts(&report["asking"]["outcomes"][0]), expected);
    let coverage = report["official"]["coverage"].as_array().unwrap();
    let coverage = coverage.iter().find(|task| task["key"] == "avm").unwrap();
    assert_eq!(counts(coverage)[..6], expected[..6]);
    assert_eq!(coverage["judged"], 6, "official scoring judges empty texts, too");
    let rows = lines(&root.join("eval_outputs/m.samples.jsonl"));
    let rows: Vec<&Value> =
        rows.iter().filter(|row| row["mode"] == "strict" && row["task"] == "AVM").collect();
    let outcomes: Vec<&Value> = rows.iter().map(|row| &row["ask_outcome"]).collect();
    assert_eq!(outcomes, named);
    assert_eq!(rows[3]["finish_reason"], "MAX_TOKENS");

    let listed = run(root, "labels list").expect(0).stdout;
    assert_eq!(row(&listed, "What became of", "m"), ["m", "6", "2", "2", "1", "1"], "{listed}");
    for folder in ["user_outputs", "user_outputs_refined"] {
        for (name, bytes) in contents(&root.join(folder).join("m")) {
            let path = root.join(folder).join("n").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let compare = format!("compare m n --data-root {}", smoke_set().display());
    let compared = run(root, &compare).expect(0).stdout;
    assert_eq!(
        row(&compared, "How asking ended", "m"),
        ["m", "6", "2", "2", "1", "1"],
        "{compared}"
    );
    let compared: Value =
        serde_json::from_str(&run(root, &format!("{compare} --json")).expect(0).stdout).unwrap();
    assert_eq!(counts(&compared["outcomes"][1]), expected);

    // What was cut off is not asked again; what said nothing is.
    let before = server.requests();
    let again = ask(root, &server, "--tasks AVM --param max_tokens=16");
    assert_eq!(server.requests() - before, 3, "{}", again.stderr);
    assert_eq!(row(&again.stderr, "Folder", "AVM")[3], "3", "reused: {}", again.stderr);
    assert!(again.stderr.contains("was cut off") || again.stderr.contains("were cut off"));
}

#[test]
fn runs_that_are_mostly_empty_or_cut_off_end_with_a_code() {
    for (content, said) in [
        (None, "6 answers are empty because the budget of tokens was used up before any text came"),
        (Some("The disc swells, so I"), "6 answers were cut off by the limit of tokens"),
    ] {
        let root = folder();
        let server = Canned::start(vec![completion(content, "length")]);
        let asked = ask(root.path(), &server, "--tasks AVM").expect(2);
        assert!(asked.stderr.contains(said), "{}", asked.stderr);
        assert!(
            asked.stderr.contains("--param max_tokens=...`, under another"),
            "{}",
            asked.stderr
        );
        let most = "more than half of what was asked is empty or cut off: 6 of 6 samples";
        assert!(asked.stderr.contains(most), "{}", asked.stderr);
        let scored = refine_and_score(root.path(), "");
        let column = if content.is_some() { "Cut" } else { "Empty" };
        assert!(scored.stdout.contains(column), "{}", scored.stdout);
        let expected = ["AVM", "6", "0", "6"];
        assert_eq!(
            row(&scored.stdout, "Coverage (", "AVM")[..expected.len()],
            expected,
            "{}",
            scored.stdout
        );
    }
    // Half is not most.
    let root = folder();
    let server =
        Canned::start(vec![completion(Some("yes"), "stop"), completion(Some("y"), "length")]);
    ask(root.path(), &server, "--tasks AVM").expect(0);
}

#[test]
fn what_an_interrupted_session_did_not_ask_again_keeps_its_outcome() {
    let root = folder();
    let server = Canned::start(vec![completion(Some(""), "stop")]);
    ask(root.path(), &server, "--tasks AVM").expect(2);
    // The second session may spend next to nothing, so that it asks next to nothing.
    let prices = "[[model]]\nname = \"m\"\ninput = 1.0\noutput = 1.0\n";
    std::fs::write(root.path().join("prices.toml"), prices).unwrap();
    let answers = Canned::start(vec![completion(Some("yes"), "stop")]);
    let stopped =
        ask(root.path(), &answers, "--tasks AVM --max-cost 0.0000001 --prices prices.toml");
    assert_ne!(stopped.code, Some(0), "{}", stopped.stderr);
    let manifest = read(&root.path().join("user_outputs/m/run.json"));
    let tally = counts(&manifest["folders"]["AVM"]);
    assert_eq!(tally[6], 0, "all were asked once: {tally:?}");
    let scored = refine_and_score(root.path(), "");
    let report = read(&root.path().join("eval_outputs/m.report.json"));
    assert_eq!(counts(&report["outcomes"]["all"]), tally, "{}", scored.stdout);
}

#[test]
fn what_no_journal_tells_is_no_number() {
    let root = folder();
    let root = root.path();
    let tasks = root.join("user_outputs/m/tasks");
    std::fs::create_dir_all(&tasks).unwrap();
    let slot = |predict: Value| json!({"task": "AVM", "predict": predict});
    let slots =
        json!([slot(json!("yes")), slot(json!("")), slot(Value::Null), null, slot(json!("no"))]);
    std::fs::write(tasks.join("AVM.json"), slots.to_string()).unwrap();
    let scored = refine_and_score(root, "");
    let expected = ["AVM", "6", "2", "1", "1", "2"];
    assert_eq!(
        row(&scored.stdout, "Coverage (", "AVM")[..expected.len()],
        expected,
        "{}",
        scored.stdout
    );
    assert!(scored.stdout.contains("No journal tells of 4 samples"), "{}", scored.stdout);
    let report = read(&root.join("eval_outputs/m.report.json"));
    let all = &report["outcomes"]["all"];
    let expected = [json!(2), json!(1), Value::Null, Value::Null, json!(1), Value::Null, json!(2)];
    assert_eq!(
        (counts(all), &all["total"], &all["unrecorded"]),
        (expected.into(), &json!(6), &json!(4))
    );
    assert!(report["asking"].is_null());
}

#[test]
fn journals_of_earlier_versions_are_read_as_what_they_mean() {
    let root = folder();
    let root = root.path();
    let server = Canned::start(vec![completion(Some("yes, because the"), "length")]);
    ask(root, &server, "--tasks AVM").expect(2);
    let path = root.join("user_outputs/m/journal/AVM.jsonl");
    let journal = std::fs::read_to_string(&path).unwrap();
    let earlier = journal.replace("\"v\":2", "\"v\":1").replace("\"cut_off\"", "\"answered\"");
    assert_ne!(earlier, journal);
    std::fs::write(&path, earlier).unwrap();
    let manifest = root.join("user_outputs/m/run.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let without = text.replace("\"cut_off\": 6,", "").replace("\"answered\": 0", "\"answered\": 6");
    std::fs::write(&manifest, without).unwrap();
    let scored = refine_and_score(root, "");
    assert_eq!(row(&scored.stdout, "Coverage (", "AVM")[..4], ["AVM", "6", "0", "6"]);
    let report = read(&root.join("eval_outputs/m.report.json"));
    assert_eq!(report["asking"]["outcomes"][0]["cut_off"], 6);
    let again = ask(root, &server, "--tasks AVM").expect(2);
    assert!(again.stderr.contains("6 answers were cut off"), "{}", again.stderr);
    assert_eq!(server.requests(), 6, "nothing is asked again");
    assert_eq!(read(&manifest)["folders"]["AVM"]["cut_off"], 6);
}

#[test]
fn what_a_newer_version_wrote_stops_the_run_and_stays() {
    let root = folder();
    let root = root.path();
    let server = Canned::start(vec![completion(Some("yes"), "stop")]);
    ask(root, &server, "--tasks AVM").expect(0);
    let path = root.join("user_outputs/m/journal/AVM.jsonl");
    let journal = std::fs::read_to_string(&path).unwrap();
    for (old, new, what) in [
        ("\"v\":1", "\"v\":9", "journal version 9"),
        ("\"answered\"", "\"postponed\"", "outcome `postponed`"),
    ] {
        let lines: Vec<String> = journal
            .lines()
            .enumerate()
            .map(|(at, line)| if at == 3 { line.replace(old, new) } else { line.to_owned() })
            .collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        let before = contents(&root.join("user_outputs"));
        let refused = ask(root, &server, "--tasks AVM").expect(1);
        for said in ["AVM.jsonl, line 4", what, "a newer version wrote the line"] {
            assert!(refused.stderr.contains(said), "no {said} in {}", refused.stderr);
        }
        let after = contents(&root.join("user_outputs"));
        assert!(
            before.iter().all(|(name, bytes)| name.ends_with(".lock") || after[name] == *bytes)
        );
    }
    assert_eq!(server.requests(), 6);
}
