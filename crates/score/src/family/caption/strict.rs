//! Captions: rated from outside, and never below 0.

use avibench_protocol::{Sample, Truth};
use avibench_reading::{Reading, ReadingValue};

use super::CaptionParts;
use super::official::{CaptionPair, Captions};
use crate::judgement::{Judgement, RIGHT_IOU, graded};
use crate::{ScoringRule, VerdictOutcome};

/// A caption that is not there is like nothing, and not fluent either: otherwise silence would
/// better the share of fluency errors.
pub(super) const fn nothing(captions: Captions<'_>) -> CaptionParts {
    let measure = captions.measure();
    CaptionParts { measure, similarity: 0.0, fluency_error: true, rating: 0.0 }
}

/// The pairs whose ratings [`judge_strict`](fn@crate::judge_strict) takes: like
/// [`caption_pairs`](crate::caption_pairs), but with the captions as they were read.
#[must_use]
pub fn strict_caption_pairs<'a>(
    samples: &'a [Sample],
    readings: &[Option<Reading>],
) -> Vec<CaptionPair<'a>> {
    let pairs = samples.iter().zip(readings).filter_map(|(sample, reading)| {
        let ReadingValue::Caption(caption) = reading.as_ref()?.value()? else { return None };
        let Some(Truth::References(references)) = &sample.truth else { return None };
        let references: Vec<&str> = whole_references(references).collect();
        let (position, candidate) = (sample.position, caption.clone());
        (!references.is_empty()).then_some(CaptionPair { position, candidate, references })
    });
    pairs.collect()
}

/// References that say something.
pub(super) fn whole_references(references: &[String]) -> impl Iterator<Item = &str> {
    references.iter().map(String::as_str).filter(|text| !text.is_empty())
}

/// Judges a caption. One without a rating counts 0 and is unread; without anything to rate with, no
/// caption counts.
pub(super) fn judge(sample: &Sample, reading: &Reading, captions: Captions<'_>) -> Judgement {
    let is_rated = !matches!(captions, Captions::Unavailable(_));
    let Some(value) = reading.value() else {
        let judgement = Judgement::unread(reading, nothing(captions));
        return Judgement { parts: judgement.parts.filter(|_| is_rated), ..judgement };
    };
    let text = if let ReadingValue::Caption(caption) = value { caption } else { "" };
    let (rule, span) = (ScoringRule::Rating, reading.evidence.span.clone());
    if !is_rated {
        let (outcome, read) = (VerdictOutcome::Unrated, text.to_owned());
        return Judgement { outcome, parts: None, read, rule, span };
    }
    let (outcome, parts) = match captions.rating(sample.position) {
        None => (VerdictOutcome::Unread, nothing(captions)),
        Some(rating) => {
            let parts = CaptionParts {
                similarity: rating.similarity.max(0.0),
                rating: rating.rating.max(0.0),
                ..rating
            };
            (graded(parts.rating, RIGHT_IOU), parts)
        }
    };
    Judgement { outcome, parts: Some(parts.into()), read: text.to_owned(), rule, span }
}
