//! Which of several items match: AVR and VAR.

mod clauses;
mod numbers;
mod shapes;
mod words;

use std::ops::Range;

use crate::family::decline::{cannot_tell, declines};
use crate::family::part::{Part, before_next_turn, proper, without_fences};
use crate::read::Found;
use crate::{Question, ReadingRule, Unread, Value};

/// Indices that some form of writing gives, and where they stand.
#[derive(Debug, Clone, PartialEq)]
struct Given {
    indices: Vec<u64>,
    span: Range<usize>,
    rule: ReadingRule,
}

/// No list of candidates is as long as this.
const LARGEST: u64 = 9_999;

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(_question: &Question<'_>, text: &str) -> Found {
    let text = &*without_fences(text);
    let Part { span, rule } = proper(text);
    let shown = &text[span.clone()];
    if declines(text) {
        return Found::unread(Unread::Refused);
    }
    let base = words::base(&text[before_next_turn(text)]);
    // Remarks about the base hold numbers of their own; blanks keep offsets.
    let plain = words::without_remarks(shown);
    let found = shapes::read(&plain).unwrap_or_else(|| clauses::read(&plain));
    let given = match found {
        Ok(given) => given,
        Err(Unread::NothingFound) if cannot_tell(shown) => return Found::unread(Unread::Refused),
        Err(reason) => return Found::unread(reason),
    };
    let Some(indices) = from_zero(&given.indices, base) else {
        return Found::unread(Unread::Contradictory);
    };
    let place = if rule == ReadingRule::Whole { given.rule } else { rule };
    let at = span.start + given.span.start..span.start + given.span.end;
    Found::value(Value::Indices(indices), place, at)
}

/// Different indices counted from 0; `None` if that cannot be.
fn from_zero(indices: &[u64], base: u64) -> Option<Vec<u64>> {
    let mut found = Vec::with_capacity(indices.len().min(64));
    let mut seen = std::collections::HashSet::new();
    for index in indices {
        let index = index.checked_sub(base)?;
        if index > LARGEST {
            return None;
        }
        if seen.insert(index) {
            found.push(index);
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests;
