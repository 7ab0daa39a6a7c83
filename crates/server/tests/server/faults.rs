//! Every fault over real sockets: what a client gets, byte by byte where that matters.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::running::Running;
use avibench_server::{FaultPlan, Scripted, ServerOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server that repeats the question, with the faults in `words`.
fn echo(words: &[&str]) -> Running {
    let mut plan = FaultPlan::default();
    for fault in words {
        plan.add(fault).unwrap();
    }
    echo_with(plan)
}

fn echo_with(faults: FaultPlan) -> Running {
    let options = ServerOptions { faults, ..ServerOptions::default() };
    Running::start(Arc::new(Scripted::echo("echo")), options)
}

fn question(text: &str, stream: bool) -> Value {
    json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": text}]})
}

/// All bytes of one exchange, and how the connection ended.
struct Exchange {
    head: String,
    body: Vec<u8>,
    reads: Vec<usize>,
    end: io::Result<()>,
}

async fn exchange(server: &Running, request: &Value) -> Exchange {
    let address = server.base_url.trim_start_matches("http://").trim_end_matches("/v1");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = request.to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let (mut bytes, mut reads, mut buffer) = (Vec::new(), Vec::new(), vec![0; 65_536]);
    let end = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break Ok(()),
            Ok(length) => {
                bytes.extend_from_slice(&buffer[..length]);
                reads.push(length);
            }
            Err(error) => break Err(error),
        }
    };
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
    let body = bytes.split_off(split);
    Exchange { head: String::from_utf8(bytes).unwrap(), body, reads, end }
}

/// The content of a chunked body; none if it does not end as it should.
fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let line = body.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[..line]).ok()?, 16).ok()?;
        body = &body[line + 2..];
        if length == 0 {
            return (body == b"\r\n").then_some(content);
        }
        content.extend_from_slice(body.get(..length)?);
        body = body.get(length + 2..)?;
    }
}

/// What the deltas of an event stream add up to.
fn said(events: &str) -> String {
    let separator = if events.contains("\r\n") { "\r\n\r\n" } else { "\n\n" };
    events
        .split(separator)
        .filter_map(|event| serde_json::from_str::<Value>(event.strip_prefix("data: ")?).ok())
        .filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect()
}

const GREETING: &str = "Grüße, 日本! **yes**";

#[tokio::test]
async fn statuses_have_openai_errors() {
    for (status, kind) in [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "server_error"),
        (503, "server_error"),
        (599, "server_error"),
    ] {
        let server = echo(&[&format!("status status={status}")]);
        for _ in 0..3 {
            let (answer, document) = server.ask(&question("hi", false)).await;
            assert_eq!((answer, &document["error"]["type"]), (status, &json!(kind)));
            assert!(!document["error"]["message"].as_str().unwrap().is_empty());
        }
        let counts = server.counters.snapshot();
        assert_eq!(
            (counts.by_status[&status], counts.by_fault[&format!("status_{status}")]),
            (3, 3)
        );
    }
    let (status, document) = echo(&["quota"]).ask(&question("hi", true)).await;
    assert_eq!((status, &document["error"]["code"]), (429, &json!("insufficient_quota")));
}

