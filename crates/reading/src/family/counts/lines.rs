//! Counts in lines and enumerations: `- dog: 2`, `dog=2; cat=1`, `2 dogs and 1 cat`.

use std::sync::LazyLock;

use regex::Regex;

use super::Given;
use super::amount::Amount;
use super::gather::{Gather, is_total};
use super::phrase::{BULLET, GENERIC, is_unit, phrase};
use super::table::table;
use crate::category::{Categories, normal};
use crate::value::{Kind, pairs};
use crate::{Count, Counts, ReadingRule};

/// What leads to a list on its own line.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\s*(?:(?:the |my |final |correct )*(?:answers?|result|output|counts?)(?: is| are)?\s*[:=：]\s*|",
        r"(?:here (?:is|are)|here's)[^:\n]{0,80}:\s*|",
        r"(?:i (?:can )?(?:hear|see|count|identify|detect)|there (?:is|are)|the (?:audio|image|picture|video|clip|sound)[^:,\n]{0,40}",
        r"(?:contains?|shows?|has|features?|includes?))\s*(?:the following)?[^:,\n]{0,30}:\s*|",
        r"(?:sound sources?|objects?|instruments?|sources?|animals?|items?)(?: (?:detected|found|identified|heard|present|visible))?\s*:\s*)",
    ))
    .expect("the pattern is constant and tested")
});

/// Reads a text whose lines or pieces are names with counts.
pub(super) fn read(text: &str, categories: &Categories) -> Option<Given> {
    if let Some(counts) = named_lines(text, categories) {
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Container });
    }
    if let Some(counts) = without_braces(text, categories) {
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Container });
    }
    let mut gather = Gather::new(categories);
    if table(text, &mut gather) || listed(text, &mut gather) {
        let counts = gather.finish().filter(counts_any)?;
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Container });
    }
    let mut gather = Gather::new(categories);
    if enumerated(text, &mut gather) {
        let counts = gather.finish().filter(counts_any)?;
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Whole });
    }
    None
}

/// Pairs in quotes that lack their braces: `"dog": 2, "cat": 1}`.
fn without_braces(text: &str, categories: &Categories) -> Option<Counts> {
    if text.len() > 2_000 || !text.contains(['"', '\'', '“']) || !text.contains([':', '：']) {
        return None;
    }
    let mut gather = Gather::new(categories);
    for entry in pairs(text) {
        let amount = match &entry.value.kind {
            Kind::Number(number) if !number.percent => Amount::of_number(number.value),
            _ => Amount::of_text(entry.value.text()?)?,
        };
        if !gather.knows(&entry.key) {
            return None;
        }
        gather.add(&entry.key, amount);
    }
    gather.finish().filter(counts_any)
}

/// `name: dog` on one line and `count: 2` on the next.
fn named_lines(text: &str, categories: &Categories) -> Option<Counts> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?im)^[ \t]*(?:-[ \t]*)?(?:name|label|class|category|object|source|sound source|item|type|instrument)[ \t]*:[ \t]*(?P<name>[^\n:]{1,60})\n",
            r"[ \t]*(?:-[ \t]*)?(?:count|number|quantity|num|amount|instances)[ \t]*:[ \t]*(?P<amount>\w{1,12})[ \t]*$",
        ))
        .expect("the pattern is constant and tested")
    });
    let mut gather = Gather::new(categories);
    for found in NAMED.captures_iter(text) {
        gather.add(&found["name"], Amount::of_text(&found["amount"])?);
    }
    gather.finish().filter(counts_any)
}

/// Whether not all counts are vague, and something is counted.
fn counts_any(counts: &Counts) -> bool {
    counts.named.is_empty() || counts.named.iter().any(|(_, count)| *count != Count::Unclear)
}

/// Lines with a name and a count each, among others that say something else.
fn listed(text: &str, gather: &mut Gather<'_>) -> bool {
    let (mut pairs, mut known, mut bare, mut prose) = (Vec::new(), 0, Vec::new(), 0);
    let mut lines = 0;
    for line in text.lines() {
        let plain = line.trim();
        if plain.is_empty()
            || plain.starts_with("```")
            || plain.chars().all(|c| "-=*_#".contains(c))
        {
            continue;
        }
        lines += 1;
        let plain = LEAD.find(plain).map_or(plain, |lead| &plain[lead.end()..]);
        if plain.is_empty() || plain.trim_end_matches(['*', ' ']).ends_with([':', '：']) {
            continue;
        }
        let bulleted = BULLET.is_match(plain);
        match phrase(plain) {
            Some((name, Some(amount))) if !is_total(&normal(name)) && !is_unit(name) => {
                let on_list = gather.knows(name);
                let generic = GENERIC.contains(&normal(name).as_str());
                known += usize::from(on_list);
                if on_list || !generic {
                    pairs.push((name, amount));
                }
            }
            Some((name, None)) if gather.categories.fold(name).known => bare.push((name, bulleted)),
            Some((_, Some(_))) => {}
            _ => prose += 1,
        }
    }
    if known > 0 && prose == 0 || known >= 2 {
        // Bare names between names with counts are one each only if nothing else is said.
        if !bare.is_empty() && prose > 0 {
            return false;
        }
        for (name, amount) in pairs {
            gather.add(name, amount);
        }
        for (name, _) in bare {
            gather.add(name, Amount::Whole(1));
        }
        return true;
    }
    // Nothing but names, one a line.
    if pairs.is_empty() && bare.len() >= 2 && bare.len() == lines
        || (bare.len() >= 2 && prose == 0 && bare.iter().all(|(_, bulleted)| *bulleted))
    {
        for (name, _) in bare {
            gather.add(name, Amount::Whole(1));
        }
        return true;
    }
    false
}

