//! The labels below a folder.

use std::path::Path;

use avibench_files::FileError;

use crate::{Label, LabelError, ShardFolder};

/// What stands below a folder of labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Labels that have a folder `tasks` or `journal`, sorted.
    pub labels: Vec<Label>,
    /// Labels that have shards and no such folder, because the shards are not merged yet, sorted.
    pub unmerged: Vec<Label>,
    /// Folders with such a folder whose name cannot be a label.
    pub unusable: Vec<LabelError>,
}

impl Discovery {
    /// Looks below `root`.
    ///
    /// # Errors
    ///
    /// If `root` cannot be listed.
    pub fn below(root: &Path) -> Result<Self, FileError> {
        let mut found = Self::default();
        for entry in std::fs::read_dir(root).map_err(FileError::at("list", root))? {
            let entry = entry.map_err(FileError::at("list", root))?;
            // A run that was killed may have left nothing but its journal.
            let has_run =
                ["tasks", "journal"].iter().any(|below| entry.path().join(below).is_dir());
            if !has_run && ShardFolder::below(&entry.path()).is_empty() {
                continue;
            }
            match Label::new(entry.file_name().to_string_lossy()) {
                Ok(label) if has_run => found.labels.push(label),
                Ok(label) => found.unmerged.push(label),
                Err(error) => found.unusable.push(error),
            }
        }
        found.labels.sort();
        found.unmerged.sort();
        Ok(found)
    }
}

/// Words for an error that ends with the labels below `root`, where one was looked for in vain:
/// `; there are: chance, signal`. `None` if there are none or `root` cannot be listed.
#[must_use]
pub fn labels_there(root: &Path) -> Option<String> {
    let labels = Discovery::below(root).ok()?.labels;
    let names: Vec<&str> = labels.iter().map(Label::as_str).collect();
    (!names.is_empty()).then(|| format!("; there are: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_folders_with_answers_or_a_journal() {
        let root = tempfile::tempdir().unwrap();
        for name in ["b/tasks", "a/tasks", "-x/tasks", "c/journal", "d/shards/1-of-2", "e/shards"] {
            std::fs::create_dir_all(root.path().join(name)).unwrap();
        }
        std::fs::write(root.path().join("file"), "").unwrap();
        let found = Discovery::below(root.path()).unwrap();
        let labels: Vec<&str> = found.labels.iter().map(Label::as_str).collect();
        assert_eq!(labels_there(root.path()).as_deref(), Some("; there are: a, b, c"));
        assert_eq!(labels_there(&root.path().join("a")), None);
        assert_eq!((labels, found.unusable.len()), (vec!["a", "b", "c"], 1));
        assert_eq!(found.unmerged, [Label::new("d").unwrap()]);
        let missing = Discovery::below(&root.path().join("none")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot list "), "{missing}");
    }
}
