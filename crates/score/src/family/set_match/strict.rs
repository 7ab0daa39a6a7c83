//! Set match: several options joined by `;`, in any order.

use std::collections::BTreeSet;

use avibench_protocol::{Options, Sample, options_of};
use avibench_reading::{Reading, ReadingValue, read};

use crate::cleaning::normalized;
use crate::judgement::Judgement;
use crate::strict_readings::question_of;
use crate::{MatchParts, ScoringRule};

/// Judges what an answer says: the options that it chooses must be those of the label.
pub(super) fn judge(sample: &Sample, label: &str, reading: &Reading) -> Judgement {
    let Some(value) = reading.value() else {
        return Judgement::unread(reading, MatchParts { correct: false });
    };
    let ReadingValue::Set(chosen) = value else {
        return Judgement::of_match(false, String::new(), ScoringRule::Reading, None);
    };
    let chosen_set: BTreeSet<String> = chosen.iter().map(|option| normalized(option)).collect();
    let correct = chosen_set == pieces(label) || spells(sample, label, &chosen_set);
    let span = reading.evidence.span.clone();
    Judgement::of_match(correct, chosen.join("; "), ScoringRule::Reading, span)
}

/// The pieces between semicolons; those without a word are none.
fn pieces(text: &str) -> BTreeSet<String> {
    text.split(';').map(normalized).filter(|piece| !piece.is_empty()).collect()
}

/// Whether a label with a piece that is not on the list of options says these in another spelling:
/// labels are read as answers are.
fn spells(sample: &Sample, label: &str, chosen: &BTreeSet<String>) -> bool {
    let Options::List(options) = options_of(sample) else { return false };
    let listed: BTreeSet<String> = options.iter().map(|option| normalized(option)).collect();
    if pieces(label).is_subset(&listed) {
        return false;
    }
    match read(&question_of(sample), label).value() {
        Some(ReadingValue::Set(wanted)) => {
            wanted.iter().map(|option| normalized(option)).collect::<BTreeSet<_>>() == *chosen
        }
        _ => false,
    }
}
