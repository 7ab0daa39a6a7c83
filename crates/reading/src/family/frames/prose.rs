//! Frames with their boxes in running text and lines.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::numbering::{Named, within};
use super::values::{is_nothing, named as named_frames};
use super::{Candidate, FRAMES, Frames, Said};
use crate::box_numbers::{Mention, is_example, mentions, says_absent, sentence_end};
use crate::{ReadingRule, Unread};

/// An answer that names frames more often than this is caught in a loop.
const LOOP: usize = 400;

/// Bytes before the name of a frame that may belong to its sentence.
const NEAR: usize = 400;

/// Words that say of a frame what was said of another one.
static SAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:same|unchanged|as (?:above|before)|identical|ditto|no change)\b|相同|同上|不变",
    )
    .expect("the pattern is constant and tested")
});

static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:wait|correction|on second thought|i made a mistake)\b")
        .expect("the pattern is constant and tested")
});

/// Reads what a text says of frames; `None` if it names no frame with a box or without one.
pub(super) fn read(text: &str) -> Result<Option<Candidate>, Unread> {
    let (references, named): (Vec<_>, Vec<_>) =
        within(text).into_iter().partition(|(place, _)| is_reference(text, place));
    if named.is_empty() {
        return Ok(None);
    }
    if named.len() > LOOP {
        return Err(Unread::CutOff);
    }
    let boxes = mentions(text);
    if CORRECTION.is_match(text) && !boxes.is_empty() {
        return Err(Unread::Contradictory);
    }
    let mut frames: Frames = Vec::new();
    let mut others = None;
    let mut has_bare = false;
    let mut last = None;
    // Whether the frame before was named behind its box.
    let mut is_behind = false;
    for (at, (place, named_frames)) in named.iter().enumerate() {
        let end = named.get(at + 1).map_or(text.len(), |(next, _)| next.start);
        let mut segment = place.end..end;
        let previous = if at == 0 { 0 } else { named[at - 1].0.end };
        let continues = is_behind && sentence_end(&text[previous..place.start]) == 0;
        let behind = before(text, &boxes, previous..place.start, &segment, continues);
        is_behind = behind.is_some();
        let said = behind.or_else(|| {
            segment = without_next_sentence(text, &boxes, segment.clone());
            let reference = references.iter().find(|(reference, _)| {
                segment.start <= reference.start && reference.end <= segment.end
            });
            let same = reference.map_or(last, |(_, named)| said_before(&frames, named));
            said_in(text, &boxes, &segment, place.start, previous, same)
        });
        let Some(said) = said else { continue };
        last = Some(said);
        match named_frames {
            Named::Numbers(numbers) => frames.extend(numbers.iter().map(|&frame| (frame, said))),
            Named::Bare(number) => {
                has_bare = true;
                frames.push((*number, said));
            }
            Named::Others => others = Some(said),
        }
    }
    if let Some(said) = others {
        let missing = (0..FRAMES).filter(|frame| frames.iter().all(|(known, _)| known != frame));
        let missing: Vec<u32> = missing.collect();
        frames.extend(missing.into_iter().map(|frame| (frame, said)));
    }
    let numbered = frames.into_iter().map(|(frame, said)| (frame, has_bare, said)).collect();
    let Some(frames) = named_frames(numbered) else { return Ok(None) };
    let says_all = frames.len() >= FRAMES as usize;
    let has_box = frames.iter().any(|(_, said)| matches!(said, Said::Box(_)));
    if !has_box && !says_all || frames.is_empty() {
        return Ok(None);
    }
    let span = match (named.first(), named.last()) {
        (Some((first, _)), Some((last, _))) => {
            let end = boxes.last().map_or(last.end, |found| found.span.end.max(last.end));
            first.start..end
        }
        _ => 0..text.len(),
    };
    Ok(Some((frames, span, ReadingRule::Statement)))
}

/// Whether a frame is only named to say that another one is like it.
fn is_reference(text: &str, place: &Range<usize>) -> bool {
    static LIKE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:\bas|\blike|\bidentical to|\bsame as|\bcompared (?:to|with)|\bthan)(?: in| for)?(?: the)?\s*\(?$")
            .expect("the pattern is constant and tested")
    });
    let mut start = place.start.saturating_sub(30);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    LIKE.is_match(&text[start..place.start])
}

/// What was said of the first frame of a name.
fn said_before(frames: &Frames, named: &Named) -> Option<Said> {
    let first = match named {
        Named::Numbers(numbers) => numbers.first()?,
        Named::Bare(number) => number,
        Named::Others => return None,
    };
    frames.iter().find(|(frame, _)| frame == first).map(|(_, said)| *said)
}

/// The box before the name of a frame in the same sentence, if none follows there:
/// `at [0.1, 0.2, 0.3, 0.4] in frames 0 to 4`.
fn before(
    text: &str,
    boxes: &[Mention],
    gap: Range<usize>,
    segment: &Range<usize>,
    continues: bool,
) -> Option<Said> {
    let in_gap: Vec<&Mention> = inside(boxes, &gap).collect();
    let [only] = in_gap[..] else { return None };
    let written = only.written?;
    let between = &text[only.span.end..gap.end];
    let leads = continues || gap.start == 0 || sentence_end(&text[gap.start..only.span.start]) > 0;
    let is_near = sentence_end(between) == 0
        && Regex::is_match(&IN, between)
        && !between.contains([':', '=']);
    let next = inside(boxes, segment).next();
    let follows = next.is_some_and(|next| {
        sentence_end(&text[segment.start..next.span.start]) == 0
            && text[segment.start..next.span.start].contains([':', '='])
    });
    (leads && is_near && !follows).then_some(Said::Box(written))
}

