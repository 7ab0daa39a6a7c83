//! The options of a question, and whether a text is one of them or mentions them.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use crate::phrase::{phrase, words};

/// What a question without options may be answered with all the same.
const UNIVERSAL: [&str; 3] = ["yes", "no", "not sure"];

static LETTERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\s*(\[]*(?P<letter>[A-Za-z])[.):\]]+[\s*]+(?P<rest>\S.*)$")
        .expect("the pattern is constant")
});

/// The options of one question.
pub(crate) struct Choices<'a> {
    /// Spelling and words of each, in order, repeated ones once.
    options: Vec<(&'a str, Vec<String>)>,
    by_phrase: HashMap<String, usize>,
    by_first_word: HashMap<String, Vec<usize>>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(options: &'a [String]) -> Self {
        let mut choices =
            Self { options: Vec::new(), by_phrase: HashMap::new(), by_first_word: HashMap::new() };
        let universal = UNIVERSAL.iter().copied().filter(|_| options.is_empty());
        for option in universal.chain(options.iter().map(String::as_str)) {
            choices.add(option);
        }
        choices
    }

    fn add(&mut self, option: &'a str) {
        let words = words(option);
        let place = self.options.len();
        let phrase = words.join(" ");
        if phrase.is_empty() || self.by_phrase.contains_key(&phrase) {
            return;
        }
        self.by_phrase.insert(phrase, place);
        self.by_first_word.entry(words[0].clone()).or_default().push(place);
        self.options.push((option, words));
    }

    /// The option that the whole text is, as the list spells it. An article before it and a letter
    /// that fits its place do not matter.
    pub(crate) fn exact(&self, text: &str) -> Option<&'a str> {
        self.plain(text).or_else(|| {
            let found = LETTERED.captures(text.trim())?;
            let letter = found["letter"].to_ascii_lowercase();
            let place = usize::from(letter.bytes().next()?.checked_sub(b'a')?);
            let option = self.plain(&found["rest"])?;
            (self.options.get(place)?.0 == option).then_some(option)
        })
    }

    fn plain(&self, text: &str) -> Option<&'a str> {
        let phrase = phrase(text)?;
        let find = |phrase: &str| self.by_phrase.get(phrase).map(|&place| self.options[place].0);
        find(&phrase).or_else(|| {
            ["a ", "an ", "the "].iter().find_map(|article| find(phrase.strip_prefix(article)?))
        })
    }

    /// All options that the text mentions, anywhere. One that stands inside a longer one is not
    /// mentioned.
    pub(crate) fn mentioned(&self, text: &str) -> BTreeSet<&'a str> {
        let words = words(text);
        let mut found = BTreeSet::new();
        let mut covered = 0;
        for (at, word) in words.iter().enumerate() {
            let longest = self
                .by_first_word
                .get(word)
                .into_iter()
                .flatten()
                .filter(|&&place| words[at..].starts_with(&self.options[place].1))
                .max_by_key(|&&place| self.options[place].1.len());
            if let Some(&place) = longest {
                let (option, length) = (self.options[place].0, self.options[place].1.len());
                if at + length > covered {
                    found.insert(option);
                    covered = at + length;
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_means_the_whole_text() {
        let options =
            ["top left", "left", "Bottom-left to top-right", "not sure"].map(str::to_owned);
        let choices = Choices::new(&options);
        assert_eq!(choices.exact("**Top-Left.**"), Some("top left"));
        assert_eq!(choices.exact("the left"), Some("left"));
        assert_eq!(choices.exact("bottom left to top right"), Some("Bottom-left to top-right"));
        assert_eq!(choices.exact("B) left"), Some("left"));
        for text in ["A) left", "left or right", "left?", "A", "the", "leftmost"] {
            assert_eq!(choices.exact(text), None, "{text}");
        }
    }

    #[test]
    fn longer_mentions_hide_shorter_ones() {
        let options = ["top left", "left", "not sure"].map(str::to_owned);
        let choices = Choices::new(&options);
        let mentioned = |text| choices.mentioned(text).into_iter().collect::<Vec<_>>();
        assert_eq!(mentioned("It is at the top left."), ["top left"]);
        assert_eq!(mentioned("top left, then left"), ["left", "top left"]);
        assert_eq!(mentioned("leftmost"), [""; 0]);
    }
}
