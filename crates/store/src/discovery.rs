//! The labels below a folder.

use std::path::Path;

use avibench_files::FileError;

use crate::{Label, LabelError, ShardFolder};

/// More labels than these make no list that somebody reads.
const SHOWN: usize = 20;

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

/// Words for an error that names the labels below `roots`, where one was looked for in vain:
/// `did you mean chance? There are: chance, signal`. `None` if there are none. Folders that cannot be listed
/// have none.
#[must_use]
pub fn labels_there(roots: &[impl AsRef<Path>], wanted: &Label) -> Option<String> {
    let found = roots.iter().filter_map(|root| Discovery::below(root.as_ref()).ok());
    let mut labels: Vec<Label> =
        found.flat_map(|found| [found.labels, found.unmerged]).flatten().collect();
    labels.sort();
    labels.dedup();
    labels_known(&labels, wanted)
}

/// The same of labels that are known already.
#[must_use]
pub fn labels_known(labels: &[Label], wanted: &Label) -> Option<String> {
    let names: Vec<&str> = labels.iter().map(Label::as_str).collect();
    let mut list = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        list = format!("{list} and {} more", names.len() - SHOWN);
    }
    let distance = |name: &&str| {
        let [name, wanted] = [*name, wanted.as_str()].map(str::to_lowercase);
        strsim::damerau_levenshtein(&name, &wanted)
    };
    // Longer names differ in more letters by mistake.
    let most = 1.max(wanted.as_str().chars().count() / 4);
    let nearest = names.iter().copied().min_by_key(distance)?;
    Some(if distance(&nearest) <= most {
        format!("did you mean `{nearest}`? There are: {list}")
    } else {
        format!("there are: {list}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_label_is_named_first_and_a_long_list_is_cut() {
        let labels = |names: &[&str]| -> Vec<Label> {
            names.iter().map(|name| Label::new(*name).unwrap()).collect()
        };
        let told = |names: &[&str], wanted: &str| {
            labels_known(&labels(names), &Label::new(wanted).unwrap()).unwrap_or_default()
        };
        assert_eq!(
            told(&["chance", "signal"], "chanse"),
            "did you mean `chance`? There are: chance, signal"
        );
        assert_eq!(
            told(&["qwen2.5-omni-7b"], "Qwen2.5-omni-3b"),
            "did you mean `qwen2.5-omni-7b`? There are: qwen2.5-omni-7b"
        );
        assert_eq!(told(&["ear"], "eye"), "there are: ear");
        assert_eq!(told(&[], "eye"), "");
        let many: Vec<String> = (0..23).map(|number| format!("label-{number:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(told(&many, "x").ends_with("label-19 and 3 more"));
    }

    #[test]
    fn labels_are_folders_with_answers_or_a_journal() {
        let root = tempfile::tempdir().unwrap();
        for name in ["b/tasks", "a/tasks", "-x/tasks", "c/journal", "d/shards/1-of-2", "e/shards"] {
            std::fs::create_dir_all(root.path().join(name)).unwrap();
        }
        std::fs::write(root.path().join("file"), "").unwrap();
        let found = Discovery::below(root.path()).unwrap();
        let labels: Vec<&str> = found.labels.iter().map(Label::as_str).collect();
        let wanted = Label::new("other").unwrap();
        let there = labels_there(&[root.path()], &wanted);
        assert_eq!(there.as_deref(), Some("there are: a, b, c, d"));
        assert_eq!(labels_there(&[&root.path().join("a")], &wanted), None);
        assert_eq!((labels, found.unusable.len()), (vec!["a", "b", "c"], 1));
        assert_eq!(found.unmerged, [Label::new("d").unwrap()]);
        let missing = Discovery::below(&root.path().join("none")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot list "), "{missing}");
    }
}
