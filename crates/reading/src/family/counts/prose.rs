//! Counts in sentences: `two dogs and a cat are heard`, `What howls there is a wolf`.
//!
//! Only what a sentence leaves no doubt about is read. A hedge, an alternative or a second count of
//! the same thing leaves the whole answer unread.

use std::sync::LazyLock;

use regex::Regex;

use super::Given;
use super::amount::Amount;
use super::gather::Gather;
use super::mention::{
    BOUNDARIES, DEFINITE, Mention, VAGUE, WORDS, Word, amount_of, is_european, mentions, split,
};
use super::phrase::GENERIC;
use crate::category::{Categories, Form};
use crate::{ReadingRule, Unread};

static HEDGES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:maybe|perhaps|possibly|might|could be|may be|may have|either|sounds? like|resembl\w+|similar to|if|",
        r"whether|unless|unclear|not sure|not certain|hard to|difficult to|uncertain|one more|another|or more|at least|",
        r"at most|up to|more than|fewer than|not only|imagin\w+|would|should|example|e\.g\.|quizás|tal vez|peut-être|vielleicht|",
        r"looks? like|not clear|up to|too many)\b|\?",
    ))
    .expect("the pattern is constant and tested")
});

static NOTHING: LazyLock<Regex> = LazyLock::new(|| {
    let things = r"(?:sound sources?|sounds?|sources?|objects?|instruments?|animals?|items?|categor(?:y|ies)|class(?:es)?|things?|instances?|of (?:the|these|those)(?: \w+){0,2}|one|matching \w+|recogni[sz]able \w+|identifiable \w+|listed \w+|audible \w+|visible \w+|relevant \w+|target \w+|such \w+)";
    Regex::new(&format!(
        concat!(
            r"(?is)^\W*(?:the )?(?:answers?|result|count|output|final answer)?(?: is)?\W*(?:",
            r"(?:none|nothing|zero|empty|silence|nil|no one|nobody)(?:\W*$|[.,;!]| (?:of|at all|is|can|from|to|are|was|were|here|there|i)\b)|",
            r"(?:there (?:is|are|were|was) |i (?:hear|see|can (?:hear|see|identify|detect)|detect|identify|find|do not (?:hear|see) any|don't (?:hear|see) any|(?:can't|cannot) (?:hear|see|identify|detect) any) |contains |shows )?",
            r"(?:no(?:ne)?|nothing|silence|only silence|zero)? ?(?:\w+ )?{things}(?:\W*$| (?:is|are|was|were|can|could|from|in|on|that|to|heard|seen|visible|audible|present|detected|found|identified|match|here|at|for|of|listed|appear)\b)|",
            r"(?:the )?(?:audio|clip|recording|image|picture|video|sound|track|scene|it)(?: \w+)? (?:is|are|remains|seems) (?:completely |entirely |totally )?(?:silent|empty|blank|quiet)\b|",
            r"(?:the )?(?:audio|clip|recording|image|picture|video|sound|scene|it)(?: \w+)? (?:contains?|shows?|has|holds?|includes?) (?:no|none|nothing)\b|",
            r"(?:the )?(?:audio|clip|recording|image|picture|video|sound|scene|it)(?: \w+)? (?:does not|doesn't|do not|don't) (?:contain|show|have|include|feature) any\b|",
            r"i (?:hear|see) nothing\b|没有(?:任何)?(?:声音|声源|物体|目标|动物|乐器|东西|对象)|无(?:声源|声音|物体|。|$)|(?:音源|物体|音)は(?:ありません|ない)|없(?:음|습니다)",
            r")"
        ),
        things = things
    ))
    .expect("the pattern is constant and tested")
});

/// Whether a short text says that there is nothing to count.
pub(super) fn says_nothing(text: &str) -> bool {
    let denies = Regex::new(
        r"(?i)\b(?:no|none|nothing|not|n't|zero|empty|silen\w+|blank|quiet|nil|nobody)\b|n['’]t\b|没有|无|ない|ありません|없",
    );
    text.len() <= 300 && denies.is_ok_and(|denies| denies.is_match(text)) && NOTHING.is_match(text)
}

/// How a mention is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Number(Amount),
    Definite,
    Bare,
    Denied,
}

