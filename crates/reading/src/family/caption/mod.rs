//! The caption without anything around it: AVC.

mod around;
mod inside;
mod labels;

use std::ops::Range;

use crate::family::decline::{cannot_tell, declines};
use crate::family::part::{Part, proper, without_fences};
use crate::read::Found;
use crate::{Question, ReadingRule, Unread, Value};

/// A stretch of the text, and why it is the caption.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    span: Range<usize>,
    rule: ReadingRule,
}

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let text = &*without_fences(text);
    let Part { span, rule } = proper(text);
    if let Some((caption, at)) = inside::read(text, span.clone()) {
        let found = caption.trim();
        return if is_nothing(found) {
            unread(found)
        } else {
            checked(found, at, ReadingRule::Container)
        };
    }
    let mut piece = Piece { span, rule };
    piece = labels::labelled(text, piece);
    piece = around::stripped(text, &piece);
    let caption = text[piece.span.clone()].trim();
    if is_nothing(caption) || repeats(question, caption) || asks_back(caption) {
        return unread(text);
    }
    checked(caption, piece.span, piece.rule)
}

fn checked(caption: &str, span: Range<usize>, rule: ReadingRule) -> Found {
    // Speech within a caption is the caption's own.
    let own = around::without_quotes(caption);
    if declines(&own) || (cannot_tell(&own) && declines_to_describe(&own)) {
        return Found::unread(Unread::Refused);
    }
    Found::value(Value::Caption(caption.to_owned()), rule, span)
}

fn unread(text: &str) -> Found {
    let reason =
        if declines(text) || cannot_tell(text) { Unread::Refused } else { Unread::NothingFound };
    Found::unread(reason)
}

/// Whether the model, rather than somebody in the picture, cannot tell.
fn declines_to_describe(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let opens = [
        "i ",
        "i'",
        "i’",
        "not ",
        "unsure",
        "unclear",
        "unknown",
        "it is ",
        "it's ",
        "it’s ",
        "cannot",
        "can't",
        "unable",
        "there is not enough",
        "no ",
        "insufficient",
        "n/a",
        "idk",
        "uncertain",
        "无法",
        "不",
    ];
    opens.iter().any(|word| first.starts_with(word))
}

/// Whether the answer is the question.
fn repeats(question: &Question<'_>, caption: &str) -> bool {
    let letters = |text: &str| {
        text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    caption.len() <= 2 * question.text.len() + 8 && letters(caption) == letters(question.text)
}

/// Whether the answer is nothing but a question to whoever asked.
fn asks_back(caption: &str) -> bool {
    let lower = caption.to_lowercase();
    let opens = [
        "what ",
        "which ",
        "could you",
        "can you",
        "would you",
        "do you",
        "how can i",
        "how may i",
        "should i",
        "may i",
        "please ",
    ];
    let single = caption.trim_end_matches(['?', '？']).find(['.', '?', '!', '\n']).is_none();
    single
        && caption.ends_with(['?', '？'])
        && opens.iter().any(|word| lower.starts_with(word))
        && (lower.contains("you") || lower.contains(" i "))
}

/// Whether no word of a caption is left.
fn is_nothing(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_lowercase();
    plain.is_empty()
        || [
            "none",
            "null",
            "nil",
            "na",
            "caption",
            "answer",
            "description",
            "nothing",
            "empty",
            "nocaption",
            "error",
            "undefined",
            "yes",
            "no",
            "ok",
            "okay",
            "sure",
            "todo",
            "string",
            "yourcaptionhere",
            "captionhere",
            "insertcaption",
            "nodescription",
        ]
        .contains(&plain.as_str())
        || plain.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
