//! A worker program: one JSON request a line on its standard input, one JSON answer a line on
//! its standard output.
//!
//! A worker may greet with `{"ready": true}` when its model is loaded, or say with
//! `{"ready": false, "error": "..."}` why it cannot be, which no other start would change. An answer names the `id` of its
//! question, so that a line is never taken for the answer to another one. Every other line is the
//! worker's chatter and goes to the log with its standard error.
//!
//! A worker that never names an id is understood, too: it has one question at a time, and what it says
//! before the next one is put shows that it is out of step, so that it is replaced. Once a worker has
//! named an id, its lines without one are chatter.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::bounded_lines::{BoundedLines, LineError};
use super::draft::{Draft, Ending};
use super::reply::Reply;
use super::reply_body::documents;
use super::worker_ears::WorkerEars;
use super::worker_guard::WorkerGuard;
use super::worker_log::WorkerLog;
use crate::failure::{Failure, excerpt};
use crate::secret::Secrets;

/// Longest line that a worker may write as an answer, in bytes.
const ANSWER_LIMIT: usize = 16 << 20;
/// How long a worker must be quiet after a line without an id before that is its answer.
const QUIET: Duration = Duration::from_millis(20);

/// How workers are started.
#[derive(Debug)]
pub(crate) struct WorkerStart {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// How many are run side by side.
    pub(crate) workers: usize,
    /// Environment variables that they do not get.
    pub(crate) withheld: Vec<String>,
    /// What must not be told, whatever they say.
    pub(crate) secrets: Secrets,
}

/// A running worker. Dropping it kills it with everything it started.
#[derive(Debug)]
pub(crate) struct Worker {
    number: usize,
    child: Child,
    input: ChildStdin,
    output: BoundedLines<BufReader<ChildStdout>>,
    log: Arc<WorkerLog>,
    secrets: Secrets,
    listener: WorkerEars,
    /// Kills it when this program is gone.
    _guard: Option<WorkerGuard>,
    /// Whether its model is loaded, as far as can be told from outside.
    ready: bool,
    /// Whether it has ever named the id of a question.
    names_ids: bool,
    /// Whether it said more than one answer to its last question.
    out_of_step: bool,
}

/// An answer and the time it took, loading not included.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    pub(crate) latency: Duration,
}

/// What a line of a worker is.
#[derive(Debug)]
pub(crate) enum Line {
    /// Its model is loaded.
    Ready,
    /// Its model cannot be loaded, and why.
    Unusable(String),
    /// It answers the question whose id it names.
    Answer(Result<Reply, Failure>),
    /// It answers a question and names no id.
    Nameless(Result<Reply, Failure>),
    /// Anything else.
    Chatter,
}

