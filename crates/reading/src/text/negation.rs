//! Which words deny, and how far a denial reaches.

use std::sync::LazyLock;

use serde::Deserialize;

use super::word_list::{WordList, parsed};
use super::words::Word;

#[derive(Deserialize)]
struct Denials {
    negators: WordList,
    scope_ends: WordList,
}

static DENIALS: LazyLock<Denials> =
    LazyLock::new(|| parsed(include_str!("../../data/negation.toml")));

/// Whether a word denies what follows it: `not`, `isn't`, `nicht`.
pub(crate) fn is_negator(word: &str) -> bool {
    word.ends_with("n't") || DENIALS.negators.has(word)
}

/// Whether a denial ends at a word: `not the red one but the blue one`.
pub(crate) fn ends_scope(word: &str) -> bool {
    DENIALS.scope_ends.has(word)
}

/// Whether the negator at word `at` is taken back by the words after it: `no doubt`, `not only`.
pub(crate) fn is_idiom(words: &[Word], at: usize) -> bool {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    matches!(
        (text(at), text(at + 1), text(at + 2)),
        (
            "no",
            "doubt"
                | "question"
                | "wonder"
                | "surprise"
                | "mistake"
                | "mistaking"
                | "denying"
                | "problem"
                | "less",
            _
        ) | ("no", "other", "than")
            | ("not", "only" | "just" | "merely" | "simply", _)
            | ("without", "doubt" | "question" | "fail", _)
            | ("without", "a" | "any", "doubt")
            | ("nothing", "but", _)
    )
}

/// How many words deny, idioms aside.
pub(crate) fn denials(words: &[Word]) -> usize {
    (0..words.len()).filter(|&at| is_negator(&words[at].text) && !is_idiom(words, at)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::words;

    #[test]
    fn denials_are_counted_without_idioms() {
        for (text, wanted) in [
            ("it is not there", 1),
            ("no doubt, it barks", 0),
            ("it doesn't bark, nor does it howl", 2),
            ("not only the dog", 0),
            ("without any doubt no dog", 1),
            ("nothing but the cat", 0),
            ("kein Hund", 1),
        ] {
            assert_eq!(denials(&words(text)), wanted, "{text}");
        }
        assert!(ends_scope("but"));
    }
}
