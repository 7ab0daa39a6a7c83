//! `run.json`: what was asked of whom, in how many sessions, at what cost.
//!
//! Version 1; fields may be added, and readers ignore what they do not know.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::{Folder, NotJson, WordingSource, read_json_as};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ablation::Ablation;
use crate::epoch::Epoch;
use crate::epochs_record::EpochsRecord;
use crate::label::Label;
use crate::outcome::{OutcomeCounts, Spending};
use crate::sequence_record::SequenceIdentity;
use crate::session::Session;
use crate::shards::{Shard, ShardIdentity};
use crate::subset::Subset;

const VERSION: u32 = 1;

/// Each session adds some kilobytes at most.
pub(crate) const MANIFEST_LIMIT: SizeLimit =
    SizeLimit::new(256 << 20, "restore it from a copy, or choose another --model-label");

/// The manifest of a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format.
    pub version: u32,
    /// The label.
    pub label: Label,
    /// What all answers under this label have in common.
    #[serde(flatten)]
    pub identity: Identity,
    /// Samples by outcome in the first epoch, as of the last session that touched the folder.
    pub folders: BTreeMap<Folder, OutcomeCounts>,
    /// The repeats of every question; absent where each is asked once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<EpochsRecord>,
    /// Tokens and money of all sessions, by the journals.
    pub spending: Spending,
    /// One entry for each time the program ran under this label, oldest first.
    pub sessions: Vec<Session>,
}

/// What must not change under one label, because answers would no longer be comparable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The model's name, as asked for.
    pub model: String,
    /// The backend: `openai`, `exec`, `signal`, ...
    pub backend: String,
    /// How media were packed, `name@hash`; none where paths or bytes are handed over.
    pub profile: Option<String>,
    /// Everything that the profile does.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub profile_description: Value,
    /// Request parameters such as `temperature`.
    pub parameters: Map<String, Value>,
    /// Hash of the prompt pack.
    pub prompt_pack: String,
    /// Whose words the pack puts questions in; absent where nothing is asked of a data set, and in
    /// manifests of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<WordingSource>,
    /// What was withheld from the model or exchanged; absent where it got everything as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ablation: Option<Ablation>,
    /// The random part of each folder that is asked; absent where all of it is, or its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subset: Option<Subset>,
    /// What decided the order in which samples are asked, where a random order is part of what a number says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<SequenceIdentity>,
    /// Which part of a run this is, where several processes share one; absent for whole runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardIdentity>,
    /// The data of each folder.
    pub data: BTreeMap<Folder, DataIdentity>,
}

/// A folder's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataIdentity {
    /// Lower-case hex sha256 of data.json.
    pub sha256: String,
    /// Its number of records.
    pub records: usize,
}

/// One thing in which a run differs from what its label holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityDifference {
    /// What differs.
    pub what: IdentityPart,
    /// As the label has it.
    pub was: String,
    /// As it is now.
    pub now: String,
}

/// A part of what all answers under a label have in common. In files it is its words, such as
/// `prompt pack`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum IdentityPart {
    /// The model's name.
    Model,
    /// The backend.
    Backend,
    /// How media are packed.
    Profile,
    /// Whose words questions are put in.
    PromptPack,
    /// What is withheld or exchanged.
    Ablation,
    /// The random part of each folder that is asked.
    Subset,
    /// What decides the random order of asking.
    Sequence,
    /// Which of several parts of a run it is, and of which samples.
    Shard,
    /// How often every question is asked. Under one label that may grow; the shards of a run have it in
    /// common.
    Epochs,
    /// One request parameter, by name.
    Parameter(String),
    /// The data of one folder.
    Data(Folder),
    /// How answers are formatted.
    Mode,
    /// One rule that formats answers, by name.
    Rule(String),
    /// A part that only another version of the program knows, in its words.
    Other(String),
}

