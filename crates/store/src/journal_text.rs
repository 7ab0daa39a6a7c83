//! A journal in memory, and what scoring reads of its lines: texts are borrowed from the file, and
//! fields that scoring does not need are checked and passed over.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use avibench_protocol::Position;
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value;

use crate::journal::JOURNAL_LIMIT;
use crate::journal_scan::{JournalRecord, Scan, scan};
use crate::{AskOutcome, DamagedLine, EntryError, Epoch, JournalError, Shard, Spending};

/// The bytes of a journal.
#[derive(Debug)]
pub struct JournalText {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// A line of a journal as far as scoring needs it. A line that is none as an
/// [`Entry`](crate::Entry) is none here. `N` is what is made of its note; `IgnoredAny` passes over
/// it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(bound(deserialize = "N: Deserialize<'de>"))]
pub struct JournalLine<'a, N> {
    v: u32,
    /// The sample's place in its folder.
    pub position: Position,
    /// Which repeat of the question it is about.
    #[serde(default)]
    pub epoch: Epoch,
    #[serde(borrow)]
    id: Text<'a>,
    /// What became of the sample.
    pub outcome: AskOutcome,
    #[serde(default, borrow)]
    answer: Option<Text<'a>>,
    #[serde(default, borrow)]
    predict: Option<Text<'a>>,
    #[serde(default, borrow)]
    reasoning: Option<Text<'a>>,
    #[serde(default, rename = "refusal")]
    _refusal: Option<Passed>,
    #[serde(default, borrow)]
    finish_reason: Option<Text<'a>>,
    /// Prompt tokens by the server's count.
    #[serde(default)]
    pub tokens_in: Option<u64>,
    #[serde(default, rename = "tokens_audio")]
    _tokens_audio: Option<u64>,
    /// Tokens that the model generated, by the server's count.
    #[serde(default)]
    pub tokens_out: Option<u64>,
    /// Tokens of reasoning, among the others.
    #[serde(default)]
    pub tokens_reasoning: Option<u64>,
    /// US dollars by the price table.
    #[serde(default)]
    pub cost: Option<f64>,
    /// Milliseconds of the last try, sending included.
    #[serde(default)]
    pub latency_ms: Option<u64>,
    /// Tries in its session; 0 if nobody was asked.
    #[serde(default)]
    pub tries: u32,
    #[serde(default, borrow)]
    model: Option<Text<'a>>,
    #[serde(default, rename = "request")]
    _request: Option<Passed>,
    #[serde(default, borrow)]
    profile: Option<Text<'a>>,
    #[serde(default, rename = "error")]
    _error: Option<EntryError>,
    #[serde(default, borrow)]
    source: Option<Text<'a>>,
    /// What was noted beside the answer.
    #[serde(default)]
    pub note: Option<N>,
    /// What the answer says by a careful reading.
    #[serde(default)]
    pub reading: Option<Value>,
    #[serde(default, borrow)]
    folder: Option<Text<'a>>,
    /// The shard whose journal the line was merged from.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// When it was noted.
    pub time: Timestamp,
}

/// The lines of a journal, and what was left out of them.
#[derive(Debug, Clone)]
pub struct JournalLines<'a, N> {
    /// Those about the first epoch, in order; the same line is there once.
    pub lines: Vec<JournalLine<'a, N>>,
    /// Those about further epochs, in order.
    pub further: Vec<JournalLine<'a, N>>,
    /// Those that cannot be read.
    pub damaged: Vec<DamagedLine>,
}

/// A string, borrowed unless it holds escapes.
#[derive(Debug, Clone)]
struct Text<'a>(Cow<'a, str>);

/// A string that nobody reads.
#[derive(Debug, Clone, Copy)]
struct Passed;

impl<N> Default for JournalLines<'_, N> {
    fn default() -> Self {
        Self { lines: Vec::new(), further: Vec::new(), damaged: Vec::new() }
    }
}

impl JournalText {
    /// Reads a journal; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>, JournalError> {
        let bytes = JOURNAL_LIMIT.read_if_any(path)?;
        Ok(bytes.map(|bytes| Self { path: path.to_owned(), bytes }))
    }

    /// Bytes of the journal at `path`.
    pub(crate) const fn of(path: PathBuf, bytes: Vec<u8>) -> Self {
        Self { path, bytes }
    }

    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its lines in order; damaged and torn ones are left out.
    ///
    /// # Errors
    ///
    /// If the file is no journal of this folder that this program can read.
    pub fn lines<'a, N: Deserialize<'a>>(&'a self) -> Result<JournalLines<'a, N>, JournalError> {
        let Scan { records, further, damaged, .. } = scan(&self.bytes, &self.path)?;
        Ok(JournalLines { lines: records, further, damaged })
    }
}

impl<N> JournalRecord for JournalLine<'_, N> {
    fn version(&self) -> u32 {
        self.v
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn folder(&self) -> Option<&str> {
        self.folder.as_ref().map(|folder| &*folder.0)
    }

    fn modernise(&mut self) {
        self.outcome = self.outcome.in_view_of(self.finish_reason());
    }
}