#[tokio::test]
async fn retry_after_in_all_its_forms() {
    for (words, header) in [
        ("status status=429", None),
        ("status status=429 retry_after=2", Some("2")),
        ("status status=429 retry_after=86400", Some("86400")),
        ("status status=429 retry_after=soon", Some("soon")),
        ("status status=503 retry_after=-1", Some("-1")),
    ] {
        let response = echo(&[words]).post(question("hi", false).to_string()).await;
        let found = response.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(found, header, "{words}");
    }
    let server = echo(&["status status=429 retry_after=date+3600"]);
    let response = server.post(question("hi", false).to_string()).await;
    let date = httpdate::parse_http_date(response.headers()["retry-after"].to_str().unwrap());
    let wait = date.unwrap().duration_since(std::time::SystemTime::now()).unwrap().as_secs();
    assert!((3_590..=3_600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn first_tries_end_in_the_same_answer() {
    let server = echo(&[
        "status status=503 first_tries=1",
        "torn first_tries=2",
        "reset_before first_tries=3",
        "empty_choices first_tries=4",
    ]);
    for text in ["one", "two"] {
        let request = question(text, false);
        assert!(exchange(&server, &request).await.head.starts_with("HTTP/1.1 503"));
        let torn = exchange(&server, &request).await;
        assert!(torn.head.starts_with("HTTP/1.1 200") && torn.body.len() < 200);
        assert_eq!(exchange(&server, &request).await.head, "");
        assert_eq!(server.ask(&request).await.1["choices"], json!([]));
        let (status, document) = server.ask(&request).await;
        assert_eq!((status, &document["choices"][0]["message"]["content"]), (200, &json!(text)));
    }
    let counts = server.counters.snapshot();
    assert_eq!((counts.requests, counts.by_status[&503], counts.by_status[&200]), (10, 2, 6));
    assert_eq!((counts.by_fault["torn"], counts.by_fault["reset_before"]), (2, 2));
    let stats = crate::running::client()
        .get(server.base_url.replace("/v1", "/stats"))
        .send()
        .await
        .unwrap();
    let stats = serde_json::from_slice(&stats.bytes().await.unwrap()).unwrap();
    assert_eq!(counts, stats, "GET /stats says the same");
}

#[tokio::test]
async fn resets_are_resets() {
    let before = exchange(&echo(&["reset_before"]), &question("hi", false)).await;
    assert_eq!(before.end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!((before.head.len(), before.body.len()), (0, 0));
    for stream in [false, true] {
        let within = exchange(&echo(&["reset_within at=0.9"]), &question(GREETING, stream)).await;
        assert_eq!(within.end.unwrap_err().kind(), io::ErrorKind::ConnectionReset, "{stream}");
        // The reset may overtake bytes that the client has not read yet.
        assert!(unchunk(&within.body).is_none());
    }
}

#[tokio::test]
async fn torn_bodies_are_shorter_than_announced() {
    let whole = exchange(&echo(&[]), &question(GREETING, false)).await;
    for at in ["0", "0.3", "0.99"] {
        let torn = exchange(&echo(&[&format!("torn at={at}")]), &question(GREETING, false)).await;
        torn.end.unwrap();
        let announced = format!("content-length: {}\r\n", whole.body.len());
        assert!(torn.head.contains(&announced), "{}", torn.head);
        let share = torn.body.len() as f64 / whole.body.len() as f64;
        assert!((share - at.parse::<f64>().unwrap()).abs() < 0.01, "{share}");
    }
    let torn = exchange(&echo(&["torn"]), &question(GREETING, true)).await;
    torn.end.unwrap();
    assert!(torn.body.len() > 100 && unchunk(&torn.body).is_none());
    let error = echo(&["torn"]).post(question("hi", false).to_string()).await.bytes().await;
    let error = error.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "reqwest sees it too: {error:?}");
}

#[tokio::test]
async fn lying_bodies_come_with_status_200() {
    let body = async |words: &str, stream: bool| {
        let response = echo(&[words]).post(question(GREETING, stream).to_string()).await;
        assert_eq!(response.status(), 200, "{words}");
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, response.text().await.unwrap())
    };
    for stream in [false, true] {
        let (kind, text) = body("html", stream).await;
        assert!(kind == "text/html" && text.starts_with("<!doctype html>"));
        let (kind, text) = body("error_object", stream).await;
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(kind == "application/json" && document["error"]["message"].is_string());
    }
    let (kind, text) = body("truncated_json", false).await;
    assert_eq!(kind, "application/json");
    assert!(serde_json::from_str::<Value>(&text).unwrap_err().is_eof());
    let (_, text) = body("truncated_json at=0.7", true).await;
    assert!(!text.contains("[DONE]") && !text.ends_with('\n'));

    let (_, text) = body("wrong_types", false).await;
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["choices"][0]["message"]["content"], 42);
    assert_eq!(document["usage"], "plenty");
    let (_, text) = body("wrong_types", true).await;
    assert!(text.contains(r#""delta":{"content":42}"#) && text.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn answers_without_content() {
    for (words, message, finish) in [
        ("null_content", json!({"content": null, "refusal": null}), "stop"),
        ("empty_content", json!({"content": "", "refusal": null}), "stop"),
        ("content_filter", json!({"content": null, "refusal": null}), "content_filter"),
        (
            "refusal",
            json!({"content": null, "refusal": "I'm sorry, but I can't help with that."}),
            "stop",
        ),
    ] {
        let server = echo(&[words]);
        let (status, document) = server.ask(&question("hi", false)).await;
        let choice = &document["choices"][0];
        assert_eq!((status, &choice["finish_reason"]), (200, &json!(finish)), "{words}");
        assert_eq!(choice["message"]["content"], message["content"], "{words}");
        assert_eq!(choice["message"]["refusal"], message["refusal"], "{words}");

        let events = server.post(question("hi", true).to_string()).await.text().await.unwrap();
        assert_eq!(said(&events), "", "{words}");
        assert!(events.contains(&format!(r#""finish_reason":"{finish}""#)), "{words}");
        assert_eq!(events.contains(r#""refusal":" can""#), words == "refusal", "{events}");
    }
    let server = echo(&["empty_choices"]);
    assert_eq!(server.ask(&question("hi", false)).await.1["choices"], json!([]));
    let events = server.post(question("hi", true).to_string()).await.text().await.unwrap();
    assert!(events.contains(r#""choices":[]"#) && !events.contains("delta"));
}

#[tokio::test]
async fn odd_event_streams_say_the_same() {
    let faults = ["sse_pieces bytes=5", "sse_comments", "sse_crlf"];
    for words in [&faults[..1], &faults[1..2], &faults[2..], &faults] {
        let odd = exchange(&echo(words), &question(GREETING, true)).await;
        odd.end.unwrap();
        let events = String::from_utf8(unchunk(&odd.body).unwrap()).unwrap();
        assert_eq!(said(&events), GREETING, "{words:?}");
        assert_eq!(events.contains("\r\n"), words.contains(&"sse_crlf"));
        assert_eq!(events.contains(": still here"), words.contains(&"sse_comments"));
        assert!(events.trim_end().ends_with("data: [DONE]"));
        if words.contains(&faults[0]) {
            assert!(odd.body.windows(3).any(|window| window == b"1\r\n"), "pieces of one byte");
            let mut split_inside = false;
            let pieces = odd.body.split(|&byte| byte == b'\n');
            pieces.for_each(|piece| split_inside |= std::str::from_utf8(piece).is_err());
            assert!(split_inside, "pieces end inside characters");
        }
    }
    let whole = echo(&faults).ask(&question(GREETING, false)).await;
    assert_eq!(whole.1["choices"][0]["message"]["content"], GREETING, "only streams are struck");
}

#[tokio::test]
async fn event_streams_that_end_badly() {
    let events = async |words: &str| {
        let body = exchange(&echo(&[words]), &question(GREETING, true)).await.body;
        String::from_utf8(unchunk(&body).unwrap()).unwrap()
    };
    let no_done = events("sse_no_done").await;
    assert_eq!(said(&no_done), GREETING);
    assert!(!no_done.contains("[DONE]"));
    let error = events("sse_error").await;
    let part = said(&error);
    assert!(!part.is_empty() && GREETING.starts_with(&part) && part != GREETING);
    assert!(error.trim_end().rsplit("\n\n").next().unwrap().starts_with(r#"data: {"error""#));
}

#[tokio::test]
async fn slow_bodies_trickle() {
    let server = echo(&["slow_body bytes=50 ms=10"]);
    for stream in [false, true] {
        let begin = Instant::now();
        let slow = exchange(&server, &question("hi", stream)).await;
        slow.end.unwrap();
        let pieces = if stream { unchunk(&slow.body).unwrap().len() } else { slow.body.len() } / 50;
        assert!(slow.reads.len() >= pieces, "{} reads", slow.reads.len());
        let least = Duration::from_millis(10 * pieces as u64);
        assert!(begin.elapsed() >= least, "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn delays_add_up() {
    let server = echo(&["latency ms=60", "jitter min_ms=40 max_ms=50", "heavy_tail median_ms=1"]);
    let begin = Instant::now();
    assert_eq!(server.ask(&question("hi", false)).await.0, 200);
    assert!(begin.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn crowds_get_429() {
    let plan = "[limits]\nin_flight = 2\n[[fault]]\nkind = 'latency'\nms = 150";
    let server = Arc::new(echo_with(FaultPlan::from_toml(plan).unwrap()));
    let requests: Vec<_> = (0..5)
        .map(|number| {
            let server = server.clone();
            let request = question(&number.to_string(), false);
            tokio::spawn(async move { server.ask(&request).await.0 })
        })
        .collect();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429, 429, 429]);
    assert_eq!(server.counters.snapshot().by_fault["limit_in_flight"], 3);
    assert_eq!(server.ask(&question("later", false)).await.0, 200, "places are freed");

    let server = echo_with(FaultPlan::from_toml("limits = {requests_per_minute = 2}").unwrap());
    for _ in 0..2 {
        assert_eq!(server.ask(&question("hi", false)).await.0, 200);
    }
    let response = server.post(question("hi", false).to_string()).await;
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(response.status() == 429 && (50..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_client_that_leaves_frees_its_place() {
    let plan =
        "[limits]\nin_flight = 1\n[[fault]]\nkind = 'latency'\nms = 60000\ncontains = 'slow'";
    let server = echo_with(FaultPlan::from_toml(plan).unwrap());
    let url = format!("{}/chat/completions", server.base_url);
    let request = crate::running::client().post(url).body(question("slow", false).to_string());
    let impatient = request.timeout(Duration::from_millis(50)).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    let begin = Instant::now();
    while server.ask(&question("quick", false)).await.0 != 200 {
        assert!(begin.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.counters.snapshot().in_flight, 0);
}

#[tokio::test]
async fn the_request_log_knows_who_was_asked_what_and_what_was_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("requests.jsonl");
    let mut faults = FaultPlan::default();
    faults.add("status status=503 first_tries=1 contains=green").unwrap();
    faults.add("torn first_tries=1 contains=loud").unwrap();
    let options =
        ServerOptions { faults, request_log: Some(path.clone()), ..ServerOptions::default() };
    let server = Running::start(Arc::new(Scripted::echo("echo")), options);
    for text in ["is it green?", "is it green?", "is it loud?"] {
        let _ = exchange(&server, &question(text, text.contains("loud"))).await;
    }
    assert_eq!(server.ask(&json!({"model": "m"})).await.0, 400);
    let counts = server.counters.snapshot();
    assert_eq!((counts.working, counts.in_flight), (0, 0));

    let lines: Vec<Value> = std::fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let outline: Vec<_> = lines
        .iter()
        .map(|line| (line["event"].as_str().unwrap(), line["number"].as_u64().unwrap()))
        .collect();
    assert_eq!(outline, [1, 2, 3, 4].map(|n| [("asked", n), ("answers", n)]).concat());
    assert_eq!(lines[0]["text"], "is it green?");
    assert_eq!(lines[0]["request"], lines[2]["request"], "the same body again");
    assert_ne!(lines[0]["request"], lines[4]["request"]);
    assert!(lines[0]["unix_ms"].as_u64().unwrap() <= lines[7]["unix_ms"].as_u64().unwrap());
    assert_eq!((&lines[1]["status"], &lines[1]["answer"]), (&json!(503), &Value::Null));
    assert_eq!(lines[1]["faults"], json!(["status_503"]));
    assert_eq!((&lines[3]["status"], &lines[3]["answer"]), (&json!(200), &json!("is it green?")));
    assert_eq!((&lines[4]["stream"], &lines[5]["faults"]), (&json!(true), &json!(["torn"])));
    assert_eq!(lines[5]["answer"], "is it loud?", "what the model said, whatever arrived");
    assert_eq!((&lines[6]["text"], &lines[7]["status"]), (&json!(""), &json!(400)));
}

#[tokio::test]
async fn refused_requests_are_struck_too() {
    let server = echo(&["null_content first_tries=1", "status status=503"]);
    let (status, _) = server.ask(&json!({"model": "m"})).await;
    assert_eq!(status, 400, "faults of content leave refusals alone");
    assert_eq!(server.ask(&json!({"model": "m"})).await.0, 503);
}
