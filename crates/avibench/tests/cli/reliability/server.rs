//! The fault server as a process, and its own record of what it was asked.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::program::Served;

/// A line of the server's request log.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Logged {
    Asked { number: u64, request: String, text: String, media: Vec<String> },
    Answers { number: u64, answer: Option<String> },
    Refused { request: String },
}

/// `avibench serve` with faults and a request log.
pub(super) struct FaultServer {
    served: Served,
    log: PathBuf,
    /// Bytes of the log that were read.
    read: usize,
}

impl FaultServer {
    /// Serves the `chance` model; `plan` is a file of faults.
    pub(super) fn start(plan: &Path, log: &Path) -> Self {
        let (plan, text) = (plan.to_str().unwrap(), log.to_str().unwrap());
        let served = Served::start_with(&["--model", "chance", "--faults", plan, "--log", text]);
        Self { served, log: log.to_owned(), read: 0 }
    }

    /// The same with answers that are `ms` milliseconds late; its files are in `root`.
    pub(super) fn late(root: &Path, ms: u64) -> Self {
        let plan = root.join("faults.toml");
        std::fs::write(&plan, format!("[[fault]]\nkind = \"latency\"\nms = {ms}\n")).unwrap();
        Self::start(&plan, &root.join("requests.jsonl"))
    }

    pub(super) fn base_url(&self) -> &str {
        &self.served.base_url
    }

    /// `GET /stats`.
    pub(super) fn stats(&self) -> Value {
        let address = self.base_url().trim_start_matches("http://").trim_end_matches("/v1");
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET /stats HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// What was logged since the last call, once nothing of a client that is gone can follow:
    /// connections are counted in the order of arrival, so when ours alone is left and nothing is
    /// worked on, its last request has been read.
    pub(super) fn settled_lines(&mut self) -> Vec<Logged> {
        let patience = Instant::now() + Duration::from_mins(1);
        loop {
            let stats = self.stats();
            if stats["connections"] == 1 && stats["working"] == 0 {
                break;
            }
            assert!(Instant::now() < patience, "the server does not settle: {stats}");
            std::thread::sleep(Duration::from_millis(2));
        }
        let log = std::fs::read(&self.log).unwrap_or_default();
        let new = &log[self.read..];
        self.read = log.len();
        let lines = new.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}
