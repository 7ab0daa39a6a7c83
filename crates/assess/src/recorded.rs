//! What earlier commands recorded about a label: the run that asked, and how its answers came into
//! their format. Nothing of it is needed for scores; all of it belongs into a report.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use avibench_answers::Provenance;
use avibench_protocol::{Folder, Position, Record};
use avibench_results::{Asking, FormattingReport, Outcomes, RuleVersion, Usage};
use avibench_store::{AskOutcome, Entry, Label, Manifest, OutcomeCounts, Spending, read_journal};

use crate::{AssessNote, FolderProvenance};

/// The records of a label.
#[derive(Debug, Default)]
pub struct LabelRecords {
    /// What was asked of whom; none if another program asked.
    pub asking: Option<Asking>,
    /// How the answers came into their format.
    pub formatting: Option<FormattingReport>,
    usage: HashMap<(Folder, Position), Usage>,
    /// What the journals hold of each folder.
    journals: BTreeMap<Folder, Journaled>,
    finish_reasons: HashMap<(Folder, Position), String>,
    provenance: HashMap<Folder, BTreeMap<Position, Provenance>>,
}

impl LabelRecords {
    /// Reads what `run` left below `outputs` and `refine` below `refined` about `folders` with their
    /// formatted answers. What cannot be read is noted and left out.
    #[must_use]
    pub fn read(
        outputs: &Path,
        refined: &Path,
        label: &Label,
        folders: &BTreeMap<Folder, Vec<Option<Record>>>,
        notes: &mut Vec<AssessNote>,
    ) -> Self {
        let mut recorded = Self::default();
        let directory = outputs.join(label.as_str());
        for folder in folders.keys() {
            recorded.read_usage(&directory, *folder, notes);
        }
        recorded.asking = manifest(&directory, notes)
            .map(|manifest| asking(manifest, folders, &recorded.journals));
        let directory = refined.join(label.as_str());
        let found = manifest(&directory, notes);
        let mut counts = Vec::new();
        for (folder, slots) in folders {
            match FolderProvenance::of(slots, &directory, *folder) {
                Ok(of_folder) => {
                    counts.push(of_folder.counts);
                    recorded.provenance.insert(*folder, of_folder.answers);
                }
                Err(error) => notes.push(AssessNote::Provenance(error)),
            }
        }
        recorded.formatting = Some(FormattingReport {
            refiner: found.as_ref().map(|manifest| manifest.identity.model.clone()),
            mode: found.map(|manifest| manifest.identity.backend),
            folders: counts,
            rules: recorded.rules(),
        });
        recorded
    }

    /// What asking a sample took.
    #[must_use]
    pub fn usage(&self, folder: Folder, position: Position) -> Usage {
        self.usage.get(&(folder, position)).copied().unwrap_or_default()
    }

    /// Why the model stopped, in the server's word.
    #[must_use]
    pub fn finish_reason(&self, folder: Folder, position: Position) -> Option<&str> {
        self.finish_reasons.get(&(folder, position)).map(String::as_str)
    }

    /// How a sample's answer came into its format, if a journal tells.
    #[must_use]
    pub fn provenance(&self, folder: Folder, position: Position) -> Option<&Provenance> {
        self.provenance.get(&folder)?.get(&position)
    }

    /// The rules that read an answer, each with its version.
    fn rules(&self) -> Vec<RuleVersion> {
        let answers = self.provenance.values().flat_map(BTreeMap::values);
        let rules: BTreeSet<RuleVersion> = answers
            .filter_map(|provenance| match provenance {
                Provenance::Rule { rule, version, .. } => {
                    Some(RuleVersion { rule: *rule, version: *version })
                }
                _ => None,
            })
            .collect();
        rules.into_iter().collect()
    }

    fn read_usage(&mut self, directory: &Path, folder: Folder, notes: &mut Vec<AssessNote>) {
        let path = directory.join("journal").join(format!("{folder}.jsonl"));
        let journal = match read_journal(&path) {
            Ok(journal) => journal,
            Err(error) => {
                notes.push(AssessNote::Journal { folder, error });
                return;
            }
        };
        self.journals.insert(folder, Journaled::new(&journal.entries));
        // Of several lines about a sample the last answer counts.
        for entry in journal.entries.iter().filter(|entry| entry.outcome == AskOutcome::Answered) {
            let usage = Usage {
                tokens_in: entry.tokens_in,
                tokens_out: entry.tokens_out,
                latency_ms: entry.latency_ms.map(|milliseconds| milliseconds as f64),
                tries: Some(u64::from(entry.tries)),
            };
            self.usage.insert((folder, entry.position), usage);
            if let Some(reason) = &entry.finish_reason {
                self.finish_reasons.insert((folder, entry.position), reason.clone());
            }
        }
    }
}

