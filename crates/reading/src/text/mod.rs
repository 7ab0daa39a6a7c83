//! What every family shares: which part of an answer is answer, and how its text is put together.

mod excerpt;
mod html;
pub(crate) mod lexicon;
pub(crate) mod markers;
pub(crate) mod negation;
pub(crate) mod numbers;
pub(crate) mod places;
pub(crate) mod refusal;
pub(crate) mod sentences;
mod thinking;
mod unwrapped;
mod visible;
pub(crate) mod word_list;
pub(crate) mod words;

pub(crate) use excerpt::Excerpt;
pub(crate) use thinking::breaks_off_aloud;
pub use thinking::{SplitReply, split_thinking};
pub(crate) use unwrapped::unwrapped;
pub(crate) use visible::visible;

use std::sync::LazyLock;

use regex::Regex;

/// A sentence of more bytes says nothing: it is a loop or a text without full stops.
pub(crate) const LONGEST_SENTENCE: usize = 2_000;

/// A pattern that is compiled when it is first needed.
pub(crate) type Pattern = LazyLock<Regex>;

/// Compiles a pattern of this crate.
///
/// # Panics
/// The pattern is wrong. Patterns are constants, and the tests use them all.
pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("patterns are constant and tested")
}

/// Bytes of `text` without the white space around it.
pub(crate) fn trimmed(text: &str) -> std::ops::Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start + text.trim().len()
}
