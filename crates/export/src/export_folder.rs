//! A folder of exported files, in which nothing is replaced but what an earlier export wrote there.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use avibench_files::{FileError, FilledFile, SizeLimit, remove_partial_files};
use serde::{Deserialize, Serialize};

use crate::hashing_writer::HashingWriter;

/// The file that says which others an export wrote.
const LEDGER: &str = "avibench-export.json";
/// Version of its format.
const VERSION: u32 = 1;
const LEDGER_LIMIT: SizeLimit =
    SizeLimit::new(16 << 20, "remove it, or name another folder with --output");
const FILE_LIMIT: SizeLimit =
    SizeLimit::new(64 << 30, "remove it, or name another folder with --output");

/// A folder that holds one export of one label.
#[derive(Debug, Clone)]
pub struct ExportFolder {
    path: PathBuf,
    format: &'static str,
    label: String,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenExport {
    /// The files, in the order in which they were given.
    pub files: Vec<PathBuf>,
    /// Their length together, in bytes.
    pub bytes: u64,
    /// Files of an earlier export that this one no longer has, and that were removed.
    pub removed: Vec<PathBuf>,
}

/// Why an export was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportFolderError {
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file stands there that no export wrote, or that was changed since.
    #[error(
        "{} {what}, so that nothing was written; name another folder with --output, or remove the file",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The folder holds an export of something else.
    #[error(
        "{} holds an export of another label or format ({found}), so that nothing was written; name another \
         folder with --output",
        path.display()
    )]
    Other {
        /// The folder.
        path: PathBuf,
        /// Format and label of what it holds.
        found: String,
    },
    /// The folder is a file, or the way to it leads through one.
    #[error("{} is no folder; name another one with --output", path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct FolderLedger {
    version: u32,
    format: String,
    label: String,
    files: Vec<LedgerFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LedgerFile {
    /// With slashes, below the folder.
    name: String,
    sha256: String,
}

/// Writes the content of a file.
type Fill<'a> = dyn FnOnce(&mut dyn Write) -> io::Result<()> + 'a;

/// A file of an export that is not written yet.
pub struct ExportFile<'a> {
    name: String,
    fill: Box<Fill<'a>>,
}

impl<'a> ExportFile<'a> {
    /// A file that stands under this name below the folder, with slashes, and is filled by `fill`.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()> + 'a,
    ) -> Self {
        Self { name: name.into(), fill: Box::new(fill) }
    }
}

impl ExportFolder {
    /// The folder `path` for exports of a label in a format.
    #[must_use]
    pub fn new(path: &Path, format: &'static str, label: &str) -> Self {
        Self { path: path.to_owned(), format, label: label.to_owned() }
    }

    /// Fills the files and puts them into their places together. What stands in the way and was not written by an earlier
    /// export of the same label and format, or was changed since, is left as it is. Files that an earlier export wrote and this one does not
    /// have are removed.
    ///
    /// # Errors
    ///
    /// If something else stands in the way, or a file cannot be written. Then nothing is changed.
    pub fn write(&self, files: Vec<ExportFile<'_>>) -> Result<WrittenExport, ExportFolderError> {
        if self.path.exists() && !self.path.is_dir() {
            return Err(ExportFolderError::NoFolder { path: self.path.clone() });
        }
        let earlier = self.earlier()?;
        for file in &files {
            self.check_place(&file.name, &earlier)?;
        }
        let mut written = WrittenExport::default();
        let (mut filled, mut listed) = (Vec::new(), Vec::new());
        for ExportFile { name, fill } in files {
            let path = self.place(&name);
            if let Some(parent) = path.parent().filter(|parent| parent.is_dir()) {
                remove_partial_files(parent)?;
            }
            let mut sha256 = String::new();
            filled.push(FilledFile::new(&path, |out| {
                let mut hashing = HashingWriter::new(out);
                fill(&mut hashing)?;
                let bytes;
                (sha256, bytes) = hashing.finish();
                written.bytes += bytes;
                Ok(())
            })?);
            listed.push(LedgerFile { name, sha256 });
            written.files.push(path);
        }
        let stale: Vec<LedgerFile> = earlier
            .into_iter()
            .filter(|old| !listed.iter().any(|new| new.name == old.name))
            .filter(|old| self.state(old) == Standing::Own)
            .collect();
        let ledger = FolderLedger {
            version: VERSION,
            format: self.format.to_owned(),
            label: self.label.clone(),
            files: listed,
        };
        filled.push(FilledFile::new(&self.path.join(LEDGER), |out| {
            serde_json::to_writer_pretty(&mut *out, &ledger)?;
            out.write_all(b"\n")
        })?);
        FilledFile::replace_all(filled)?;
        for old in stale {
            let path = self.place(&old.name);
            std::fs::remove_file(&path).map_err(FileError::at("remove", &path))?;
            written.removed.push(path);
        }
        Ok(written)
    }

