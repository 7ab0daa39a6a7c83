//! A run that stops when a score is known well enough: the bounds that follow from what its journals hold.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_protocol::{Family, Folder, FolderData, Position, Sample};
use avibench_reading::{Convention, Reading, SettledConventions};
use avibench_score::{
    Attempts, CaptionParts, Captions, Parts, Plan, SequencePlan, SequencePlanError, SequenceUnit,
    SequenceWalk, StrictAnswers, Verdict, VerdictOutcome, judge_strict, settle_conventions,
    strict_caption_pairs,
};
use avibench_store::{AskOutcome, Label};

use crate::{CaptionRater, LiveRun};

/// The probability that bounds are ever wrong.
pub(crate) const ALPHA: f64 = 0.05;

/// Follows a run along its random order. Answers are read by rules and boxes are meant as a probe has shown and
/// the prompt asks, so that what counts depends on nothing but the answers themselves, in their order.
pub struct LiveSequence<'a> {
    plan: SequencePlan,
    walk: SequenceWalk,
    run: LiveRun,
    wanted: f64,
    bounds: (f64, f64),
    attempts: BTreeMap<Folder, Attempts>,
    conventions: SettledConventions,
    rater: Option<&'a dyn CaptionRater>,
    /// Ratings of captions by position, and which were asked for.
    ratings: Vec<Option<CaptionParts>>,
    is_rated: Vec<bool>,
    problem: Option<String>,
}

/// How far such a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SequenceState {
    /// How many questions of the order count.
    pub counted: usize,
    /// How many questions the order has.
    pub questions: usize,
    /// The least and the most that the score of the whole data set is, 0 to 1.
    pub bounds: (f64, f64),
    /// Whether they are as narrow as wanted.
    pub is_enough: bool,
}

impl<'a> LiveSequence<'a> {
    /// The run of a label in `directory`, which asks in the order of `plan` until its bounds are at most `wanted` away
    /// from their middle. `probed` is what a probe has shown of how boxes are meant; without a `rater` captions are not
    /// known.
    ///
    /// # Errors
    ///
    /// If `wanted` is not positive.
    pub fn open(
        plan: SequencePlan,
        wanted: f64,
        directory: &Path,
        label: Label,
        data: &[FolderData],
        probed: Convention,
        rater: Option<&'a dyn CaptionRater>,
    ) -> Result<Self, SequencePlanError> {
        let all = |data: &FolderData| {
            (data.folder, Attempts::new(&data.samples, &[], Plan::Whole, |_| true))
        };
        let captions = data.iter().find(|data| data.folder.family() == Family::Caption);
        let captions = captions.map_or(0, |data| data.samples.len());
        let mut walk = plan.walk(ALPHA, wanted)?;
        Ok(Self {
            bounds: walk.bounds(),
            walk,
            run: LiveRun::begun(directory, label, data),
            wanted,
            attempts: data.iter().map(all).collect(),
            conventions: settle_conventions([], probed),
            rater,
            ratings: vec![None; captions],
            is_rated: vec![false; captions],
            problem: None,
            plan,
        })
    }

    /// Reads what was appended to the journals, and counts what now stands at the beginning of the order without a
    /// gap, up to where the bounds are narrow enough.
    pub fn advance(&mut self, data: &[FolderData]) -> SequenceState {
        self.run.advance(data);
        while !self.is_enough() {
            let Some(unit) = self.plan.units().get(self.walk.counted()).cloned() else { break };
            let Some(data) = data.iter().find(|data| data.folder == unit.folder) else { break };
            let Some(outcomes) = self.outcomes(&unit) else { break };
            let parts = self.parts(&unit, &outcomes, data);
            self.walk.step(&unit, parts.as_ref());
            self.bounds = self.walk.bounds();
        }
        SequenceState {
            counted: self.walk.counted(),
            questions: self.plan.units().len(),
            bounds: self.bounds,
            is_enough: self.is_enough(),
        }
    }

    /// Why captions cannot be rated, or a journal cannot be read.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problem.as_deref().into_iter().chain(self.run.problems())
    }

    fn is_enough(&self) -> bool {
        self.bounds.1 - self.bounds.0 <= 2.0 * self.wanted
    }

    /// How asking a question and its checks ended; `None` while something is open.
    fn outcomes(&self, unit: &SequenceUnit) -> Option<Vec<AskOutcome>> {
        let places = std::iter::once(unit.formal).chain(unit.checks.iter().copied());
        places.map(|position| self.run.outcome(unit.folder, position)).collect()
    }

    /// What a question counts for; `None` if that is not known.
    fn parts(
        &mut self,
        unit: &SequenceUnit,
        outcomes: &[AskOutcome],
        data: &FolderData,
    ) -> Option<Parts> {
        let has_ended =
            |outcome: &AskOutcome| !matches!(outcome, AskOutcome::Failed | AskOutcome::Rejected);
        if !outcomes.iter().all(has_ended) {
            return None;
        }
        let is_caption = unit.folder.family() == Family::Caption;
        if is_caption && !self.rate_captions(unit.formal, data) {
            return None;
        }
        let readings = self.run.readings(unit.folder)?;
        let places = || std::iter::once(unit.formal).chain(unit.checks.iter().copied());
        let samples: Vec<Sample> =
            places().filter_map(|position| data.samples.get(position.0).cloned()).collect();
        let answers = StrictAnswers::new(readings, &self.conventions);
        let captions = Captions::Rated(&self.ratings);
        let attempts = self.attempts.get(&unit.folder)?;
        let verdicts = judge_strict(unit.folder, &samples, &answers, attempts, captions);
        // Another reading may lift what rules doubt, unless the answer is right as it stands.
        let may_change = |record: &Verdict| {
            let reading = readings.get(record.position.0).and_then(Option::as_ref);
            let is_right = matches!(record.outcome, VerdictOutcome::Right | VerdictOutcome::Zeroed);
            !is_right && reading.is_some_and(Reading::is_in_doubt)
        };
        if verdicts.records.iter().any(may_change) {
            return None;
        }
        verdicts.records.into_iter().next()?.parts
    }

    /// Rates the captions that have come in since the last time, unless this one was rated; says whether it is.
    fn rate_captions(&mut self, position: Position, data: &FolderData) -> bool {
        if self.is_rated.get(position.0) == Some(&true) {
            return true;
        }
        let Some(rater) = self.rater.filter(|_| self.problem.is_none()) else { return false };
        let Some(readings) = self.run.readings(data.folder) else { return false };
        let mut pairs = strict_caption_pairs(&data.samples, readings);
        pairs.retain(|pair| !self.is_rated[pair.position.0]);
        match rater.rate([&[], &pairs], data.samples.len()) {
            Ok([_, rated]) => {
                for pair in &pairs {
                    self.ratings[pair.position.0] = rated.ratings[pair.position.0];
                    self.is_rated[pair.position.0] = true;
                }
                // An answer without a caption needs no rating.
                self.is_rated[position.0] = true;
                true
            }
            Err(reason) => {
                self.problem = Some(reason.to_string());
                false
            }
        }
    }
}
