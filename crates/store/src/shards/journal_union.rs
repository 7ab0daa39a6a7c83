//! The journal of a folder, put together from those of shards: every line once, in an order in which the
//! right line stands last about each position, because later lines overrule earlier ones.
//!
//! The lines of one file form a chain: its last answer to a position is what it says of it. Where several
//! chains have an answer to one position, that of the lowest shard counts, the label's own before all, and
//! of several copies of one shard that which answered earliest; a copy that another one has gone on from
//! counts as its beginning. Lines of the other chains are put before all others, so that nothing is lost
//! and the order of merging makes no difference.
//!
//! Journals are read line by line, twice: once to decide, once to write. In memory stand some fifty bytes a
//! line, and of lines themselves the one that is read.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::path::PathBuf;

use avibench_files::{FileError, FilledFile};
use avibench_protocol::{Position, Sample};
use jiff::Timestamp;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::Shard;
use super::line_reader::{LineReader, Unread};
use crate::journal::JOURNAL_LIMIT;
use crate::ledger::other_data;
use crate::{AskOutcome, Entry, JournalError, JournalLine, LedgerError};

/// The journals of one folder.
pub(crate) struct JournalUnion {
    /// The label's own journal, and then those of shards.
    chains: Vec<Chain>,
    /// What became of each line of each chain.
    fates: Vec<Vec<Fate>>,
    pub(crate) findings: Findings,
}

/// A journal that is read.
struct Chain {
    path: PathBuf,
    /// The shard whose it is; none for that of the label.
    shard: Option<Shard>,
}

/// What the journals showed.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Positions with answers of several chains.
    pub(super) doubled: Vec<Doubled>,
    /// What could not be read, by the journal.
    pub(crate) unread: Vec<(PathBuf, Unread)>,
}

/// A position with several answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubled {
    /// The position.
    pub(super) position: Position,
    /// The shard whose answer counts; none is the label itself.
    pub(super) counts: Option<Shard>,
    /// The shards with another answer, the same one if a copy of it has another.
    pub(super) others: Vec<Option<Shard>>,
}

/// Where a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// To its place.
    Place,
    /// Before all lines that have a place.
    Before,
    /// Nowhere: the same line stands elsewhere.
    Nowhere,
}

/// What is known of a line.
#[derive(Debug, Clone, Copy)]
struct Line {
    position: usize,
    /// Whose it is.
    owner: Option<Shard>,
    chain: usize,
    /// Its number among the lines of the chain that can be read.
    number: usize,
    outcome: AskOutcome,
    time: Timestamp,
    digest: [u8; 16],
}

impl JournalUnion {
    /// Reads the journal of the label, and those of shards, each a path with the shard, to the questions of
    /// `samples`. Files that are not there have no lines.
    pub(crate) fn read(
        label: PathBuf,
        shards: impl Iterator<Item = (Shard, PathBuf)>,
        samples: &[Sample],
    ) -> Result<Self, LedgerError> {
        let mut chains = vec![Chain { path: label, shard: None }];
        chains.extend(shards.map(|(shard, path)| Chain { path, shard: Some(shard) }));
        let mut union = Self { chains, fates: Vec::new(), findings: Findings::default() };
        let mut lines = Vec::new();
        for chain in 0..union.chains.len() {
            union.read_chain(chain, samples, &mut lines)?;
        }
        union.decide(lines);
        Ok(union)
    }

