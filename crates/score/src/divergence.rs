//! Where official and strict scoring disagree about a folder, and why.

use std::collections::BTreeMap;

use avibench_protocol::{Family, Position, Prediction, Record, Sample};

use crate::cleaning::OptionTables;
use crate::family::{FamilyParts as _, Judging, TaskFamily, for_family, match_reason};
use crate::judge_official::judge_answer;
use crate::literal::read_object;
use crate::prepared::Prepared;
use crate::{
    Captions, Completeness, FolderVerdicts, Parts, Reason, ScoringRule, Verdict, VerdictOutcome,
};

/// Statistics this near are the same: official overlaps have 0.00001 in their denominator.
const SAME: f64 = 2e-5;

/// What of a record's statistics differs between the modes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Differences {
    /// Agreement: categories, hits, overlap, right or wrong.
    pub(crate) agreement: bool,
    /// Count errors and missed instances.
    pub(crate) error: bool,
}

impl Differences {
    /// Of a family without count errors.
    pub(crate) fn of_agreement(agreement: bool) -> Self {
        Self { agreement, error: false }
    }
}

/// Whether two statistics are not the same.
pub(crate) fn differ(a: f64, b: f64) -> bool {
    (a - b).abs() > SAME
}

/// The samples about which the two modes disagree, by reason; the reason with most samples comes
/// first, ties in the order of the table. Each stands under one reason, but an instances answer
/// whose categories and counts both differ may stand under two. The verdicts must be of the same
/// samples and predictions, in either mode.
#[must_use]
pub fn divergence(
    official: &FolderVerdicts,
    strict: &FolderVerdicts,
    samples: &[Sample],
    slots: &[Option<Record>],
) -> Vec<(Reason, Vec<Position>)> {
    // Where nothing was asked, neither mode has a score to disagree about.
    if strict.extent.completeness() == Completeness::Untouched {
        return Vec::new();
    }
    let mut reasons: BTreeMap<Reason, Vec<Position>> = BTreeMap::new();
    let comparison = Comparison {
        official,
        strict,
        slots,
        checks: failed_readings(official, strict, samples, slots),
    };
    for ((sample, official), strict) in samples.iter().zip(&official.records).zip(&strict.records) {
        for reason in comparison.reasons(sample, official, strict).into_iter().flatten() {
            reasons.entry(reason).or_default().push(sample.position);
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(reason, positions)| (std::cmp::Reverse(positions.len()), *reason));
    reasons
}

/// For each cluster, why its checks are judged differently, if any is.
fn failed_readings(
    official: &FolderVerdicts,
    strict: &FolderVerdicts,
    samples: &[Sample],
    slots: &[Option<Record>],
) -> Vec<Option<Reason>> {
    let mut reasons = vec![None; strict.clusters.len()];
    let checks = samples.iter().zip(&official.records).zip(&strict.records);
    for ((sample, official), strict) in checks.filter(|((sample, _), _)| sample.is_check()) {
        let is_right = |verdict: &Verdict| verdict.outcome == VerdictOutcome::Right;
        let is_judged = |verdict: &Verdict| {
            matches!(
                verdict.outcome,
                VerdictOutcome::Right | VerdictOutcome::Wrong | VerdictOutcome::Unread
            )
        };
        if is_judged(official) && is_judged(strict) && is_right(official) != is_right(strict) {
            reasons[strict.cluster.0] = Some(match_reason(sample, official, strict, slots));
        }
    }
    reasons
}

/// The two readings of a folder.
struct Comparison<'a> {
    official: &'a FolderVerdicts,
    strict: &'a FolderVerdicts,
    slots: &'a [Option<Record>],
    /// By cluster: see [`failed_readings`].
    checks: Vec<Option<Reason>>,
}

impl Comparison<'_> {
    fn reasons(
        &self,
        sample: &Sample,
        official: &Verdict,
        strict: &Verdict,
    ) -> [Option<Reason>; 2] {
        let (ours, theirs) = (strict.parts.as_ref(), official.parts.as_ref());
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            let reason = match (ours, theirs) {
                (None, None) => None,
                (Some(_), None) if official.rule == ScoringRule::TooLong => Some(Reason::Counts),
                _ => Some(Reason::Unanswered),
            };
            return [reason, None];
        };
        let differences = differences(sample, theirs, self.official.diversity, ours);
        if !(differences.agreement || differences.error) {
            return [None, None];
        }
        if matches!(strict.outcome, VerdictOutcome::Missing | VerdictOutcome::NotAsked) {
            return [Some(Reason::Unanswered), None];
        }
        if strict.outcome == VerdictOutcome::Unread {
            return [Some(Reason::Unread), None];
        }
        let comparison = self;
        let disagreement = Disagreement { comparison, sample, official, strict, differences };
        for_family!(sample.folder.family(), F => F::reasons(&disagreement))
    }
}

