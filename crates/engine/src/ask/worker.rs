//! A worker program: one JSON request a line on its standard input, one JSON answer a line on
//! its standard output.
//!
//! A worker may greet with `{"ready": true}` when its model is loaded. Lines that are no JSON
//! object are its chatter and go to the log with its standard error.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use avibench_protocol::read_json_as;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Split};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::draft::{Draft, Ending};
use super::reply::Reply;
use super::worker_log::WorkerLog;
use crate::failure::{Failure, excerpt};

/// What a worker says.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    #[serde(default)]
    ready: bool,
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    answer: Option<String>,
    #[serde(default, alias = "thinking", alias = "reasoning_content")]
    reasoning: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    tokens_in: Option<u64>,
    #[serde(default)]
    tokens_out: Option<u64>,
}

/// A running worker. Dropping it kills it with everything it started.
#[derive(Debug)]
pub(crate) struct Worker {
    number: usize,
    child: Child,
    input: ChildStdin,
    output: Split<BufReader<ChildStdout>>,
    log: Arc<WorkerLog>,
    /// The last line on its standard error.
    last_words: Arc<Mutex<String>>,
    listener: JoinHandle<()>,
    /// Whether its model is loaded, as far as can be told from outside.
    ready: bool,
}

/// An answer and the time it took, loading not included.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) line: Line,
    pub(crate) latency: Duration,
}

impl Worker {
    /// Starts a worker.
    pub(crate) fn start(
        number: usize,
        command: &[String],
        log: Arc<WorkerLog>,
    ) -> Result<Self, Failure> {
        let cannot = |reason: String| {
            let program = command.first().map_or("", String::as_str);
            Failure::Settings(format!("cannot start worker `{program}`: {reason}"))
        };
        let (program, arguments) =
            command.split_first().ok_or_else(|| cannot("the command is empty".to_owned()))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Its own group: a Ctrl-C at the terminal is for us, and leaves it its time to answer.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|e| cannot(e.to_string()))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(cannot("it has no standard streams".to_owned()));
        };
        let last_words = Arc::new(Mutex::new(String::new()));
        let (heard, shared) = (Arc::clone(&last_words), Arc::clone(&log));
        let listener = tokio::spawn(async move {
            let mut lines = BufReader::new(errors).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                shared.write(number, &line);
                if !line.trim().is_empty() {
                    *heard.lock().unwrap_or_else(PoisonError::into_inner) = excerpt(&line);
                }
            }
        });
        let output = BufReader::new(output).split(b'\n');
        Ok(Self { number, child, input, output, log, last_words, listener, ready: false })
    }

    /// Asks one question. After a failure the worker may be in any state: drop it.
    pub(crate) async fn ask(
        &mut self,
        id: u64,
        request: &str,
        timeout: Duration,
        startup: Duration,
    ) -> Result<Answered, Failure> {
        let allowed = if self.ready { timeout } else { startup + timeout };
        let answer = tokio::time::timeout(allowed, self.exchange(id, request, timeout));
        answer.await.map_err(|_| Failure::Timeout { after: allowed })?
    }

    async fn exchange(
        &mut self,
        id: u64,
        request: &str,
        timeout: Duration,
    ) -> Result<Answered, Failure> {
        let sent = async {
            self.input.write_all(request.as_bytes()).await?;
            self.input.write_all(b"\n").await?;
            self.input.flush().await
        };
        // One that died is told of by what it said last, not by the pipe.
        let _ = sent.await;
        let mut started = Instant::now();
        loop {
            let next = self.output.next_segment();
            let line = if self.ready {
                tokio::time::timeout(timeout, next)
                    .await
                    .map_err(|_| Failure::Timeout { after: timeout })?
            } else {
                next.await
            };
            let Ok(Some(bytes)) = line else { return Err(self.died().await) };
            let text = String::from_utf8_lossy(&bytes);
            match read_json_as::<Line>(text.as_bytes()) {
                Ok(Line { ready: true, .. }) => {
                    self.ready = true;
                    started = Instant::now();
                }
                Ok(line) if line.is_about(id) => {
                    self.ready = true;
                    return match line.error {
                        Some(error) => Err(Failure::Answerless(excerpt(&error))),
                        None => Ok(Answered { line, latency: started.elapsed() }),
                    };
                }
                _ => self.log.write(self.number, &text),
            }
        }
    }

    /// What to say of a worker whose output ended.
    async fn died(&mut self) -> Failure {
        // Its output is closed, so it has ended or is about to.
        let status = tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await;
        // Its last words may still be on their way.
        let _ = tokio::time::timeout(Duration::from_millis(200), &mut self.listener).await;
        let how = match status {
            Ok(Ok(status)) => ended(status),
            _ => "closed its output".to_owned(),
        };
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let words = if words.is_empty() { "it said nothing".to_owned() } else { words };
        Failure::Worker(format!("the worker {how}: {words}"))
    }
}

impl Line {
    /// The answer that the line holds.
    ///
    /// # Errors
    ///
    /// If the worker says by its finish reason that it is none.
    pub(crate) fn into_reply(self) -> Result<Reply, Failure> {
        let text = self.answer.unwrap_or_default();
        let thinking = self.reasoning.unwrap_or_default();
        let draft = Draft::of_line(text, thinking, self.finish_reason, self.model);
        let reply = draft.finish(Ending::Line).map_err(|failure| match failure {
            Failure::Malformed { reason, excerpt } => {
                Failure::Answerless(format!("{reason}: {excerpt}"))
            }
            other => other,
        })?;
        Ok(Reply { tokens_in: self.tokens_in, tokens_out: self.tokens_out, ..reply })
    }

    /// Whether it answers request `id`. A simple worker may leave the id out: it has one request
    /// at a time.
    fn is_about(&self, id: u64) -> bool {
        let says_something = self.answer.is_some() || self.error.is_some();
        says_something && self.id.as_ref().is_none_or(|said| said.as_u64() == Some(id))
    }
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "was killed".to_owned(),
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.listener.abort();
        // What it started must not outlive it: a model left behind holds its memory.
        #[cfg(unix)]
        if let Some(group) =
            self.child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
        {
            // It fails only if all of them have ended.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