    fn read_chain(
        &mut self,
        chain: usize,
        samples: &[Sample],
        lines: &mut Vec<Line>,
    ) -> Result<(), LedgerError> {
        let Chain { path, shard } = &self.chains[chain];
        let mut number = 0;
        if let Some(mut reader) = LineReader::open(path)? {
            while reader.advance()? {
                let Some(line) = reader.record::<JournalLine<'_, IgnoredAny>>()? else {
                    reader.note_unread();
                    continue;
                };
                let position = line.position.0;
                let expected = samples.get(position).map(|sample| sample.id.as_str());
                if expected != Some(line.id()) {
                    return Err(other_data(path, position, Some(line.id()), expected));
                }
                let owner = line.shard.or(*shard);
                lines.push(Line {
                    position,
                    owner,
                    chain,
                    number,
                    outcome: line.outcome,
                    time: line.time,
                    digest: digest(reader.text(), line.shard),
                });
                number += 1;
            }
            let unread = reader.finish()?;
            if unread != Unread::default() {
                self.findings.unread.push((path.clone(), unread));
            }
        }
        self.fates.push(vec![Fate::Place; number]);
        Ok(())
    }

    /// Decides where each line goes.
    fn decide(&mut self, mut lines: Vec<Line>) {
        // What was merged before stands in the label's journal; where the shard is at hand, its own
        // journal is that which counts.
        let of_shards: HashSet<(Option<Shard>, [u8; 16])> = lines
            .iter()
            .filter(|line| line.chain > 0)
            .map(|line| (line.owner, line.digest))
            .collect();
        let fates = &mut self.fates;
        lines.retain(|line| {
            let is_again = line.chain == 0
                && line.owner.is_some()
                && of_shards.contains(&(line.owner, line.digest));
            if is_again {
                fates[0][line.number] = Fate::Nowhere;
            }
            !is_again
        });
        drop(of_shards);
        lines.sort_unstable_by_key(|line| (line.position, line.chain, line.number));
        for of_position in lines.chunk_by(|a, b| a.position == b.position) {
            self.decide_position(of_position);
        }
    }

    /// `lines` are all about one position, those of a chain beside each other in their order.
    fn decide_position(&mut self, lines: &[Line]) {
        // A single line has no other beside it, and the label's own stay as they are.
        if lines.len() == 1 || lines.iter().all(|line| line.owner.is_none()) {
            return;
        }
        // The label's journal has lines of several shards, each a chain of its own.
        let mut chains: BTreeMap<(Option<Shard>, usize), Vec<&Line>> = BTreeMap::new();
        for line in lines {
            chains.entry((line.owner, line.chain)).or_default().push(line);
        }
        let standing = |lines: &[&Line]| -> usize {
            let mut stands = (None, 0);
            for (at, line) in lines.iter().enumerate() {
                if AskOutcome::standing(stands.0, line.outcome) == line.outcome {
                    stands = (Some(line.outcome), at);
                }
            }
            stands.1
        };
        let standing: Vec<(&(Option<Shard>, usize), &Vec<&Line>, &Line)> =
            chains.iter().map(|(key, lines)| (key, lines, lines[standing(lines)])).collect();
        let weight = standing.iter().map(|(.., line)| line.outcome.weight()).max().unwrap_or(0);
        let heavy = || standing.iter().filter(|(.., line)| line.outcome.weight() == weight);
        let Some(lowest) = heavy().map(|((owner, _), ..)| *owner).min() else { return };
        // A chain whose answer stands in another copy of its shard, too, is the beginning of that one.
        let of_lowest: Vec<_> = heavy().filter(|((owner, _), ..)| *owner == lowest).collect();
        let is_beginning = |at: usize| {
            let (_, lines, stands) = of_lowest[at];
            of_lowest.iter().enumerate().any(|(other, (_, others, other_stands))| {
                let holds = |lines: &[&Line], line: &Line| {
                    lines.iter().any(|other| other.digest == line.digest)
                };
                other != at && holds(others, stands) && (other < at || !holds(lines, other_stands))
            })
        };
        let counting = (0..of_lowest.len())
            .filter(|at| !is_beginning(*at))
            .min_by_key(|at| (of_lowest[*at].2.time, of_lowest[*at].2.digest));
        let Some(&(&key, own, stands)) = counting.map(|at| of_lowest[at]) else { return };
        if weight == AskOutcome::Answered.weight() {
            let others: Vec<Option<Shard>> = heavy()
                .filter(|(other, _, line)| {
                    **other != key
                        && (line.digest != stands.digest || other.0 != key.0)
                        && !(other.0 == key.0 && own.iter().any(|of| of.digest == line.digest))
                })
                .map(|((owner, _), ..)| *owner)
                .collect();
            if !others.is_empty() {
                let (position, counts) = (Position(lines[0].position), key.0);
                self.findings.doubled.push(Doubled { position, counts, others });
            }
        }
        let mut known: HashSet<(Option<Shard>, [u8; 16])> = HashSet::new();
        for line in own {
            if key.0.is_some() && !known.insert((line.owner, line.digest)) {
                self.fates[line.chain][line.number] = Fate::Nowhere;
            }
        }
        for line in chains.iter().filter(|(other, _)| **other != key).flat_map(|(_, lines)| lines) {
            let is_new = known.insert((line.owner, line.digest)) || line.owner.is_none();
            let fate = if is_new { Fate::Before } else { Fate::Nowhere };
            self.fates[line.chain][line.number] = fate;
        }
    }

    /// Writes the union, and calls `each` with every line in its order. What is not to be written, because the
    /// label's journal reads like it already, is dropped: `None`.
    pub(crate) fn write(
        &self,
        mut each: impl FnMut(Entry),
    ) -> Result<Option<FilledFile>, JournalError> {
        let target = &self.chains[0].path;
        let mut trouble = None;
        let mut same = SameBytes::with(target)?;
        let filled = FilledFile::new(target, |out| {
            for fate in [Fate::Before, Fate::Place] {
                for chain in 0..self.chains.len() {
                    if !self.fates[chain].contains(&fate) {
                        continue;
                    }
                    match self.write_chain(chain, fate, out, &mut same, &mut each) {
                        Ok(()) => {}
                        Err(Broken::Write(error)) => return Err(error),
                        Err(Broken::Journal(error)) => {
                            trouble = Some(error);
                            return Err(io::Error::other("a journal cannot be read"));
                        }
                    }
                }
            }
            Ok(())
        });
        match (filled, trouble) {
            (_, Some(error)) => Err(error),
            (filled, None) => {
                let filled = filled?;
                Ok((!same.is_all()?).then_some(filled))
            }
        }
    }

    /// Writes the lines of a chain with this fate.
    fn write_chain(
        &self,
        chain: usize,
        fate: Fate,
        out: &mut dyn Write,
        same: &mut SameBytes,
        each: &mut impl FnMut(Entry),
    ) -> Result<(), Broken> {
        let Chain { path, shard } = &self.chains[chain];
        let Some(mut reader) = LineReader::open(path)? else { return Ok(()) };
        let mut number = 0;
        let mut line = Vec::new();
        // A shard that still asks may have appended lines since, which are for the next time.
        while number < self.fates[chain].len() && reader.advance()? {
            let Some(entry) = reader.record::<Entry>()? else { continue };
            number += 1;
            if self.fates[chain][number - 1] != fate {
                continue;
            }
            line.clear();
            line.extend_from_slice(reader.text());
            if let (Some(shard), None, Some(b'}')) = (shard, entry.shard, line.last()) {
                line.pop();
                line.extend_from_slice(tag(*shard).as_bytes());
            }
            line.push(b'\n');
            same.written += line.len() as u64;
            if same.written > JOURNAL_LIMIT.bytes() {
                return Err(Broken::Write(JOURNAL_LIMIT.exceeded()));
            }
            out.write_all(&line).map_err(Broken::Write)?;
            same.compare(&line).map_err(Broken::Write)?;
            each(entry);
        }
        Ok(())
    }
}

