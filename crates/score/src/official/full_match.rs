//! Full match: one option or one short text.

use std::borrow::Cow;

use avibench_protocol::{Options, Sample, options_of};
use avibench_python::{delete_punctuation, first_digits, is_digit, lower, search_word};

use super::judge::Judgement;
use crate::{Outcome, Parts};

/// Lower case, and only word characters and white space, as Python's Unicode rules have them.
#[must_use]
pub fn clean(text: &str) -> String {
    delete_punctuation(&lower(text))
}

pub(super) fn judge(sample: &Sample, label: &str, text: &str) -> Judgement {
    let cleaned = clean(text);
    let options: Vec<Cow<'_, str>> = match options_of(sample) {
        Options::None => Vec::new(),
        Options::List(list) => list.iter().map(|option| Cow::Borrowed(option.as_str())).collect(),
        // The original walks the bare key as if it were a list.
        Options::Unresolved(key) => key.chars().map(|c| Cow::Owned(c.to_string())).collect(),
    };
    let named = options
        .into_iter()
        .filter_map(|option| Some((search_word(&cleaned, &clean(&option))?, option)))
        .min();
    let read = named.map_or(cleaned, |(_, option)| option.into_owned());
    let is_number = !label.is_empty() && label.chars().all(is_digit);
    let correct = read == label || (is_number && first_digits(&read) == Some(label));
    Judgement::of_match(correct, read)
}

impl Judgement {
    /// Right or wrong, nothing between.
    pub(super) fn of_match(correct: bool, read: String) -> Self {
        let outcome = if correct { Outcome::Right } else { Outcome::Wrong };
        Self { outcome, parts: Some(Parts::Match { correct }), read }
    }
}
