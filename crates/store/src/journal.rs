//! The journal `journal/<FOLDER>.jsonl`: one line for each sample that ended, in the order in
//! which they did. Append-only; later lines about a position overrule earlier ones.
//!
//! A line is of version 1 unless it says what only a later version knows: version 2 knows the outcome
//! `cut_off`. New optional fields may join a version: readers ignore what they do not know. A field
//! that changes the meaning of another needs a new version, which old readers refuse.

use std::path::{Path, PathBuf};

use avibench_files::FileError;
use avibench_protocol::Position;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AskOutcome, FailureKind, Spending};

/// The newest version that this program reads and writes.
pub const JOURNAL_VERSION: u32 = 2;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of the format.
    pub v: u32,
    /// The sample's place in its folder.
    pub position: Position,
    /// The sample's id.
    pub id: String,
    /// What became of it.
    pub outcome: AskOutcome,
    /// The answer, unchanged; none for failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What goes into the prediction file, where that is not the answer itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<String>,
    /// What the model thought before it answered; no part of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// The words in which the model or a filter declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Why the model stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Prompt tokens by the server's count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_in: Option<u64>,
    /// Prompt tokens of sound, among the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_audio: Option<u64>,
    /// Tokens that the model generated, by the server's count, reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_out: Option<u64>,
    /// Tokens of reasoning, among the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_reasoning: Option<u64>,
    /// US dollars by the price table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Milliseconds of the last try, sending included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Tries in this session; 0 if nobody was asked.
    #[serde(default)]
    pub tries: u32,
    /// The model name that the server reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Hex sha256 of the request, media by their digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// How media were packed: `name@hash`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EntryError>,
    /// Names what the answer was made from, where that can change under one label. An answer with
    /// another source than the one wanted is stale, and made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The caller's own words about the answer, such as the formatting rule that read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Value>,
    /// What the answer says by a careful reading, with `of`, the fingerprint of what was read. A
    /// line whose outcome is `not_attempted` holds nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Value>,
    /// When it was noted; RFC 3339 in UTC.
    pub time: Timestamp,
}

/// An error as a journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryError {
    /// Its class.
    pub kind: FailureKind,
    /// In words, the server's own where there are any.
    pub message: String,
}

impl Entry {
    /// An entry of this moment that says what became of a sample, and nothing else.
    #[must_use]
    pub fn new(position: Position, id: String, outcome: AskOutcome) -> Self {
        Self {
            v: version_of(outcome),
            position,
            id,
            outcome,
            answer: None,
            predict: None,
            reasoning: None,
            refusal: None,
            finish_reason: None,
            tokens_in: None,
            tokens_audio: None,
            tokens_out: None,
            tokens_reasoning: None,
            cost: None,
            latency_ms: None,
            tries: 0,
            model: None,
            request: None,
            profile: None,
            error: None,
            source: None,
            note: None,
            reading: None,
            time: Timestamp::now(),
        }
    }

    /// What the prediction file holds for it: `None` for null.
    #[must_use]
    pub fn prediction(&self) -> Option<&str> {
        match self.outcome {
            AskOutcome::Answered | AskOutcome::CutOff => {
                self.predict.as_deref().or(self.answer.as_deref())
            }
            AskOutcome::Empty | AskOutcome::Refused => Some(""),
            AskOutcome::Failed | AskOutcome::Rejected | AskOutcome::NotAttempted => None,
        }
    }

    /// Tokens and cost.
    #[must_use]
    pub fn spending(&self) -> Spending {
        Spending {
            tokens_in: self.tokens_in.unwrap_or(0),
            tokens_out: self.tokens_out.unwrap_or(0),
            cost: self.cost,
        }
    }
}

/// The earliest version that knows an outcome: older programs refuse only what they do not know.
const fn version_of(outcome: AskOutcome) -> u32 {
    match outcome {
        AskOutcome::CutOff => 2,
        _ => 1,
    }
}

