//! Counts in containers: objects, lists of names, lists of objects, groups of them.

use super::amount::Amount;
use super::gather::Gather;
use super::phrase::phrase;
use crate::category::normal;
use crate::value::{Container, Entry, Kind, Node, containers};

const COUNT_KEYS: [&str; 18] = [
    "count",
    "counts",
    "number",
    "num",
    "quantity",
    "amount",
    "instances",
    "n",
    "qty",
    "total",
    "frequency",
    "value",
    "instance count",
    "num instances",
    "cnt",
    "数量",
    "个数",
    "number of instances",
];

const NAME_KEYS: [&str; 25] = [
    "name",
    "label",
    "category",
    "class",
    "object",
    "type",
    "source",
    "sound source",
    "instrument",
    "item",
    "animal",
    "sound",
    "class name",
    "category name",
    "entity",
    "name en",
    "key",
    "species",
    "element",
    "subject",
    "object name",
    "source name",
    "名称",
    "类别",
    "kind",
];

/// Keys that hold talk instead of counts.
const TALK_KEYS: [&str; 13] = [
    "reasoning",
    "explanation",
    "thought",
    "thoughts",
    "analysis",
    "note",
    "notes",
    "comment",
    "description",
    "rationale",
    "evidence",
    "question",
    "summary",
];

/// Keys around a value.
const WRAPPERS: [&str; 14] = [
    "answer",
    "result",
    "results",
    "objects",
    "counts",
    "sound sources",
    "sources",
    "output",
    "final answer",
    "response",
    "prediction",
    "instances",
    "items",
    "categories",
];

/// Containers in strings in containers.
const DEPTH: usize = 8;

/// Gathers what a container counts; false if it counts nothing and does not say so.
pub(super) fn gather(container: &Container, gather: &mut Gather<'_>) -> bool {
    value(&container.node, gather, DEPTH)
}

fn value(node: &Node, gather: &mut Gather<'_>, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &node.kind {
        Kind::Object(entries) => object(entries, gather, depth),
        Kind::List(items) => list(items, gather, depth),
        Kind::Null => {
            gather.empty();
            true
        }
        Kind::Text(text) | Kind::Word(text) => {
            let inner = containers(text, false);
            if inner.is_empty() {
                return texts(text, gather);
            }
            inner.iter().fold(false, |any, inner| value(&inner.node, gather, depth) | any)
        }
        Kind::Bool(_) | Kind::Number(_) => false,
    }
}

/// A text in the place of counts: `2 dogs and 1 cat`, `dog, cat`, `none`.
fn texts(text: &str, gather: &mut Gather<'_>) -> bool {
    if matches!(normal(text).as_str(), "none" | "nothing" | "empty") {
        gather.empty();
        return true;
    }
    let found: Option<Vec<_>> =
        text.split([',', ';', '\n']).flat_map(|part| part.split(" and ")).map(phrase).collect();
    let Some(found) = found.filter(|found| !found.is_empty()) else { return false };
    let mut any = false;
    for (name, amount) in found {
        if gather.categories.fold(name).known {
            gather.add(name, amount.unwrap_or(Amount::Whole(1)));
            any = true;
        } else if let Some(amount) = amount {
            gather.add(name, amount);
            any = true;
        }
    }
    any
}

fn object(entries: &[Entry], gather: &mut Gather<'_>, depth: usize) -> bool {
    if entries.is_empty() {
        gather.empty();
        return true;
    }
    if let Some(found) = named(entries, gather) {
        return found;
    }
    // Beside an answer everything else is talk.
    let answers = entries.iter().filter(|entry| {
        let key = normal(&entry.key);
        matches!(key.as_str(), "answer" | "final answer" | "result")
            && !gather.categories.fold(&entry.key).known
    });
    let mut any = false;
    for entry in answers {
        any |= value(&entry.value, gather, depth);
    }
    if any {
        return true;
    }
    // `{"1": "dog", "2": "cat"}` may number or count.
    let numbered = entries.iter().all(|entry| {
        let held = matches!(entry.value.kind, Kind::Object(_) | Kind::List(_));
        entry.key.trim().chars().all(|c| c.is_ascii_digit()) && !held
    });
    if numbered {
        return false;
    }
    for entry in entries {
        any |= pair(entry, gather, depth);
    }
    any
}

