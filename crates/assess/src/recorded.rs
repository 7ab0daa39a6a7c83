//! What earlier commands recorded about a label: the run that asked, and how its answers came into
//! their format. Nothing of it is needed for scores; all of it belongs into a report.

use std::collections::HashMap;
use std::path::Path;

use avibench_protocol::{Folder, Position};
use avibench_results::{Asking, FormattingReport, Outcomes, Usage};
use avibench_store::{Label, Manifest, Outcome, OutcomeCounts, read_journal};

use crate::{Note, count_provenance};

/// The records of a label.
#[derive(Debug, Default)]
pub struct Recorded {
    /// What was asked of whom; none if another program asked.
    pub asking: Option<Asking>,
    /// How the answers came into their format.
    pub formatting: Option<FormattingReport>,
    usage: HashMap<(Folder, Position), Usage>,
}

impl Recorded {
    /// Reads what `run` left below `outputs` and `refine` below `refined` about `folders`. What
    /// cannot be read is noted and left out.
    #[must_use]
    pub fn read(
        outputs: &Path,
        refined: &Path,
        label: &Label,
        folders: &[Folder],
        notes: &mut Vec<Note>,
    ) -> Self {
        let mut recorded = Self::default();
        let directory = outputs.join(label.as_str());
        recorded.asking = manifest(&directory, notes).map(|manifest| asking(manifest, folders));
        for folder in folders {
            recorded.read_usage(&directory, *folder, notes);
        }
        let directory = refined.join(label.as_str());
        let found = manifest(&directory, notes);
        let mut counts = Vec::new();
        for folder in folders {
            match count_provenance(&directory, *folder) {
                Ok(of_folder) => counts.push(of_folder),
                Err(error) => notes.push(Note::Provenance(error)),
            }
        }
        recorded.formatting = Some(FormattingReport {
            refiner: found.as_ref().map(|manifest| manifest.identity.model.clone()),
            mode: found.map(|manifest| manifest.identity.backend),
            folders: counts,
        });
        recorded
    }

    /// What asking a sample took.
    #[must_use]
    pub fn usage(&self, folder: Folder, position: Position) -> Usage {
        self.usage.get(&(folder, position)).copied().unwrap_or_default()
    }

    fn read_usage(&mut self, directory: &Path, folder: Folder, notes: &mut Vec<Note>) {
        let path = directory.join("journal").join(format!("{folder}.jsonl"));
        let journal = match read_journal(&path) {
            Ok(journal) => journal,
            Err(error) => {
                notes.push(Note::Journal { folder, error });
                return;
            }
        };
        // Of several lines about a sample the last answer counts.
        for entry in journal.entries.iter().filter(|entry| entry.outcome == Outcome::Answered) {
            let usage = Usage {
                tokens_in: entry.tokens_in,
                tokens_out: entry.tokens_out,
                latency_ms: entry.latency_ms.map(|milliseconds| milliseconds as f64),
                tries: Some(u64::from(entry.tries)),
            };
            self.usage.insert((folder, entry.position), usage);
        }
    }
}

fn manifest(directory: &Path, notes: &mut Vec<Note>) -> Option<Manifest> {
    Manifest::read(directory).unwrap_or_else(|error| {
        notes.push(Note::Manifest(error));
        None
    })
}

fn asking(manifest: Manifest, folders: &[Folder]) -> Asking {
    let outcomes = |(folder, tally): (&Folder, &OutcomeCounts)| Outcomes {
        folder: *folder,
        total: tally.total,
        answered: tally.answered,
        empty: tally.empty,
        refused: tally.refused,
        failed: tally.failed,
        rejected: tally.rejected,
        not_attempted: tally.not_attempted,
    };
    let scored = manifest.folders.iter().filter(|(folder, _)| folders.contains(folder));
    Asking {
        outcomes: scored.map(outcomes).collect(),
        model: manifest.identity.model,
        backend: manifest.identity.backend,
        profile: manifest.identity.profile,
        wording: manifest.identity.wording,
        prompt_pack: manifest.identity.prompt_pack,
        parameters: manifest.identity.parameters,
        tokens_in: manifest.spending.tokens_in,
        tokens_out: manifest.spending.tokens_out,
        cost: manifest.spending.cost,
    }
}