/// Reads sentences; `Some(Err(...))` if they count things but leave doubt.
pub(super) fn read(text: &str, categories: &Categories) -> Option<Result<Given, Unread>> {
    let text = after_total(text);
    let words = split(text);
    if words.len() > WORDS {
        return None;
    }
    let mentions = mentions(&words, categories, is_european(&words));
    if mentions.is_empty() {
        return None;
    }
    if HEDGES.is_match(text) || offers_choice(&words, &mentions) {
        return Some(Err(Unread::SeveralLeft));
    }
    let mut counted: Vec<(String, Amount)> = Vec::new();
    for (index, mention) in mentions.iter().enumerate() {
        let from = index.checked_sub(1).map_or(0, |before| mentions[before].end);
        let said = said(&words, from, mention);
        let known =
            counted.iter().find(|(name, _)| *name == mention.name).map(|(_, amount)| *amount);
        let amount = match (said, mention.form) {
            (Said::Denied, _) => Amount::Whole(0),
            (Said::Number(amount), _) => amount,
            (Said::Definite | Said::Bare, _) if known.is_some() => continue,
            (Said::Definite | Said::Bare, Form::Singular) => Amount::Whole(1),
            (Said::Definite | Said::Bare, _) => Amount::Unclear,
        };
        match known {
            None => counted.push((mention.name.clone(), amount)),
            Some(known) if known == amount && amount != Amount::Whole(1) => {}
            Some(_) => return Some(Err(Unread::SeveralLeft)),
        }
    }
    // A number that belongs to nothing read so far may count what was read.
    if has_loose_number(&words, &mentions) {
        return Some(Err(Unread::SeveralLeft));
    }
    let mut gather = Gather::new(categories);
    let whole = counted.iter().any(|(_, amount)| matches!(amount, Amount::Whole(1..)));
    for (name, amount) in counted {
        gather.add(&name, amount);
    }
    for (name, amount) in strangers(&words, &mentions) {
        gather.add_from_prose(&name, amount);
    }
    if !whole {
        return None;
    }
    let counts = gather.finish()?;
    Some(Ok(Given { counts, span: 0..text.len(), rule: ReadingRule::Statement }))
}

/// The list after `Four things are on the table:`.
fn after_total(text: &str) -> &str {
    let Some((before, after)) = text.split_once(':') else { return text };
    let counts_all = before.split_whitespace().any(|word| {
        GENERIC.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str())
    });
    if counts_all && after.chars().any(char::is_alphabetic) { after } else { text }
}

