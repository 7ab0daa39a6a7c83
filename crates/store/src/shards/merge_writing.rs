//! Journals and prediction files of a label while shards are merged into them.

use std::path::Path;
use std::sync::Arc;

use avibench_protocol::{Folder, FolderData, Sample};

use super::journal_union::{Doubled, JournalUnion};
use super::line_reader::Unread;
use super::{MergeError, Shard};
use crate::LedgerError;
use crate::ledger::Ledger;

/// The most positions of a folder that are named.
const NAMED: usize = 3;

/// Journals and prediction files that are being written.
#[derive(Debug, Default)]
pub(super) struct Writing {
    pub(super) has_changed: bool,
    pub(super) doubled: usize,
    pub(super) notices: Vec<String>,
}

impl Writing {
    /// Reads the journals of folders; nothing is written.
    pub(super) fn read(
        &mut self,
        directory: &Path,
        shards: &[(Shard, &Path)],
        folders: &[&FolderData],
    ) -> Result<Vec<JournalUnion>, MergeError> {
        let mut unions = Vec::new();
        for data in folders {
            let place = |of: &Path| of.join("journal").join(format!("{}.jsonl", data.folder));
            let journals = shards.iter().map(|(shard, path)| (*shard, place(path)));
            let union = JournalUnion::read(place(directory), journals, &data.samples)?;
            for (path, Unread { damaged, torn }) in &union.findings.unread {
                let what = match (damaged.len(), torn) {
                    (0, _) => "its last line is not whole".to_owned(),
                    (1, _) => format!("line {} cannot be read", damaged[0].line),
                    (count, _) => {
                        format!("{count} lines cannot be read, the first is {}", damaged[0].line)
                    }
                };
                self.notices.push(format!(
                    "{}: {what}; what is whole is merged, and the rest stays there",
                    path.display()
                ));
            }
            self.note_doubled(data.folder, &union.findings.doubled);
            unions.push(union);
        }
        Ok(unions)
    }

    fn note_doubled(&mut self, folder: Folder, doubled: &[Doubled]) {
        self.doubled += doubled.len();
        for Doubled { position, counts, others } in doubled.iter().take(NAMED) {
            let name = |shard: &Option<Shard>| {
                shard.map_or_else(
                    || "the label itself".to_owned(),
                    |of| format!("shard {}", of.index()),
                )
            };
            let named: Vec<String> =
                others
                    .iter()
                    .map(|other| {
                        if other == counts { "another copy of it".to_owned() } else { name(other) }
                    })
                    .collect();
            self.notices.push(format!(
                "{folder} {position}: the answer of {} counts; {} has another one",
                name(counts),
                named.join(" and ")
            ));
        }
        if doubled.len() > NAMED {
            self.notices.push(format!(
                "{folder}: {} more positions have several answers; that of the lowest shard counts, and of \
                 copies of one shard the earliest",
                doubled.len() - NAMED
            ));
        }
    }

    /// Writes the journal of a folder, and derives its prediction file.
    pub(super) fn write(
        &mut self,
        directory: &Path,
        data: &FolderData,
        union: &JournalUnion,
    ) -> Result<Ledger, MergeError> {
        let samples: Arc<[Arc<Sample>]> = data.samples.iter().cloned().map(Arc::new).collect();
        let mut notices = Vec::new();
        let mut ledger =
            Ledger::of_predictions(directory, data.folder, &samples, false, &mut notices)?;
        let filled = union.write(|entry| ledger.take(&entry)).map_err(LedgerError::from)?;
        if let Some(filled) = filled {
            filled.replace()?;
            self.has_changed = true;
        }
        self.has_changed |= ledger.save_if_different()?;
        Ok(ledger)
    }
}
