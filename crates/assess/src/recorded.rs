//! What earlier commands recorded about a label: the run that asked, and how its answers came into
//! their format. Nothing of it is needed for scores; all of it belongs into a report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use avibench_answers::Provenance;
use avibench_probe::{PROBE_FILE, ProbeReport};
use avibench_protocol::{Folder, Position};
use avibench_results::{Asking, FolderEndings, FormattingReport, Outcomes, RuleVersion, Usage};
use avibench_store::{
    AnswerOrigin, AskOutcome, Asked, DamagedLine, JournalError, JournalLine, JournalLines, Label,
    Manifest, OutcomeCounts, Spending,
};

use crate::{AssessNote, FolderProvenance, ProvenanceError};

/// The records of a label.
#[derive(Debug, Default)]
pub struct LabelRecords {
    /// What was asked of whom; none if another program asked.
    pub asking: Option<Asking>,
    /// What a probe of the endpoint found out before the run.
    pub probe: Option<ProbeReport>,
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
    /// What asking took, by position: of the line that stands.
    usage: Vec<Option<Usage>>,
    /// Why the model stopped, by position.
    finish_reasons: Vec<Option<String>>,
    /// What the model thought, by position.
    reasoning: Vec<Option<String>>,
    /// Whom an answer is of, by position.
    origins: Vec<Option<AnswerOrigin>>,
    /// Lines that cannot be read.
    damaged: Vec<DamagedLine>,
}

