//! Which samples of a folder a run planned to ask, and which of them it asked.
//!
//! What was asked and not answered is wrong in strict scoring; what was never asked was not
//! measured. Void checks are never asked, so that they are neither.

use std::ops::AddAssign;

use avibench_protocol::{Position, Prediction, Record, Sample};
use serde::{Deserialize, Serialize};

/// Which part of a folder a run planned to ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Plan<'a> {
    /// Every sample.
    #[default]
    Whole,
    /// So many samples from the beginning of the file, void ones not counted.
    First(usize),
    /// Those that were drawn at random, by position: clusters as a whole, each with the same chance.
    Drawn(&'a [bool]),
    /// The same, by position, whatever else was asked: what came back beyond the counted beginning of a random
    /// order does not count.
    Only(&'a [bool]),
}

/// What a sample is to the run that asked its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It does not belong to the part that was planned.
    NotPlanned,
    /// It was planned and not asked.
    NotAsked,
    /// It was asked, whatever came of it.
    Asked,
}

/// Which samples of a folder were planned and asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// By position.
    samples: Vec<Attempt>,
    extent: Extent,
}

/// How many samples of a folder, or of the folders of a task, were planned and asked: checks
/// included, void ones left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Samples of the data set.
    pub total: usize,
    /// Samples that the run planned to ask.
    pub planned: usize,
    /// Samples that were asked.
    pub asked: usize,
    /// Whether chance decided which samples were planned; absent where not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_drawn: bool,
}

/// What the numbers of a task rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Every sample of the data set was asked.
    Whole,
    /// The run planned the first samples of the file only, and asked them all.
    Part,
    /// The run planned a random part, and asked all of it: numbers of the part estimate those of the
    /// whole.
    Drawn,
    /// Samples that were planned have not been asked: they count as wrong in strict scoring.
    Unfinished,
    /// Nothing was asked: there is no number.
    Untouched,
}

impl<'a> Plan<'a> {
    /// The plan that a run recorded: the part that was drawn at random, or so many samples from the
    /// beginning, or everything.
    #[must_use]
    pub fn new(first: Option<usize>, drawn: Option<&'a [bool]>) -> Self {
        match (drawn, first) {
            (Some(drawn), _) => Self::Drawn(drawn),
            (None, Some(first)) => Self::First(first),
            (None, None) => Self::Whole,
        }
    }
}

impl Attempts {
    /// The attempts of a run that planned `plan`. `was_asked` tells of a sample whether the run
    /// recorded an attempt; one with an answer in its slot was asked in any case. Where more was
    /// asked than planned, an earlier session had planned more, and the whole folder counts.
    #[must_use]
    pub fn new(
        samples: &[Sample],
        slots: &[Option<Record>],
        plan: Plan<'_>,
        was_asked: impl Fn(Position) -> bool,
    ) -> Self {
        let is_asked = |sample: &Sample| {
            let slot = Prediction::at(slots, sample.position);
            !sample.is_void() && (slot != Prediction::Missing || was_asked(sample.position))
        };
        let mut attempts = Self { samples: Vec::new(), extent: Extent::default() };
        // `number` counts samples that are not void.
        let is_in = |plan: Plan<'_>, number: usize, sample: &Sample| match plan {
            Plan::Whole => true,
            Plan::First(count) => number < count,
            Plan::Drawn(drawn) | Plan::Only(drawn) => drawn.get(sample.position.0) == Some(&true),
        };
        let mut askable = samples.iter().filter(|sample| !sample.is_void()).enumerate();
        let is_exceeded = !matches!(plan, Plan::Only(_))
            && askable.any(|(number, sample)| !is_in(plan, number, sample) && is_asked(sample));
        let plan = if is_exceeded { Plan::Whole } else { plan };
        attempts.extent.is_drawn = matches!(plan, Plan::Drawn(_) | Plan::Only(_));
        for sample in samples {
            if sample.is_void() {
                attempts.samples.push(Attempt::NotPlanned);
                continue;
            }
            let is_planned = is_in(plan, attempts.extent.total, sample);
            let attempt = match (is_planned, is_asked(sample)) {
                (false, _) => Attempt::NotPlanned,
                (true, false) => Attempt::NotAsked,
                (true, true) => Attempt::Asked,
            };
            attempts.extent.total += 1;
            attempts.extent.planned += usize::from(attempt != Attempt::NotPlanned);
            attempts.extent.asked += usize::from(attempt == Attempt::Asked);
            attempts.samples.push(attempt);
        }
        attempts
    }

    /// The attempts of a run without records: asked is every sample with a record in its slot, even
    /// if that holds no answer, which is how failures are written down. A null slot, or one past
    /// the end of the file, was not asked.
    #[must_use]
    pub fn of_slots(samples: &[Sample], slots: &[Option<Record>]) -> Self {
        let has_record = |at: Position| slots.get(at.0).is_some_and(Option::is_some);
        Self::new(samples, slots, Plan::Whole, has_record)
    }

    /// The same attempts as if nothing but what was asked had been planned, so that what is still to be
    /// asked does not count as wrong. The extent stays what it is, so that numbers are still known to be
    /// unfinished and have no intervals.
    #[must_use]
    pub fn only_asked(mut self) -> Self {
        for attempt in self.samples.iter_mut().filter(|attempt| **attempt == Attempt::NotAsked) {
            *attempt = Attempt::NotPlanned;
        }
        self
    }

    /// What the sample at `position` was to the run; past the end it was not planned.
    #[must_use]
    pub fn at(&self, position: Position) -> Attempt {
        self.samples.get(position.0).copied().unwrap_or(Attempt::NotPlanned)
    }

    /// How many samples were planned and asked.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }
}

