//! Rules of texts and dates.

use avibench_python::{JsonText, PlacedJson, strip};
use jiff::civil::Date;

use crate::check::described;
use crate::fields::Fields;
use crate::finding::Examination;
use crate::pointer::Pointer;
use crate::python_url::check_https;

/// A text that is not blank, as Python strips it.
pub(crate) fn text_of<'v>(value: &'v PlacedJson<'_>) -> Option<&'v str> {
    value.as_text().map(JsonText::as_str).filter(|text| !strip(text).is_empty())
}

/// Whether a value is a text that is not blank; reported if not.
pub(crate) fn is_text(
    value: &PlacedJson<'_>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) -> bool {
    let is_text = text_of(value).is_some();
    if !is_text {
        let what = match value.as_text() {
            Some(_) => "blank".to_owned(),
            None => described(value, examination.text),
        };
        let message = format!("this is {what}; write a text that is not blank");
        examination.violation(at, value.place.start, message);
    }
    is_text
}

/// A text that must be there and not be blank, with its value; reported if it is not.
pub(crate) fn required_text<'v>(
    fields: &Fields<'v>,
    name: &str,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) -> Option<(&'v PlacedJson<'v>, &'v str)> {
    let Some(value) = fields.get(name) else {
        let message = format!("`{name}` is missing; write a text that is not blank");
        examination.violation(at, fields.offset, message);
        return None;
    };
    is_text(value, &at.key(name), examination);
    text_of(value).map(|text| (value, text))
}

/// A date that must be there; white space around it is passed over by the validator, but not by the
/// public chart.
pub(crate) fn required_date(
    fields: &Fields<'_>,
    name: &str,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    let Some((value, text)) = required_text(fields, name, at, examination) else { return };
    if parse_date(strip(text)).is_none() {
        refuse_date(value, &at.key(name), examination);
    } else if parse_date(text).is_none() {
        let message = "white space stands around the date, so that the chart leaves the entry out; \
                       remove it";
        examination.warning(&at.key(name), value.place.start, message.to_owned());
    }
}

/// A date that may be absent or null, and is not stripped.
pub(crate) fn optional_date(
    fields: &Fields<'_>,
    name: &str,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    if let Some(value) = fields.get_some(name)
        && value.as_text().and_then(|text| parse_date(text.as_str())).is_none()
    {
        refuse_date(value, &at.key(name), examination);
    }
}

fn refuse_date(value: &PlacedJson<'_>, at: &Pointer<'_>, examination: &mut Examination<'_>) {
    let message = format!(
        "this is {}; write a date of the calendar as YYYY-MM-DD",
        described(value, examination.text)
    );
    examination.violation(at, value.place.start, message);
}

/// `YYYY-MM-DD` in ASCII digits, if it is a date of Python's calendar, which begins with the year 1.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    (form && year > 0).then(|| Date::new(year, month as i8, day as i8).ok()).flatten()
}

/// An https address that must be there.
pub(crate) fn required_url(
    fields: &Fields<'_>,
    name: &str,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    let Some((value, text)) = required_text(fields, name, at, examination) else { return };
    if let Err(error) = check_https(strip(text)) {
        let message = format!(
            "{} is no https address: {error}; write one such as https://example.org/page",
            described(value, examination.text)
        );
        examination.violation(&at.key(name), value.place.start, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for text in ["2026-01-02", "0001-01-01", "9999-12-31", "2024-02-29"] {
            assert!(parse_date(text).is_some(), "{text}");
        }
        for text in [
            "",
            "2026-1-2",
            "0000-01-01",
            "2025-02-29",
            "2026-13-01",
            "2026-00-01",
            "20260102",
            "2026-W01-1",
            "2026-01-02\n",
            " 2026-01-02",
            "+026-01-02",
            "2026-01--2",
            "２０２６-01-02",
            "2026-01-0²",
        ] {
            assert!(parse_date(text).is_none(), "{text}");
        }
    }
}
