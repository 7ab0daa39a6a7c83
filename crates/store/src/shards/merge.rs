//! The shards of a label, put together into its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use avibench_protocol::{Folder, FolderData, Position, Prediction, Sample};

use super::journal_union::{Doubled, JournalUnion};
use super::line_reader::Unread;
use super::{
    Dealing, LedgerShard, MergeError, SelectionDigest, Shard, ShardIdentity, ShardLedger,
    ShardSource, chosen, chosen_by,
};
use crate::ledger::Ledger;
use crate::lock::{LockHolder, Locking, RunLock};
use crate::{
    Identity, Label, LedgerError, Manifest, OutcomeCounts, Session, SessionEffort, ShardFolder,
    Spending, read_predictions,
};

/// The most positions of a shard that are named.
const NAMED: usize = 3;

/// What is merged, and into what.
#[derive(Debug, Clone)]
pub struct MergeSettings {
    /// The label.
    pub label: Label,
    /// Its folder.
    pub directory: PathBuf,
    /// Its folder of answers, if those that are merged are formatted ones: what is not answered has no
    /// formatted answer.
    pub answers: Option<PathBuf>,
    /// Which division is meant, if shards of several lie about.
    pub of: Option<u32>,
    /// Whether shards are merged that several versions of the program asked.
    pub force: bool,
    /// Whether locks keep other writers away.
    pub locking: Locking,
}

/// Shards that fit together.
pub struct Merge<'a> {
    settings: &'a MergeSettings,
    of: u32,
    sources: Vec<ShardSource>,
    /// The folders that the shards asked, in their order.
    folders: Vec<&'a FolderData>,
    /// For each folder, which samples the whole run is of.
    chosen: BTreeMap<Folder, Vec<bool>>,
    /// For each folder, the shard of each sample.
    dealt: BTreeMap<Folder, Vec<u32>>,
    identity: Identity,
    programs: Vec<String>,
}

/// What a merge has done.
#[derive(Debug)]
pub struct Merged {
    /// What the label holds now of each shard.
    pub ledger: ShardLedger,
    /// Shards that are missing, or of which samples are, lowest first.
    pub missing: Vec<MissingShard>,
    /// Whether anything has changed.
    pub has_changed: bool,
    /// How many answers stand under the label.
    pub answers: usize,
    /// How many positions have answers in several shards, or in several copies of one.
    pub doubled: usize,
    /// What a person should know, in sentences.
    pub notices: Vec<String>,
}

/// What is missing of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingShard {
    /// Which it is.
    pub shard: Shard,
    /// Whether there is nothing of it at all.
    pub is_absent: bool,
    /// Samples that are its part.
    pub selected: usize,
    /// Of these, samples without an answer, a refusal, or an empty answer.
    pub lacking: usize,
    /// The first of them.
    pub first: Vec<(Folder, Position)>,
    /// Who still asks it, if anybody is known to.
    pub holder: Option<LockHolder>,
}

/// Counts by shard, and what is missing.
#[derive(Debug, Default)]
struct Tallies {
    selected: BTreeMap<u32, usize>,
    done: BTreeMap<u32, usize>,
    lacking: BTreeMap<u32, Vec<(Folder, Position)>>,
    folders: BTreeMap<Folder, OutcomeCounts>,
    spending: Spending,
    answers: usize,
}

