//! A run by way of batches: the same files as a run leaves, whatever becomes of the results on their way.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::program::{Ended, Served, avibench, begin, contents, folder, run, smoke_set};

const TASKS: &str = "--tasks AVM AVQA VAR VSQA_I";
/// Requests about these.
const REQUESTS: usize = 42;

/// Runs a `batch` subcommand on the smoke set.
fn batch(root: &Path, line: &str) -> Ended {
    let data = match line.split_whitespace().next() {
        Some("export" | "import" | "fetch") => format!("--data-root {}", smoke_set().display()),
        _ => String::new(),
    };
    run(root, &format!("batch {line} {data}"))
}

fn export(root: &Path, more: &str) -> Ended {
    batch(root, &format!("export --model-path gpt-4o --model-label m {TASKS} {more}"))
}

/// The answers of a run under the label `live`, asked one by one.
fn asked_live(root: &Path) {
    let server = Served::start("--model signal");
    let line = format!(
        "run --base-url {} --model-path gpt-4o --model-label live {TASKS} --data-root {}",
        server.base_url,
        smoke_set().display()
    );
    run(root, &line).expect(0);
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write_lines(path: &Path, lines: &[Value]) {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// A label's journals in the order of positions, without what depends on the moment and the price.
fn journals(root: &Path, label: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    for (name, _) in contents(&root.join("user_outputs").join(label).join("journal")) {
        let path = root.join("user_outputs").join(label).join("journal").join(name);
        for mut entry in lines(&path) {
            for field in ["time", "latency_ms", "cost"] {
                entry.as_object_mut().unwrap().remove(field);
            }
            entries.push(entry);
        }
    }
    entries.sort_by_key(|entry| (entry["folder"].to_string(), entry["position"].as_u64()));
    entries
}

#[track_caller]
fn assert_same_files(root: &Path, label: &str) {
    let tasks = |label: &str| contents(&root.join("user_outputs").join(label).join("tasks"));
    assert_eq!(tasks(label), tasks("live"), "prediction files are the same, byte for byte");
    assert_eq!(journals(root, label), journals(root, "live"));
    let counts = |label: &str| {
        let path = root.join("user_outputs").join(label).join("run.json");
        let mut counts =
            serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["folders"]
                .take();
        for folder in counts.as_object_mut().unwrap().values_mut() {
            folder["reused"] = Value::Null;
        }
        counts
    };
    assert_eq!(counts(label), counts("live"), "so are the counts in run.json");
}

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
fn requests_have_the_bytes_that_a_run_sends() {
    same_bytes("--profile openai --frames 2 --param temperature=0 --subset 0.5", "m", "live");
    same_bytes("--profile vllm --ablate mute --n-samples 2", "m@mute", "live@mute");
    same_bytes("--ablate text", "m@text", "live@text");
}

#[track_caller]
fn same_bytes(more: &str, label: &str, live: &str) {
    let root = folder();
    let root = root.path();
    let log = root.join("log.jsonl");
    let server = Served::start_with(&["--model", "chance", "--log", log.to_str().unwrap()]);
    let line = format!(
        "run --base-url {} --model-path gpt-4o --model-label live {TASKS} {more} --data-root {}",
        server.base_url,
        smoke_set().display()
    );
    run(root, &line).expect(0);
    let sent = lines(&log).into_iter().filter(|line| line["event"] == "asked");
    let sent: BTreeSet<String> =
        sent.map(|line| line["request"].as_str().unwrap().into()).collect();
    export(root, more).expect(0);
    let folder = root.join("batches").join(label).join("1");
    let written = std::fs::read_to_string(folder.join("requests-001.jsonl")).unwrap();
    let body = |line: &str| {
        let (_, body) = line.split_once(r#""body":"#).unwrap();
        hex::encode(Sha256::digest(body.strip_suffix('}').unwrap()))
    };
    let written: BTreeSet<String> = written.lines().map(body).collect();
    assert!(sent.len() >= 6 && sent == written, "{} and {}", sent.len(), written.len());
    let hashes = |lines: &[Value]| {
        lines.iter().map(|line| line["request"].to_string()).collect::<BTreeSet<_>>()
    };
    let index = lines(&folder.join("index.jsonl"));
    assert_eq!(hashes(&index), hashes(&journals(root, live)), "and the hashes of a journal");
}

#[test]
fn files_keep_to_the_limits_of_the_provider() {
    let root = folder();
    let root = root.path();
    export(root, "--max-requests 10 --out few").expect(0);
    export(root, "--max-mb 1 --out small").expect(0);
    let ids = |folder: &str| {
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(root.join(folder).join("export.json")).unwrap())
                .unwrap();
        let files = manifest["files"].as_array().unwrap().clone();
        let mut ids = Vec::new();
        for file in &files {
            let bytes =
                std::fs::read(root.join(folder).join(file["name"].as_str().unwrap())).unwrap();
            assert_eq!(file["bytes"], bytes.len());
            assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)));
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(file["requests"], text.lines().count());
            let id = |line| serde_json::from_str::<Value>(line).unwrap()["custom_id"].clone();
            ids.extend(text.lines().map(id));
        }
        let index = lines(&root.join(folder).join("index.jsonl"));
        let indexed: Vec<Value> = index.iter().map(|line| line["custom_id"].clone()).collect();
        assert_eq!(ids, indexed, "each request stands in one file, in order");
        assert!(ids.iter().all(|id| id.as_str().unwrap().len() <= 64));
        (files, ids)
    };
    let (few, all) = ids("few");
    let requests: Vec<u64> = few.iter().map(|file| file["requests"].as_u64().unwrap()).collect();
    assert_eq!(requests, [10, 10, 10, 10, 2]);
    let (small, same) = ids("small");
    assert_eq!(all, same);
    assert!(small.len() > 3 && small.iter().all(|file| file["bytes"].as_u64() <= Some(1_000_000)));
    let again = export(root, "--out few").expect(1).stderr;
    assert!(again.contains("few holds an export already; name another folder"), "{again}");
}

