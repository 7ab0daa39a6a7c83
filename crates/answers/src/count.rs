//! How many of something.

use crate::literal::Literal;
use crate::number::whole_number;

/// A count: a whole number, in digits or as a word, maybe quoted.
pub(crate) fn count(value: &Literal) -> Result<u32, &'static str> {
    value.as_text().and_then(whole_number).ok_or("a count that is not a whole number")
}