static IN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:in|for|during|across|throughout|at|from)\b|在|\()[^\[\]]{0,20}$")
        .expect("the pattern is constant and tested")
});

fn inside<'a>(boxes: &'a [Mention], range: &'a Range<usize>) -> impl Iterator<Item = &'a Mention> {
    let start = boxes.partition_point(|found| found.span.start < range.start);
    boxes[start..].iter().take_while(|found| found.span.end <= range.end)
}

/// The end of a segment belongs to the next frame if its last sentence holds a box that is followed
/// by that frame's name.
fn without_next_sentence(text: &str, boxes: &[Mention], segment: Range<usize>) -> Range<usize> {
    let Some(last) = inside(boxes, &segment).last() else { return segment };
    let between = &text[last.span.end..segment.end];
    let sentence = segment.start + sentence_end(&text[segment.start..last.span.start]);
    let is_next = segment.end < text.len()
        && sentence > segment.start
        && sentence_end(between) == 0
        && IN.is_match(between);
    if is_next { segment.start..sentence } else { segment }
}

/// What is said of the last frame may be followed by tags, fences and closing words.
fn first_paragraph(words: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || "*_`:：=|".contains(c);
    let start = words.len() - words.trim_start_matches(blank).len();
    let end = ["\n\n", "</", "```"].iter().filter_map(|end| words[start..].find(end)).min();
    end.map_or(words, |end| &words[..start + end])
}

fn said_in(
    text: &str,
    boxes: &[Mention],
    segment: &Range<usize>,
    named_at: usize,
    previous: usize,
    same: Option<Said>,
) -> Option<Said> {
    let mut found = inside(boxes, segment);
    let words = &text[segment.clone()];
    if let Some(first) = found.next() {
        if is_example(&text[named_at..first.span.start]) {
            return None;
        }
        let is_other = |other: &Mention| {
            let numbers = |mention: &Mention| mention.written.map(|written| written.numbers);
            numbers(other) != numbers(first)
        };
        return Some(match first.written {
            Some(_) if found.any(is_other) => Said::Unreadable,
            Some(written) if is_nothing(&written) => Said::Absent,
            Some(written) => Said::Box(written),
            None => Said::Unreadable,
        });
    }
    if SAME.is_match(words) {
        return same;
    }
    // The name may stand at the end of its sentence: `It is not visible in frame 3.`
    let mut near = named_at.saturating_sub(NEAR).max(previous);
    while !text.is_char_boundary(near) {
        near += 1;
    }
    let sentence = near + sentence_end(text[near..named_at].trim_end());
    let around = &text[sentence..segment.end];
    if says_absent(words) || says_absent(around) {
        return Some(Said::Absent);
    }
    let words = first_paragraph(words);
    if says_absent(words) {
        return Some(Said::Absent);
    }
    let bare = words.trim_matches(|c: char| c.is_whitespace() || "*_`\"':：=|.,-".contains(c));
    if bare.is_empty() {
        return words.contains([':', '：', '=', '|']).then_some(Said::Absent);
    }
    // `Frame 3: behind the car`
    words
        .trim_start_matches(['*', '`', '"', ' ', '\''])
        .starts_with([':', '：', '=', '|'])
        .then_some(Said::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match read(text) {
            Ok(Some((frames, ..))) => {
                let shown = |(frame, said): &(u32, Said)| match said {
                    Said::Absent => format!("{frame}-"),
                    Said::Box(written) => format!("{frame}:{}", written.numbers[0]),
                    Said::Unreadable => format!("{frame}?"),
                };
                frames.iter().map(shown).collect::<Vec<_>>().join(" ")
            }
            Ok(None) => String::new(),
            Err(reason) => reason.name().to_owned(),
        }
    }

    #[test]
    fn frames_in_text() {
        for (text, wanted) in [
            ("- **Frame 0**: [1, 2, 3, 4]\n- **Frame 1**: not visible", "0:1 1-"),
            ("Frames 0-1: [1, 2, 3, 4]. Frames 2-3: the cart is gone.", "0:1 1:1 2- 3-"),
            (
                "The man stays at [1, 2, 3, 4] in frames 0 to 1. In frames 2 to 3 he is not visible.",
                "0:1 1:1 2- 3-",
            ),
            ("Frame 0: [1, 2, 3, 4]\nFrame 1: same as frame 0", "0:1 1:1"),
            ("In frame 0 the dog is at [1, 2, 3, 4], in frame 1 at [5, 6, 7, 8].", "0:1 1:5"),
            ("Frame 0:\n- x_min: 1\n- y_min: 2\n- x_max: 3\n- y_max: 4\nFrame 1: None", "0:1 1-"),
            ("Frame 0: [1, 2, 3]\nFrame 1: [5, 6, 7, 8]", "0? 1:5"),
            ("0: [1, 2, 3, 4]\n1: None", "0:1 1-"),
            ("Frame 0: [1, 2, 3, 4]; all other frames: absent", "0:1 1- 2- 3- 4- 5- 6- 7- 8- 9-"),
            ("Frame 0: [1, 2, 3, 4]\nFrame 1: -\n\nLet me know if you need more!", "0:1 1-"),
            ("| Frame 0 | [1, 2, 3, 4] |\n| Frame 1 | None |", "0:1 1-"),
            ("The dog is on the left in frame 3.", ""),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