impl Worker {
    /// Starts a worker.
    pub(crate) fn start(
        number: usize,
        start: &WorkerStart,
        log: Arc<WorkerLog>,
    ) -> Result<Self, Failure> {
        let cannot = |reason: String| {
            let program = start.command.first().map_or("", String::as_str);
            Failure::Settings(format!("cannot start worker `{program}`: {reason}"))
        };
        let (program, arguments) =
            start.command.split_first().ok_or_else(|| cannot("the command is empty".to_owned()))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in &start.withheld {
            command.env_remove(name);
        }
        // So that each can take a device of its own.
        command.env("AVIBENCH_WORKER", number.to_string());
        command.env("AVIBENCH_WORKERS", start.workers.to_string());
        // Its own group: a Ctrl-C at the terminal is for us, and leaves it its time to answer.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|e| cannot(e.to_string()))?;
        let guard = child.id().map(WorkerGuard::start).transpose().unwrap_or_else(|error| {
            let note = format!("cannot start its guard, so it may outlive this program: {error}");
            log.write(number, &note);
            None
        });
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(cannot("it has no standard streams".to_owned()));
        };
        let listener = WorkerEars::open(number, errors, Arc::clone(&log), start.secrets.clone());
        let output = BoundedLines::new(BufReader::new(output), ANSWER_LIMIT);
        Ok(Self {
            number,
            child,
            input,
            output,
            log,
            secrets: start.secrets.clone(),
            listener,
            _guard: guard,
            ready: false,
            names_ids: false,
            out_of_step: false,
        })
    }

    /// Whether it can be asked the next question: nothing that it said is left unread. A worker that
    /// cannot is to be replaced.
    pub(crate) async fn is_in_step(&mut self) -> bool {
        let begun = Instant::now();
        while !self.out_of_step {
            if begun.elapsed() > QUIET {
                // It never stops talking. What it says is read while it is asked.
                return true;
            }
            // Only what has come already; ids tell the rest apart.
            let waiting = tokio::time::timeout(Duration::ZERO, self.output.next());
            let Ok(line) = waiting.await else { return true };
            let Ok(Some(bytes)) = line else { return false };
            let text = self.secrets.redact(String::from_utf8_lossy(&bytes).into_owned());
            self.log.write(self.number, &text);
            self.out_of_step = !self.names_ids
                && matches!(Line::read(&text, 0), Line::Answer(_) | Line::Nameless(_));
        }
        let note = "it says more answers than it is asked questions, so it is replaced";
        self.log.write(self.number, note);
        false
    }

    /// Asks one question. After a failure other than [`Failure::Answerless`] the worker may be in any
    /// state: drop it.
    pub(crate) async fn ask(
        &mut self,
        id: u64,
        request: &str,
        timeout: Duration,
        startup: Duration,
    ) -> Result<Answered, Failure> {
        let mut started = Instant::now();
        let mut allowed = if self.ready { timeout } else { startup + timeout };
        let secrets = self.secrets.clone();
        let clean = |text: String| secrets.redact(text);
        let answered = |reply: Result<Reply, Failure>, started: Instant| match reply {
            Ok(reply) => Ok(Answered { reply: reply.map_texts(clean), latency: started.elapsed() }),
            Err(failure) => Err(failure.map_texts(clean)),
        };
        // It may talk before it listens, so both go on at the same time.
        let input = &mut self.input;
        let mut sending = std::pin::pin!(async move {
            input.write_all(request.as_bytes()).await?;
            input.write_all(b"\n").await?;
            input.flush().await
        });
        let mut is_sent = false;
        let mut nameless: Option<(Result<Answered, Failure>, Instant)> = None;
        loop {
            let quiet = nameless.as_ref().map(|(_, since)| *since + QUIET);
            let deadline = quiet.unwrap_or(started + allowed);
            let next = tokio::select! {
                // One that died is told of by what it said last, not by the pipe.
                _ = &mut sending, if !is_sent => {
                    is_sent = true;
                    continue;
                }
                next = self.output.next() => next,
                heard = self.listener.heard() => match heard {
                    Some(error) => return Err(error),
                    None => continue,
                },
                () = tokio::time::sleep_until(deadline.into()) => match nameless.take() {
                    Some((answer, _)) => return answer,
                    None => return Err(Failure::Timeout { after: allowed }),
                },
            };
            let bytes = match next {
                Ok(Some(bytes)) => bytes,
                Ok(None) | Err(LineError::Io(_)) => match nameless {
                    Some((answer, _)) => {
                        self.out_of_step = true;
                        return answer;
                    }
                    None => return Err(self.died().await),
                },
                Err(error @ LineError::TooLong(_)) => {
                    return Err(Failure::Worker(format!("the worker wrote {error} as an answer")));
                }
            };
            let text = clean(String::from_utf8_lossy(&bytes).into_owned());
            match Line::read(&text, id) {
                Line::Ready if !self.ready => {
                    self.ready = true;
                    (started, allowed) = (Instant::now(), timeout);
                    continue;
                }
                Line::Unusable(reason) if !self.ready => {
                    self.log.write(self.number, &text);
                    return Err(Failure::Settings(format!("the worker cannot begin: {reason}")));
                }
                Line::Answer(reply) => {
                    (self.ready, self.names_ids) = (true, true);
                    return answered(reply, started);
                }
                Line::Nameless(reply) if !self.names_ids => {
                    self.ready = true;
                    if nameless.is_none() {
                        nameless = Some((answered(reply, started), Instant::now()));
                        continue;
                    }
                    self.out_of_step = true;
                }
                Line::Ready | Line::Unusable(_) | Line::Nameless(_) | Line::Chatter => {}
            }
            self.log.write(self.number, &text);
        }
    }

    /// What to say of a worker whose output ended.
    async fn died(&mut self) -> Failure {
        // Its output is closed, so it has ended or is about to.
        let status = tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await;
        let how = match status {
            Ok(Ok(status)) => ended(status),
            _ => "closed its output".to_owned(),
        };
        let words = match self.listener.last_words().await {
            Ok(words) if words.is_empty() => "it said nothing".to_owned(),
            Ok(words) => words,
            Err(failure) => return failure,
        };
        Failure::Worker(format!("the worker {how}: {words}"))
    }
}

impl Reply {
    /// Reads a line of a worker that was asked question `id`; `None` if it answers no question, or
    /// another one.
    #[must_use]
    pub fn from_worker_line(line: &str, id: u64) -> Option<Result<Self, Failure>> {
        match Line::read(line, id) {
            Line::Answer(reply) | Line::Nameless(reply) => Some(reply),
            Line::Ready | Line::Unusable(_) | Line::Chatter => None,
        }
    }
}

