//! What one sentence says of the number.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::Reader;
use super::counted::Counted;
use super::several::{closing, is_of_all, part_of, total};
use super::zero::has_none;
use crate::text::words::{Word, words};
use crate::text::{Pattern, pattern};

/// A sentence of more words lists or tells, it does not count.
const MOST_WORDS: usize = 120;

/// A bound may stand so many bytes before or behind its number.
const BOUND_GAP: usize = 6;

/// Bounds: `at least`, `>`, `3+`.
pub(super) static BOUNDS: Pattern = LazyLock::new(|| {
    pattern(
        "(?i)(?:\\b(?:at least|at most|more than|less than|fewer than|up to|over|under|as many as|no more than|no fewer than|no less than|greater than|upwards of|minimum of|maximum of|or more|or fewer|or so|and more|or less)\\b|[<>≥≤]|\\d\\s*\\+|至少|至多|最多|不少于|超过|以上|以下|左右|多于|少于|\\bmindestens\\b|\\bhöchstens\\b|\\bal menos\\b|\\bau moins\\b|\\bpelo menos\\b|\\bне менее\\b)",
    )
});

/// Ranges: `2-3`, `two or three`.
pub(super) static RANGE: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:between\s+(?:\d+|[a-z]+)\s+and\s+(?:\d+|[a-z]+)\b|(?P<a>\d+)\s*(?:-|–|—|to|or|~|到|至)\s*(?P<b>\d+)\b",
        r"|(?:one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:to|or)\s+(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)",
    ))
});

/// What is added up: `4 squares + 2 triangles = 6`.
static SUM: Pattern = LazyLock::new(|| pattern(r"[+＋].*[=＝]\s*\**(?P<sum>\d{1,9})\b"));

/// What a sentence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// This number; whether it counts what was asked.
    One {
        value: u64,
        is_asked: bool,
    },
    /// Several numbers, and nothing decides between them.
    Several,
    /// A bound or a range.
    Vague,
    Nothing,
}

impl Piece {
    /// A number that counts what was asked.
    pub(super) const fn asked(value: u64) -> Self {
        Self::One { value, is_asked: true }
    }

    pub(super) const fn one(self) -> Option<u64> {
        match self {
            Self::One { value, .. } => Some(value),
            Self::Several | Self::Vague | Self::Nothing => None,
        }
    }
}

/// What a sum comes to: 6 of `4 + 2 = 6`.
pub(super) fn sum(sentence: &str) -> Option<u64> {
    SUM.captures(sentence)?["sum"].parse().ok()
}

impl Reader<'_> {
    /// What one sentence says: 4 of `Four of the 6 dogs bark` if the question counts dogs.
    pub(super) fn piece(&self, sentence: &str) -> Piece {
        let words = words(sentence);
        if words.len() > MOST_WORDS {
            return Piece::Nothing;
        }
        if let Some(sum) = sum(sentence) {
            return Piece::asked(sum);
        }
        let counted = self.counted(sentence, &words);
        let stands: Vec<&Counted> = counted.iter().filter(|found| !found.is_denied).collect();
        if is_vague(sentence, &words, &stands) {
            return Piece::Vague;
        }
        if let Some(value) = part_of(&words, &stands) {
            return Piece::asked(value);
        }
        let sizes = stands.iter().filter(|found| is_of_all(&words, found)).count();
        // Of a set only its size is told: `of the 4 none`.
        let denies = words.iter().any(|word| matches!(word.text.as_str(), "none" | "no" | "not"));
        if sizes > 0 && sizes == stands.len() && denies {
            return if has_none(&words) { Piece::asked(0) } else { Piece::Nothing };
        }
        // `Of the 5 instruments, 2 are sounding`: the size of the set is not the answer.
        let stands: Vec<&Counted> = stands
            .iter()
            .copied()
            .filter(|found| sizes == stands.len() || !is_of_all(&words, found))
            .collect();
        if let Some(value) = closing(sentence, &words, &stands) {
            return Piece::asked(value);
        }
        let distinct: BTreeSet<u64> = stands.iter().map(|found| found.value).collect();
        match (distinct.len(), distinct.first()) {
            (1, Some(&value)) => {
                let is_asked = stands.iter().any(|found| found.is_asked);
                if !is_asked && self.denies_in_a_clause(sentence, &words, &counted) {
                    Piece::asked(0)
                } else {
                    Piece::One { value, is_asked }
                }
            }
            (0, _) => {
                let is_free = counted.is_empty() || has_none(&words);
                let is_zero = self.denies_in_a_clause(sentence, &words, &counted)
                    || (is_free && self.says_zero(&words));
                if is_zero { Piece::asked(0) } else { Piece::Nothing }
            }
            _ => total(&words, &stands)
                .or_else(|| self.in_closest_clause(sentence, &words, &stands))
                .map_or(Piece::Several, Piece::asked),
        }
    }
}

/// Whether a bound or a range stands at one of the numbers: `at least 3`, `2-3`.
fn is_vague(sentence: &str, words: &[Word], stands: &[&Counted]) -> bool {
    let spans: Vec<_> = stands
        .iter()
        .map(|found| words[found.words.start].span.start..words[found.words.end - 1].span.end)
        .collect();
    if spans.is_empty() {
        return false;
    }
    let bounds: Vec<_> = BOUNDS.find_iter(sentence).collect();
    // `all over the place` is no bound.
    let is_bounded =
        bounds.iter().any(|bound| !sentence[..bound.start()].to_lowercase().ends_with("all "))
            && bounds.iter().any(|bound| {
                spans.iter().any(|span| {
                    (bound.end() <= span.start && span.start - bound.end() <= BOUND_GAP)
                        || (bound.start() >= span.end && bound.start() - span.end <= BOUND_GAP)
                        || (bound.start() <= span.start && bound.end() >= span.end)
                })
            });
    is_bounded
        || RANGE
            .find(sentence)
            .is_some_and(|range| spans.iter().any(|span| range.range().contains(&span.start)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::full_match::number::AskedNoun;
    use crate::family::full_match::question::Asked;

    #[test]
    fn sentences_say_how_many() {
        let asked = Asked::new("How many dogs are barking in the yard?");
        let noun = AskedNoun::new(&asked);
        let reader = Reader { asked: &asked, noun: &noun };
        let other = |value| Piece::One { value, is_asked: false };
        for (sentence, wanted) in [
            ("There are 4 dogs.", Piece::asked(4)),
            ("Four dogs and two cats.", Piece::asked(4)),
            ("3 out of 4 dogs bark.", Piece::asked(3)),
            ("Of the 5 dogs, 2 are barking.", other(2)),
            ("Of the 4, none bark.", Piece::asked(0)),
            ("There are no dogs.", Piece::asked(0)),
            ("Nobody barks.", Piece::asked(0)),
            ("2 dogs + 3 dogs = 5", Piece::asked(5)),
            ("2 brown and 3 white ones, so 5", Piece::asked(5)),
            ("I see 2 cats.", other(2)),
            ("At least 3 dogs bark.", Piece::Vague),
            ("2-3 dogs bark.", Piece::Vague),
            ("The clip lasts 10 seconds.", Piece::Nothing),
            ("One of the dogs is brown.", Piece::Nothing),
            ("No information was provided.", Piece::Nothing),
            ("7 cats, 9 birds", Piece::Several),
        ] {
            assert_eq!(reader.piece(sentence), wanted, "{sentence}");
        }
    }
}
