//! `export.json`: what an export holds and what its answers have in common, so that results can be told
//! from those of anything else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use avibench_engine::{BatchFormat, FolderJobs};
use avibench_files::{FileError, FilledFile, SizeLimit};
use avibench_protocol::{Folder, NotJson, Position, read_json_as};
use avibench_store::{Identity, Label};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::limits::ExportLimits;

/// Version 2 knows epochs.
const VERSION: u32 = 2;
/// The name of the file.
pub(crate) const MANIFEST: &str = "export.json";
/// Its length grows with gaps in the selection alone.
const MANIFEST_LIMIT: SizeLimit = SizeLimit::new(256 << 20, "export the requests again");

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Its name in the folder of the export.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Lines in it.
    pub requests: u64,
    /// Lower-case hex sha256 of its content.
    pub sha256: String,
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportManifest {
    /// Version of the format.
    pub version: u32,
    /// Program and version that wrote it.
    pub program: String,
    /// When.
    pub created: Timestamp,
    /// The label that the answers belong to.
    pub label: Label,
    /// The form of the requests.
    pub format: BatchFormat,
    /// The path of the service that each request is for.
    pub endpoint: String,
    /// What all answers under the label have in common.
    #[serde(flatten)]
    pub identity: Identity,
    /// How often every question is asked; absent for once.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub epochs: u32,
    /// The samples that the run is about, those that have an answer already included: for each folder
    /// the first and the last position of each stretch without a gap.
    pub selection: BTreeMap<Folder, Vec<(usize, usize)>>,
    /// The limits that the files keep to.
    pub limits: ExportLimits,
    /// The files of requests in their order.
    pub files: Vec<ExportedFile>,
    /// The file that names all requests.
    pub index: ExportedFile,
    /// Prompt tokens of all requests, roughly.
    pub tokens_in: u64,
    /// Of these, tokens of sound.
    pub tokens_audio: u64,
}

/// A folder that is no export, or none that this program can use.
#[derive(Debug, thiserror::Error)]
pub enum ExportManifestError {
    /// It cannot be read.
    #[error("{0} (an export is a folder that `avibench batch export` made)")]
    File(#[from] FileError),
    /// It is no manifest.
    #[error("{}: {reason}; export the requests again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: NotJson,
    },
    /// A later program wrote it.
    #[error(
        "{}: version {version} is newer than this program's ({VERSION}); go on with the version that \
         wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version it has.
        version: u32,
    },
    /// It names a file that lies elsewhere.
    #[error(
        "{}: `{}` is no name of a file of an export; restore it, or export the requests again",
        path.display(),
        name.escape_debug()
    )]
    Name {
        /// The manifest.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A file is not what was exported.
    #[error(
        "{}: the file is not the one that was exported (its sha256 differs from that in export.json); \
         restore it, or export the requests again",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

/// How often a question is asked where nothing is said.
const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_once(epochs: &u32) -> bool {
    *epochs == 1
}

impl ExportManifest {
    /// The earliest version that knows an export in which every question is asked so often.
    pub(crate) const fn version_of(epochs: u32) -> u32 {
        if epochs > 1 { VERSION } else { 1 }
    }

    /// Whether a folder holds an export.
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        folder.join(MANIFEST).exists()
    }

    /// Reads the manifest of an export.
    ///
    /// # Errors
    ///
    /// If `folder` holds no export that this program can use.
    pub fn read(folder: &Path) -> Result<Self, ExportManifestError> {
        let path = folder.join(MANIFEST);
        let bytes = MANIFEST_LIMIT.read(&path)?;
        let manifest: Self = read_json_as(&bytes)
            .map_err(|reason| ExportManifestError::Format { path: path.clone(), reason })?;
        if manifest.version > VERSION {
            return Err(ExportManifestError::Newer { path, version: manifest.version });
        }
        let is_ours = |name: &str| {
            let number =
                name.strip_prefix("requests-").and_then(|rest| rest.strip_suffix(".jsonl"));
            number.is_some_and(|number| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            })
        };
        match manifest.files.iter().find(|file| !is_ours(&file.name)) {
            Some(file) => Err(ExportManifestError::Name { path, name: file.name.clone() }),
            None => Ok(manifest),
        }
    }

    /// Fills the file; it takes its place after the others of the export.
    pub(crate) fn fill(&self, folder: &Path) -> Result<FilledFile, FileError> {
        FilledFile::new(&folder.join(MANIFEST), |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }

    /// All requests together.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.files.iter().map(|file| file.requests).sum()
    }

    /// Names this export among others: 16 hex digits that depend on every request in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(self.label.as_str());
        digest.update(self.created.to_string());
        for file in &self.files {
            digest.update(&file.sha256);
        }
        hex::encode(&digest.finalize()[..8])
    }

    /// The samples that the run is about, in folders of so many records.
    pub(crate) fn selected(
        &self,
        records: impl Fn(Folder) -> usize,
    ) -> impl Iterator<Item = (Folder, Position)> {
        let folders = self.selection.iter().map(move |(folder, stretches)| {
            let records = records(*folder);
            (*folder, records, stretches)
        });
        folders.flat_map(|(folder, records, stretches)| {
            // Stretches that overlap, as only a changed manifest has them, count once.
            let mut next = 0;
            let within = move |(first, last): &(usize, usize)| {
                let begin = (*first).max(next);
                let end = last.saturating_add(1).min(records);
                next = next.max(end);
                begin..end
            };
            stretches.iter().flat_map(within).map(move |at| (folder, Position(at)))
        })
    }
}

/// The positions of these jobs as stretches without gaps.
pub(crate) fn stretches(jobs: &FolderJobs) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for at in jobs.jobs.iter().map(|job| job.position.0) {
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => stretches.push((at, at)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn manifest() -> Value {
        let file = |name: &str| json!({"name": name, "bytes": 1, "requests": 1, "sha256": "a"});
        json!({"version": 1, "program": "p", "created": "2026-01-01T00:00:00Z", "label": "m",
            "format": "openai", "endpoint": "/v1/chat/completions", "model": "m", "backend": "openai",
            "profile": null, "parameters": {}, "prompt_pack": "p", "data": {},
            "selection": {"AVM": [[0, 2], [1, 4], [9, 18_446_744_073_709_551_615_u64]]},
            "limits": {"requests": 1, "bytes": 1}, "files": [file("requests-001.jsonl")],
            "index": file("index.jsonl"), "tokens_in": 0, "tokens_audio": 0})
    }

    fn read(manifest: &Value) -> Result<ExportManifest, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MANIFEST), manifest.to_string()).unwrap();
        ExportManifest::read(dir.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_selection_is_within_the_data_and_counts_each_sample_once() {
        let manifest = read(&manifest()).unwrap();
        let selected = |records| {
            let all = manifest.selected(move |_| records).map(|(_, position)| position.0);
            all.collect::<Vec<_>>()
        };
        assert_eq!(selected(11), [0, 1, 2, 3, 4, 9, 10]);
        assert_eq!(selected(2), [0, 1]);
        assert!(selected(0).is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let with = |place: &str, value: Value| {
            let mut changed = manifest();
            *changed.pointer_mut(place).unwrap() = value;
            read(&changed).unwrap_err()
        };
        assert!(with("/version", json!(3)).contains("version 3 is newer than this program's (2)"));
        for name in ["../../x", "/etc/passwd", "requests-.jsonl", "requests-1/..jsonl", ""] {
            assert!(with("/files/0/name", json!(name)).contains("is no name of a file"), "{name}");
        }
        assert!(with("/label", json!("../x")).contains("cannot be a label"));
    }
}
