//! What one sentence says of the options.

use std::collections::BTreeSet;

use super::{Reader, clauses};
use crate::family::full_match::choices::{Mention, mentions};
use crate::family::full_match::corners::movement;
use crate::family::full_match::letter::after_letter;
use crate::family::full_match::testimony::after_correction;
use crate::text::words::{Word, stem, words};

/// A list of nothing but so many options repeats the question.
const REPEATED: usize = 4;

/// What a sentence comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// This option.
    One(usize),
    /// Several options, and nothing decides between them.
    Several,
    Nothing,
}

impl Piece {
    pub(super) fn one(self) -> Option<usize> {
        match self {
            Self::One(option) => Some(option),
            Self::Several | Self::Nothing => None,
        }
    }
}

impl Reader<'_> {
    /// What one sentence says: red of `It is red, not blue.`
    pub(super) fn piece(&self, sentence: &str) -> Piece {
        if let Some(option) = movement(self.choices, sentence) {
            return Piece::One(option);
        }
        // `The cello... no, wait, that's the bassoon.` The last correction was cut off, so that this
        // goes no deeper.
        if let Some(tail) = after_correction(sentence) {
            let corrected = self.piece(&sentence[tail..]);
            if corrected != Piece::Nothing {
                return corrected;
            }
        }
        let words = words(sentence);
        let found = mentions(self.choices, sentence, &words);
        let stands = standing(&found);
        let distinct: BTreeSet<usize> = stands.iter().map(|mention| mention.option).collect();
        let named: usize = found.iter().map(|mention| mention.words.len()).sum();
        if found.len() >= REPEATED
            && named + 1 >= words.len()
            && distinct.len() >= self.choices.several()
        {
            return Piece::Several;
        }
        if let Some(option) = self.compared(sentence, &words, &found) {
            return Piece::One(option);
        }
        match (stands.as_slice(), distinct.len()) {
            ([], _) => Piece::Nothing,
            ([first, ..], 1) if self.is_passing(sentence, &words, first) => Piece::Nothing,
            ([first, ..], 1) => Piece::One(first.option),
            _ => self.among(sentence, &words, &stands),
        }
    }

    /// Several options stand: the one that the end of the sentence names, that a sign or an order
    /// points to, or that is in the clause closest to the question.
    fn among(&self, sentence: &str, words: &[Word], stands: &[&Mention]) -> Piece {
        let option = self
            .behind_mark(sentence)
            .or_else(|| self.consequence(sentence, words))
            .or_else(|| self.signed(sentence, words, stands))
            .or_else(|| self.copula(words, stands))
            .or_else(|| self.ordered(words, stands))
            .or_else(|| self.before_asked_noun(sentence, words, stands))
            .or_else(|| self.in_closest_clause(sentence, words, stands));
        option.map_or(Piece::Several, Piece::One)
    }

    /// A dash or colon may lead to the answer: `red or blue: red`.
    fn behind_mark(&self, sentence: &str) -> Option<usize> {
        let (_, tail) = sentence.rsplit_once([':', '：', '→', '—'])?;
        self.choices.whole(after_letter(tail))
    }

    /// `The car is red and not blue, so red.`
    fn consequence(&self, sentence: &str, words: &[Word]) -> Option<usize> {
        let at = words.iter().rposition(|word| {
            matches!(word.text.as_str(), "so" | "therefore" | "hence" | "thus")
        })?;
        self.choices.whole(sentence[words[at].span.end..].trim_start_matches([',', ' ']))
    }

    /// `first > last`, `last ≈ first`.
    fn signed(&self, sentence: &str, words: &[Word], stands: &[&Mention]) -> Option<usize> {
        let ([one, other], 2) = (stands, words.len()) else { return None };
        let gap = words[one.words.end - 1].span.end..words[other.words.start].span.start;
        match sentence[gap].trim() {
            ">" => Some(one.option),
            "<" => Some(other.option),
            "=" | "≈" | "==" | "~" => self.choices.has("same"),
            _ => None,
        }
    }

    /// `... the smallest one is green` at the end of a sentence, if its subject is what was asked
    /// about.
    fn copula(&self, words: &[Word], stands: &[&Mention]) -> Option<usize> {
        let (last, others) =
            stands.split_last().filter(|(last, _)| last.words.end == words.len())?;
        let begin = others.last().map_or(0, |other| other.words.end);
        let before = &words[begin..last.words.start];
        let is_article =
            before.last().is_some_and(|word| matches!(word.text.as_str(), "the" | "a" | "an"));
        let verb = before.iter().rev().nth(usize::from(is_article));
        let is_said = verb.is_some_and(|word| {
            matches!(word.text.as_str(), "is" | "was" | "are" | "were" | "be" | "being")
        });
        let is_asked = before.iter().any(|word| self.asked.mentions(&stem(&word.text)));
        (is_said && is_asked).then_some(last.option)
    }

    /// `a red circle next to a green square`: the only option before the asked noun.
    fn before_asked_noun(
        &self,
        sentence: &str,
        words: &[Word],
        stands: &[&Mention],
    ) -> Option<usize> {
        let is_before = |mention: &&&Mention| {
            let end = words[mention.words.end - 1].span.end;
            words.get(mention.words.end).is_some_and(|next| {
                // A mark between the two parts them: `a tuba, right is a banjo`.
                let is_beside = sentence[end..next.span.start].trim().is_empty();
                is_beside && self.asked.mentions(&stem(&next.text))
            })
        };
        only(stands.iter().filter(is_before).map(|mention| mention.option))
    }

    /// `A dog is in front of the house and the car is red, the sky blue`: the clause that shares most
    /// words with the question, if it names one option.
    fn in_closest_clause(
        &self,
        sentence: &str,
        words: &[Word],
        stands: &[&Mention],
    ) -> Option<usize> {
        let mut scores: Vec<(usize, usize)> = Vec::new();
        for clause in clauses(sentence, words) {
            let named = stands.iter().filter(|mention| clause.contains(&mention.words.start));
            if let Some(option) = only(named.map(|mention| mention.option)) {
                scores.push((self.asked.overlap_with(&words[clause]), option));
            }
        }
        let most = scores.iter().map(|(score, _)| *score).max().filter(|most| *most > 0)?;
        only(scores.iter().filter(|(score, _)| *score == most).map(|(_, option)| *option))
    }
}

