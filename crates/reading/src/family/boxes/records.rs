//! Named boxes in values.

use super::Labelled;
use super::categories::Categories;
use super::prose;
use crate::Scale;
use crate::box_numbers::{
    BoxValue, Hints, NAME_KEYS, TIME_KEYS, Written, is_among, is_aside, is_box_key, is_wrapper,
    mentions, of_node, squeeze,
};
use crate::value::{Entry, Kind, Node};

/// Deeper values hold no boxes.
const DEPTH: usize = 12;

/// What a value says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Records {
    pub(super) boxes: Vec<Labelled>,
    /// Whether it says of something that it has no box.
    pub(super) says_absent: bool,
}

/// Reads all named boxes of a value.
pub(super) fn records(node: &Node, categories: &Categories) -> Records {
    let mut reader = Reader { categories, records: Records::default() };
    reader.node(node, None, DEPTH);
    reader.records
}

struct Reader<'a> {
    categories: &'a Categories,
    records: Records,
}

impl Reader<'_> {
    fn node(&mut self, node: &Node, name: Option<&str>, depth: usize) {
        if depth == 0 {
            return;
        }
        match &node.kind {
            Kind::Object(entries) => self.object(node, entries, name, depth),
            Kind::List(items) => self.list(node, items, name, depth),
            Kind::Text(text) | Kind::Word(text) => self.text(node, text, name),
            Kind::Null if name.is_some() => self.records.says_absent = true,
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
        }
    }

    fn push(&mut self, name: Option<&str>, written: Option<Written>) {
        let name = name.and_then(|name| self.categories.folded(name));
        self.records.boxes.push(Labelled { name, written });
    }

    fn take(&mut self, name: Option<&str>, found: BoxValue) {
        match found {
            BoxValue::One(written) => self.push(name, Some(written)),
            BoxValue::Several(several) => {
                for written in several {
                    self.push(name, written);
                }
            }
            BoxValue::Absent => self.records.says_absent = true,
            BoxValue::Unreadable => self.push(name, None),
        }
    }

    fn object(&mut self, node: &Node, entries: &[Entry], name: Option<&str>, depth: usize) {
        if self.parallel(entries) {
            return;
        }
        let own = own_name(entries);
        let name = self.better(own.as_deref(), name).map(str::to_owned);
        let nested =
            entries.iter().find(|entry| is_box_key(&entry.key) && holds_names(&entry.value));
        if let Some(entry) = nested {
            return self.node(&entry.value, name.as_deref(), depth - 1);
        }
        if let Some(found) = of_node(node) {
            let found = match found {
                BoxValue::One(written) => BoxValue::One(with_picture_size(written, entries)),
                found => found,
            };
            return self.take(name.as_deref(), found);
        }
        for entry in entries {
            let is_own_name =
                own.is_some() && is_among(&entry.key, &NAME_KEYS) && entry.value.text().is_some();
            if is_own_name || is_aside(&entry.key) || is_among(&entry.key, &TIME_KEYS) {
                continue;
            }
            let key =
                if is_generic(&entry.key) { name.as_deref() } else { Some(entry.key.as_str()) };
            self.node(&entry.value, key, depth - 1);
        }
    }

    /// The name of a record or the key that leads to it: rather one that the folder knows.
    fn better<'n>(&self, own: Option<&'n str>, key: Option<&'n str>) -> Option<&'n str> {
        let is_known = |name: &&str| {
            self.categories.folded(name).is_some_and(|name| self.categories.is_known(&name))
        };
        own.filter(is_known).or_else(|| key.filter(is_known)).or(own).or(key)
    }

    /// `{"bboxes": [[...], [...]], "labels": ["dog", "cat"]}`.
    fn parallel(&mut self, entries: &[Entry]) -> bool {
        let list = |names: &dyn Fn(&str) -> bool| {
            entries.iter().find(|entry| names(&entry.key)).and_then(|entry| {
                match &entry.value.kind {
                    Kind::List(items) => Some(items),
                    _ => None,
                }
            })
        };
        let names = list(&|key| is_among(key, &NAME_KEYS) || squeeze(key) == "objects");
        let (Some(boxes), Some(names)) = (list(&is_box_key), names) else { return false };
        let is_fit = boxes.len() == names.len()
            && boxes.iter().all(|found| matches!(found.kind, Kind::List(_) | Kind::Object(_)))
            && names.iter().all(|name| name.text().is_some());
        if is_fit {
            for (name, found) in names.iter().zip(boxes) {
                let found = of_node(found).unwrap_or(BoxValue::Unreadable);
                self.take(name.text(), found);
            }
        }
        is_fit
    }

    fn list(&mut self, node: &Node, items: &[Node], name: Option<&str>, depth: usize) {
        if let Some((label, found)) = labelled(items) {
            return self.take(Some(label), found);
        }
        let is_record =
            |item: &Node| matches!(&item.kind, Kind::Object(entries) if !is_box_only(entries));
        let holds_labels = items.iter().any(|item| match &item.kind {
            Kind::List(items) => items.iter().any(|item| label_of(item).is_some()),
            Kind::Text(_) => label_of(item).is_some(),
            _ => is_record(item),
        });
        if holds_labels {
            for item in items {
                self.node(item, name, depth - 1);
            }
            return;
        }
        match of_node(node) {
            Some(BoxValue::Unreadable | BoxValue::Absent) if name.is_none() => {}
            Some(found) => self.take(name, found),
            None => {}
        }
    }

    fn text(&mut self, node: &Node, text: &str, name: Option<&str>) {
        let Some(name) = name else {
            // A text such as `dog_1: [0.1, 0.2, 0.5, 0.9]`.
            if let Ok(Some(found)) = prose::read(text, self.categories) {
                self.records.boxes.extend(found.boxes);
            }
            return;
        };
        let is_instance = name.ends_with(|c: char| c.is_ascii_digit())
            || self.categories.folded(name).is_some_and(|name| self.categories.is_known(&name));
        match of_node(node) {
            Some(BoxValue::Unreadable | BoxValue::Absent) if !is_instance => {}
            Some(found) => self.take(Some(name), found),
            None => {}
        }
    }
}

