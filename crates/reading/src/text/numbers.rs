//! Whole numbers in a text: digits and words.

use std::ops::Range;

use super::lexicon::{glued_digit, number_word};
use super::words::{Word, is_glued};

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// Its value; `None` if it is a fraction.
    pub(crate) value: Option<u64>,
    /// Its words.
    pub(crate) words: Range<usize>,
    /// Whether it is written in digits.
    pub(crate) is_digits: bool,
}

/// The number that starts at word `at`.
pub(crate) fn number_at(text: &str, words: &[Word], at: usize) -> Option<Number> {
    let word = words.get(at)?;
    if let Some(value) = digits(&word.text) {
        return Some(in_digits(text, words, at, value));
    }
    if word.text.starts_with(is_glued) {
        return in_characters(words, at);
    }
    in_words(text, words, at)
}

/// The value of a word of digits, were they wide or of another script.
pub(crate) fn digits(word: &str) -> Option<u64> {
    if word.chars().count() > 15 {
        return None;
    }
    let mut value = 0_u64;
    for c in word.chars() {
        value = value * 10 + u64::from(digit(c)?);
    }
    (!word.is_empty()).then_some(value)
}

fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| {
        let code = c as u32;
        [0xff10, 0x0660, 0x06f0, 0x0966]
            .into_iter()
            .find_map(|zero| code.checked_sub(zero).filter(|digit| *digit < 10))
    })
}

fn in_digits(text: &str, words: &[Word], at: usize, value: u64) -> Number {
    let joined_by = |a: &Word, b: &Word, mark: char| {
        text.get(a.span.end..b.span.start)
            .is_some_and(|gap| gap.len() == 1 && gap.starts_with(mark))
    };
    if let Some(next) = words.get(at + 1)
        && let Some(fraction) = digits(&next.text)
    {
        if joined_by(&words[at], next, '.') {
            let value = (fraction == 0).then_some(value);
            return Number { value, words: at..at + 2, is_digits: true };
        }
        if joined_by(&words[at], next, ',') && next.text.len() == 3 && value > 0 {
            let value = Some(value.saturating_mul(1000).saturating_add(fraction));
            return Number { value, words: at..at + 2, is_digits: true };
        }
    }
    Number { value: Some(value), words: at..at + 1, is_digits: true }
}

fn in_characters(words: &[Word], at: usize) -> Option<Number> {
    // Korean counts with a word before a classifier.
    let korean = ["", "한", "두", "세", "네"].iter().position(|word| *word == words[at].text);
    let classifier = words
        .get(at + 1)
        .is_some_and(|next| matches!(next.text.as_str(), "개" | "명" | "번" | "마" | "대"));
    if let (Some(value), true) = (korean, classifier) {
        return Some(Number { value: Some(value as u64), words: at..at + 1, is_digits: false });
    }
    // Words that only begin like a number.
    if words[at].text == "一"
        && words.get(at + 1).is_some_and(|next| {
            matches!(
                next.text.as_str(),
                "共" | "样" | "起" | "直" | "些" | "定" | "般" | "切" | "致" | "边" | "旦" | "方"
            )
        })
    {
        return None;
    }
    let mut end = at;
    let (mut total, mut ones) = (0, None);
    while let Some(value) = words.get(end).and_then(|word| glued_digit(&word.text)) {
        if value == 10 {
            total += 10 * ones.take().unwrap_or(1);
        } else {
            ones = Some(value);
        }
        end += 1;
    }
    (end > at).then(|| Number {
        value: Some(total + ones.unwrap_or(0)),
        words: at..end,
        is_digits: false,
    })
}

fn in_words(text: &str, words: &[Word], at: usize) -> Option<Number> {
    let adjacent = |a: usize| {
        words.get(a).zip(words.get(a + 1)).is_some_and(|(a, b)| {
            text.get(a.span.end..b.span.start).is_some_and(|gap| matches!(gap, " " | "-"))
        })
    };
    let text_at = |i: usize| words.get(i).map(|word| word.text.as_str());
    let some = |value: u64, count: usize| {
        Some(Number { value: Some(value), words: at..at + count, is_digits: false })
    };
    match (text_at(at)?, text_at(at + 1)) {
        ("a", Some("dozen")) => return some(12, 2),
        ("a", Some("pair" | "couple")) => return some(2, 2),
        ("a", Some("single")) => return some(1, 2),
        ("half", Some("a")) if text_at(at + 2) == Some("dozen") => return some(6, 3),
        ("a", Some("hundred")) => return some(100, 2),
        _ => {}
    }
    let value = number_word(text_at(at)?)?;
    if (20..100).contains(&value)
        && adjacent(at)
        && let Some(ones) =
            text_at(at + 1).and_then(number_word).filter(|ones| (1..10).contains(ones))
    {
        return some(value + ones, 2);
    }
    some(value, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::words;

    #[test]
    fn digits_and_words_are_numbers() {
        for (text, wanted) in [
            ("4", Some(4)),
            ("08", Some(8)),
            ("4.0", Some(4)),
            ("twenty-one", Some(21)),
            ("a dozen", Some(12)),
            ("十二", Some(12)),
            ("二十一", Some(21)),
            ("３", Some(3)),
            ("once", Some(1)),
            ("4.5", None),
            ("1,024", Some(1024)),
        ] {
            assert_eq!(number_at(text, &words(text), 0).unwrap().value, wanted, "{text}");
        }
        assert_eq!(number_at("dog", &words("dog"), 0), None);
    }
}