impl Line {
    /// Reads a line while question `id` waits for its answer.
    pub(crate) fn read(text: &str, id: u64) -> Self {
        let document = documents(text.trim()).and_then(|documents| documents.into_iter().next());
        let Some(line) = document.filter(Value::is_object) else { return Self::Chatter };
        let field = |name: &str| line.get(name).filter(|value| !value.is_null());
        let says = field("answer").is_some() || field("error").is_some();
        match field("id") {
            Some(said) if !is_id(said, id) => Self::Chatter,
            Some(_) => Self::Answer(answer_in(&line)),
            None if field("ready") == Some(&Value::Bool(false)) => match field("error") {
                Some(Value::String(reason)) => Self::Unusable(few_lines(reason)),
                _ => Self::Chatter,
            },
            None if says => Self::Nameless(answer_in(&line)),
            None if field("ready") == Some(&Value::Bool(true)) => Self::Ready,
            None => Self::Chatter,
        }
    }
}

/// The first lines of a text, each as far as it may be shown.
fn few_lines(text: &str) -> String {
    const SHOWN: usize = 12;
    let shown = |line: &str| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        format!("{}{}", " ".repeat(indent.min(8)), excerpt(line))
    };
    text.lines().take(SHOWN).map(shown).collect::<Vec<_>>().join("\n")
}

/// Whether an id is the one of the question; it may come back as text, or with a decimal point.
fn is_id(said: &Value, id: u64) -> bool {
    match said {
        Value::Number(number) => number.as_f64() == Some(id as f64),
        Value::String(text) => text.trim().parse() == Ok(id),
        _ => false,
    }
}

/// The answer that a line holds.
fn answer_in(line: &Value) -> Result<Reply, Failure> {
    let field = |name: &str| line.get(name).filter(|value| !value.is_null());
    let text = |name: &str| field(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(error) = field("error") {
        let words = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
        return Err(Failure::Answerless(excerpt(&words)));
    }
    let answer = match field("answer") {
        Some(Value::String(answer)) => answer.clone(),
        Some(other) => {
            let said = excerpt(&other.to_string());
            return Err(Failure::Answerless(format!("its `answer` is no text: {said}")));
        }
        None => return Err(Failure::Answerless("its line has no `answer`".to_owned())),
    };
    let thinking = ["reasoning", "reasoning_content", "thinking"].into_iter().find_map(text);
    let draft =
        Draft::of_line(answer, thinking.unwrap_or_default(), text("finish_reason"), text("model"));
    let reply = draft.finish(Ending::Line).map_err(|failure| match failure {
        Failure::Malformed { reason, excerpt } => {
            Failure::Answerless(format!("{reason}: {excerpt}"))
        }
        other => other,
    })?;
    let count = |name: &str| field(name).and_then(Value::as_u64);
    Ok(Reply { tokens_in: count("tokens_in"), tokens_out: count("tokens_out"), ..reply })
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "was killed".to_owned(),
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_answers_the_question_whose_id_it_names() {
        for line in [
            r#"{"id": 7, "answer": "yes"}"#,
            r#"{"id": "7", "answer": "yes"}"#,
            r#"{"id": 7.0, "answer": "yes", "score": NaN, "error": null}"#,
            r#"{"id": 7, "answer": "<think>no</think>yes", "ready": true}"#,
        ] {
            let Line::Answer(Ok(reply)) = Line::read(line, 7) else { panic!("{line}") };
            assert_eq!(reply.text, "yes", "{line}");
        }
        for line in [
            r#"{"id": 7, "error": "deaf"}"#,
            r#"{"id": 7, "error": {"code": 3}}"#,
            r#"{"id": 7, "answer": 42}"#,
            r#"{"id": 7, "answer": null}"#,
            r#"{"id": 7}"#,
            r#"{"id": 7, "answer": "no", "finish_reason": "error"}"#,
        ] {
            let read = Line::read(line, 7);
            assert!(matches!(read, Line::Answer(Err(Failure::Answerless(_)))), "{line}: {read:?}");
        }
        for line in [
            r#"{"id": 6, "answer": "late"}"#,
            r#"{"id": "six", "answer": "late"}"#,
            r#"{"id": -7, "answer": "late"}"#,
            r#"{"id": 7.5, "answer": "late"}"#,
            r#"{"id": [7], "answer": "late"}"#,
            r#"{"progress": 0.5}"#,
            r#"["answer"]"#,
            "answer: yes",
            "",
        ] {
            assert!(matches!(Line::read(line, 7), Line::Chatter), "{line}");
        }
        assert!(matches!(Line::read(r#"{"answer": "yes"}"#, 7), Line::Nameless(Ok(_))));
        assert!(matches!(Line::read(r#"{"id": null, "answer": "yes"}"#, 7), Line::Nameless(Ok(_))));
        assert!(matches!(Line::read(r#"{"ready": true}"#, 7), Line::Ready));
        assert!(matches!(Line::read(r#"{"ready": false}"#, 7), Line::Chatter));
        let unusable = Line::read(r#"{"ready": false, "error": "no such\nmodule"}"#, 7);
        assert!(matches!(unusable, Line::Unusable(reason) if reason == "no such\nmodule"));
        assert!(matches!(Line::read(r#"{"id": -1, "answer": "late"}"#, 0), Line::Chatter));
    }
}