/// A journal as it was found.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Its lines, in order.
    pub entries: Vec<Entry>,
    /// Bytes up to the end of the last whole line: what follows was torn off by a crash.
    pub whole: u64,
    /// Bytes after that.
    pub torn: u64,
    /// Whether the last whole line lacks its line feed.
    pub unterminated: bool,
    /// Lines, counted from 1, that cannot be read although others follow.
    pub damaged: Vec<usize>,
}

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another program wrote it.
    #[error(
        "{}, line {line}: journal version {version} is newer than this program's \
         ({JOURNAL_VERSION}); go on with the program that wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The version it has.
        version: u64,
    },
}

/// Reads a journal; one that does not exist is empty.
pub fn read_journal(path: &Path) -> Result<Journal, JournalError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Journal::default()),
        Err(error) => return Err(FileError::at("read", path)(error).into()),
    };
    let mut journal = Journal::default();
    let mut bad = Vec::new();
    let found = lines(&bytes, path, |entry: &Entry| entry.v);
    for (index, (line, entry)) in found.enumerate() {
        if let Some(entry) = entry? {
            journal.entries.push(entry);
            journal.damaged.append(&mut bad);
            journal.whole += line.len() as u64 + journal.torn;
            journal.torn = 0;
            journal.unterminated = !line.ends_with(b"\n");
        } else {
            bad.push(index + 1);
            journal.torn += line.len() as u64;
        }
    }
    Ok(journal)
}

/// The lines of a journal, each with what it says; `None` for one that cannot be read.
///
/// # Errors
///
/// If a line is of a newer version.
pub(crate) fn lines<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    path: &'a Path,
    version: impl Fn(&T) -> u32,
) -> impl Iterator<Item = (&'a [u8], Result<Option<T>, JournalError>)> {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate();
    lines.map(move |(index, line)| {
        // Looking once whether all is text is cheaper than looking at each string.
        let entry = std::str::from_utf8(line).ok().and_then(|line| serde_json::from_str(line).ok());
        let entry = entry.filter(|entry| (1..=JOURNAL_VERSION).contains(&version(entry)));
        let newer = if entry.is_none() { newer_version(line) } else { None };
        let found = match newer {
            Some(version) => {
                Err(JournalError::Newer { path: path.to_owned(), line: index + 1, version })
            }
            None => Ok(entry),
        };
        (line, found)
    })
}

/// The version of a line, if it is newer than this program's.
fn newer_version(line: &[u8]) -> Option<u64> {
    let value: Value = serde_json::from_slice(line).ok()?;
    value.get("v")?.as_u64().filter(|&version| version > u64::from(JOURNAL_VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(position: usize) -> String {
        format!(
            "{{\"v\":1,\"position\":{position},\"id\":\"0\",\"outcome\":\"answered\",\
             \"answer\":\"Bär\",\"tries\":1,\"time\":\"2026-01-01T00:00:00Z\"}}\n"
        )
    }

    fn read(content: &[u8]) -> Result<Journal, JournalError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.jsonl");
        std::fs::write(&path, content).unwrap();
        read_journal(&path)
    }

    #[test]
    fn a_torn_tail_is_found_wherever_it_was_torn() {
        let content = line(0) + &line(1) + &line(2);
        let length = line(0).len();
        for cut in 0..=content.len() {
            let journal = read(&content.as_bytes()[..cut]).unwrap();
            // A record is whole as soon as its last brace is there.
            let records = (cut + 1) / length;
            let whole = (records * length).min(cut);
            assert_eq!(journal.entries.len(), records, "cut at {cut}");
            assert_eq!((journal.whole, journal.torn), (whole as u64, (cut - whole) as u64));
            assert_eq!(journal.unterminated, records * length > cut);
            assert!(journal.damaged.is_empty());
        }
    }

    #[test]
    fn damage_in_the_middle_costs_one_line() {
        let journal = read((line(0) + "\0\0\0\n" + &line(2)).as_bytes()).unwrap();
        assert_eq!(journal.entries.len(), 2);
        assert_eq!(journal.damaged, [2]);
        assert_eq!(journal.torn, 0);
    }

    #[test]
    fn a_newer_journal_is_left_alone() {
        let newer = line(0) + &line(1).replace("\"v\":1", "\"v\":3");
        assert!(matches!(
            read(newer.as_bytes()),
            Err(JournalError::Newer { line: 2, version: 3, .. })
        ));
    }
}