impl LabelRecords {
    /// Puts together what `run` left below `outputs` and `refine` below `refined`, of which `folders`
    /// were read before. What cannot be read is noted and left out.
    pub(crate) fn new(
        outputs: &Path,
        refined: &Path,
        label: &Label,
        folders: BTreeMap<Folder, FolderRecords>,
        endings: &[FolderEndings],
        notes: &mut Vec<AssessNote>,
    ) -> Self {
        let mut recorded = Self::default();
        let mut provenance = Vec::new();
        for (folder, records) in folders {
            provenance.push((folder, records.provenance));
            match records.run {
                Ok(run) => {
                    if !run.damaged.is_empty() {
                        notes.push(AssessNote::damaged_journal(
                            outputs,
                            label,
                            folder,
                            &run.damaged,
                        ));
                    }
                    recorded.runs.insert(folder, run);
                }
                Err(error) => notes.push(AssessNote::Journal { folder, error }),
            }
        }
        let scored: BTreeSet<Folder> = provenance.iter().map(|(folder, _)| *folder).collect();
        recorded.asking = manifest(&outputs.join(label.as_str()), notes)
            .map(|manifest| asking(manifest, &scored, &recorded.runs, endings));
        let found = manifest(&refined.join(label.as_str()), notes);
        let mut counts = Vec::new();
        for (folder, provenance) in provenance {
            match provenance {
                Ok(of_folder) => {
                    if !of_folder.damaged.is_empty() {
                        let damaged = &of_folder.damaged;
                        notes.push(AssessNote::damaged_journal(refined, label, folder, damaged));
                    }
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

    /// Whom an answer is of, if a journal tells.
    #[must_use]
    pub fn origin(&self, folder: Folder, position: Position) -> Option<&AnswerOrigin> {
        self.runs.get(&folder)?.origins.get(position.0)?.as_ref()
    }

    /// What the model thought before it answered, if a journal tells.
    #[must_use]
    pub fn reasoning(&self, folder: Folder, position: Position) -> Option<&str> {
        self.runs.get(&folder)?.reasoning.get(position.0)?.as_deref()
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
    pub(crate) fn new<N>(run: &Asked, found: JournalLines<'_, N>, samples: usize) -> Self {
        let JournalLines { lines, further, damaged } = found;
        let mut usage = vec![None; samples];
        let mut finish_reasons = vec![None; samples];
        let mut reasoning = vec![None; samples];
        let mut outcomes: Vec<Option<AskOutcome>> = vec![None; samples];
        for line in lines.iter().filter(|line| line.outcome != AskOutcome::NotAttempted) {
            let position = line.position.0;
            let Some(known) = outcomes.get_mut(position) else { continue };
            // Of several lines about a sample the one that stands counts.
            if AskOutcome::standing(*known, line.outcome) != line.outcome {
                continue;
            }
            *known = Some(line.outcome);
            usage[position] = Some(Usage {
                tokens_in: line.tokens_in,
                tokens_out: line.tokens_out,
                tokens_reasoning: line.tokens_reasoning,
                latency_ms: line.latency_ms.map(|milliseconds| milliseconds as f64),
                tries: Some(u64::from(line.tries)),
            });
            finish_reasons[position] = line.finish_reason().map(str::to_owned);
            reasoning[position] = line.reasoning().map(str::to_owned);
        }
        Self {
            journaled: Journaled::new(lines.iter().chain(&further)),
            usage,
            finish_reasons,
            reasoning,
            origins: run.origins_in(&lines, samples),
            damaged,
        }
    }

    /// Why the model stopped, by position.
    pub(crate) fn finish_reasons(&self) -> &[Option<String>] {
        &self.finish_reasons
    }
}

/// What a journal says of a folder's tokens and money. The manifest says the same once a session has
/// ended; one that was killed had no time to write it.
#[derive(Debug, Default)]
struct Journaled {
    spending: Spending,
    /// Whether there are tokens that nobody put a price on.
    has_unpriced: bool,
    /// Tokens of reasoning; `None` if no line counts them.
    reasoning: Option<u64>,
}

impl Journaled {
    fn new<'a, N: 'a>(lines: impl Iterator<Item = &'a JournalLine<'a, N>>) -> Self {
        let mut journaled = Self::default();
        for entry in lines {
            journaled.spending += entry.spending();
            if let Some(tokens) = entry.tokens_reasoning {
                *journaled.reasoning.get_or_insert(0) += tokens;
            }
            journaled.has_unpriced |=
                entry.tokens_in.or(entry.tokens_out).is_some() && entry.cost.is_none();
        }
        journaled
    }
}

/// What a probe found out about the endpoint that a label in `directory` asked; none if there was no
/// probe, or if the label now names another model, packing or parameters.
pub(crate) fn probe(directory: &Path, notes: &mut Vec<AssessNote>) -> Option<ProbeReport> {
    let path = directory.join(PROBE_FILE);
    let found = ProbeReport::read(&path).unwrap_or_else(|error| {
        notes.push(AssessNote::Probe(error));
        None
    })?;
    // What is wrong with the manifest is noted where the run is told of.
    let manifest = Manifest::read(directory).ok().flatten()?;
    let asked = manifest.identity;
    if !found.is_of(&asked.model, asked.profile.as_deref(), &asked.parameters) {
        notes.push(AssessNote::ProbeOfAnother { path });
        return None;
    }
    Some(found)
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
    endings: &[FolderEndings],
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
    let counted = journals().filter_map(|journal| journal.reasoning);
    let reasoning = counted.reduce(|all, of_folder| all + of_folder);
    let has_unpriced = journals().any(|journal| journal.has_unpriced);
    let is_priced = !has_unpriced && spending.tokens_in + spending.tokens_out > 0;
    // What the files of a folder tell; the manifest where its journal cannot be read.
    let outcomes = |(folder, tally): (&Folder, &OutcomeCounts)| {
        let counts = endings.iter().find(|of| of.folder == *folder).map(|of| of.endings.counts);
        let counts = counts.filter(|_| runs.contains_key(folder));
        let count = |outcome| match counts {
            Some(counts) => counts.get(outcome).unwrap_or_default(),
            None => tally.get(outcome),
        };
        Outcomes {
            folder: *folder,
            total: counts.map_or(tally.total, |counts| counts.total),
            answered: count(AskOutcome::Answered),
            empty: count(AskOutcome::Empty),
            cut_off: count(AskOutcome::CutOff),
            refused: count(AskOutcome::Refused),
            failed: count(AskOutcome::Failed),
            rejected: count(AskOutcome::Rejected),
            not_attempted: count(AskOutcome::NotAttempted),
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
        ablation: manifest.identity.ablation.map(|ablation| ablation.kind),
        subset: manifest.identity.subset,
        parameters: manifest.identity.parameters,
        tokens_in: spending.tokens_in,
        tokens_out: spending.tokens_out,
        tokens_reasoning: reasoning,
        cost: spending.cost.filter(|_| is_priced),
    }
}
