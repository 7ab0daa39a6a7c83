//! The shards of a label, put together into its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use avibench_protocol::{Folder, FolderData, Prediction, Sample};

use super::fit::{compare, programs};
use super::merge_writing::Writing;
use super::sessions::{add_sessions, entry};
use super::tallies::{MissingShard, Tallies};
use super::{
    Dealing, MergeError, SelectionDigest, Shard, ShardFolder, ShardIdentity, ShardLedger,
    ShardSource, chosen, chosen_by,
};
use crate::lock::{Locking, RunLock};
use crate::{
    Epoch, Identity, Label, LedgerError, Manifest, ManifestError, OutcomeCounts, Spending,
    read_predictions,
};

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
    /// How often every question is asked.
    epochs: u32,
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
        let epochs = first.manifest.planned_epochs();
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
            epochs,
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
        let joined = Manifest::join(found, label, self.identity.clone(), false);
        let (mut manifest, _) = joined.map_err(|error| match error {
            ManifestError::OtherRun { label, differences } => {
                MergeError::OtherRun { label, directory: directory.clone(), differences }
            }
            error => error.into(),
        })?;
        let places: Vec<(Shard, &Path)> =
            self.sources.iter().map(|source| (source.shard, source.path.as_path())).collect();
        // Before the journals are read, so that what comes in meanwhile counts as not merged.
        let lengths: BTreeMap<Shard, u64> = ShardFolder::below(directory)
            .into_iter()
            .map(|folder| (folder.shard, folder.journal_bytes()))
            .collect();
        let mut tallies = Tallies::default();
        let mut writing = Writing::default();
        let unions = writing.read(directory, &places, &self.folders)?;
        for (data, union) in self.folders.iter().zip(unions) {
            let ledger = writing.write(directory, data, &union)?;
            let wanted = self.wanted(data)?;
            tallies.count(data, &ledger, &wanted, &self.dealt[&data.folder], self.epochs);
        }
        self.merge_readings(&mut writing)?;
        manifest.plan_epochs(self.epochs);
        for (&(epoch, folder), tally) in &tallies.folders {
            manifest.folders_of(epoch).insert(folder, *tally);
        }
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
            missing: tallies.missing(&ledger, &self.sources),
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
            for epoch in Epoch::all(ledger.last_epoch().number()) {
                let mut tally = OutcomeCounts::default();
                let outcomes = data.samples.iter();
                for outcome in outcomes.filter_map(|of| ledger.outcome_in(epoch, of.position)) {
                    tally.total += 1;
                    tally.not_attempted += 1;
                    tally.record(outcome);
                }
                manifest.folders_of(epoch).insert(data.folder, tally);
            }
            manifest.spending += ledger.spent();
        }
        add_sessions(&mut manifest, &sources);
        if before.as_ref() != Some(&manifest) {
            manifest.write(&directory)?;
            writing.has_changed = true;
        }
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
}
