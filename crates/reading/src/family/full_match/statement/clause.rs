//! What one clause of a statement says.

use std::collections::BTreeSet;
use std::ops::Range;

use super::words::{WORDS, is_heard};
use super::{main_clause, names};
use crate::family::full_match::question::{About, Asked};
use crate::text::negation::{ends_scope, is_idiom, is_negator};
use crate::text::word_list::WordList;
use crate::text::words::{Word, stem};

/// Words that tell on which side something is.
const SIDES: [&str; 6] = ["left", "right", "above", "below", "behind", "front"];

/// Words that ask for an order in time.
const ORDER: [&str; 7] = ["before", "after", "first", "between", "earlier", "later", "then"];

/// Words that say that something can be seen, whatever else a clause tells.
const IS_SEEN: [&str; 8] =
    ["visible", "seen", "see", "shown", "shows", "visibly", "appears", "appear"];

/// With how much weight a clause answers that denies what it names: `Not the owl`.
const PLAIN_DENIAL: usize = 10;

/// A clause of a statement with what it says of the subject of a question.
pub(super) struct Clause<'a> {
    asked: &'a Asked,
    words: &'a [Word],
    stems: BTreeSet<String>,
    /// It names the subject, or the question has none.
    is_about: bool,
    /// It names the subject.
    pub(super) is_named: bool,
    /// It begins with a pronoun for what a clause before it names.
    continues: bool,
    negators: usize,
    /// With how much weight it answers.
    weight: usize,
}

impl<'a> Clause<'a> {
    pub(super) fn new(
        asked: &'a Asked,
        subject: &BTreeSet<String>,
        words: &'a [Word],
        is_named_before: bool,
    ) -> Self {
        let is_named = names(words, subject);
        let has_pronoun = words.first().is_some_and(|word| is_pronoun(&word.text));
        let stems: BTreeSet<String> = words.iter().map(|word| stem(&word.text)).collect();
        let weight = asked.overlap(&stems) * 4 + usize::from(is_named) * 2 + 1;
        Self {
            asked,
            words,
            stems,
            is_about: is_named
                || subject.is_empty()
                || (has_pronoun && (is_named_before || words.len() <= 6)),
            is_named,
            continues: has_pronoun && is_named_before,
            negators: negators(words),
            weight,
        }
    }

    /// What it says, with how closely it answers.
    pub(super) fn says(&self) -> Option<(usize, bool)> {
        if self.words.is_empty() || self.claims_nothing() {
            return None;
        }
        // `Not the owl but ...` denies what it names, whatever predicate follows.
        if self.is_named && self.words.len() <= 4 && self.negators == 1 && self.opens_with("not") {
            return Some((PLAIN_DENIAL, false));
        }
        match self.asked.about {
            About::Visible => self.of_sight(),
            About::Sounding => self.of_sound(),
            About::Match => self.of_match(),
            About::Other => self.of_other(),
        }
    }

    /// `It might bark`, `not that it barks`. Hedges of the question itself claim what is asked.
    fn claims_nothing(&self) -> bool {
        let hedges =
            WORDS.hedges.has_any(self.words) && !WORDS.hedges.has_any_text(&self.asked.words);
        hedges || self.words.windows(2).any(|pair| pair[0].text == "not" && pair[1].text == "that")
    }

    fn opens_with(&self, word: &str) -> bool {
        self.words.first().is_some_and(|first| first.text == word)
    }

    /// How many words of a list it has that the question has not.
    fn count(&self, list: &WordList) -> usize {
        self.words
            .iter()
            .filter(|word| list.has(&word.text) && !self.asked.words.contains(&word.text))
            .count()
    }

    fn has(&self, list: &[&str]) -> bool {
        self.words.iter().any(|word| list.contains(&word.text.as_str()))
    }

    /// How often it has `out of` with one of the words.
    fn out_of(&self, list: &[&str]) -> usize {
        self.words
            .windows(3)
            .filter(|words| {
                words[0].text == "out"
                    && words[1].text == "of"
                    && list.contains(&words[2].text.as_str())
            })
            .count()
    }

    /// Whether something can be seen: `The whale is out of sight`, `there is no whale`.
    fn of_sight(&self) -> Option<(usize, bool)> {
        let unseen =
            self.count(&WORDS.unseen) + self.out_of(&["view", "sight", "frame", "shot", "picture"]);
        let tells_of_sight = WORDS.seen.has_any(self.words) || unseen > 0;
        let tells_of_sound = self.words.iter().any(is_heard) || WORDS.unheard.has_any(self.words);
        let exists = (self.words.len() >= 2 && self.words[0].text.starts_with("there"))
            || (self.negators > 0 && self.words.len() <= 4);
        let is_seen = self.has(&IS_SEEN);
        (self.is_about && (tells_of_sight || exists) && (!tells_of_sound || is_seen || unseen > 0))
            .then(|| (self.weight + usize::from(is_seen) * 2, is_even(self.negators + unseen)))
    }

