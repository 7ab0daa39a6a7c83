//! Sentences that decline, at the beginning and at the end of an answer.
//!
//! `I'm sorry, but I cannot hear the audio.` says nothing to the question. An answer that is read
//! otherwise with such a sentence than without it is therefore not read at all.

use std::ops::Range;

use crate::text::refusal::{Refusal, refusal};
use crate::text::sentences::{Sentence, sentences};

/// An answer that declines more often, at its beginning and its end together, is not read.
const MOST: usize = 6;

/// What is left of `text` if sentences that decline at its beginning, at its end, or at both, are left
/// out, one, two, or all of them. A sentence that cannot tell stays if it reaches into the bytes
/// `kept`. `None` if there are more than six of them. Of `No audio was provided. Yes. I cannot tell.` it
/// leaves `No audio was provided. Yes.`, `Yes. I cannot tell.` and `Yes.`
pub(crate) fn without_declining<'a>(text: &'a str, kept: &Range<usize>) -> Option<Vec<&'a str>> {
    let sentences = sentences(text);
    if sentences.len() < 2 {
        return Some(Vec::new());
    }
    let declines = |Sentence { span, .. }: &&Sentence| match refusal(&text[span.clone()]) {
        Some(Refusal::Declines) => true,
        Some(Refusal::CannotTell) => span.end <= kept.start || span.start >= kept.end,
        None => false,
    };
    let first = sentences.iter().take(MOST + 1).take_while(declines).count();
    let last = sentences.iter().rev().take(MOST + 1).take_while(declines).count();
    if first + last > MOST {
        return None;
    }
    let mut rests = Vec::new();
    for (begin, end) in (0..=first).flat_map(|begin| (0..=last).map(move |end| (begin, end))) {
        // Of sentences that all decline, one is left.
        let is_some_left = begin + end < sentences.len();
        if begin + end > 0 && is_some_left {
            let from = sentences[..begin].last().map_or(0, |cut| cut.span.end);
            let until = sentences[sentences.len() - end..].first();
            rests.push(&text[from..until.map_or(text.len(), |cut| cut.span.start)]);
        }
    }
    Some(rests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_without_declining_is_every_rest() {
        for (text, value, wanted) in [
            ("Yes.", "Yes", Some(vec![])),
            ("I cannot hear the audio.", "audio", Some(vec![])),
            ("I cannot hear the audio. Yes.", "Yes", Some(vec![" Yes."])),
            (
                "No audio was provided. I cannot tell.",
                "",
                Some(vec!["No audio was provided. ", " I cannot tell."]),
            ),
            ("Yes.\nI cannot tell.", "Yes", Some(vec!["Yes.\n"])),
            (
                "No audio was provided. Yes. I cannot tell.",
                "Yes",
                Some(vec!["No audio was provided. Yes. ", " Yes. I cannot tell.", " Yes. "]),
            ),
            ("Yes. I cannot tell. Really.", "Yes", Some(vec![])),
            ("No audio was provided. Not sure.", "Not sure", Some(vec![" Not sure."])),
        ] {
            let start = text.find(value).unwrap();
            let kept = start..start + value.len();
            assert_eq!(without_declining(text, &kept), wanted, "{text}");
        }
        assert_eq!(without_declining(&"I cannot tell. ".repeat(7), &(0..0)), None);
    }
}