impl<'a> Merge<'a> {
    /// Looks whether shards fit together, and to the data set at hand. Nothing is written.
    ///
    /// # Errors
    ///
    /// If they do not.
    pub fn new(
        settings: &'a MergeSettings,
        sources: Vec<ShardSource>,
        data: &'a [FolderData],
    ) -> Result<Self, MergeError> {
        let label = &settings.label;
        let earlier = ShardLedger::read(&settings.directory)?;
        let numbers = sources.iter().map(|source| source.shard.of());
        let numbers: BTreeSet<u32> = numbers.chain(earlier.map(|ledger| ledger.of)).collect();
        let numbers: Vec<u32> = numbers.into_iter().collect();
        let of = match (settings.of, &numbers[..]) {
            (Some(of), _) => of,
            (None, [of]) => *of,
            (None, _) => {
                return Err(MergeError::SeveralDivisions { label: label.clone(), numbers });
            }
        };
        let sources: Vec<ShardSource> =
            sources.into_iter().filter(|source| source.shard.of() == of).collect();
        let Some(first) = sources.first() else {
            return Err(MergeError::NoDivision { label: label.clone(), of, numbers });
        };
        for source in &sources[1..] {
            compare(label, first, source)?;
        }
        let programs = programs(&sources);
        if programs.len() > 1 && !settings.force {
            let told = programs.iter().map(|(program, shards)| {
                let shards: Vec<String> = shards.iter().map(u32::to_string).collect();
                format!("{program} (shard {})", shards.join(", "))
            });
            let (label, programs) = (label.clone(), told.collect());
            return Err(MergeError::OtherPrograms { label, programs });
        }
        let identity = Identity { shard: None, ..first.manifest.identity.clone() };
        let mut folders = Vec::new();
        for (folder, known) in &identity.data {
            let Some(found) = data.iter().find(|data| data.folder == *folder) else {
                return Err(MergeError::NoData { label: label.clone(), folder: *folder });
            };
            if found.sha256 != known.sha256 {
                let (label, data) = (label.clone(), found.path.clone());
                return Err(MergeError::OtherData { label, folder: *folder, data });
            }
            folders.push(found);
        }
        let mut merge = Self {
            settings,
            of,
            folders,
            chosen: BTreeMap::new(),
            dealt: BTreeMap::new(),
            identity,
            programs: programs.into_keys().collect(),
            sources,
        };
        merge.deal()?;
        Ok(merge)
    }

    /// Deals the samples out once more.
    fn deal(&mut self) -> Result<(), MergeError> {
        let answers = self.settings.answers.as_deref().map(Manifest::read).transpose()?.flatten();
        let recorded = self.shard_identity().clone();
        let mut dealing = Dealing::new(self.of);
        let mut digest = SelectionDigest::default();
        for data in &self.folders {
            let chosen = if self.settings.answers.is_some() {
                chosen_by(answers.as_ref(), data)
            } else {
                chosen(data, recorded.n_samples, self.identity.subset.as_ref())
            };
            let samples = data.samples.iter().zip(&chosen);
            for (sample, _) in samples.clone().filter(|(_, is_chosen)| **is_chosen) {
                digest.add(data.folder, sample.position, &sample.id);
            }
            let dealt = dealing.deal(samples.map(|(sample, is)| (sample.formal_id(), *is)));
            self.dealt.insert(data.folder, dealt);
            self.chosen.insert(data.folder, chosen);
        }
        let (samples, selection) = digest.finish();
        // Which answers are formatted may change while they are, and nothing rests on it.
        if self.settings.answers.is_none() && selection != recorded.selection {
            let now = ShardIdentity { samples, selection, ..recorded.clone() };
            let (recorded, now) = (recorded.whole(), now.whole());
            let label = self.settings.label.clone();
            return Err(MergeError::OtherSelection { label, recorded, now });
        }
        Ok(())
    }

    /// What all shards say of the whole run.
    ///
    /// # Panics
    ///
    /// Never: there is a shard, and each says of what it is a part.
    fn shard_identity(&self) -> &ShardIdentity {
        let identity = self.sources.first().and_then(|of| of.manifest.identity.shard.as_ref());
        identity.expect("a source is a shard, which was looked at when it was found")
    }

