//! The fields of a record of data.json, each with the way to it.

use std::borrow::Cow;
use std::collections::HashMap;

use avibench_python::{Json, Value, equal_int, to_float, to_int, to_str};

use crate::sample::SampleError;

/// The value as Python's `str` writes it.
pub(crate) fn written(value: &Json<'_>) -> String {
    match value {
        Json::Str(text) => text.clone().into_owned(),
        other => to_str(&other.to_value()),
    }
}

/// A value together with the way to it, so that an error can name its place.
pub(crate) struct Field<'a> {
    /// The field that it is part of.
    whole: Option<&'a Self>,
    step: Step<'a>,
    pub(crate) value: Option<&'a Json<'a>>,
}

/// The last step of the way to a field.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Field<'a> {
    pub(crate) fn root(value: &'a Json<'a>) -> Self {
        Self { whole: None, step: Step::Key(""), value: Some(value) }
    }

    pub(crate) fn get(&'a self, key: &'a str) -> Self {
        let value = self.value.and_then(|value| value.get(key));
        Self { whole: Some(self), step: Step::Key(key), value }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, None | Some(Json::Null))
    }

    /// The value, unless it is null or absent.
    pub(crate) fn present(&self) -> Option<Value> {
        self.value.filter(|_| !self.is_null()).map(Json::to_value)
    }

    /// The value as Python's `str` writes it, unless it is null or absent.
    pub(crate) fn written(&self) -> Option<String> {
        self.value.filter(|_| !self.is_null()).map(written)
    }

    /// The way to the field within the record.
    pub(crate) fn path(&self) -> String {
        let Some(whole) = self.whole else { return String::new() };
        let path = whole.path();
        match self.step {
            Step::Key(key) if path.is_empty() => key.to_owned(),
            Step::Key(key) => format!("{path}.{key}"),
            Step::Index(index) => format!("{path}[{index}]"),
        }
    }

    pub(crate) fn error(&self, expected: &'static str) -> SampleError {
        let path = self.path();
        let field = if path.is_empty() { "the record" } else { &path };
        SampleError::new(field, expected, self.value.map(Json::to_value).as_ref())
    }

    pub(crate) fn object(&self) -> Result<&'a [(Cow<'a, str>, Json<'a>)], SampleError> {
        match self.value {
            Some(Json::Object(entries)) => Ok(entries),
            _ => Err(self.error("an object")),
        }
    }

    pub(crate) fn optional_object(&self) -> Result<(), SampleError> {
        if self.is_null() { Ok(()) } else { self.object().map(drop) }
    }

    /// The entries of an object. A key that stands twice keeps its first place and takes the last
    /// value.
    pub(crate) fn entries(&'a self) -> Result<Vec<(&'a str, Self)>, SampleError> {
        let mut found: Vec<(&str, Self)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (key, value) in self.object()? {
            let place = *places.entry(key).or_insert(found.len());
            let field = Field { whole: Some(self), step: Step::Key(key), value: Some(value) };
            match found.get_mut(place) {
                Some(entry) => entry.1 = field,
                None => found.push((key, field)),
            }
        }
        Ok(found)
    }

    pub(crate) fn items(&'a self) -> Result<Vec<Self>, SampleError> {
        let Some(Json::Array(items)) = self.value else { return Err(self.error("an array")) };
        let item =
            |(i, value)| Field { whole: Some(self), step: Step::Index(i), value: Some(value) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(crate) fn string(&self) -> Result<String, SampleError> {
        match self.value {
            Some(Json::Str(text)) => Ok(text.clone().into_owned()),
            _ => Err(self.error("a string")),
        }
    }

    pub(crate) fn optional_string(&self) -> Result<Option<String>, SampleError> {
        if self.is_null() {
            return Ok(None);
        }
        self.string().map(Some).map_err(|_| self.error("a string or null"))
    }

    pub(crate) fn strings_or_none(&'a self) -> Result<Vec<String>, SampleError> {
        if self.is_null() {
            return Ok(Vec::new());
        }
        self.items()?.iter().map(Field::string).collect()
    }

    /// A count: text as the protocol has it, else what Python's `int` makes of the value.
    pub(crate) fn count(&self) -> Result<String, SampleError> {
        let error = || self.error("a count such as \"2\"");
        match self.value {
            Some(Json::Str(text)) => Ok(text.clone().into_owned()),
            Some(value) => {
                to_int(&value.to_value()).map(|count| count.to_string()).map_err(|_| error())
            }
            None => Err(error()),
        }
    }

    /// An index: an integer, or what equals one in Python, as `2.0` and `true` do.
    pub(crate) fn index(&self) -> Result<i64, SampleError> {
        let index = self.value.and_then(|value| equal_int(&value.to_value()));
        let index = index.and_then(|index| i64::try_from(index).ok());
        index.ok_or_else(|| self.error("an integer index"))
    }

    /// Numbers that Python can calculate with, booleans included.
    pub(crate) fn numbers<const N: usize>(
        &self,
        expected: &'static str,
    ) -> Result<[f64; N], SampleError> {
        let Some(Json::Array(items)) = self.value else { return Err(self.error(expected)) };
        let number = |item: &Json<'_>| match item {
            Json::Int(number) => Some(*number as f64),
            Json::Float(number) => Some(*number),
            Json::Bool(_) | Json::BigInt(_) => to_float(&item.to_value()).ok(),
            Json::Null | Json::Str(_) | Json::Array(_) | Json::Object(_) => None,
        };
        let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
        numbers
            .and_then(|numbers| <[f64; N]>::try_from(numbers).ok())
            .ok_or_else(|| self.error(expected))
    }

    pub(crate) fn optional_numbers<const N: usize>(
        &self,
        expected: &'static str,
    ) -> Result<Option<[f64; N]>, SampleError> {
        if self.is_null() { Ok(None) } else { self.numbers(expected).map(Some) }
    }
}
