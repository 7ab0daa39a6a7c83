//! Where in an answer values stand, and the rules that every structured family shares.

use std::ops::Range;
use std::sync::LazyLock;

use avibench_python::{LenientReader, LenientValue};
use regex::Regex;

use crate::answer::Answer;
use crate::rule::RuleOutcome;
use crate::unread_reason::{Doubt, Misfit, UnreadReason};

static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\banswers?[*_`\s]*(?:=|:|is\b:?)[*_`\s]*").expect("the pattern is constant")
});

/// A closing fence may be missing: models stop early, and the value says itself whether it is
/// whole.
static FENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)```[ \t]*(?:[A-Za-z][A-Za-z0-9_+-]*)?(?P<content>.*?)(?:```|\z)")
        .expect("the pattern is constant")
});

/// Words around a value that tell of something else than the answer: an example, the wanted format,
/// a refusal, a rejected alternative.
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:example|e\.g\.|for instance|such as|template|placeholder|cannot|can['’]?t|unable",
        r"|sorry|instead|rather than|not|don['’]?t|doesn['’]?t|isn['’]?t|except|excluding|incorrect|wrong",
        r"|(?:the|this|following|expected) format|format (?:is|should|must|would|like|of))\b",
    ))
    .expect("the pattern is constant")
});

/// A value, and where it stands.
pub(crate) struct Block {
    pub span: Range<usize>,
    pub value: LenientValue,
}

/// What a family makes of a value: the answer in the wanted format, or why it is doubtful.
pub(crate) type Convert = fn(&Block, &Answer<'_>) -> Result<String, Misfit>;

/// The whole answer, decoration aside, is one value.
pub(crate) fn whole(answer: &Answer<'_>, convert: Convert) -> RuleOutcome {
    match value_of(&answer.visible, 0) {
        None => RuleOutcome::Passes { reason: "the answer is not one value" },
        Some(block) => agree(vec![block], answer, convert),
    }
}

/// The one value that the whole text is, or else the values that fenced code holds.
pub(crate) fn values(text: &str) -> Vec<Block> {
    value_of(text, 0).map_or_else(|| fenced_values(text), |whole| vec![whole])
}

fn fenced_values(text: &str) -> Vec<Block> {
    FENCE
        .captures_iter(text)
        .filter_map(|found| {
            let content = found.name("content")?;
            value_of(content.as_str(), content.start())
        })
        .collect()
}

/// Fenced code holds values.
pub(crate) fn fenced(answer: &Answer<'_>, convert: Convert) -> RuleOutcome {
    let blocks = fenced_values(&answer.visible);
    if blocks.is_empty() {
        return RuleOutcome::Passes { reason: "no fenced code holds a value" };
    }
    if let Some(doubt) = doubt_around(&answer.visible, &blocks) {
        return doubt;
    }
    agree(blocks, answer, convert)
}

/// `answer=` leads to values.
pub(crate) fn assigned(answer: &Answer<'_>, convert: Convert) -> RuleOutcome {
    let mut reader = LenientReader::new(&answer.visible);
    let mut blocks: Vec<Block> = Vec::new();
    for marker in ASSIGNMENT.find_iter(&answer.visible) {
        // A bracket must follow: `the answer is clear` leads to no value.
        let start = marker.end();
        if !answer.visible[start..].starts_with(['{', '[', '(']) {
            continue;
        }
        if blocks.last().is_some_and(|last| start < last.span.end) {
            continue;
        }
        match reader.read(start) {
            Some((value, end)) => blocks.push(Block { span: start..end, value }),
            None => return RuleOutcome::doubts(Doubt::UnreadableAssignment),
        }
    }
    if blocks.is_empty() {
        return RuleOutcome::Passes { reason: "no `answer=` leads to a value" };
    }
    if let Some(doubt) = doubt_around(&answer.visible, &blocks) {
        return doubt;
    }
    agree(blocks, answer, convert)
}

/// Prose around values that open with one of `open`.
pub(crate) fn only_block(answer: &Answer<'_>, open: &[char], convert: Convert) -> RuleOutcome {
    let mut reader = LenientReader::new(&answer.visible);
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(offset) = answer.visible[at..].find(open) {
        let start = at + offset;
        at = match reader.read(start) {
            Some((value, end)) => {
                blocks.push(Block { span: start..end, value });
                end
            }
            // Brackets are one byte long.
            None => start + 1,
        };
    }
    if blocks.is_empty() {
        return RuleOutcome::Passes { reason: "there is no value in the text" };
    }
    if let Some(doubt) = doubt_around(&answer.visible, &blocks) {
        return doubt;
    }
    agree(blocks, answer, convert)
}

/// The text around `blocks`, in pieces.
pub(crate) fn around<'a>(text: &'a str, blocks: &[Block]) -> Vec<&'a str> {
    let mut pieces = Vec::with_capacity(blocks.len() + 1);
    let mut at = 0;
    for block in blocks {
        pieces.push(&text[at..block.span.start]);
        at = block.span.end;
    }
    pieces.push(&text[at..]);
    pieces
}

/// Words after a value that take it back.
static WITHDRAWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:wait|correction|sorry|mistake|actually|on\s+second\s+thought|scratch\s+that",
        r"|i\s+(?:was|am)\s+wrong|instead|rather|should\s+(?:be|have)|disregard|ignore\s+that)\b",
    ))
    .expect("the pattern is constant")
});

fn doubt_around(text: &str, blocks: &[Block]) -> Option<RuleOutcome> {
    let after = blocks.last().map_or("", |last| &text[last.span.end..]);
    if let Some(found) = WITHDRAWN.find(after) {
        return Some(RuleOutcome::doubts(UnreadReason::ValueTakenBack(found.as_str().to_owned())));
    }
    let found = around(text, blocks).into_iter().find_map(|piece| ELSEWHERE.find(piece))?;
    Some(RuleOutcome::doubts(UnreadReason::BesideValue(found.as_str().to_owned())))
}

/// Takes the last block if all of them say the same.
pub(crate) fn agree(blocks: Vec<Block>, answer: &Answer<'_>, convert: Convert) -> RuleOutcome {
    let mut taken: Option<(Range<usize>, String)> = None;
    for block in blocks {
        match convert(&block, answer) {
            Err(misfit) => return RuleOutcome::doubts(misfit),
            Ok(text) => match taken {
                Some((_, before)) if before != text => {
                    return RuleOutcome::doubts(Doubt::DifferentValues);
                }
                _ => taken = Some((block.span, text)),
            },
        }
    }
    taken.map_or(RuleOutcome::Passes { reason: "there is no value" }, |(span, text)| {
        RuleOutcome::Takes { span, text }
    })
}

/// The value that `text` consists of, apart from emphasis, an `answer=` and a full stop. `offset`
/// is where `text` starts in the answer.
fn value_of(text: &str, offset: usize) -> Option<Block> {
    let decoration = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '#');
    let mut start = text.len() - text.trim_start_matches(decoration).len();
    if let Some(marker) = ASSIGNMENT.find_at(text, start).filter(|found| found.start() == start) {
        start = marker.end();
    }
    if !text[start..].starts_with(['{', '[', '(']) {
        return None;
    }
    let (value, end) = LenientReader::new(text).read(start)?;
    let rest = text[end..].trim_matches(|c| decoration(c) || matches!(c, '.' | ';' | ','));
    rest.is_empty().then(|| Block { span: offset + start..offset + end, value })
}