    /// Merges them.
    ///
    /// # Errors
    ///
    /// If somebody else writes under the label, if it holds another run, or if a file cannot be read or
    /// written. Nothing has changed unless something could not be written, and merging again mends that.
    pub fn run(&self) -> Result<Merged, MergeError> {
        let MergeSettings { label, directory, locking, .. } = self.settings;
        let _lock = RunLock::acquire(directory, *locking)?;
        let earlier = ShardLedger::read(directory)?;
        let found = Manifest::read(directory);
        let before = found.as_ref().ok().cloned().flatten();
        let (mut manifest, _) = Manifest::join(found, label, self.identity.clone(), false)?;
        let places: Vec<(Shard, &Path)> =
            self.sources.iter().map(|source| (source.shard, source.path.as_path())).collect();
        // Before the journals are read, so that what comes in meanwhile counts as not merged.
        let lengths: BTreeMap<Shard, u64> = ShardFolder::below(directory)
            .into_iter()
            .map(|folder| (folder.shard, folder.journal_bytes()))
            .collect();
        let mut tallies = self.untouched();
        let mut writing = Writing::default();
        let unions = writing.read(directory, &places, &self.folders)?;
        for (data, union) in self.folders.iter().zip(unions) {
            let ledger = writing.write(directory, data, &union)?;
            self.count(&mut tallies, data, &ledger)?;
        }
        self.merge_readings(&mut writing)?;
        manifest.folders.extend(tallies.folders.iter().map(|(folder, tally)| (*folder, *tally)));
        manifest.spending = tallies.spending;
        add_sessions(&mut manifest, &self.sources);
        if before.as_ref() != Some(&manifest) {
            manifest.write(directory)?;
            writing.has_changed = true;
        }
        let ledger = self.ledger(&tallies, earlier.as_ref(), &lengths);
        if earlier.as_ref() != Some(&ledger) {
            ledger.write(directory)?;
            writing.has_changed = true;
        }
        Ok(Merged {
            missing: self.missing(&tallies, &ledger),
            ledger,
            has_changed: writing.has_changed,
            answers: tallies.answers,
            doubled: writing.doubled,
            notices: writing.notices,
        })
    }

    /// The replies about readings, which stand beside formatted answers.
    fn merge_readings(&self, writing: &mut Writing) -> Result<(), MergeError> {
        let directory = self.settings.directory.join("readings");
        let mut sources = Vec::new();
        for source in &self.sources {
            let path = source.path.join("readings");
            if let Some(manifest) = Manifest::read(&path)? {
                sources.push(ShardSource { shard: source.shard, path, manifest });
            }
        }
        let Some(first) = sources.first() else { return Ok(()) };
        let found = Manifest::read(&directory);
        let before = found.as_ref().ok().cloned().flatten();
        let identity = Identity { shard: None, ..first.manifest.identity.clone() };
        let (mut manifest, _) = Manifest::join(found, &self.settings.label, identity, true)?;
        let asked = |folder: Folder| {
            sources.iter().any(|source| source.manifest.identity.data.contains_key(&folder))
        };
        let folders: Vec<&FolderData> =
            self.folders.iter().copied().filter(|data| asked(data.folder)).collect();
        for source in &sources {
            manifest.identity.data.extend(source.manifest.identity.data.clone());
        }
        let places: Vec<(Shard, &Path)> =
            sources.iter().map(|source| (source.shard, source.path.as_path())).collect();
        manifest.spending = Spending::default();
        let unions = writing.read(&directory, &places, &folders)?;
        for (data, union) in folders.iter().zip(unions) {
            let ledger = writing.write(&directory, data, &union)?;
            let mut tally = OutcomeCounts::default();
            for outcome in data.samples.iter().filter_map(|of| ledger.outcome(of.position)) {
                tally.total += 1;
                tally.not_attempted += 1;
                tally.record(outcome);
            }
            manifest.folders.insert(data.folder, tally);
            manifest.spending += ledger.spent();
        }
        add_sessions(&mut manifest, &sources);
        if before.as_ref() != Some(&manifest) {
            manifest.write(&directory)?;
            writing.has_changed = true;
        }
        Ok(())
    }

    fn untouched(&self) -> Tallies {
        let mut tallies = Tallies::default();
        for shard in 1..=self.of {
            tallies.selected.insert(shard, 0);
            tallies.done.insert(shard, 0);
        }
        tallies
    }

