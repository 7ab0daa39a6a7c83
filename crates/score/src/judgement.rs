//! What one answer is by itself, before any check of the same id has its say.

use std::borrow::Cow;
use std::ops::Range;

use avibench_protocol::Sample;
use avibench_reading::{Corners, Reading};

use crate::verdict::Cluster;
use crate::{MatchParts, Parts, ScoringRule, Verdict, VerdictOutcome};

/// A marker that some models leave in their answers; it is deleted before anything is read.
pub const END_OF_TEXT: &str = "<|endoftext|>";

/// From this overlap on a box counts as right in a [`VerdictOutcome`]; no number depends on it.
pub(crate) const RIGHT_IOU: f64 = 0.99;

/// Longest reading that a verdict keeps, in bytes: evidence, not a copy of the answers.
const MOST_READ: usize = 500;

/// What one answer is.
pub(crate) struct Judgement {
    pub(crate) outcome: VerdictOutcome,
    /// `None` if the record does not count.
    pub(crate) parts: Option<Parts>,
    pub(crate) read: String,
    pub(crate) rule: ScoringRule,
    /// Bytes of the text that was judged.
    pub(crate) span: Option<Range<usize>>,
}

impl Judgement {
    /// A record that was not judged at all.
    pub(crate) fn unjudged(outcome: VerdictOutcome, rule: ScoringRule) -> Self {
        Self { outcome, parts: None, read: String::new(), rule, span: None }
    }

    /// An answer of which the reading says nothing.
    pub(crate) fn unread(reading: &Reading, parts: impl Into<Parts>) -> Self {
        Self {
            outcome: VerdictOutcome::Unread,
            parts: Some(parts.into()),
            read: String::new(),
            rule: ScoringRule::Reading,
            span: reading.evidence.span.clone(),
        }
    }

    /// Right or wrong, nothing between.
    pub(crate) fn of_match(
        correct: bool,
        read: String,
        rule: ScoringRule,
        span: Option<Range<usize>>,
    ) -> Self {
        let outcome = if correct { VerdictOutcome::Right } else { VerdictOutcome::Wrong };
        Self { outcome, parts: Some(Parts::Match(MatchParts { correct })), read, rule, span }
    }

    /// The verdict on a sample's record.
    pub(crate) fn verdict(self, sample: &Sample, cluster: Cluster) -> Verdict {
        let Self { outcome, parts, read, rule, span } = self;
        // An excerpt with its mark is left as it is.
        let is_long = read.len() > MOST_READ + '…'.len_utf8();
        let read = if is_long { excerpt(&read) } else { read };
        let (position, is_check) = (sample.position, sample.is_check());
        Verdict { position, cluster, is_check, outcome, parts, read, rule, span }
    }
}

/// As much of a text as a verdict keeps.
pub(crate) fn excerpt(text: &str) -> String {
    let kept = &text[..text.floor_char_boundary(MOST_READ)];
    let mark = if kept.len() < text.len() { "…" } else { "" };
    format!("{kept}{mark}")
}

/// Boxes as JSON, as a verdict shows them; a box that is none is null.
pub(crate) fn written_boxes<'a>(boxes: impl Iterator<Item = (&'a str, Option<Corners>)>) -> String {
    let entry = |(name, numbers): (&str, Option<Corners>)| match numbers {
        Some([a, b, c, d]) => format!("{}: [{a}, {b}, {c}, {d}]", quoted(name)),
        None => format!("{}: null", quoted(name)),
    };
    let entries: Vec<String> = boxes.map(entry).collect();
    format!("{{{}}}", entries.join(", "))
}

/// A name as JSON writes it.
pub(crate) fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// The outcome of an answer that may be partly right: right from the score `right_from` on.
pub(crate) fn graded(score: f64, right_from: f64) -> VerdictOutcome {
    match score {
        score if score >= right_from => VerdictOutcome::Right,
        score if score > 0.0 => VerdictOutcome::Partly,
        _ => VerdictOutcome::Wrong,
    }
}

/// The answer without end markers. Only one that stands inside it makes a copy necessary; byte
/// offsets of a borrowed text are those of the answer.
pub(crate) fn without_end_of_text(answer: &str) -> Cow<'_, str> {
    let mut text = answer;
    while let Some(rest) = text.strip_suffix(END_OF_TEXT) {
        text = rest;
    }
    if text.contains(END_OF_TEXT) {
        // As the original deletes it: once, from left to right, over the whole answer.
        Cow::Owned(answer.replace(END_OF_TEXT, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Bytes of `text` without the white space around it, if there is anything else.
pub(crate) fn trimmed_span(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let end = start + text[start..].trim_end().len();
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_markers_go_wherever_they_stand() {
        for answer in ["yes<|endoftext|><|endoftext|>", "yes"] {
            assert!(matches!(without_end_of_text(answer), Cow::Borrowed("yes")), "{answer}");
        }
        assert_eq!(without_end_of_text("ye<|endoftext|>s<|endoftext|>"), "yes");
        // Deleting may bring forth another marker, which stays.
        let nested = "a<|endof<|endoftext|>text|>";
        assert_eq!(without_end_of_text(nested), nested.replace(END_OF_TEXT, ""));
    }
}
