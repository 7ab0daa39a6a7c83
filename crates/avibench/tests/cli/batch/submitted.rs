//! An export and the service that it is with.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::channel;

use serde_json::{Value, json};

use super::{batch, export, journals};
use crate::program::{Ended, Served, avibench, begin, contents, folder, smoke_set};

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