    /// Whether something can be heard: `The dog is silent`.
    fn of_sound(&self) -> Option<(usize, bool)> {
        let silent = self.words.iter().filter(|word| WORDS.unheard.has(&word.text)).count();
        let tells_of_sound = self.words.iter().any(is_heard) || silent > 0;
        let asks_silence = self
            .asked
            .words
            .iter()
            .any(|word| WORDS.unheard.has(word) || word == "free" || word == "without");
        (self.is_about && tells_of_sound)
            .then(|| (self.weight + 1, is_even(self.negators + silent) != asks_silence))
    }

    /// Whether sound and picture belong together. `nothing in common` is one denial, `do not differ`
    /// two.
    fn of_match(&self) -> Option<(usize, bool)> {
        let is_out = self.out_of(&["sync", "step", "place"]) > 0;
        let apart = self.count(&WORDS.mismatched) + usize::from(is_out);
        (WORDS.matched.has_any(self.words) || apart > 0)
            .then(|| (self.weight, is_even(self.negators + apart)))
    }

    /// Whether anything else is so: the clause repeats what is asked, denies it, or says the opposite.
    fn of_other(&self) -> Option<(usize, bool)> {
        let wanted = main_clause(self.asked);
        // Which of two events is the earlier cannot be told from the words alone.
        if wanted.is_empty() || ORDER.iter().any(|word| self.asked.has(word)) {
            return None;
        }
        let is_denied = !is_even(self.negators);
        let hits = wanted.iter().filter(|stem| self.stems.contains(*stem)).count()
            + usize::from(self.continues && !self.is_named);
        let asks_side = wanted.len() > 2 && SIDES.iter().any(|side| self.asked.has(side));
        if self.has_opposite() && hits + 1 >= wanted.len().min(2) {
            // Where two things are named, which stands on which side cannot be told either.
            return (!asks_side).then_some((self.weight, is_denied));
        }
        if is_denied {
            return (hits * 2 >= wanted.len()).then_some((self.weight, false));
        }
        let place =
            |wanted: &String| self.words.iter().position(|word| stem(&word.text) == *wanted);
        let is_turned = asks_side && wanted.first().and_then(place) > wanted.last().and_then(place);
        (!is_turned && hits >= wanted.len()).then_some((self.weight, true))
    }

    /// Whether it has the opposite of a word of the question in its place.
    fn has_opposite(&self) -> bool {
        let says = |word: &str| self.has(&[word]);
        WORDS.opposites.iter().flat_map(|(one, other)| [(one, other), (other, one)]).any(
            |(wanted, other)| {
                self.asked.has(wanted) && !self.asked.has(other) && says(other) && !says(wanted)
            },
        )
    }
}

const fn is_even(count: usize) -> bool {
    count.is_multiple_of(2)
}

/// Whether a clause that begins with this word may be about what was named before it.
fn is_pronoun(word: &str) -> bool {
    matches!(
        word,
        "it" | "they"
            | "he"
            | "she"
            | "this"
            | "that"
            | "these"
            | "those"
            | "both"
            | "it's"
            | "isn't"
            | "never"
            | "not"
            | "none"
            | "is"
            | "are"
            | "does"
            | "do"
    )
}

/// How often a clause denies. `neither ... nor` denies once, `fails to` too, and `It could not fit any
/// better` praises.
fn negators(clause: &[Word]) -> usize {
    let has = |list: &[&str]| clause.iter().any(|word| list.contains(&word.text.as_str()));
    let fails = clause
        .iter()
        .filter(|word| matches!(word.text.as_str(), "fail" | "fails" | "failed" | "failing"))
        .count();
    let praises = has(&["better", "clearer", "closer", "louder", "more"])
        && has(&["couldn't", "could", "can't", "cannot", "hardly"]);
    if praises {
        return fails;
    }
    let has_neither = has(&["neither"]);
    let denies = |at: usize| {
        let word = clause[at].text.as_str();
        is_negator(word) && !is_idiom(clause, at) && !(word == "nor" && has_neither)
    };
    fails + (0..clause.len()).filter(|at| denies(*at)).count()
}

/// Word ranges of the clauses of a sentence: two of `The dog is there, but it is silent`.
pub(super) fn ranges(sentence: &str, words: &[Word]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 1..words.len() {
        let gap = &sentence[words[at - 1].span.end..words[at].span.start];
        let parts = gap.contains([',', ';', ':', '—', '–', '(', ')', '→'])
            || gap.contains(" - ")
            || gap.contains("->");
        let joins = joins_clauses(words, at);
        if parts || joins {
            if at > start {
                found.push(start..at);
            }
            start = if joins { at + 1 } else { at };
        }
    }
    if words.len() > start {
        found.push(start..words.len());
    }
    found
}

/// Whether a word joins two clauses: `but`, `and it`.
fn joins_clauses(words: &[Word], at: usize) -> bool {
    match words[at].text.as_str() {
        "it's" | "so" | "then" => false,
        "and" => words.get(at + 1).is_some_and(|next| {
            matches!(
                next.text.as_str(),
                "it" | "the" | "there" | "they" | "no" | "not" | "is" | "does" | "a"
            )
        }),
        word => ends_scope(word),
    }
}
