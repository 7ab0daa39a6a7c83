//! Options that are only words in passing.

use super::Reader;
use crate::family::full_match::choices::{Mention, folded};
use crate::text::words::Word;

impl Reader<'_> {
    /// Whether an option is only a word in passing: the noun `sound` of `the sound of a drum`, the
    /// adjective `right` of `the right answer`.
    pub(super) fn is_passing(&self, sentence: &str, words: &[Word], mention: &Mention) -> bool {
        let name = folded(&self.choices.options[mention.option]);
        let word = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        let said = &words[mention.words.clone()];
        let said = if said.len() == 1 { said[0].text.as_str() } else { "" };
        let before = mention.words.start.checked_sub(1).map_or("", word);
        let after = word(mention.words.end);
        match name.as_str() {
            "sound" => said != "sound" || is_noun(before, after),
            "first" | "last" if matches!(said, "first" | "last" | "second" | "final" | "end") => {
                before == "at" || is_enumerated(after) || is_first_step(sentence)
            }
            "right" => said == "right" && is_adjective(after),
            "clear" => {
                before == "it's"
                    || before == "clearly"
                    || (said == "clear" && matches!(after, "that" | "from" | "in" | "to"))
            }
            "left" => {
                matches!(before, "is" | "are" | "he" | "she" | "has")
                    && matches!(after, "with" | "out" | "over")
            }
            _ => false,
        }
    }
}

/// `the sound of a drum`, but not `the sound comes first`.
fn is_noun(before: &str, after: &str) -> bool {
    let has_article = matches!(
        before,
        "the" | "a" | "first" | "last" | "second" | "this" | "each" | "no" | "any" | "of"
    );
    has_article && !matches!(after, "comes" | "is" | "came" | "first" | "last" | "precedes")
}

/// `the first of them`, `the last few seconds`.
fn is_enumerated(after: &str) -> bool {
    matches!(after, "of" | "let" | "i" | "we" | "few" | "seconds" | "frame" | "part" | "half")
}

/// `First, I listen.`
fn is_first_step(sentence: &str) -> bool {
    let start = sentence.trim_start();
    start.get(.."first,".len()).is_some_and(|start| start.eq_ignore_ascii_case("first,"))
}

/// `the right answer`, `right away`.
fn is_adjective(after: &str) -> bool {
    matches!(after, "answer" | "choice" | "option" | "away" | "now" | "after" | "before" | "one")
}
