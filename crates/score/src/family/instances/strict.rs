//! Instances: categories with counts, and how far off the counts are.

use std::collections::HashMap;

use avibench_protocol::Folder;
use avibench_python::{BigInt, Value, parse_int, strip, to_float, to_int};

use super::InstancesParts;
use super::official::{ABSENT_HEARD, ABSENT_SEEN, MANY_SEEN};
use crate::judgement::{Judgement, excerpt};
use crate::literal::{normalized, normalized_key, read_object};
use crate::prepared::Prepared;
use crate::{ScoringRule, VerdictOutcome, WarningKind};

/// What is to be counted.
pub(crate) struct LabelledCounts {
    /// Normalised categories and their counts.
    label: Vec<(String, BigInt)>,
    is_seen: bool,
}

impl LabelledCounts {
    pub(super) fn new(folder: Folder, label: &[(String, String)]) -> Result<Self, WarningKind> {
        let count = |(category, count): &(String, String)| {
            Some((normalized(category), parse_int(count).ok()?))
        };
        let label: Option<Vec<_>> = label.iter().map(count).collect();
        let label = label.ok_or(WarningKind::NotCounted("holds a count that is no integer"))?;
        Ok(Self { label, is_seen: folder == Folder::Vmic })
    }

    /// What a category that is not counted costs, and the most that a count can.
    fn absence(&self) -> f64 {
        if self.is_seen { ABSENT_SEEN } else { ABSENT_HEARD }
    }

    /// Every instance missed.
    pub(super) fn nothing(&self) -> InstancesParts {
        InstancesParts { semantic: 0.0, error: Some(self.absence()) }
    }

    /// Judges an answer that is not empty. Categories compare in lower case; of two spellings of
    /// one category the last counts, as of a key that stands twice.
    pub(super) fn judge(&self, answer: &Prepared<'_>) -> Judgement {
        let rule = ScoringRule::JsonOrLiteral;
        let Some((object, place)) = read_object(&answer.text) else {
            let parts = Some(self.nothing().into());
            let read = String::new();
            return Judgement { outcome: VerdictOutcome::Unread, parts, read, rule, span: None };
        };
        let named: HashMap<String, &Value> =
            object.iter().map(|(key, value)| (normalized_key(key), value)).collect();
        let hits = self.label.iter().filter(|(key, _)| named.contains_key(key)).count();
        let semantic = match (self.label.len(), named.len()) {
            (0, 0) => 1.0,
            (there, named) => 2.0 * hits as f64 / (there + named) as f64,
        };
        let errors = self.label.iter().map(|(category, count)| {
            named.get(category).map_or(self.absence(), |value| self.count_error(value, count))
        });
        let error = errors.sum::<f64>() / self.label.len().max(1) as f64;
        let outcome = match semantic {
            1.0 if error == 0.0 => VerdictOutcome::Right,
            0.0 => VerdictOutcome::Wrong,
            _ => VerdictOutcome::Partly,
        };
        let parts = Some(InstancesParts { semantic, error: Some(error) }.into());
        let read = excerpt(&answer.text[place.clone()]);
        Judgement { outcome, parts, read, rule, span: answer.span(place) }
    }

    fn count_error(&self, value: &Value, count: &BigInt) -> f64 {
        let Some(predicted) = whole_count(value) else { return self.absence() };
        let many = BigInt::from(MANY_SEEN);
        if self.is_seen && predicted >= many && *count >= many {
            return 0.0;
        }
        // Beyond the largest float the error is at its most anyway.
        let distance = to_float(&Value::Int(predicted - count)).unwrap_or(f64::INFINITY);
        distance.abs().min(self.absence())
    }
}

/// A count: a number, or text that holds one in decimal digits; its value must be an integer.
fn whole_count(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(number) => Some(number.clone()),
        Value::Float(number) if number.fract() == 0.0 => to_int(value).ok(),
        Value::Str(text) => {
            let text = strip(text);
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            let is_plain = !whole.contains('_') && !whole.ends_with(char::is_whitespace);
            let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
            if is_plain && is_whole { parse_int(whole).ok() } else { None }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_integers() {
        for (value, expected) in [
            (Value::from(2), Some(2)),
            (Value::Float(2.0), Some(2)),
            (Value::from(" +2 "), Some(2)),
            (Value::from("02.00"), Some(2)),
            (Value::from("-1"), Some(-1)),
            (Value::Float(2.5), None),
            (Value::Float(f64::NAN), None),
            (Value::Float(f64::INFINITY), None),
            (Value::from("2.5"), None),
            (Value::from("2."), None),
            (Value::from("1_0"), None),
            (Value::from("1e1"), None),
            (Value::from("two"), None),
            (Value::from(""), None),
            (Value::Bool(true), None),
            (Value::None, None),
            (Value::List(vec![Value::from(2)]), None),
        ] {
            assert_eq!(whole_count(&value), expected.map(BigInt::from), "{value:?}");
        }
    }
}
