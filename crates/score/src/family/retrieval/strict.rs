//! Retrieval: indices of the candidates that fit, the surest first.

use std::collections::HashSet;
use std::ops::Range;

use avibench_python::{BigInt, is_space, is_word, lower, parse_int};

use super::RankingParts;
use super::official::{DISCOUNT, MOST_INDICES};
use crate::judgement::{Judgement, graded};
use crate::number::numbers;
use crate::prepared::Prepared;
use crate::{ScoringRule, VerdictOutcome};

/// No hit.
pub(super) const NOTHING: RankingParts = RankingParts { hit_at_1: 0.0, hit_at_3: 0.0, f1: 0.0 };

/// Judges an answer that is not empty.
pub(super) fn judge(label: &[i64], answer: &Prepared<'_>) -> Judgement {
    let text = answer.text.as_ref();
    let Some((rule, indices, place)) = read(text) else {
        let rule = ScoringRule::AllIntegers;
        let (outcome, parts) = (VerdictOutcome::Unread, Some(NOTHING.into()));
        return Judgement { outcome, parts, read: String::new(), rule, span: None };
    };
    let label: HashSet<BigInt> = label.iter().copied().map(BigInt::from).collect();
    let discount = if indices.len() > MOST_INDICES.max(label.len()) { DISCOUNT } else { 1.0 };
    let both_empty = indices.is_empty() && label.is_empty();
    let hit_within = |k: usize| {
        let hit = both_empty || indices.iter().take(k).any(|index| label.contains(index));
        if hit { discount } else { 0.0 }
    };
    let hits = indices.iter().filter(|index| label.contains(index)).count();
    let f1 = match indices.len() + label.len() {
        0 => 1.0,
        both => 2.0 * hits as f64 / both as f64,
    };
    let f1 = f1 * discount;
    let parts = RankingParts { hit_at_1: hit_within(1), hit_at_3: hit_within(3), f1 };
    let read: Vec<String> = indices.iter().map(BigInt::to_string).collect();
    let read = format!("[{}]", read.join(", "));
    let span = answer.span(place);
    Judgement { outcome: graded(f1, 1.0), parts: Some(parts.into()), read, rule, span }
}

/// The indices in the answer's order without repeats, how they were read, and where they stand:
/// the first list, else all integers, else the word `none`.
fn read(text: &str) -> Option<(ScoringRule, Vec<BigInt>, Range<usize>)> {
    if let Some((indices, place)) = first_list(text) {
        return Some((ScoringRule::FirstList, indices, place));
    }
    let numerals = numbers(text);
    // Words such as `one` are prose here, and a fraction is no index.
    let integers = numerals.into_iter().filter(|numeral| {
        !numeral.value.contains('.') && !text[numeral.span.clone()].contains(char::is_alphabetic)
    });
    let integers: Vec<_> = integers.collect();
    if let [first, ..] = integers.as_slice() {
        let place = first.span.start..integers[integers.len() - 1].span.end;
        let indices = integers.iter().filter_map(|numeral| parse_int(&numeral.value).ok());
        return Some((ScoringRule::AllIntegers, distinct(indices), place));
    }
    let place = none_word(text)?;
    Some((ScoringRule::NoneWord, Vec::new(), place))
}

/// The first pair of brackets with nothing but integers between them, maybe quoted.
fn first_list(text: &str) -> Option<(Vec<BigInt>, Range<usize>)> {
    let mut open = None;
    for (at, c) in text.char_indices() {
        match c {
            '[' => open = Some(at),
            ']' => {
                let Some(start) = open.take() else { continue };
                let separates =
                    |c: char| is_space(c) || matches!(c, ',' | ';' | '\'' | '"' | '，' | '、');
                let pieces = text[start + 1..at].split(separates).filter(|piece| !piece.is_empty());
                let indices: Option<Vec<BigInt>> =
                    pieces.map(|piece| parse_int(piece).ok()).collect();
                if let Some(indices) = indices {
                    return Some((distinct(indices), start..at + 1));
                }
            }
            _ => {}
        }
    }
    None
}

fn distinct(indices: impl IntoIterator<Item = BigInt>) -> Vec<BigInt> {
    let mut seen = HashSet::new();
    indices.into_iter().filter(|index| seen.insert(index.clone())).collect()
}

/// Where the word `none` stands, in any case.
fn none_word(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    text.split_inclusive(|c| !is_word(c)).find_map(|piece| {
        let start = at;
        at += piece.len();
        let word = piece.trim_end_matches(|c| !is_word(c));
        (lower(word) == "none").then(|| start..start + word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_first_then_integers_then_none() {
        for (text, rule, indices) in [
            ("[0,3]", ScoringRule::FirstList, vec![0, 3]),
            ("[ '7', \"1\" ; 7 ]", ScoringRule::FirstList, vec![7, 1]),
            ("see [image 2]: [4] or [5]", ScoringRule::FirstList, vec![4]),
            ("[[1, 2], [3]]", ScoringRule::FirstList, vec![1, 2]),
            ("of 9 images: []", ScoringRule::FirstList, vec![]),
            ("images 3 and 0, 3.", ScoringRule::AllIntegers, vec![3, 0]),
            ("one of them is 2", ScoringRule::AllIntegers, vec![2]),
            ("0: fits; none of the others", ScoringRule::AllIntegers, vec![0]),
            ("None of them!", ScoringRule::NoneWord, vec![]),
        ] {
            let (found, read, _) = read(text).unwrap();
            let expected: Vec<BigInt> = indices.into_iter().map(BigInt::from).collect();
            assert_eq!((found, read), (rule, expected), "{text}");
        }
        for text in ["nonexistent", "0.5", "the first one", "[", "]", "[x]"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