impl fmt::Display for IdentityPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model => f.write_str("model"),
            Self::Backend => f.write_str("backend"),
            Self::Profile => f.write_str("profile"),
            Self::PromptPack => f.write_str("prompt pack"),
            Self::Ablation => f.write_str("ablation"),
            Self::Subset => f.write_str("subset"),
            Self::Sequence => f.write_str("random order"),
            Self::Shard => f.write_str("shard"),
            Self::Epochs => f.write_str("number of epochs"),
            Self::Parameter(name) => write!(f, "parameter `{name}`"),
            Self::Data(folder) => write!(f, "data.json of {folder}"),
            Self::Mode => f.write_str("mode"),
            Self::Rule(name) => write!(f, "rule `{name}`"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl From<IdentityPart> for String {
    fn from(part: IdentityPart) -> Self {
        part.to_string()
    }
}

impl From<String> for IdentityPart {
    fn from(words: String) -> Self {
        let quoted = |kind: &str| {
            let name = words.strip_prefix(kind)?.strip_prefix(" `")?.strip_suffix('`')?;
            Some(name.to_owned())
        };
        let simple = [
            Self::Model,
            Self::Backend,
            Self::Profile,
            Self::PromptPack,
            Self::Ablation,
            Self::Subset,
            Self::Sequence,
            Self::Shard,
            Self::Epochs,
            Self::Mode,
        ];
        let data = || {
            let name = words.strip_prefix("data.json of ")?;
            Folder::ALL.into_iter().find(|folder| folder.name() == name).map(Self::Data)
        };
        simple
            .into_iter()
            .find(|part| part.to_string() == words)
            .or_else(|| quoted("parameter").map(Self::Parameter))
            .or_else(|| quoted("rule").map(Self::Rule))
            .or_else(data)
            .unwrap_or(Self::Other(words))
    }
}

impl fmt::Display for IdentityDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was {}, now {}", self.what, self.was, self.now)
    }
}

/// Why a run cannot go on with the manifest of its label.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no manifest.
    #[error("{} is no manifest: {reason}; restore it, remove it, or go on with --force", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: ManifestProblem,
    },
    /// The label holds something else.
    #[error(
        "label `{label}` holds another run: {}; ask as before, choose another --model-label, or mix them \
         knowingly with --force",
        differences.iter().map(IdentityDifference::to_string).collect::<Vec<_>>().join("; ")
    )]
    OtherRun {
        /// The label.
        label: Label,
        /// All differences.
        differences: Vec<IdentityDifference>,
    },
}

/// What is wrong with a file that should be a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestProblem {
    /// It is not JSON, or lacks a field.
    #[error(transparent)]
    Json(#[from] NotJson),
    /// A later program wrote it.
    #[error("version {version} is newer than this program's ({VERSION})")]
    Newer {
        /// The version it has.
        version: u32,
    },
}

impl Identity {
    /// In what `now` differs from this identity. Folders that only one of them has do not count,
    /// because a label may be filled folder by folder.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<IdentityDifference> {
        let mut differences = Vec::new();
        let mut compare = |what: IdentityPart, was: String, now: String| {
            if was != now {
                differences.push(IdentityDifference { what, was, now });
            }
        };
        let profile = |identity: &Self| identity.profile.clone().unwrap_or("none".to_owned());
        compare(IdentityPart::Model, self.model.clone(), now.model.clone());
        compare(IdentityPart::Backend, self.backend.clone(), now.backend.clone());
        compare(IdentityPart::Profile, profile(self), profile(now));
        compare(IdentityPart::PromptPack, self.prompt_pack.clone(), now.prompt_pack.clone());
        let ablation = |identity: &Self| {
            identity.ablation.as_ref().map_or("none".to_owned(), Ablation::to_string)
        };
        compare(IdentityPart::Ablation, ablation(self), ablation(now));
        let subset = |identity: &Self| {
            identity.subset.map_or("none".to_owned(), |subset| subset.to_string())
        };
        compare(IdentityPart::Subset, subset(self), subset(now));
        let sequence = |identity: &Self| {
            identity.sequence.as_ref().map_or("none".to_owned(), SequenceIdentity::to_string)
        };
        compare(IdentityPart::Sequence, sequence(self), sequence(now));
        let shard = |identity: &Self| {
            identity.shard.as_ref().map_or("none".to_owned(), ShardIdentity::to_string)
        };
        compare(IdentityPart::Shard, shard(self), shard(now));
        let names = self.parameters.keys().chain(now.parameters.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let value = |identity: &Self| {
                identity.parameters.get(name).map_or("unset".to_owned(), Value::to_string)
            };
            compare(IdentityPart::Parameter(name.clone()), value(self), value(now));
        }
        for (folder, data) in &now.data {
            if let Some(known) = self.data.get(folder) {
                let what = IdentityPart::Data(*folder);
                compare(what, short(&known.sha256), short(&data.sha256));
            }
        }
        differences
    }
}

