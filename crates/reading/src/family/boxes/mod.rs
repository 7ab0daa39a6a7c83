//! AVL: boxes of sounding instances, `{'banjo_1': '[0.1, 0.2, 0.3, 0.4]'}`.

mod categories;
mod noun;
mod prose;
mod records;
mod select;

use std::collections::HashMap;
use std::ops::Range;

use crate::box_numbers::{Written, declines, plain, said, settled};
use crate::read::Found;
use crate::{Boxes, NamedBox, Question, ReadingRule, Unread, Value};
use categories::Categories;

/// A box with its name as the answer has it.
#[derive(Debug, Clone, PartialEq)]
struct Labelled {
    /// The label without its number, folded; `None` if the box has none.
    name: Option<String>,
    /// The box; `None` if it cannot be read.
    written: Option<Written>,
}

/// What a part of an answer says.
#[derive(Debug, Clone, PartialEq)]
struct Candidate {
    boxes: Vec<Labelled>,
    span: Range<usize>,
    rule: ReadingRule,
}

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let categories = Categories::of(question);
    let (plain, tokens) = plain(text);
    let nothing = if declines(text) { Unread::Refused } else { Unread::NothingFound };
    let candidate = match select::select(&plain, &categories) {
        Ok(Some(candidate)) => candidate,
        Ok(None) => match prose::read(&plain, &categories) {
            Ok(Some(candidate)) => candidate,
            Ok(None) => return Found::unread(nothing),
            Err(reason) => return Found::unread(reason),
        },
        Err(reason) => return Found::unread(reason),
    };
    let Candidate { mut boxes, span, rule } = candidate;
    // Boxes without any name are of what the question asks for, if that is one thing.
    if boxes.iter().all(|found| found.name.is_none()) && !boxes.is_empty() {
        let Some(asked) = categories.only_one_in(question.text) else {
            return Found::unread(nothing);
        };
        for found in &mut boxes {
            found.name = Some(asked.clone());
        }
    }
    if !boxes.is_empty() && boxes.iter().all(|found| found.written.is_none()) {
        return Found::unread(nothing);
    }
    let mut written: Vec<Written> = boxes.iter().filter_map(|found| found.written).collect();
    let convention = settled(&mut written, tokens.or(said(text)));
    let mut numbers = written.into_iter().map(|written| written.numbers);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let boxes = boxes.into_iter().map(|found| {
        let name = found.name.unwrap_or_else(|| "object".to_owned());
        let count = counts.entry(name.clone()).or_default();
        *count += 1;
        let numbers = found.written.and_then(|_| numbers.next());
        NamedBox { name: format!("{name}_{count}"), numbers }
    });
    let boxes = boxes.collect();
    Found::value(Value::Boxes(Boxes { boxes, convention }), rule, span)
}
