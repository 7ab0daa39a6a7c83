//! A value with its place in the text.

use std::ops::Range;

/// A container that stands in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Container {
    /// An object or a list.
    pub(crate) node: Node,
    /// Whether its closing bracket stands in the text; otherwise the text broke off, and the last
    /// item may be incomplete.
    pub(crate) closed: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: Kind,
    /// Bytes of the text, quotes and brackets included.
    pub(crate) span: Range<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// `null`, `None`, `undefined`, or a value that is missing after its key.
    Null,
    /// `true`, `False`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string in quotes of any kind, without them.
    Text(String),
    /// Anything else up to the next separator: `two dogs`, `120px`, `image_0`.
    Word(String),
    /// A list, tuple or set.
    List(Vec<Node>),
    /// Pairs in the order of the text; a key may repeat.
    Object(Vec<Entry>),
}

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    /// Its value; 35 for `35%`.
    pub(crate) value: f64,
    /// Whether `%` follows.
    pub(crate) percent: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The key without quotes.
    pub(crate) key: String,
    /// Bytes of the text, quotes included.
    pub(crate) key_span: Range<usize>,
    /// The value.
    pub(crate) value: Node,
}

/// More words than this between two separators are prose.
const PROSE_WORDS: usize = 6;

impl Node {
    /// The text of a string or bare word.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Word(text) => Some(text),
            _ => None,
        }
    }

    /// A number, also one that stands in quotes.
    pub(crate) fn number(&self) -> Option<Number> {
        match &self.kind {
            Kind::Number(number) => Some(*number),
            Kind::Text(text) | Kind::Word(text) => number_of(text),
            _ => None,
        }
    }

    /// Whether a container holds nothing, or a bare text of more words than a name has.
    pub(super) fn is_prose(&self) -> bool {
        let long = |text: &str| text.split_whitespace().nth(PROSE_WORDS).is_some();
        let is_long = |node: &Self| matches!(&node.kind, Kind::Word(text) if long(text));
        match &self.kind {
            Kind::List(items) => items.is_empty() || items.iter().any(is_long),
            Kind::Object(entries) => {
                entries.is_empty()
                    || entries.iter().any(|entry| long(&entry.key) || is_long(&entry.value))
            }
            _ => false,
        }
    }
}

/// The number that a text is, as a whole; `%` may follow.
pub(super) fn number_of(text: &str) -> Option<Number> {
    let text = text.trim();
    let (digits, percent) = match text.strip_suffix(['%', '％']) {
        Some(digits) => (digits.trim_end(), true),
        None => (text, false),
    };
    let starts_as_number = |c: char| c.is_ascii_digit() || "+-−.".contains(c);
    if !digits.starts_with(starts_as_number) || !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let plain = digits.replace('−', "-").replace('_', "");
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(Number { value, percent })
}
