//! Where official and strict scoring disagree about a folder, and why.

use std::collections::BTreeMap;

use avibench_protocol::{
    Family, Folder, Options, Position, Prediction, Record, Sample, options_of,
};

use crate::cleaning::OptionTables;
use crate::family::caption::official::Captions;
use crate::judge_official::judge_answer;
use crate::prepared::Prepared;
use crate::{Completeness, FolderVerdicts, Outcome, Parts, Reason, Rule, Verdict};

/// Statistics this near are the same: official overlaps have 0.00001 in their denominator.
const SAME: f64 = 2e-5;

/// What of a record's statistics differs between the modes.
#[derive(Default)]
struct Differences {
    /// Agreement: categories, hits, overlap, right or wrong.
    agreement: bool,
    /// Count errors and missed instances.
    error: bool,
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
        let is_right = |verdict: &Verdict| verdict.outcome == Outcome::Right;
        let is_judged =
            |verdict: &Verdict| matches!(verdict.outcome, Outcome::Right | Outcome::Wrong);
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
                (Some(_), None) if official.rule == Rule::TooLong => Some(Reason::Counts),
                _ => Some(Reason::Unanswered),
            };
            return [reason, None];
        };
        let differences = differences(theirs, self.official.diversity, ours);
        if !(differences.agreement || differences.error) {
            return [None, None];
        }
        if matches!(strict.outcome, Outcome::Missing | Outcome::NotAsked) {
            return [Some(Reason::Unanswered), None];
        }
        let family = sample.folder.family();
        if matches!(family, Family::FullMatch | Family::SetMatch) {
            return [Some(self.match_reason(sample, official, strict)), None];
        }
        if self.is_wrapping(sample, strict) {
            return [Some(Reason::Wrapping), None];
        }
        match family {
            Family::Instances if strict.outcome == Outcome::Unread => {
                [Some(Reason::Unanswered), None]
            }
            // Python's words and the like: official scoring reads JSON only.
            Family::Instances if official.outcome == Outcome::Unread => {
                [Some(Reason::Counts), None]
            }
            Family::Instances => {
                let is_recall = sample.folder == Folder::Vmic;
                let agreement =
                    if is_recall { Reason::SeenCategories } else { Reason::Normalization };
                // A category in another spelling is a count that official scoring misses, too.
                let is_count = differences.error && (is_recall || !differences.agreement);
                [differences.agreement.then_some(agreement), is_count.then_some(Reason::Counts)]
            }
            Family::Boxes => [Some(Reason::Boxes), None],
            Family::Retrieval => [Some(Reason::Indices), None],
            Family::FrameBoxes => [Some(Reason::Frames), None],
            Family::Caption => [Some(Reason::NegativeCaptions), None],
            Family::FullMatch | Family::SetMatch => [None, None],
        }
    }

    /// Checks may have zeroed a record in one mode only, and be read differently themselves.
    fn match_reason(&self, sample: &Sample, official: &Verdict, strict: &Verdict) -> Reason {
        let is_zeroed = |verdict: &Verdict| verdict.rule == Rule::DoubleConfirm;
        if is_zeroed(official) == is_zeroed(strict) {
            return match_reason(sample, official, strict, self.slots);
        }
        self.checks[strict.cluster.0].unwrap_or(Reason::DoubleConfirm)
    }

    /// Whether official scoring of just the value that strict scoring read would agree with it.
    fn is_wrapping(&self, sample: &Sample, strict: &Verdict) -> bool {
        let Prediction::Text(answer) = Prediction::at(self.slots, sample.position) else {
            return false;
        };
        let prepared = Prepared::new(answer);
        if sample.folder.family() == Family::Caption {
            return prepared.was_wrapped;
        }
        let value = match &strict.span {
            Some(span) if strict.rule == Rule::JsonOrLiteral => answer.get(span.clone()),
            _ => None,
        };
        let value = value.unwrap_or(&prepared.text);
        value.len() < answer.len() && agrees(sample, value, strict, self.strict)
    }
}