    /// Counts what a folder holds.
    fn count(
        &self,
        tallies: &mut Tallies,
        data: &FolderData,
        ledger: &Ledger,
    ) -> Result<(), MergeError> {
        let wanted = self.wanted(data)?;
        let mut counts = OutcomeCounts::default();
        for (sample, shard) in data.samples.iter().zip(&self.dealt[&data.folder]) {
            let outcome = ledger.outcome(sample.position);
            tallies.answers += usize::from(outcome.is_some_and(|outcome| outcome.has_answer()));
            if !wanted[sample.position.0] {
                continue;
            }
            counts.total += 1;
            counts.not_attempted += 1;
            *tallies.selected.entry(*shard).or_default() += 1;
            if let Some(outcome) = outcome {
                counts.record(outcome);
            }
            if outcome.is_some_and(|outcome| outcome.weight() >= 2) {
                *tallies.done.entry(*shard).or_default() += 1;
            } else {
                let lacking = tallies.lacking.entry(*shard).or_default();
                lacking.push((data.folder, sample.position));
            }
        }
        tallies.folders.insert(data.folder, counts);
        tallies.spending += ledger.spent();
        Ok(())
    }

    /// For each sample of a folder, whether something is to stand under the label: what the run is of, or what
    /// is answered.
    fn wanted(&self, data: &FolderData) -> Result<Vec<bool>, MergeError> {
        let Some(answers) = &self.settings.answers else {
            return Ok(self.chosen[&data.folder].clone());
        };
        let path = answers.join("tasks").join(format!("{}.json", data.folder));
        if !path.exists() {
            return Ok(self.chosen[&data.folder].clone());
        }
        let slots = read_predictions(&path).map_err(LedgerError::from)?;
        let is_text = |sample: &Sample| {
            matches!(Prediction::at(&slots, sample.position), Prediction::Text(_))
        };
        Ok(data.samples.iter().map(is_text).collect())
    }

    fn ledger(
        &self,
        tallies: &Tallies,
        earlier: Option<&ShardLedger>,
        lengths: &BTreeMap<Shard, u64>,
    ) -> ShardLedger {
        let ShardIdentity { samples, selection, n_samples, .. } = self.shard_identity().clone();
        let mut shards = Vec::new();
        for index in 1..=self.of {
            let Ok(shard) = Shard::new(index, self.of) else { continue };
            let copies: Vec<&ShardSource> =
                self.sources.iter().filter(|source| source.shard == shard).collect();
            let known = earlier.and_then(|earlier| earlier.shard(shard));
            let entry =
                if copies.is_empty() { known.cloned() } else { Some(entry(shard, &copies)) };
            let Some(mut entry) = entry else { continue };
            entry.selected = tallies.selected.get(&index).copied().unwrap_or_default();
            entry.done = tallies.done.get(&index).copied().unwrap_or_default();
            entry.journal_bytes = lengths.get(&shard).copied().unwrap_or_default();
            shards.push(entry);
        }
        ShardLedger {
            version: ShardLedger::VERSION,
            label: self.settings.label.clone(),
            of: self.of,
            samples,
            selection,
            n_samples,
            programs: self.programs.clone(),
            shards,
        }
    }

    fn missing(&self, tallies: &Tallies, ledger: &ShardLedger) -> Vec<MissingShard> {
        let none = Vec::new();
        let of_shard = |index: u32| {
            let shard = Shard::new(index, self.of).ok()?;
            let lacking = tallies.lacking.get(&index).unwrap_or(&none);
            let selected = tallies.selected.get(&index).copied().unwrap_or_default();
            let is_absent = ledger.shard(shard).is_none();
            let copies = self.sources.iter().filter(|source| source.shard == shard);
            let holder = copies.filter_map(|source| RunLock::holder(&source.path)).flatten().next();
            // A shard without samples has nothing to do, and need not run.
            (!lacking.is_empty()).then(|| MissingShard {
                shard,
                is_absent,
                selected,
                lacking: lacking.len(),
                first: lacking.iter().take(NAMED).copied().collect(),
                holder,
            })
        };
        (1..=self.of).filter_map(of_shard).collect()
    }
}