    /// What an earlier export of the same label and format wrote here.
    fn earlier(&self) -> Result<Vec<LedgerFile>, ExportFolderError> {
        let path = self.path.join(LEDGER);
        let Some(text) = LEDGER_LIMIT.read_if_any(&path)? else { return Ok(Vec::new()) };
        let what = "is not what an export of this version leaves";
        let foreign = || ExportFolderError::Foreign { path: path.clone(), what };
        let found: FolderLedger = serde_json::from_slice(&text).map_err(|_| foreign())?;
        if found.version != VERSION || !found.files.iter().all(|file| is_inside(&file.name)) {
            return Err(foreign());
        }
        if (found.format.as_str(), &found.label) != (self.format, &self.label) {
            let found = format!("{} of {}", found.format, found.label);
            return Err(ExportFolderError::Other { path: self.path.clone(), found });
        }
        Ok(found.files)
    }

    fn check_place(&self, name: &str, earlier: &[LedgerFile]) -> Result<(), ExportFolderError> {
        let path = self.place(name);
        let foreign = |what| Err(ExportFolderError::Foreign { path: path.clone(), what });
        match earlier.iter().find(|file| file.name == name) {
            None if std::fs::symlink_metadata(&path).is_ok() => {
                foreign("is there, and no export wrote it")
            }
            Some(file) if self.state(file) == Standing::Changed => {
                foreign("was changed after an export wrote it")
            }
            _ => Ok(()),
        }
    }

    /// What stands where an earlier export wrote a file.
    fn state(&self, file: &LedgerFile) -> Standing {
        let path = self.place(&file.name);
        match std::fs::symlink_metadata(&path) {
            Err(_) => return Standing::Gone,
            Ok(found) if !found.is_file() => return Standing::Changed,
            Ok(_) => {}
        }
        let hashed = FILE_LIMIT.open(&path).and_then(|mut found| {
            let mut hashing = HashingWriter::new(io::sink());
            io::copy(&mut found, &mut hashing).map_err(FileError::at("read", &path))?;
            Ok(hashing.finish().0)
        });
        if hashed.is_ok_and(|sha256| sha256 == file.sha256) {
            Standing::Own
        } else {
            Standing::Changed
        }
    }

    fn place(&self, name: &str) -> PathBuf {
        let mut path = self.path.clone();
        path.extend(name.split('/'));
        path
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Own,
    Changed,
    Gone,
}

/// Whether a name of a ledger, which anybody may have written, leads to a place below the folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty()
        && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(
        folder: &ExportFolder,
        files: &[(&str, &str)],
    ) -> Result<WrittenExport, ExportFolderError> {
        let files = files.iter();
        let files =
            files.map(|&(name, text)| ExportFile::new(name, |out| out.write_all(text.as_bytes())));
        folder.write(files.collect())
    }

    #[test]
    fn own_files_are_replaced_and_removed_and_others_stay() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x");
        let folder = ExportFolder::new(&path, "inspect", "model");
        let written = write(&folder, &[("a.json", "one"), ("b/c.json", "two")]).unwrap();
        assert_eq!((written.files.len(), written.bytes), (2, 6));
        std::fs::write(path.join("notes.txt"), "keep me").unwrap();
        let again = write(&folder, &[("a.json", "new")]).unwrap();
        assert_eq!(again.removed, [path.join("b/c.json")]);
        assert_eq!(std::fs::read_to_string(path.join("a.json")).unwrap(), "new");
        assert!(path.join("notes.txt").exists());
        // What was edited since is nobody's to overwrite, and nothing else is written then.
        std::fs::write(path.join("a.json"), "edited").unwrap();
        let refused = write(&folder, &[("a.json", "3"), ("d.json", "4")]).unwrap_err().to_string();
        assert!(
            refused.contains("a.json was changed") && refused.contains("--output"),
            "{refused}"
        );
        assert_eq!(std::fs::read_to_string(path.join("a.json")).unwrap(), "edited");
        assert!(!path.join("d.json").exists());
        let refused = write(&folder, &[("notes.txt", "mine")]).unwrap_err().to_string();
        assert!(refused.contains("no export wrote it"), "{refused}");
        let other = ExportFolder::new(&path, "inspect", "other");
        let refused = write(&other, &[("e.json", "5")]).unwrap_err().to_string();
        assert!(refused.contains("inspect of model"), "{refused}");
    }

    #[test]
    fn a_ledger_leads_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("victim"), "keep me").unwrap();
        let path = root.path().join("x");
        std::fs::create_dir(&path).unwrap();
        let mut hashing = HashingWriter::new(io::sink());
        hashing.write_all(b"keep me").unwrap();
        let sha256 = hashing.finish().0;
        for name in ["../victim", "/etc/passwd", "a/../../victim", ""] {
            let ledger = serde_json::json!({"version": 1, "format": "inspect", "label": "model",
                "files": [{"name": name, "sha256": sha256}]});
            std::fs::write(path.join(LEDGER), ledger.to_string()).unwrap();
            let folder = ExportFolder::new(&path, "inspect", "model");
            let refused = write(&folder, &[("a.json", "1")]).unwrap_err().to_string();
            assert!(refused.contains(LEDGER), "{refused}");
        }
        assert!(root.path().join("victim").exists());
        std::fs::write(root.path().join("file"), "x").unwrap();
        let folder = ExportFolder::new(&root.path().join("file"), "inspect", "model");
        assert!(write(&folder, &[]).unwrap_err().to_string().contains("is no folder"));
    }
}
