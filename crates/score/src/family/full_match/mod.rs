//! Full match: one option or one short text.

mod definition;
mod official;
mod strict;

pub(crate) use definition::FullMatch;
