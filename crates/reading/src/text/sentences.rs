//! Sentences of a text.

use std::ops::Range;

/// A sentence with what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Bytes of the text, without white space around them and without bullets and heading marks.
    pub(crate) span: Range<usize>,
    /// Whether it asks.
    pub(crate) is_question: bool,
    /// Number of its paragraph.
    pub(crate) paragraph: usize,
}

/// Abbreviations after which a full stop ends no sentence.
const ABBREVIATIONS: [&str; 12] =
    ["e.g", "i.e", "vs", "approx", "etc", "mr", "mrs", "dr", "no", "fig", "st", "cf"];

/// The sentences of `text`: they end at full stops, at question and exclamation marks, and with
/// their line.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut paragraph = 0;
    let mut at = 0;
    let mut blank_before = false;
    for line in text.split_inclusive('\n') {
        let line_start = at;
        at += line.len();
        if line.trim().is_empty() {
            blank_before = true;
            continue;
        }
        if blank_before && !found.is_empty() {
            paragraph += 1;
        }
        blank_before = false;
        let mut start = line_start;
        let mut chars = line.char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            let ends = match c {
                '。' | '！' | '？' | '．' | '।' => true,
                '.' | '!' | '?' => {
                    let next = line[offset + 1..].chars().next();
                    let closing = |c: char| c.is_whitespace() || "\"'”’)]*_».!?`".contains(c);
                    next.is_none_or(closing)
                        && !(c == '.' && is_abbreviation(&line[..offset]))
                        && !(c == '.' && is_numbering(&text[start..line_start + offset]))
                }
                _ => false,
            };
            if !ends {
                continue;
            }
            let mut end = offset + c.len_utf8();
            while let Some(&(next_at, next)) = chars.peek() {
                if !"\"'”’)]*_».!?`。！？".contains(next) {
                    break;
                }
                end = next_at + next.len_utf8();
                chars.next();
            }
            push(&mut found, text, start..line_start + end, paragraph);
            start = line_start + end;
        }
        push(&mut found, text, start..at, paragraph);
    }
    found
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    ABBREVIATIONS.iter().any(|short| word.eq_ignore_ascii_case(short) && *short != "no")
}

/// `1.` and `B.` at the start of a sentence number what follows.
fn is_numbering(before: &str) -> bool {
    let before = before.trim().trim_start_matches(['*', '-', '#', '•', ' ']);
    before.len() <= 2
        && !before.is_empty()
        && (before.bytes().all(|b| b.is_ascii_digit())
            || before.len() == 1 && before.bytes().all(|b| b.is_ascii_uppercase()))
}

fn push(found: &mut Vec<Sentence>, text: &str, range: Range<usize>, paragraph: usize) {
    let piece = &text[range.clone()];
    let decoration =
        |c: char| c.is_whitespace() || matches!(c, '*' | '#' | '>' | '•' | '_' | '`' | '|');
    let trimmed = piece.trim_start_matches(decoration);
    let trimmed =
        trimmed.strip_prefix("- ").map_or(trimmed, |rest| rest.trim_start_matches(decoration));
    let start = range.end - trimmed.len();
    let trimmed = trimmed.trim_end_matches(decoration);
    if !trimmed.chars().any(char::is_alphanumeric) {
        return;
    }
    let is_question =
        trimmed.trim_end_matches(['"', '\'', '”', '’', ')', '*', ' ']).ends_with(['?', '？']);
    found.push(Sentence { span: start..start + trimmed.len(), is_question, paragraph });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_marks_and_lines() {
        let text = "- **One** is 0.5 m. Two? (Yes!)\n\n1. Three, e.g. this\n是。不。";
        let found: Vec<&str> = sentences(text).into_iter().map(|s| &text[s.span]).collect();
        assert_eq!(
            found,
            ["One** is 0.5 m.", "Two?", "(Yes!)", "1. Three, e.g. this", "是。", "不。"]
        );
    }
}
