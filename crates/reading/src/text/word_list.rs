//! Lists of words in the data files of this crate.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::words::Word;

/// A set of words in lower case.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct WordList(HashSet<String>);

impl WordList {
    /// Whether the word is one of the list.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Whether one of the words is one of the list.
    pub(crate) fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.has(&word.text))
    }

    /// Whether one of the texts is one of the list.
    pub(crate) fn has_any_text(&self, words: &[String]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// The words in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Pairs of words that say the opposite of each other.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Opposites(Vec<(String, String)>);

impl Opposites {
    /// The pairs in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(one, other)| (one.as_str(), other.as_str()))
    }
}

/// What a data file of this crate holds.
///
/// # Panics
/// The file does not hold it. The files are part of the program, and a test reads them all.
pub(crate) fn parsed<T: DeserializeOwned>(file: &str) -> T {
    toml::from_str(file).expect("data files are part of the program and tested to parse")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    const FILES: [(&str, &str); 8] = [
        ("choice", include_str!("../../data/choice.toml")),
        ("counting", include_str!("../../data/counting.toml")),
        ("negation", include_str!("../../data/negation.toml")),
        ("numbers", include_str!("../../data/numbers.toml")),
        ("options", include_str!("../../data/options.toml")),
        ("question", include_str!("../../data/question.toml")),
        ("statement", include_str!("../../data/statement.toml")),
        ("yes_no", include_str!("../../data/yes_no.toml")),
    ];

    /// Lists that say the opposite of each other.
    const CONTRADICTING: [(&str, &str, &str); 8] = [
        ("statement", "seen", "unseen"),
        ("statement", "heard", "unheard"),
        ("statement", "matched", "mismatched"),
        ("statement", "equal", "mismatched"),
        ("yes_no", "yes", "no"),
        ("yes_no", "yes", "unsure"),
        ("yes_no", "no", "unsure"),
        ("yes_no", "yes_glued", "no_glued"),
    ];

    fn table(name: &str) -> toml::Table {
        let (_, file) = FILES.iter().find(|(known, _)| *known == name).unwrap();
        toml::from_str(file).unwrap()
    }

    fn words(value: &toml::Value) -> Vec<&str> {
        value.as_array().unwrap().iter().filter_map(|word| word.as_str()).collect()
    }

    #[test]
    fn no_list_has_a_word_twice_or_with_capitals() {
        for (name, _) in FILES {
            let mut tables = vec![table(name)];
            while let Some(table) = tables.pop() {
                for (key, value) in table {
                    match value {
                        toml::Value::Table(inner) => tables.push(inner),
                        toml::Value::Array(_) => {
                            let words = words(&value);
                            let mut known = BTreeSet::new();
                            for word in words {
                                assert!(known.insert(word), "{name}: {key} has {word:?} twice");
                                assert_eq!(word, word.to_lowercase(), "{name}: {key}");
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    #[test]
    fn no_word_stands_in_two_lists_that_contradict_each_other() {
        for (file, one, other) in CONTRADICTING {
            let table = table(file);
            let (one_list, other_list) = (words(&table[one]), words(&table[other]));
            let both: Vec<_> = one_list.iter().filter(|word| other_list.contains(word)).collect();
            assert!(both.is_empty(), "{file}: {one} and {other} share {both:?}");
        }
    }
}
