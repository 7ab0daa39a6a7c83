//! Full match: one option, one number or one short text.

use avibench_protocol::{Options, Sample, options_of};
use avibench_reading::{Reading, ReadingValue, read};

use crate::ScoringRule;
use crate::cleaning::normalized;
use crate::judgement::Judgement;
use crate::number::label_value;
use crate::strict_readings::question_of;

/// Judges what an answer says. It is right if it is the label as a whole, whatever else was read, or
/// if the option or the number that was read is the label.
pub(super) fn judge(sample: &Sample, label: &str, reading: &Reading) -> Judgement {
    let wanted = normalized(label);
    if let Some(bare) = reading.bare.as_deref().filter(|bare| is_same(bare, label, &wanted)) {
        let span = reading.evidence.span.clone();
        return Judgement::of_match(true, bare.to_owned(), ScoringRule::Equal, span);
    }
    let (correct, read) = match reading.value() {
        Some(value @ (ReadingValue::Option(text) | ReadingValue::Number(text))) => {
            let is_label = is_same(text, label, &wanted)
                || is_same_number(text, label)
                || spells(sample, label, &wanted, value);
            (is_label, text.clone())
        }
        // A value of another family, such as a set, is none here.
        Some(_) => (false, String::new()),
        None => return Judgement::unread(reading, crate::MatchParts { correct: false }),
    };
    let span = reading.evidence.span.clone();
    Judgement::of_match(correct, read, ScoringRule::Reading, span)
}

/// Whether a text is the label, but for case and punctuation; `wanted` is the label without them.
fn is_same(text: &str, label: &str, wanted: &str) -> bool {
    if wanted.is_empty() { text.trim() == label.trim() } else { normalized(text) == wanted }
}

fn is_same_number(text: &str, label: &str) -> bool {
    label_value(text).is_some_and(|value| label_value(label) == Some(value))
}

/// Whether a label that is not on its list of options says this value in another spelling, such as
/// `purple` for `puprle`: labels are read as answers are.
fn spells(sample: &Sample, label: &str, wanted: &str, value: &ReadingValue) -> bool {
    let Options::List(options) = options_of(sample) else { return false };
    let is_listed = options.iter().any(|option| normalized(option) == wanted);
    !is_listed && read(&question_of(sample), label).value() == Some(value)
}
