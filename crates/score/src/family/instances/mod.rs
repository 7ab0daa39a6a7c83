//! Instances: categories with counts, and how far off the counts are.

pub(crate) mod official;
pub(crate) mod strict;