#[test]
fn what_no_batch_can_hold_is_said() {
    let root = folder();
    let root = root.path();
    for (more, said) in [
        ("--stream", "leave out --stream"),
        ("--backend signal", "runs on this machine and takes no batches"),
        (
            "--format gemini --param logit_bias=0",
            "`logit_bias` has no counterpart in a Gemini batch",
        ),
        ("--format csv", "there is no batch format `csv`; there are: openai, gemini"),
    ] {
        let refused = export(root, more).expect(1).stderr;
        assert!(refused.contains(said), "no {said} in {refused}");
    }
    assert!(!root.join("batches").exists(), "nothing is left of them");
}

/// An export, and the results that a server makes of it, as a file outside of it.
fn exported_with_results(root: &Path) -> PathBuf {
    let server = Served::start("--model signal");
    let url = &server.base_url;
    export(root, "").expect(0);
    batch(root, &format!("submit batches/m/1 --base-url {url}")).expect(0);
    let other = "--output-dir elsewhere --wait 60s";
    batch(root, &format!("fetch batches/m/1 --base-url {url} {other}")).expect(0);
    let results = root.join("results.jsonl");
    std::fs::copy(root.join("batches/m/1/results-001-1.jsonl"), &results).unwrap();
    results
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

/// A proxy that hands requests on, but keeps the answers to the first request of each of these
/// lines to itself, and reports that it has them.
fn holding(upstream: &str, hold: &[&str]) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let upstream = upstream.trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    let hold = Arc::new(Mutex::new(hold.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()));
    let (sender, held) = channel();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (upstream, hold, sender) = (upstream.clone(), Arc::clone(&hold), sender.clone());
            std::thread::spawn(move || {
                let mut client = client;
                let (first, answer) = exchange(&client, &upstream).unwrap();
                let kept = {
                    let mut hold = hold.lock().unwrap();
                    let at = hold.iter().position(|line| first.starts_with(line.as_str()));
                    at.map(|at| hold.remove(at)).is_some()
                };
                if kept {
                    sender.send(()).unwrap();
                    std::thread::park();
                }
                // A client that was killed reads no more.
                let _ = client.write_all(&answer);
            });
        }
    });
    (base_url, held)
}

/// Hands one request on; its first line and the whole answer.
fn exchange(client: &TcpStream, upstream: &str) -> std::io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length, mut line) = (String::new(), 0, String::new());
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        head += &std::mem::take(&mut line);
    }
    let mut server = TcpStream::connect(upstream)?;
    write!(server, "{head}connection: close\r\n\r\n")?;
    std::io::copy(&mut reader.by_ref().take(length), &mut server)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    // The client has to connect anew for its next request, as this thread ends with the answer.
    Ok((head.lines().next().unwrap_or_default().to_owned(), answer))
}

