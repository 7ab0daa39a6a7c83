//! Sentences of a text.

use std::ops::Range;

use super::LONGEST_SENTENCE;

/// A sentence with what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Bytes of the text, without white space around them and without bullets and heading marks.
    pub(crate) span: Range<usize>,
    /// Whether it asks.
    pub(crate) is_question: bool,
}

/// Abbreviations after which a full stop ends no sentence.
const ABBREVIATIONS: [&str; 11] =
    ["e.g", "i.e", "vs", "approx", "etc", "mr", "mrs", "dr", "fig", "st", "cf"];

/// Marks that close a sentence together with the mark that ends it: `He said "no!").`
const CLOSING: &str = "\"'”’)]*_».!?`";

/// The sentences of `text`: they end at full stops, at question and exclamation marks, and with
/// their line. `It is 0.5 m. Or is it?` has two.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let line_start = at;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let mut start = line_start;
        let mut chars = line.char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            let before = &text[start..line_start + offset];
            if !ends_sentence(c, before, &line[offset + c.len_utf8()..]) {
                continue;
            }
            let mut end = offset + c.len_utf8();
            while let Some((next_at, next)) =
                chars.next_if(|(_, next)| CLOSING.contains(*next) || "。！？".contains(*next))
            {
                end = next_at + next.len_utf8();
            }
            push(&mut found, text, start..line_start + end);
            start = line_start + end;
        }
        push(&mut found, text, start..at);
    }
    found
}

/// Whether a sentence ends with `mark`, between what stands before it in the sentence and behind it in
/// the line.
fn ends_sentence(mark: char, before: &str, behind: &str) -> bool {
    match mark {
        '。' | '！' | '？' | '．' | '।' => true,
        '!' | '?' => closes(behind),
        '.' => closes(behind) && !is_abbreviation(before) && !is_numbering(before),
        _ => false,
    }
}

/// Whether what follows a mark is no letter, as in `0.5` and `e.g`.
fn closes(behind: &str) -> bool {
    behind.chars().next().is_none_or(|next| next.is_whitespace() || CLOSING.contains(next))
}

fn is_abbreviation(before: &str) -> bool {
    ABBREVIATIONS.iter().any(|short| {
        let Some(at) = before.len().checked_sub(short.len()) else { return false };
        before.is_char_boundary(at)
            && before[at..].eq_ignore_ascii_case(short)
            && before[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '(')
    })
}

/// `1.` and `B.` at the start of a sentence number what follows.
fn is_numbering(before: &str) -> bool {
    let before = before.trim().trim_start_matches(['*', '-', '#', '•', ' ']);
    before.len() <= 2
        && !before.is_empty()
        && (before.bytes().all(|b| b.is_ascii_digit())
            || before.len() == 1 && before.bytes().all(|b| b.is_ascii_uppercase()))
}

/// Adds a sentence without bullets, heading marks and white space around it, if a word is left.
fn push(found: &mut Vec<Sentence>, text: &str, range: Range<usize>) {
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
    if trimmed.len() > LONGEST_SENTENCE {
        return;
    }
    found.push(Sentence { span: start..start + trimmed.len(), is_question });
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
