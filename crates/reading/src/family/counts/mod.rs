//! How many of each: AMIC and VMIC.

mod amount;
mod asian;
mod gather;
mod lines;
mod mention;
mod phrase;
mod prose;
mod shapes;
mod table;

use std::ops::Range;

use crate::category::Categories;
use crate::family::decline::{cannot_tell, declines};
use crate::family::part::{Part, proper, without_fences};
use crate::read::Found;
use crate::value::{Container, Kind, containers};
use crate::{Count, Counts, Question, ReadingRule, Unread, Value};
use gather::Gather;

/// A value that some form of writing gives, and where it stands.
struct Given {
    counts: Counts,
    span: Range<usize>,
    rule: ReadingRule,
}

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let categories = Categories::of(question);
    let text = &*without_fences(text);
    let Part { span, rule } = proper(text);
    let shown = &text[span.clone()];
    if declines(text) {
        return Found::unread(Unread::Refused);
    }
    let tabled = table::without_tags(shown);
    let found = in_containers(shown, &categories)
        .map(|found| found.map(|found| Given { rule: ReadingRule::Container, ..found }))
        .or_else(|| lines::read(tabled.as_deref().unwrap_or(shown), &categories).map(Ok))
        .or_else(|| asian::read(shown, &categories).map(Ok))
        .or_else(|| prose::read(shown, &categories))
        .or_else(|| nothing(shown).map(Ok));
    match found {
        Some(Ok(given)) => {
            let place = if rule == ReadingRule::Whole { given.rule } else { rule };
            let at = span.start + given.span.start..span.start + given.span.end;
            Found::value(Value::Counts(given.counts), place, at)
        }
        Some(Err(reason)) => Found::unread(reason),
        None if cannot_tell(shown) => Found::unread(Unread::Refused),
        None => Found::unread(Unread::NothingFound),
    }
}

/// Containers that hold counts. Several that agree are one; several without a common name add up,
/// as JSON Lines do; else the last one wins if a conclusion leads to it.
fn in_containers(text: &str, categories: &Categories) -> Option<Result<Given, Unread>> {
    let mut given: Vec<Given> = Vec::new();
    let mut vague = false;
    let mut found = containers(text, false);
    if found.is_empty() {
        // `("dog", 2), ("cat", 1)` and `dict(dog=2)`, unless they stand among words.
        found = containers(text, true);
        if words_between(text, &found) > 1 {
            found.clear();
        }
    }
    for container in found {
        let mut gather = Gather::new(categories);
        if !shapes::gather(&container, &mut gather) {
            // What an object says is not looked for in its text once more.
            vague |= matches!(&container.node.kind, Kind::Object(entries) if !entries.is_empty());
            continue;
        }
        let span = container.node.span.clone();
        match gather.finish() {
            Some(counts) => {
                // An empty container beside others is decoration.
                given.push(Given { counts, span, rule: ReadingRule::Container });
            }
            None => vague = true,
        }
    }
    if given.iter().any(|given| !given.counts.named.is_empty()) {
        given.retain(|given| !given.counts.named.is_empty());
    }
    let Some(first) = given.first() else { return vague.then_some(Err(Unread::NothingFound)) };
    if given.iter().all(|other| same(&other.counts, &first.counts)) {
        return given.into_iter().next().map(Ok);
    }
    let mut last = given.pop()?;
    let previous = given.last().map_or(0, |given| given.span.end);
    if concludes(&text[previous..last.span.start]) {
        return Some(Ok(last));
    }
    let known = |counts: &Counts, name: &str| counts.named.iter().any(|(other, _)| other == name);
    for other in given.into_iter().rev() {
        if other.counts.named.iter().any(|(name, _)| known(&last.counts, name)) {
            return Some(Err(Unread::SeveralLeft));
        }
        let mut named = other.counts.named;
        named.append(&mut last.counts.named);
        last.counts.named = named;
        last.span.start = other.span.start;
    }
    Some(Ok(last))
}

/// Words outside the containers.
fn words_between(text: &str, found: &[Container]) -> usize {
    let (mut from, mut words) = (0, 0);
    let count = |part: &str| {
        part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
    };
    for container in found {
        words += count(&text[from..container.node.span.start]);
        from = container.node.span.end;
    }
    words + count(&text[from..])
}

fn same(one: &Counts, other: &Counts) -> bool {
    let mut names = [one.named.clone(), other.named.clone()];
    for names in &mut names {
        names.sort_by(|a, b| a.0.cmp(&b.0));
    }
    names[0] == names[1]
}

/// Whether the words before a container make it the one that counts.
fn concludes(before: &str) -> bool {
    const WORDS: [&str; 16] = [
        "final",
        "answer",
        "therefore",
        "thus",
        "conclusion",
        "so ",
        "correct",
        "actually",
        "total",
        "overall",
        "hence",
        "revised",
        "updated",
        "instead",
        "答案",
        "最终",
    ];
    let before = before.to_lowercase();
    WORDS.iter().any(|word| before.contains(word))
}

/// Whether the answer says in words that there is nothing to count.
fn nothing(text: &str) -> Option<Given> {
    let counts = Counts::default();
    let whole = Given { counts, span: 0..text.len(), rule: ReadingRule::Statement };
    prose::says_nothing(text).then_some(whole)
}

/// Adds a count; one that is no whole number makes the name's count unclear.
fn add(one: Count, other: Count) -> Count {
    match (one, other) {
        (Count::Whole(one), Count::Whole(other)) => Count::Whole(one.saturating_add(other)),
        _ => Count::Unclear,
    }
}

#[cfg(test)]
mod tests;
