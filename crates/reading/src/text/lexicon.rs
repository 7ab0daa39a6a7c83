//! Words that mean an answer, read once from the data files of this crate.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::word_list::{WordList, parsed};
use super::words::{Word, singular, texts};

#[derive(Deserialize)]
struct YesNoFile {
    yes: Vec<String>,
    no: Vec<String>,
    unsure: Vec<String>,
    yes_glued: Vec<String>,
    no_glued: Vec<String>,
    filler: WordList,
}

#[derive(Deserialize)]
struct NumbersFile {
    words: BTreeMap<String, u64>,
    glued: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct OptionsFile {
    aliases: BTreeMap<String, Vec<String>>,
    weak: BTreeMap<String, Vec<String>>,
}

/// What an answer says to a yes/no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Polarity {
    Yes,
    No,
    Unsure,
}

/// Phrases by their first word, longest first.
#[derive(Debug)]
pub(crate) struct Phrases<T> {
    by_first: HashMap<String, Vec<(Vec<String>, T)>>,
}

impl<T: Copy> Phrases<T> {
    /// A table of phrases; of equal phrases the first one counts.
    pub(crate) fn new<'a>(phrases: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        let mut by_first: HashMap<String, Vec<(Vec<String>, T)>> = HashMap::new();
        for (phrase, value) in phrases {
            let folded: Vec<String> =
                texts(phrase).iter().map(|word| singular(word).to_owned()).collect();
            let Some(first) = folded.first().cloned() else { continue };
            let list = by_first.entry(first).or_default();
            if !list.iter().any(|(known, _)| *known == folded) {
                list.push((folded, value));
            }
        }
        for list in by_first.values_mut() {
            list.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        Self { by_first }
    }

    /// The longest phrase that starts at word `at`, and how many words it has.
    pub(crate) fn at(&self, words: &[Word], at: usize) -> Option<(T, usize)> {
        let list = self.by_first.get(singular(&words.get(at)?.text))?;
        list.iter().find_map(|(phrase, value)| {
            let there = words.get(at..at + phrase.len())?;
            let same =
                there.iter().zip(phrase).all(|(word, wanted)| singular(&word.text) == wanted);
            same.then_some((*value, phrase.len()))
        })
    }
}

static YES_NO: LazyLock<YesNoFile> =
    LazyLock::new(|| parsed(include_str!("../../data/yes_no.toml")));

static NUMBERS: LazyLock<NumbersFile> =
    LazyLock::new(|| parsed(include_str!("../../data/numbers.toml")));

static OPTIONS: LazyLock<OptionsFile> =
    LazyLock::new(|| parsed(include_str!("../../data/options.toml")));

static YES_NO_PHRASES: LazyLock<Phrases<Polarity>> = LazyLock::new(|| {
    let of =
        |list: &'static [String], polarity| list.iter().map(move |word| (word.as_str(), polarity));
    Phrases::new(
        of(&YES_NO.unsure, Polarity::Unsure)
            .chain(of(&YES_NO.no, Polarity::No))
            .chain(of(&YES_NO.no_glued, Polarity::No))
            .chain(of(&YES_NO.yes, Polarity::Yes))
            .chain(of(&YES_NO.yes_glued, Polarity::Yes)),
    )
});

/// What the phrase that starts at word `at` says to a yes/no question, and how many words it has.
pub(crate) fn yes_no_at(words: &[Word], at: usize) -> Option<(Polarity, usize)> {
    YES_NO_PHRASES.at(words, at)
}

/// Whether a word before an answer says nothing: `Well, yes`.
pub(crate) fn is_filler(word: &str) -> bool {
    YES_NO.filler.has(word)
}

/// The value of a word that is a number in words: 12 of `twelve`.
pub(crate) fn number_word(word: &str) -> Option<u64> {
    NUMBERS.words.get(word).copied()
}

/// The value of a character of a script written without spaces.
pub(crate) fn glued_digit(word: &str) -> Option<u64> {
    NUMBERS.glued.get(word).copied()
}

/// Other words for an option, with whether they decide only where nothing else is said. `option` is
/// in lower case with `_` and `-` as spaces.
pub(crate) fn aliases(option: &str) -> impl Iterator<Item = (&'static str, bool)> + use<> {
    let of = |map: &'static BTreeMap<String, Vec<String>>, weak| {
        map.get(option).into_iter().flatten().map(move |alias| (alias.as_str(), weak))
    };
    of(&OPTIONS.aliases, false).chain(of(&OPTIONS.weak, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::words;

    #[test]
    fn the_longest_phrase_counts() {
        for (text, wanted) in [
            ("no", Some((Polarity::No, 1))),
            ("not at all", Some((Polarity::No, 3))),
            ("not sure", Some((Polarity::Unsure, 2))),
            ("of course not", Some((Polarity::No, 3))),
            ("of course", Some((Polarity::Yes, 2))),
            ("dog", None),
        ] {
            assert_eq!(yes_no_at(&words(text), 0), wanted, "{text}");
        }
        assert!(is_filler("well") && !is_filler("dog"));
    }

    #[test]
    fn options_have_other_words() {
        assert!(
            aliases("last")
                .any(|(alias, is_weak)| alias == "latter" || alias == "the latter" && !is_weak)
        );
        assert_eq!(aliases("no such option").count(), 0);
        assert_eq!((number_word("twelve"), glued_digit("三")), (Some(12), Some(3)));
    }
}