/// Why the two modes read an option, a number or a text differently.
fn match_reason(
    sample: &Sample,
    official: &Verdict,
    strict: &Verdict,
    slots: &[Option<Record>],
) -> Reason {
    if let Prediction::Text(answer) = Prediction::at(slots, sample.position) {
        let prepared = Prepared::new(answer);
        if prepared.was_wrapped && agrees_on_match(sample, &prepared.text, strict) {
            return Reason::Wrapping;
        }
    }
    match (strict.rule, official.rule) {
        (Rule::AllNumbers, _) => Reason::Numbers,
        (_, Rule::OptionFirst) if matches!(options_of(sample), Options::Unresolved(_)) => {
            Reason::Wrapping
        }
        (Rule::OnlyOption, Rule::OptionFirst) if official.read == strict.read => {
            Reason::Normalization
        }
        (Rule::OnlyOption | Rule::SeveralOptions, _) | (_, Rule::OptionFirst) => Reason::Options,
        _ => Reason::Normalization,
    }
}

/// Whether official scoring of `text` has the statistics of a strict verdict.
fn agrees(sample: &Sample, text: &str, strict: &Verdict, of_strict: &FolderVerdicts) -> bool {
    let judged = official_parts(sample, text);
    let (Some(judged), Some(parts)) = (judged, &strict.parts) else { return false };
    let differences = differences(&judged, of_strict.diversity, parts);
    !(differences.agreement || differences.error)
}

/// The same for an answer by itself, whatever checks did to it.
fn agrees_on_match(sample: &Sample, text: &str, strict: &Verdict) -> bool {
    let correct = matches!(strict.outcome, Outcome::Right | Outcome::Zeroed);
    official_parts(sample, text) == Some(Parts::Match { correct })
}

fn official_parts(sample: &Sample, text: &str) -> Option<Parts> {
    let captions = Captions::Rated(&[]);
    judge_answer(sample, text, captions, &mut OptionTables::default(), &mut |_| ()).parts
}

fn differences(official: &Parts, diversity: f64, strict: &Parts) -> Differences {
    let differ = |a: f64, b: f64| (a - b).abs() > SAME;
    let agreement = |agreement| Differences { agreement, error: false };
    match (official, strict) {
        (Parts::Match { correct }, Parts::Match { correct: strictly }) => {
            agreement(correct != strictly)
        }
        (
            Parts::Instances { semantic, error },
            Parts::Instances { semantic: strict_semantic, error: strict_error },
        ) => Differences {
            agreement: differ(*semantic, *strict_semantic),
            error: match (error, strict_error) {
                (Some(a), Some(b)) => differ(*a, *b),
                (a, b) => a.is_some() != b.is_some(),
            },
        },
        (
            Parts::Boxes { iou, category_f1, error },
            Parts::Boxes { iou: strict_iou, category_f1: strict_f1, error: strict_error },
        ) => Differences {
            agreement: differ(*iou, *strict_iou) || differ(*category_f1, *strict_f1),
            error: differ(*error, *strict_error),
        },
        (
            Parts::Retrieval { hit_at_1: first, hit_at_3: third, f1, discount, .. },
            Parts::Ranking { hit_at_1, hit_at_3, f1: strict_f1 },
        ) => {
            let factor = discount * diversity;
            let share = |hit: bool| if hit { factor } else { 0.0 };
            agreement(
                differ(share(*first), *hit_at_1)
                    || differ(share(*third), *hit_at_3)
                    || differ(f1 * factor, *strict_f1),
            )
        }
        (Parts::Frames { iou }, Parts::Frames { iou: strict_iou }) => {
            agreement(differ(*iou, *strict_iou))
        }
        (
            Parts::Caption { similarity, fluency_error, fense },
            Parts::Caption {
                similarity: strict_similarity,
                fluency_error: strict_fluency,
                fense: strict_fense,
            },
        ) => agreement(
            differ(*similarity, *strict_similarity)
                || fluency_error != strict_fluency
                || differ(*fense, *strict_fense),
        ),
        (same, other) => agreement(same != other),
    }
}
