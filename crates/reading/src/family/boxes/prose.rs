//! Named boxes in running text and lines.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::categories::Categories;
use super::noun::noun;
use super::{Candidate, Labelled};
use crate::box_numbers::{Mention, Row, is_example, mentions, rows};
use crate::{ReadingRule, Unread};

/// Pieces of text before a box in which its name is looked for.
const PIECES: usize = 4;

/// Longer text between boxes is looked at from its near end only.
const NEAR: usize = 2_000;

static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:wait|actually|correction|on second thought|let me (?:re|check|look)|re-?check|i made a mistake|more precisely|no, )")
        .expect("the pattern is constant and tested")
});

static ALTERNATIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s,;]*(?:or|or (?:maybe|perhaps|possibly)|alternatively|maybe|perhaps)[\s,:]*(?:it(?:'s| is) )?(?:at|in)?[\s,:]*$")
        .expect("the pattern is constant and tested")
});

static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\bnot\b|n['’]t\b|\bneither\b|\bnor\b|不在|并非)[^.]{0,20}$")
        .expect("the pattern is constant and tested")
});

/// Reads the boxes that a text mentions; `None` if it mentions none.
pub(super) fn read(text: &str, categories: &Categories) -> Result<Option<Candidate>, Unread> {
    if let Some(candidate) = table(text, categories) {
        return Ok(Some(candidate));
    }
    let found = mentions(text);
    if found.iter().all(|mention| mention.written.is_none()) {
        return Ok(None);
    }
    let before = |at: usize| {
        let start = if at == 0 { 0 } else { found[at - 1].span.end };
        &text[start..found[at].span.start]
    };
    let after = |at: usize| {
        let end = found.get(at + 1).map_or(text.len(), |next| next.span.start);
        &text[found[at].span.end..end]
    };
    for at in 1..found.len() {
        if ALTERNATIVE.is_match(near_end(before(at), 60)) {
            return Err(Unread::SeveralLeft);
        }
        if CORRECTION.is_match(near_end(before(at), NEAR)) {
            return Err(Unread::Contradictory);
        }
    }
    if found.iter().enumerate().any(|(at, _)| DENIAL.is_match(near_end(before(at), 60))) {
        return Err(Unread::Contradictory);
    }
    let is_after =
        name_before(before(0), categories).is_none() && name_after(after(0), categories).is_some();
    let mut boxes: Vec<Labelled> = Vec::new();
    let mut known = HashSet::new();
    let mut name = None;
    let listed = if is_after { None } else { listed(text, &found, categories)? };
    for (at, Mention { written, .. }) in found.iter().enumerate() {
        let own = if is_after {
            name_after(after(at), categories)
        } else {
            name_before(before(at), categories)
        };
        name = listed.as_ref().map(|names| names[at].clone()).or(own).or(name);
        if !is_example(near_end(before(at), 80)) {
            // A summary says again what the text has said.
            let bits = written.map(|written| written.numbers.map(f64::to_bits));
            if known.insert((name.clone(), bits)) {
                boxes.push(Labelled { name: name.clone(), written: *written });
            }
        }
    }
    let both = without_second_scale(&mut boxes);
    if boxes.iter().all(|found| found.written.is_none()) {
        return Ok(None);
    }
    if both {
        return Err(Unread::SeveralLeft);
    }
    let span = span(&found);
    let rule =
        if text.trim().len() <= span.len() { ReadingRule::Whole } else { ReadingRule::Statement };
    Ok(Some(Candidate { boxes, span, rule }))
}

/// Names that are listed before as many boxes: `The dog and the cat are at [...] and [...]`.
fn listed(
    text: &str,
    found: &[Mention],
    categories: &Categories,
) -> Result<Option<Vec<String>>, Unread> {
    let between = found.windows(2).map(|pair| &text[pair[0].span.end..pair[1].span.start]);
    let is_light = |between: &str| {
        let words = between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.into_iter().all(|word| matches!(word, "and" | "at" | "和" | "in"))
    };
    let mut between = between.peekable();
    if between.peek().is_none() || !between.all(is_light) {
        return Ok(None);
    }
    let before = near_end(&text[..found[0].span.start], NEAR);
    let Some(piece) = pieces(before).rev().find(|piece| !categories.within(piece).is_empty())
    else {
        return Ok(None);
    };
    let mut names: Vec<String> = Vec::new();
    for (_, name) in categories.within(piece) {
        if names.last().is_none_or(|last| last != name) {
            names.push(name.to_owned());
        }
    }
    match names.len() {
        0 | 1 => Ok(None),
        length if length == found.len() => Ok(Some(names)),
        _ => Err(Unread::SeveralLeft),
    }
}

