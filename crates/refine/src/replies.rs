//! What language models have replied so far, by content: the same text is never sent twice.
//!
//! The journals of formatted answers are the only store: every label's is read.

use std::collections::HashMap;
use std::path::Path;

use avibench_answers::Provenance;
use avibench_store::{AskOutcome, read_journal};

use crate::RefineNote;

/// Replies by source ([`crate::Refiner::source`]).
#[derive(Debug, Default)]
pub(crate) struct Replies {
    by_source: HashMap<String, String>,
}

impl Replies {
    /// The replies that all labels below `refined` hold. What cannot be read costs only its replies,
    /// and is noted.
    pub(crate) fn read(refined: &Path, notes: &mut Vec<RefineNote>) -> Self {
        let mut replies = Self::default();
        // A folder that is not there yet holds nothing.
        let Ok(labels) = std::fs::read_dir(refined) else { return replies };
        for label in labels.flatten() {
            replies.add(&label.path(), notes);
        }
        replies
    }

    /// Adds what one label's journals hold.
    pub(crate) fn add(&mut self, label: &Path, notes: &mut Vec<RefineNote>) {
        let Ok(journals) = std::fs::read_dir(label.join("journal")) else { return };
        for journal in journals.flatten().map(|entry| entry.path()) {
            if journal.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            match read_journal(&journal) {
                Ok(journal) => {
                    for entry in journal.entries {
                        let provenance = entry.note.as_ref().and_then(Provenance::from_note);
                        if let (
                            AskOutcome::Answered,
                            Some(Provenance::Llm { .. }),
                            Some(source),
                            Some(reply),
                        ) = (entry.outcome, provenance, entry.source, entry.answer)
                        {
                            self.by_source.insert(source, reply);
                        }
                    }
                }
                Err(error) => notes.push(RefineNote::Replies(error)),
            }
        }
    }

    /// The reply to a text that was sent before.
    pub(crate) fn get(&self, source: &str) -> Option<&str> {
        self.by_source.get(source).map(String::as_str)
    }
}
