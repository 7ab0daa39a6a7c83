//! From a raw answer to its reading.

use std::ops::Range;

use avibench_protocol::Family;

use crate::declined::without_declining;
use crate::family;
use crate::text::refusal::refusal;
use crate::text::sentences::{Sentence, sentences};
use crate::text::{breaks_off_aloud, trimmed, unwrapped, visible};
use crate::{Evidence, Question, Read, Reader, Reading, ReadingRule, Unread, Value};

/// Version of the reading rules. A stored reading by rules of another version is made anew.
pub const RULES_VERSION: u32 = 2;

/// Bare answers longer than this are no label.
const BARE_BYTES: usize = 200;

/// Longer answers are not searched for excuses.
const EXCUSE_BYTES: usize = 4_000;

/// The option of those that cannot tell.
const NOT_SURE: &str = "not sure";

/// More alternatives than this are not kept as evidence.
const SEEN: usize = 8;

/// What a family finds in the visible part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// The value, or why there is none.
    pub(crate) read: Read,
    /// Where it stands.
    pub(crate) rule: ReadingRule,
    /// Bytes of the visible text, which are those of the raw answer.
    pub(crate) span: Option<Range<usize>>,
    /// Alternatives that were not taken.
    pub(crate) seen: Vec<String>,
}

impl Found {
    pub(crate) fn value(value: Value, rule: ReadingRule, span: Range<usize>) -> Self {
        Self { read: Read::Value(value), rule, span: Some(span), seen: Vec::new() }
    }

    pub(crate) fn unread(reason: Unread) -> Self {
        let (read, rule) = (Read::Unread(reason), ReadingRule::Nothing);
        Self { read, rule, span: None, seen: Vec::new() }
    }

    /// The same with white space cut from the ends of its span. In the visible text blanks stand for
    /// thinking, so that a span which begins or ends with them may cut a character of the raw answer.
    fn without_blanks(mut self, text: &str) -> Self {
        self.span = self.span.and_then(|span| {
            let inner = trimmed(text.get(span.clone())?);
            Some(span.start + inner.start..span.start + inner.end).filter(|span| !span.is_empty())
        });
        self
    }

    pub(crate) fn seen(mut self, seen: Vec<String>) -> Self {
        self.seen = seen;
        self
    }
}

/// Reads an answer by rules. The same answer to the same question is always read the same way, and
/// time is linear in the length of the answer.
#[must_use]
pub fn read(question: &Question<'_>, raw: &str) -> Reading {
    let family = question.folder.family();
    let (found, bare) = match visible(raw) {
        Err(_) => (Found::unread(Unread::CutOff), None),
        Ok(text) => {
            let found = match family {
                Family::FullMatch => {
                    steadfast(&text, |text| family::read_full_match(question, text))
                }
                Family::SetMatch => steadfast(&text, |text| family::read_set(question, text)),
                Family::Instances => family::read_counts(question, &text),
                Family::Boxes => family::read_boxes(question, &text),
                Family::FrameBoxes => family::read_frames(question, &text),
                Family::Retrieval => family::read_indices(question, &text),
                Family::Caption => family::read_caption(question, &text),
            };
            let bare = (family == Family::FullMatch).then(|| bare(&text)).flatten();
            (without_excuses(found, &text).without_blanks(&text), bare)
        }
    };
    let mut seen = found.seen;
    seen.truncate(SEEN);
    let reader = Reader::Rules { version: RULES_VERSION, rule: found.rule };
    Reading { read: found.read, bare, evidence: Evidence { reader, span: found.span, seen } }
}

/// What `rules` find in a text, if they find the same without the sentences that decline at its
/// beginning and its end. A refusal beside `the answer is 不是， Not sure`, which is not read when it
/// stands alone, does not turn it into a no.
fn steadfast(text: &str, rules: impl Fn(&str) -> Found) -> Found {
    let found = rules(text);
    let Read::Value(value) = &found.read else { return found };
    // `It is unclear` declines and says what was asked for, if `not sure` is an option.
    let is_unsure = matches!(value, Value::Option(option) if option == NOT_SURE);
    let kept = found.span.clone().filter(|_| is_unsure).unwrap_or_default();
    let holds = |rest: &str| !breaks_off_aloud(rest) && rules(rest).read == found.read;
    if without_declining(text, &kept).is_some_and(|rests| rests.into_iter().all(holds)) {
        found
    } else {
        Found::unread(Unread::Refused).seen(found.seen)
    }
}

/// `I hear nothing, so I can give no indices` is no deliberate empty answer. An explicit `[]` is one,
/// whatever stands around it.
fn without_excuses(found: Found, text: &str) -> Found {
    let is_explicit = matches!(
        found.rule,
        ReadingRule::Whole | ReadingRule::Container | ReadingRule::Tagged | ReadingRule::Boxed
    );
    // A statement beside an excuse names things in passing: `a dog could tell you, I cannot`.
    let in_passing = found.rule == ReadingRule::Statement;
    let is_empty = match &found.read {
        Read::Value(Value::Indices(indices)) => indices.is_empty() || in_passing,
        Read::Value(Value::Counts(counts)) => counts.named.is_empty() || in_passing,
        Read::Value(Value::Boxes(boxes)) => boxes.boxes.is_empty(),
        _ => false,
    };
    if is_loop(&found.read, text) {
        return Found::unread(Unread::CutOff).seen(found.seen);
    }
    let declines = |sentence: &Sentence| refusal(&text[sentence.span.clone()]).is_some();
    if is_empty
        && !is_explicit
        && text.len() <= EXCUSE_BYTES
        && sentences(text).iter().any(declines)
    {
        return Found::unread(Unread::Refused).seen(found.seen);
    }
    found
}

/// Whether an answer repeats its indices without end: `[0, 1, 0, 1, 0, 1,`.
fn is_loop(read: &Read, text: &str) -> bool {
    let Read::Value(Value::Indices(indices)) = read else { return false };
    let is_open = text.trim_start().starts_with('[') && !text.contains(']');
    is_open && text.matches(',').count() > 3 * indices.len().max(1)
}

/// The whole answer to a full-match question without thinking and decoration, if it is short.
pub(crate) fn bare_of(question: &Question<'_>, raw: &str) -> Option<String> {
    let is_full_match = question.folder.family() == Family::FullMatch;
    bare(&visible(raw).ok().filter(|_| is_full_match)?)
}

/// The whole answer without decoration around it.
fn bare(text: &str) -> Option<String> {
    let bare = unwrapped(text);
    (!bare.is_empty() && bare.len() <= BARE_BYTES).then(|| bare.to_owned())
}