/// The rows of tables with named columns.
fn table(text: &str, categories: &Categories) -> Option<Candidate> {
    let rows = rows(text);
    let span = rows.first()?.span.start..rows.last()?.span.end;
    let named = |row: &Row<'_>| {
        let folded = row.cells.iter().filter_map(|(_, cell)| categories.folded(cell));
        let folded: Vec<String> = folded.collect();
        folded.iter().find(|name| categories.is_known(name)).or(folded.first()).cloned()
    };
    let boxes = rows.iter().map(|row| Labelled { name: named(row), written: row.written });
    let boxes: Vec<Labelled> = boxes.filter(|found| found.name.is_some()).collect();
    let is_read = boxes.iter().any(|found| found.written.is_some());
    is_read.then_some(Candidate { boxes, span, rule: ReadingRule::Container })
}

fn span(found: &[Mention]) -> Range<usize> {
    match (found.first(), found.last()) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => 0..0,
    }
}

/// An answer that gives its boxes in pixels and as fractions means the same boxes: the fractions are
/// kept. Whether it cannot be told which belong together.
fn without_second_scale(boxes: &mut Vec<Labelled>) -> bool {
    let is_fraction = |found: &Labelled| {
        found
            .written
            .is_some_and(|written| written.numbers.iter().all(|number| number.abs() <= 1.5))
    };
    let is_large = |found: &Labelled| {
        found.written.is_some_and(|written| {
            written.numbers.iter().filter(|number| number.abs() > 1.5).count() > 1
        })
    };
    let fractions = boxes.iter().filter(|found| is_fraction(found)).count();
    let large = boxes.iter().filter(|found| is_large(found)).count();
    if fractions == 0 || large == 0 {
        return false;
    }
    if fractions == large {
        boxes.retain(is_fraction);
        return false;
    }
    true
}

fn near_end(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn near_start(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Ends of sentences and lines.
fn pieces(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    static END: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[.!?]\s|[\n;。！？；]").expect("the pattern is constant and tested")
    });
    END.split(text).collect::<Vec<_>>().into_iter()
}

fn name_before(text: &str, categories: &Categories) -> Option<String> {
    static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"</[^<>]{0,40}>|```[a-zA-Z]*").expect("the pattern is constant and tested")
    });
    let text = CLOSING.replace_all(near_end(text, NEAR), " ");
    let written = pieces(&text).rev().filter(|piece| piece.chars().any(char::is_alphanumeric));
    written.take(PIECES).find_map(|piece| noun(piece, categories))
}

fn name_after(text: &str, categories: &Categories) -> Option<String> {
    let text = near_start(text, NEAR);
    let written = pieces(text).find(|piece| piece.chars().any(char::is_alphanumeric))?;
    noun(written, categories)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Question;
    use avibench_protocol::Folder;

    fn shown(text: &str) -> String {
        let categories = Categories::of(&Question { folder: Folder::Avl, text: "", options: &[] });
        match read(text, &categories) {
            Ok(Some(found)) => {
                let shown = |found: &Labelled| {
                    let name = found.name.as_deref().unwrap_or("?");
                    let first =
                        found.written.map_or("-".to_owned(), |found| found.numbers[0].to_string());
                    format!("{name} {first}")
                };
                found.boxes.iter().map(shown).collect::<Vec<_>>().join(", ")
            }
            Ok(None) => String::new(),
            Err(reason) => reason.name().to_owned(),
        }
    }

    #[test]
    fn names_stand_before_or_after_boxes() {
        for (text, wanted) in [
            (
                "The first dog is at [1, 2, 3, 4] and the second dog is at [5, 6, 7, 8].",
                "dog 1, dog 5",
            ),
            ("- dog_1: (1, 2, 3, 4)\n- cat_1: (5, 6, 7, 8)", "dog 1, cat 5"),
            ("[1, 2, 3, 4] dog\n[5, 6, 7, 8] cat", "dog 1, cat 5"),
            ("dogs: [1, 2, 3, 4], [5, 6, 7, 8]", "dog 1, dog 5"),
            ("two tubas sound: one at (1, 2, 3, 4) and one at (5, 6, 7, 8).", "tuba 1, tuba 5"),
            (
                "Dog:\n- Top-left: (1, 2)\n- Bottom-right: (3, 4)\n\nCat:\n- Top-left: (5, 6)\n- Bottom-right: (7, 8)",
                "dog 1, cat 5",
            ),
            ("I hear a dog. The coordinates are [1, 2, 3, 4].", "dog 1"),
            ("dog: [1, 2, 3, 4]\ncat: [1, 2, 3]", "dog 1, cat -"),
            ("The dog is at [1, 2, 3, 4] or maybe [5, 6, 7, 8].", "several_left"),
            ("The dog is at [1, 2, 3, 4]. Wait, it is at [5, 6, 7, 8].", "contradictory"),
            ("The dog is not at [1, 2, 3, 4].", "contradictory"),
            ("For example: dog: [1, 2, 3, 4]", ""),
            ("The dog is on the left.", ""),
            ("The dog and the cat are at [1, 2, 3, 4] and [5, 6, 7, 8].", "dog 1, cat 5"),
            ("The dog and the cat: [1, 2, 3, 4], [5, 6, 7, 8], [5, 6, 7, 9]", "several_left"),
            ("dog: [64, 48, 320, 240] in pixels, normalized [0.1, 0.1, 0.5, 0.5]", "dog 0.1"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