/// Why the union cannot be written.
enum Broken {
    Write(io::Error),
    Journal(JournalError),
}

impl From<JournalError> for Broken {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// The end of a line that names its shard.
fn tag(shard: Shard) -> String {
    format!(",\"shard\":\"{shard}\"}}")
}

/// Tells lines apart, whether they name their shard or not.
fn digest(text: &[u8], shard: Option<Shard>) -> [u8; 16] {
    let mut sum = Sha256::new();
    match shard.and_then(|shard| text.strip_suffix(tag(shard).as_bytes())) {
        Some(untagged) => {
            sum.update(untagged);
            sum.update(b"}");
        }
        None => sum.update(text),
    }
    let whole = sum.finalize();
    let mut digest = [0; 16];
    digest.copy_from_slice(&whole[..16]);
    digest
}

/// Compares what is written with what a file holds.
struct SameBytes {
    file: Option<io::BufReader<std::fs::File>>,
    path: PathBuf,
    is_same: bool,
    /// Bytes that were written.
    written: u64,
    buffer: Vec<u8>,
}

impl SameBytes {
    fn with(path: &std::path::Path) -> Result<Self, FileError> {
        let file = match std::fs::File::open(path) {
            Ok(file) => Some(io::BufReader::with_capacity(1 << 18, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(FileError::at("read", path)(error)),
        };
        let is_same = file.is_some();
        Ok(Self { file, path: path.to_owned(), is_same, written: 0, buffer: Vec::new() })
    }

    fn compare(&mut self, bytes: &[u8]) -> io::Result<()> {
        use io::Read as _;
        let Some(file) = self.file.as_mut().filter(|_| self.is_same) else { return Ok(()) };
        self.buffer.clear();
        file.by_ref().take(bytes.len() as u64).read_to_end(&mut self.buffer)?;
        self.is_same = self.buffer == bytes;
        Ok(())
    }

    /// Whether the file holds what was written, and no more.
    fn is_all(mut self) -> Result<bool, FileError> {
        use io::BufRead as _;
        let path = &self.path;
        let Some(file) = self.file.as_mut().filter(|_| self.is_same) else { return Ok(false) };
        Ok(file.fill_buf().map_err(FileError::at("read", path))?.is_empty())
    }
}
