//! What `evaluate` has finished for a label: formats, scores and the page are not made again while
//! they would come out the same.
//!
//! Beside the raw answers stands `evaluate.json` with a hash of everything that a step's files were made
//! from, and a hash of the files themselves.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_store::SEQUENCE_FILE;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of the file's shape; what another version says is passed over.
const VERSION: u32 = 1;

/// Folders of a label that hold answers, and what became of them.
const FOLDERS: [&str; 3] = ["tasks", "journal", "readings"];

/// `user_outputs/<label>/evaluate.json`: the steps that are finished, and from what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finished {
    version: u32,
    /// Formatting.
    #[serde(default)]
    pub(super) refine: Option<Stamp>,
    /// Scoring.
    #[serde(default)]
    pub(super) score: Option<Stamp>,
    /// The page.
    #[serde(default)]
    pub(super) report: Option<Stamp>,
}

/// What a file was made from, and the file, as hexadecimal SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    inputs: String,
    output: String,
}

impl Finished {
    /// Reads the file of a label. One that is not there or cannot be used is as good as none: the steps
    /// are done again.
    pub(super) fn read(directory: &Path) -> Self {
        let text = SizeLimit::SETTINGS.read_text(&file(directory)).unwrap_or_default();
        let found: Option<Self> = serde_json::from_str(&text).ok();
        found.filter(|found| found.version == VERSION).unwrap_or_default()
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, directory: &Path) -> Result<(), FileError> {
        let written = Self { version: VERSION, ..self.clone() };
        write_atomic(&file(directory), |out| {
            serde_json::to_writer_pretty(&mut *out, &written)?;
            writeln!(out)
        })
    }
}

fn file(directory: &Path) -> PathBuf {
    directory.join("evaluate.json")
}

impl Stamp {
    /// The stamp of `output`, made from what `inputs` took in; `None` if it cannot be read.
    pub(super) fn of(inputs: &Inputs, output: &Path) -> Option<Self> {
        let mut hash = Sha256::new();
        take_file(&mut hash, output).ok()?;
        Some(Self { inputs: inputs.hash(), output: hex::encode(hash.finalize()) })
    }

    /// The stamp of the formatted answers in a label's folder.
    pub(super) fn of_label(inputs: &Inputs, directory: &Path) -> Self {
        let output = Inputs::default().with_label(directory);
        Self { inputs: inputs.hash(), output: output.hash() }
    }

    /// Whether `output` is still what it was made as, and would be made from the same.
    pub(super) fn holds(&self, inputs: &Inputs, output: &Path) -> bool {
        Self::of(inputs, output).as_ref() == Some(self)
    }
}

/// Everything that a file is made from.
#[derive(Debug, Clone, Default)]
pub(super) struct Inputs(Sha256);

impl Inputs {
    /// Takes in a word with its name.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        for part in [name, value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }

    /// Takes in the content of a file. One that cannot be read counts as such.
    pub(super) fn with_file(mut self, path: &Path) -> Self {
        self = self.with("file", &path.to_string_lossy());
        if take_file(&mut self.0, path).is_err() {
            self = self.with("file", "cannot be read");
        }
        self
    }

    /// Takes in the answers of a label, or what became of them, with how they came about. Times of
    /// sessions and logs are left out, because nothing rests on them.
    pub(super) fn with_label(self, directory: &Path) -> Self {
        let mut files = vec![directory.join("probe.json"), directory.join(SEQUENCE_FILE)];
        let mut folders: Vec<PathBuf> = FOLDERS.map(|name| directory.join(name)).into();
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            for path in entries.flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_none_or(|name| name != "run.json") {
                    files.push(path);
                }
            }
        }
        files.sort();
        files.iter().fold(self, |inputs, path| inputs.with_file(path))
    }

    fn hash(&self) -> String {
        hex::encode(self.0.clone().finalize())
    }
}

/// Takes in a file a piece at a time.
fn take_file(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            length => hash.update(&piece[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_an_input_or_the_output_changes() {
        let dir = tempfile::tempdir().unwrap();
        let label = dir.path().join("label");
        std::fs::create_dir_all(label.join("tasks")).unwrap();
        let answers = label.join("tasks/AVM.json");
        let output = dir.path().join("report.json");
        std::fs::write(&answers, "[1]").unwrap();
        std::fs::write(&output, "numbers").unwrap();
        let inputs = || Inputs::default().with("program", "1").with_label(&label);
        let stamp = Stamp::of(&inputs(), &output).unwrap();
        let finished = Finished { score: Some(stamp.clone()), ..Finished::default() };
        finished.write(&label).unwrap();
        assert_eq!(Finished::read(&label).score, Some(stamp.clone()));
        std::fs::write(label.join("run.json"), "another session").unwrap();
        assert!(stamp.holds(&inputs(), &output), "times of sessions do not matter");
        std::fs::write(&answers, "[2]").unwrap();
        assert!(!stamp.holds(&inputs(), &output));
        std::fs::write(&answers, "[1]").unwrap();
        std::fs::write(&output, "other numbers").unwrap();
        assert!(!stamp.holds(&inputs(), &output));
        std::fs::remove_file(&output).unwrap();
        assert!(!stamp.holds(&inputs(), &output));
        for damaged in ["", "{", "{\"version\": 99}", "\u{0}"] {
            std::fs::write(label.join("evaluate.json"), damaged).unwrap();
            assert_eq!(Finished::read(&label), Finished::default(), "{damaged}");
        }
    }
}
