//! Statements to questions that name a number.

use std::collections::BTreeSet;

use crate::family::full_match::question::Asked;
use crate::text::negation::{is_idiom, is_negator};
use crate::text::numbers::number_at;
use crate::text::words::Word;

/// What a statement says with a number: `Three riders are shown` to `Are two riders shown?`, `I see
/// two` to `Is more than one cyclist visible?`
pub(super) fn statement(asked: &Asked, sentence: &str, words: &[Word]) -> Option<bool> {
    let [wanted] = asked.numbers.as_slice() else { return None };
    let said = said(sentence, words);
    let (1, Some(value)) = (said.len(), said.first()) else { return None };
    Some(if asked.has_pair("more", "than") {
        value > wanted
    } else if asked.has_pair("at", "least") {
        value >= wanted
    } else if asked.has_pair("less", "than") || asked.has_pair("fewer", "than") {
        value < wanted
    } else {
        value == wanted
    })
}

/// The different numbers that a sentence names and does not deny.
fn said(sentence: &str, words: &[Word]) -> BTreeSet<u64> {
    let mut said = BTreeSet::new();
    let mut is_denied = false;
    for at in 0..words.len() {
        let ends = at > 0
            && sentence[words[at - 1].span.end..words[at].span.start].contains([',', ';', ':']);
        if ends || words[at].text == "but" {
            is_denied = false;
        }
        is_denied |= is_negator(&words[at].text) && !is_idiom(words, at);
        if !is_denied {
            said.extend(number_at(sentence, words, at).and_then(|number| number.value));
        }
    }
    said
}
