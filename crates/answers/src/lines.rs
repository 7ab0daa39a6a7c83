//! Answers that are nothing but lines such as `dog: 2` or `frame_0: [0, 0, 1, 1]`.

use avibench_python::LenientValue;

use crate::answer::Answer;
use crate::blocks::{Block, Convert};
use crate::rule::RuleOutcome;

/// Nothing but `name: value` pieces, separated by any of `separators` outside brackets.
pub(crate) fn lines(answer: &Answer<'_>, separators: &[char], convert: Convert) -> RuleOutcome {
    let reason = "the text is not a list of names and values";
    let text = answer.visible.trim();
    let start = answer.visible.len() - answer.visible.trim_start().len();
    let pieces = split_outside_brackets(text, separators);
    let entries: Option<Vec<_>> =
        pieces.into_iter().map(undecorated).filter(|piece| !piece.is_empty()).map(entry).collect();
    match entries {
        None => RuleOutcome::Passes { reason },
        Some(entries) if entries.is_empty() => RuleOutcome::Passes { reason },
        Some(entries) => {
            let span = start..start + text.len();
            let block = Block { span, value: LenientValue::Dict(entries) };
            match convert(&block, answer) {
                Ok(text) => RuleOutcome::Takes { span: block.span, text },
                // What looks like a line may be prose with a colon.
                Err(misfit) => RuleOutcome::Passes { reason: misfit.text() },
            }
        }
    }
}

fn split_outside_brackets<'a>(text: &'a str, separators: &[char]) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 && separators.contains(&c) => {
                pieces.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Without bullet, item number, emphasis and closing punctuation.
fn undecorated(piece: &str) -> &str {
    let piece = piece.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '-' | '•' | '·' | '–' | '.' | ',' | ';' | '`')
    });
    let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match piece[digits..].strip_prefix(['.', ')']) {
        Some(rest) if (1..=2).contains(&digits) && rest.starts_with(' ') => {
            rest.trim_matches(|c: char| c.is_whitespace() || c == '*')
        }
        _ => piece,
    }
}

fn entry(piece: &str) -> Option<(LenientValue, LenientValue)> {
    let (name, value) = piece.split_once([':', '=', '×', '：'])?;
    let strip = |part: &str| {
        let part = part.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '*' | '`' | '"' | '\'' | '“' | '”')
        });
        part.to_owned()
    };
    let (name, value) = (strip(name), strip(value));
    // A sentence before a colon is no name.
    let is_name = !name.is_empty() && name.len() <= 64 && name.split_whitespace().count() <= 3;
    (is_name && !value.is_empty()).then_some((LenientValue::Text(name), LenientValue::Text(value)))
}
