//! A dataset folder as the benchmark lays it out.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit};
use avibench_python::{NotJson, from_python, read_json, read_json_items};
use sha2::{Digest as _, Sha256};

use crate::{Folder, Position, Sample, Stage};

/// A hundred times the largest folder of the benchmark, and more.
const DATA_LIMIT: SizeLimit =
    SizeLimit::new(256 << 20, "restore the file from the dataset's archive");

/// How large the `manifest.json` of a generated set may be, which names each of its files.
pub const MANIFEST_LIMIT: SizeLimit =
    SizeLimit::new(256 << 20, "make the set anew with `avibench synth`");

/// A folder that holds `levels/<stage>/<FOLDER>/data.json`, or is that `levels` folder.
#[derive(Debug, Clone)]
pub struct Dataset {
    levels: PathBuf,
    manifest: Option<serde_json::Value>,
}

/// Whether a folder of the dataset can be used.
#[derive(Debug)]
pub enum FolderState {
    /// Read and checked.
    Ready(FolderData),
    /// Not unpacked.
    Absent,
    /// There, but unusable.
    Broken(DatasetError),
}

/// The samples of one folder.
#[derive(Debug, Clone)]
pub struct FolderData {
    /// Which folder.
    pub folder: Folder,
    /// Where its `data.json` and `input/` are.
    pub path: PathBuf,
    /// Samples; index = position.
    pub samples: Vec<Sample>,
    /// Lower-case hex sha256 of data.json.
    pub sha256: String,
}

/// A dataset that cannot be used, or a part of it.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No such folder.
    #[error(
        "no dataset folder {}: name the folder that holds `levels/` with --data-root; \
         `avibench synth smoke --out DIR` makes one to try things with, and the benchmark's own \
         is to be had on request from its authors (arXiv 2606.07643)",
        path.display()
    )]
    NoRoot {
        /// What was asked for.
        path: PathBuf,
    },
    /// None of the stage folders is there.
    #[error(
        "{} holds no dataset: expected levels/<stage>/<FOLDER>/data.json below it, with stages \
         perception, understand, reasoning, sensation; name the folder with --data-root or DATA_ROOT",
        path.display()
    )]
    NoStages {
        /// What was asked for.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no JSON.
    #[error("{} is not JSON: {reason}; restore the file from the dataset's archive", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        reason: NotJson,
    },
    /// The file is JSON, but no array.
    #[error("{} should hold a JSON array of samples, but holds {found}", path.display())]
    NotArray {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: &'static str,
    },
    /// The array is empty.
    #[error("{} holds no samples; restore the file from the dataset's archive", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Dataset {
    /// Finds the dataset in `root`: the folder above `levels/`, or `levels/` itself.
    pub fn open(root: &Path) -> Result<Self, DatasetError> {
        if !root.is_dir() {
            return Err(DatasetError::NoRoot { path: root.to_owned() });
        }
        let levels = [root.join("levels"), root.to_owned()]
            .into_iter()
            .find(|levels| Stage::ALL.iter().any(|stage| levels.join(stage.name()).is_dir()))
            .ok_or_else(|| DatasetError::NoStages { path: root.to_owned() })?;
        // A generated set says so in a manifest beside `levels/`; the benchmark's own has none.
        let manifest = levels
            .parent()
            .map(|parent| parent.join("manifest.json"))
            .and_then(|path| MANIFEST_LIMIT.read(&path).ok())
            .and_then(|bytes| read_json(&bytes).ok());
        Ok(Self { levels, manifest })
    }

    /// The `levels` folder.
    #[must_use]
    pub fn levels(&self) -> &Path {
        &self.levels
    }

    /// Kind of a generated set (`smoke`, `prise`), which must never be compared with published
    /// numbers; `None` for the benchmark's own.
    #[must_use]
    pub fn generated(&self) -> Option<&str> {
        self.manifest.as_ref()?.get("kind")?.as_str()
    }

    /// Where a folder's data.json is expected.
    #[must_use]
    pub fn path(&self, folder: Folder) -> PathBuf {
        self.levels.join(folder.stage().name()).join(folder.name())
    }

    /// Reads and checks one folder.
    #[must_use]
    pub fn load(&self, folder: Folder) -> FolderState {
        let path = self.path(folder);
        if !path.is_dir() {
            return FolderState::Absent;
        }
        match FolderData::read(folder, &path) {
            Ok(data) => FolderState::Ready(data),
            Err(error) => FolderState::Broken(error),
        }
    }
}

