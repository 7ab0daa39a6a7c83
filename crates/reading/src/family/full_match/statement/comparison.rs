//! Statements about which of two is the more.

use super::words::WORDS;
use crate::family::full_match::question::Asked;
use crate::text::negation::denials;
use crate::text::words::Word;

/// What a statement says that compares: `The left rope is longer`, `Both are equally long`.
pub(super) fn statement(asked: &Asked, words: &[Word]) -> Option<bool> {
    let wanted = asked.comparatives.first()?;
    if WORDS.hedges.has_any(words) {
        return None;
    }
    let denials = denials(words);
    let says_new = |word: &Word| WORDS.equal.has(&word.text) && !asked.words.contains(&word.text);
    if denials == 0 && words.iter().any(says_new) {
        return Some(false);
    }
    let than = asked.words.iter().position(|word| word == "than")?;
    let at = asked.words.iter().position(|word| word == wanted)?;
    let is_denied = !denials.is_multiple_of(2);
    if WORDS.equal.has_any(words) || have_one(words) {
        return (!is_denied).then_some(false);
    }
    let place =
        words.iter().position(|word| word.text == *wanted || is_opposite(wanted, &word.text))?;
    let is_flipped = words[place].text != *wanted;
    let (one, other) = (&asked.words[..at], &asked.words[than..]);
    let names = |side: &[String], against: &[String]| {
        side.iter().any(|word| {
            !against.contains(word)
                && !matches!(word.as_str(), "is" | "does" | "the" | "a" | "than" | "are" | "was")
                && words[..place].iter().any(|said| said.text == *word)
        })
    };
    match (names(one, other), names(other, one)) {
        (true, false) => Some(is_denied == is_flipped),
        (false, true) if !is_denied => Some(is_flipped),
        _ => None,
    }
}

/// `Both have one colour.`
fn have_one(words: &[Word]) -> bool {
    words.windows(2).any(|pair| pair[0].text == "one" && pair[1].text != "is")
        && words.iter().any(|word| matches!(word.text.as_str(), "both" | "these" | "have"))
}

fn is_opposite(wanted: &str, said: &str) -> bool {
    WORDS.opposites.iter().any(|pair| pair == (wanted, said) || pair == (said, wanted))
}
