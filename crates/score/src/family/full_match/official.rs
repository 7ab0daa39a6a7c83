//! Full match: one option or one short text.

use avibench_protocol::{Options, Sample, SampleError, options_of};
use avibench_python::{first_digits, is_digit, search_word};

use crate::cleaning::{OptionTables, clean, span_before_cleaning};
use crate::judgement::{Judgement, trimmed_span};
use crate::{ScoringRule, WarningKind};

/// # Errors
/// An option key on which the original would stop.
pub(super) fn judge(
    sample: &Sample,
    label: &str,
    text: &str,
    tables: &mut OptionTables,
) -> Result<Judgement, WarningKind> {
    let cleaned = clean(text);
    // Where the option starts, as it is written, and how long its cleaned form is.
    let named: Option<(usize, String, usize)> = match options_of(sample) {
        Options::None => None,
        Options::List(list) => {
            let found = tables.get(list).iter().filter_map(|option| {
                let start = search_word(&cleaned, &option.cleaned)?;
                Some((start, option.written, option.cleaned.len()))
            });
            found.min().map(|(start, written, length)| (start, written.to_owned(), length))
        }
        // The original walks the bare key as if it were a list.
        Options::Unresolved(key) => {
            let characters = key.chars().map(|c| c.to_string()).filter_map(|written| {
                let option = clean(&written);
                Some((search_word(&cleaned, &option)?, written, option.len()))
            });
            characters.min()
        }
        Options::Unusable(key) => {
            return Err(WarningKind::Field(SampleError::options_key(key)));
        }
    };
    let (read, rule, span) = match named {
        Some((start, written, length)) => {
            let span = span_before_cleaning(text, start..start + length);
            (written, ScoringRule::OptionFirst, Some(span))
        }
        None => (cleaned, ScoringRule::Equal, trimmed_span(text)),
    };
    if read == label {
        return Ok(Judgement::of_match(true, read, rule, span));
    }
    let is_number = !label.is_empty() && label.chars().all(is_digit);
    let digits = if is_number { first_digits(&read) } else { None };
    let correct = digits == Some(label);
    let (rule, span) = match digits {
        // The digits stand in the answer itself unless an option took its place.
        Some(digits) if rule == ScoringRule::Equal => {
            let start = read.find(digits).unwrap_or_default();
            let span = span_before_cleaning(text, start..start + digits.len());
            (ScoringRule::DigitsFirst, Some(span))
        }
        Some(_) => (ScoringRule::DigitsFirst, span),
        None => (rule, span),
    };
    Ok(Judgement::of_match(correct, read, rule, span))
}