impl FolderData {
    /// What a person should know before the questions are asked: those among the first `limit` that
    /// name no medium although their folder is about one.
    #[must_use]
    pub fn notice(&self, limit: Option<usize>) -> Option<String> {
        let samples = self.samples.iter().take(limit.unwrap_or(usize::MAX));
        let lacking: Vec<_> =
            samples.filter_map(|sample| Some((sample.position, sample.lacking()?))).collect();
        let (position, what) = lacking.first()?;
        let others = match lacking.len() - 1 {
            0 => String::new(),
            1 => ", and 1 other sample lacks media, too".to_owned(),
            others => format!(", and {others} other samples lack media, too"),
        };
        Some(format!(
            "{} {position} {what}{others}: a model can only guess; correct {}",
            self.folder,
            self.path.join("data.json").display()
        ))
    }

    /// Reads `path/data.json`. A record that is not what the protocol says is read as far as can
    /// be, and says itself what is wrong with it: see [`Sample::read`].
    ///
    /// # Errors
    /// The file cannot be read, is no JSON as Python reads it, or is no array with samples.
    pub fn read(folder: Folder, path: &Path) -> Result<Self, DatasetError> {
        let file = path.join("data.json");
        let bytes = DATA_LIMIT.read(&file)?;
        let mut samples = Vec::new();
        let other = read_json_items(&bytes, |record| {
            samples.push(Sample::read(folder, Position(samples.len()), &record));
        });
        match other {
            Err(reason) => return Err(DatasetError::NotJson { path: file, reason }),
            Ok(Some(other)) => {
                let found = json_kind(&from_python(&other));
                return Err(DatasetError::NotArray { path: file, found });
            }
            Ok(None) if samples.is_empty() => return Err(DatasetError::Empty { path: file }),
            Ok(None) => {}
        }
        samples.shrink_to_fit();
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(Self { folder, path: path.to_owned(), samples, sha256 })
    }

    /// The bytes of its `data.json` as it stands there now.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn data_json(&self) -> Result<Vec<u8>, FileError> {
        DATA_LIMIT.read(&self.path.join("data.json"))
    }
}

/// What a JSON value is, for messages.
#[must_use]
pub fn json_kind(value: &serde_json::Value) -> &'static str {
    use serde_json::Value as Json;
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_data(content: &str) -> (tempfile::TempDir, Dataset) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("levels/perception/AVM");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("data.json"), content).unwrap();
        let dataset = Dataset::open(root.path()).unwrap();
        (root, dataset)
    }

    fn broken(content: &str) -> String {
        let (root, dataset) = with_data(content);
        match dataset.load(Folder::Avm) {
            FolderState::Broken(error) => {
                error.to_string().replace(&root.path().display().to_string(), "ROOT")
            }
            other => panic!("expected an error, got {other:?}"),
        }
    }

    #[test]
    fn errors_name_file_place_and_mend() {
        let file = "ROOT/levels/perception/AVM/data.json";
        assert!(broken("[{").starts_with(&format!("{file} is not JSON: ")));
        assert_eq!(
            broken("{}"),
            format!("{file} should hold a JSON array of samples, but holds an object")
        );
        assert!(broken("[]").starts_with(&format!("{file} holds no samples")));
    }

    #[test]
    fn a_record_of_another_shape_costs_no_other() {
        let content = "\u{feff}[{\"id\": \"\\ud83d\", \"x\": NaN, \"input\": {\"question\": {\"text\": 5}}}, 7]";
        let (_root, dataset) = with_data(content);
        let FolderState::Ready(data) = dataset.load(Folder::Avm) else { panic!("should be read") };
        assert_eq!(data.samples[0].text.as_deref(), Some("5"));
        assert_eq!(data.samples[0].defect, None);
        assert_eq!(
            data.samples[1].defect.as_ref().unwrap().to_string(),
            "`the record` should be an object, but is the number 7"
        );
    }

    #[test]
    fn root_may_be_the_levels_folder_itself() {
        let (root, dataset) = with_data(r#"[{"id": "0", "input": {}}]"#);
        let direct = Dataset::open(&root.path().join("levels")).unwrap();
        assert_eq!(direct.levels(), dataset.levels());
        assert!(matches!(direct.load(Folder::Avm), FolderState::Ready(_)));
        assert!(matches!(direct.load(Folder::Avl), FolderState::Absent));
        assert_eq!(direct.generated(), None);
        assert!(matches!(
            Dataset::open(&root.path().join("nowhere")),
            Err(DatasetError::NoRoot { .. })
        ));
    }
}
