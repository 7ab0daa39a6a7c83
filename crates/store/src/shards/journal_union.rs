//! The journal of a folder, put together from those of shards: every line once, in an order in which the
//! right line stands last about each position, because later lines overrule earlier ones.
//!
//! Which line that is follows from the lines alone, whatever the files they stand in, so that the order of
//! merging makes no difference (each epoch of a position is decided by itself): the label's own answer before those of shards, the lowest shard before the
//! others, and of a shard's answers, which several copies of it may have given, the earliest. All other
//! lines are kept, and stand before it.
//!
//! Journals are read line by line, twice: once to decide, once to write. In memory stand some hundred bytes
//! a line, and of lines themselves the one that is read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::io::{self, Write};
use std::path::PathBuf;

use avibench_files::FilledFile;
use avibench_protocol::{Position, Sample};
use jiff::Timestamp;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::Shard;
use super::line_reader::{LineReader, Unread};
use super::same_bytes::SameBytes;
use crate::journal::JOURNAL_LIMIT;
use crate::ledger::other_data;
use crate::{AskOutcome, Entry, Epoch, JournalError, JournalLine, LedgerError};

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
    epoch: Epoch,
    /// Whose it is.
    owner: Option<Shard>,
    chain: usize,
    /// Its number among the lines of the chain that can be read.
    number: usize,
    outcome: AskOutcome,
    time: Timestamp,
    /// Tells apart what answers were made from, and answers.
    source: u64,
    content: u64,
    /// Tells lines apart, whether they name their shard or not.
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
                    epoch: line.epoch,
                    owner,
                    chain,
                    number,
                    outcome: line.outcome,
                    time: line.time,
                    source: number_of(line.source()),
                    content: number_of((line.outcome.key(), line.texts())),
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
        // Shards come before the label, in whose journal their lines stand from earlier merges.
        lines.sort_unstable_by_key(|line| {
            (line.position, line.epoch, line.chain == 0, line.chain, line.number)
        });
        let is_same = |a: &Line, b: &Line| (a.position, a.epoch) == (b.position, b.epoch);
        for of_position in lines.chunk_by(is_same) {
            self.decide_position(of_position);
        }
    }

    /// `lines` are all about one position in one epoch.
    fn decide_position(&mut self, lines: &[Line]) {
        // A single line has no other beside it, and the label's own stay as they are.
        if lines.len() == 1 || lines.iter().all(|line| line.owner.is_none()) {
            return;
        }
        let mut known = HashSet::new();
        let (mut own, mut of_shards): (Vec<&Line>, Vec<&Line>) = (Vec::new(), Vec::new());
        for line in lines {
            let is_again = match line.owner {
                Some(_) => !known.insert((line.owner, line.digest)),
                // Somebody put journals together by hand.
                None => of_shards.iter().any(|other| other.digest == line.digest),
            };
            if is_again {
                self.fates[line.chain][line.number] = Fate::Nowhere;
            } else if line.owner.is_some() {
                of_shards.push(line);
            } else {
                own.push(line);
            }
        }
        let weight = own.iter().chain(&of_shards).map(|line| line.outcome.weight()).max();
        let is_heavy = |line: &&&Line| Some(line.outcome.weight()) == weight;
        let owner = own.iter().chain(&of_shards).filter(is_heavy).map(|line| line.owner).min();
        let (Some(weight), Some(owner)) = (weight, owner) else { return };
        // All of the label's own lines keep their order.
        let stands = owner.and_then(|_| standing(&of_shards, owner, weight));
        let is_other = |line: &&&Line| match stands {
            Some(stands) if line.owner == owner => {
                line.source == stands.source && line.content != stands.content
            }
            _ => line.owner != owner,
        };
        if weight == AskOutcome::Answered.weight() {
            let others = of_shards.iter().filter(is_heavy).filter(is_other);
            let others: BTreeSet<Option<Shard>> = others.map(|line| line.owner).collect();
            if !others.is_empty() {
                let (position, others) =
                    (Position(lines[0].position), others.into_iter().collect());
                self.findings.doubled.push(Doubled { position, counts: owner, others });
            }
        }
        if own.is_empty() && reads_as(&of_shards, stands) {
            return;
        }
        for line in own.iter().chain(&of_shards) {
            let is_last = match stands {
                None => line.owner.is_none(),
                Some(stands) => std::ptr::eq(*line, stands),
            };
            if !is_last {
                self.fates[line.chain][line.number] = Fate::Before;
            }
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
                Ok((!same.holds_all()?).then_some(filled))
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

/// The line of a shard that counts, among those of this weight. Of formatted answers those count whose raw
/// answer, or refiner, came last; of answers made from the same, that which was given earliest, in the line
/// that was written last: it holds what was found out about the answer since.
fn standing<'a>(lines: &[&'a Line], owner: Option<Shard>, weight: u8) -> Option<&'a Line> {
    let heavy = || {
        let lines = lines.iter().copied();
        lines.filter(move |line| line.owner == owner && line.outcome.weight() == weight)
    };
    let mut begun: BTreeMap<u64, Timestamp> = BTreeMap::new();
    for line in heavy() {
        let first = begun.entry(line.source).or_insert(line.time);
        *first = line.time.min(*first);
    }
    let source = begun.into_iter().max_by_key(|(source, first)| (*first, *source))?.0;
    let of_source = || heavy().filter(|line| line.source == source);
    let content = of_source().min_by_key(|line| (line.time, line.digest))?.content;
    of_source().filter(|line| line.content == content).max_by_key(|line| (line.time, line.digest))
}

