//! What becomes of results.

use serde_json::{Value, json};

use super::{
    REQUESTS, TASKS, asked_live, assert_same_files, batch, export, exported_with_results, journals,
    lines, write_lines,
};
use crate::program::{Served, contents, folder, run, smoke_set};

#[test]
fn batches_leave_the_files_of_a_run() {
    let root = folder();
    let root = root.path();
    asked_live(root);
    // Out of order, and one request in twenty fails at its first try; seed 3 hits at least one.
    let fault = "status status=500 probability=0.05 first_tries=1";
    let arguments = ["--model", "signal", "--shuffle-batches", "--seed", "3", "--fault", fault];
    let server = Served::start_with(&arguments);
    let url = &server.base_url;
    let exported = export(root, "").expect(0);
    assert!(exported.stderr.contains("exported 42 requests in 1 file"), "{}", exported.stderr);
    batch(root, &format!("submit batches/m/1 --base-url {url}")).expect(0);
    let refused = export(root, "").expect(1).stderr;
    assert!(refused.contains("batches/m/1 is submitted and not fetched"), "{refused}");
    let fetched = batch(root, &format!("fetch batches/m/1 --base-url {url} --wait 60s")).expect(2);
    assert!(fetched.stderr.contains("server error (5xx), such as: HTTP 500"), "{}", fetched.stderr);
    let results = lines(&root.join("batches/m/1/results-001-1.jsonl"));
    let index = lines(&root.join("batches/m/1/index.jsonl"));
    let order = |lines: &[Value]| lines.iter().map(|l| l["custom_id"].clone()).collect::<Vec<_>>();
    assert_ne!(order(&results), order(&index)[..results.len()], "results come in another order");
    let left = REQUESTS - results.len();
    assert!((1..REQUESTS / 2).contains(&left), "{left} requests failed");
    assert_eq!(journals(root, "m").len(), results.len(), "what may pass is no end of a sample");

    // The rest goes into the next export.
    let exported = export(root, "").expect(0).stderr;
    let said = format!("exported {left} request");
    assert!(exported.contains(&said) && exported.contains("batches/m/2"), "{exported}");
    batch(root, &format!("submit batches/m/2 --base-url {url}")).expect(0);
    batch(root, &format!("fetch batches/m/2 --base-url {url} --wait 60s")).expect(0);
    assert_same_files(root, "m");
    let cost = |label: &str| {
        let manifest =
            std::fs::read(root.join("user_outputs").join(label).join("run.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        manifest["spending"]["cost"].as_f64().unwrap()
    };
    let share = cost("m") / cost("live");
    assert!((share - 0.5).abs() < 1e-9, "a batch costs half: {share}");
    let nothing = export(root, "").expect(0).stderr;
    assert!(nothing.contains("no request is left to be exported"), "{nothing}");
    assert!(!root.join("batches/m/3").exists());

    // Fetching and importing once more changes nothing.
    let before = (contents(&root.join("user_outputs/m/journal")), journals(root, "m"));
    batch(root, &format!("fetch batches/m/1 --base-url {url}")).expect(0);
    let again =
        "import batches/m/1 batches/m/1/results-001-1.jsonl batches/m/1/results-001-2.jsonl";
    assert!(batch(root, again).expect(0).stderr.contains("imported 0 results"));
    assert_eq!((contents(&root.join("user_outputs/m/journal")), journals(root, "m")), before);
}

#[test]
fn results_of_anything_else_are_refused() {
    let root = folder();
    let root = root.path();
    let results = exported_with_results(root);
    let good = lines(&results);
    let id = good[2]["custom_id"].as_str().unwrap().to_owned();
    let with = |id: &str| {
        let mut lines = good.clone();
        lines[2]["custom_id"] = id.into();
        write_lines(&root.join("foreign.jsonl"), &lines);
        batch(root, "import batches/m/1 foreign.jsonl").expect(1).stderr
    };
    let (beginning, label) = id.rsplit_once('-').unwrap();
    let (place, hash) = beginning.rsplit_once('-').unwrap();
    let other_hash = format!("{place}-{}-{label}", hash.chars().rev().collect::<String>());
    for (id, said) in [
        ("request-3", "no name that an export of this program gave"),
        (&format!("{beginning}-0badc0de"), "belongs to another label than m"),
        (&other_hash, "answers another request about the sample than was exported"),
        (
            &format!("ASQA-{}", id.split_once('-').unwrap().1),
            "not among the requests of this export",
        ),
    ] {
        let refused = with(id);
        let place = "foreign.jsonl, line 3";
        assert!(refused.contains(place) && refused.contains(said), "no {said} in {refused}");
        assert!(refused.contains("nothing was imported"), "{refused}");
    }
    let requests = "import batches/m/1 batches/m/1/requests-001.jsonl";
    let refused = batch(root, requests).expect(1).stderr;
    assert!(refused.contains("requests-001.jsonl, line 1: it is a request"), "{refused}");
    for odd in ["/dev/zero", "batches"] {
        let refused =
            batch(root, &format!("import batches/m/1 results.jsonl {odd}")).expect(1).stderr;
        let said = format!("cannot read {odd}: it is ");
        assert!(
            refused.contains(&said) && refused.contains("name the files that came back"),
            "{refused}"
        );
    }
    let other = batch(root, "import batches/m/1 results.jsonl --format gemini").expect(1).stderr;
    assert!(other.contains("has the form of openai, and --format says gemini"), "{other}");
    assert!(!root.join("user_outputs/m").exists(), "nothing was written");

    // Neither do the same results go under an export of another label or model.
    for (line, said) in [
        ("--model-path gpt-4o --model-label n --out n", "belongs to another label than n"),
        ("--model-path other --model-label m --out other", "answers another request"),
    ] {
        batch(root, &format!("export {line} {TASKS}")).expect(0);
        let folder = line.rsplit_once(' ').unwrap().1;
        let refused = batch(root, &format!("import {folder} results.jsonl")).expect(1).stderr;
        assert!(refused.contains("results.jsonl, line 1") && refused.contains(said), "{refused}");
    }
    // Nor results under an export whose files were changed.
    let index = root.join("n/index.jsonl");
    std::fs::copy(root.join("batches/m/1/index.jsonl"), &index).unwrap();
    let refused = batch(root, "import n results.jsonl").expect(1).stderr;
    assert!(
        refused.contains("index.jsonl: the file is not the one that was exported"),
        "{refused}"
    );
    let data = folder();
    let moved = format!("import batches/m/1 results.jsonl --data-root {}", data.path().display());
    assert_eq!(run(root, &format!("batch {moved}")).code, Some(1));
}

#[test]
fn results_may_be_torn_repeated_and_in_any_order() {
    let root = folder();
    let root = root.path();
    let results = exported_with_results(root);
    asked_live(root);
    let mut shuffled = lines(&results);
    shuffled.reverse();
    shuffled.rotate_left(7);
    let mut text: Vec<String> = shuffled[..20].iter().map(|line| format!("{line}\r")).collect();
    let last = shuffled[20].to_string();
    text.extend([
        shuffled[3].to_string(),
        String::new(),
        "{\"custom_id\": nothing}".to_owned(),
        last[..last.len() / 2].to_owned(),
    ]);
    let text = text.join("\n");
    std::fs::write(root.join("first.jsonl"), text).unwrap();
    let first = batch(root, "import batches/m/1 first.jsonl").expect(2).stderr;
    for said in [
        "first.jsonl: the last line breaks off",
        "first.jsonl, line 23: it is no JSON object",
        "imported 20 results; 1 was there already",
        "22 of the 42 requests of batches/m/1 have no answer yet",
    ] {
        assert!(first.contains(said), "no {said} in {first}");
    }
    write_lines(&root.join("second.jsonl"), &shuffled[15..]);
    let second = batch(root, "import batches/m/1 second.jsonl first.jsonl second.jsonl").expect(0);
    assert!(second.stderr.contains("imported 22 results"), "{}", second.stderr);
    assert_same_files(root, "m");
}

#[test]
fn a_batch_that_expires_leaves_the_rest_to_a_run() {
    let root = folder();
    let root = root.path();
    asked_live(root);
    let server = Served::start("--model signal --stop-batches-after 30");
    let url = &server.base_url;
    export(root, "").expect(0);
    batch(root, &format!("submit batches/m/1 --base-url {url}")).expect(0);
    let fetched = batch(root, &format!("fetch batches/m/1 --base-url {url} --wait 60s")).expect(2);
    assert!(fetched.stdout.contains("expired, fetched"), "{}", fetched.stdout);
    assert!(
        fetched
            .stderr
            .contains("12 requests without an answer: timed out, such as: the batch ended"),
        "{}",
        fetched.stderr
    );
    let data = smoke_set();
    let rest = format!("run --base-url {url} --model-path gpt-4o --model-label m {TASKS}");
    let rest = run(root, &format!("{rest} --data-root {}", data.display())).expect(0).stderr;
    assert!(rest.contains("12 requests, 0 of them retries"), "{rest}");
    assert_same_files(root, "m");
}

/// The results of Gemini in the form of its documents: an answer after a thought, one that was cut off,
/// one withheld by a filter, a prompt that was blocked, a request turned down, and a server that failed.
fn gemini_results(keys: &[Value]) -> Vec<Value> {
    let usage = json!({"promptTokenCount": 300, "candidatesTokenCount": 4, "thoughtsTokenCount": 20,
        "totalTokenCount": 324});
    let answered = |parts: Value, reason: &str| {
        json!({"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason,
            "index": 0}], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash",
            "responseId": "abc"})
    };
    let thought = json!([{"text": "I listen.", "thought": true}, {"text": "yes"}]);
    vec![
        json!({"key": keys[0], "response": answered(thought, "STOP")}),
        json!({"key": keys[1], "response": answered(json!([{"text": "the"}]), "MAX_TOKENS")}),
        json!({"key": keys[2], "response": {"candidates": [{"finishReason": "SAFETY"}]}}),
        json!({"key": keys[3], "response": {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}}),
        json!({"key": keys[4], "error": {"code": 400, "message": "cannot decode the audio",
            "status": "INVALID_ARGUMENT"}}),
        json!({"key": keys[5], "error": {"code": 13, "message": "internal"}}),
    ]
}

