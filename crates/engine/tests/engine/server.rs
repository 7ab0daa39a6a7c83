//! A scripted HTTP server that can misbehave at the level of bytes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Which request this is, from 0.
    pub(crate) index: usize,
    /// Which request with this text, from 0.
    pub(crate) attempt: usize,
    /// The question's text.
    pub(crate) text: String,
    /// Request line and headers.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: Value,
    /// Its length.
    pub(crate) bytes: usize,
    /// Requests being served, this one included.
    pub(crate) in_flight: usize,
}

/// What the server does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A completion with this text.
    Say(String),
    /// This status, extra header lines and body.
    Status(u16, &'static str, String),
    /// These bytes, then the connection closes.
    Raw(Vec<u8>),
    /// These pieces with short pauses between them, then the connection closes.
    Pieces(Vec<Vec<u8>>),
    /// These bytes, then the others for as long as somebody reads them.
    Endless(Vec<u8>, Vec<u8>),
    /// Another act after a while.
    After(Duration, Box<Act>),
    /// Nothing, for ever.
    Hang,
}

impl Act {
    pub(crate) fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }

    pub(crate) fn status(status: u16, message: &str) -> Self {
        Self::Status(status, "", json!({"error": {"message": message}}).to_string())
    }

    pub(crate) fn after(milliseconds: u64, act: Self) -> Self {
        Self::After(Duration::from_millis(milliseconds), Box::new(act))
    }
}

/// The server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    in_flight: usize,
    peak: usize,
}

type Script = Arc<dyn Fn(&Seen) -> Act + Send + Sync>;

impl Server {
    pub(crate) async fn start(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self::start_on("127.0.0.1:0", script).await
    }

    pub(crate) async fn start_on(
        address: &str,
        script: impl Fn(&Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let (script, shared): (Script, _) = (Arc::new(script), Arc::clone(&state));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&shared)));
            }
        });
        Self { url, state }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Returns when so many requests have come in.
    pub(crate) async fn has_seen(&self, count: usize) {
        while self.state.lock().unwrap().seen.len() < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Most requests served at a time.
    pub(crate) fn peak(&self) -> usize {
        self.state.lock().unwrap().peak
    }

    /// How often each text was asked, by text.
    pub(crate) fn asked(&self, text: &str) -> usize {
        self.seen().iter().filter(|seen| seen.text == text).count()
    }
}

async fn serve(mut stream: TcpStream, script: Script, state: Arc<Mutex<State>>) {
    while let Some((head, body)) = read_request(&mut stream).await {
        let bytes = body.len();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let parts = body["messages"][1]["content"].as_array().unwrap();
        let text = parts.last().unwrap()["text"].as_str().unwrap().to_owned();
        let seen = {
            let mut state = state.lock().unwrap();
            state.in_flight += 1;
            state.peak = state.peak.max(state.in_flight);
            let attempt = state.seen.iter().filter(|seen| seen.text == text).count();
            let index = state.seen.len();
            let in_flight = state.in_flight;
            let seen = Seen { index, attempt, text, head, body, bytes, in_flight };
            state.seen.push(seen.clone());
            seen
        };
        let keep = act(&mut stream, script(&seen), &state).await;
        if !keep {
            return;
        }
    }
}

/// Does what the script says. True if the connection stays open.
async fn act(stream: &mut TcpStream, act: Act, state: &Mutex<State>) -> bool {
    let mut act = act;
    while let Act::After(wait, then) = act {
        tokio::time::sleep(wait).await;
        act = *then;
    }
    if !matches!(act, Act::Hang) {
        state.lock().unwrap().in_flight -= 1;
    }
    match act {
        Act::Say(text) => reply(stream, 200, "", &completion(&text)).await,
        Act::Status(status, headers, body) => reply(stream, status, headers, &body).await,
        Act::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Act::Pieces(pieces) => {
            for piece in pieces {
                let _ = stream.write_all(&piece).await;
                let _ = stream.flush().await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let _ = stream.shutdown().await;
            false
        }
        Act::Endless(begin, piece) => {
            let mut written = stream.write_all(&begin).await;
            while written.is_ok() {
                written = stream.write_all(&piece).await;
            }
            false
        }
        Act::Hang | Act::After(..) => std::future::pending().await,
    }
}

/// The body of an ordinary completion.
pub(crate) fn completion(text: &str) -> String {
    json!({"model": "served-1", "choices": [{"message": {"role": "assistant", "content": text},
        "finish_reason": "stop"}], "usage": {"prompt_tokens": 100, "completion_tokens": 10}})
    .to_string()
}

async fn reply(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> bool {
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(response.as_bytes()).await.is_ok()
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let length: usize = text
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
        })
        .expect("every request announces its length");
    let mut body = bytes[head..].to_vec();
    while body.len() < length {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => body.extend_from_slice(&buffer[..count]),
        }
    }
    assert_eq!(body.len(), length);
    Some((text, body))
}
