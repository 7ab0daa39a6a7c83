//! The lines of a journal in memory: the one place that decides what a line is, what is only torn,
//! what is damaged, and what this program must leave alone.
//!
//! Only a last line without its line feed can be torn by a crash, because a line and its line feed
//! are appended in one go. Everything else that cannot be read has another cause, and is never cut.

use std::collections::HashSet;
use std::path::Path;

use avibench_protocol::Folder;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::journal::JOURNAL_VERSION;
use crate::{AskOutcome, Epoch, FailureKind, JournalError};

/// What a record of a line has in common, whoever reads it.
pub(crate) trait JournalRecord {
    /// Version of the line.
    fn version(&self) -> u32;

    /// The repeat of the question that the line is about.
    fn epoch(&self) -> Epoch;

    /// The folder that the line names, if it names one.
    fn folder(&self) -> Option<&str>;

    /// Brings a line of an earlier version to what the present one means.
    fn modernise(&mut self);
}

/// A line in a journal that cannot be read although its line feed is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedLine {
    /// The line, from 1.
    pub line: usize,
    /// Where it begins in the file, in bytes.
    pub byte: usize,
    /// Its length with the line feed.
    pub length: usize,
}

/// What a journal holds.
#[derive(Debug)]
pub(crate) struct Scan<T> {
    /// Its records about the first epoch, in order.
    pub(crate) records: Vec<T>,
    /// Its records about further epochs, in order.
    pub(crate) further: Vec<T>,
    /// Bytes after the last line feed, if they are no record: a crash tore them.
    pub(crate) torn: usize,
    /// Whether the last record lacks its line feed.
    pub(crate) unterminated: bool,
    /// Lines that cannot be read.
    pub(crate) damaged: Vec<DamagedLine>,
    /// Lines that are the same, byte for byte, as an earlier one, and count for nothing.
    pub(crate) repeated: usize,
}

/// Reads the lines of the journal at `path`, whose `bytes` are these.
///
/// # Errors
///
/// If the file is in another encoding, if a newer program wrote a line, if a line is of another
/// folder, or if no line can be read at all.
pub(crate) fn scan<'a, T: JournalRecord + Deserialize<'a>>(
    bytes: &'a [u8],
    path: &Path,
) -> Result<Scan<T>, JournalError> {
    if let Some(encoding) = other_encoding(bytes) {
        return Err(JournalError::Encoding { path: path.to_owned(), encoding });
    }
    let mut found = Scan {
        records: Vec::new(),
        further: Vec::new(),
        torn: 0,
        unterminated: false,
        damaged: Vec::new(),
        repeated: 0,
    };
    let mut known = HashSet::new();
    let mut byte = 0;
    for (index, piece) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let (line, begins) = (index + 1, byte);
        byte += piece.len();
        // An editor may have left a mark at the beginning, or blank lines.
        let text =
            if begins == 0 { piece.strip_prefix(BYTE_ORDER_MARK).unwrap_or(piece) } else { piece };
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let is_terminated = piece.ends_with(b"\n");
        let Some(record) = record_in::<T>(text, path, line)? else {
            if is_terminated {
                found.damaged.push(DamagedLine { line, byte: begins, length: piece.len() });
            } else {
                found.torn = piece.len();
            }
            continue;
        };
        found.unterminated = !is_terminated;
        if !known.insert(text.trim_ascii_end()) {
            found.repeated += 1;
        } else if record.epoch().is_first() {
            found.records.push(record);
        } else {
            found.further.push(record);
        }
    }
    let is_empty = found.records.is_empty() && found.further.is_empty();
    if let (true, Some(first)) = (is_empty, found.damaged.first()) {
        let (line, byte) = (first.line, first.byte);
        return Err(JournalError::NoJournal { path: path.to_owned(), line, byte });
    }
    Ok(found)
}

/// The record of one line of the journal at `path`, brought to what the present version means; `None` if
/// the line cannot be read.
///
/// # Errors
///
/// If a newer program wrote the line, or if it is of another folder.
pub(crate) fn record_in<'a, T: JournalRecord + Deserialize<'a>>(
    text: &'a [u8],
    path: &Path,
    line: usize,
) -> Result<Option<T>, JournalError> {
    // Looking once whether all is text is cheaper than looking at each string.
    let record =
        std::str::from_utf8(text).ok().and_then(|text| serde_json::from_str::<T>(text).ok());
    let record = record.filter(|record| (1..=JOURNAL_VERSION).contains(&record.version()));
    let Some(mut record) = record else {
        return match written_by_newer(text) {
            Some(what) => Err(JournalError::Newer { path: path.to_owned(), line, what }),
            None => Ok(None),
        };
    };
    let name = path.file_stem().and_then(|stem| stem.to_str());
    let folder = name.filter(|name| Folder::ALL.iter().any(|folder| folder.name() == *name));
    if let (Some(folder), Some(named)) = (folder, record.folder())
        && folder != named
    {
        let (folder, named) = (folder.to_owned(), named.to_owned());
        return Err(JournalError::OtherFolder { path: path.to_owned(), line, folder, named });
    }
    record.modernise();
    Ok(Some(record))
}

/// UTF-8's mark.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The name of an encoding other than UTF-8 that the file seems to be in.
pub(crate) fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        // The first character of a line is `{`.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => Some("UTF-16"),
        _ => None,
    }
}

/// What in a line only a newer program can have written.
fn written_by_newer(line: &[u8]) -> Option<String> {
    let fields: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let version = fields.get("v")?.as_u64()?;
    if version > u64::from(JOURNAL_VERSION) {
        return Some(format!("journal version {version}"));
    }
    let unknown = |what: &str, value: Option<&Value>, is_known: fn(&Value) -> bool| {
        let name = value.filter(|value| !is_known(value))?.as_str()?;
        Some(format!("{what} `{}`", name.chars().take(40).collect::<String>()))
    };
    let is_outcome = |value: &Value| AskOutcome::deserialize(value).is_ok();
    let is_kind = |value: &Value| FailureKind::deserialize(value).is_ok();
    unknown("outcome", fields.get("outcome"), is_outcome)
        .or_else(|| unknown("kind of error", fields.get("error")?.get("kind"), is_kind))
}

/// Whether torn bytes are no more than the beginning of one record: then the sample is asked again,
/// and nothing is lost that anybody could read.
pub(crate) fn is_beginning_of_record(torn: &[u8]) -> bool {
    const BEGINNING: &[u8] = br#"{"v":"#;
    let common = torn.len().min(BEGINNING.len());
    torn[..common] == BEGINNING[..common]
        && serde_json::from_slice::<IgnoredAny>(torn).is_err_and(|error| error.is_eof())
}