/// The text of a value that names something.
fn label_of(node: &Node) -> Option<&str> {
    node.text().filter(|text| {
        let is_number = text.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '.');
        !is_number && text.chars().any(char::is_alphabetic) && mentions(text).is_empty()
    })
}

/// `["dog", [1, 2, 3, 4]]`, `["dog", 1, 2, 3, 4]`, `[1, 2, 3, 4, "dog"]`.
fn labelled(items: &[Node]) -> Option<(&str, BoxValue)> {
    let (label, rest) = match items {
        [first, rest @ ..] if label_of(first).is_some() => (label_of(first)?, rest),
        [rest @ .., last] if label_of(last).is_some() => (label_of(last)?, rest),
        _ => return None,
    };
    let found = match rest {
        [only] => of_node(only)?,
        [_, _, _, _] => {
            let numbers: Vec<f64> = rest
                .iter()
                .map(|item| item.number().map(|number| number.value))
                .collect::<Option<_>>()?;
            BoxValue::One(Written { numbers: numbers.try_into().ok()?, hints: Hints::default() })
        }
        _ => return None,
    };
    matches!(found, BoxValue::One(_) | BoxValue::Several(_)).then_some((label, found))
}

/// The name that a record gives itself.
fn own_name(entries: &[Entry]) -> Option<String> {
    let named = NAME_KEYS.iter().find_map(|name| {
        let entry = entries.iter().find(|entry| squeeze(&entry.key) == *name)?;
        text_of(&entry.value)
    });
    if named.is_some() {
        return named;
    }
    // Behind a box whose bracket does not close.
    let inner =
        entries.iter().filter(|entry| is_box_key(&entry.key)).find_map(|entry| {
            match &entry.value.kind {
                Kind::List(items) => match items.last().map(|item| &item.kind) {
                    Some(Kind::Object(inner)) if items.len() == 5 => own_name(inner),
                    _ => None,
                },
                _ => None,
            }
        });
    if inner.is_some() {
        return inner;
    }
    // The only text of a record, whatever its key.
    let mut texts = entries.iter().filter(|entry| {
        !is_aside(&entry.key)
            && !is_box_key(&entry.key)
            && !is_among(&entry.key, &TIME_KEYS)
            && entry.value.text().is_some_and(|text| {
                entry.value.number().is_none()
                    && text.len() <= 60
                    && !text.contains(|c: char| c.is_ascii_digit() && text.contains(','))
            })
    });
    let is_record = entries.iter().any(|entry| is_box_key(&entry.key));
    match (is_record, texts.next(), texts.next()) {
        (true, Some(entry), None) => text_of(&entry.value),
        _ => None,
    }
}

fn text_of(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) | Kind::Word(text) => {
            text.chars().any(char::is_alphabetic).then(|| text.clone())
        }
        Kind::List(items) => match &items[..] {
            [only] => text_of(only),
            _ => None,
        },
        // `{"zh": "老水手", "en": "Old Sailor"}`.
        Kind::Object(entries) => {
            let english = entries.iter().find(|entry| {
                matches!(squeeze(&entry.key).as_str(), "en" | "english" | "name" | "label")
            });
            english.or(entries.first()).and_then(|entry| text_of(&entry.value))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
    }
}

/// Whether a value holds records with names of their own.
fn holds_names(node: &Node) -> bool {
    match &node.kind {
        Kind::List(items) if items.first().is_some_and(|item| item.number().is_some()) => false,
        Kind::List(items) => items.iter().any(|item| match &item.kind {
            Kind::Object(entries) => !is_box_only(entries),
            Kind::List(items) => labelled(items).is_some(),
            _ => false,
        }),
        Kind::Object(entries) => of_node(node).is_none() && !entries.is_empty(),
        _ => false,
    }
}

/// Whether an object is a box and nothing else.
fn is_box_only(entries: &[Entry]) -> bool {
    own_name(entries).is_none()
        && of_node(&Node { kind: Kind::Object(entries.to_vec()), span: 0..0 }).is_some()
}

/// Whether a key numbers or wraps what it leads to without naming it.
fn is_generic(key: &str) -> bool {
    let key = squeeze(key);
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    stem.is_empty()
        || is_wrapper(stem)
        || matches!(
            stem,
            "object"
                | "obj"
                | "instance"
                | "item"
                | "source"
                | "category"
                | "sound"
                | "entity"
                | "id"
        )
}

/// Boxes beside the size of their picture are in pixels.
fn with_picture_size(written: Written, entries: &[Entry]) -> Written {
    let is_size = |entry: &Entry| {
        matches!(
            squeeze(&entry.key).as_str(),
            "imagewidth" | "imageheight" | "imagesize" | "framesize" | "originalwh" | "resolution"
        )
    };
    if written.hints.scale.is_none() && entries.iter().any(is_size) {
        let hints = Hints { scale: Some(Scale::Pixels), ..written.hints };
        return Written { hints, ..written };
    }
    written
}
