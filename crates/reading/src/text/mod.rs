//! What every family shares: which part of an answer is answer, and how its text is put together.

pub(crate) mod lexicon;
pub(crate) mod negation;
pub(crate) mod numbers;
pub(crate) mod places;
pub(crate) mod refusal;
pub(crate) mod sentences;
mod visible;
pub(crate) mod words;

pub(crate) use visible::visible;

use std::sync::LazyLock;

use regex::Regex;

/// Whether a text declines to answer.
pub(crate) fn declines(text: &str) -> bool {
    static DECLINES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:sorry|unable to|cannot|can'?t|could not|couldn'?t|not able to|apologi[sz]e|do not have access|don'?t have access)\b|\bno (?:sounding|audible|visible) (?:instance|object|source)s?\b|无法|抱歉|对不起")
            .expect("the pattern is constant and tested")
    });
    DECLINES.is_match(text)
}