impl<N> JournalLine<'_, N> {
    /// The sample's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id.0
    }

    /// What the model thought before it answered.
    #[must_use]
    pub fn reasoning(&self) -> Option<&str> {
        self.reasoning.as_ref().map(|text| &*text.0)
    }

    /// Names what the answer was made from.
    pub(crate) fn source(&self) -> Option<&str> {
        self.source.as_ref().map(|source| &*source.0)
    }

    /// The answer, and what goes into the prediction file in its place.
    pub(crate) fn texts(&self) -> [Option<&str>; 2] {
        [&self.answer, &self.predict].map(|text| text.as_ref().map(|text| &*text.0))
    }

    /// The model's name as the server reported it.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_ref().map(|name| &*name.0)
    }

    /// How media were packed.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| &*profile.0)
    }

    /// Why the model stopped.
    #[must_use]
    pub fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_ref().map(|reason| &*reason.0)
    }

    /// What the prediction file holds for it: `None` for null.
    #[must_use]
    pub fn prediction(&self) -> Option<&str> {
        match self.outcome {
            AskOutcome::Answered | AskOutcome::CutOff => {
                self.predict.as_ref().or(self.answer.as_ref()).map(|text| &*text.0)
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

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

impl<'de> Deserialize<'de> for Passed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Passing;
        impl Visitor<'_> for Passing {
            type Value = Passed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Passed)
            }
        }
        deserializer.deserialize_str(Passing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, read_journal};

    /// Each line as both readers see it, in the terms of the one that scoring uses.
    fn both(content: &[u8]) -> [Vec<String>; 2] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.jsonl");
        std::fs::write(&path, content).unwrap();
        let whole = |entry: &Entry| {
            let reason = entry.finish_reason.as_deref();
            let note = entry.note.clone();
            format!(
                "{} {} {:?} {:?} {reason:?} {:?} {:?} {} {note:?}",
                entry.position,
                entry.id,
                entry.outcome,
                entry.prediction(),
                entry.spending(),
                entry.latency_ms,
                entry.tries,
            )
        };
        let part = |line: &JournalLine<'_, Value>| {
            let note = line.note.clone();
            format!(
                "{} {} {:?} {:?} {:?} {:?} {:?} {} {note:?}",
                line.position,
                line.id(),
                line.outcome,
                line.prediction(),
                line.finish_reason(),
                line.spending(),
                line.latency_ms,
                line.tries,
            )
        };
        let text = JournalText::read(&path).unwrap().unwrap();
        let whole = read_journal(&path).unwrap().entries.iter().map(whole).collect();
        [whole, text.lines().unwrap().lines.iter().map(part).collect()]
    }

    #[test]
    fn a_line_is_one_for_both_readers_or_for_neither() {
        let good = r#"{"v":1,"position":3,"id":"a\n","outcome":"answered","answer":"B\u00e4r","tries":2,
            "finish_reason":"stop","tokens_in":7,"cost":0.5,"latency_ms":4,"request":"ab\"c","reading":{"x":[1]},
            "note":{"way":"rule","span":{"start":0,"end":3}},"time":"2026-01-01T00:00:00Z"}"#
            .replace('\n', "");
        let mut content = Vec::new();
        let mut count = 0;
        for (from, to, is_line) in [
            ("", "", true),
            ("\"answer\"", "\"predict\":null,\"answer\"", true),
            ("\"answer\"", "\"predict\":\"x\",\"answer\"", true),
            ("\"answered\"", "\"empty\"", true),
            ("\"answered\"", "\"failed\",\"error\":{\"kind\":\"timeout\",\"message\":\"x\"}", true),
            ("{\"way\":\"rule\",\"span\":{\"start\":0,\"end\":3}}", "null", true),
            ("\"stop\"", "\"length\"", true),
            ("2026-01-01", "2026-13-01", false),
            ("\"request\":\"ab\\\"c\"", "\"request\":5", false),
            ("\"request\":\"ab\\\"c\"", "\"request\":\"\\ud800\"", false),
            ("\"tries\":2", "\"tries\":-2", false),
            ("\"v\":1", "\"v\":0", false),
            ("\"v\":1", "\"v\":1,\"v\":1", false),
            ("\"note\":{", "\"note\":{,", false),
            ("\"id\":\"a\\n\"", "\"id\":7", false),
        ] {
            let line = good.replacen(from, to, 1);
            assert!(from.is_empty() || line != good, "{from}");
            content.extend_from_slice(line.as_bytes());
            content.push(b'\n');
            count += usize::from(is_line);
        }
        content.extend_from_slice(good.replace("ab\\\"c", "a\u{e9}").as_bytes());
        let broken = content.len() - good.len() / 2;
        let [whole, part] = both(&content);
        assert_eq!(whole, part);
        assert_eq!(whole.len(), count + 1);
        // Bytes that are no text, in a field that only one of the readers looks at.
        let at = content.windows(3).rposition(|bytes| bytes == b"a\xc3\xa9").unwrap();
        assert!(at > broken - good.len());
        content[at + 1] = 0xff;
        let [whole, part] = both(&content);
        assert_eq!((whole.len(), part.len()), (count, count));
    }
}