/// Whether lines that stand in one file, in this order, say what the line that counts says.
fn reads_as(lines: &[&Line], stands: Option<&Line>) -> bool {
    let Some(first) = lines.first() else { return false };
    if lines.iter().any(|line| (line.chain, line.owner) != (first.chain, first.owner)) {
        return false;
    }
    let mut last: Option<&Line> = None;
    for line in lines {
        if AskOutcome::standing(last.map(|last| last.outcome), line.outcome) == line.outcome {
            last = Some(line);
        }
    }
    last.zip(stands).is_some_and(|(last, stands)| std::ptr::eq(last, stands))
}

/// A number that tells texts apart.
fn number_of(texts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    texts.hash(&mut hasher);
    hasher.finish()
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use avibench_protocol::Folder;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::read_journal;

    const POSITIONS: usize = 4;

    fn samples() -> Vec<Sample> {
        let record = |at: usize| json!({"id": at.to_string(), "input": {}});
        (0..POSITIONS)
            .map(|at| Sample::from_json(Folder::Avm, Position(at), &record(at)).unwrap())
            .collect()
    }

    /// A line about a position that was noted at some second of the day.
    fn line(position: usize, outcome: AskOutcome, second: u32, answer: &str) -> String {
        let time =
            format!("2026-01-01T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60);
        let answer = outcome.has_answer().then_some(answer);
        let entry = json!({"v": 1, "position": position, "id": position.to_string(),
            "outcome": outcome, "answer": answer, "time": time});
        format!("{entry}\n")
    }

    fn shard(index: u32) -> Shard {
        Shard::new(index, 9).unwrap()
    }

    /// Merges these journals into that at `label`, and says whether it changed.
    fn merge(label: &Path, shards: &[(Shard, PathBuf)]) -> bool {
        let shards = shards.iter().cloned();
        let union = JournalUnion::read(label.to_owned(), shards, &samples()).unwrap();
        match union.write(|_| {}).unwrap() {
            None => false,
            Some(filled) => {
                filled.replace().unwrap();
                true
            }
        }
    }

    /// The answers of a journal by position, as every reader takes them.
    fn answers(path: &Path) -> Vec<Option<String>> {
        let mut found = vec![(None, None); POSITIONS];
        for entry in read_journal(path).unwrap().entries {
            let (outcome, answer) = &mut found[entry.position.0];
            if AskOutcome::standing(*outcome, entry.outcome) == entry.outcome {
                *outcome = Some(entry.outcome);
                answer.clone_from(&entry.answer);
            }
        }
        found.into_iter().map(|(_, answer)| answer).collect()
    }

    #[test]
    fn the_lowest_shard_counts_and_then_the_earliest_answer() {
        use AskOutcome::{Answered, Failed};
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).join("AVM.jsonl");
        let write = |name: &str, lines: &[String]| {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), lines.concat()).unwrap();
        };
        write("label", &[line(3, Answered, 90, "the label's")]);
        write(
            "two",
            &[line(0, Failed, 5, ""), line(0, Answered, 50, "of two"), line(3, Answered, 1, "x")],
        );
        write("four", &[line(0, Answered, 10, "of four"), line(1, Answered, 30, "late")]);
        write("copy", &[line(1, Answered, 20, "early"), line(2, Failed, 20, "")]);
        let all = [(shard(2), at("two")), (shard(4), at("four")), (shard(4), at("copy"))];
        assert!(merge(&at("label"), &all));
        let expected = [Some("of two"), Some("early"), None, Some("the label's")]
            .map(|text| text.map(str::to_owned));
        assert_eq!(answers(&at("label")), expected);
        let text = std::fs::read_to_string(at("label")).unwrap();
        assert_eq!(text.lines().count(), 8, "no line is lost: {text}");
        assert_eq!(text.matches("\"shard\":\"4/9\"}").count(), 4, "{text}");
        assert!(!merge(&at("label"), &all), "merged again, nothing is new");
        let union = JournalUnion::read(at("label"), all.into_iter(), &samples()).unwrap();
        let doubled = &union.findings.doubled;
        let told: Vec<_> =
            doubled.iter().map(|of| (of.position.0, of.counts, of.others.clone())).collect();
        assert_eq!(
            told,
            [
                (0, Some(shard(2)), vec![Some(shard(4))]),
                (1, Some(shard(4)), vec![Some(shard(4))]),
                (3, None, vec![Some(shard(2))]),
            ]
        );
    }

    #[test]
    fn what_was_found_out_about_an_answer_later_stays_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).join("AVM.jsonl");
        let formatted = |second: u32, answer: &str, source: &str, reading: Option<u32>| {
            let text = line(0, AskOutcome::Answered, second, answer);
            let mut entry: serde_json::Value = serde_json::from_str(&text).unwrap();
            entry["source"] = source.into();
            if let Some(reading) = reading {
                entry["reading"] = reading.into();
            }
            format!("{entry}\n")
        };
        let write = |name: &str, lines: &[String]| {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), lines.concat()).unwrap();
        };
        let last = || read_journal(&at("label")).unwrap().entries.pop().unwrap();
        let both = [(shard(1), at("one")), (shard(1), at("copy"))];
        write("one", &[formatted(10, "a", "s", None), formatted(30, "a", "s", Some(7))]);
        write("copy", &[formatted(20, "b", "s", None), formatted(40, "b", "s", Some(8))]);
        merge(&at("label"), &both);
        assert_eq!((last().answer.as_deref(), last().reading), (Some("a"), Some(7.into())));
        // The raw answer was another one meanwhile, and was formatted anew.
        write("copy", &[formatted(20, "b", "s", None), formatted(50, "c", "t", None)]);
        merge(&at("label"), &both);
        assert_eq!(last().answer.as_deref(), Some("c"));
    }

    #[test]
    fn lines_about_other_questions_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.jsonl");
        let other = line(1, AskOutcome::Answered, 1, "x").replace("\"id\":\"1\"", "\"id\":\"9\"");
        for text in [other, line(POSITIONS, AskOutcome::Answered, 1, "x")] {
            std::fs::write(&path, text).unwrap();
            let shards = [(shard(1), path.clone())];
            let label = dir.path().join("label/AVM.jsonl");
            let error = JournalUnion::read(label, shards.into_iter(), &samples())
                .err()
                .unwrap()
                .to_string();
            assert!(error.contains("AVM.jsonl answers other questions"), "{error}");
        }
    }

    /// A journal: which shard, and lines of position, outcome and second.
    type Made = (u32, Vec<(usize, AskOutcome, u32)>);

    fn made() -> impl Strategy<Value = Vec<Made>> {
        let outcome = prop_oneof![
            3 => Just(AskOutcome::Answered),
            1 => Just(AskOutcome::Failed),
            1 => Just(AskOutcome::Empty),
        ];
        vec((1_u32..4, vec((0..POSITIONS, outcome, 0_u32..40), 0..8)), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 10))]
        #[test]
        fn the_order_of_merging_makes_no_difference(
            made in made(),
            own in vec((0..POSITIONS, 0_u32..40), 0..3),
            order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let place = |name: String| {
                let folder = dir.path().join(name);
                std::fs::create_dir_all(&folder).unwrap();
                folder.join("AVM.jsonl")
            };
            let mut shards = Vec::new();
            for (number, (index, lines)) in made.iter().enumerate() {
                let path = place(number.to_string());
                let text: String = lines
                    .iter()
                    .map(|(at, outcome, second)| {
                        line(*at, *outcome, *second, &format!("{number} at {second}"))
                    })
                    .collect();
                std::fs::write(&path, text).unwrap();
                shards.push((shard(*index), path));
            }
            let own: String = own
                .iter()
                .map(|(at, second)| line(*at, AskOutcome::Answered, *second, "own"))
                .collect();
            let label = |name: &str| {
                let path = place(name.to_owned());
                std::fs::write(&path, &own).unwrap();
                path
            };
            let at_once = label("at once");
            merge(&at_once, &shards);
            prop_assert!(!merge(&at_once, &shards), "merged again, nothing is new");

            // One after the other, each gone when the next one comes.
            let by_and_by = label("by and by");
            for number in order.into_iter().filter(|number| *number < shards.len()) {
                merge(&by_and_by, &shards[number..=number]);
            }
            prop_assert_eq!(answers(&by_and_by), answers(&at_once));
            let lines = |path: &Path| {
                let text = std::fs::read_to_string(path).unwrap();
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            prop_assert_eq!(lines(&by_and_by), lines(&at_once), "no line is lost");

            // By the words of the documents.
            for (at, answer) in answers(&at_once).into_iter().enumerate() {
                let of_label = own.lines().any(|text| text.contains(&format!("\"position\":{at},")));
                if of_label {
                    prop_assert_eq!(answer.as_deref(), Some("own"));
                    continue;
                }
                let mut all: Vec<(u32, u32, String)> = Vec::new();
                for (number, (index, lines)) in made.iter().enumerate() {
                    let answered = lines.iter().filter(|(of, outcome, _)| {
                        *of == at && *outcome == AskOutcome::Answered
                    });
                    all.extend(answered.map(|(_, _, second)| {
                        (*index, *second, format!("{number} at {second}"))
                    }));
                }
                let best = all.iter().map(|(index, second, _)| (*index, *second)).min();
                let allowed: Vec<&str> = all
                    .iter()
                    .filter(|(index, second, _)| Some((*index, *second)) == best)
                    .map(|(_, _, text)| text.as_str())
                    .collect();
                match answer {
                    None => prop_assert!(all.is_empty(), "{:?}", all),
                    Some(answer) => prop_assert!(allowed.contains(&answer.as_str()), "{}", answer),
                }
            }
        }
    }
}
