//! The journal `journal/<FOLDER>.jsonl`: one line for each sample that ended, in the order in
//! which they did. Append-only; later lines about a position overrule earlier ones.
//!
//! A line is of version 1 unless it says what only a later version knows: version 2 knows the outcome
//! `cut_off`, version 3 the epoch. A line without an epoch belongs to the first, and whoever asks for the
//! answers of a label gets those of the first epoch; the lines of further epochs stand apart. New optional fields may join a version: readers ignore what they do not know. A field
//! that changes the meaning of another needs a new version, which old readers refuse.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit};
use avibench_protocol::{Folder, Position};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::journal_scan::{JournalRecord, Scan, is_beginning_of_record, scan};
use crate::{AskOutcome, DamagedLine, Epoch, FailureKind, Shard, Spending};

/// The newest version that this program reads and writes.
pub const JOURNAL_VERSION: u32 = 3;

/// The first version that knows epochs.
const EPOCH_VERSION: u32 = 3;

/// How large a journal may become: no line is appended beyond it. A hundred answers of 16 MiB, the
/// most that is read of a reply, or two million of a kilobyte.
pub(crate) const JOURNAL_LIMIT: SizeLimit =
    SizeLimit::new(2 << 30, "restore it from a copy, or go on under another --model-label");

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of the format.
    pub v: u32,
    /// The sample's place in its folder.
    pub position: Position,
    /// Which repeat of the question it answers; the first where the line says nothing.
    #[serde(default, skip_serializing_if = "Epoch::is_first")]
    pub epoch: Epoch,
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
    /// The folder that the line belongs to, where the line names it. It is known from the file's name,
    /// so that only what is written holds it.
    #[serde(default, skip_serializing)]
    pub folder: Option<String>,
    /// The shard whose journal the line was merged from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
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
            epoch: Epoch::FIRST,
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
            folder: None,
            shard: None,
            time: Timestamp::now(),
        }
    }

    /// The entry as one of this epoch. Lines of further epochs have a version that programs without
    /// epochs refuse: they would take them for newer answers.
    #[must_use]
    pub fn in_epoch(self, epoch: Epoch) -> Self {
        let v = if epoch.is_first() { version_of(self.outcome) } else { EPOCH_VERSION };
        Self { v, epoch, ..self }
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

    /// Whether the model is known to have thought.
    #[must_use]
    pub fn has_reasoning(&self) -> bool {
        self.reasoning.as_ref().is_some_and(|text| !text.trim().is_empty())
            || self.tokens_reasoning.is_some_and(|tokens| tokens > 0)
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

/// A line that is about to be written: an entry, and the folder whose journal it joins.
#[derive(Serialize)]
pub(crate) struct WrittenLine<'a> {
    #[serde(flatten)]
    pub(crate) entry: &'a Entry,
    pub(crate) folder: Folder,
}

impl JournalRecord for Entry {
    fn version(&self) -> u32 {
        self.v
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn folder(&self) -> Option<&str> {
        self.folder.as_deref()
    }

    fn modernise(&mut self) {
        self.outcome = self.outcome.in_view_of(self.finish_reason.as_deref());
    }
}

/// A journal as it was found.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Its lines about the first epoch, in order; the same line is there once.
    pub entries: Vec<Entry>,
    /// Its lines about further epochs, in order.
    pub further: Vec<Entry>,
    /// Bytes up to the end of the last line that a crash did not tear.
    pub whole: u64,
    /// Bytes after that.
    pub torn: u64,
    /// Whether these are no more than the beginning of one line.
    pub torn_is_beginning: bool,
    /// Whether the last whole line lacks its line feed.
    pub unterminated: bool,
    /// Lines that cannot be read although they are whole.
    pub damaged: Vec<DamagedLine>,
    /// How many lines were left out because an earlier one is the same.
    pub repeated: usize,
}

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another program wrote it.
    #[error(
        "{}, line {line}: this program does not know {what}, so a newer version wrote the line; go on \
         with the version that wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is not known.
        what: String,
    },
    /// It is in another encoding.
    #[error(
        "{} is in {encoding}, and journals are in UTF-8; convert it (`iconv -f {encoding} -t UTF-8`) or \
         restore it from a copy",
        path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding.
        encoding: &'static str,
    },
    /// A line belongs to the journal of another folder.
    #[error(
        "{}, line {line}: the line is about {named}, and the file is the journal of {folder}; move the \
         line to the journal of {named}, or remove it",
        path.display()
    )]
    OtherFolder {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The folder of the file.
        folder: String,
        /// The folder that the line names.
        named: String,
    },
    /// Nothing in it is a line of a journal.
    #[error(
        "{}, line {line} (byte {byte}): no line of the file can be read, so it is no journal, or it is \
         damaged as a whole; restore it from a copy, or move it away to ask its samples again",
        path.display()
    )]
    NoJournal {
        /// The file.
        path: PathBuf,
        /// The first line that cannot be read, from 1.
        line: usize,
        /// Where that line begins.
        byte: usize,
    },
}

