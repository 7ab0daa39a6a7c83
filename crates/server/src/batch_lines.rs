//! The lines of batches: requests as clients write them, results as they get them.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::reply::{Ending, Reply};

/// Most requests of a batch, as OpenAI has it.
const MOST_REQUESTS: usize = 50_000;
/// The only path that batches may be for.
pub(crate) const ENDPOINT: &str = "/v1/chat/completions";
/// Most characters of a request's name.
const LONGEST_NAME: usize = 64;
/// Most problems that are told of a file.
const MOST_PROBLEMS: usize = 20;

/// A request of a batch.
#[derive(Debug)]
pub(crate) struct BatchLine {
    pub(crate) custom_id: String,
    /// The body of the request.
    pub(crate) body: Vec<u8>,
}

/// What is wrong with a file of requests.
#[derive(Debug, Clone)]
pub(crate) struct LineProblem {
    line: Option<usize>,
    message: String,
}

/// A file of requests that was found valid.
pub(crate) struct Lines {
    pub(crate) reader: BufReader<File>,
}

impl LineProblem {
    /// A problem with the file as a whole.
    pub(crate) fn of_file(message: &str) -> Self {
        Self { line: None, message: message.to_owned() }
    }

    /// As clients see it.
    pub(crate) fn to_json(&self) -> Value {
        json!({"code": "invalid_request", "line": self.line, "message": self.message, "param": null})
    }
}

impl Lines {
    /// The line that begins here.
    pub(crate) fn next_line(&mut self) -> io::Result<BatchLine> {
        let mut bytes = Vec::new();
        self.reader.read_until(b'\n', &mut bytes)?;
        parse(&bytes).map_err(io::Error::other)
    }
}

/// The place of each request of a file.
///
/// # Errors
///
/// What is wrong with its lines.
pub(crate) fn validate(path: &Path, longest: usize) -> Result<Vec<u64>, Vec<LineProblem>> {
    let unreadable = |error: io::Error| vec![LineProblem::of_file(&error.to_string())];
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
    let (mut offsets, mut problems, mut names) = (Vec::new(), Vec::new(), HashSet::new());
    let (mut offset, mut number) = (0, 0);
    loop {
        let mut bytes = Vec::new();
        let most = longest as u64 + 1;
        let read = reader.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        number += 1;
        let problem = if read as u64 == most {
            Some(format!("the line is longer than {longest} bytes"))
        } else if bytes.trim_ascii().is_empty() {
            offset += read as u64;
            continue;
        } else {
            match parse(&bytes) {
                Ok(line) if names.insert(line.custom_id.clone()) => None,
                Ok(_) => Some("another line has the same custom_id".to_owned()),
                Err(problem) => Some(problem),
            }
        };
        let ends_here = read as u64 == most;
        if let Some(message) = problem {
            problems.push(LineProblem { line: Some(number), message });
        } else {
            offsets.push(offset);
        }
        offset += read as u64;
        if offsets.len() > MOST_REQUESTS {
            let message = format!("a batch may have {MOST_REQUESTS} requests");
            return Err(vec![LineProblem::of_file(&message)]);
        }
        if problems.len() >= MOST_PROBLEMS || ends_here {
            break;
        }
    }
    if offsets.is_empty() && problems.is_empty() {
        problems.push(LineProblem::of_file("the file holds no requests"));
    }
    if problems.is_empty() { Ok(offsets) } else { Err(problems) }
}

fn parse(bytes: &[u8]) -> Result<BatchLine, String> {
    let mut line: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("the line is no JSON: {error}"))?;
    let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
    let custom_id = text("custom_id").filter(|name| !name.is_empty());
    let custom_id = custom_id.ok_or("custom_id must be a text")?;
    if custom_id.chars().count() > LONGEST_NAME {
        return Err(format!("custom_id may have {LONGEST_NAME} characters"));
    }
    if text("method").as_deref() != Some("POST") {
        return Err("method must be POST".to_owned());
    }
    if text("url").as_deref() != Some(ENDPOINT) {
        return Err(format!("url must be {ENDPOINT}"));
    }
    match line.get_mut("body").map(Value::take) {
        Some(body @ Value::Object(_)) => {
            if body.get("stream").and_then(Value::as_bool) == Some(true) {
                return Err("answers of a batch cannot be streamed".to_owned());
            }
            Ok(BatchLine { custom_id, body: body.to_string().into_bytes() })
        }
        _ => Err("body must be an object".to_owned()),
    }
}

/// What came of a request, and whether it is an answer.
pub(crate) fn result_line(id: &str, custom_id: &str, reply: &Reply) -> (bool, Value) {
    if reply.ending != Ending::Clean {
        return (false, error_line(id, custom_id, "server_error"));
    }
    let bytes: Vec<u8> = reply.pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    let status = reply.status.as_u16();
    let line = json!({"id": id, "custom_id": custom_id, "response": {"status_code": status,
        "request_id": format!("req_{id}"), "body": body}, "error": null});
    (reply.status.is_success(), line)
}

/// What is said of a request that was not answered.
pub(crate) fn error_line(id: &str, custom_id: &str, code: &str) -> Value {
    let message = match code {
        "batch_expired" => {
            "This request could not be executed before the completion window expired."
        }
        "batch_cancelled" => "This request was not executed because the batch was cancelled.",
        _ => "The connection to the model broke off.",
    };
    json!({"id": id, "custom_id": custom_id, "response": null,
        "error": {"code": code, "message": message}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(content: &str) -> Vec<(Option<usize>, String)> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let found = validate(file.path(), 1_000).err().unwrap_or_default();
        found.into_iter().map(|problem| (problem.line, problem.message)).collect()
    }

    fn line(custom_id: &str) -> String {
        json!({"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": {"model": "m"}})
            .to_string()
            + "\n"
    }

    #[test]
    fn what_is_wrong_with_requests_is_told_with_its_line() {
        assert_eq!(problems(&(line("a") + "\n" + &line("b"))), []);
        let told = problems(&(line("a") + &line("a") + "{\n" + &line(&"x".repeat(65))));
        let lines: Vec<_> = told.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [Some(2), Some(3), Some(4)], "{told:?}");
        assert!(told[0].1.contains("same custom_id") && told[1].1.contains("no JSON"), "{told:?}");
        assert!(problems("")[0].1.contains("no requests"));
        assert!(problems(&"x".repeat(2_000))[0].1.contains("longer than 1000 bytes"));
        for (from, to, said) in [
            ("POST", "GET", "method"),
            ("/v1/chat", "/v2/chat", "url"),
            ("{\"model\":\"m\"}", "1", "body"),
            ("{\"model\":\"m\"}", "{\"stream\":true}", "streamed"),
        ] {
            let told = problems(&line("a").replace(from, to));
            assert!(told[0].1.contains(said), "{told:?}");
        }
    }
}
