//! Doubts about ground truths, as a person noted them while looking at samples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::{Folder, NotJson, read_json_as};
use avibench_results::{DataHash, ScoringMode};
use avibench_score::{CompareError, Estimates, FolderVerdicts, estimate};
use serde::{Deserialize, Serialize};

use crate::{AssessError, Assessment, Assessor};

/// What the file says it is.
const KIND: &str = "doubts about labels";
/// Version of the file.
const VERSION: u32 = 1;

/// A file of doubts, as the pages save it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubts {
    /// What it is.
    kind: String,
    /// Version of its shape.
    version: u32,
    /// The doubts.
    pub doubts: Vec<TruthDoubt>,
}

/// A doubt about the ground truth of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthDoubt {
    /// The folder.
    pub folder: Folder,
    /// Place in the folder's `data.json`.
    pub position: usize,
    /// SHA-256 of that `data.json`.
    pub data_sha256: String,
    /// The sample's id, for people.
    #[serde(default)]
    pub id: Option<String>,
    /// What is doubtful.
    #[serde(default)]
    pub note: String,
}

/// Why a file of doubts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DoubtsError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It holds something else.
    #[error("{}: not a file of doubts as `avibench report` saves it: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: NotJson,
    },
    /// It is of another kind or version.
    #[error(
        "{}: its kind is `{kind}` and its version {version}; expected `{KIND}` and {VERSION}",
        path.display()
    )]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        kind: String,
        /// Its version.
        version: u32,
    },
    /// A doubt is about other data.
    #[error(
        "the doubt about {folder} {position} is about another data.json (its hash differs): doubts \
         hold for the data that were looked at"
    )]
    OtherData {
        /// The folder.
        folder: Folder,
        /// The place.
        position: usize,
    },
    /// A doubt is about a sample that is not there.
    #[error("there is no sample {folder} {position} to doubt: the folder has {samples}")]
    NoSample {
        /// The folder.
        folder: Folder,
        /// The place.
        position: usize,
        /// Samples of the folder.
        samples: usize,
    },
}

impl Default for Doubts {
    fn default() -> Self {
        Self { kind: KIND.to_owned(), version: VERSION, doubts: Vec::new() }
    }
}

impl TruthDoubt {
    /// Whether both are about the same sample of the same data.
    fn is_about(&self, other: &Self) -> bool {
        (self.folder, self.position, &self.data_sha256)
            == (other.folder, other.position, &other.data_sha256)
    }
}

impl Doubts {
    /// Notes a doubt in the place of an earlier one about the same sample.
    pub fn note(&mut self, doubt: TruthDoubt) {
        match self.doubts.iter_mut().find(|known| known.is_about(&doubt)) {
            Some(known) => *known = doubt,
            None => self.doubts.push(doubt),
        }
    }

    /// Takes the doubt about the sample of `doubt` back.
    pub fn take_back(&mut self, doubt: &TruthDoubt) {
        self.doubts.retain(|known| !known.is_about(doubt));
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        write_atomic(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no file of doubts of this version.
    pub fn read(path: &Path) -> Result<Self, DoubtsError> {
        let text = SizeLimit::SETTINGS.read(path)?;
        let of_path = |reason| DoubtsError::Format { path: path.to_owned(), reason };
        let found: Self = read_json_as(&text).map_err(of_path)?;
        if found.kind != KIND || found.version != VERSION {
            let (kind, version) = (found.kind, found.version);
            return Err(DoubtsError::Kind { path: path.to_owned(), kind, version });
        }
        Ok(found)
    }

    /// The places in doubt, which must be those of the data that was scored. Doubts about folders that
    /// were not scored are left out.
    fn places(
        &self,
        data: &[DataHash],
        verdicts: &[FolderVerdicts],
    ) -> Result<BTreeSet<(Folder, usize)>, DoubtsError> {
        let mut places = BTreeSet::new();
        for doubt in &self.doubts {
            let (folder, position) = (doubt.folder, doubt.position);
            let Some(judged) = verdicts.iter().find(|judged| judged.folder == folder) else {
                continue;
            };
            let is_same =
                |known: &DataHash| known.folder == folder && known.sha256 == doubt.data_sha256;
            if !data.iter().any(is_same) {
                return Err(DoubtsError::OtherData { folder, position });
            }
            let samples = judged.records.len();
            if position >= samples {
                return Err(DoubtsError::NoSample { folder, position, samples });
            }
            places.insert((folder, position));
        }
        Ok(places)
    }
}

/// A label's numbers with and without the samples in doubt.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubtedNumbers {
    /// On all samples.
    pub all: Estimates,
    /// On those that nobody doubts.
    pub trusted: Estimates,
    /// How many samples that count are in doubt.
    pub samples: usize,
}

impl Assessor<'_> {
    /// A label's numbers with and without the samples in doubt. A doubted check stays as it is: its
    /// formal question is what counts.
    ///
    /// # Errors
    ///
    /// If a doubt is about other data than were scored.
    pub fn without_doubts(
        &self,
        assessment: &Assessment,
        mode: ScoringMode,
        doubts: &Doubts,
    ) -> Result<DoubtedNumbers, AssessError> {
        let all = assessment.verdicts(mode);
        let places = doubts.places(&assessment.data, all)?;
        let mut trusted: Vec<FolderVerdicts> = all.to_vec();
        let mut samples = 0;
        for folder in &mut trusted {
            for record in &mut folder.records {
                if places.contains(&(folder.folder, record.position.0))
                    && record.parts.take().is_some()
                {
                    samples += 1;
                }
            }
        }
        let numbers = |verdicts: &[FolderVerdicts]| -> Result<Estimates, AssessError> {
            let sets = [(assessment.label.as_str(), verdicts)];
            let mut found =
                estimate(&sets, &self.settings.baselines).map_err(CompareError::from)?;
            Ok(found.remove(0))
        };
        Ok(DoubtedNumbers { all: numbers(all)?, trusted: numbers(&trusted)?, samples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_one_doubt_at_most_and_files_are_read_again() {
        let doubt = |position: usize, note: &str| TruthDoubt {
            folder: Folder::Avm,
            position,
            data_sha256: "ab".to_owned(),
            id: None,
            note: note.to_owned(),
        };
        let mut doubts = Doubts::default();
        for (position, note) in [(1, "first"), (2, "other"), (1, "second")] {
            doubts.note(doubt(position, note));
        }
        assert_eq!(doubts.doubts, [doubt(1, "second"), doubt(2, "other")]);
        doubts.take_back(&doubt(2, ""));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("doubts.json");
        doubts.write(&path).unwrap();
        assert_eq!(Doubts::read(&path).unwrap(), doubts);
    }

    fn read(text: &str) -> Result<Doubts, DoubtsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("doubts.json");
        std::fs::write(&path, text).unwrap();
        Doubts::read(&path)
    }

    #[test]
    fn only_files_of_doubts_are_taken() {
        let text = r#"{"kind": "doubts about labels", "version": 1, "doubts": [
            {"folder": "AVM", "position": 3, "data_sha256": "ab", "id": "7", "note": "wrong"}]}"#;
        let doubts = read(text).unwrap();
        assert_eq!((doubts.doubts[0].folder, doubts.doubts[0].position), (Folder::Avm, 3));
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert!(said("[]").contains("not a file of doubts"), "{}", said("[]"));
        let other = text.replace("\"version\": 1", "\"version\": 2");
        assert!(said(&other).contains("its version 2; expected"), "{}", said(&other));
    }
}
