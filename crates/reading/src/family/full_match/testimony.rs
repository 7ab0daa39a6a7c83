//! Where in an answer something is said, and what the whole of it comes to.

use std::ops::Range;

use crate::ReadingRule;

/// Something said at a place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Testimony<T> {
    pub(crate) value: T,
    pub(crate) rule: ReadingRule,
    pub(crate) span: Range<usize>,
}

/// Words with which a text takes back what it said before.
pub(crate) fn corrects(text: &str) -> bool {
    const WORDS: [&str; 18] = [
        "wait",
        "actually",
        "correction",
        "on second thought",
        "scratch that",
        "let me re",
        "i was wrong",
        "i made a mistake",
        "my mistake",
        "no, sorry",
        "i take that back",
        "re-evaluat",
        "reconsider",
        "looking again",
        "on closer",
        "不对",
        "but look",
        "at first",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// What several places of one kind come to: what all say, else the last one if the text corrects
/// itself before it. `None` if they differ.
pub(crate) fn settled<T: PartialEq + Clone>(
    text: &str,
    said: &[Testimony<T>],
) -> Option<Testimony<T>> {
    let last = said.last()?;
    let others: Vec<_> = said.iter().filter(|other| other.value != last.value).collect();
    match others.last() {
        None => Some(last.clone()),
        Some(other) => {
            let between = other.span.end.min(last.span.start)..last.span.start.max(other.span.end);
            corrects(text.get(between)?).then(|| last.clone())
        }
    }
}
