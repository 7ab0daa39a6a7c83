//! Rules of scores.

use avibench_python::{BigInt, PlacedJson, PlacedValue, strip};

use crate::check::described;
use crate::fields::{Fields, listed};
use crate::finding::Examination;
use crate::name_warnings;
use crate::pointer::Pointer;

/// What may stand in `scores`.
pub(crate) const GROUPS: [&str; 4] = ["overall", "stages", "taxonomy", "tasks"];

/// The scores of an entry.
pub(crate) fn check_scores(
    entry: &Fields<'_>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    let Some(value) = entry.get("scores") else {
        let message = format!("`scores` is missing; write an object with {}", listed(&GROUPS));
        examination.violation(at, entry.offset, message);
        return;
    };
    let at = &at.key("scores");
    let Some(fields) = Fields::of(value, at, examination) else {
        let what = described(value, examination.text);
        let message = format!("the scores are {what}; they must be an object");
        examination.violation(at, value.place.start, message);
        return;
    };
    fields.refuse_others(&GROUPS, at, examination);
    let before = examination.violations;
    let mut groups = Vec::new();
    for entry in fields.iter() {
        let mut numbers = Numbers::default();
        let key = entry.key.as_str();
        check_value(key, entry.key_place.start, &entry.value, at, examination, &mut numbers);
        groups.push((key, entry.value.place.start, numbers));
    }
    warn_of_shares(&groups, fields.offset, at, examination);
    if examination.violations == before {
        if groups.iter().all(|(_, _, numbers)| numbers.count == 0) {
            let message = "there is no score in `scores`, so that the page shows only dashes; write \
                           at least `overall`";
            examination.warning(at, fields.offset, message.to_owned());
        }
        name_warnings::check(&fields, at, examination);
    }
}

/// Warns of scores that look like shares of 1: all of them, or a group beside others that do not. One
/// small number alone may well be a bad score, but hardly the mean of good ones.
fn warn_of_shares(
    groups: &[(&str, usize, Numbers)],
    offset: usize,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    const MESSAGE: &str =
        "no score here is above 1, as if they were shares of 1; scores are percent, from 0 to 100";
    if !groups.iter().any(|(_, _, numbers)| numbers.has_large) {
        if groups.iter().any(|(_, _, numbers)| numbers.has_some) {
            examination.warning(at, offset, MESSAGE.to_owned());
        }
        return;
    }
    for (key, offset, numbers) in groups {
        let is_noteworthy = numbers.count > 1 || *key == "overall";
        if is_noteworthy && numbers.has_some && !numbers.has_large {
            examination.warning(&at.key(key), *offset, MESSAGE.to_owned());
        }
    }
}

/// The numbers of a group.
#[derive(Debug, Default)]
struct Numbers {
    count: usize,
    /// Whether one is above 0.
    has_some: bool,
    /// Whether one is above 1.
    has_large: bool,
}

impl Numbers {
    fn add(&mut self, number: f64) {
        self.count += 1;
        self.has_some |= number > 0.0;
        self.has_large |= number > 1.0;
    }
}

/// A value below `scores` under its key: null, a number from 0 to 100, or an object of such values.
fn check_value(
    key: &str,
    key_offset: usize,
    value: &PlacedJson<'_>,
    parent: &Pointer<'_>,
    examination: &mut Examination<'_>,
    numbers: &mut Numbers,
) {
    let at = &parent.key(key);
    if strip(key).is_empty() {
        let message = "the name of a score is blank; write which score it is".to_owned();
        examination.violation(at, key_offset, message);
    }
    let number = match &value.value {
        PlacedValue::Null => return,
        PlacedValue::Object(_) => {
            if let Some(fields) = Fields::of(value, at, examination) {
                for entry in fields.iter() {
                    let key = entry.key.as_str();
                    check_value(key, entry.key_place.start, &entry.value, at, examination, numbers);
                }
            }
            return;
        }
        PlacedValue::Int(number) => small(number),
        // NaN is within no range.
        PlacedValue::Float(number) => (0.0..=100.0).contains(number).then_some(*number),
        _ => {
            let message = format!(
                "the score is {}; write a number from 0 to 100, or null",
                described(value, examination.text)
            );
            examination.violation(at, value.place.start, message);
            return;
        }
    };
    let Some(number) = number else {
        let message = format!(
            "the score is {}; it must be from 0 to 100",
            described(value, examination.text)
        );
        examination.violation(at, value.place.start, message);
        return;
    };
    numbers.add(number);
}

/// An integer from 0 to 100.
fn small(number: &BigInt) -> Option<f64> {
    u8::try_from(number).ok().filter(|number| *number <= 100).map(f64::from)
}