/// How the words before a mention count it; `from` is the end of the mention before.
fn said(words: &[Word<'_>], from: usize, mention: &Mention) -> Said {
    if is_denied(words, from, mention) {
        return Said::Denied;
    }
    let mut at = mention.start;
    for steps in 0..5 {
        if at <= from || words[at].after_break {
            break;
        }
        at -= 1;
        let word = words[at].lower.as_str();
        if word == "of" {
            let before =
                at.checked_sub(1).map(|before| words[before].lower.as_str()).unwrap_or_default();
            return match before {
                "pair" | "duo" => Said::Number(Amount::Whole(2)),
                "trio" if mention.form == Form::Plural => Said::Number(Amount::Whole(3)),
                "dozen" => Said::Number(Amount::Whole(12)),
                "sound" | "sounds" | "voice" | "noise" | "voices" | "total" | "picture"
                | "image" | "photo" | "music" | "recording" | "consists" | "consist" | "duet"
                | "mixture" | "mix" | "combination" | "trio" | "quartet" | "ensemble"
                | "performance" | "howl" | "bark" | "cry" | "call" | "roar" => Said::Bare,
                _ if steps == 0 => Said::Number(Amount::Unclear),
                _ => Said::Definite,
            };
        }
        if word == "dozen" {
            return Said::Number(Amount::Whole(12));
        }
        if VAGUE.contains(&word) {
            return Said::Number(Amount::Unclear);
        }
        if let Some(amount) = amount_of(word) {
            // `a few dogs`, `one of the dogs`.
            return Said::Number(amount);
        }
        if DEFINITE.contains(&word) {
            // `the two dogs` was found above; `one of the dogs` is no count of its own.
            return Said::Definite;
        }
        if BOUNDARIES.contains(&word) {
            let colours = word == "and" && steps > 0 && at > from;
            if !colours {
                break;
            }
        }
    }
    Said::Bare
}

fn is_denied(words: &[Word<'_>], from: usize, mention: &Mention) -> bool {
    let sentence = words[mention.start].sentence;
    let mut at = mention.start;
    let mut in_phrase = true;
    while at > 0 && words[at - 1].sentence == sentence && mention.start - at < 12 {
        let broken = words[at].after_break;
        at -= 1;
        let word = words[at].lower.as_str();
        if matches!(
            word,
            "no" | "without"
                | "neither"
                | "nor"
                | "zero"
                | "kein"
                | "keine"
                | "keinen"
                | "aucun"
                | "aucune"
                | "ningún"
                | "ninguna"
                | "absent"
        ) && in_phrase
            && !broken
        {
            return true;
        }
        if matches!(word, "not" | "never" | "cannot" | "sin")
            || word.ends_with("n't")
            || word.ends_with("n’t")
        {
            return true;
        }
        if matches!(word, "but" | "however" | "only" | "just") {
            return false;
        }
        if at < from && words[at].lower != "or" {
            in_phrase = false;
        }
    }
    // `The dog is not heard`.
    let tail = words[mention.end..]
        .iter()
        .take(4)
        .take_while(|word| !word.after_break && word.sentence == sentence);
    let mut verbs = false;
    for word in tail {
        if matches!(word.lower.as_str(), "is" | "are" | "was" | "were" | "can" | "does" | "do") {
            verbs = true;
        } else if verbs && word.lower == "not"
            || word.lower == "cannot"
            || word.lower == "absent"
            || word.lower.ends_with("n't")
            || word.lower.ends_with("n’t")
        {
            return true;
        } else if !verbs {
            return false;
        }
    }
    false
}

/// Whether two categories are named with `or` between them.
fn offers_choice(words: &[Word<'_>], mentions: &[Mention]) -> bool {
    mentions.windows(2).any(|pair| {
        let between = &words[pair[0].end..pair[1].start];
        let or =
            between.iter().any(|word| matches!(word.lower.as_str(), "or" | "oder" | "ou" | "o"));
        or && !is_denied(words, 0, &pair[0])
    })
}

/// Whether a number stands by itself, before no noun.
fn has_loose_number(words: &[Word<'_>], mentions: &[Mention]) -> bool {
    const GROUPS: [&str; 9] =
        ["twice", "thrice", "once", "trio", "duo", "pair", "quartet", "both", "dozen"];
    words.iter().enumerate().any(|(at, word)| {
        if GROUPS.contains(&word.lower.as_str()) {
            return false;
        }
        if !matches!(amount_of(&word.lower), Some(Amount::Whole(2..)))
            && word.lower.parse::<u64>().is_err()
        {
            return false;
        }
        let counts = mentions.iter().any(|mention| {
            at < mention.start
                && mention.start <= at + 5
                && !words[at + 1..=mention.start].iter().any(|word| word.after_break)
        });
        let next = words.get(at + 1).filter(|next| !next.after_break);
        let before_noun = next.is_some_and(|next| {
            next.lower.len() > 1
                && !BOUNDARIES.contains(&next.lower.as_str())
                && amount_of(&next.lower).is_none()
        });
        let of_them = next.is_some_and(|next| next.lower == "of");
        !counts && !before_noun && !of_them && !word.lower.ends_with('s')
    })
}

/// Things off the list that are counted in digits or words: `two foxes`.
fn strangers(words: &[Word<'_>], mentions: &[Mention]) -> Vec<(String, Amount)> {
    const UNITS: [&str; 14] = [
        "seconds",
        "minutes",
        "times",
        "hours",
        "channels",
        "types",
        "kinds",
        "categories",
        "classes",
        "notes",
        "beats",
        "bars",
        "years",
        "metres",
    ];
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(Amount::Whole(number @ 2..)) = amount_of(&word.lower) else { continue };
        let Some(noun) = words.get(at + 1).filter(|noun| !noun.after_break) else { continue };
        let inside = mentions.iter().any(|mention| mention.start <= at + 4 && at < mention.end);
        let noun = noun.lower.as_str();
        let plural = noun.len() > 3 && noun.ends_with('s') && !noun.ends_with("ss");
        if plural && !inside && !GENERIC.contains(&noun) && !UNITS.contains(&noun) {
            found.push((noun.to_owned(), Amount::Whole(number)));
        }
    }
    found
}