#[test]
fn gemini_has_its_own_form() {
    let root = folder();
    let root = root.path();
    let line = "export --model-path gemini-2.5-flash --model-label g --format gemini --tasks AVM \
                --param temperature=0 --param max_tokens=16";
    batch(root, line).expect(0);
    let requests = lines(&root.join("batches/g/1/requests-001.jsonl"));
    let request = &requests[0]["request"];
    assert_eq!(request["generationConfig"], json!({"temperature": 0, "maxOutputTokens": 16}));
    let parts = request["contents"][0]["parts"].as_array().unwrap();
    let mimes: Vec<&str> =
        parts.iter().filter_map(|part| part["inline_data"]["mime_type"].as_str()).collect();
    assert!(!mimes.is_empty() && parts.last().unwrap()["text"].is_string(), "{mimes:?}");
    assert_eq!(request["system_instruction"]["parts"][0]["text"], "You are a helpful assistant.");
    assert!(request.get("model").is_none(), "the model stands outside the file");
    let length = std::fs::metadata(root.join("batches/g/1/requests-001.jsonl")).unwrap().len();
    let manifest = std::fs::read(root.join("batches/g/1/export.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["files"][0]["bytes"], length, "the length was known beforehand");
    let keys: Vec<Value> = requests.iter().map(|line| line["key"].clone()).collect();
    write_lines(&root.join("results.jsonl"), &gemini_results(&keys));
    let told = batch(root, "import batches/g/1 results.jsonl").expect(2).stderr;
    for said in [
        "1 request without an answer: server error (5xx), such as: HTTP 500: internal",
        "1 request turned down, such as: HTTP 400: cannot decode the audio",
        "imported 5 results",
    ] {
        assert!(told.contains(said), "no {said} in {told}");
    }
    let journal = journals(root, "g");
    let outcomes: Vec<&str> =
        journal.iter().map(|entry| entry["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["answered", "cut_off", "refused", "refused", "rejected"]);
    let first = &journal[0];
    assert_eq!((&first["answer"], &first["reasoning"]), (&json!("yes"), &json!("I listen.")));
    assert_eq!((&first["tokens_in"], &first["tokens_out"]), (&json!(300), &json!(24)));
    assert_eq!(first["tokens_reasoning"], 20);
    assert_eq!(
        (&first["model"], &first["finish_reason"]),
        (&json!("gemini-2.5-flash"), &json!("STOP"))
    );
    let by_hand =
        batch(root, "submit batches/g/1 --base-url http://127.0.0.1:9/v1").expect(1).stderr;
    assert!(by_hand.contains("uploaded with Google's own tools"), "{by_hand}");

    // The rest is what failed; the next results end it.
    batch(root, &format!("{line} --out rest")).expect(0);
    let rest = lines(&root.join("rest/requests-001.jsonl"));
    let left: Vec<&Value> = rest.iter().map(|line| &line["key"]).collect();
    assert_eq!(left, keys[2..].iter().collect::<Vec<_>>(), "all without a text");
}