/// One object that describes one thing, or names and counts side by side.
fn named(entries: &[Entry], gather: &mut Gather<'_>) -> Option<bool> {
    let find = |keys: &[&str]| {
        let of = |entry: &&Entry| keys.contains(&normal(&entry.key).as_str());
        entries.iter().find(of)
    };
    let plural = |keys: &[&str]| {
        let of = |entry: &&Entry| {
            let key = normal(&entry.key);
            keys.contains(&key.trim_end_matches('s')) && matches!(entry.value.kind, Kind::List(_))
        };
        entries.iter().find(of)
    };
    if let (Some(names), Some(counts)) =
        (plural(&NAME_KEYS), plural(&["count", "number", "quantity"]))
    {
        let (Kind::List(names), Kind::List(counts)) = (&names.value.kind, &counts.value.kind)
        else {
            return None;
        };
        if names.len() != counts.len() {
            return Some(false);
        }
        for (name, count) in names.iter().zip(counts) {
            gather.add(name.text()?, amount(count)?);
        }
        return Some(true);
    }
    let name = find(&NAME_KEYS)?.value.text().filter(|_| entries.len() < 12)?;
    let several = name.contains([',', ';']);
    if gather.categories.fold(&find(&NAME_KEYS)?.key).known || several {
        return None;
    }
    let count = match find(&COUNT_KEYS) {
        Some(entry) => amount(&entry.value).unwrap_or(Amount::Unclear),
        None => Amount::Whole(1),
    };
    gather.add(name, count);
    Some(true)
}

fn pair(entry: &Entry, gather: &mut Gather<'_>, depth: usize) -> bool {
    let key = normal(&entry.key);
    let known = gather.categories.fold(&entry.key).known;
    if !known && TALK_KEYS.contains(&key.as_str()) {
        return false;
    }
    match &entry.value.kind {
        Kind::Object(inner) if inner.is_empty() => {
            gather.empty();
            true
        }
        Kind::Object(inner) => {
            let count =
                inner.iter().find(|entry| COUNT_KEYS.contains(&normal(&entry.key).as_str()));
            match count.and_then(|entry| amount(&entry.value)) {
                Some(_) if !known && key.chars().all(|c| c.is_ascii_digit()) => {
                    object(inner, gather, depth)
                }
                Some(count)
                    if known || named(inner, &mut Gather::new(gather.categories)).is_none() =>
                {
                    gather.add(&entry.key, count);
                    true
                }
                _ if known => {
                    // `{"dog": {"dog_1": [..], "dog_2": [..]}}` or anything else of no clear number.
                    gather.add(&entry.key, Amount::Unclear);
                    true
                }
                _ => object(inner, gather, depth),
            }
        }
        Kind::List(items) if known => {
            let boxes =
                items.iter().all(|item| matches!(item.kind, Kind::List(_) | Kind::Object(_)));
            let count = if boxes { Amount::of_number(items.len() as f64) } else { Amount::Unclear };
            gather.add(&entry.key, count);
            true
        }
        Kind::List(items) => list(items, gather, depth),
        Kind::Null => {
            if known || WRAPPERS.contains(&key.as_str()) {
                gather.empty();
            }
            known
        }
        _ => match amount(&entry.value) {
            Some(amount) => {
                gather.add(&entry.key, amount);
                true
            }
            None if WRAPPERS.contains(&key.as_str()) => value(&entry.value, gather, depth),
            None if known => {
                gather.add(&entry.key, Amount::Unclear);
                true
            }
            None => false,
        },
    }
}

fn list(items: &[Node], gather: &mut Gather<'_>, depth: usize) -> bool {
    if items.is_empty() {
        gather.empty();
        return true;
    }
    // `["dog", 2]`, `("dog", 2)`.
    if let [
        Node { kind: Kind::Text(name) | Kind::Word(name), .. },
        Node { kind: Kind::Number(number), .. },
    ] = items
    {
        gather.add(name, Amount::of_number(number.value));
        return true;
    }
    let mut any = false;
    for item in items {
        match &item.kind {
            Kind::Text(text) | Kind::Word(text) => {
                let Some((name, amount)) = phrase(text) else { continue };
                let known = gather.categories.fold(name).known;
                // A bare word off the list is rather prose in brackets.
                if known || amount.is_some() || matches!(item.kind, Kind::Text(_)) {
                    gather.add(name, amount.unwrap_or(Amount::Whole(1)));
                    any = true;
                }
            }
            Kind::Object(_) | Kind::List(_) => any |= value(item, gather, depth),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
        }
    }
    any
}

/// The amount that a value is; `None` if it is none at all.
fn amount(node: &Node) -> Option<Amount> {
    match &node.kind {
        Kind::Number(number) if number.percent => Some(Amount::Unclear),
        Kind::Number(number) => Some(Amount::of_number(number.value)),
        Kind::Bool(_) => Some(Amount::Unclear),
        Kind::Text(text) | Kind::Word(text) => Amount::of_text(text).or_else(|| {
            let (_, amount) = phrase(text)?;
            amount
        }),
        Kind::Null | Kind::List(_) | Kind::Object(_) => None,
    }
}
