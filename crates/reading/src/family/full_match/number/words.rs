//! Words around numbers.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::word_list::{WordList, parsed};

/// The lists of `data/counting.toml`, where each is described.
#[derive(Deserialize)]
pub(super) struct CountingWords {
    pub(super) units: WordList,
    pub(super) labels: WordList,
    pub(super) ordinals: WordList,
    pub(super) times: WordList,
    pub(super) classifiers: WordList,
    pub(super) no_counting: WordList,
    pub(super) expecting: WordList,
    pub(super) behind_pronoun: WordList,
    pub(super) before_pronoun: WordList,
    pub(super) behind_noun: WordList,
    pub(super) adjectives: WordList,
}

pub(super) static WORDS: LazyLock<CountingWords> =
    LazyLock::new(|| parsed(include_str!("../../../../data/counting.toml")));