/// Journals and prediction files that are being written.
#[derive(Debug, Default)]
struct Writing {
    has_changed: bool,
    doubled: usize,
    notices: Vec<String>,
}

impl Writing {
    /// Reads the journals of folders; nothing is written.
    fn read(
        &mut self,
        directory: &Path,
        shards: &[(Shard, &Path)],
        folders: &[&FolderData],
    ) -> Result<Vec<JournalUnion>, MergeError> {
        let mut unions = Vec::new();
        for data in folders {
            let place = |of: &Path| of.join("journal").join(format!("{}.jsonl", data.folder));
            let journals = shards.iter().map(|(shard, path)| (*shard, place(path)));
            let union = JournalUnion::read(place(directory), journals, &data.samples)?;
            for (path, Unread { damaged, torn }) in &union.findings.unread {
                let what = match (damaged.len(), torn) {
                    (0, _) => "its last line is not whole".to_owned(),
                    (1, _) => format!("line {} cannot be read", damaged[0].line),
                    (count, _) => {
                        format!("{count} lines cannot be read, the first is {}", damaged[0].line)
                    }
                };
                self.notices.push(format!(
                    "{}: {what}; what is whole is merged, and the rest stays there",
                    path.display()
                ));
            }
            self.note_doubled(data.folder, &union.findings.doubled);
            unions.push(union);
        }
        Ok(unions)
    }

    fn note_doubled(&mut self, folder: Folder, doubled: &[Doubled]) {
        self.doubled += doubled.len();
        for Doubled { position, counts, others } in doubled.iter().take(NAMED) {
            let name = |shard: &Option<Shard>| {
                shard.map_or_else(
                    || "the label itself".to_owned(),
                    |of| format!("shard {}", of.index()),
                )
            };
            let named: Vec<String> =
                others
                    .iter()
                    .map(|other| {
                        if other == counts { "another copy of it".to_owned() } else { name(other) }
                    })
                    .collect();
            self.notices.push(format!(
                "{folder} {position}: the answer of {} counts; {} has another one",
                name(counts),
                named.join(" and ")
            ));
        }
        if doubled.len() > NAMED {
            self.notices.push(format!(
                "{folder}: {} more positions have several answers; that of the lowest shard counts, and of \
                 copies of one shard the earliest",
                doubled.len() - NAMED
            ));
        }
    }

    /// Writes the journal of a folder, and derives its prediction file.
    fn write(
        &mut self,
        directory: &Path,
        data: &FolderData,
        union: &JournalUnion,
    ) -> Result<Ledger, MergeError> {
        let samples: Arc<[Arc<Sample>]> = data.samples.iter().cloned().map(Arc::new).collect();
        let mut notices = Vec::new();
        let mut ledger =
            Ledger::of_predictions(directory, data.folder, &samples, false, &mut notices)?;
        let filled = union.write(|entry| ledger.take(&entry)).map_err(LedgerError::from)?;
        if let Some(filled) = filled {
            filled.replace()?;
            self.has_changed = true;
        }
        self.has_changed |= ledger.save_if_different()?;
        Ok(ledger)
    }
}

