//! Double-confirm: whoever fails the simple check has not perceived what the hard question asks.

pub(crate) mod official;
pub(crate) mod strict;