/// Reads a journal; one that does not exist is empty.
pub fn read_journal(path: &Path) -> Result<Journal, JournalError> {
    let Some(bytes) = JOURNAL_LIMIT.read_if_any(path)? else { return Ok(Journal::default()) };
    let Scan { records, further, torn, unterminated, damaged, repeated } = scan(&bytes, path)?;
    Ok(Journal {
        entries: records,
        further,
        whole: (bytes.len() - torn) as u64,
        torn: torn as u64,
        torn_is_beginning: is_beginning_of_record(&bytes[bytes.len() - torn..]),
        unterminated,
        damaged,
        repeated,
    })
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

    fn damaged(journal: &Journal) -> Vec<usize> {
        journal.damaged.iter().map(|damaged| damaged.line).collect()
    }

    #[test]
    fn damage_in_the_middle_or_at_the_end_costs_one_line() {
        for (content, lines) in [
            (line(0) + "\0\0\0\n" + &line(2), vec![2]),
            (line(0) + &line(1)[..40] + "\n" + &line(2), vec![2]),
            (line(0) + &line(1).replace("\"position\":1,", "") + &line(2), vec![2]),
            // With its line feed, the last line is not torn but damaged.
            (line(0) + &line(1) + "{\"v\":1\n", vec![3]),
        ] {
            let journal = read(content.as_bytes()).unwrap();
            assert_eq!((journal.entries.len(), damaged(&journal)), (2, lines), "{content}");
            assert_eq!((journal.whole, journal.torn), (content.len() as u64, 0));
        }
        let journal = read((line(0) + "\0\0\0\0").as_bytes()).unwrap();
        assert_eq!((journal.entries.len(), journal.torn), (1, 4));
        let second = &read((line(0) + "x\n" + &line(2)).as_bytes()).unwrap().damaged[0];
        assert_eq!((second.byte, second.length), (line(0).len(), 2));
    }

    #[test]
    fn what_is_no_journal_at_all_is_left_alone() {
        let utf16 = |big: bool, mark: bool| {
            let mark = if mark { "\u{feff}" } else { "" };
            let units = format!("{mark}{}", line(0) + &line(1));
            let bytes = units
                .encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            bytes.collect::<Vec<u8>>()
        };
        for (big, mark) in [(true, true), (true, false), (false, true), (false, false)] {
            let error = read(&utf16(big, mark)).unwrap_err();
            assert!(matches!(error, JournalError::Encoding { encoding: "UTF-16", .. }), "{error}");
        }
        for content in ["\0\0\0\n", "[1, 2]\n\"text\"\n", "\n\nno journal\n"] {
            let error = read(content.as_bytes()).unwrap_err();
            assert!(matches!(error, JournalError::NoJournal { .. }), "{error}");
        }
    }

    #[test]
    fn what_a_newer_program_wrote_is_left_alone() {
        for (old, new, what) in [
            ("\"v\":1", "\"v\":4", "journal version 4"),
            ("\"answered\"", "\"postponed\"", "outcome `postponed`"),
            (
                "\"tries\"",
                "\"error\":{\"kind\":\"new\",\"message\":\"\"},\"tries\"",
                "kind of error `new`",
            ),
        ] {
            let error = read((line(0) + &line(1).replace(old, new)).as_bytes()).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("AVM.jsonl, line 2") && text.contains(what), "{text}");
            assert!(text.contains("a newer version wrote the line"), "{text}");
        }
    }

    #[test]
    fn editors_leave_marks_and_blank_lines() {
        let journal = read(format!("\u{feff}{}\n \r\n{}", line(0), line(1)).as_bytes()).unwrap();
        assert_eq!((journal.entries.len(), journal.damaged.len()), (2, 0));
    }

    #[test]
    fn a_line_that_stands_twice_counts_once_and_one_of_another_folder_not_at_all() {
        let journal = read((line(0) + &line(1) + &line(0)).as_bytes()).unwrap();
        assert_eq!((journal.entries.len(), journal.repeated), (2, 1));
        let of = |folder: &str| {
            line(0).replace("\"tries\"", &format!("\"folder\":\"{folder}\",\"tries\""))
        };
        assert_eq!(read(of("AVM").as_bytes()).unwrap().entries.len(), 1);
        let error = read((line(1) + &of("AVH")).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("line 2: the line is about AVH"), "{error}");
    }

    #[test]
    fn answers_of_earlier_versions_that_were_cut_off_are_read_as_such() {
        for (reason, outcome) in [
            ("length", AskOutcome::CutOff),
            ("MAX_TOKENS", AskOutcome::CutOff),
            ("stop", AskOutcome::Answered),
            ("of its own", AskOutcome::Answered),
        ] {
            let with =
                line(0).replace("\"tries\"", &format!("\"finish_reason\":\"{reason}\",\"tries\""));
            assert_eq!(read(with.as_bytes()).unwrap().entries[0].outcome, outcome, "{reason}");
        }
    }
}
