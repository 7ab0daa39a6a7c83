//! Where shards lie.

use std::path::{Path, PathBuf};

use super::Shard;

/// The folder of a label's shards, below that of the label.
pub(crate) const SHARDS: &str = "shards";

/// A shard's folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShardFolder {
    /// Which shard it is.
    pub shard: Shard,
    /// Its folder.
    pub path: PathBuf,
}

impl ShardFolder {
    /// The folder of a shard of the label whose folder is `directory`, be it there or not.
    #[must_use]
    pub fn of(directory: &Path, shard: Shard) -> Self {
        Self { shard, path: directory.join(SHARDS).join(shard.folder_name()) }
    }

    /// The shards below the folder of a label, lowest first; none if there are none, or if they cannot be
    /// listed.
    #[must_use]
    pub fn below(directory: &Path) -> Vec<Self> {
        Self::in_folder(&directory.join(SHARDS))
    }

    /// The shards whose folders lie in this one, lowest first.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let found = entries.flatten().filter_map(|entry| {
            let shard = Shard::of_folder_name(entry.file_name().to_str()?)?;
            let path = entry.path();
            path.is_dir().then_some(Self { shard, path })
        });
        let mut found: Vec<Self> = found.collect();
        found.sort();
        found
    }

    /// The sum of the lengths of its journals in bytes, those about readings included: it grows with
    /// every line, so that it tells whether anything came since.
    #[must_use]
    pub fn journal_bytes(&self) -> u64 {
        let of_folder = |folder: PathBuf| -> u64 {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            let journals = entries.flatten().filter(|entry| {
                entry.path().extension().is_some_and(|extension| extension == "jsonl")
            });
            journals.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
        };
        of_folder(self.path.join("journal")) + of_folder(self.path.join("readings/journal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_found_by_the_names_of_their_folders() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["10-of-12", "2-of-12", "13-of-12", "notes", "1-of-3/journal"] {
            std::fs::create_dir_all(dir.path().join("shards").join(name)).unwrap();
        }
        std::fs::write(dir.path().join("shards/4-of-12"), "a file").unwrap();
        let found = ShardFolder::below(dir.path());
        let names: Vec<String> = found.iter().map(|found| found.shard.to_string()).collect();
        assert_eq!(names, ["1/3", "2/12", "10/12"]);
        std::fs::write(dir.path().join("shards/1-of-3/journal/AVM.jsonl"), "12345").unwrap();
        std::fs::write(dir.path().join("shards/1-of-3/journal/AVM.json"), "12345").unwrap();
        assert_eq!(found.iter().map(ShardFolder::journal_bytes).sum::<u64>(), 5);
        assert!(ShardFolder::below(&dir.path().join("absent")).is_empty());
    }
}
