//! Why the two modes read an option, a number or a text differently.

use avibench_protocol::{Options, Prediction, Record, Sample, Truth, options_of};

use super::MatchParts;
use crate::cleaning::normalized;
use crate::divergence::official_parts;
use crate::number::label_value;
use crate::prepared::Prepared;
use crate::{Parts, Reason, ScoringRule, Verdict, VerdictOutcome};

/// The reason by the rules of both verdicts, whatever checks did to them.
pub(crate) fn match_reason(
    sample: &Sample,
    official: &Verdict,
    strict: &Verdict,
    slots: &[Option<Record>],
) -> Reason {
    if strict.outcome == VerdictOutcome::Unread {
        return Reason::Unread;
    }
    if let Prediction::Text(answer) = Prediction::at(slots, sample.position) {
        let prepared = Prepared::new(answer);
        if prepared.was_wrapped && agrees(sample, &prepared.text, strict) {
            return Reason::Wrapping;
        }
    }
    if matches!(&sample.truth, Some(Truth::Text(label)) if label_value(label).is_some()) {
        return Reason::Numbers;
    }
    let is_same = normalized(&official.read) == normalized(&strict.read);
    match official.rule {
        ScoringRule::OptionFirst if matches!(options_of(sample), Options::Unresolved(_)) => {
            Reason::Wrapping
        }
        ScoringRule::EqualPieces => Reason::Normalization,
        _ if is_same => Reason::Normalization,
        ScoringRule::OptionFirst => Reason::Options,
        _ if matches!(options_of(sample), Options::List(_)) => Reason::Options,
        _ => Reason::Reading,
    }
}

/// Whether official scoring of `text` agrees with a strict verdict.
fn agrees(sample: &Sample, text: &str, strict: &Verdict) -> bool {
    let correct = matches!(strict.outcome, VerdictOutcome::Right | VerdictOutcome::Zeroed);
    official_parts(sample, text) == Some(Parts::Match(MatchParts { correct }))
}