/// The list after words that lead to it: `There are 3 animals: 2 dogs and 1 cat`, `Detected: dog (2)`.
fn after_lead<'t>(text: &'t str, gather: &Gather<'_>) -> &'t str {
    let Some((before, after)) = text.split_once([':', '：']) else { return text };
    let first = after.split([',', '，', ';']).next().unwrap_or_default();
    let counted = phrase(first).is_some_and(|(_, amount)| amount.is_some());
    let words = || before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let generic = words().any(|word| GENERIC.contains(&word.to_lowercase().as_str()));
    let plain = words().count() <= 6
        && words().all(|word| gather.categories.find(word).is_none())
        && !before.chars().any(|c| c.is_ascii_digit());
    if counted && (generic || plain) && !gather.knows(before) { after } else { text }
}

/// `in total 3 animals`.
fn sums_up(part: &str) -> bool {
    const WORDS: [&str; 14] = [
        "in",
        "total",
        "altogether",
        "overall",
        "a",
        "of",
        "number",
        "there",
        "are",
        "so",
        "making",
        "for",
        "the",
        "=",
    ];
    let mut words = part
        .split(|c: char| !c.is_alphanumeric() && c != '=')
        .filter(|word| !word.is_empty())
        .peekable();
    let mut total = false;
    words.peek().is_some()
        && words.all(|word| {
            let word = word.to_lowercase();
            let generic = GENERIC.contains(&word.as_str());
            total |= generic || matches!(word.as_str(), "total" | "altogether" | "overall");
            generic || WORDS.contains(&word.as_str()) || Amount::of_text(&word).is_some()
        })
        && total
}

/// The category at the end of a name of two or three words: `thick book`; `None` if the words before
/// it say more than what it is like.
fn head<'t>(name: &'t str, categories: &Categories) -> Option<&'t str> {
    if categories.fold(name).known || Categories::is_other(&normal(name)) {
        return Some(name);
    }
    let Some((before, last)) = name.rsplit_once(' ') else { return Some(name) };
    let says_more = before.split(' ').any(|word| SAYS_MORE.contains(&word.to_lowercase().as_str()));
    if says_more || before.split(' ').count() > 2 {
        return None;
    }
    Some(if categories.find(last).is_some() { last } else { name })
}

/// Words before a name in an enumeration that are no part of it.
const SAYS_MORE: [&str; 24] = [
    "no", "not", "but", "or", "without", "maybe", "perhaps", "possibly", "of", "with", "than",
    "like", "another", "is", "are", "the", "in", "on", "at", "least", "more", "only", "never", "i",
];

/// One line or more of pieces between commas and `and`, every one a name with or without a count.
fn enumerated(text: &str, gather: &mut Gather<'_>) -> bool {
    let text = text.trim();
    let text = LEAD.find(text).map_or(text, |lead| &text[lead.end()..]);
    let text = after_lead(text, gather);
    if text.len() > 600 {
        return false;
    }
    // `dog, 2; cat, 1`
    let pieces: Vec<_> = text.split([';', '；', '\n']).map(phrase).collect();
    let paired = |found: &Option<(&str, Option<Amount>)>| {
        found.is_some_and(|(name, amount)| amount.is_some() && gather.knows(name))
    };
    if pieces.len() > 1 && pieces.iter().all(paired) {
        for (name, amount) in pieces.into_iter().flatten() {
            gather.add(name, amount.unwrap_or(Amount::Unclear));
        }
        return true;
    }
    let parts = text
        .split([',', ';', '，', '；', '、', '\n', '/', '+', '&'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" y "))
        .flat_map(|part| part.split(" et "))
        .flat_map(|part| part.split(" und "))
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut found = Vec::new();
    for part in parts {
        if sums_up(part) && !found.is_empty() {
            continue;
        }
        let Some((name, amount)) = phrase(part) else { return false };
        let lower = normal(name);
        if is_total(&lower) {
            continue;
        }
        let Some(name) = head(name, gather.categories) else { return false };
        let on_list = gather.knows(name);
        if GENERIC.contains(&lower.as_str()) && !on_list || is_unit(name) {
            return false;
        }
        if !on_list && (amount.is_none() || name.split_whitespace().count() > 2) {
            return false;
        }
        found.push((name, amount, on_list));
    }
    // Plurals without a count are many of unknown number.
    let clear = |(name, amount, _): &(&str, Option<Amount>, bool)| {
        amount.is_some()
            || gather
                .categories
                .find(name)
                .is_none_or(|named| named.form != crate::category::Form::Plural)
    };
    if !found.iter().any(|(_, _, on_list)| *on_list) || !found.iter().all(clear) {
        return false;
    }
    for (name, amount, _) in found {
        gather.add_from_prose(name, amount.unwrap_or(Amount::Whole(1)));
    }
    gather.len() > 0
}
