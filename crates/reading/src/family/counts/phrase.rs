//! A name with its count in a short piece of text: `2 dogs`, `dog x2`, `dog: two`.

use std::sync::LazyLock;

use regex::Regex;

use super::amount::Amount;
use crate::category::normal;

/// Longer pieces are prose.
const PIECE_BYTES: usize = 80;

pub(super) static BULLET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[-*•·●▪◦–—+>]+\s+|\(?\d{1,2}[.)、]\s*|[①-⑳]\s*|#{1,6}\s+|[✅✓☑🐶🐱]\s*)+")
        .expect("the pattern is constant and tested")
});

/// `dog: 2`, `dog - 2`, `dog = 2`, `dog x2`, `dog (2)`, `dog 2`.
static NAME_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?P<name>[^\d:=：→|]*?[^\s\d:=：→|(（×✕*-](?:[_ #]\d+)?)(?:\s*\*+)?\s*",
        r"(?:(?:[:：=→]|->|=>|--?|–|—)\s*[x×✕]?|\s[x×✕*]|[×✕*]|[\[(（]\s*[x×✕]?|[,，]\s*|…|\.{2,}|\s+)\s*\**\s*",
        r"(?P<amount>\d+(?:\.\d+)?)\s*[x×✕]?\s*(?:\*+)?[)）\]]?",
        r"(?:\s*(?:instances?|sources?|times?|pcs|pieces?|objects?|sounds?|items?|only|individuals?|in total|[\p{Han}\p{Hangul}ひつ]{1,2})\b\.?|)\s*(?:\(.*\)|（.*）|,? ?[-–—] .*)?[.。!]?\s*$",
    ))
    .expect("the pattern is constant and tested")
});

/// `dog: two`, `dog (two)`.
static WORD_LAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?P<name>[^\d:=：→|(（]*?[^\s\d:=：→|(（×✕*-])(?:\s*\*+)?\s*(?:[:：=→(（]|->|=>|--|–|—|\s-\s)\s*\**\s*(?P<amount>\p{L}+)\s*\**[)）]?",
        r"(?:\s+(?:instances?|sources?|times?|pieces?|objects?|sounds?|items?|only|individuals?|in total))?\s*(?:\(.*\)|（.*）)?[.。!]?\s*$",
    ))
    .expect("the pattern is constant and tested")
});

/// `2 dogs`, `2x dog`, `two: dogs`.
static NUMBER_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<amount>\d+|[\p{L}]+)\s*(?:[x×✕*]\s+|[x×✕]\s*|[:：]\s*|\s)\s*(?P<name>\p{L}[\p{L}\s_'’\-]*?)\s*(?:\(.*\))?[.。!]?\s*$")
        .expect("the pattern is constant and tested")
});

/// `the number of dogs is 2`.
static NUMBER_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:the )?(?:total )?(?:number|count|amount|quantity) of (?P<name>[\p{L} _'-]+?)\s*(?:is|are|was|were|equals|[:=：])\s*(?P<amount>\w+)[.。!]?$")
        .expect("the pattern is constant and tested")
});

/// Units and other nouns that are counted without being things.
const UNITS: [&str; 36] = [
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "time",
    "times",
    "sec",
    "s",
    "ms",
    "hz",
    "khz",
    "db",
    "channel",
    "channels",
    "frame",
    "frames",
    "percent",
    "category",
    "categories",
    "type",
    "types",
    "kind",
    "kinds",
    "different",
    "distinct",
    "class",
    "classes",
    "of",
    "each",
    "more",
    "bars",
    "beats",
    "notes",
    "times",
];

/// Nouns for whatever was counted.
pub(super) const GENERIC: [&str; 38] = [
    "animal",
    "animals",
    "object",
    "objects",
    "thing",
    "things",
    "item",
    "items",
    "source",
    "sources",
    "sound",
    "sounds",
    "instrument",
    "instruments",
    "vehicle",
    "vehicles",
    "instance",
    "instances",
    "people",
    "person",
    "persons",
    "fruit",
    "fruits",
    "entity",
    "entities",
    "voice",
    "voices",
    "human",
    "humans",
    "speaker",
    "speakers",
    "element",
    "elements",
    "creature",
    "creatures",
    "singers",
    "musicians",
    "total",
];

/// A name and its count in a short piece: `2 dogs`, `dog x2`, `dog: two`, `dog`.
pub(super) fn phrase(piece: &str) -> Option<(&str, Option<Amount>)> {
    let piece = piece.trim();
    let piece = BULLET
        .find(piece)
        .filter(|bullet| bullet.end() < piece.len())
        .map_or(piece, |bullet| &piece[bullet.end()..]);
    let piece = piece
        .trim()
        .trim_start_matches("and ")
        .trim_matches(|c: char| c.is_whitespace() || "*`\"'“”".contains(c));
    if piece.is_empty() || piece.len() > PIECE_BYTES {
        return None;
    }
    if let Some(found) = NUMBER_OF.captures(piece) {
        let name = found.name("name").map_or("", |found| found.as_str());
        return Amount::of_text(&found["amount"]).map(|amount| (name, Some(amount)));
    }
    if let Some(found) = NUMBER_FIRST.captures(piece) {
        let name = found.name("name").map_or("", |found| found.as_str());
        if let Some(amount) = Amount::of_text(&found["amount"]) {
            return (!name.is_empty()).then_some((name, Some(amount)));
        }
    }
    for pattern in [&NAME_FIRST, &WORD_LAST] {
        let Some(found) = pattern.captures(piece) else { continue };
        let name = found.name("name").map_or("", |found| found.as_str()).trim();
        if let Some(amount) = Amount::of_text(&found["amount"]) {
            return Some((name, Some(amount)));
        }
    }
    // `dog: several`, `dog: 2-3`.
    if let Some((name, rest)) = piece.split_once([':', '=', '：']) {
        return Amount::of_text(rest).map(|amount| (name.trim(), Some(amount)));
    }
    let bare = piece.trim_end_matches(['.', '!', '。']);
    let named = bare.split_whitespace().count() <= 4;
    named.then_some((bare, None))
}

pub(super) fn is_unit(name: &str) -> bool {
    normal(name).split(' ').next().is_some_and(|word| UNITS.contains(&word))
}
