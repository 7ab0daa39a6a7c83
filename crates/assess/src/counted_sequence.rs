//! A label whose run asked in a random order until it was sure: which of its answers count, and the bounds that
//! follow from the verdicts on them.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_protocol::{Folder, FolderData, Position};
use avibench_results::SequenceReport;
use avibench_score::{FolderVerdicts, SequencePlan, SequenceTarget};
use avibench_store::{AskEnding, AskOutcome, Asked, SequenceRecord};

use crate::AssessNote;
use crate::live_sequence::ALPHA;

/// Which samples count, by folder and position.
type CountedSamples = Vec<(Folder, Vec<bool>)>;

/// The order of such a run, and how much of it counts.
pub(crate) struct CountedSequence {
    plan: SequencePlan,
    record: SequenceRecord,
    counted: usize,
}

impl CountedSequence {
    /// What counts of a run whose files are in `directory`, over the folders of the data set. Gives the run back, of which
    /// only that counts.
    pub(crate) fn of<'a>(
        run: Asked,
        directory: &Path,
        data: impl Iterator<Item = &'a FolderData>,
        notes: &mut Vec<AssessNote>,
    ) -> (Asked, Option<Self>) {
        if run.sequence().is_none() {
            return (run, None);
        }
        match Self::read(&run, directory, data) {
            Ok((sequence, parts)) => (run.counting(parts), Some(sequence)),
            Err(problem) => {
                notes.push(AssessNote::Sequence(problem));
                (run, None)
            }
        }
    }

    fn read<'a>(
        run: &Asked,
        directory: &Path,
        data: impl Iterator<Item = &'a FolderData>,
    ) -> Result<(Self, CountedSamples), String> {
        let record = SequenceRecord::read(directory).map_err(|error| error.to_string())?;
        let record = record.ok_or_else(|| {
            let missing = directory.join(avibench_store::SEQUENCE_FILE);
            format!("{} is missing; the same `avibench run` writes it again", missing.display())
        })?;
        if !(record.half_width > 0.0 && record.half_width <= 1.0) {
            return Err(format!(
                "{} names a half-width of {}, which is not between 0 and 1; the same `avibench run` writes it again",
                directory.join(avibench_store::SEQUENCE_FILE).display(),
                record.half_width
            ));
        }
        let target: SequenceTarget =
            record.identity.of.parse().map_err(|unknown| format!("{unknown}"))?;
        let data: Vec<FolderData> = data
            .filter(|data| target.tasks().any(|task| task == data.folder.task()))
            .cloned()
            .collect();
        let plan = SequencePlan::new(target, record.identity.seed, &data)
            .map_err(|error| error.to_string())?;
        let asked: BTreeMap<Folder, avibench_store::AskedFolder> =
            data.iter().map(|data| (data.folder, run.folder(data))).collect();
        let has_ended = |folder: Folder, position: Position| {
            asked.get(&folder).is_some_and(|of| of.ending(position, &[]).is_some())
        };
        let is_open = |unit: &avibench_score::SequenceUnit| {
            let mut places = std::iter::once(unit.formal).chain(unit.checks.iter().copied());
            !places.all(|position| has_ended(unit.folder, position))
        };
        let units = plan.units();
        let without_gap = units.iter().position(is_open).unwrap_or(units.len());
        let counted = record.counted.unwrap_or(usize::MAX).min(without_gap);
        let parts = plan.part(counted, &data);
        Ok((Self { plan, record, counted }, parts))
    }

    /// The bounds that the verdicts give. A request that failed, and a caption that nothing can rate, count as anything
    /// from 0 to 1.
    pub(crate) fn report(
        &self,
        strict: &[FolderVerdicts],
        endings: &BTreeMap<Folder, Vec<Option<AskEnding>>>,
    ) -> Option<SequenceReport> {
        let Self { plan, record, counted } = self;
        let mut walk = plan.walk(ALPHA, record.half_width).ok()?;
        let has_failed = |folder: Folder, position: &Position| {
            let ending = endings.get(&folder).and_then(|of| *of.get(position.0)?);
            ending.is_none_or(|ending| {
                matches!(ending.outcome, AskOutcome::Failed | AskOutcome::Rejected)
            })
        };
        let (mut low, mut high) = walk.bounds();
        for unit in plan.units().iter().take(*counted) {
            let mut places = std::iter::once(&unit.formal).chain(&unit.checks);
            let is_known = !places.any(|position| has_failed(unit.folder, position));
            let verdicts = strict.iter().find(|verdicts| verdicts.folder == unit.folder);
            let parts = verdicts
                .and_then(|verdicts| verdicts.records.get(unit.formal.0)?.parts.as_ref())
                .filter(|_| is_known);
            walk.step(unit, parts);
            (low, high) = walk.bounds();
        }
        Some(SequenceReport {
            of: plan.target().to_string(),
            seed: record.identity.seed,
            wanted_half_width: record.half_width,
            counted: *counted,
            questions: plan.units().len(),
            is_enough: record.counted == Some(*counted),
            confidence: 1.0 - ALPHA,
            low,
            high,
        })
    }
}
