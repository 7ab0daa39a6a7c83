//! How many of something.

use avibench_python::LenientValue;

use crate::number::whole_number;
use crate::unread_reason::Misfit;

/// A count: a whole number, in digits or as a word, maybe quoted.
pub(crate) fn count(value: &LenientValue) -> Result<u32, Misfit> {
    value.as_text().and_then(whole_number).ok_or(Misfit::NotWhole)
}
