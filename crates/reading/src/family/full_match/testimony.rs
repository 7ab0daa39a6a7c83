//! Where in an answer something is said, and what the whole of it comes to.

use std::ops::Range;
use std::sync::LazyLock;

use crate::ReadingRule;
use crate::text::{Pattern, pattern};

/// Something said at a place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Testimony<T> {
    pub(crate) value: T,
    pub(crate) rule: ReadingRule,
    pub(crate) span: Range<usize>,
}

impl<T> Testimony<T> {
    pub(crate) fn new(value: T, rule: ReadingRule, span: Range<usize>) -> Self {
        Self { value, rule, span }
    }
}

/// Words with which a text takes back what it said before.
static CORRECTS: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\.\.\.|…|—|–)\s*no\b,?|\b(?:(?:no,? )?(?:sorry,? )?i mean|(?:no,? )?(?:sorry,? )?i meant|wait|actually|correction|on second thoughts?|scratch that|let me re\w*|i was wrong|i made (?:a|an) (?:mistake|error)|my mistake|(?:no|oh|ah),? sorry|sorry,? (?:i|it|that)|i take that back",
        r"|re-?evaluat\w*|reconsider\w*|looking again|(?:on|at) (?:a )?(?:closer|second|another) (?:look|inspection|listen|listening|glance|hearing|thought)|looking closer|on closer|but look|at first|at first glance|i mixed|i mixed up|i misread|i misheard|i misspoke|i confused|or rather|make that|no wait|strike that|oops|hold on|hang on|to correct myself|listening again|checking again)\b|不对[，,]|等等|更正",
    ))
});

/// Whether a text takes back what it said before: `Yes. Wait, no.`
pub(crate) fn corrects(text: &str) -> bool {
    CORRECTS.is_match(text)
}

/// The byte behind the last words with which a sentence corrects itself: 15 of `The cello, wait, the
/// flute`.
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
    let Some(other) = said.iter().rfind(|other| other.value != last.value) else {
        return Some(last.clone());
    };
    let between = other.span.end.min(last.span.start)..last.span.end.max(other.span.end);
    corrects(text.get(between)?).then(|| last.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: u8, span: Range<usize>) -> Testimony<u8> {
        Testimony::new(value, ReadingRule::Statement, span)
    }

    #[test]
    fn the_last_of_several_counts_only_after_a_correction() {
        let corrected = "red. Wait, blue.";
        assert_eq!(settled(corrected, &[said(1, 0..3), said(2, 11..15)]), Some(said(2, 11..15)));
        let plain = "red. And so blue.";
        assert_eq!(settled(plain, &[said(1, 0..3), said(2, 12..16)]), None);
        assert_eq!(settled(plain, &[said(1, 0..3), said(1, 12..16)]), Some(said(1, 12..16)));
        assert_eq!(settled::<u8>(plain, &[]), None);
    }

    #[test]
    fn words_of_correction_are_found() {
        for text in ["Yes. Wait, no", "Looking again, no", "Oops", "是，不对，否"] {
            assert!(corrects(text), "{text}");
        }
        assert!(!corrects("Yes, the dog waits"));
        assert_eq!(after_correction("The cello, wait, the flute"), Some(15));
    }
}
