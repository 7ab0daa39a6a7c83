//! Values that have names: read by their type, and offered by completions.

use std::error::Error;
use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

/// Reads a `T`; the names are what completions offer.
#[derive(Debug, Clone)]
pub(crate) struct ByName<T> {
    names: Vec<String>,
    value: std::marker::PhantomData<fn() -> T>,
}

/// A parser of values that have these names. Others may be understood as well.
pub(crate) fn by_name<T>(names: impl IntoIterator<Item = impl Into<String>>) -> ByName<T> {
    let names = names.into_iter().map(Into::into).collect();
    ByName { names, value: std::marker::PhantomData }
}

impl<T> TypedValueParser for ByName<T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: Error + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        StringValueParser::new().try_map(|text| text.parse()).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.names.iter().map(PossibleValue::new)))
    }
}
