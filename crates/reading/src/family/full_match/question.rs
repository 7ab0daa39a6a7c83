//! What a question asks about.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::statement::{is_sound, subordinates};
use crate::text::numbers::number_at;
use crate::text::word_list::{WordList, parsed};
use crate::text::words::{Word, is_glued, stem, words};

#[derive(Deserialize)]
struct QuestionWords {
    empty: WordList,
    no_comparatives: WordList,
    about: AboutWords,
}

#[derive(Deserialize)]
struct AboutWords {
    r#match: WordList,
    visible: WordList,
    sounding: WordList,
}

static WORDS: LazyLock<QuestionWords> =
    LazyLock::new(|| parsed(include_str!("../../../data/question.toml")));

/// What is asked, in stems.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Stems of the words with content, in order, each once.
    pub(crate) content: Vec<String>,
    /// All words in lower case.
    pub(crate) words: Vec<String>,
    /// Words that compare: `louder`.
    pub(crate) comparatives: Vec<String>,
    /// Numbers that the question names, the word `one` only behind `than`, `just` and the like.
    pub(crate) numbers: Vec<u64>,
    /// What kind of thing is asked.
    pub(crate) about: About,
}

/// What kind of thing a yes/no question asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum About {
    /// Whether something is to be seen.
    Visible,
    /// Whether something is to be heard.
    Sounding,
    /// Whether sound and picture belong together.
    Match,
    /// Anything else.
    #[default]
    Other,
}

impl Asked {
    /// What the text of a question asks. Prompts may stand before the question, so that the last
    /// sentence counts.
    pub(crate) fn new(text: &str) -> Self {
        let text = last_question(text);
        let found = words(text);
        let all: Vec<String> = found.iter().map(|word| word.text.clone()).collect();
        let mut known = HashSet::new();
        let content = all
            .iter()
            .filter(|word| !WORDS.empty.has(word))
            .map(|word| stem(word))
            .filter(|stem| known.insert(stem.clone()))
            .collect();
        let comparatives = all.iter().filter(|word| is_comparative(word)).cloned().collect();
        let numbers = asked_numbers(text, &found);
        let about = about(&all);
        Self { content, words: all, comparatives, numbers, about }
    }

    /// The same without the words of the options, which questions often name.
    pub(crate) fn without(mut self, options: &[String]) -> Self {
        let named: BTreeSet<String> =
            options.iter().flat_map(|option| words(option)).map(|word| stem(&word.text)).collect();
        self.content.retain(|stem| !named.contains(stem));
        self
    }

    /// Whether the question uses a word of this stem.
    pub(crate) fn mentions(&self, stem: &str) -> bool {
        self.content.iter().any(|known| known == stem)
    }

    /// Whether the question uses this word.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    /// Whether the question has these words one after the other: `how`, `many`.
    pub(crate) fn has_pair(&self, first: &str, second: &str) -> bool {
        self.behind_pair(first, second).is_some()
    }

    /// The number of the word behind these two.
    pub(crate) fn behind_pair(&self, first: &str, second: &str) -> Option<usize> {
        let at = self.words.windows(2).position(|pair| pair[0] == first && pair[1] == second)?;
        Some(at + 2)
    }

    /// How many of the question's words with content are among `stems`.
    pub(crate) fn overlap(&self, stems: &BTreeSet<String>) -> usize {
        self.content.iter().filter(|known| stems.contains(*known)).count()
    }

    /// How many of the question's words with content are said, in any form.
    pub(crate) fn overlap_with(&self, words: &[Word]) -> usize {
        self.overlap(&words.iter().map(|word| stem(&word.text)).collect())
    }
}

/// What the main clause of a question asks about.
fn about(words: &[String]) -> About {
    let cut = words.iter().position(|word| subordinates(word)).unwrap_or(words.len());
    let main = &words[..cut];
    let names = |list: &[&str]| main.iter().any(|word| list.contains(&word.as_str()));
    let has_both_sides = names(&["sound", "audio", "sounds", "video", "picture", "image"]);
    if WORDS.about.r#match.has_any_text(main) && has_both_sides {
        About::Match
    } else if WORDS.about.visible.has_any_text(main) {
        About::Visible
    } else if WORDS.about.sounding.has_any_text(main) || main.iter().any(|word| is_sound(word)) {
        About::Sounding
    } else {
        About::Other
    }
}

/// The numbers that a question names. The word `one` is a pronoun unless a word before it compares.
fn asked_numbers(text: &str, found: &[Word]) -> Vec<u64> {
    let word = |at: usize| found.get(at).map_or("", |word| word.text.as_str());
    let compares = |at: usize| {
        at.checked_sub(1).is_some_and(|before| {
            matches!(word(before), "than" | "just" | "only" | "exactly" | "least")
        })
    };
    (0..found.len())
        .filter(|&at| word(at) != "one" || compares(at))
        .filter_map(|at| number_at(text, found, at)?.value)
        .collect()
}

/// The last sentence that asks, or the whole text if it is too short for one: `... (0-10)?`
fn last_question(text: &str) -> &str {
    let trimmed = text.trim_end();
    let Some(end) = trimmed.rfind(['?', '？']) else { return trimmed };
    let before = &trimmed[..end];
    let start = before
        .rfind(['.', '!', '?', '\n', '。', '？'])
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    // A short rest would be no question: `... (0-10)?`
    if before[start..].split_whitespace().count() >= 2 || before[start..].chars().any(is_glued) {
        &trimmed[start..end]
    } else {
        trimmed
    }
}

/// Whether a word compares: `louder`, `more`.
fn is_comparative(word: &str) -> bool {
    (word.len() > 4 && word.ends_with("er") && !WORDS.no_comparatives.has(word))
        || matches!(word, "more" | "less" | "worse")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_ask_about_what_is_seen_heard_or_matched() {
        for (question, wanted) in [
            ("Is the whale visible in the video?", About::Visible),
            ("Is the dog barking?", About::Sounding),
            ("Do the sound and the picture match?", About::Match),
            ("Was the door closed when it rang?", About::Other),
        ] {
            assert_eq!(Asked::new(question).about, wanted, "{question}");
        }
    }

    #[test]
    fn the_last_sentence_asks_with_stems_comparatives_and_numbers() {
        let asked = Asked::new("Watch the clip. Is one sound louder than two drums?");
        assert_eq!(asked.content, ["sound", "loud", "drum"]);
        assert_eq!(asked.comparatives, ["louder"]);
        assert_eq!(asked.numbers, [2]);
        assert!(asked.has_pair("than", "two") && !asked.has("watch"));
    }
}
