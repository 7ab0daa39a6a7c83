//! The beginning and the end of a text that is too long.

use std::borrow::Cow;
use std::ops::Range;

/// So many bytes are read from the beginning of an answer, and again from its end. Answers of a word
/// or a sentence are no longer, thinking aside, unless a model loops.
const SIDE: usize = 8_000;

/// A text without its middle, if it is longer than 16,000 bytes: rules that look back and forth then
/// have a bounded text before them.
#[derive(Debug)]
pub(crate) struct Excerpt<'a> {
    /// The beginning and the end, in lines of their own.
    pub(crate) text: Cow<'a, str>,
    /// Where the end begins.
    end: usize,
    /// How many bytes were left out before it.
    skipped: usize,
}

impl<'a> Excerpt<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        if text.len() <= 2 * SIDE {
            return Self { text: Cow::Borrowed(text), end: 0, skipped: 0 };
        }
        let begin = &text[..text.floor_char_boundary(SIDE)];
        let rest = &text[text.ceil_char_boundary(text.len() - SIDE)..];
        let end = begin.len() + 1;
        Self {
            text: Cow::Owned(format!("{begin}\n{rest}")),
            end,
            skipped: text.len() - rest.len() - end,
        }
    }

    /// Where a piece of the excerpt stands in the whole text.
    pub(crate) fn in_whole(&self, span: Range<usize>) -> Range<usize> {
        let place = |at: usize, is_behind: bool| if is_behind { at + self.skipped } else { at };
        place(span.start, span.start >= self.end)..place(span.end, span.end > self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_long_texts_is_left_out() {
        let text = format!("first {}last", "é".repeat(20_000));
        let excerpt = Excerpt::new(&text);
        assert!(excerpt.text.len() <= 2 * SIDE + 1);
        let at = excerpt.text.find("last").unwrap();
        assert_eq!(&text[excerpt.in_whole(at..at + 4)], "last");
        assert_eq!(&text[excerpt.in_whole(0..5)], "first");
        assert_eq!(Excerpt::new("yes").text, "yes");
        assert_eq!(Excerpt::new("yes").in_whole(0..3), 0..3);
    }
}