/// A record that was answered, that both modes count, and about which they disagree.
pub(crate) struct Disagreement<'a> {
    comparison: &'a Comparison<'a>,
    pub(crate) sample: &'a Sample,
    pub(crate) official: &'a Verdict,
    pub(crate) strict: &'a Verdict,
    pub(crate) differences: Differences,
}

impl Disagreement<'_> {
    /// Why an option, a number or a text is read differently. Checks may have zeroed a record in
    /// one mode only, and be read differently themselves.
    pub(crate) fn match_reason(&self) -> Reason {
        let is_zeroed = |verdict: &Verdict| verdict.rule == ScoringRule::DoubleConfirm;
        if is_zeroed(self.official) == is_zeroed(self.strict) {
            let slots = self.comparison.slots;
            return match_reason(self.sample, self.official, self.strict, slots);
        }
        self.comparison.checks[self.strict.cluster.0].unwrap_or(Reason::DoubleConfirm)
    }

    /// Whether wrapping or reading explains the disagreement; else it is the family's own reason.
    pub(crate) fn reason_or(&self, own: Reason) -> Reason {
        match () {
            () if self.is_wrapping() => Reason::Wrapping,
            () if self.is_reading() => Reason::Reading,
            () => own,
        }
    }

    /// Whether the formatted text holds no value in the form that the folder asks for, and official
    /// scoring would agree if it were what strict scoring read.
    pub(crate) fn is_reading(&self) -> bool {
        let has_form = self.answer().is_some_and(|answer| match self.sample.folder.family() {
            Family::Retrieval => answer.contains('['),
            _ => read_object(&Prepared::new(answer).text).is_some(),
        });
        !has_form && self.agrees(&self.strict.read)
    }

    /// Whether a fence or an `answer=` stands around the answer.
    pub(crate) fn was_wrapped(&self) -> bool {
        self.answer().is_some_and(|answer| Prepared::new(answer).was_wrapped)
    }

    /// Whether official scoring of just the value that strict scoring read would agree with it.
    pub(crate) fn is_wrapping(&self) -> bool {
        let Some(answer) = self.answer() else { return false };
        let prepared = Prepared::new(answer);
        let object = read_object(&prepared.text).and_then(|(_, span)| prepared.text.get(span));
        let value = object.unwrap_or(&prepared.text);
        value.len() < answer.len() && self.agrees(value)
    }

    fn answer(&self) -> Option<&str> {
        match Prediction::at(self.comparison.slots, self.sample.position) {
            Prediction::Text(answer) => Some(answer),
            Prediction::Missing | Prediction::Unusable(_) => None,
        }
    }

    /// Whether official scoring of `text` has the statistics of the strict verdict.
    fn agrees(&self, text: &str) -> bool {
        let judged = official_parts(self.sample, text);
        let (Some(judged), Some(parts)) = (judged, &self.strict.parts) else { return false };
        let diversity = self.comparison.strict.diversity;
        let differences = differences(self.sample, &judged, diversity, parts);
        !(differences.agreement || differences.error)
    }
}

/// What official scoring makes of a text as an answer.
pub(crate) fn official_parts(sample: &Sample, text: &str) -> Option<Parts> {
    let (captions, tables) = (Captions::Rated(&[]), &mut OptionTables::default());
    judge_answer(sample, text, &mut Judging { captions, tables, warn: &mut |_| () }).parts
}

fn differences(sample: &Sample, official: &Parts, diversity: f64, strict: &Parts) -> Differences {
    for_family!(sample.folder.family(), F => {
        type Official = <F as TaskFamily>::Official;
        type Strict = <F as TaskFamily>::Strict;
        match (Official::of(official), Strict::of(strict)) {
            (Some(official), Some(strict)) => F::differences(official, diversity, strict),
            _ => Differences::of_agreement(official != strict),
        }
    })
}
