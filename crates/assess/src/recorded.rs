//! What earlier commands recorded about a label: the run that asked, and how its answers came into
//! their format. Nothing of it is needed for scores; all of it belongs into a report.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use avibench_answers::Provenance;
use avibench_protocol::{Folder, Position};
use avibench_results::{Asking, FormattingReport, Outcomes, RuleVersion, Usage};
use avibench_store::{
    AskOutcome, JournalError, JournalLine, Label, Manifest, OutcomeCounts, Spending,
};

use crate::{AssessNote, FolderProvenance, ProvenanceError};

/// The records of a label.
#[derive(Debug, Default)]
pub struct LabelRecords {
    /// What was asked of whom; none if another program asked.
    pub asking: Option<Asking>,
    /// How the answers came into their format.
    pub formatting: Option<FormattingReport>,
    runs: BTreeMap<Folder, RunRecords>,
    /// By position.
    provenance: BTreeMap<Folder, Vec<Option<Provenance>>>,
}

/// What earlier commands recorded about one folder.
#[derive(Debug)]
pub(crate) struct FolderRecords {
    /// What the journal of the run says.
    pub(crate) run: Result<RunRecords, JournalError>,
    /// Where the formatted answers come from.
    pub(crate) provenance: Result<FolderProvenance, ProvenanceError>,
}

/// What the journal of a run says of a folder.
#[derive(Debug)]
pub(crate) struct RunRecords {
    journaled: Journaled,
    /// What asking took, by position; none where nothing was answered.
    usage: Vec<Option<Usage>>,
    /// Why the model stopped, by position.
    finish_reasons: Vec<Option<String>>,
}

impl LabelRecords {
    /// Puts together what `run` left below `outputs` and `refine` below `refined`, of which `folders`
    /// were read before. What cannot be read is noted and left out.
    pub(crate) fn new(
        outputs: &Path,
        refined: &Path,
        label: &Label,
        folders: BTreeMap<Folder, FolderRecords>,
        notes: &mut Vec<AssessNote>,
    ) -> Self {
        let mut recorded = Self::default();
        let mut provenance = Vec::new();
        for (folder, records) in folders {
            provenance.push((folder, records.provenance));
            match records.run {
                Ok(run) => _ = recorded.runs.insert(folder, run),
                Err(error) => notes.push(AssessNote::Journal { folder, error }),
            }
        }
        let scored: BTreeSet<Folder> = provenance.iter().map(|(folder, _)| *folder).collect();
        recorded.asking = manifest(&outputs.join(label.as_str()), notes)
            .map(|manifest| asking(manifest, &scored, &recorded.runs));
        let found = manifest(&refined.join(label.as_str()), notes);
        let mut counts = Vec::new();
        for (folder, provenance) in provenance {
            match provenance {
                Ok(of_folder) => {
                    counts.push(of_folder.counts);
                    recorded.provenance.insert(folder, of_folder.answers);
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

    /// What asking a sample took, if a journal tells.
    #[must_use]
    pub fn usage(&self, folder: Folder, position: Position) -> Option<&Usage> {
        self.runs.get(&folder)?.usage.get(position.0)?.as_ref()
    }

    /// Why the model stopped, in the server's word.
    #[must_use]
    pub fn finish_reason(&self, folder: Folder, position: Position) -> Option<&str> {
        self.runs.get(&folder)?.finish_reasons.get(position.0)?.as_deref()
    }

    /// How a sample's answer came into its format, if a journal tells.
    #[must_use]
    pub fn provenance(&self, folder: Folder, position: Position) -> Option<&Provenance> {
        self.provenance.get(&folder)?.get(position.0)?.as_ref()
    }

    /// The rules that read an answer, each with its version.
    fn rules(&self) -> Vec<RuleVersion> {
        let answers = self.provenance.values().flatten().flatten();
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
}

impl RunRecords {
    /// What the lines of a journal say of a folder with so many samples.
    pub(crate) fn new<N>(lines: &[JournalLine<'_, N>], samples: usize) -> Self {
        let mut usage = vec![None; samples];
        let mut finish_reasons = vec![None; samples];
        // Of several lines about a sample the last answer counts.
        for line in lines.iter().filter(|line| line.outcome.has_answer()) {
            let position = line.position.0;
            let Some(usage) = usage.get_mut(position) else { continue };
            *usage = Some(Usage {
                tokens_in: line.tokens_in,
                tokens_out: line.tokens_out,
                latency_ms: line.latency_ms.map(|milliseconds| milliseconds as f64),
                tries: Some(u64::from(line.tries)),
            });
            if let Some(reason) = line.finish_reason() {
                finish_reasons[position] = Some(reason.to_owned());
            }
        }
        Self { journaled: Journaled::new(lines), usage, finish_reasons }
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
    fn new<N>(lines: &[JournalLine<'_, N>]) -> Self {
        let mut journaled = Self::default();
        let mut last: HashMap<Position, AskOutcome> = HashMap::with_capacity(lines.len());
        for entry in lines {
            journaled.spending += entry.spending();
            journaled.has_unpriced |=
                entry.tokens_in.or(entry.tokens_out).is_some() && entry.cost.is_none();
            // An answer stays an answer, whatever later tries came to.
            let known = last.entry(entry.position).or_insert(entry.outcome);
            if !known.has_answer() {
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
    folders: &BTreeSet<Folder>,
    runs: &BTreeMap<Folder, RunRecords>,
) -> Asking {
    let journals = || runs.values().map(|run| &run.journaled);
    let was_killed = manifest.sessions.last().is_some_and(|session| session.ended.is_none());
    let mut spending = manifest.spending;
    if was_killed {
        let mut journaled = Spending::default();
        for journal in journals() {
            journaled += journal.spending;
        }
        spending.tokens_in = spending.tokens_in.max(journaled.tokens_in);
        spending.tokens_out = spending.tokens_out.max(journaled.tokens_out);
        spending.cost = match (spending.cost, journaled.cost) {
            (Some(summed), Some(journaled)) => Some(summed.max(journaled)),
            (summed, journaled) => summed.or(journaled),
        };
    }
    let has_unpriced = journals().any(|journal| journal.has_unpriced);
    let is_priced = !has_unpriced && spending.tokens_in + spending.tokens_out > 0;
    let outcomes = |(folder, tally): (&Folder, &OutcomeCounts)| {
        let journal = runs.get(folder).map(|run| &run.journaled).filter(|_| was_killed);
        let count = |of: AskOutcome| {
            journal.map_or(0, |journal| journal.count(of)).max(tally.get(of)).min(tally.total)
        };
        let [answered, empty, cut_off, refused, failed, rejected] = [
            AskOutcome::Answered,
            AskOutcome::Empty,
            AskOutcome::CutOff,
            AskOutcome::Refused,
            AskOutcome::Failed,
            AskOutcome::Rejected,
        ]
        .map(count);
        let ended = answered + empty + cut_off + refused + failed + rejected;
        Outcomes {
            folder: *folder,
            total: tally.total,
            answered,
            empty,
            cut_off,
            refused,
            failed,
            rejected,
            not_attempted: tally.total.saturating_sub(ended),
        }
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
        tokens_in: spending.tokens_in,
        tokens_out: spending.tokens_out,
        cost: spending.cost.filter(|_| is_priced),
    }
}
