//! The files that scoring leaves for a label: the one list of them.

use std::path::{Path, PathBuf};

use avibench_store::Label;

/// A file that scoring leaves for a label. Renaming and deleting a label take all of them along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunFile {
    /// Official scores in the shape and the place of the original's.
    Scores,
    /// Everything that was computed.
    Report,
    /// One row a sample and mode, as JSON Lines.
    JsonLines,
    /// The same rows as a Parquet table.
    Parquet,
    /// The picture of the psychometric curves; only where there are curves worth one.
    PsychometricChart,
    /// The page that `report` makes of the label alone.
    Page,
    /// What `bundle` makes for everybody.
    PublicBundle,
    /// What `bundle --with-answers` makes.
    PrivateBundle,
}

impl RunFile {
    /// All files.
    pub const ALL: [Self; 8] = [
        Self::Scores,
        Self::Report,
        Self::JsonLines,
        Self::Parquet,
        Self::PsychometricChart,
        Self::Page,
        Self::PublicBundle,
        Self::PrivateBundle,
    ];

    /// What follows the label in their names, in the order of [`RunFile::ALL`].
    pub const SUFFIXES: [&'static str; Self::ALL.len()] = {
        let mut suffixes = [""; Self::ALL.len()];
        let mut index = 0;
        while index < suffixes.len() {
            suffixes[index] = Self::ALL[index].suffix();
            index += 1;
        }
        suffixes
    };

    /// What follows the label in the file's name.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Scores => ".json",
            Self::Report => ".report.json",
            Self::JsonLines => ".samples.jsonl",
            Self::Parquet => ".samples.parquet",
            Self::PsychometricChart => ".psychometric.svg",
            Self::Page => ".report.html",
            Self::PublicBundle => ".bundle.zip",
            Self::PrivateBundle => ".private.zip",
        }
    }

    /// The file's name for a label.
    #[must_use]
    pub fn name(self, label: &Label) -> String {
        format!("{label}{}", self.suffix())
    }

    /// Where the file of a label stands in `folder`.
    #[must_use]
    pub fn path(self, folder: &Path, label: &Label) -> PathBuf {
        folder.join(self.name(label))
    }
}
