//! What a statement says to a yes/no question, where it says neither yes nor no.

mod clause;
mod comparison;
mod glued;
mod numbers;
mod words;

use std::collections::BTreeSet;

pub(super) use words::{is_sound, subordinates};

use clause::Clause;
use words::WORDS;

use super::question::{About, Asked};
use crate::text::negation::{denials, is_idiom};
use crate::text::words::{Word, is_glued, stem, words};

/// A sentence of more words lists or tells, it does not answer.
const MOST_WORDS: usize = 80;

/// What a sentence says to the question: `Some(true)` for yes. `None` if it is about something else,
/// claims nothing, or says it too faintly. `The dog is silent` says no to `Is the dog barking?`
pub(super) fn statement(asked: &Asked, sentence: &str) -> Option<bool> {
    if sentence.chars().any(is_glued) {
        return glued::statement(asked, sentence);
    }
    let words = words(sentence);
    if words.len() > MOST_WORDS {
        return None;
    }
    if !asked.numbers.is_empty() {
        return numbers::statement(asked, sentence, &words);
    }
    if let Some(said) = comparison::statement(asked, &words) {
        return Some(said);
    }
    let subject = subject(asked);
    if is_sure(&words) && denials(&words) == 0 && names(&words, &subject) {
        return Some(true);
    }
    let mut best: Option<(usize, bool)> = None;
    let mut is_named_before = false;
    for range in clause::ranges(sentence, &words) {
        let clause = Clause::new(asked, &subject, &words[range], is_named_before);
        if let Some((weight, said)) = clause.says()
            && best.is_none_or(|(known, _)| weight > known)
        {
            best = Some((weight, said));
        }
        is_named_before |= clause.is_named;
    }
    best.map(|(_, said)| said)
}

/// Whether a sentence begins with words that affirm whatever it names: `No doubt: the horn blows.`
fn is_sure(words: &[Word]) -> bool {
    (0..words.len().min(3))
        .any(|at| matches!(words[at].text.as_str(), "no" | "without") && is_idiom(words, at))
}

/// Stems of what is asked about, without the words that ask whether it is seen or heard: `whal` of
/// `Is the whale visible?`
fn subject(asked: &Asked) -> BTreeSet<String> {
    let is_predicate = |stem: &str| match asked.about {
        About::Visible => WORDS.seen_stems.contains(stem),
        About::Sounding => WORDS.making_stems.contains(stem),
        About::Match => WORDS.matched_stems.contains(stem),
        About::Other => false,
    };
    main_clause(asked).into_iter().filter(|stem| !is_predicate(stem)).collect()
}

/// Stems of the question's main clause: `Did someone open when the bell rang?` asks for opening.
fn main_clause(asked: &Asked) -> Vec<String> {
    let cut = asked.words.iter().position(|word| subordinates(word));
    let Some(cut) = cut else { return asked.content.clone() };
    let before: BTreeSet<String> = asked.words[..cut].iter().map(|word| stem(word)).collect();
    let main: Vec<String> =
        asked.content.iter().filter(|stem| before.contains(*stem)).cloned().collect();
    if main.is_empty() { asked.content.clone() } else { main }
}

fn names(clause: &[Word], subject: &BTreeSet<String>) -> bool {
    clause.iter().any(|word| subject.contains(&stem(&word.text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_answer_without_yes_and_no() {
        for (question, sentence, wanted) in [
            ("Is the whale visible?", "The whale is not visible.", Some(false)),
            ("Is the whale visible?", "A whale can be seen in the bay.", Some(true)),
            ("Is the whale visible?", "The whale is hidden.", Some(false)),
            ("Is the whale visible?", "The whale is out of sight.", Some(false)),
            ("Is the whale visible?", "It might be visible.", None),
            ("Is the whale visible?", "The sea is blue.", None),
            ("Is the dog barking?", "The dog is silent.", Some(false)),
            ("Is the dog barking?", "The dog barks loudly.", Some(true)),
            ("Is the dog barking?", "No doubt: the dog barks.", Some(true)),
            ("Is the dog barking?", "Not the dog but the cat can be heard.", Some(false)),
            ("Do the sound and the picture match?", "They are unrelated.", Some(false)),
            ("Do the sound and the picture match?", "They have nothing in common.", Some(false)),
            ("Do the sound and the picture match?", "The two do not differ.", Some(true)),
            ("Do the sound and the picture match?", "It could not fit any better.", Some(true)),
            ("Was the door open?", "The door was closed.", Some(false)),
            ("Was the door open?", "The door was open.", Some(true)),
            ("Are two riders shown?", "Three riders are shown.", Some(false)),
            ("Is more than one cyclist visible?", "I see two cyclists.", Some(true)),
            ("Is the left rope longer than the right one?", "Both are equally long.", Some(false)),
            (
                "Is the left rope longer than the right one?",
                "The right one is longer.",
                Some(false),
            ),
            ("Is the dog visible?", "画面中看不到狗。", Some(false)),
            ("Is the dog visible?", "画面中有一只狗。", Some(true)),
        ] {
            assert_eq!(statement(&Asked::new(question), sentence), wanted, "{question} {sentence}");
        }
    }
}
