//! What Python's `re` does with words and digits.

use crate::characters::{decimal_digit, is_space, is_word};

/// `re.sub(r'[^\w\s]', '', text)`: only word characters and white space stay.
#[must_use]
pub fn delete_punctuation(text: &str) -> String {
    text.chars().filter(|&c| is_word(c) || is_space(c)).collect()
}

/// Byte offset of the first match of `\bword\b` in `text`, the word taken literally. An empty word
/// matches at the first word boundary.
#[must_use]
pub fn search_word(text: &str, word: &str) -> Option<usize> {
    if word.is_empty() {
        return text
            .char_indices()
            .map(|(offset, _)| offset)
            .chain([text.len()])
            .find(|&offset| is_boundary(text, offset));
    }
    let step = word.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    while let Some(found) = text[from..].find(word) {
        let start = from + found;
        if is_boundary(text, start) && is_boundary(text, start + word.len()) {
            return Some(start);
        }
        // Matches may overlap.
        from = start + step;
    }
    None
}

/// The first match of `\d+`: a run of decimal digits of any script.
#[must_use]
pub fn first_digits(text: &str) -> Option<&str> {
    let is_decimal = |c| decimal_digit(c).is_some();
    let rest = &text[text.find(is_decimal)?..];
    Some(rest.find(|c| !is_decimal(c)).map_or(rest, |end| &rest[..end]))
}

/// Whether a word character stands on exactly one side of `offset`.
fn is_boundary(text: &str, offset: usize) -> bool {
    let before = text[..offset].chars().next_back().is_some_and(is_word);
    let after = text[offset..].chars().next().is_some_and(is_word);
    before != after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole() {
        assert_eq!(search_word("yesterday yes", "yes"), Some(10));
        assert_eq!(search_word("notnot not sure", "not sure"), Some(7));
        assert_eq!(search_word("no_", "no"), None);
        assert_eq!(search_word("não no", "no"), Some(5));
        assert_eq!(search_word("nó no", "n"), None);
        // A combining mark is no word character, so it ends a word.
        assert_eq!(search_word("no\u{301}", "no"), Some(0));
        assert_eq!(search_word("xaaa aa", "aa"), Some(5));
        assert_eq!(search_word("a a b", " b"), Some(3));
        assert_eq!(search_word("  word", ""), Some(2));
        assert_eq!(search_word(" . ", ""), None);
        assert_eq!(search_word("", ""), None);
    }

    #[test]
    fn punctuation_goes_and_numerals_stay() {
        assert_eq!(delete_punctuation("**a_b²** c\u{301}!\t½,最"), "a_b² c\t½最");
        assert_eq!(first_digits("a²12b3"), Some("12"));
        assert_eq!(first_digits("x٣4"), Some("٣4"));
        assert_eq!(first_digits("four"), None);
    }
}