impl Extent {
    /// What a number of this folder or task rests on.
    #[must_use]
    pub fn completeness(self) -> Completeness {
        match self {
            Self { asked: 0, .. } => Completeness::Untouched,
            Self { planned, asked, .. } if asked < planned => Completeness::Unfinished,
            Self { total, planned, is_drawn, .. } if planned < total => {
                if is_drawn {
                    Completeness::Drawn
                } else {
                    Completeness::Part
                }
            }
            _ => Completeness::Whole,
        }
    }
}

impl Completeness {
    /// Whether the number of what was asked estimates that of all samples: all of them were asked, or
    /// a part that was drawn at random.
    #[must_use]
    pub const fn is_fair(self) -> bool {
        matches!(self, Self::Whole | Self::Drawn)
    }
}

impl AddAssign for Extent {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.planned += other.planned;
        self.asked += other.asked;
        // Of a whole folder and a part of another, chance may have decided on the part.
        self.is_drawn |= other.is_drawn;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::Folder;
    use serde_json::{Value, json};

    /// Checks without a truth are void.
    fn samples(ids: &[&str]) -> Vec<Sample> {
        let sample = |(i, id): (usize, &&str)| {
            let truth = if id.ends_with("void") { Value::Null } else { json!("yes") };
            let record = json!({"id": id, "output": {"question_answer": truth},
                "input": {"question": {"text": "?"}}});
            Sample::from_json(Folder::Asqa, Position(i), &record).unwrap()
        };
        ids.iter().enumerate().map(sample).collect()
    }

    fn extent(total: usize, planned: usize, asked: usize) -> Extent {
        Extent { total, planned, asked, is_drawn: false }
    }

    #[test]
    fn without_a_journal_a_record_is_an_attempt_and_a_null_slot_is_none() {
        let samples = samples(&["0", "1", "2", "pre_void", "3"]);
        let failed = Record { predict: Value::Null, ..Record::answered(&samples[1], "") };
        let slots = [Some(Record::answered(&samples[0], "yes")), Some(failed), None];
        let attempts = Attempts::of_slots(&samples, &slots);
        assert_eq!(attempts.extent(), extent(4, 4, 2));
        assert_eq!(attempts.extent().completeness(), Completeness::Unfinished);
        assert_eq!(attempts.at(Position(1)), Attempt::Asked);
        assert_eq!(attempts.at(Position(2)), Attempt::NotAsked);
        assert_eq!(attempts.at(Position(3)), Attempt::NotPlanned);
        let nothing = Attempts::of_slots(&samples, &[None, None]).extent();
        assert_eq!(nothing.completeness(), Completeness::Untouched);
    }

    #[test]
    fn a_planned_part_is_complete_in_itself_until_more_was_asked() {
        let samples = samples(&["0", "pre_void", "1", "2"]);
        let part = |asked: &[usize]| {
            Attempts::new(&samples, &[], Plan::First(2), |at| asked.contains(&at.0)).extent()
        };
        assert_eq!(part(&[0, 2]), extent(3, 2, 2));
        assert_eq!(part(&[0, 2]).completeness(), Completeness::Part);
        assert_eq!(part(&[0]).completeness(), Completeness::Unfinished);
        assert_eq!(part(&[0, 3]), extent(3, 3, 2));
        assert_eq!(part(&[0, 2, 3]).completeness(), Completeness::Whole);
        let all = Attempts::new(&samples, &[], Plan::First(9), |_| true).extent();
        assert_eq!(all.completeness(), Completeness::Whole);
    }

    #[test]
    fn a_part_that_was_drawn_stands_for_the_whole_until_something_else_was_asked() {
        let samples = samples(&["0", "pre_void", "1", "2"]);
        let part = |asked: &[usize]| {
            let plan = Plan::new(Some(1), Some(&[false, true, true, false]));
            Attempts::new(&samples, &[], plan, |at| asked.contains(&at.0)).extent()
        };
        assert_eq!(part(&[2]), Extent { is_drawn: true, ..extent(3, 1, 1) });
        assert_eq!(part(&[2]).completeness(), Completeness::Drawn);
        assert_eq!(part(&[]).completeness(), Completeness::Untouched);
        assert_eq!(part(&[0, 2]), extent(3, 3, 2));
        assert_eq!(part(&[0, 2]).completeness(), Completeness::Unfinished);
    }
}
