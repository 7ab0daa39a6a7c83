//! A loopback server whose replies a test lays down beforehand.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

/// A server that gives these bodies in turn, again and again. It ends with the test's process.
pub(crate) struct Canned {
    pub base_url: String,
    requests: Arc<AtomicUsize>,
}

impl Canned {
    pub(crate) fn start(bodies: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        let bodies: Arc<[Value]> = bodies.into();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (bodies, counter) = (Arc::clone(&bodies), Arc::clone(&counter));
                // A client that leaves in between is no matter of the server.
                std::thread::spawn(move || answer(stream, &bodies, &counter));
            }
        });
        Self { base_url, requests }
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn answer(mut stream: TcpStream, bodies: &[Value], counter: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
    let body = bodies[counter.fetch_add(1, Ordering::SeqCst) % bodies.len()].to_string();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A completion with this text, or none, and this finish reason.
pub(crate) fn completion(content: Option<&str>, finish_reason: &str) -> Value {
    json!({
        "object": "chat.completion",
        "model": "canned",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": content},
            "finish_reason": finish_reason,
        }],
        "usage": {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14},
    })
}
