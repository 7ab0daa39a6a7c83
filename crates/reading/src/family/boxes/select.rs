//! Which of the values in an answer is the answer.

use std::ops::Range;

use super::categories::Categories;
use super::prose;
use super::records::records;
use super::{Candidate, Labelled};
use crate::box_numbers::{choose, declines, is_aside, is_garbled, stated};
use crate::value::{Container, Kind, Node};
use crate::{ReadingRule, Unread};

/// Values among more words of other text are no deliberate empty answers.
const WORDS_AROUND_EMPTY: usize = 12;

/// Equal boxes in an answer that breaks off are a loop.
const LOOP: usize = 4;

/// The value that answers, if one does. Values without names are left to the reading of text.
pub(super) fn select(text: &str, categories: &Categories) -> Result<Option<Candidate>, Unread> {
    let found = stated(text, |container| {
        let mut records = records(&container.node, categories);
        if is_garbled(&container.node) {
            // Text is read without regard to quotes.
            let read = prose::read(&text[container.node.span.clone()], categories);
            if let Ok(Some(read)) = read
                && read.boxes.len() > records.boxes.len()
            {
                records.boxes = read.boxes;
            }
        }
        let is_empty = records.boxes.is_empty() && !records.says_absent && is_empty(container);
        let is_named = records.boxes.iter().any(|found| found.name.is_some());
        (is_named || is_empty).then_some(records.boxes)
    });
    let (empty, named): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|value| value.value.is_empty());
    if named.is_empty() {
        let deliberate = empty.into_iter().rev().find(|value| is_deliberate(text, &value.span));
        return Ok(deliberate.map(|value| Candidate {
            boxes: Vec::new(),
            span: value.span,
            rule: ReadingRule::Container,
        }));
    }
    let (chosen, rule) = choose(text, named)?;
    let mut boxes = Vec::new();
    let mut span: Option<Range<usize>> = None;
    for mut value in chosen {
        if !value.closed {
            if is_loop(&value.value) {
                return Err(Unread::CutOff);
            }
            // What stands last broke off.
            while value.value.last().is_some_and(|found| found.written.is_none()) {
                value.value.pop();
            }
        }
        let start = span.map_or(value.span.start, |span| span.start);
        span = Some(start..value.span.end);
        boxes.append(&mut value.value);
    }
    Ok(span.filter(|_| !boxes.is_empty()).map(|span| Candidate { boxes, span, rule }))
}

fn is_loop(boxes: &[Labelled]) -> bool {
    let Some(last) = boxes.iter().rev().find(|found| found.written.is_some()) else { return false };
    boxes.iter().filter(|found| *found == last).count() >= LOOP
}

/// Whether a value holds nothing at all: `{}`, `[]`, `{"objects": []}`.
fn is_empty(container: &Container) -> bool {
    fn nothing(node: &Node) -> bool {
        match &node.kind {
            Kind::List(items) => items.iter().all(nothing),
            Kind::Object(entries) => {
                entries.iter().all(|entry| nothing(&entry.value) || is_aside(&entry.key))
            }
            _ => false,
        }
    }
    container.closed && nothing(&container.node)
}

fn is_deliberate(text: &str, span: &Range<usize>) -> bool {
    let around = [&text[..span.start], &text[span.end..]];
    let words: usize = around.iter().map(|part| part.split_whitespace().count()).sum();
    words <= WORDS_AROUND_EMPTY && !declines(text)
}
