//! Which of several values in an answer is the answer.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{is_example, is_form};
use crate::value::{Container, containers};
use crate::{ReadingRule, Unread};

/// Text this far before a value may lead to it.
const NEAR: usize = 200;

/// A value is compared with this many before it.
const COMPARED: usize = 16;

/// Lines of more words than this are sentences, others labels.
const WORDS: usize = 6;

/// What leads to an answer.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:<answer>|\\boxed\s*\{|\banswer\s*=|\b(?:final|correct(?:ed)?|revised|updated|refined) (?:answer|output|result|list|boxes|bounding boxes|coordinates|json|version)\b[^\n{\[]{0,40}:",
        r"|\banswer(?: is)?\s*[:：]|\b(?:so|therefore|thus|hence),? (?:the )?(?:final )?(?:answer|boxes|output)[^\n{\[]{0,40}:|答案[:：是为])\W{0,20}(?:json|python)?\s*$",
    ))
    .expect("the pattern is constant and tested")
});

/// Text between two values that says that the second one takes the place of the first.
static INSTEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:final|correct\w*|revised|updated|normali[sz]\w*|convert\w*|instead|actually|wait|so|therefore|thus|hence|answer|requested|refin\w*)\b|最终|归一化|修正|答案")
        .expect("the pattern is constant and tested")
});

/// A value of an answer and what was read from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stated<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
    /// Whether its closing bracket stands in the text.
    pub(crate) closed: bool,
    /// Whether a marker such as `answer=` leads to it.
    is_marked: bool,
}

/// The values of a text from which something is read, but those that only show a form.
pub(crate) fn stated<T>(text: &str, read: impl Fn(&Container) -> Option<T>) -> Vec<Stated<T>> {
    let mut found = Vec::new();
    let mut after = 0;
    for container in containers(text, false) {
        let span = container.node.span.clone();
        let before = &text[near_start(text, span.start).max(after)..span.start];
        let is_marked = MARKER.is_match(before);
        after = span.end;
        if !is_example(before)
            && (is_marked || !is_form(before))
            && let Some(value) = read(&container)
        {
            found.push(Stated { value, span, closed: container.closed, is_marked });
        }
    }
    found
}

/// The values that together are the answer: those behind the last marker, else the last ones that
/// the text puts in the place of others, else all that follow one another without sentences
/// between. Values that say the same count once.
pub(crate) fn choose<T: PartialEq>(
    text: &str,
    stated: Vec<Stated<T>>,
) -> Result<(Vec<Stated<T>>, ReadingRule), Unread> {
    let marked = stated.iter().rposition(|value| value.is_marked);
    let mut kept: Vec<Stated<T>> = Vec::new();
    for value in stated.into_iter().skip(marked.unwrap_or(0)) {
        if let Some(last) = kept.last() {
            if kept.iter().take(COMPARED).any(|kept| kept.value == value.value) {
                continue;
            }
            let between = &text[last.span.end..value.span.start];
            let has_words = between.chars().any(char::is_alphabetic);
            if has_words && marked.is_some() {
                break;
            }
            if has_words && INSTEAD.is_match(between) {
                kept.clear();
            } else if between.lines().any(|line| line.split_whitespace().count() > WORDS) {
                return Err(Unread::SeveralLeft);
            }
        }
        kept.push(value);
    }
    let start = kept.first().map_or(0, |value| value.span.start);
    let rule = if marked.is_some() {
        ReadingRule::Marked
    } else if text[..start].trim().is_empty() {
        ReadingRule::Whole
    } else {
        ReadingRule::Container
    };
    Ok((kept, rule))
}

fn near_start(text: &str, at: usize) -> usize {
    let mut start = at.saturating_sub(NEAR);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    start
}