/// The first digits of a hash, which are enough to tell two apart in a message.
fn short(hash: &str) -> String {
    hash.get(..16).unwrap_or(hash).to_owned()
}

/// Whom an answer is of, and how its question was delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AnswerOrigin {
    /// The model as it was asked for; without a manifest as the server reported it, or null.
    pub model: Option<String>,
    /// How media were packed, `name@hash`.
    pub packing: Option<String>,
    /// Hash of the prompt pack.
    pub prompt_pack: Option<String>,
}

impl Manifest {
    /// How often every question is asked, by all sessions together.
    #[must_use]
    pub fn planned_epochs(&self) -> u32 {
        self.epochs.as_ref().map_or(1, |epochs| epochs.planned)
    }

    /// Notes that a session asks every question so often. What earlier sessions planned stays planned.
    pub(crate) fn plan_epochs(&mut self, planned: u32) {
        if planned > self.planned_epochs() {
            self.epochs.get_or_insert_with(|| EpochsRecord::new(planned)).planned = planned;
        }
    }

    /// Samples by outcome in an epoch.
    pub(crate) fn folders_of(&mut self, epoch: Epoch) -> &mut BTreeMap<Folder, OutcomeCounts> {
        if epoch.is_first() {
            return &mut self.folders;
        }
        let epochs = self.epochs.get_or_insert_with(|| EpochsRecord::new(epoch.number()));
        epochs.folders(epoch)
    }

    /// The origin of an answer that was noted at `time` by this shard, or by none: sessions that were
    /// forced say what was different before them.
    #[must_use]
    pub fn origin_at(&self, time: Timestamp, shard: Option<Shard>) -> AnswerOrigin {
        let mut model = self.identity.model.clone();
        let mut packing = self.identity.profile.clone();
        let mut prompts = self.identity.prompt_pack.clone();
        let sessions = self.sessions.iter().filter(|session| session.shard == shard);
        for session in sessions.rev() {
            if session.started <= time {
                break;
            }
            for IdentityDifference { what, was, .. } in &session.forced {
                match what {
                    IdentityPart::Model => model.clone_from(was),
                    IdentityPart::Profile => packing = (was != "none").then(|| was.clone()),
                    IdentityPart::PromptPack => prompts.clone_from(was),
                    _ => {}
                }
            }
        }
        AnswerOrigin { model: Some(model), packing, prompt_pack: Some(prompts) }
    }

    /// Reads the manifest of a label's folder; `None` if there is none yet.
    pub fn read(directory: &Path) -> Result<Option<Self>, ManifestError> {
        let path = directory.join("run.json");
        let Some(bytes) = MANIFEST_LIMIT.read_if_any(&path)? else { return Ok(None) };
        let format = |reason| ManifestError::Format { path: path.clone(), reason };
        let manifest: Self = read_json_as(&bytes).map_err(|error| format(error.into()))?;
        if manifest.version > VERSION {
            return Err(format(ManifestProblem::Newer { version: manifest.version }));
        }
        Ok(Some(manifest))
    }

    /// The manifest to go on with, which is the one found or a new one, and the differences between
    /// it and `identity`, which `force` lets pass.
    ///
    /// # Errors
    ///
    /// [`ManifestError::OtherRun`] where `identity` differs from what was found and `force` is not set.
    pub fn join(
        found: Result<Option<Self>, ManifestError>,
        label: &Label,
        identity: Identity,
        force: bool,
    ) -> Result<(Self, Vec<IdentityDifference>), ManifestError> {
        let found = match found {
            Err(ManifestError::Format { .. }) if force => None,
            other => other?,
        };
        let Some(mut manifest) = found else {
            let manifest = Self {
                version: VERSION,
                label: label.clone(),
                identity,
                folders: BTreeMap::new(),
                epochs: None,
                spending: Spending::default(),
                sessions: Vec::new(),
            };
            return Ok((manifest, Vec::new()));
        };
        let differences = manifest.identity.differences(&identity);
        if !differences.is_empty() && !force {
            return Err(ManifestError::OtherRun { label: label.clone(), differences });
        }
        let mut data = std::mem::take(&mut manifest.identity.data);
        data.extend(identity.data.clone());
        manifest.identity = Identity { data, ..identity };
        Ok((manifest, differences))
    }

