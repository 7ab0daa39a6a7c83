//! The trials of one kind of question.

use avibench_protocol::{Folder, Sample, Stimulus, Truth};
use avibench_statistics::Trial;

use super::PsychometricDefect;
use super::alternatives::alternatives;
use super::chance::ChanceLevel;
use crate::{FolderVerdicts, VerdictOutcome};

/// A kind of question of one folder, with what was answered.
pub(super) struct Kind<'a> {
    pub(super) folder: Folder,
    pub(super) name: &'a str,
    unit: &'a str,
    is_easier_when_lower: bool,
    pub(super) chance: ChanceLevel,
    /// Answers to stimuli with something to sense.
    pub(super) trials: Vec<Trial>,
    /// The cluster of each trial.
    pub(super) clusters: Vec<usize>,
    /// Stimuli with something to sense that were not answered.
    pub(super) unanswered: usize,
    /// Answers to stimuli with nothing to sense, and how many of them are right.
    pub(super) catches: [usize; 2],
}

/// One formal record with an intensity.
pub(super) struct Record<'a> {
    pub(super) sample: &'a Sample,
    pub(super) stimulus: &'a Stimulus,
    pub(super) truth: &'a str,
    /// Number of answers that the stimulus leaves possible; `None` if the data set does not say.
    pub(super) alternatives: Option<usize>,
    /// What was answered as it was understood, and whether that is right; `None` if nothing was.
    pub(super) answer: Option<(&'a str, bool)>,
    cluster: usize,
}

impl<'a> Kind<'a> {
    /// The kinds of a folder in order of appearance.
    pub(super) fn all(
        samples: &'a [Sample],
        verdicts: &'a FolderVerdicts,
    ) -> Result<Vec<Self>, PsychometricDefect> {
        let mut kinds: Vec<(&str, &str, Vec<Record>)> = Vec::new();
        for record in records(samples, verdicts) {
            let record = record?;
            let (kind, unit) = (record.stimulus.kind.as_str(), record.stimulus.unit.as_str());
            match kinds.iter_mut().find(|known| (known.0, known.1) == (kind, unit)) {
                Some((_, _, records)) => records.push(record),
                None => kinds.push((kind, unit, vec![record])),
            }
        }
        let of_records = |(name, unit, records): (&'a str, &'a str, Vec<Record<'a>>)| {
            Self::new(verdicts.folder, name, unit, &records)
        };
        Ok(kinds.into_iter().map(of_records).collect())
    }

    fn new(folder: Folder, name: &'a str, unit: &'a str, records: &[Record<'a>]) -> Self {
        let chance = ChanceLevel::of(records);
        let is_catch = |record: &&Record| record.stimulus.is_catch();
        let sensed = || records.iter().filter(|record| !record.stimulus.is_catch());
        let answered = || sensed().filter_map(|record| Some((record, record.answer?.1)));
        let trials = answered().map(|(record, right)| Trial {
            intensity: record.stimulus.intensity,
            chance: chance.of_record(record),
            right,
        });
        let caught = records.iter().filter(is_catch).filter_map(|record| record.answer);
        let caught: Vec<bool> = caught.map(|(_, right)| right).collect();
        Self {
            folder,
            name,
            unit,
            is_easier_when_lower: sensed().any(|record| record.stimulus.is_easier_when_lower()),
            chance,
            trials: trials.collect(),
            clusters: answered().map(|(record, _)| record.cluster).collect(),
            unanswered: sensed().filter(|record| record.answer.is_none()).count(),
            catches: [caught.len(), caught.iter().filter(|&&right| right).count()],
        }
    }

    /// The trials if a measured chance level were this many standard errors higher.
    pub(super) fn trials_at(&self, errors: f64) -> impl Iterator<Item = Trial> {
        let is_measured = self.chance.standard_error > 0.0;
        let shifted = self.chance.shifted(errors);
        self.trials.iter().map(move |&trial| {
            let chance = if is_measured { shifted } else { trial.chance };
            Trial { chance, ..trial }
        })
    }

    /// The unit of its intensities, and whether less of it is easier: kinds in which both are equal
    /// can share a curve.
    pub(super) fn scale(&self) -> (&'a str, bool) {
        (self.unit, self.is_easier_when_lower)
    }
}

/// Formal records with an intensity and a text to compare with.
fn records<'a>(
    samples: &'a [Sample],
    verdicts: &'a FolderVerdicts,
) -> impl Iterator<Item = Result<Record<'a>, PsychometricDefect>> {
    samples.iter().zip(&verdicts.records).filter_map(|(sample, verdict)| {
        let stimulus = sample.stimulus.as_ref().filter(|_| !sample.is_check())?;
        let Some(Truth::Text(truth)) = &sample.truth else { return None };
        let answer = match verdict.outcome {
            VerdictOutcome::Void | VerdictOutcome::NotPlanned => return None,
            VerdictOutcome::Missing | VerdictOutcome::NotAsked | VerdictOutcome::Unrated => None,
            // What double-confirm did to it says nothing of this answer.
            VerdictOutcome::Right | VerdictOutcome::Zeroed => Some((verdict.read.as_str(), true)),
            VerdictOutcome::Wrong | VerdictOutcome::Partly | VerdictOutcome::Unread => {
                Some((verdict.read.as_str(), false))
            }
        };
        let cluster = verdict.cluster.0;
        let alternatives = alternatives(verdicts.folder, sample, stimulus, truth);
        Some(alternatives.map(|alternatives| Record {
            sample,
            stimulus,
            truth,
            alternatives,
            answer,
            cluster,
        }))
    })
}
