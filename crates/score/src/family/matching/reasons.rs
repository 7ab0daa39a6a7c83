//! Why the two modes read an option, a number or a text differently.

use avibench_protocol::{Options, Prediction, Record, Sample, options_of};

use super::MatchParts;
use crate::divergence::official_parts;
use crate::prepared::Prepared;
use crate::{Parts, Reason, ScoringRule, Verdict, VerdictOutcome};

/// The reason by the rules of both verdicts, whatever checks did to them.
pub(crate) fn match_reason(
    sample: &Sample,
    official: &Verdict,
    strict: &Verdict,
    slots: &[Option<Record>],
) -> Reason {
    if let Prediction::Text(answer) = Prediction::at(slots, sample.position) {
        let prepared = Prepared::new(answer);
        if prepared.was_wrapped && agrees(sample, &prepared.text, strict) {
            return Reason::Wrapping;
        }
    }
    match (strict.rule, official.rule) {
        (ScoringRule::AllNumbers, _) => Reason::Numbers,
        (_, ScoringRule::OptionFirst) if matches!(options_of(sample), Options::Unresolved(_)) => {
            Reason::Wrapping
        }
        (ScoringRule::OnlyOption, ScoringRule::OptionFirst) if official.read == strict.read => {
            Reason::Normalization
        }
        (ScoringRule::OnlyOption | ScoringRule::SeveralOptions, _)
        | (_, ScoringRule::OptionFirst) => Reason::Options,
        _ => Reason::Normalization,
    }
}

/// Whether official scoring of `text` agrees with a strict verdict.
fn agrees(sample: &Sample, text: &str, strict: &Verdict) -> bool {
    let correct = matches!(strict.outcome, VerdictOutcome::Right | VerdictOutcome::Zeroed);
    official_parts(sample, text) == Some(Parts::Match(MatchParts { correct }))
}
