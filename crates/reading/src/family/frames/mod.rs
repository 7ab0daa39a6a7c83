//! AVLG: one box for each of ten frames, `{'frame_0': [0.1, 0.2, 0.3, 0.4], 'frame_1': None}`.

mod numbering;
mod prose;
mod values;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::box_numbers::{
    Written, choose, declines, is_garbled, plain, said, says_absent, settled, stated,
};
use crate::read::Found;
use crate::{FrameBox, Question, ReadingRule, Unread, Value};

/// Frames 0 to 9 are asked for.
const FRAMES: u32 = 10;

/// Longer answers without a box are no statements about all frames.
const LONG: usize = 2_000;

/// What an answer says of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    Absent,
    Box(Written),
    Unreadable,
}

/// What is said of frames, by the numbers that the answer gives them.
type Frames = Vec<(u32, Said)>;

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let (plain, tokens) = plain(text);
    let found = match of_values(question, &plain) {
        Ok(None) => prose::read(&plain),
        found => found,
    };
    let (frames, span, rule) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return without_boxes(text),
        Err(reason) => return Found::unread(reason),
    };
    let Some(frames) = by_frame(frames) else { return Found::unread(Unread::NothingFound) };
    let is_box = |said: &Said| matches!(said, Said::Box(_));
    // Placeholders in every frame are no answer.
    if frames.values().any(|said| *said == Said::Unreadable) && !frames.values().any(is_box) {
        return Found::unread(Unread::NothingFound);
    }
    let mut written: Vec<Written> = frames
        .values()
        .filter_map(|said| match said {
            Said::Box(written) => Some(*written),
            Said::Absent | Said::Unreadable => None,
        })
        .collect();
    let convention = settled(&mut written, tokens.or(said(text)));
    let mut numbers = written.into_iter().map(|written| written.numbers);
    let frames = frames.into_iter().map(|(frame, said)| {
        let found = match said {
            Said::Absent => FrameBox::Absent,
            Said::Unreadable => FrameBox::Unreadable,
            Said::Box(_) => numbers.next().map_or(FrameBox::Unreadable, FrameBox::Box),
        };
        (frame, found)
    });
    Found::value(Value::Frames(frames.collect(), convention), rule, span)
}

type Candidate = (Frames, Range<usize>, ReadingRule);

fn of_values(question: &Question<'_>, text: &str) -> Result<Option<Candidate>, Unread> {
    let found = stated(text, |container| {
        let found = values::frames(&container.node, question.text);
        if is_garbled(&container.node) {
            // Text is read without regard to quotes.
            let read = prose::read(&text[container.node.span.clone()]);
            if let Ok(Some((frames, ..))) = read
                && found.as_ref().is_none_or(|found| found.len() < frames.len())
            {
                return Some(
                    frames.into_iter().map(|(frame, said)| (frame, false, said)).collect(),
                );
            }
        }
        found
    });
    if found.is_empty() {
        return Ok(None);
    }
    let is_nothing = found.iter().all(|value| value.value.is_empty());
    if is_nothing && (declines(text) || text.split_whitespace().count() > 20) {
        return Ok(None);
    }
    let (chosen, rule) = choose(text, found)?;
    let (Some(first), Some(last)) = (chosen.first(), chosen.last()) else { return Ok(None) };
    let span = first.span.start..last.span.end;
    let is_cut_off = chosen.iter().any(|value| !value.closed);
    let numbered = chosen.into_iter().flat_map(|value| value.value).collect();
    let Some(mut frames) = values::named(numbered) else { return Ok(None) };
    if is_cut_off && !frames.is_empty() {
        // What the answer would have said of the frames after it broke off is not known.
        let last = frames.iter().map(|(frame, _)| *frame).max().unwrap_or(0);
        frames.extend((last + 1..FRAMES).map(|frame| (frame, Said::Unreadable)));
    }
    Ok(Some((frames, span, rule)))
}

/// Frames from 0, each with the one thing that is said of it; `None` if it cannot be told where the
/// answer starts to count.
fn by_frame(frames: Frames) -> Option<BTreeMap<u32, Said>> {
    let numbers = || frames.iter().map(|(frame, _)| *frame);
    let (first, last) = (numbers().min().unwrap_or(0), numbers().max().unwrap_or(0));
    let offset = match (first, last) {
        (_, 0..FRAMES) | (0, _) => 0,
        (1.., FRAMES) => 1,
        _ => return None,
    };
    let mut by_frame: BTreeMap<u32, Said> = BTreeMap::new();
    for (frame, said) in frames {
        let frame = frame - offset;
        if frame >= FRAMES {
            continue;
        }
        by_frame
            .entry(frame)
            .and_modify(|known| {
                // Two boxes for one frame: which is meant cannot be told.
                let bits = |said| match said {
                    Said::Box(written) => Some(written.numbers.map(f64::to_bits)),
                    Said::Absent | Said::Unreadable => None,
                };
                let is_same_box = bits(said).is_some() && bits(*known) == bits(said);
                if *known != said && !is_same_box {
                    *known = Said::Unreadable;
                }
            })
            .or_insert(said);
    }
    Some(by_frame)
}

/// An answer without a box: it may say that the object is nowhere.
fn without_boxes(text: &str) -> Found {
    static NOWHERE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)\b(?:in|on) (?:no|none of the|neither of the)(?: \w+){0,2} frames?\b|\bnone of the (?:\w+ )?frames\b|\bno frames? (?:shows?|contains?|has|have)\b",
            r"|\b(?:any|all|every|each)(?: one)?(?: of)?(?: the| these)?(?: ten| 10| given| provided| sampled| video)? frames?\b|\bthroughout\b|\bin the (?:entire |whole )?(?:video|clip|footage)\b|\bat any (?:point|time)\b|所有帧|任何一?帧|每一帧|整个视频",
        ))
        .expect("the pattern is constant and tested")
    });
    static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:i|i['’]m|we)\b|sorry|apolog|我|抱歉|对不起")
            .expect("the pattern is constant and tested")
    });
    if text.len() > LONG {
        return Found::unread(if declines(text) { Unread::Refused } else { Unread::NothingFound });
    }
    if PERSONAL.is_match(text) {
        let reason = if declines(text) { Unread::Refused } else { Unread::NothingFound };
        return Found::unread(reason);
    }
    let is_nowhere = NOWHERE.find(text).is_some_and(|nowhere| {
        let is_denied = ["in no", "in none", "none of", "no frame", "on no"];
        let said = nowhere.as_str().to_lowercase();
        says_absent(text) || is_denied.iter().any(|denied| said.starts_with(denied))
    });
    if !is_nowhere || text.split_whitespace().count() > 40 {
        let reason = if declines(text) { Unread::Refused } else { Unread::NothingFound };
        return Found::unread(reason);
    }
    let frames = (0..FRAMES).map(|frame| (frame, FrameBox::Absent)).collect();
    Found::value(
        Value::Frames(frames, crate::Convention::default()),
        ReadingRule::Statement,
        0..text.len(),
    )
}