/// The names of what a server lists.
fn listed(base_url: &str, what: &str) -> Vec<Value> {
    let host = base_url.trim_start_matches("http://").trim_end_matches("/v1");
    let mut server = TcpStream::connect(host).unwrap();
    let head = format!("GET /v1/{what} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    server.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    let list: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    list["data"].as_array().unwrap().clone()
}

#[test]
fn a_submission_that_was_killed_submits_nothing_twice() {
    let root = folder();
    let root = root.path();
    let server = Served::start("--model signal");
    export(root, "--max-requests 30").expect(0);
    // Killed once the server has a file, and once it has made a batch, before either was noted.
    let lines = ["POST /v1/files", "POST /v1/batches", "POST /v1/files"];
    let (url, held) = holding(&server.base_url, &lines);
    let submit = format!("submit batches/m/1 --base-url {url}");
    let mut said = String::new();
    for _ in lines {
        let mut child = begin(root, &format!("batch {submit}"));
        held.recv().unwrap();
        child.kill().unwrap();
        let ended: Ended = child.wait_with_output().unwrap().into();
        said += &ended.stderr;
    }
    let last = batch(root, &submit).expect(0);
    said += &last.stderr;
    for words in
        ["was uploaded before the last command was interrupted", "was submitted before the last"]
    {
        assert!(said.contains(words), "no {words} in {said}");
    }
    let files = listed(&server.base_url, "files?purpose=batch");
    assert_eq!(files.len(), 2, "two files were exported, and each was uploaded once: {files:?}");
    assert_eq!(listed(&server.base_url, "batches").len(), 2);
    batch(root, &submit).expect(0);
    assert_eq!(listed(&server.base_url, "batches").len(), 2, "submitting again does nothing");
    batch(root, &format!("fetch batches/m/1 --base-url {url} --wait 60s")).expect(0);
    let elsewhere = format!("status batches/m/1 --base-url {}", server.base_url);
    let refused = batch(root, &elsewhere).expect(1).stderr;
    assert!(refused.contains("name the same service"), "{refused}");
}

#[test]
fn what_was_not_submitted_or_was_changed_is_said() {
    let root = folder();
    let root = root.path();
    let server = Served::start("--model signal");
    export(root, "").expect(0);
    let at = format!("batches/m/1 --base-url {}", server.base_url);
    let early = batch(root, &format!("fetch {at}")).expect(1).stderr;
    assert!(
        early.contains("has not been submitted; `avibench batch submit batches/m/1`"),
        "{early}"
    );
    let path = root.join("batches/m/1/requests-001.jsonl");
    let mut text = std::fs::read(&path).unwrap();
    text.truncate(text.len() - 1);
    std::fs::write(&path, text).unwrap();
    let changed = batch(root, &format!("submit {at}")).expect(1).stderr;
    assert!(changed.contains("the file is not the one that was exported"), "{changed}");
    assert!(listed(&server.base_url, "files").is_empty());
    let manifest = root.join("batches/m/1/export.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("requests-001.jsonl", "../../../secret")).unwrap();
    let refused = batch(root, &format!("submit {at}")).expect(1).stderr;
    assert!(refused.contains("is no name of a file of an export"), "{refused}");
}

#[test]
fn a_key_that_a_service_tells_gets_into_no_file() {
    const KEY: &str = "sk-batch-0123456789";
    let root = folder();
    let root = root.path();
    std::fs::write(root.join("script.jsonl"), json!({"answer": format!("yes, {KEY}")}).to_string())
        .unwrap();
    let script = root.join("script.jsonl");
    let server = Served::start_with(&["--script", script.to_str().unwrap()]);
    export(root, "").expect(0);
    let url = &server.base_url;
    let data = smoke_set();
    for line in [
        format!("submit batches/m/1 --base-url {url}"),
        format!("fetch batches/m/1 --base-url {url} --wait 60s --data-root {}", data.display()),
    ] {
        let mut command = avibench(root);
        command.env("OPENAI_API_KEY", KEY).arg("batch").args(line.split_whitespace());
        let ended: Ended = command.output().unwrap().into();
        let ended = ended.expect(0);
        assert!(!ended.stderr.contains(KEY) && !ended.stdout.contains(KEY), "{ended:?}");
    }
    std::fs::remove_file(script).unwrap();
    for (name, content) in contents(root) {
        let tells = content.windows(KEY.len()).any(|found| found == KEY.as_bytes());
        assert!(!tells, "{} tells the key", name.display());
    }
    assert_eq!(journals(root, "m")[0]["answer"], "yes, [key]");
}