/// Looks whether two shards are of one run.
fn compare(label: &Label, one: &ShardSource, other: &ShardSource) -> Result<(), MergeError> {
    // Which shard it is differs, and nothing else may.
    let whole = |source: &ShardSource| {
        let mut identity = source.manifest.identity.clone();
        if let (Some(shard), Some(known)) =
            (&mut identity.shard, Shard::new(1, source.shard.of()).ok())
        {
            shard.shard = known;
        }
        identity
    };
    let (was, now) = (whole(one), whole(other));
    let mut differences = was.differences(&now);
    for difference in &mut differences {
        if difference.what == crate::IdentityPart::Shard {
            difference.was = selection(&was);
            difference.now = selection(&now);
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    let (one, other) = (one.shard, other.shard);
    Err(MergeError::Differ { label: label.clone(), one, other, differences })
}

/// Which samples a shard is a part of, in words.
fn selection(identity: &Identity) -> String {
    let folders: Vec<&str> = identity.data.keys().map(|folder| folder.name()).collect();
    let of = match folders.len() {
        all if all == Folder::ALL.len() => "all folders".to_owned(),
        _ => folders.join(", "),
    };
    let whole = identity.shard.as_ref().map_or_else(String::new, ShardIdentity::whole);
    format!("{of}: {whole}")
}

/// The programs that asked, by version and commit, each with its shards.
fn programs(sources: &[ShardSource]) -> BTreeMap<String, BTreeSet<u32>> {
    let mut programs: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for source in sources {
        let sessions = || source.manifest.sessions.iter();
        let has_asked = sessions().any(|session| session.effort.requests > 0);
        // Where a version only looked and found nothing left to ask, the answers are of others.
        let is_idle = |session: &Session| session.ended.is_some() && session.effort.requests == 0;
        for session in sessions().filter(|session| !has_asked || !is_idle(session)) {
            // The build's profile and target may differ as machines do.
            let program = match session.program.split_once(',') {
                Some((version, _)) => format!("{version})"),
                None => session.program.clone(),
            };
            programs.entry(program).or_default().insert(source.shard.index());
        }
    }
    programs
}

/// Adds the sessions of shards to those of the label, in the order in which they began.
fn add_sessions(manifest: &mut Manifest, sources: &[ShardSource]) {
    let mut added = BTreeMap::new();
    for source in sources {
        for session in &source.manifest.sessions {
            let key = (source.shard, session.started, session.machine.clone());
            let known: &mut Session = added.entry(key).or_insert_with(|| session.clone());
            // A copy that was made earlier lacks the end.
            if known.ended.is_none() {
                known.clone_from(session);
            }
            known.shard = Some(source.shard);
        }
    }
    manifest.sessions.retain(|known| {
        let key = known.shard.map(|shard| (shard, known.started, known.machine.clone()));
        key.is_none_or(|key| !added.contains_key(&key))
    });
    manifest.sessions.extend(added.into_values());
    manifest.sessions.sort_by_key(|session| (session.started, session.shard));
}

/// What a shard has done, by all copies of it.
fn entry(shard: Shard, copies: &[&ShardSource]) -> LedgerShard {
    let mut sessions: Vec<&Session> = Vec::new();
    for session in copies.iter().flat_map(|source| &source.manifest.sessions) {
        let is_same = |known: &&Session| {
            (known.started, &known.machine) == (session.started, &session.machine)
        };
        match sessions.iter().position(|known| is_same(known)) {
            None => sessions.push(session),
            // A copy that was made earlier lacks the end.
            Some(at) if sessions[at].ended.is_none() => sessions[at] = session,
            Some(_) => {}
        }
    }
    sessions.sort_by_key(|session| session.started);
    let mut effort = SessionEffort::default();
    for session in &sessions {
        effort.requests += session.effort.requests;
        effort.retries += session.effort.retries;
        effort.spending += session.effort.spending;
        for (kind, count) in &session.effort.errors {
            *effort.errors.entry(*kind).or_default() += count;
        }
    }
    let machines: BTreeSet<String> =
        sessions.iter().filter_map(|session| session.machine.clone()).collect();
    let last = sessions.last();
    LedgerShard {
        shard,
        machines: machines.into_iter().collect(),
        started: sessions.first().map(|session| session.started),
        ended: last.and_then(|session| session.ended),
        end: last.and_then(|session| session.end),
        seconds: sessions.iter().map(|session| session.seconds).sum(),
        sessions: sessions.len(),
        selected: 0,
        done: 0,
        journal_bytes: 0,
        effort,
    }
}
