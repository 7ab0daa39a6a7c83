//! A JSON value whose strings are borrowed from the text that it was read from.

use std::borrow::Cow;

use num_bigint::BigInt;

use crate::{Dict, Value};

/// What `json.loads` makes of a text, with strings borrowed from it where they hold no escapes.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// An integer beyond that.
    BigInt(BigInt),
    /// A number with a fraction or an exponent, `NaN` or `Infinity`.
    Float(f64),
    /// A string.
    Str(Cow<'a, str>),
    /// An array.
    Array(Vec<Self>),
    /// The entries of an object as they stand in the text, keys that repeat included.
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Json<'a> {
    /// The value of a key, which is the last one if it stands twice; `None` also for what is no
    /// object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The same as a Python value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::None,
            Self::Bool(bit) => Value::Bool(*bit),
            Self::Int(number) => Value::from(*number),
            Self::BigInt(number) => Value::Int(number.clone()),
            Self::Float(number) => Value::Float(*number),
            Self::Str(text) => Value::Str(text.clone().into_owned()),
            Self::Array(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Self::Object(entries) => {
                let mut dict = Dict::default();
                for (key, value) in entries {
                    dict.insert(Value::Str(key.clone().into_owned()), value.to_value());
                }
                Value::Dict(dict)
            }
        }
    }
}
