//! Captions: rated from outside, and never below 0.

use avibench_protocol::{Prediction, Record, Sample, Truth};

use super::CaptionParts;
use super::official::{CaptionPair, Captions};
use crate::judgement::{Judgement, RIGHT_IOU, graded};
use crate::prepared::Prepared;
use crate::{ScoringRule, VerdictOutcome};

/// A caption that is not there is like nothing, and not fluent either: otherwise silence would
/// better the share of fluency errors.
pub(super) const NOTHING: CaptionParts =
    CaptionParts { similarity: 0.0, fluency_error: true, fense: 0.0 };

/// The pairs whose ratings [`judge_strict`](fn@crate::judge_strict) takes: like
/// [`caption_pairs`](crate::caption_pairs), but without fences and `answer=` around the captions.
#[must_use]
pub fn strict_caption_pairs<'a>(
    samples: &'a [Sample],
    slots: &[Option<Record>],
) -> Vec<CaptionPair<'a>> {
    let pairs = samples.iter().filter_map(|sample| {
        let Prediction::Text(answer) = Prediction::at(slots, sample.position) else { return None };
        let Some(Truth::References(references)) = &sample.truth else { return None };
        let candidate = Prepared::new(answer).text.into_owned();
        let references: Vec<&str> = whole_references(references).collect();
        let whole = !candidate.is_empty() && !references.is_empty();
        whole.then_some(CaptionPair { position: sample.position, candidate, references })
    });
    pairs.collect()
}

/// References that say something.
pub(super) fn whole_references(references: &[String]) -> impl Iterator<Item = &str> {
    references.iter().map(String::as_str).filter(|text| !text.is_empty())
}

/// Judges a caption that is not empty. One without a rating counts 0 and is
/// unread; without anything to rate with, no caption counts.
pub(super) fn judge(sample: &Sample, answer: &Prepared<'_>, captions: Captions<'_>) -> Judgement {
    let text = answer.text.as_ref();
    let (rule, span) = (ScoringRule::Rating, answer.span(0..text.len()));
    if matches!(captions, Captions::Unavailable(_)) {
        return Judgement {
            outcome: VerdictOutcome::Unrated,
            parts: None,
            read: text.to_owned(),
            rule,
            span,
        };
    }
    let (outcome, parts) = match captions.rating(sample.position) {
        None => (VerdictOutcome::Unread, NOTHING),
        Some(rating) => {
            let fense = rating.fense.max(0.0);
            let similarity = rating.similarity.max(0.0);
            let parts = CaptionParts { similarity, fense, ..rating };
            (graded(fense, RIGHT_IOU), parts)
        }
    };
    Judgement { outcome, parts: Some(parts.into()), read: text.to_owned(), rule, span }
}
