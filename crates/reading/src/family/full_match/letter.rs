//! The letter or number before an option.

use std::sync::LazyLock;

use crate::text::{Pattern, pattern};

static LETTER: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)^[\s*_`#>-]*(?:(?:option|choice|选项)\s*)?(?:[(（\[]\s*[A-Z0-9]\s*[)）\]]|[A-Z][.)）:：、]|\d[.)）:：、])[\s*_`.:：,-]*",
    )
});

/// A text without the letter before an option: `no` of `(B) no`, `yes` of `A. yes`.
pub(crate) fn after_letter(text: &str) -> &str {
    LETTER.find(text).map_or(text, |found| &text[found.end()..])
}

/// The same, if something else follows the letter.
pub(super) fn behind_letter(text: &str) -> Option<&str> {
    let rest = after_letter(text);
    (rest.len() < text.len() && !rest.trim().is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_before_options_are_taken_off() {
        for (text, wanted) in [
            ("(B) no", "no"),
            ("A. yes", "yes"),
            ("**C)** red", "red"),
            ("Option D: red", "red"),
            ("2) red", "red"),
            ("red", "red"),
            ("A dog", "A dog"),
        ] {
            assert_eq!(after_letter(text), wanted, "{text}");
        }
        assert_eq!(behind_letter("B)"), None);
    }
}
