//! Where in an answer something is said, and what the whole of it comes to.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::ReadingRule;

/// Something said at a place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Testimony<T> {
    pub(crate) value: T,
    pub(crate) rule: ReadingRule,
    pub(crate) span: Range<usize>,
}

/// Words with which a text takes back what it said before.
static CORRECTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\.\.\.|…|—|–)\s*no\b,?|\b(?:(?:no,? )?(?:sorry,? )?i mean|(?:no,? )?(?:sorry,? )?i meant|wait|actually|correction|on second thoughts?|scratch that|let me re\w*|i was wrong|i made (?:a|an) (?:mistake|error)|my mistake|(?:no|oh|ah),? sorry|sorry,? (?:i|it|that)|i take that back",
        r"|re-?evaluat\w*|reconsider\w*|looking again|(?:on|at) (?:a )?(?:closer|second|another) (?:look|inspection|listen|listening|glance|hearing|thought)|looking closer|on closer|but look|at first|at first glance|i mixed|i mixed up|i misread|i misheard|i misspoke|i confused|or rather|make that|no wait|strike that|oops|hold on|hang on|to correct myself|listening again|checking again)\b|不对[，,]|等等|更正",
    ))
    .expect("the pattern is constant")
});

/// Whether a text takes back what it said before.
pub(crate) fn corrects(text: &str) -> bool {
    CORRECTS.is_match(text)
}

/// The byte behind the last words with which a sentence corrects itself.
pub(crate) fn after_correction(sentence: &str) -> Option<usize> {
    CORRECTS.find_iter(sentence).last().map(|found| found.end()).filter(|end| *end < sentence.len())
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
            let between = other.span.end.min(last.span.start)..last.span.end.max(other.span.end);
            corrects(text.get(between)?).then(|| last.clone())
        }
    }
}
