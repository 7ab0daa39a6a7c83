//! Statements about which of two sounds is the more.

use std::collections::BTreeSet;

use super::piece::only;
use super::{Reader, clauses};
use crate::family::full_match::choices::{Mention, opposes};
use crate::text::negation::is_negator;
use crate::text::words::{Word, stem};

/// The numbers of the options `first` and `last`.
#[derive(Debug, Clone, Copy)]
struct Two {
    first: usize,
    last: usize,
}

impl Two {
    fn other(self, option: usize) -> usize {
        if option == self.first { self.last } else { self.first }
    }
}

impl Reader<'_> {
    /// `The first is louder than the last`: the subject of a comparison in the direction in which
    /// the question asks; the other of two where it is the opposite direction.
    pub(super) fn compared(
        &self,
        sentence: &str,
        words: &[Word],
        found: &[Mention],
    ) -> Option<usize> {
        let two = Two { first: self.choices.has("first")?, last: self.choices.has("last")? };
        let wanted = stem(self.asked.comparatives.first()?);
        if let Some(same) = self.choices.has("same")
            && found.iter().any(|mention| mention.option == same && !mention.is_denied)
        {
            return Some(same);
        }
        let named: Vec<&Mention> = found
            .iter()
            .filter(|mention| mention.option == two.first || mention.option == two.last)
            .collect();
        let (place, is_flipped) = words.iter().enumerate().find_map(|(at, word)| {
            let said = stem(&word.text);
            (said == wanted)
                .then_some((at, false))
                .or(opposes(&wanted, &said).then_some((at, true)))
        })?;
        let than = words.iter().position(|word| word.text == "than");
        // Without `than` several sounds may each be described: clauses decide.
        if than.is_none() && only(named.iter().map(|mention| mention.option)).is_none() {
            let standing = named.iter().filter(|mention| !mention.is_denied);
            return match only(standing.map(|mention| mention.option)) {
                Some(option) => Some(if is_flipped { two.other(option) } else { option }),
                None => described(sentence, words, &named, two, &wanted),
            };
        }
        let subject = named
            .iter()
            .rev()
            .find(|mention| mention.words.end <= place)
            .or_else(|| named.iter().find(|mention| mention.words.start > place))?;
        let is_denied = words[..=place]
            .iter()
            .skip(subject.words.end.min(place))
            .any(|word| is_negator(&word.text));
        if is_denied && than.is_none() && !is_flipped {
            return None;
        }
        let is_behind_than = than.is_some_and(|than| subject.words.start > than);
        let is_other = is_flipped ^ is_denied ^ is_behind_than;
        Some(if is_other { two.other(subject.option) } else { subject.option })
    }
}

/// `The last sound is muffled, the first is crisp`: each clause describes one of the two.
fn described(
    sentence: &str,
    words: &[Word],
    named: &[&Mention],
    two: Two,
    wanted: &str,
) -> Option<usize> {
    let mut votes = BTreeSet::new();
    for clause in clauses(sentence, words) {
        let inside = named.iter().filter(|mention| clause.contains(&mention.words.start));
        let Some(option) = only(inside.map(|mention| mention.option)) else { continue };
        let clause = &words[clause];
        let is_denied = clause.iter().any(|word| is_negator(&word.text));
        for word in clause {
            let said = stem(&word.text);
            let is_opposite = opposes(wanted, &said);
            if said == wanted || is_opposite {
                votes.insert(if is_opposite == is_denied { option } else { two.other(option) });
            }
        }
    }
    only(votes.into_iter())
}
