//! The options that a sentence names and does not deny.

use std::ops::Range;

use super::silence::{deny_silent, is_silent, spare};
use super::{Reader, Set, add};
use crate::family::full_match::{Mention, mentions};
use crate::text::words::{Word, words};

/// A question with one of these words wants one of several options.
const WANTS_ONE: [&str; 3] = ["first", "last", "loudest"];

impl Reader<'_> {
    /// The options that a sentence names and does not deny: red and blue of `Red and blue sound, green
    /// does not.` Where the question wants one, the one that stands nearest to the word it asks with.
    pub(super) fn named(&self, sentence: &str) -> Option<Set> {
        let words = words(sentence);
        let mut found = mentions(self.choices, sentence, &words);
        if !spare(&words, &mut found) && words.iter().any(is_silent) {
            deny_silent(sentence, &words, &mut found);
        }
        found.retain(|mention| !mention.is_denied);
        let mut set = Set::new();
        add(&mut set, found.iter().map(|mention| mention.option));
        let wanted = WANTS_ONE.into_iter().find(|word| self.asked.has(word));
        match wanted {
            Some(wanted) if set.len() > 1 => nearest(sentence, &words, &found, wanted),
            _ => (!set.is_empty()).then_some(set),
        }
    }
}

/// The option in the clause with the wanted word: `the cone sounds first, then the cube`.
fn nearest(sentence: &str, words: &[Word], found: &[Mention], wanted: &str) -> Option<Set> {
    let place = words.iter().position(|word| {
        word.text == wanted
            || (wanted == "last" && matches!(word.text.as_str(), "finally" | "second" | "end"))
    })?;
    let clause = clause_around(sentence, words, place);
    let nearest = found.iter().filter(|mention| clause.contains(&mention.words.start)).min_by_key(
        |mention| {
            // What stands before the word is nearer than what stands behind it.
            match place.checked_sub(mention.words.end - 1) {
                Some(distance) => 2 * distance,
                None => 2 * mention.words.start.abs_diff(place) + 1,
            }
        },
    )?;
    Some(vec![nearest.option])
}

/// The words of the clause with word `place`.
fn clause_around(sentence: &str, words: &[Word], place: usize) -> Range<usize> {
    let begins = |at: usize| {
        at > 0
            && (sentence[words[at - 1].span.end..words[at].span.start]
                .contains([',', ';', ':', '.'])
                || matches!(words[at].text.as_str(), "and" | "but" | "while" | "then"))
    };
    let start = (0..=place).rev().find(|at| begins(*at)).unwrap_or(0);
    let end = (place + 1..words.len()).find(|at| begins(*at)).unwrap_or(words.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::full_match::{Asked, choices_of};

    fn named(question: &str, sentence: &str) -> Vec<String> {
        let options: Vec<String> =
            ["red", "blue", "green"].iter().map(|option| (*option).to_owned()).collect();
        let choices = choices_of(&options);
        let asked = Asked::new(question);
        let reader = Reader { choices: &choices, asked: &asked };
        let set = reader.named(sentence).unwrap_or_default();
        set.into_iter().map(|option| options[option].clone()).collect()
    }

    #[test]
    fn sentences_name_options_that_sound() {
        for (sentence, wanted) in [
            ("Red and blue are sounding.", vec!["red", "blue"]),
            ("Red sounds, but not blue.", vec!["red"]),
            ("The red one is silent, the blue one is not.", vec!["blue"]),
            ("All but the green one stay silent.", vec!["green"]),
            ("None but blue sounds.", vec!["blue"]),
            ("Nothing sounds.", vec![]),
        ] {
            assert_eq!(named("Which objects are sounding?", sentence), wanted, "{sentence}");
        }
    }

    #[test]
    fn one_option_is_named_where_the_question_wants_one() {
        for (question, sentence, wanted) in [
            ("Which sounds first?", "Red sounds first, then blue.", "red"),
            ("Which sounds last?", "Red sounds, and finally blue.", "blue"),
            ("Which is the loudest?", "Blue and green sound, red is the loudest.", "red"),
        ] {
            assert_eq!(named(question, sentence), [wanted], "{sentence}");
        }
    }
}
