//! Character classes, white space and case, as Python 3.11's `str` methods see them.

use std::sync::LazyLock;

use crate::tables;

/// A class of characters: the code points at which membership flips, ascending.
struct Class(Vec<u32>);

impl Class {
    fn from_runs(runs: &[u32]) -> Self {
        let mut end = 0;
        let flips = runs.iter().map(|run| {
            end += run;
            end
        });
        Self(flips.collect())
    }

    fn contains(&self, c: char) -> bool {
        self.0.partition_point(|&flip| flip <= u32::from(c)) % 2 == 1
    }
}

static ALPHANUMERIC: LazyLock<Class> = LazyLock::new(|| Class::from_runs(tables::ALPHANUMERIC));
static DIGIT: LazyLock<Class> = LazyLock::new(|| Class::from_runs(tables::DIGIT));
static PRINTABLE: LazyLock<Class> = LazyLock::new(|| Class::from_runs(tables::PRINTABLE));

/// `str.isalnum` of one character: a letter, a digit or another numeric, no combining mark.
#[must_use]
pub fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { ALPHANUMERIC.contains(c) }
}

/// `str.isdigit` of one character: also digits such as `²` that `int()` refuses.
#[must_use]
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { DIGIT.contains(c) }
}

/// The value 0 to 9 of a decimal digit of any script: what `\d` matches and `int()` reads.
#[must_use]
pub fn decimal_digit(c: char) -> Option<u8> {
    let code = u32::from(c);
    let after = tables::DECIMAL_ZERO.partition_point(|&zero| zero <= code);
    let zero = tables::DECIMAL_ZERO.get(after.checked_sub(1)?)?;
    (code - zero < 10).then_some((code - zero) as u8)
}

/// `str.isprintable` of one character: `repr` leaves it as it is.
#[must_use]
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() { matches!(c, ' '..='~') } else { PRINTABLE.contains(c) }
}

/// `str.isspace` of one character: `\s` matches it and `str.strip` takes it off.
#[must_use]
pub fn is_space(c: char) -> bool {
    // The four separators are no white space to Unicode, but they are to Python.
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// A word character of Python's `re`: alphanumeric or `_`.
#[must_use]
pub fn is_word(c: char) -> bool {
    c == '_' || is_alphanumeric(c)
}

/// `text.strip()`.
#[must_use]
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `text.lstrip()`.
#[must_use]
pub fn strip_start(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// `text.lower()`.
#[must_use]
pub fn lower(text: &str) -> String {
    // A letter that Unicode 14.0 did not know yet (unassigned, so unprintable) has no lower case.
    let known = |c: char| c.is_ascii() || is_printable(c) || c.to_lowercase().eq([c]);
    if text.chars().all(known) {
        return text.to_lowercase();
    }
    text.split_inclusive(|c| !known(c))
        .flat_map(|piece| {
            let newest = piece.chars().next_back().filter(|&c| !known(c));
            let rest = newest.map_or(piece, |c| &piece[..piece.len() - c.len_utf8()]);
            [rest.to_lowercase(), newest.map(String::from).unwrap_or_default()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_python() {
        for (c, alphanumeric, digit, decimal) in [
            ('²', true, true, None),
            ('½', true, false, None),
            ('٣', true, true, Some(3)),
            ('９', true, true, Some(9)),
            ('é', true, false, None),
            ('\u{301}', false, false, None),
            ('\u{93e}', false, false, None),
            ('答', true, false, None),
            ('_', false, false, None),
            ('\u{1fbf9}', true, true, Some(9)),
        ] {
            assert_eq!(is_alphanumeric(c), alphanumeric, "{c:?}");
            assert_eq!(is_digit(c), digit, "{c:?}");
            assert_eq!(decimal_digit(c), decimal, "{c:?}");
        }
        assert!(is_printable('é') && !is_printable('\u{ad}') && !is_printable('\u{a0}'));
        assert_eq!(strip("\u{1c}\u{3000} a \u{85}"), "a");
    }

    /// Sizes of the classes, counted with Python 3.11.
    #[test]
    fn tables_are_whole() {
        let count = |class: fn(char) -> bool| ('\0'..=char::MAX).filter(|&c| class(c)).count();
        assert_eq!(count(is_alphanumeric), 133_547);
        assert_eq!(count(is_digit), 788);
        assert_eq!(count(|c| decimal_digit(c).is_some()), 660);
        assert_eq!(count(is_printable), 144_516);
        assert_eq!(count(is_space), 29);
    }

    #[test]
    fn lower_case_knows_final_sigma_and_no_newer_letters() {
        assert_eq!(lower("ΟΔΟΣ Σ İ ẞ"), "οδος σ i\u{307} ß");
        // U+A7CB came with Unicode 16.
        assert_eq!(lower("A\u{a7cb}B"), "a\u{a7cb}b");
    }
}
