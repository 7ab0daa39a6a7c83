//! A value as language models write it: Python or JSON or something between the two.

use crate::LenientReader;

/// A value. Unlike Python's, a dict keeps repeated keys (they are a doubt, not a fact), and a
/// number keeps its digits.
#[derive(Debug, Clone, PartialEq)]
pub enum LenientValue {
    /// `{key: value}`, in order.
    Dict(Vec<(Self, Self)>),
    /// A list, tuple or set.
    Sequence(Vec<Self>),
    /// A quoted string.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// `None`, `null`.
    Absent,
    /// `true` or `False`.
    Flag(bool),
    /// A bare word.
    Word(String),
}

impl LenientValue {
    /// The value that `text` is, white space around it aside.
    #[must_use]
    pub fn whole(text: &str) -> Option<Self> {
        let mut reader = LenientReader::new(text);
        let (value, end) = reader.read(0)?;
        text[end..].trim().is_empty().then_some(value)
    }

    /// A string's or word's text, or a number's digits.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Word(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list, tuple or set.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Self]> {
        match self {
            Self::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dict, in order and with repeated keys.
    #[must_use]
    pub fn as_dict(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Dict(entries) => Some(entries),
            _ => None,
        }
    }
}
