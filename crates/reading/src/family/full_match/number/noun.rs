//! What a question counts.

use std::collections::BTreeSet;

use super::words::WORDS;
use crate::family::full_match::question::Asked;
use crate::text::words::stem;

/// So many words may make up the noun.
const LONGEST_NOUN: usize = 4;

/// What a question counts.
#[derive(Debug)]
pub(super) struct AskedNoun {
    /// Stems of the asked noun: `small`, `plat` of `How many small plates are there?` All words with
    /// content if the question names no noun.
    stems: BTreeSet<String>,
    /// The question asks how often something happens.
    pub(super) is_often: bool,
}

impl AskedNoun {
    pub(super) fn new(asked: &Asked) -> Self {
        let all = asked.words.concat();
        let is_often = asked.has_pair("how", "often")
            || asked.has_pair("how", "frequently")
            || asked.has_pair("many", "times")
            || all.contains("几次")
            || all.contains("多少次");
        let start = asked.behind_pair("how", "many").or_else(|| asked.behind_pair("number", "of"));
        let Some(start) = start else {
            return Self { stems: asked.content.iter().cloned().collect(), is_often };
        };
        let mut stems: BTreeSet<String> = asked.words[start..]
            .iter()
            .take_while(|word| !WORDS.behind_noun.has(word))
            .take(LONGEST_NOUN)
            .map(|word| stem(word))
            .collect();
        stems.remove("the");
        for adjective in WORDS.adjectives.iter() {
            stems.remove(&stem(adjective));
        }
        Self { stems, is_often }
    }

    /// Whether a word is a form of the noun.
    pub(super) fn is(&self, word: &str) -> bool {
        self.stems.contains(&stem(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noun_stands_behind_how_many() {
        for (question, is, is_not) in [
            ("How many different plates are on the table?", "plate", "table"),
            ("What is the number of the dogs in the yard?", "dog", "yard"),
            ("Count the bells.", "bells", "plates"),
        ] {
            let noun = AskedNoun::new(&Asked::new(question));
            assert!(noun.is(is) && !noun.is(is_not), "{question}");
        }
        assert!(AskedNoun::new(&Asked::new("How often does it ring?")).is_often);
    }
}
