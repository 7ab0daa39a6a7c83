//! A JSON string as Python holds it, where half a character (a lone surrogate) may stand in it.

use std::borrow::Cow;

/// What one escape of a JSON string stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A character.
    Char(char),
    /// A surrogate without its other half.
    Lone(u16),
}

impl Unit {
    /// The character with this number, or the surrogate.
    pub(crate) fn of(code: u32) -> Self {
        char::from_u32(code).map_or(Self::Lone(code as u16), Self::Char)
    }
}

/// A string of a JSON text. Rust's strings cannot hold lone surrogates, so U+FFFD stands in place of
/// each, and which one it was is kept beside it: two strings are equal exactly if they are to Python.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct JsonText<'a> {
    text: Cow<'a, str>,
    /// Byte offset in `text` and code unit of every lone surrogate.
    lone: Vec<(usize, u16)>,
}

impl<'a> JsonText<'a> {
    /// The string, with U+FFFD in place of every lone surrogate: it has as many characters as Python
    /// counts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As [`Self::as_str`], borrowed where the string holds no escapes.
    #[must_use]
    pub fn into_cow(self) -> Cow<'a, str> {
        self.text
    }

    /// Whether a lone surrogate stands in it.
    #[must_use]
    pub fn has_lone_surrogate(&self) -> bool {
        !self.lone.is_empty()
    }

    /// Adds characters that stand for themselves.
    pub(crate) fn push_plain(&mut self, plain: &'a str) {
        if self.text.is_empty() {
            self.text = Cow::Borrowed(plain);
        } else if !plain.is_empty() {
            self.text.to_mut().push_str(plain);
        }
    }

    /// Adds what an escape stands for.
    pub(crate) fn push(&mut self, unit: Unit) {
        match unit {
            Unit::Char(c) => self.text.to_mut().push(c),
            Unit::Lone(surrogate) => {
                self.lone.push((self.text.len(), surrogate));
                self.text.to_mut().push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

impl PartialEq<str> for JsonText<'_> {
    fn eq(&self, other: &str) -> bool {
        self.lone.is_empty() && self.text == other
    }
}

impl<'a> From<&'a str> for JsonText<'a> {
    fn from(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), lone: Vec::new() }
    }
}
