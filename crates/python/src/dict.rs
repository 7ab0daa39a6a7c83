//! A dict: insertion order, and keys that are equal when Python's `==` says so.

use std::collections::HashMap;

use num_bigint::BigInt;

use crate::Value;
use crate::convert::float_to_int;

/// Up to so many keys a dict is searched from the start, which is faster than hashing.
const SMALL: usize = 8;

/// The place of each key. Boxed in a dict, so that the many small ones stay small.
#[derive(Debug, Clone, Default)]
struct Places(HashMap<Key, usize>);

/// A dict. A key set twice keeps its first place and takes the last value.
#[derive(Debug, Clone, Default)]
pub struct Dict {
    entries: Vec<(Value, Value)>,
    /// The place of each key, unless the dict is small.
    places: Option<Box<Places>>,
}

impl Dict {
    /// Sets `key` to `value`. False, and nothing done, if the key is unhashable.
    pub fn insert(&mut self, key: Value, value: Value) -> bool {
        let place = match &key {
            Value::Str(text) => self.place_of_text(text),
            other => {
                let Some(identity) = Key::of(other) else { return false };
                self.place(&identity)
            }
        };
        if let Some(place) = place {
            self.entries[place].1 = value;
        } else {
            self.entries.push((key, value));
            self.index();
        }
        true
    }

    /// The value of a key; `None` also for an unhashable one.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        match key {
            Value::Str(text) => self.get_str(text),
            other => self.place(&Key::of(other)?).map(|place| &self.entries[place].1),
        }
    }

    /// The value of a string key.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        self.place_of_text(key).map(|place| &self.entries[place].1)
    }

    /// The value of an integer key, which `True`, `1.0` and the like equal.
    #[must_use]
    pub fn get_int(&self, key: i64) -> Option<&Value> {
        self.place(&Key::Int(key.into())).map(|place| &self.entries[place].1)
    }

    fn place_of_text(&self, text: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.0.get(&Key::Str(text.to_owned())).copied(),
            None => self.entries.iter().position(|(key, _)| key.as_str() == Some(text)),
        }
    }

    fn place(&self, key: &Key) -> Option<usize> {
        match &self.places {
            Some(places) => places.0.get(key).copied(),
            None => self.entries.iter().position(|(other, _)| key.is_of(other)),
        }
    }

    /// Notes the place of the entry that was added last, once the dict is not small any more.
    fn index(&mut self) {
        if self.entries.len() <= SMALL {
            return;
        }
        let places = &mut self.places.get_or_insert_default().0;
        for place in places.len()..self.entries.len() {
            // Only hashable keys were let in.
            if let Some(key) = Key::of(&self.entries[place].0) {
                places.insert(key, place);
            }
        }
    }

    /// Keys and values in insertion order.
    #[must_use = "an iterator does nothing by itself"]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Keys in insertion order.
    #[must_use = "an iterator does nothing by itself"]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Same entries in the same order.
impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

/// What makes two hashable values the same key: `1`, `1.0`, `True` and `1+0j` are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    None,
    Ellipsis,
    Int(BigInt),
    /// Bits of a float that is no integer.
    Float(u64),
    /// Bits of a complex number that is not real.
    Complex(u64, u64),
    Str(String),
    Bytes(Vec<u8>),
    Tuple(Vec<Self>),
}

impl Key {
    /// `None` for lists, dicts, sets and tuples that hold one: they are unhashable.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::None => Self::None,
            Value::Ellipsis => Self::Ellipsis,
            Value::Bool(bit) => Self::Int(BigInt::from(u8::from(*bit))),
            Value::Int(number) => Self::Int(number.clone()),
            Value::Float(number) => Self::of_float(*number),
            Value::Complex(real, imaginary) if *imaginary == 0.0 => Self::of_float(*real),
            // Adding 0 makes a negative zero positive: the two are equal.
            Value::Complex(real, imaginary) => {
                Self::Complex((real + 0.0).to_bits(), imaginary.to_bits())
            }
            Value::Str(text) => Self::Str(text.clone()),
            Value::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Value::Tuple(items) => Self::Tuple(items.iter().map(Self::of).collect::<Option<_>>()?),
            Value::List(_) | Value::Set(_) | Value::Dict(_) => return None,
        })
    }

    /// Whether this is the key of `value`.
    fn is_of(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Str(text), Value::Str(other)) => text == other,
            (Self::Str(_), _) | (_, Value::Str(_)) => false,
            (key, other) => Self::of(other).as_ref() == Some(key),
        }
    }

    fn of_float(number: f64) -> Self {
        match float_to_int(number) {
            Some(integer) if number.fract() == 0.0 => Self::Int(integer),
            _ => Self::Float(number.to_bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_one_key() {
        let mut dict = Dict::default();
        for key in [
            Value::from(1),
            Value::Bool(true),
            Value::Float(1.0),
            Value::Complex(1.0, -0.0),
            Value::from("1"),
            Value::Float(1.5),
        ] {
            let value = Value::from(dict.len() as i64);
            assert!(dict.insert(key, value));
        }
        assert_eq!(dict.len(), 3);
        assert_eq!(dict.iter().next(), Some((&Value::from(1), &Value::from(1))));
        assert_eq!(dict.get_int(1), Some(&Value::from(1)));
        assert_eq!(dict.get_str("1"), Some(&Value::from(1)));
        assert!(!dict.insert(Value::Tuple(vec![Value::List(Vec::new())]), Value::None));
    }

    #[test]
    fn many_keys_are_found_as_few_are() {
        let mut dict = Dict::default();
        for round in 0..2 {
            for number in 0..20 {
                assert!(dict.insert(Value::from(number), Value::from(round)));
                assert!(dict.insert(Value::from(number.to_string().as_str()), Value::from(number)));
                assert_eq!(dict.get_int(number), Some(&Value::from(round)));
            }
        }
        assert_eq!(dict.len(), 40);
        assert_eq!(dict.get_str("7"), Some(&Value::from(7)));
        assert_eq!(dict.get(&Value::Float(19.0)), Some(&Value::from(1)));
        assert_eq!(dict.get(&Value::List(Vec::new())), None);
        assert_eq!(dict.keys().nth(3), Some(&Value::from("1")));
    }
}
