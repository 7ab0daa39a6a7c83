//! A text that is a number and nothing else.

use std::sync::LazyLock;

use super::piece::{BOUNDS, RANGE};
use super::words::WORDS;
use super::zero::zero_words;
use crate::family::full_match::letter::behind_letter;
use crate::text::negation::is_negator;
use crate::text::numbers::number_at;
use crate::text::words::words;
use crate::text::{Pattern, pattern};

/// A longer text is more than a number.
const LONGEST_NUMBER: usize = 200;

/// So many words behind a number may name what it counts.
const MOST_COUNTED: usize = 6;

/// Words before a number that say nothing.
static LEADS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:about|approximately|around|roughly|exactly|only|just|precisely|approx\.?|circa|a total of|in total|total of|in all|there (?:is|are|were|was)|i (?:can )?(?:count|see|hear|counted|heard|saw)|it is|it's|they are|that is|that's|we (?:see|hear|count)|~|≈|约|大约|共|一共|总共|共有|有|=)\s*",
    )
});

/// `一个都没有`: not even one.
static NOT_ONE: Pattern = LazyLock::new(|| pattern(r"^\W*一\S{0,3}[都也](?:没|不|无)"));

/// The number that a text is, what it counts aside: `4`, `(B) Four dogs.`, `none`.
pub(super) fn whole(text: &str) -> Option<u64> {
    if text.len() > LONGEST_NUMBER {
        return None;
    }
    only(text).or_else(|| only(behind_letter(text)?))
}

fn only(text: &str) -> Option<u64> {
    if NOT_ONE.is_match(text) {
        return Some(0);
    }
    let mut text =
        text.trim_matches(|c: char| c.is_whitespace() || "*_`\"'“”‘’.。,，!！$#:：()".contains(c));
    if text.starts_with(['-', '−', '<', '>', '≥', '≤'])
        || text.ends_with(['+', '%', '?', '？'])
        || BOUNDS.is_match(text)
        || RANGE.is_match(text)
    {
        return None;
    }
    while let Some(lead) = LEADS.find(text).filter(|lead| lead.end() > 0) {
        text = &text[lead.end()..];
    }
    let words = words(text);
    let (value, end) = match number_at(text, &words, 0) {
        Some(number) => (number.value?, number.words.end),
        None => (zero_words(&words)?, words.len()),
    };
    let adds_nothing = |at: usize| {
        // `four (4)`
        if let Some(again) = number_at(text, &words, at) {
            return again.value == Some(value);
        }
        let word = words[at].text.as_str();
        let lists = [&WORDS.units, &WORDS.ordinals, &WORDS.no_counting];
        !is_negator(word) && !lists.iter().any(|list| list.has(word))
    };
    (words.len() - end <= MOST_COUNTED && (end..words.len()).all(adds_nothing)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_alone_are_read_with_what_they_count() {
        for (text, wanted) in [
            ("4", Some(4)),
            ("(B) Four dogs.", Some(4)),
            ("There are exactly 4.", Some(4)),
            ("four (4)", Some(4)),
            ("none", Some(0)),
            ("一个都没有", Some(0)),
            ("twice", Some(2)),
            ("08", Some(8)),
            ("4 seconds", None),
            ("4th", None),
            (">3", None),
            ("at least 3", None),
            ("2-3", None),
            ("50%", None),
            ("4 or 5", None),
            ("one of the dogs", None),
            ("dogs", None),
        ] {
            assert_eq!(whole(text), wanted, "{text}");
        }
    }
}
