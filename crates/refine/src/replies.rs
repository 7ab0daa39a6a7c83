//! What language models have replied so far, by content: the same text is never sent twice.
//!
//! The journals of formatted answers are the only store: every label's is read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use avibench_answers::Provenance;
use avibench_reading::split_thinking;
use avibench_store::{AskOutcome, Entry, FinishReason, ShardFolder, read_journal};

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

    /// The replies that ask for readings, of all labels below `refined`.
    pub(crate) fn read_readings(refined: &Path, notes: &mut Vec<RefineNote>) -> Self {
        let mut replies = Self::default();
        let Ok(labels) = std::fs::read_dir(refined) else { return replies };
        for label in labels.flatten() {
            replies.add_readings(&label.path(), notes);
        }
        replies
    }

    /// Adds what one label's journals hold of readings, those of its shards included.
    pub(crate) fn add_readings(&mut self, label: &Path, notes: &mut Vec<RefineNote>) {
        for folder in with_shards(label) {
            self.add_where(&folder.join("readings"), notes, |_| true);
        }
    }

    /// Adds what one label's journals hold, those of its shards included.
    pub(crate) fn add(&mut self, label: &Path, notes: &mut Vec<RefineNote>) {
        for folder in with_shards(label) {
            self.add_where(&folder, notes, |entry| {
                let provenance = entry.note.as_ref().and_then(Provenance::from_note);
                matches!(provenance, Some(Provenance::Llm { .. }))
            });
        }
    }

    /// Adds the replies of those journal lines that a language model wrote.
    fn add_where(
        &mut self,
        label: &Path,
        notes: &mut Vec<RefineNote>,
        is_reply: impl Fn(&Entry) -> bool,
    ) {
        let Ok(journals) = std::fs::read_dir(label.join("journal")) else { return };
        for journal in journals.flatten().map(|entry| entry.path()) {
            if journal.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            match read_journal(&journal) {
                Ok(journal) => {
                    for entry in journal.entries.into_iter().chain(journal.further) {
                        if entry.outcome != AskOutcome::Answered || !is_reply(&entry) {
                            continue;
                        }
                        // Earlier versions took what was cut off for an answer, too.
                        let reason = entry.finish_reason.as_deref().map(FinishReason::of);
                        if matches!(reason, Some(FinishReason::Length | FinishReason::Failure)) {
                            continue;
                        }
                        if let (Some(source), Some(reply)) = (entry.source, entry.answer) {
                            // And they left the thinking in it.
                            let reply = split_thinking(&reply).answer.to_owned();
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

/// The folder of a label, and those of its shards.
fn with_shards(label: &Path) -> impl Iterator<Item = PathBuf> {
    let shards = ShardFolder::below(label).into_iter().map(|shard| shard.path);
    std::iter::once(label.to_owned()).chain(shards)
}
