//! Captions: which pairs are to be rated, and what ratings from outside amount to.

pub(crate) mod official;
pub(crate) mod strict;
