//! Captions: which pairs are to be rated, and what ratings from outside amount to.

use avibench_protocol::{Position, Prediction, Record, Sample, Truth};

use super::{CaptionMeasure, CaptionParts};
use crate::judgement::{Judgement, RIGHT_IOU, graded, trimmed_span, without_end_of_text};
use crate::{ScoringRule, VerdictOutcome};

/// A caption and what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionPair<'a> {
    /// The sample.
    pub position: Position,
    /// The model's caption, not empty.
    pub candidate: String,
    /// Reference captions, at least one, none of them empty.
    pub references: Vec<&'a str>,
}

/// Where ratings of captions come from.
#[derive(Debug, Clone, Copy)]
pub enum Captions<'a> {
    /// There is nothing to rate with, for this reason: captions are not scored.
    Unavailable(&'a str),
    /// Ratings by FENSE, by position; `None` (or no entry) where [`caption_pairs`] named no pair.
    Rated(&'a [Option<CaptionParts>]),
    /// The same by the rules that stand in for FENSE, whatever the ratings say of their measure.
    StandIn(&'a [Option<CaptionParts>]),
}

/// The pairs of a caption folder that have both a caption and a reference; the others do not count.
#[must_use]
pub fn caption_pairs<'a>(samples: &'a [Sample], slots: &[Option<Record>]) -> Vec<CaptionPair<'a>> {
    let pairs = samples.iter().filter_map(|sample| {
        let Prediction::Text(text) = Prediction::at(slots, sample.position) else { return None };
        let Some(Truth::References(references)) = &sample.truth else { return None };
        let candidate = without_end_of_text(text).into_owned();
        let references: Vec<&str> =
            references.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let whole = !candidate.is_empty() && !references.is_empty();
        whole.then_some(CaptionPair { position: sample.position, candidate, references })
    });
    pairs.collect()
}

/// Takes over the rating of one caption, which whoever rates captions has computed.
pub(super) fn judge(sample: &Sample, text: &str, captions: Captions<'_>) -> Judgement {
    let (read, rule, span) = (text.to_owned(), ScoringRule::Rating, trimmed_span(text));
    let Some(rating) = captions.rating(sample.position) else {
        let outcome = match captions {
            Captions::Unavailable(_) => VerdictOutcome::Unrated,
            Captions::Rated(_) | Captions::StandIn(_) => VerdictOutcome::Unread,
        };
        return Judgement { outcome, parts: None, read, rule, span };
    };
    let outcome = graded(rating.rating, RIGHT_IOU);
    Judgement { outcome, parts: Some(rating.into()), read, rule, span }
}

impl Captions<'_> {
    /// The rating of the caption at `position`, if there is one.
    pub(super) fn rating(self, position: Position) -> Option<CaptionParts> {
        match self {
            Captions::Unavailable(_) => None,
            Captions::Rated(ratings) | Captions::StandIn(ratings) => {
                let rating = ratings.get(position.0).copied().flatten()?;
                Some(CaptionParts { measure: self.measure(), ..rating })
            }
        }
    }

    /// What rates captions.
    pub(super) const fn measure(self) -> CaptionMeasure {
        match self {
            Captions::StandIn(_) => CaptionMeasure::StandIn,
            Captions::Rated(_) | Captions::Unavailable(_) => CaptionMeasure::Fense,
        }
    }
}