/// What a journal says of a folder as a whole. The manifest says the same once a session has ended;
/// one that was killed had no time to write it.
#[derive(Debug, Default)]
struct Journaled {
    /// Samples by how asking ended.
    outcomes: BTreeMap<AskOutcome, usize>,
    spending: Spending,
    /// Whether there are tokens that nobody put a price on.
    has_unpriced: bool,
}

impl Journaled {
    fn new(entries: &[Entry]) -> Self {
        let mut journaled = Self::default();
        let mut last: HashMap<Position, AskOutcome> = HashMap::new();
        for entry in entries {
            journaled.spending += entry.spending();
            journaled.has_unpriced |=
                entry.tokens_in.or(entry.tokens_out).is_some() && entry.cost.is_none();
            // An answer stays an answer, whatever later tries came to.
            let known = last.entry(entry.position).or_insert(entry.outcome);
            if *known != AskOutcome::Answered {
                *known = entry.outcome;
            }
        }
        for outcome in last.into_values() {
            *journaled.outcomes.entry(outcome).or_default() += 1;
        }
        journaled
    }

    fn count(&self, outcome: AskOutcome) -> usize {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }
}

fn manifest(directory: &Path, notes: &mut Vec<AssessNote>) -> Option<Manifest> {
    Manifest::read(directory).unwrap_or_else(|error| {
        notes.push(AssessNote::Manifest(error));
        None
    })
}

fn asking(
    manifest: Manifest,
    folders: &BTreeMap<Folder, Vec<Option<Record>>>,
    journals: &BTreeMap<Folder, Journaled>,
) -> Asking {
    let was_killed = manifest.sessions.last().is_some_and(|session| session.ended.is_none());
    let mut spending = manifest.spending;
    if was_killed {
        let mut journaled = Spending::default();
        for journal in journals.values() {
            journaled += journal.spending;
        }
        spending.tokens_in = spending.tokens_in.max(journaled.tokens_in);
        spending.tokens_out = spending.tokens_out.max(journaled.tokens_out);
        spending.cost = match (spending.cost, journaled.cost) {
            (Some(summed), Some(journaled)) => Some(summed.max(journaled)),
            (summed, journaled) => summed.or(journaled),
        };
    }
    let has_unpriced = journals.values().any(|journal| journal.has_unpriced);
    let is_priced = !has_unpriced && spending.tokens_in + spending.tokens_out > 0;
    let outcomes = |(folder, tally): (&Folder, &OutcomeCounts)| {
        let journal = journals.get(folder).filter(|_| was_killed);
        let count = |of: AskOutcome| {
            journal.map_or(0, |journal| journal.count(of)).max(tally.get(of)).min(tally.total)
        };
        let [answered, empty, refused, failed, rejected] = [
            AskOutcome::Answered,
            AskOutcome::Empty,
            AskOutcome::Refused,
            AskOutcome::Failed,
            AskOutcome::Rejected,
        ]
        .map(count);
        let ended = answered + empty + refused + failed + rejected;
        Outcomes {
            folder: *folder,
            total: tally.total,
            answered,
            empty,
            refused,
            failed,
            rejected,
            not_attempted: tally.total.saturating_sub(ended),
        }
    };
    let scored = manifest.folders.iter().filter(|(folder, _)| folders.contains_key(folder));
    Asking {
        outcomes: scored.map(outcomes).collect(),
        model: manifest.identity.model,
        backend: manifest.identity.backend,
        profile: manifest.identity.profile,
        wording: manifest.identity.wording,
        prompt_pack: manifest.identity.prompt_pack,
        parameters: manifest.identity.parameters,
        tokens_in: spending.tokens_in,
        tokens_out: spending.tokens_out,
        cost: spending.cost.filter(|_| is_priced),
    }
}
