//! Cleaned text, option lists cleaned once, and the way back to the answer's bytes.

use std::collections::HashMap;
use std::ops::Range;

use avibench_python::{delete_punctuation, is_space, is_word, lower};

/// Lower case, and only word characters and white space, as Python's Unicode rules have them.
#[must_use]
pub fn clean(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.bytes().filter(|&byte| is_kept(char::from(byte)));
        return kept.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    }
    delete_punctuation(&lower(text))
}

/// A label or an answer to be compared with it: lower case, `_` and `-` as spaces, other punctuation
/// deleted, runs of white space as one space and none around.
pub(crate) fn normalized(text: &str) -> String {
    clean_and_squeeze(&text.replace(['_', '-'], " "))
}

/// Cleaned, with runs of white space as one space and none around.
pub(crate) fn clean_and_squeeze(text: &str) -> String {
    let cleaned = clean(text);
    let mut squeezed = String::with_capacity(cleaned.len());
    for word in cleaned.split(is_space).filter(|word| !word.is_empty()) {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

fn is_kept(c: char) -> bool {
    is_word(c) || is_space(c)
}

/// An option with its cleaned forms.
pub(crate) struct CleanedOption {
    /// As the list writes it.
    pub(crate) written: &'static str,
    /// Cleaned as official scoring does.
    pub(crate) cleaned: String,
}

/// The option lists of a folder, each cleaned when a sample first asks for it.
#[derive(Default)]
pub(crate) struct OptionTables(HashMap<*const String, Vec<CleanedOption>>);

impl OptionTables {
    /// The cleaned forms of a list. Lists are embedded, so their address names them.
    pub(crate) fn get(&mut self, list: &'static [String]) -> &[CleanedOption] {
        self.0.entry(list.as_ptr()).or_insert_with(|| {
            let options =
                list.iter().map(|written| CleanedOption { written, cleaned: clean(written) });
            options.collect()
        })
    }
}

/// Where bytes of a cleaned text stand in the text that was cleaned.
pub(crate) fn span_before_cleaning(text: &str, cleaned: Range<usize>) -> Range<usize> {
    let mut length = 0;
    let mut span = text.len()..text.len();
    for (offset, c) in text.char_indices() {
        if length >= cleaned.end {
            break;
        }
        let kept: usize = c.to_lowercase().filter(|&c| is_kept(c)).map(char::len_utf8).sum();
        if kept == 0 {
            continue;
        }
        if length <= cleaned.start {
            span.start = offset;
        }
        length += kept;
        span.end = offset + c.len_utf8();
    }
    span.start = span.start.min(span.end);
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_cleaned_like_any_text() {
        let ascii: String = (0..128_u8).map(char::from).collect();
        assert_eq!(clean(&ascii), delete_punctuation(&lower(&ascii)));
        assert_eq!(clean("**É²!** ΟΔΟΣ"), "é² οδος");
        assert_eq!(clean_and_squeeze(" -Not \n\t SURE! "), "not sure");
        assert_eq!(clean_and_squeeze(" !? "), "");
        assert_eq!(normalized("Hair-dryer_2, \n ON!"), "hair dryer 2 on");
    }

    #[test]
    fn cleaned_words_are_found_again() {
        let text = "  **Ja –  NOT\n sure!** İ x";
        let cleaned = clean(text);
        let at = cleaned.find("not\n sure").unwrap();
        assert_eq!(&text[span_before_cleaning(text, at..at + 9)], "NOT\n sure");
    }
}
