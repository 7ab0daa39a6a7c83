//! The endpoint without faults, asked over real sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::running::{Mirror, Running};
use avibench_protocol::{Conversation, LocalModel};
use avibench_server::{ApiKey, Server, ServerError, ServerOptions};
use serde_json::{Value, json};

fn user(content: &Value) -> Value {
    json!({"model": "any", "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": content},
    ]})
}

fn answer(document: &Value) -> &str {
    document["choices"][0]["message"]["content"].as_str().unwrap()
}

#[tokio::test]
async fn whole_answer_has_the_openai_shape() {
    let server = Running::mirror();
    let (status, document) = server.ask(&user(&json!("Is it red?"))).await;
    assert_eq!(status, 200);
    assert_eq!(answer(&document), "images audios video text Is it red?");
    assert!(document["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(document["object"], "chat.completion");
    assert_eq!(document["model"], "mirror");
    assert!(document["created"].as_u64().unwrap() > 1_700_000_000);
    assert_eq!(document["choices"][0]["finish_reason"], "stop");
    assert_eq!(document["choices"][0]["message"]["role"], "assistant");
    let usage = &document["usage"];
    let [prompt, completion, total] = ["prompt_tokens", "completion_tokens", "total_tokens"]
        .map(|name| usage[name].as_u64().unwrap());
    assert!(prompt > 5 && completion > 5);
    assert_eq!(total, prompt + completion);
    let (_, other) = server.ask(&user(&json!("Is it red?"))).await;
    assert_ne!(other["id"], document["id"]);
}

#[tokio::test]
async fn all_profiles_arrive_in_order() {
    let server = Running::mirror();
    let gateway = user(&json!([
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAA="}},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}},
        {"type": "image_url", "image_url": {"url": "data:video/mp4;base64,AAAAAAAA"}},
        {"type": "text", "text": "one"}, {"type": "text", "text": "two"},
    ]));
    let (status, document) = server.ask(&gateway).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer(&document),
        "images image/png:3 image/jpeg:2 audios audio/mpeg:1 video video/mp4:6 text one\ntwo"
    );
    let vllm = user(&json!([
        {"type": "video_url", "video_url": {"url": "data:video/webm;base64,AAAA"}},
        {"type": "audio_url", "audio_url": {"url": "data:audio/wav;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "data:;base64,AAA", "format": "wav"}},
    ]));
    let (_, document) = server.ask(&vllm).await;
    assert_eq!(answer(&document), "images audios audio/wav:3 audio/wav:2 video video/webm:3 text ");
}

#[tokio::test]
async fn escaped_slashes_in_base64_are_read() {
    let server = Running::mirror();
    let body = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url",
        "image_url":{"url":"data:image\/png;base64,\/\/\/\/"}}]}]}"#;
    let response = server.post(body).await;
    let document: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(answer(&document), "images image/png:3 audios video text ");
}

