//! Full match: one option or one short text.

pub(crate) mod official;
pub(crate) mod strict;
