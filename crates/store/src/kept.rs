//! What a label keeps, whoever asks: replies that must not be lost or mixed with others, and what was spent.

use std::path::{Path, PathBuf};

use avibench_files::FileError;
use avibench_protocol::{Folder, Record};

use crate::{AskOutcome, JournalError, ShardFolder, Spending, read_journal, read_predictions};

/// Whether a label's `directory` keeps anything that came back from a model: an answer, an empty one or a
/// refusal. Failed and rejected questions are no replies; a run whose server was never reached has none.
///
/// What cannot be read counts as a reply, so that nothing is overlooked.
#[must_use]
pub fn keeps_replies(directory: &Path) -> bool {
    !ShardFolder::below(directory).is_empty()
        || files(directory, "journal", "jsonl").iter().any(|journal| has_replies(journal))
        || files(directory, "tasks", "json").iter().any(|predictions| has_answers(predictions))
}

/// What a folder's journal says was spent.
pub(crate) fn spent_on(directory: &Path, folder: Folder) -> Result<Spending, JournalError> {
    let journal = read_journal(&directory.join("journal").join(format!("{folder}.jsonl")))?;
    let mut spent = Spending::default();
    for entry in journal.entries.iter().chain(&journal.further) {
        spent += entry.spending();
    }
    Ok(spent)
}

/// Removes the journals and prediction files of a label that keeps no reply: what failed of another run says
/// nothing about the one that begins.
pub(crate) fn remove_failures(directory: &Path) -> Result<(), FileError> {
    let journals = files(directory, "journal", "jsonl");
    for path in journals.into_iter().chain(files(directory, "tasks", "json")) {
        std::fs::remove_file(&path).map_err(FileError::at("remove", &path))?;
    }
    Ok(())
}

fn files(directory: &Path, folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.join(folder));
    let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn has_replies(journal: &Path) -> bool {
    let Ok(journal) = read_journal(journal) else { return true };
    let mut entries = journal.entries.iter().chain(&journal.further);
    let is_torn = journal.torn > 0 && !journal.torn_is_beginning;
    is_torn
        || !journal.damaged.is_empty()
        || entries.any(|entry| !matches!(entry.outcome, AskOutcome::Failed | AskOutcome::Rejected))
}

fn has_answers(predictions: &Path) -> bool {
    let Ok(slots) = read_predictions(predictions) else { return true };
    slots.iter().flatten().any(Record::is_done)
}

#[cfg(test)]
mod tests {
    use avibench_protocol::Position;

    use super::*;
    use crate::Entry;

    #[test]
    fn replies_are_kept_and_failures_are_none() {
        let keeps = |name: &str, text: &str| {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
            keeps_replies(dir.path())
        };
        assert!(!keeps("other/file", "text"));
        for outcome in AskOutcome::ALL {
            let entry = Entry::new(Position(3), "3".to_owned(), outcome);
            let line = serde_json::to_string(&entry).unwrap() + "\n";
            let is_kept = !matches!(outcome, AskOutcome::Failed | AskOutcome::Rejected);
            assert_eq!(keeps("journal/AVM.jsonl", &line), is_kept, "{outcome:?}");
        }
        assert!(!keeps("journal/AVM.jsonl", ""));
        assert!(!keeps("journal/AVM.jsonl", "{\"v\":1,\"pos"), "the last line of a killed writer");
        assert!(keeps("journal/AVM.jsonl", "torn"));
        assert!(keeps("journal/AVM.jsonl", "no journal\n"));
        assert!(!keeps("tasks/AVM.json", "[null, null]"));
        assert!(keeps("tasks/AVM.json", "[null, {\"id\": \"1\", \"predict\": \"yes\"}]"));
        assert!(keeps("tasks/AVM.json", "[damaged"));
    }
}
