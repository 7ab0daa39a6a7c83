//! A JSON value that knows where in its text it stands.

use std::ops::Range;

use num_bigint::BigInt;

use crate::JsonText;

/// What `json.loads` makes of a text, and where it stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedJson<'a> {
    /// The value.
    pub value: PlacedValue<'a>,
    /// The bytes of the text that it was read from, quotes and brackets included.
    pub place: Range<usize>,
}

/// A JSON value as Python tells them apart.
#[derive(Debug, Clone, PartialEq)]
pub enum PlacedValue<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent, of any size.
    Int(BigInt),
    /// A number with a fraction or an exponent, `NaN` or `Infinity`.
    Float(f64),
    /// A string.
    Str(JsonText<'a>),
    /// An array.
    Array(Vec<PlacedJson<'a>>),
    /// The entries of an object as they stand in the text, keys that repeat included.
    Object(Vec<PlacedEntry<'a>>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedEntry<'a> {
    /// The key.
    pub key: JsonText<'a>,
    /// The bytes of the text that the key was read from, quotes included.
    pub key_place: Range<usize>,
    /// The value.
    pub value: PlacedJson<'a>,
}

impl<'a> From<PlacedValue<'a>> for PlacedJson<'a> {
    fn from(value: PlacedValue<'a>) -> Self {
        Self { value, place: 0..0 }
    }
}

impl<'a> PlacedJson<'a> {
    /// The value of a key, which is the last one if it stands twice; `None` also for what is no
    /// object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let PlacedValue::Object(entries) = &self.value else { return None };
        entries.iter().rev().find(|entry| entry.key == *key).map(|entry| &entry.value)
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&JsonText<'a>> {
        match &self.value {
            PlacedValue::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.value {
            PlacedValue::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[PlacedEntry<'a>]> {
        match &self.value {
            PlacedValue::Object(entries) => Some(entries),
            _ => None,
        }
    }
}