/// The mentions that count. What a sentence both denies and names is not its answer, and names that
/// are weak count only where no other stands.
fn standing(found: &[Mention]) -> Vec<&Mention> {
    let is_strong = found.iter().any(|mention| !mention.is_weak && !mention.is_denied);
    let denied: BTreeSet<usize> =
        found.iter().filter(|mention| mention.is_denied).map(|mention| mention.option).collect();
    found
        .iter()
        .filter(|mention| !denied.contains(&mention.option) && (!mention.is_weak || !is_strong))
        .collect()
}

/// The value that all of several are, if there is any.
pub(super) fn only(mut values: impl Iterator<Item = usize>) -> Option<usize> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::full_match::choices::choices_of;
    use crate::family::full_match::question::Asked;

    fn said(question: &str, options: &[&str], sentence: &str) -> Option<String> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let choices = choices_of(&options);
        let asked = Asked::new(question).without(&options);
        let reader = Reader { choices: &choices, asked: &asked };
        reader.piece(sentence).one().map(|option| options[option].clone())
    }

    #[test]
    fn one_of_several_colours_stands() {
        let colours = ["red", "blue", "green"];
        for (sentence, wanted) in [
            ("It is red, not blue.", Some("red")),
            ("Red or blue: blue", Some("blue")),
            ("The sky is blue and the car is red.", Some("red")),
            ("It might be blue or red, so red", Some("red")),
            ("Beside the blue house the car is green", Some("green")),
            ("a red car next to a green house", Some("red")),
            ("red and blue", None),
            ("red, blue, green, red", None),
            ("not red", None),
        ] {
            let found = said("What is the colour of the car?", &colours, sentence);
            assert_eq!(found.as_deref(), wanted, "{sentence}");
        }
    }

    #[test]
    fn comparisons_and_orders_answer_in_the_direction_of_the_question() {
        let options = ["first", "last", "same"];
        for (question, sentence, wanted) in [
            ("Which is louder?", "The first sound is louder than the last.", Some("first")),
            ("Which is louder?", "The first is quieter than the last.", Some("last")),
            ("Which is louder?", "Both are equally loud.", Some("same")),
            ("Which is louder?", "first > last", Some("first")),
            ("Which is louder?", "last ≈ first", Some("same")),
            ("Which is louder?", "The first is loud, the last is faint.", Some("first")),
        ] {
            let found = said(question, &options, sentence);
            assert_eq!(found.as_deref(), wanted, "{sentence}");
        }
        let instruments = ["cello", "flute", "drum"];
        for (question, sentence, wanted) in [
            ("Which plays first?", "The cello plays, then the flute.", Some("cello")),
            ("Which plays last?", "The cello plays before the flute.", Some("flute")),
            ("Which plays first?", "After the drum comes the cello.", Some("drum")),
            ("Which plays last?", "Cello, then flute, finally the drum.", Some("drum")),
        ] {
            let found = said(question, &instruments, sentence);
            assert_eq!(found.as_deref(), wanted, "{sentence}");
        }
    }
}
