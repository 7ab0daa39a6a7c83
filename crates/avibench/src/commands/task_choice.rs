//! Values of `--tasks`.

use std::str::FromStr;

use avibench_protocol::{Folder, Stage, Task, UnknownTask};

/// The folders that one value stands for: a folder, those of a task or those of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskChoice(Vec<Folder>);

impl FromStr for TaskChoice {
    type Err = UnknownTask;

    fn from_str(name: &str) -> Result<Self, UnknownTask> {
        Folder::select(&[name]).map(Self)
    }
}

impl TaskChoice {
    /// What completions offer: stages, tasks, and folders where a task has several.
    pub(crate) fn names() -> Vec<&'static str> {
        let mut names = Vec::from(Stage::ALL.map(Stage::name));
        names.extend(Task::ALL.map(Task::name));
        let folders = Folder::ALL.map(Folder::name);
        names.extend(
            folders.into_iter().filter(|folder| !Task::ALL.map(Task::name).contains(folder)),
        );
        names
    }

    /// The folders of all choices, in the benchmark's order and each once; all folders without a choice.
    pub(crate) fn folders(choices: &[Self]) -> Vec<Folder> {
        if choices.is_empty() {
            return Folder::ALL.to_vec();
        }
        let is_chosen = |folder: &Folder| choices.iter().any(|choice| choice.0.contains(folder));
        Folder::ALL.into_iter().filter(is_chosen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_offered_is_understood_and_folders_keep_their_order() {
        for name in TaskChoice::names() {
            assert!(name.parse::<TaskChoice>().is_ok(), "{name}");
        }
        let choices = ["AVM", "vsqa", "AVM"].map(|name| name.parse().unwrap());
        assert_eq!(TaskChoice::folders(&choices), Folder::select(&["VSQA", "AVM"]).unwrap());
        assert_eq!(TaskChoice::folders(&[]), Folder::ALL);
    }
}
