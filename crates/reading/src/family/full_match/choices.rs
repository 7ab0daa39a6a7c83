//! The options of a question, and where a text names them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::Deserialize;

use super::denial::deny;
use crate::text::lexicon::{Phrases, aliases};
use crate::text::word_list::{Opposites, WordList, parsed};
use crate::text::words::{Word, texts, words};

/// A longer text is no option, whatever it begins with.
const LONGEST_NAME: usize = 300;

/// The most option lists that are kept prepared; a data set has a few dozen.
const KEPT: usize = 1_000;

#[derive(Deserialize)]
struct ChoiceWords {
    trailing: WordList,
    leading: WordList,
    opposites: Opposites,
}

static WORDS: LazyLock<ChoiceWords> =
    LazyLock::new(|| parsed(include_str!("../../../data/choice.toml")));

/// What stands for one of several options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name {
    option: usize,
    /// It decides only where nothing else is said.
    is_weak: bool,
}

/// The options of a question with the words that stand for them.
#[derive(Debug)]
pub(crate) struct Choices {
    /// As ground truths spell them, each once.
    pub(crate) options: Vec<String>,
    /// The first option of each folded text.
    by_text: HashMap<String, usize>,
    names: Phrases<Name>,
}

/// An option named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Number of the option.
    pub(crate) option: usize,
    /// It decides only where nothing else is said.
    pub(crate) is_weak: bool,
    /// Its words.
    pub(crate) words: Range<usize>,
    /// Whether the text denies it or sets something against it: `not blue`, `than the last`.
    pub(crate) is_denied: bool,
}

type Cache = Mutex<HashMap<Vec<String>, Arc<Choices>>>;

static CACHE: LazyLock<Cache> = LazyLock::new(Cache::default);

/// The choices of an option list; equal lists share one table.
pub(crate) fn choices_of(options: &[String]) -> Arc<Choices> {
    // A panic elsewhere leaves the table as it was.
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = cache.get(options) {
        return Arc::clone(known);
    }
    let made = Arc::new(Choices::new(options));
    if cache.len() < KEPT {
        cache.insert(options.to_vec(), Arc::clone(&made));
    }
    made
}

/// Lower case with `_` and `-` as spaces.
pub(crate) fn folded(option: &str) -> String {
    texts(option).join(" ")
}

/// Whether a stem says the opposite of the one by which a question compares: `quiet` of `loud`.
pub(crate) fn opposes(wanted: &str, said: &str) -> bool {
    WORDS.opposites.iter().any(|(one, other)| {
        (one == wanted && said.starts_with(other)) || (wanted.starts_with(other) && said == one)
    })
}

impl Choices {
    fn new(options: &[String]) -> Self {
        let mut known = HashSet::new();
        let options: Vec<String> =
            options.iter().filter(|option| known.insert(*option)).cloned().collect();
        let folded: Vec<String> = options.iter().map(|option| folded(option)).collect();
        let mut by_text = HashMap::new();
        for (option, text) in folded.iter().enumerate() {
            by_text.entry(text.clone()).or_insert(option);
        }
        // The words of an option itself come first, then aliases that no other option shares.
        let exact = folded
            .iter()
            .enumerate()
            .map(|(option, text)| (text.as_str(), Name { option, is_weak: false }));
        let mut others: Vec<(&str, Name)> = Vec::new();
        let mut options_of: HashMap<&str, HashSet<&str>> = HashMap::new();
        for (option, text) in folded.iter().enumerate() {
            for (alias, is_weak) in aliases(text) {
                others.push((alias, Name { option, is_weak }));
                options_of.entry(alias).or_default().insert(text);
            }
        }
        others.retain(|(alias, _)| options_of[alias].len() == 1);
        let names = Phrases::new(exact.chain(others));
        Self { options, by_text, names }
    }

    /// The option that has this text: `folded` of `Bottom_left` is `bottom left`.
    pub(crate) fn has(&self, folded: &str) -> Option<usize> {
        self.by_text.get(folded).copied()
    }

    /// The option that a text is as a whole, articles and the noun after it aside: `The red one.`
    pub(crate) fn whole(&self, text: &str) -> Option<usize> {
        if text.len() > LONGEST_NAME {
            return None;
        }
        let words = words(text);
        let starts = (0..words.len()).find(|&at| {
            !WORDS.leading.has(&words[at].text) || self.names.at(&words, at).is_some()
        })?;
        let (name, count) = self.names.at(&words, starts)?;
        let rest = &words[starts + count..];
        // `Red. Red.`
        let repeats = !rest.is_empty()
            && self
                .names
                .at(rest, 0)
                .is_some_and(|(again, width)| again.option == name.option && width == rest.len());
        let only_trails = !name.is_weak && rest.iter().all(|word| WORDS.trailing.has(&word.text));
        (rest.is_empty() || only_trails || repeats).then_some(name.option)
    }

    /// How many options a list must name to repeat the question: three, or all if there are fewer.
    pub(crate) fn several(&self) -> usize {
        self.options.len().min(3)
    }
}

/// The options that a text names, from left to right; where names overlap, the longest counts.
pub(crate) fn mentions(choices: &Choices, text: &str, words: &[Word]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((Name { option, is_weak }, count)) = choices.names.at(words, at) else {
            at += 1;
            continue;
        };
        found.push(Mention { option, is_weak, words: at..at + count, is_denied: false });
        at += count;
    }
    deny(text, words, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(options: &[&str]) -> Arc<Choices> {
        choices_of(&options.iter().map(|option| (*option).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_text_is_an_option_with_articles_and_nouns_around_it() {
        let choices = choices(&["red", "blue", "bottom_left"]);
        for (text, wanted) in [
            ("Red.", Some(0)),
            ("the red one", Some(0)),
            ("It's blue", Some(1)),
            ("bottom-left corner", Some(2)),
            ("red red", Some(0)),
            ("red and blue", None),
            ("a dog", None),
            ("", None),
        ] {
            assert_eq!(choices.whole(text), wanted, "{text}");
        }
    }

    #[test]
    fn opposites_are_compared_by_their_stems() {
        assert!(opposes("loud", "quiet") && opposes("loud", "soft") && opposes("quiet", "loud"));
        assert!(!opposes("loud", "red"));
    }

    #[test]
    fn equal_options_are_one() {
        assert_eq!(choices(&["red", "red", "blue"]).options, ["red", "blue"]);
    }
}
