//! The score file `eval_outputs/<label>.json`, interchangeable with the original's.

use std::collections::BTreeMap;

use avibench_protocol::{Family, Folder, NotJson, Stage, Task, read_json_as};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Headlines, TaskScore, TaskScoring};

/// What a score belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScoreKey {
    /// A reported task.
    Task(Task),
    /// One half of VSQA that has predictions while the other has none.
    Half(Folder),
}

impl ScoreKey {
    /// All keys in the order of the file.
    pub const ALL: [Self; 16] = [
        Self::Task(Task::Amic),
        Self::Task(Task::Vmic),
        Self::Task(Task::Avl),
        Self::Task(Task::Avm),
        Self::Task(Task::Var),
        Self::Task(Task::Avr),
        Self::Task(Task::Avc),
        Self::Task(Task::Avh),
        Self::Task(Task::Vah),
        Self::Task(Task::Avqa),
        Self::Task(Task::Avlg),
        Self::Task(Task::Asqa),
        Self::Task(Task::Avsqa),
        Self::Task(Task::Vsqa),
        Self::Half(Folder::VsqaI),
        Self::Half(Folder::VsqaV),
    ];

    /// The key in the file, such as `vsqa` or `vsqa_i`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Task(task) => task.key(),
            Self::Half(folder) => folder.name().to_lowercase(),
        }
    }

    /// The stage it stands under.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::Task(task) => task.stage(),
            Self::Half(folder) => folder.stage(),
        }
    }

    /// How it is scored.
    pub(crate) fn family(self) -> Family {
        match self {
            Self::Task(task) => task.family(),
            Self::Half(folder) => folder.family(),
        }
    }
}

/// The content of a score file: rounded scores by stage and task. All four stages stand in the
/// file; a task without a score does not. Unknown keys are passed over on reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoreFile {
    scores: BTreeMap<ScoreKey, TaskScore>,
}

/// A score file that has not the shape of one.
#[derive(Debug, thiserror::Error)]
#[error("not a score file: {0}; score the predictions again")]
pub struct ScoreFileError(#[from] NotJson);

impl ScoreFile {
    /// Rounds the scores.
    #[must_use]
    pub fn new(scoring: &TaskScoring) -> Self {
        Self { scores: scoring.scores.iter().map(|(key, score)| (*key, score.rounded())).collect() }
    }

    /// Reads the text of a score file.
    pub fn from_json(text: &str) -> Result<Self, ScoreFileError> {
        Ok(read_json_as(text.as_bytes())?)
    }

    /// A task's score.
    #[must_use]
    pub fn get(&self, key: ScoreKey) -> Option<&TaskScore> {
        self.scores.get(&key)
    }

    /// Scores in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (ScoreKey, &TaskScore)> {
        ScoreKey::ALL.into_iter().filter_map(|key| Some((key, self.scores.get(&key)?)))
    }

    /// The scores that the original's file has a name for: those of a stand-in for FENSE are left out.
    #[must_use]
    pub fn in_original_form(&self) -> Self {
        let known = self.scores.iter().filter(|(_, score)| !score.is_by_stand_in());
        Self { scores: known.map(|(key, score)| (*key, *score)).collect() }
    }

    /// The number of each reported task; halves of VSQA are none.
    #[must_use]
    pub fn headlines(&self) -> Headlines {
        Headlines::from_fn(|task| self.get(ScoreKey::Task(task)).map(TaskScore::headline))
    }
}

/// One stage's part of the file.
struct StageScores<'a>(&'a ScoreFile, Stage);

impl Serialize for StageScores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(file, stage) = *self;
        let mut map = serializer.serialize_map(None)?;
        for (key, score) in file.iter().filter(|(key, _)| key.stage() == stage) {
            map.serialize_entry(&key.name(), score)?;
        }
        map.end()
    }
}

impl Serialize for ScoreFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Stage::ALL.len()))?;
        for stage in Stage::ALL {
            map.serialize_entry(stage.name(), &StageScores(self, stage))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ScoreFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let root = serde_json::Map::deserialize(deserializer)?;
        let mut scores = BTreeMap::new();
        for key in ScoreKey::ALL {
            let value = root.get(key.stage().name()).and_then(|stage| stage.get(key.name()));
            let Some(value) = value.filter(|value| !value.is_null()) else { continue };
            let score = TaskScore::from_json(key.family(), value.clone()).map_err(|error| {
                de::Error::custom(format!("`{}.{}`: {error}", key.stage(), key.name()))
            })?;
            scores.insert(key, score);
        }
        Ok(Self { scores })
    }
}
