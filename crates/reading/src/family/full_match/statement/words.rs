//! Words by which a statement says something.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::word_list::{Opposites, WordList, parsed};
use crate::text::words::{Word, stem};

/// The lists of `data/statement.toml`, where each is described, with their stems.
#[derive(Deserialize)]
pub(super) struct StatementWords {
    pub(super) seen: WordList,
    pub(super) unseen: WordList,
    heard: WordList,
    making: WordList,
    pub(super) unheard: WordList,
    pub(super) matched: WordList,
    pub(super) mismatched: WordList,
    pub(super) hedges: WordList,
    pub(super) equal: WordList,
    pub(super) opposites: Opposites,
    #[serde(skip)]
    pub(super) seen_stems: HashSet<String>,
    #[serde(skip)]
    heard_stems: HashSet<String>,
    #[serde(skip)]
    pub(super) making_stems: HashSet<String>,
    #[serde(skip)]
    pub(super) matched_stems: HashSet<String>,
}

pub(super) static WORDS: LazyLock<StatementWords> = LazyLock::new(|| {
    let words: StatementWords = parsed(include_str!("../../../../data/statement.toml"));
    let stems = |list: &WordList| list.iter().map(stem).collect::<HashSet<_>>();
    StatementWords {
        seen_stems: stems(&words.seen),
        heard_stems: stems(&words.heard),
        making_stems: &stems(&words.heard) | &stems(&words.making),
        matched_stems: stems(&words.matched),
        ..words
    }
});

/// Whether a word tells of a sound, or of silence.
pub(in crate::family::full_match) fn is_sound(word: &str) -> bool {
    WORDS.heard.has(word) || WORDS.unheard.has(word)
}

/// Whether a word is a form of one that tells of a sound: `barked`.
pub(super) fn is_heard(word: &Word) -> bool {
    WORDS.heard.has(&word.text) || WORDS.heard_stems.contains(&stem(&word.text))
}

/// Whether a subordinate clause begins with a word: `when the bell rang`.
pub(in crate::family::full_match) fn subordinates(word: &str) -> bool {
    matches!(word, "when" | "while" | "after" | "before" | "because" | "until" | "as")
}
