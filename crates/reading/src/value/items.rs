//! What the items between brackets are together.

use std::collections::HashSet;
use std::ops::Range;

use super::node::{Entry, Kind, Node};

/// What stands between two commas.
pub(super) enum Item {
    Value(Node),
    Pair(Entry),
}

/// What the items of a container are together.
pub(super) fn assembled(items: Vec<Item>, braces: bool) -> Kind {
    let pairs = items.iter().filter(|item| matches!(item, Item::Pair(_))).count();
    if pairs == 0 {
        let mut values: Vec<Node> = items
            .into_iter()
            .filter_map(|item| match item {
                Item::Value(value) => Some(value),
                Item::Pair(_) => None,
            })
            .collect();
        return match (braces, values.pop()) {
            (true, None) => Kind::Object(Vec::new()),
            // Doubled braces.
            (true, Some(Node { kind: kind @ (Kind::Object(_) | Kind::List(_)), .. }))
                if values.is_empty() =>
            {
                kind
            }
            (_, last) => {
                values.extend(last);
                Kind::List(values)
            }
        };
    }
    if !braces && pairs < items.len() {
        // A list that pairs have got into: they are objects of their own.
        return Kind::List(with_objects(items));
    }
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Pair(entry) => entries.push(entry),
            Item::Value(Node { kind: Kind::Object(inner), .. }) => entries.extend(inner),
            Item::Value(Node { kind: Kind::Text(key) | Kind::Word(key), span }) => {
                let value = Node { kind: Kind::Null, span: span.end..span.end };
                entries.push(Entry { key, key_span: span, value });
            }
            // A list without a key is kept, so that nobody takes the rest for all that was said.
            Item::Value(Node { kind: Kind::List(values), span }) if !values.is_empty() => {
                let key_span = span.start..span.start;
                let value = Node { kind: Kind::List(values), span };
                entries.push(Entry { key: String::new(), key_span, value });
            }
            Item::Value(_) => {}
        }
    }
    Kind::Object(entries)
}

/// The values of a list whose pairs become objects; a key that repeats begins the next object.
fn with_objects(items: Vec<Item>) -> Vec<Node> {
    let mut values: Vec<Node> = Vec::new();
    // Whether the last value is such an object, and its keys.
    let mut keys: Option<HashSet<String>> = None;
    for item in items {
        match (item, values.last_mut()) {
            (Item::Value(value), _) => {
                keys = None;
                values.push(value);
            }
            (Item::Pair(entry), Some(Node { kind: Kind::Object(entries), span }))
                if keys.as_mut().is_some_and(|keys| keys.insert(entry.key.clone())) =>
            {
                span.end = entry.value.span.end;
                entries.push(entry);
            }
            (Item::Pair(entry), _) => {
                keys = Some(HashSet::from([entry.key.clone()]));
                let span = entry.key_span.start..entry.value.span.end;
                values.push(Node { kind: Kind::Object(vec![entry]), span });
            }
        }
    }
    values
}

/// `"dog": 1, 2, 3, 4` lacks its brackets: three or more numbers in a row behind a key are a list.
pub(super) fn with_loose_numbers(items: Vec<Item>) -> Vec<Item> {
    let is_number = |item: &Item| matches!(item, Item::Value(Node { kind: Kind::Number(_), .. }));
    let mut kept: Vec<Item> = Vec::with_capacity(items.len());
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        let Item::Pair(mut entry) = item else {
            kept.push(item);
            continue;
        };
        let mut numbers = Vec::new();
        if matches!(entry.value.kind, Kind::Number(_)) {
            while let Some(Item::Value(number)) = items.next_if(is_number) {
                numbers.push(number);
            }
        }
        if numbers.len() < 2 {
            kept.push(Item::Pair(entry));
            kept.extend(numbers.into_iter().map(Item::Value));
            continue;
        }
        let end = numbers.last().map_or(entry.value.span.end, |last| last.span.end);
        let span = entry.value.span.start..end;
        let first = std::mem::replace(&mut entry.value, Node { kind: Kind::Null, span });
        numbers.insert(0, first);
        entry.value.kind = Kind::List(numbers);
        kept.push(Item::Pair(entry));
    }
    kept
}

/// `Counter({...})` is its one argument, `dict(a=1)` its pairs, and `Box(1, 2)` a list.
pub(super) fn call_value(inner: Node, start: usize) -> Node {
    let span: Range<usize> = start..inner.span.end;
    let kind = match inner.kind {
        Kind::List(mut items)
            if items.len() == 1
                && items
                    .iter()
                    .all(|item| matches!(item.kind, Kind::List(_) | Kind::Object(_))) =>
        {
            items.pop().map_or(Kind::Null, |item| item.kind)
        }
        kind => kind,
    };
    Node { kind, span }
}