    /// Makes it that of another run. Who has asked before stays on record.
    pub(crate) fn begin_anew(&mut self, identity: Identity) {
        self.identity = identity;
        self.folders.clear();
        self.epochs = None;
    }

    /// Writes it atomically.
    pub fn write(&self, directory: &Path) -> Result<(), FileError> {
        write_atomic(&directory.join("run.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, self).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AblationKind;

    fn identity() -> Identity {
        let data = DataIdentity { sha256: "a".repeat(64), records: 3 };
        Identity {
            model: "m".to_owned(),
            backend: "openai".to_owned(),
            profile: Some("gateway@1".to_owned()),
            profile_description: Value::Null,
            parameters: Map::new(),
            prompt_pack: "p".to_owned(),
            wording: Some(WordingSource::Embedded),
            ablation: None,
            subset: None,
            sequence: None,
            shard: None,
            data: BTreeMap::from([(Folder::Avm, data)]),
        }
    }

    #[test]
    fn every_difference_is_named() {
        let mut now = identity();
        now.model = "n".to_owned();
        now.prompt_pack = "q".to_owned();
        now.ablation = Some(Ablation::new(AblationKind::SwapSound, Label::new("m").unwrap(), 3));
        now.subset = Some(Subset { share: 0.2, seed: 5 });
        now.shard = Some(ShardIdentity {
            shard: Shard::new(2, 3).unwrap(),
            samples: 9,
            selection: "d".repeat(64),
            n_samples: None,
        });
        now.parameters.insert("temperature".to_owned(), 0.into());
        now.data.insert(Folder::Avm, DataIdentity { sha256: "b".repeat(64), records: 3 });
        now.data.insert(Folder::Avl, DataIdentity { sha256: "c".repeat(64), records: 3 });
        let differences = identity().differences(&now);
        let lines: Vec<String> = differences.iter().map(IdentityDifference::to_string).collect();
        assert_eq!(
            lines,
            [
                "model was m, now n",
                "prompt pack was p, now q",
                "ablation was none, now swap-sound of m, version 2, seed 3",
                "subset was none, now 0.2 of each folder, seed 5",
                "shard was none, now 2/3 of 9 samples, digest dddddddd",
                "parameter `temperature` was unset, now 0",
                "data.json of AVM was aaaaaaaaaaaaaaaa, now bbbbbbbbbbbbbbbb",
            ]
        );
    }

    #[test]
    fn parts_are_written_as_their_words() {
        let words = [
            "model",
            "backend",
            "profile",
            "prompt pack",
            "ablation",
            "subset",
            "shard",
            "mode",
            "parameter `temperature`",
            "rule `option`",
            "data.json of AVM",
            "something of later",
        ];
        for words in words {
            let part: IdentityPart = serde_json::from_value(words.into()).unwrap();
            let other = matches!(part, IdentityPart::Other(_));
            assert_eq!(other, words == "something of later");
            assert_eq!(serde_json::to_value(part).unwrap(), words);
        }
    }

    #[test]
    fn another_run_is_refused_unless_forced_and_folders_add_up() {
        let label = Label::new("m").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let found = Manifest::read(dir.path());
        let (manifest, _) = Manifest::join(found, &label, identity(), false).unwrap();
        manifest.write(dir.path()).unwrap();
        let read = || Manifest::read(dir.path());
        assert_eq!(read().unwrap(), Some(manifest));

        let mut other = identity();
        other.data.clear();
        other.data.insert(Folder::Avl, DataIdentity { sha256: "c".repeat(64), records: 1 });
        let (joined, _) = Manifest::join(read(), &label, other.clone(), false).unwrap();
        assert_eq!(joined.identity.data.len(), 2);

        other.model = "n".to_owned();
        let refused = Manifest::join(read(), &label, other.clone(), false).unwrap_err();
        assert!(refused.to_string().contains("model was m, now n"), "{refused}");
        let (joined, forced) = Manifest::join(read(), &label, other, true).unwrap();
        assert_eq!((joined.identity.model.as_str(), forced.len()), ("n", 1));

        std::fs::write(dir.path().join("run.json"), "{").unwrap();
        assert!(matches!(read(), Err(ManifestError::Format { .. })));
        assert!(Manifest::join(read(), &label, identity(), true).is_ok());
    }
}