#[tokio::test]
async fn invalid_requests_name_the_field() {
    let server = Running::mirror();
    let part = |part: Value| user(&json!([part]));
    let url = "messages[1].content[0].image_url";
    for (request, param, reason) in [
        (json!([]), Value::Null, "must be a JSON object"),
        (json!({"messages": []}), json!("model"), "model must be a string"),
        (json!({"model": "m"}), json!("messages"), "must be an array"),
        (json!({"model": "m", "messages": []}), json!("messages"), "role user"),
        (json!({"model": "m", "messages": ["hi"]}), json!("messages[0].role"), "must be a string"),
        (
            json!({"model": "m", "messages": [{"role": "assistant", "content": "hi"}]}),
            json!("messages[0].role"),
            "not supported",
        ),
        (
            json!({"model": "m", "messages": [{"role": "user"}]}),
            json!("messages[0].content"),
            "a string or an array",
        ),
        (part(json!("text")), json!("messages[1].content[0].type"), "must be an object"),
        (part(json!({"type": "file"})), json!("messages[1].content[0].type"), "unknown part type"),
        (part(json!({"type": "text"})), json!("messages[1].content[0].text"), "must be a string"),
        (
            part(json!({"type": "image_url", "image_url": "data:image/png;base64,AAAA"})),
            json!(format!("{url}.url")),
            "must be an object",
        ),
        (
            part(json!({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}})),
            json!(url),
            "never fetches remote addresses",
        ),
        (
            part(json!({"type": "image_url", "image_url": {"url": "data:audio/wav;base64,AAAA"}})),
            json!(url),
            "must be image/* or video/*",
        ),
        (
            part(json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "midi"}})),
            json!("messages[1].content[0].input_audio.format"),
            "unknown audio format",
        ),
        (
            part(json!({"type": "input_audio", "input_audio":
                {"data": "https://example.org/a.wav", "format": "wav"}})),
            json!("messages[1].content[0].input_audio"),
            "never fetches remote addresses",
        ),
        (
            user(&json!([
                {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
                {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
            ])),
            json!("messages[1].content[1].video_url"),
            "at most one video",
        ),
    ] {
        let (status, document) = server.ask(&request).await;
        let error = &document["error"];
        assert_eq!(status, 400, "{request}");
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!(error["param"], param, "{request}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(reason), "{request}: {message}");
    }
    let mut request = user(&json!("hi"));
    for (name, value) in [("n", json!(2)), ("stream", json!("yes")), ("max_tokens", json!(0))] {
        request[name] = value;
        let (status, document) = server.ask(&request).await;
        assert_eq!((status, &document["error"]["param"]), (400, &json!(name)));
        request[name] = Value::Null;
    }
    assert_eq!(server.ask(&request).await.0, 200, "null fields count as absent");
    for body in ["", "{", "\u{0}", "{\"model\": \"\\ud800\"}"] {
        assert_eq!(server.post(body).await.status(), 400, "{body:?}");
    }
    assert_eq!(server.post(vec![b'"', 0xff, b'"']).await.status(), 400);
}

#[tokio::test]
async fn stream_adds_up_to_the_answer() {
    let server = Running::mirror();
    let mut request = user(&json!("Ist es grün? 日本"));
    request["stream"] = json!(true);
    request["stream_options"] = json!({"include_usage": true});
    let response = server.post(request.to_string()).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-length"));
    let text = response.text().await.unwrap();
    let mut events: Vec<&str> = text.split_terminator("\n\n").collect();
    assert_eq!(events.pop(), Some("data: [DONE]"));
    let chunks: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let (usage, deltas) = chunks.split_last().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert!(usage["usage"]["total_tokens"].as_u64().unwrap() > 0);
    assert!(deltas.iter().all(|chunk| chunk["usage"].is_null()));
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"));
    assert_eq!(deltas[0]["choices"][0]["delta"]["role"], "assistant");
    let said: String = deltas
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(said, "images audios video text Ist es grün? 日本");
    assert_eq!(deltas.last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert_eq!(server.counters.snapshot().streamed, 1);

    request["stream_options"] = Value::Null;
    let text = server.post(request.to_string()).await.text().await.unwrap();
    assert!(!text.contains("usage"), "usage only on request");
}

#[tokio::test]
async fn max_tokens_cuts_the_answer() {
    let server = Running::mirror();
    let mut request = user(&json!("hi"));
    request["max_completion_tokens"] = json!(2);
    let (_, document) = server.ask(&request).await;
    assert_eq!(answer(&document), "images");
    assert_eq!(document["choices"][0]["finish_reason"], "length");
    assert_eq!(document["usage"]["completion_tokens"], 2);
}

#[tokio::test]
async fn keys_and_model_names_are_checked_on_demand() {
    let options = ServerOptions {
        api_key: Some(ApiKey::new("s3cret")),
        only_served_model: true,
        ..ServerOptions::default()
    };
    assert!(!format!("{options:?}").contains("s3cret"));
    let server = Running::start(Arc::new(Mirror), options);
    let client = crate::running::client();
    let url = format!("{}/chat/completions", server.base_url);
    for key in [None, Some("Bearer wrong"), Some("Bearer "), Some("s3cret"), Some("Bearer s3cret2")]
    {
        let mut request = client.post(&url).body("{}");
        if let Some(key) = key {
            request = request.header("authorization", key);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{key:?}");
        let text = response.text().await.unwrap();
        assert!(text.contains("invalid_api_key") && !text.contains("s3cret"));
    }
    let ask = |model: &str| {
        let mut body = user(&json!("hi"));
        body["model"] = json!(model);
        client.post(&url).header("authorization", "Bearer s3cret").body(body.to_string()).send()
    };
    assert_eq!(ask("mirror").await.unwrap().status(), 200);
    let response = ask("gpt-x").await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("model_not_found"));
    let models = client.get(format!("{}/models", server.base_url));
    assert_eq!(models.try_clone().unwrap().send().await.unwrap().status(), 401);
    let models = models.header("authorization", "Bearer s3cret").send().await.unwrap();
    let list: Value = serde_json::from_slice(&models.bytes().await.unwrap()).unwrap();
    assert_eq!(list["data"][0]["id"], "mirror");
}

#[tokio::test]
async fn other_paths_and_methods_say_what_is_there() {
    let server = Running::mirror();
    let root = server.base_url.trim_end_matches("/v1");
    let health = crate::running::client().get(format!("{root}/health")).send().await.unwrap();
    assert_eq!(health.text().await.unwrap(), r#"{"status":"ok"}"#);
    let unknown =
        crate::running::client().get(format!("{root}/v1/embeddings")).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert!(unknown.text().await.unwrap().contains("POST /v1/chat/completions"));
    let wrong =
        crate::running::client().get(format!("{root}/v1/chat/completions")).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
    assert!(wrong.text().await.unwrap().contains("does not take GET"));
}

#[tokio::test]
async fn a_crashing_model_is_a_500_and_the_server_lives() {
    let server = Running::mirror();
    let (status, document) = server.ask(&user(&json!("crash"))).await;
    assert_eq!((status, &document["error"]["type"]), (500, &json!("server_error")));
    assert_eq!(server.ask(&user(&json!("hi"))).await.0, 200);
    let counts = server.counters.snapshot();
    assert_eq!(counts.by_status.into_iter().collect::<Vec<_>>(), [(200, 1), (500, 1)]);
    assert_eq!((counts.requests, counts.in_flight), (2, 0));
}

#[tokio::test]
async fn bodies_are_bounded_and_big_ones_work() {
    let options = ServerOptions { max_body_bytes: 10 << 20, ..ServerOptions::default() };
    let server = Running::start(Arc::new(Mirror), options);
    let clip = |base64_length: usize| {
        let url = format!("data:video/mp4;base64,{}", "A".repeat(base64_length));
        user(&json!([{"type": "video_url", "video_url": {"url": url}}]))
    };
    let (status, document) = server.ask(&clip(8 << 20)).await;
    assert_eq!(status, 200);
    assert_eq!(answer(&document), format!("images audios video video/mp4:{} text ", 6 << 20));
    let (status, document) = server.ask(&clip(12 << 20)).await;
    assert_eq!(status, 413);
    assert!(document["error"]["message"].as_str().unwrap().contains("10485760 bytes"));
}

struct Slow;

impl LocalModel for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn answer(&self, _: &Conversation) -> String {
        std::thread::sleep(Duration::from_millis(100));
        "done".to_owned()
    }
}

#[tokio::test]
async fn work_is_bounded_and_requests_in_flight_survive_a_stop() {
    let options = ServerOptions { parallelism: 2.try_into().unwrap(), ..ServerOptions::default() };
    let server = Running::start(Arc::new(Slow), options);
    let url = format!("{}/chat/completions", server.base_url);
    let begin = Instant::now();
    let requests: Vec<_> = (0..4)
        .map(|_| {
            let request = crate::running::client().post(&url).body(user(&json!("hi")).to_string());
            tokio::spawn(async move { request.send().await?.text().await })
        })
        .collect();
    while server.counters.snapshot().in_flight < 4 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let counters = server.counters.clone();
    server.stop().await;
    for request in requests {
        assert!(request.await.unwrap().unwrap().contains("done"));
    }
    assert!(begin.elapsed() >= Duration::from_millis(200), "four requests, two at a time");
    assert_eq!((counters.snapshot().max_in_flight, counters.snapshot().in_flight), (4, 0));
    assert!(crate::running::client().get(url).send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_idle_or_endless_connections() {
    let options =
        ServerOptions { stop_grace: Duration::from_millis(100), ..ServerOptions::default() };
    let server = Running::start(Arc::new(Mirror), options);
    let address = server.base_url.trim_start_matches("http://").trim_end_matches("/v1").to_owned();
    // One connection says nothing, one never finishes its body.
    let _idle = tokio::net::TcpStream::connect(&address).await.unwrap();
    let mut endless = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{";
    tokio::io::AsyncWriteExt::write_all(&mut endless, head).await.unwrap();
    while server.counters.snapshot().in_flight < 1 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let counters = server.counters.clone();
    tokio::time::timeout(Duration::from_secs(5), server.stop()).await.unwrap();
    assert_eq!(counters.snapshot().in_flight, 0);
}

#[test]
fn problems_at_the_start_are_errors() {
    let bind = |port| Server::bind(port, Arc::new(Mirror), ServerOptions::default());
    assert!(matches!(bind(0), Err(ServerError::NoRuntime)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let first = bind(0).unwrap();
    assert!(first.address().ip().is_loopback());
    let taken = bind(first.address().port()).unwrap_err().to_string();
    assert!(taken.starts_with(&format!("cannot listen on {}", first.address())), "{taken}");
}
